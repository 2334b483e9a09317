"""Checking what a stranger sent, in a process of its own with little time and little memory.

Whatever a file does to its reader, the site and its other users are not slowed, nor stopped: the
process gives way to all others, may write nothing, and is ended by the system at its bounds.
"""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress

import pandas as pd

from comparisons.datapackage.problems import Problem, file_problem
from comparisons.datapackage.reader import Package, read_upload
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.settings import PROJECT_DIR

MAX_SECONDS = 60
MAX_MEGABYTES = 3072
# How many files are checked at once; the others wait for their turn.
_TURNS = threading.BoundedSemaphore(2)


def validate_in_subprocess(
    content: bytes,
    name: str,
    published: Mapping[str, pd.DataFrame] | None = None,
    seconds: int = MAX_SECONDS,
    megabytes: int = MAX_MEGABYTES,
) -> Report:
    """Read and validate what was sent, as `validate(read_bytes(content, name), …)` does.

    `published` gives the tables that it may refer to. At most `seconds` of processor and
    `megabytes` of addresses are spent. Never raises: a file that asks for more is refused in the
    report.
    """
    command = [
        sys.executable,
        "-m",
        "comparisons.datapackage.isolated_check",
        str(seconds),
        str(megabytes),
    ]
    settings = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # the time that a turn takes at worst, with the machine shared
    patience = 4 * seconds
    if not _TURNS.acquire(timeout=patience):
        return _refused(name, _busy(name))
    try:
        done = subprocess.run(
            command,
            input=pickle.dumps((content, name, published)),
            capture_output=True,
            cwd=PROJECT_DIR,
            env=settings,
            timeout=patience,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return _refused(name, _too_heavy(name))
    finally:
        _TURNS.release()
    if done.returncode:
        return _refused(name, _too_heavy(name))
    return pickle.loads(done.stdout)


def _refused(name: str, problem: Problem) -> Report:
    return validate(Package(name, {}, problems=(problem,)))


def _too_heavy(name: str) -> Problem:
    return file_problem(
        name,
        "archive-dangereuse",
        "La lecture de ce fichier demandait trop de temps ou de mémoire\u00a0: elle a été arrêtée.",
        "Partagez-le en plusieurs fichiers plus petits, ou vérifiez-le sur votre ordinateur avec "
        "«\u00a0python -m comparisons validate\u00a0».",
    )


def _busy(name: str) -> Problem:
    return file_problem(
        name,
        "archive-dangereuse",
        "Trop de fichiers sont en cours de vérification\u00a0: le vôtre n’a pas été lu.",
        "Réessayez dans quelques minutes.",
    )


def _bounded(seconds: int, megabytes: int) -> None:
    """Set the limits at which the system ends this process; Windows has none of them."""
    with suppress(ImportError):
        import resource

        os.nice(5)
        for kind, most in (
            (resource.RLIMIT_CPU, seconds),
            (resource.RLIMIT_AS, megabytes * 2**20),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(kind, (most, most))


def _main(seconds: str, megabytes: str) -> None:
    content, name, published = pickle.load(sys.stdin.buffer)
    _bounded(int(seconds), int(megabytes))
    report = validate(read_upload(content, name), published=published)
    pickle.dump(report, sys.stdout.buffer)


if __name__ == "__main__":
    _main(*sys.argv[1:])
