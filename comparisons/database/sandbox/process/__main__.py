"""Run one query in this process: `python -I comparisons/database/sandbox/process` < request.

It reads a request (JSON) from its input and writes, on its output, a line of JSON (metadata or
error), then the rows (Arrow stream). It imports nothing of the project but the modules of this
folder and `concurrency`, so that it starts in a tenth of a second.
"""

import json
import os
import sys
from pathlib import Path

import duckdb

sys.path.append(str(Path(__file__).resolve().parents[4]))  # the folder of `comparisons`
import executor


def main() -> None:
    """Run the request of the parent process and write the result."""
    _raise_oom_score()
    sys.setrecursionlimit(10_000)  # far more than a tree of `MAX_DEPTH` asks for
    request = json.loads(sys.stdin.buffer.read())
    try:
        connection = executor.open_database(request["database"], request["memory"])
        version = connection.execute("SELECT version FROM jeu_de_donnees").fetchone()[0]
    except duckdb.Error:
        metadata, rows = executor.error_payload("database"), b""
    else:
        executor.set_limits(request["memory"], request["seconds"])
        metadata, rows = executor.execute(connection, request)
        metadata["version"] = version
    sys.stdout.buffer.write(json.dumps(metadata).encode() + b"\n" + rows)
    sys.stdout.buffer.flush()
    os._exit(0)


def _raise_oom_score() -> None:
    """Mark this process, not the site, as the one to end when the machine lacks memory."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        return


if __name__ == "__main__":
    main()
