"""Parse, check and run one query within its limits, in a process of its own.

Three independent protections: `ast_guard`, which allows by name; DuckDB, which opens nothing
after the dataset; the system, which lets the process open no file or socket, write no file, nor
exceed its memory and time.
"""

import gzip
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

import duckdb
import pyarrow as pa

from comparisons.database.sandbox.process import ast_guard, values
from comparisons.errors import BadRequestError
from comparisons.processes import set_process_limits

# What Python, Arrow and DuckDB take beside the memory that DuckDB counts: measured at 0.4 GB.
MEMORY_OVERHEAD = 768 << 20
# Beyond, no query is written by hand; the tree is walked by functions that call themselves.
MAX_DEPTH = 200
# Characters of the names of all columns, and of a type: as much as a query can write.
_MAX_NAMES_LENGTH = 20_000
_MAX_TYPE_LENGTH = 300
# Bytes of the line before the rows, which names the types of all columns.
_HEADER_BYTES = 1 << 20
# Level 9 takes three times as long and gains one percent.
_GZIP_LEVEL = 5
# A batch is checked against the bounds as soon as it comes.
BATCH_ROWS = 1000
# Characters of an error; the types that a function takes are near the beginning.
MAX_ERROR_LENGTH = 800
# Types of which Arrow and pandas know nothing, or something else.
_UNSUPPORTED_TYPES = ("BIGNUM", "BIT", "INTERVAL", "UNION", "VARIANT", "GEOMETRY")


class ResultTooLargeError(Exception):
    """The result exceeds a limit, or has a type that is not supported."""


_SAMPLE_METADATA = {"types": ["INTEGER", "VARCHAR"], "truncated": False, "rows": 1, "seconds": 0.0}
# Writes the plain rows of a query, with its metadata and the request, as the bytes of a file.
Writer = Callable[[pa.Table, dict, dict], bytes]


def answer_request(write: Writer) -> NoReturn:
    """Answer the request of the standard input, in JSON, on the standard output, and exit.

    The answer is a line of JSON (metadata or error), then what `write` makes of the rows. `write`
    is tried before the limits are set: what it imports late could not be opened afterwards.
    """
    _raise_oom_score()
    sys.setrecursionlimit(10_000)  # far more than a tree of `MAX_DEPTH` asks for
    request = json.loads(sys.stdin.buffer.read())
    try:
        connection = open_database(request["database"], request["memory"])
        version, day = connection.execute("SELECT version, date FROM jeu_de_donnees").fetchone()
    except duckdb.Error:
        metadata, content = error_payload("database"), b""
    else:
        dataset = {"version": version, "date": str(day)}
        write(pa.table({"a": [1], "b": ["b"]}), {**_SAMPLE_METADATA, **dataset}, request)
        set_limits(request)
        metadata, content = execute(connection, request, dataset, _in_time(write))
    sys.stdout.buffer.write(json.dumps(metadata).encode() + b"\n")
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    os._exit(0)


def _in_time(write: Writer) -> Writer:
    """Return a writer that has a time of its own: not what the query has left of its."""

    def write_in_time(table: pa.Table, metadata: dict, request: dict) -> bytes:
        _set_alarm(request["write_seconds"])
        return write(table, metadata, request)

    return write_in_time


def _raise_oom_score() -> None:
    """Mark this process, not the site, as the one to end when the machine lacks memory."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        return


def execute(
    connection: duckdb.DuckDBPyConnection, request: dict, dataset: Mapping[str, str], write: Writer
) -> tuple[dict, bytes]:
    """Run the query of a request; return its metadata or error, and what `write` writes."""
    start = time.perf_counter()
    try:
        statement = parse_and_check(connection, request["query"], request["tables"])
        table, metadata = _fetch_rows(connection, statement, request)
        metadata |= {"seconds": time.perf_counter() - start, **dataset}
        content = write(table, metadata, request)
        if len(content) > request["file_bytes"]:
            raise ResultTooLargeError("bytes")
        if request.get("gzip"):
            content = gzip.compress(content, _GZIP_LEVEL, mtime=0)
        metadata["etag"] = hashlib.sha256(content).hexdigest()[:16]
    except ast_guard.ForbiddenQueryError as error:
        return error_payload(error.kind, error.name, error.position), b""
    except ResultTooLargeError as error:
        return error_payload(*error.args), b""
    except BadRequestError as error:  # this format cannot hold the rows
        return error_payload("format", str(error)), b""
    except RecursionError:
        return error_payload("depth"), b""
    except MemoryError:  # Arrow's too
        return error_payload("memory"), b""
    except duckdb.Error as error:
        return {"error": {"kind": "duckdb", **_read_error(error)}}, b""
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return error_payload("shape"), b""
    return metadata, content


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


def set_limits(request: Mapping) -> None:
    """Set the limits of a request on this process for good, as far as the system can.

    `memory` is what DuckDB may use and `file_bytes` what may be answered, in bytes; `seconds` the
    longest time.
    """
    seconds = request["seconds"]
    _set_alarm(seconds)
    # two threads; the dataset is open already, and nothing else will be
    set_process_limits(
        2 * int(seconds + 1) + int(request["write_seconds"]),
        request["memory"] + MEMORY_OVERHEAD,
        request["file_bytes"] + _HEADER_BYTES,
        open_files=0,
    )


def _set_alarm(seconds: float) -> None:
    """End this process in some seconds, where the system can."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)  # its signal ends the process


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
) -> tuple[pa.Table, dict]:
    """Run a query up to the limit of rows; return its plain rows, and what is said of them.

    Raises `ResultTooLargeError` beyond the limits of columns, cells and bytes.
    """
    types = _check_columns(connection.execute(statement).description, request["columns"])
    reader = connection.to_arrow_reader(BATCH_ROWS)
    batches, count, cells, size, truncated = [], 0, 0, 0, False
    for batch in reader:
        truncated = count + batch.num_rows > request["rows"]
        returned_batch = batch.slice(0, request["rows"] - count) if truncated else batch
        count += returned_batch.num_rows
        size += sum(map(values.decoded_bytes, returned_batch.columns))
        cells += sum(_count_values(column) for column in returned_batch.columns)
        if size > request["bytes"]:
            raise ResultTooLargeError("bytes")
        if cells > request["cells"]:
            raise ResultTooLargeError("cells")
        batches.append(values.decode(returned_batch))
        if truncated:
            break
    batches = batches or [values.decode(_empty_batch(reader.schema))]
    table = values.to_plain(pa.Table.from_batches(batches), request["bytes"])
    if table is None:
        raise ResultTooLargeError("bytes")
    return table, {"truncated": truncated, "types": types, "rows": count}


def _empty_batch(schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([pa.array([], kind) for kind in schema.types], names=schema.names)


def _check_columns(description: list[tuple], max_columns: int) -> list[str]:
    """Return the types of the columns of a result, as SQL writes them.

    Raises `ResultTooLargeError` for too many columns, names that are too long, and types of which
    Arrow knows nothing.
    """
    types = [str(column[1]) for column in description]
    if len(types) > max_columns:
        raise ResultTooLargeError("columns", len(types))
    if sum(len(column[0]) for column in description) > _MAX_NAMES_LENGTH:
        raise ResultTooLargeError("names")
    for type_name in types:
        if any(unsupported in type_name for unsupported in _UNSUPPORTED_TYPES):
            raise ResultTooLargeError("type", type_name)
    return [_cut_middle(type_name, _MAX_TYPE_LENGTH) for type_name in types]


def _count_values(column: pa.Array) -> int:
    """Count the values of a column, those inside its cells included."""
    kind, inner_columns = column.type, []
    if pa.types.is_dictionary(kind):
        return len(column)
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
    short_fields = {
        name: _cut_middle(str(value), MAX_ERROR_LENGTH) for name, value in fields.items()
    }
    return {"class": type(error).__name__.removesuffix("Exception"), **short_fields}


def _cut_middle(text: str, length: int) -> str:
    """Cut the middle of a text, which may repeat a value of any length."""
    return text if len(text) <= length else f"{text[: length - 100]}…{text[-100:]}"
