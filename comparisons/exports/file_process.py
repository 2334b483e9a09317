"""Write a file that takes long in a process of its own.

Python runs one thread at a time: in a thread of the site, pages would wait for it.
"""

import pickle
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import BinaryIO

from comparisons.concurrency import ConcurrencyLimiter, raise_if_interrupted
from comparisons.database.connection import current_source_type, dataset_metadata, use_source_type
from comparisons.errors import PayloadTooLargeError
from comparisons.processes import SITE_PROCESSES, set_process_limits
from comparisons.schema.registry import tables

_MAX_SECONDS = 60
_MAX_MEMORY = 3 << 30
# several times the largest table
_MAX_FILE_BYTES = 400_000_000
_WRITERS = "comparison_files", "peers_files", "question_files", "table_files"
# Two cores are busy with two; the others wait a little, and few of them.
LIMITER = ConcurrencyLimiter(2, queued=4)


def write_in_process(write: Callable[[BinaryIO], object], output: BinaryIO) -> None:
    """Have a process write a file, from the published database and the sources that are read here.

    `write` is sent to it: a function of a module, with arguments if need be (`partial`). Raises
    `PayloadTooLargeError` if it takes too much time or memory.
    """
    request = pickle.dumps((dataset_metadata()["version"], current_source_type(), write))
    # twice as long on a busy machine
    result = SITE_PROCESSES.run(__name__, (), request, output, 2 * _MAX_SECONDS)
    if result.stopped or result.code:
        raise_if_interrupted()
        raise PayloadTooLargeError(
            "Ce fichier demande trop de temps ou de mémoire : ajoutez un filtre, ou demandez moins "
            "de lignes."
        )


def make_in_process(make: Callable[[], bytes]) -> bytes:
    """Return the file that a process makes, as `write_in_process` writes one."""
    with tempfile.TemporaryFile() as output:
        write_in_process(partial(_write_made, make), output)
        return output.read()


def _write_made(make: Callable[[], bytes], output: BinaryIO) -> None:
    output.write(make())


def prepare() -> None:
    """Load what files are written with, and described by."""
    for name in _WRITERS:
        import_module(f"comparisons.exports.{name}")
    tables()


def main() -> None:
    """Write what the standard input, sent by the site, says on the standard output, in limits."""
    version, source_type, write = pickle.load(sys.stdin.buffer)
    set_process_limits(_MAX_SECONDS, _MAX_MEMORY, _MAX_FILE_BYTES)
    if version != dataset_metadata()["version"]:  # replaced meanwhile
        sys.exit(1)
    with use_source_type(source_type):
        write(sys.stdout.buffer)
