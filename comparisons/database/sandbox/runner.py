"""A query of a reader, run in a short-lived process and bounded on all sides.

A crash, an endless loop or exhausted memory ends that query alone: nothing outlives it, and nothing
that one reader does is seen by another.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

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
# Nothing of the site's environment, but what an operating system or the memory's bound asks for.
_KEPT = ("SYSTEMROOT",)
_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # another reserves a gigabyte of addresses
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
}
# Arrow's own words around the rows.
_AROUND_ROWS = 1_000_000

_running = threading.BoundedSemaphore(MAX_CONCURRENT)
_admitted = threading.BoundedSemaphore(MAX_CONCURRENT + MAX_QUEUED)


@dataclass(frozen=True)
class QueryResult:
    """What a query gives: rows, the SQL types of their columns, and whether rows were cut.

    `seconds` is what the query took, `version` that of the dataset it read.
    """

    rows: pd.DataFrame
    types: tuple[str, ...]
    truncated: bool
    seconds: float
    version: str


@dataclass(frozen=True)
class _ProcessResult:
    """How a process ended: what it wrote, its code, and whether it had to be stopped."""

    output: bytes
    code: int
    stopped: bool


def run_query(query: str, limits: Limits | None = None) -> QueryResult:
    """Run one SQL query on the tables of the dataset, read-only.

    Raises `errors.BadRequestError`, in French, for a query that is wrong, not allowed or beyond the
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
    with _turn():
        ended = _process(json.dumps(request).encode(), limits)
    return _result(ended, query, limits)


def _check_text(query: str) -> None:
    """Refuse a text that cannot be a query, before anything is started for it."""
    if len(query) > MAX_CHARACTERS:
        raise errors.too_long(len(query))
    odd = [c for c in query if (ord(c) < 32 and c not in "\t\n\r") or 0xD800 <= ord(c) <= 0xDFFF]
    if odd:
        raise errors.odd_character(odd[0])
    if not query.strip(" \t\n\r;"):
        raise errors.empty()


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for one's turn, not long; refuse at once when others already wait."""
    if not _admitted.acquire(blocking=False):
        raise errors.busy()
    try:
        if not _running.acquire(timeout=QUEUE_TIMEOUT):
            raise errors.busy()
        try:
            yield
        finally:
            _running.release()
    finally:
        _admitted.release()


def _process(request: bytes, limits: Limits) -> _ProcessResult:
    """Run the sandbox on a request, for no longer and no more than it may."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-I", str(SANDBOX_MODULE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=kept | _ENVIRONMENT,
    )
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        process.kill()

    clock = threading.Timer(limits.seconds + START_SECONDS, stop)
    clock.start()
    try:
        with process:
            try:
                process.stdin.write(request)
                process.stdin.close()
            except BrokenPipeError:  # it died before it read: its code will tell
                pass
            most = limits.bytes + _AROUND_ROWS
            output = process.stdout.read(most)
            if len(output) == most:  # it goes on: nothing that the sandbox does by itself
                process.kill()
            process.wait()
    finally:
        clock.cancel()
        process.kill()
    return _ProcessResult(output, process.returncode, stopped.is_set())


def _result(ended: _ProcessResult, query: str, limits: Limits) -> QueryResult:
    """Read what a process has written, or say why it has not."""
    heading, _, rows = ended.output.partition(b"\n")
    out_of_time = {-getattr(signal, name, 0) for name in ("SIGALRM", "SIGXCPU")} - {0}
    if ended.stopped or ended.code in out_of_time:
        raise errors.too_slow(limits)
    if ended.code == 1:  # an error of Python's that nobody foresaw
        raise errors.internal_error()
    if ended.code:  # the system ended it, for the memory it asked for in most cases
        raise errors.too_much_memory(limits)
    told = json.loads(heading)
    if "error" in told:
        raise error_from_payload(told["error"], query, limits)
    with pa.ipc.open_stream(rows) as stream:
        table = stream.read_all()
    return QueryResult(
        to_dataframe(table),
        tuple(told["types"]),
        told["truncated"],
        told["seconds"],
        told["version"],
    )


def error_from_payload(error: dict, query: str, limits: Limits) -> Exception:
    """Return what to raise for what a process tells instead of rows."""
    match error["kind"]:
        case "database":
            return DatabaseMissingError("La base ne se laisse pas ouvrir.")
        case "duckdb":
            return messages.translate_error(error, query, limits)
        case _:
            return errors.refused(error, query, limits)
