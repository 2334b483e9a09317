"""Run the query of a reader in a short-lived process, within its limits.

A crash, an endless loop or exhausted memory ends that query alone, and nothing that one reader
does is visible to another.
"""

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from comparisons.concurrency import ConcurrencyLimiter, ProcessResult, run_bounded
from comparisons.database.connection import DatabaseMissingError, database_path, dataset_metadata
from comparisons.database.sandbox import errors, messages
from comparisons.database.sandbox.limits import (
    MAX_CHARACTERS,
    MAX_CONCURRENT,
    MAX_QUEUED,
    QUEUE_TIMEOUT,
    START_SECONDS,
    Limits,
)
from comparisons.database.sandbox.results import to_dataframe
from comparisons.schema.registry import tables

SANDBOX_MODULE = Path(__file__).with_name("process")
# The process inherits only the variables that the system needs to start it.
_INHERITED_VARIABLES = ("SYSTEMROOT",)
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # another reserves a gigabyte of addresses
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
}
# Bytes that the Arrow stream adds to the rows.
_STREAM_OVERHEAD = 1_000_000

QUERY_LIMITER = ConcurrencyLimiter(MAX_CONCURRENT, MAX_QUEUED)


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


def run_query(query: str, limits: Limits | None = None) -> QueryResult:
    """Run one SQL query on the tables of the dataset, read-only.

    Raises `BadRequestError`, in French, for a query that is wrong, not allowed or beyond the
    limits, or when too many are asked at once; `DatabaseMissingError` when there is no dataset to
    read.
    """
    limits = limits or Limits()
    _check_text(query)
    dataset_metadata()  # raises when there is no database yet
    request = {
        "query": query,
        "database": str(database_path().resolve()),
        "tables": list(tables()),
        **asdict(limits),
    }
    inherited = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    with QUERY_LIMITER.slot(QUEUE_TIMEOUT):
        process_result = run_bounded(
            (sys.executable, "-I", str(SANDBOX_MODULE)),
            json.dumps(request).encode(),
            limits.seconds + START_SECONDS,
            limits.bytes + _STREAM_OVERHEAD,
            inherited | _ENVIRONMENT,
        )
    return _parse_result(process_result, query, limits)


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


def _parse_result(process_result: ProcessResult, query: str, limits: Limits) -> QueryResult:
    """Parse the output of a process; raise the French error if it failed."""
    header, _, rows = process_result.output.partition(b"\n")
    timeout_codes = {-getattr(signal, name, 0) for name in ("SIGALRM", "SIGXCPU")} - {0}
    if process_result.stopped or process_result.code in timeout_codes:
        raise errors.query_timeout(limits)
    if process_result.code == 1:  # an error of Python's that nobody foresaw
        raise errors.internal_error()
    if process_result.code:  # the system ended it, for the memory it asked for in most cases
        raise errors.memory_exceeded(limits)
    metadata = json.loads(header)
    if "error" in metadata:
        raise error_from_payload(metadata["error"], query, limits)
    with pa.ipc.open_stream(rows) as stream:
        table = stream.read_all()
    return QueryResult(
        to_dataframe(table),
        tuple(metadata["types"]),
        metadata["truncated"],
        metadata["seconds"],
        metadata["version"],
    )


def error_from_payload(error: dict, query: str, limits: Limits) -> Exception:
    """Return the exception for the error that a process wrote instead of rows."""
    match error["kind"]:
        case "database":
            return DatabaseMissingError("La base ne se laisse pas ouvrir.")
        case "duckdb":
            return messages.translate_error(error, query, limits)
        case _:
            return errors.query_refused(error, query, limits)
