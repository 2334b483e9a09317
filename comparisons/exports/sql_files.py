"""Files of the result of a query: JSON, CSV, XLSX, Parquet.

All but CSV include the query and the citation. They are written in the process of the query
(`sql_process`).
"""

import datetime
import io
import json
import math
import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from comparisons import tabular_files
from comparisons.database.sandbox.runner import QueryResult, run_in_process
from comparisons.errors import BadRequestError
from comparisons.exports import table_writers
from comparisons.formatting import format_number, is_missing

MEDIA_TYPES = {
    "json": "application/json",
    "csv": table_writers.MEDIA_TYPES["csv"],
    "xlsx": table_writers.MEDIA_TYPES["xlsx"],
    "parquet": "application/vnd.apache.parquet",
}
FILE_PROCESS = "comparisons.exports.sql_process"
_SHEET = "resultat"
# Characters that a workbook cell can hold; longer texts would be truncated silently.
_MAX_IN_CELL = 32_767


@dataclass(frozen=True)
class QueryFile:
    """File of the result of a query: open, at its beginning; its size and hash are of its bytes.

    `seconds` is the duration of the query, `version` the dataset version it read.
    """

    content: BinaryIO
    size: int
    etag: str
    truncated: bool
    seconds: float
    version: str


def open_query_file(
    query: str, extension: str, gzipped: bool = False, client: Hashable = None
) -> QueryFile:
    """Run a query; return the file of its result in one of `MEDIA_TYPES`, compressed or not.

    The caller closes it. Raises what `run_in_process` raises, and `BadRequestError` if this format
    cannot hold the result.
    """
    options = {"format": extension, "gzip": gzipped}
    metadata, output = run_in_process(FILE_PROCESS, query, options, client=client)
    return QueryFile(
        output,
        os.fstat(output.fileno()).st_size - output.tell(),
        metadata["etag"],
        metadata["truncated"],
        metadata["seconds"],
        metadata["version"],
    )


def encode(result: QueryResult, query: str, extension: str) -> bytes:
    """Return a result in one of `MEDIA_TYPES`; raise `BadRequestError` if it cannot hold it."""
    writers: dict[str, Callable[[], bytes]] = {
        "json": lambda: _to_json(result, query),
        "csv": lambda: tabular_files.to_csv(_fill_list_gaps(result.rows)),
        "xlsx": lambda: _to_xlsx(result, query),
        "parquet": lambda: _to_parquet(result, query),
    }
    return writers[extension]()


def truncation_notice(result: QueryResult) -> str:
    """Return a French sentence on a truncated result; empty if it is whole."""
    if not result.truncated:
        return ""
    return (
        f"Résultat coupé aux {format_number(len(result.rows))} premières lignes : "
        "filtrez, agrégez ou ajoutez LIMIT pour tout lire."
    )


def _describe_content(result: QueryResult, query: str) -> str:
    """Return a French sentence on the content of a file: truncation, query."""
    return " ".join(
        filter(None, (truncation_notice(result), f"Résultat de la requête SQL : {query}"))
    )


def _to_json(result: QueryResult, query: str) -> bytes:
    columns = zip(result.rows.columns, result.types, strict=True)
    content = {
        "version": result.version,
        "requete": query,
        "citation": table_writers.citation_sentence(),
        "colonnes": [{"nom": name, "type": type_name} for name, type_name in columns],
        "nombre": len(result.rows),
        "tronque": result.truncated,
        "lignes": [
            {name: _to_json_value(value) for name, value in row.items()}
            for row in result.rows.astype(object).to_dict("records")
        ],
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _to_json_value(value: object) -> object:
    """Return a value for JSON: None if unknown, a text if infinite."""
    if hasattr(value, "__len__") and not isinstance(value, str):
        return [_to_json_value(item) for item in value]
    if is_missing(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return getattr(value, "item", lambda: value)()


def _to_xlsx(result: QueryResult, query: str) -> bytes:
    rows = _fill_list_gaps(result.rows)
    for column, dtype in zip(rows.columns, rows.dtypes, strict=True):
        if pd.api.types.is_object_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype):
            rows[column] = pd.Series(
                [_format_old_date(value) for value in rows[column]], rows.index, object
            )
    texts = (
        tabular_files.join_lists(rows).select_dtypes(exclude=["number", "bool"]).to_numpy().ravel()
    )
    if any(len(value) > _MAX_IN_CELL for value in texts if isinstance(value, str)):
        raise BadRequestError(
            f"Un tableur ne tient pas plus de {format_number(_MAX_IN_CELL)} caractères par cellule "
            ": demandez CSV, JSON ou Parquet."
        )
    return table_writers.to_labelled_xlsx({_SHEET: rows}, _describe_content(result, query))


def _format_old_date(value: object) -> object:
    """Return a date before 1900 as text, since spreadsheets do not support it."""
    is_old = isinstance(value, datetime.date) and value is not pd.NaT and value.year < 1900
    return value.isoformat() if is_old else value


def _fill_list_gaps(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows in which unknown items of lists are empty, as unknown cells are."""
    filled = rows.copy()
    for column, dtype in zip(filled.columns, filled.dtypes, strict=True):
        if pd.api.types.is_object_dtype(dtype):
            filled[column] = pd.Series(
                [_fill_gaps(value) for value in filled[column]], filled.index, object
            )
    return filled


def _fill_gaps(value: object) -> object:
    if not hasattr(value, "__len__") or isinstance(value, str):
        return value
    return ["" if is_missing(item) else item for item in value]


def _to_parquet(result: QueryResult, query: str) -> bytes:
    table = pa.Table.from_pandas(result.rows, preserve_index=False)
    metadata = {
        "Contenu": _describe_content(result, query),
        "Citation": table_writers.citation_sentence(),
        "Licence": table_writers.LICENCE,
        "Version": result.version,
        table_writers.EMPTY_CELL[0]: table_writers.EMPTY_CELL[1],
    }
    buffer = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({**(table.schema.metadata or {}), **metadata}),
        buffer,
        compression="zstd",
    )
    return buffer.getvalue()
