"""Answer a query with its rows, in a process of its own."""

import pyarrow as pa

from comparisons.database.sandbox.process.executor import answer_request


def to_arrow_stream(table: pa.Table, metadata: dict, request: dict) -> bytes:
    """Write the rows as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def main() -> None:
    """Answer the request of the standard input."""
    answer_request(to_arrow_stream)
