"""One query, parsed, judged and run within its bounds, by the process that is made for it.

Three walls, each behind the other: the guard, which allows by name; DuckDB, which opens nothing
after the dataset; the system, which lets the process open no file or socket, write no file, nor
take more memory or time than it may.
"""

import io
import json
import os
import signal
import time

import ast_guard
import duckdb
import pyarrow as pa

try:
    import resource
except ImportError:  # Windows has none: DuckDB's own bounds and the parent's clock remain
    resource = None

# What Python, Arrow and DuckDB take beside the memory that DuckDB counts: measured at 0.4 GB.
MEMORY_OVERHEAD = 768 << 20
# Beyond, no query is written by hand; the tree is walked by functions that call themselves.
MAX_DEPTH = 200
# A batch is checked against the bounds as soon as it comes.
BATCH_ROWS = 1000
# What is told of an error; the types that a function takes are near the beginning.
MAX_ERROR_LENGTH = 800
# Types of which Arrow and pandas know nothing, or something else.
_UNSUPPORTED = ("BIGNUM", "BIT", "INTERVAL", "UNION", "VARIANT", "GEOMETRY")


class ResultTooLargeError(Exception):
    """The result is beyond a bound, or of a type that is not given."""


def execute(connection: duckdb.DuckDBPyConnection, request: dict) -> tuple[dict, bytes]:
    """Run the query of a request: give what is told of it, and the rows."""
    start = time.perf_counter()
    try:
        statement = parse_and_check(connection, request["query"], request["tables"])
        told, rows = _rows(connection, statement, request)
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
        return {"error": {"kind": "duckdb", **_facts(error)}}, b""
    return {"seconds": time.perf_counter() - start, **told}, rows


def open_database(database: str, memory: int) -> duckdb.DuckDBPyConnection:
    """Open the dataset, then shut every other door of DuckDB; `memory` is in bytes."""
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
    escaped = database.replace("'", "''")
    connection.execute(f"ATTACH '{escaped}' AS {ast_guard.DATABASE_ALIAS} (READ_ONLY)")
    connection.execute(f"USE {ast_guard.DATABASE_ALIAS}")
    connection.execute("SET errors_as_json = true")
    connection.execute(f"SET max_expression_depth = {MAX_DEPTH}")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def set_rlimits(memory: int, seconds: float) -> None:
    """Set the limits of this process for good, as far as the system can."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)  # its signal ends the process
    if hasattr(os, "nice"):
        os.nice(10)  # pages come before queries
    if resource is None:
        return
    for name, bound in (
        ("RLIMIT_AS", memory + MEMORY_OVERHEAD),
        ("RLIMIT_CPU", 2 * int(seconds + 1)),  # two threads
        ("RLIMIT_CORE", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", 0),  # the dataset is open already; nothing else will be
    ):
        if hasattr(resource, name):
            try:
                resource.setrlimit(getattr(resource, name), (bound, bound))
            except (OSError, ValueError):  # a system that has the name but not the limit
                continue


def parse_and_check(
    connection: duckdb.DuckDBPyConnection, query: str, tables: list[str]
) -> duckdb.Statement:
    """Parse a query, check it, and give it ready to run.

    The parser that takes statements apart obeys some of them at once (`PRAGMA`, `IMPORT`): it is
    given only what the other one has seen to be a reading.
    """
    told = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone()[0]
    tree = json.loads(told)
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


def _rows(
    connection: duckdb.DuckDBPyConnection, statement: duckdb.Statement, request: dict
) -> tuple[dict, bytes]:
    """Run a query as far as the bounds.

    Raise `ResultTooLargeError` beyond those of width and weight.
    """
    types = [str(column[1]) for column in connection.execute(statement).description]
    if len(types) > request["columns"]:
        raise ResultTooLargeError("columns", len(types))
    for kind in types:
        if any(word in kind for word in _UNSUPPORTED):
            raise ResultTooLargeError("type", kind)
    reader = connection.to_arrow_reader(BATCH_ROWS)
    buffer, count, cells, size, cut = io.BytesIO(), 0, 0, 0, False
    with pa.ipc.new_stream(buffer, reader.schema) as stream:
        for batch in reader:
            cut = count + batch.num_rows > request["rows"]
            kept = batch.slice(0, request["rows"] - count) if cut else batch
            count, size = count + kept.num_rows, size + kept.nbytes
            cells += sum(_values(column) for column in kept.columns)
            if size > request["bytes"]:
                raise ResultTooLargeError("bytes")
            if cells > request["cells"]:
                raise ResultTooLargeError("cells")
            stream.write_batch(kept)
            if cut:
                break
    return {"truncated": cut, "types": types}, buffer.getvalue()


def _values(column: pa.Array) -> int:
    """Count the values of a column, those inside its cells included."""
    kind, inside = column.type, []
    if pa.types.is_struct(kind):
        inside = [column.field(place) for place in range(kind.num_fields)]
    elif pa.types.is_map(kind):
        inside = [column.keys, column.items]
    elif pa.types.is_nested(kind):
        inside = [column.values]
    return len(column) + sum(map(_values, inside))


def error_payload(kind: str, name: object = "", position: object = None) -> dict:
    """Return for a query that has no answer: why, what in it is the matter, and where."""
    return {"error": {"kind": kind, "name": name, "position": position}}


def _facts(error: duckdb.Error) -> dict:
    """Read what DuckDB says of an error, given as JSON after its class."""
    text = str(error)
    try:
        facts = json.loads(text[text.index("{") :])
    except ValueError:
        facts = {"exception_message": text}
    facts.pop("stack_trace", None)
    kept = {name: _kept(str(value)) for name, value in facts.items()}
    return {"class": type(error).__name__.removesuffix("Exception"), **kept}


def _kept(text: str) -> str:
    """Keep both ends of a message, which may repeat a value of any length."""
    return (
        text if len(text) <= MAX_ERROR_LENGTH else f"{text[: MAX_ERROR_LENGTH - 100]}…{text[-100:]}"
    )
