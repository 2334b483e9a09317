"""Answer a query with a file, in a process of its own.

It knows the dataset by what the query says of it; its database is shut to the writers of files.
"""

from collections.abc import Mapping

import pyarrow as pa

from comparisons.database.answer_cache import AnswerCache
from comparisons.database.connection import Cursor, use_preview
from comparisons.database.sandbox.process.executor import answer_request
from comparisons.database.sandbox.results import to_dataframe
from comparisons.database.sandbox.runner import QueryResult
from comparisons.exports import sql_files


class _DescribedDataset:
    """The version and date of a dataset, without its tables."""

    def __init__(self, description: Mapping[str, object]) -> None:
        self.description = description
        self.cache = AnswerCache(0)

    def cursor(self) -> Cursor:
        raise RuntimeError("the file of a query reads no other table")


def write_file(table: pa.Table, metadata: dict, request: dict) -> bytes:
    """Write the rows in the format of the request."""
    result = QueryResult(
        to_dataframe(table),
        tuple(metadata["types"]),
        metadata["truncated"],
        metadata["seconds"],
        metadata["version"],
    )
    with use_preview(_DescribedDataset(metadata)):
        return sql_files.encode(result, request["query"], request["format"])


def main() -> None:
    """Answer the request of the standard input."""
    answer_request(write_file)
