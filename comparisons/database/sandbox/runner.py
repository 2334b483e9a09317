"""Run the query of a reader in a short-lived process, within its limits.

The process writes the rows, or the file of them, to its output: what they take in memory, there
alone they do. A crash, an endless loop or exhausted memory ends that query alone, and nothing that
one reader does is visible to another.
"""

import json
import os
import signal
import tempfile
from collections.abc import Hashable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO

import pandas as pd
import pyarrow as pa

from comparisons.concurrency import ConcurrencyLimiter, OneAtATime
from comparisons.database.connection import DatabaseMissingError, database_path, dataset_metadata
from comparisons.database.sandbox import errors, messages
from comparisons.database.sandbox.limits import (
    MAX_CHARACTERS,
    MAX_CONCURRENT,
    MAX_QUEUED,
    MAX_SLOW,
    QUEUE_TIMEOUT,
    QUICK_SECONDS,
    QUICK_WRITE_SECONDS,
    START_SECONDS,
    Limits,
)
from comparisons.database.sandbox.results import to_dataframe
from comparisons.processes import ProcessResult, ProcessRunner
from comparisons.schema.registry import tables

ROWS_PROCESS = "comparisons.database.sandbox.process.rows"
# The process inherits only the variables that the system needs to start it.
_INHERITED_VARIABLES = ("SYSTEMROOT",)
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # another reserves a gigabyte of addresses
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
}
# Longest first line of an output, in bytes: what is said of the rows.
_MAX_HEADER_BYTES = 1 << 20


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    return inherited | _ENVIRONMENT


_PROCESSES = ProcessRunner(_environment)
QUERY_LIMITER = ConcurrencyLimiter(MAX_CONCURRENT, MAX_QUEUED)
_QUERIES = OneAtATime()
SLOW_QUERY_LIMITER = ConcurrencyLimiter(MAX_SLOW, MAX_QUEUED)


@dataclass(frozen=True)
class QueryResult:
    """Result of a query: rows, SQL types of their columns, and whether rows were cut.

    `seconds` is the duration of the query, `version` the dataset version it read.
    """

    rows: pd.DataFrame
    types: tuple[str, ...]
    truncated: bool
    seconds: float
    version: str

    @property
    def nbytes(self) -> int:
        """Return the size of the rows in memory, in bytes."""
        return int(self.rows.memory_usage(deep=True).sum())


def run_query(query: str, limits: Limits | None = None, client: Hashable = None) -> QueryResult:
    """Run one SQL query on the tables of the dataset, read-only; return its rows.

    Raises what `run_in_process` raises.
    """
    metadata, output = run_in_process(ROWS_PROCESS, query, {}, limits, client)
    with closing(output), pa.ipc.open_stream(output) as stream:
        rows = to_dataframe(stream.read_all())
    return QueryResult(
        rows,
        tuple(metadata["types"]),
        metadata["truncated"],
        metadata["seconds"],
        metadata["version"],
    )


def run_in_process(
    module: str,
    query: str,
    options: Mapping[str, object],
    limits: Limits | None = None,
    client: Hashable = None,
) -> tuple[dict, BinaryIO]:
    """Run one SQL query in a process; return what is said of its rows, and its open output.

    `module` answers requests as `executor.answer_request` does, with these `options`; its output
    is read from where it stands. A `client` has one query at a time. Raises `BadRequestError`, in
    French, for a query that is wrong, not allowed or beyond the limits, or when too many are asked
    at once; `DatabaseMissingError` when there is no dataset to read.
    """
    limits = limits or Limits()
    _check_text(query)
    dataset_metadata()  # raises when there is no database yet
    quick_limits = replace(
        limits,
        seconds=min(limits.seconds, QUICK_SECONDS),
        write_seconds=min(limits.write_seconds, QUICK_WRITE_SECONDS),
    )
    with _QUERIES.turn(client):
        try:
            with QUERY_LIMITER.slot(QUEUE_TIMEOUT):
                return _run_once(module, query, options, quick_limits)
        except errors.QueryTimeoutError:
            if quick_limits == limits:
                raise
        with SLOW_QUERY_LIMITER.slot(limits.seconds + START_SECONDS):
            return _run_once(module, query, options, limits)


def _run_once(
    module: str, query: str, options: Mapping[str, object], limits: Limits
) -> tuple[dict, BinaryIO]:
    request = {
        "query": query,
        "database": str(database_path().resolve()),
        "tables": list(tables()),
        **options,
        **asdict(limits),
    }
    output = tempfile.TemporaryFile()
    try:
        seconds = limits.seconds + limits.write_seconds + START_SECONDS
        process_result = _PROCESSES.run(module, (), json.dumps(request).encode(), output, seconds)
        return _read_metadata(process_result, output, query, limits), output
    except BaseException:
        output.close()
        raise


def _check_text(query: str) -> None:
    """Raise `BadRequestError` for a text that cannot be a query, before starting a process."""
    if len(query) > MAX_CHARACTERS:
        raise errors.query_too_long(len(query))
    invalid = [
        character
        for character in query
        if (ord(character) < 32 and character not in "\t\n\r") or 0xD800 <= ord(character) <= 0xDFFF
    ]
    if invalid:
        raise errors.control_character(invalid[0])
    if not query.strip(" \t\n\r;"):
        raise errors.empty_query()


def _read_metadata(
    process_result: ProcessResult, output: BinaryIO, query: str, limits: Limits
) -> dict:
    """Read the first line of the output of a process; raise the French error if it failed."""
    timeout_codes = {-getattr(signal, name, 0) for name in ("SIGALRM", "SIGXCPU")} - {0}
    if process_result.stopped or process_result.code in timeout_codes:
        raise errors.query_timeout(limits)
    if process_result.code == 1:  # an error of Python's that nobody foresaw
        raise errors.internal_error()
    if process_result.code:  # the system ended it, for the memory it asked for in most cases
        raise errors.memory_exceeded(limits)
    try:
        metadata = json.loads(output.readline(_MAX_HEADER_BYTES))
    except ValueError as error:
        raise errors.internal_error() from error
    if "error" in metadata:
        raise error_from_payload(metadata["error"], query, limits)
    return metadata


def error_from_payload(error: dict, query: str, limits: Limits) -> Exception:
    """Return the exception for the error that a process wrote instead of rows."""
    match error["kind"]:
        case "database":
            return DatabaseMissingError("La base ne se laisse pas ouvrir.")
        case "duckdb":
            return messages.translate_error(error, query, limits)
        case _:
            return errors.query_refused(error, query, limits)
