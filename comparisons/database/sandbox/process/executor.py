"""Parse, check and run one query within its limits, in a process of its own.

Three independent protections: `ast_guard`, which allows by name; DuckDB, which opens nothing
after the dataset; the system, which lets the process open no file or socket, write no file, nor
exceed its memory and time.
"""

import io
import json
import signal
import time

import ast_guard
import duckdb
import pyarrow as pa

from comparisons.concurrency import set_process_limits

# What Python, Arrow and DuckDB take beside the memory that DuckDB counts: measured at 0.4 GB.
MEMORY_OVERHEAD = 768 << 20
# Beyond, no query is written by hand; the tree is walked by functions that call themselves.
MAX_DEPTH = 200
# A batch is checked against the bounds as soon as it comes.
BATCH_ROWS = 1000
# Characters of an error; the types that a function takes are near the beginning.
MAX_ERROR_LENGTH = 800
# Types of which Arrow and pandas know nothing, or something else.
_UNSUPPORTED_TYPES = ("BIGNUM", "BIT", "INTERVAL", "UNION", "VARIANT", "GEOMETRY")


class ResultTooLargeError(Exception):
    """The result exceeds a limit, or has a type that is not supported."""


def execute(connection: duckdb.DuckDBPyConnection, request: dict) -> tuple[dict, bytes]:
    """Run the query of a request; return its metadata or error, and its rows (Arrow stream)."""
    start = time.perf_counter()
    try:
        statement = parse_and_check(connection, request["query"], request["tables"])
        metadata, rows = _fetch_rows(connection, statement, request)
    except ast_guard.ForbiddenQueryError as error:
        return error_payload(error.kind, error.name, error.position), b""
    except ResultTooLargeError as error:
        return error_payload(*error.args), b""
    except RecursionError:
        return error_payload("depth"), b""
    except MemoryError:  # Arrow's too
        return error_payload("memory"), b""
    except pa.ArrowException:
        return error_payload("shape"), b""
    except duckdb.Error as error:
        return {"error": {"kind": "duckdb", **_read_error(error)}}, b""
    return {"seconds": time.perf_counter() - start, **metadata}, rows


def open_database(database: str, memory: int) -> duckdb.DuckDBPyConnection:
    """Open the dataset, then forbid DuckDB any other access; `memory` is in bytes."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": f"{memory}B",
            "temp_directory": "",
            "max_temp_directory_size": "0B",
            "threads": "2",
        }
    )
    escaped_path = database.replace("'", "''")
    connection.execute(f"ATTACH '{escaped_path}' AS {ast_guard.DATABASE_ALIAS} (READ_ONLY)")
    connection.execute(f"USE {ast_guard.DATABASE_ALIAS}")
    connection.execute("SET errors_as_json = true")
    connection.execute(f"SET max_expression_depth = {MAX_DEPTH}")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def set_limits(memory: int, seconds: float) -> None:
    """Set the limits of this process for good, as far as the system can.

    `memory` is what DuckDB may use, in bytes; `seconds` the longest time of a query.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)  # its signal ends the process
    # two threads; the dataset is open already, and nothing else will be
    set_process_limits(2 * int(seconds + 1), memory + MEMORY_OVERHEAD, open_files=0)


def parse_and_check(
    connection: duckdb.DuckDBPyConnection, query: str, tables: list[str]
) -> duckdb.Statement:
    """Parse and check a query; return the statement, ready to run.

    `extract_statements` runs some statements at once (`PRAGMA`, `IMPORT`): it is given only a
    query that `json_serialize_sql` has parsed as a SELECT.
    """
    tree_json = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone()[0]
    tree = json.loads(tree_json)
    if tree["error"]:
        kind, message = tree["error_type"], tree["error_message"]
        if kind == "not implemented":
            raise ast_guard.ForbiddenQueryError("statement")
        raise duckdb.ParserException(
            "Parser Error: " + json.dumps({**tree, "exception_message": message})
        )
    ast_guard.check_ast(tree, tables)
    (statement,) = connection.extract_statements(query)
    if statement.type != duckdb.StatementType.SELECT:
        raise ast_guard.ForbiddenQueryError("statement")
    return statement


def _fetch_rows(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict
) -> tuple[dict, bytes]:
    """Run a query up to the limit of rows; return its metadata and its rows (Arrow stream).

    Raises `ResultTooLargeError` beyond the limits of columns, cells and bytes.
    """
    types = [str(column[1]) for column in connection.execute(statement).description]
    if len(types) > request["columns"]:
        raise ResultTooLargeError("columns", len(types))
    for type_name in types:
        if any(unsupported in type_name for unsupported in _UNSUPPORTED_TYPES):
            raise ResultTooLargeError("type", type_name)
    reader = connection.to_arrow_reader(BATCH_ROWS)
    buffer, count, cells, size, truncated = io.BytesIO(), 0, 0, 0, False
    with pa.ipc.new_stream(buffer, reader.schema) as stream:
        for batch in reader:
            truncated = count + batch.num_rows > request["rows"]
            returned_batch = batch.slice(0, request["rows"] - count) if truncated else batch
            count, size = count + returned_batch.num_rows, size + returned_batch.nbytes
            cells += sum(_count_values(column) for column in returned_batch.columns)
            if size > request["bytes"]:
                raise ResultTooLargeError("bytes")
            if cells > request["cells"]:
                raise ResultTooLargeError("cells")
            stream.write_batch(returned_batch)
            if truncated:
                break
    return {"truncated": truncated, "types": types}, buffer.getvalue()


def _count_values(column: pa.Array) -> int:
    """Count the values of a column, those inside its cells included."""
    kind, inner_columns = column.type, []
    if pa.types.is_struct(kind):
        inner_columns = [column.field(index) for index in range(kind.num_fields)]
    elif pa.types.is_map(kind):
        inner_columns = [column.keys, column.items]
    elif pa.types.is_nested(kind):
        inner_columns = [column.values]
    return len(column) + sum(map(_count_values, inner_columns))


def error_payload(kind: str, name: object = "", position: object = None) -> dict:
    """Return the error of a query: its kind, the name at fault and its position."""
    return {"error": {"kind": kind, "name": name, "position": position}}


def _read_error(error: duckdb.Error) -> dict:
    """Return the fields of a DuckDB error, written as JSON after its class."""
    text = str(error)
    try:
        fields = json.loads(text[text.index("{") :])
    except ValueError:
        fields = {"exception_message": text}
    fields.pop("stack_trace", None)
    short_fields = {name: _cut_middle(str(value)) for name, value in fields.items()}
    return {"class": type(error).__name__.removesuffix("Exception"), **short_fields}


def _cut_middle(text: str) -> str:
    """Cut the middle of a message, which may repeat a value of any length."""
    return (
        text if len(text) <= MAX_ERROR_LENGTH else f"{text[: MAX_ERROR_LENGTH - 100]}…{text[-100:]}"
    )
