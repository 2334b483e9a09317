"""Write the file of a large selection in a process of its own.

Python runs one thread at a time: in a thread of the site, pages would wait for it.
"""

import json
import sys
from typing import BinaryIO

from comparisons.concurrency import ConcurrencyLimiter
from comparisons.database.connection import dataset_metadata
from comparisons.errors import PayloadTooLargeError
from comparisons.exports import table_files
from comparisons.processes import SITE_PROCESSES, set_process_limits
from comparisons.queries.selection import Selection

_MAX_SECONDS = 60
_MAX_MEMORY = 3 << 30
# several times the largest table
_MAX_FILE_BYTES = 400_000_000
# Two cores are busy with two; the others wait a little, and few of them.
LIMITER = ConcurrencyLimiter(2, queued=4)


def write_file(
    selection: Selection, extension: str, address: str, gzipped: bool, output: BinaryIO
) -> None:
    """Write the file of a selection, from the published database, in a process of its own.

    Raises `PayloadTooLargeError` if it takes too much time or memory.
    """
    request = {
        "table": selection.table.name,
        "query": selection.to_query() | {"_version": [str(dataset_metadata()["version"])]},
        "extension": extension,
        "address": address,
        "gzipped": gzipped,
    }
    # twice as long on a busy machine
    result = SITE_PROCESSES.run(
        __name__, (), json.dumps(request).encode(), output, 2 * _MAX_SECONDS
    )
    if result.stopped or result.code:
        raise PayloadTooLargeError(
            "Ce fichier demande trop de temps ou de mémoire : ajoutez un filtre, ou demandez moins "
            "de lignes."
        )


def main() -> None:
    """Write the file that the standard input asks for on the standard output, within limits."""
    request = json.load(sys.stdin)
    set_process_limits(_MAX_SECONDS, _MAX_MEMORY, _MAX_FILE_BYTES)
    selection = Selection.from_query(request["table"], request["query"])
    if selection.version != dataset_metadata()["version"]:  # replaced meanwhile
        sys.exit(1)
    table_files.write(
        selection, request["extension"], request["address"], request["gzipped"], sys.stdout.buffer
    )
