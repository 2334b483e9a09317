"""Validate an uploaded file in a process with limited time and memory.

A malicious file can neither slow nor stop the site: the process has a low priority, may write
nothing, and is ended by the system at its limits.
"""

import os
import pickle
import sys
import tempfile
from collections.abc import Mapping

import pandas as pd

from comparisons.concurrency import ConcurrencyLimiter, run_bounded, set_process_limits
from comparisons.datapackage.problems import Problem, file_problem
from comparisons.datapackage.reader import Package, read_upload
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.errors import TooBusyError
from comparisons.settings import PROJECT_DIR

_MAX_SECONDS = 60
_MAX_MEGABYTES = 3072
# A report holds the tables that were read; an upload has 200 MB at most.
_MAX_REPORT_BYTES = 2**30
# Number of files checked at the same time; the others wait.
CHECK_LIMITER = ConcurrencyLimiter(2)


def validate_in_subprocess(
    content: bytes,
    name: str,
    published: Mapping[str, pd.DataFrame] | None = None,
    seconds: int = _MAX_SECONDS,
    megabytes: int = _MAX_MEGABYTES,
) -> Report:
    """Read and validate an upload, as `validate(read_upload(content, name), …)` does.

    `published` holds the tables that it may refer to. The process uses at most `seconds` of CPU
    and `megabytes` of address space. Never raises: a file that exceeds them is refused in the
    report.
    """
    command = (sys.executable, "-m", __name__, str(seconds), str(megabytes))
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # the longest time of a check on a busy machine
    timeout = 4 * seconds
    try:
        with CHECK_LIMITER.slot(timeout), tempfile.TemporaryFile() as output:
            request = pickle.dumps((content, name, published))
            result = run_bounded(command, request, output, timeout, environment, PROJECT_DIR)
            if result.code:
                return _refusal_report(name, _too_heavy_problem(name))
            return pickle.load(output)
    except TooBusyError:
        return _refusal_report(name, _busy_problem(name))


def _refusal_report(name: str, problem: Problem) -> Report:
    return validate(Package(name, {}, problems=(problem,)))


def _too_heavy_problem(name: str) -> Problem:
    return file_problem(
        name,
        "archive-dangereuse",
        "La lecture de ce fichier demandait trop de temps ou de mémoire : elle a été arrêtée.",
        "Partagez-le en plusieurs fichiers plus petits, ou vérifiez-le sur votre ordinateur avec "
        "« python -m comparisons validate ».",
    )


def _busy_problem(name: str) -> Problem:
    return file_problem(
        name,
        "archive-dangereuse",
        "Trop de fichiers sont en cours de vérification : le vôtre n’a pas été lu.",
        "Réessayez dans quelques minutes.",
    )


def _main(seconds: str, megabytes: str) -> None:
    content, name, published = pickle.load(sys.stdin.buffer)
    set_process_limits(int(seconds), int(megabytes) * 2**20, _MAX_REPORT_BYTES)
    report = validate(read_upload(content, name), published=published)
    pickle.dump(report, sys.stdout.buffer)


if __name__ == "__main__":
    _main(*sys.argv[1:])
