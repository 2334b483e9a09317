"""Validate an uploaded file in a process with limited time and memory.

A malicious file can neither slow nor stop the site: the process has a low priority, may write
nothing, and is ended by the system at its limits. It answers with a report of some megabytes at
most; the tables of the file, or a file made of them, are sent only when they are asked for.
"""

import pickle
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from comparisons.concurrency import ConcurrencyLimiter
from comparisons.datapackage.corrections import Change, Correction, correct
from comparisons.datapackage.problems import Problem, file_problem, summarise_problems
from comparisons.datapackage.reader import Package, read_package, read_upload
from comparisons.datapackage.validation.annotated_workbook import annotated_workbook
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.datapackage.writer import PackageMetadata, to_standard_zip
from comparisons.errors import TooBusyError
from comparisons.processes import SITE_PROCESSES, set_process_limits
from comparisons.settings import FORMAT_DIR

# Of processor: a package of 3,000 strategies takes three.
_MAX_SECONDS = 15
_MAX_MEGABYTES = 3072
# A report holds no rows, a package those of a valid file.
_MAX_REPORT_BYTES = 4 * 2**20
_MAX_ANSWER_BYTES = 64 * 2**20
# Most files are small, and checked within seconds: they do not wait for the others, which begin
# again, if need be, where one is checked at a time.
_QUICK_BYTES = 2 * 2**20
_QUICK_SECONDS = 5
_QUICK_NICENESS, _HEAVY_NICENESS = 2, 15
# How many times longer than its processor time a check takes on a busy machine.
_MAX_WAITING = 6
CHECK_LIMITER = ConcurrencyLimiter(2, queued=20)
HEAVY_CHECK_LIMITER = ConcurrencyLimiter(1, queued=10)


class CheckRefusedError(Exception):
    """A file that was not read to its end; carries the problem to show."""

    def __init__(self, problem: Problem):
        """Store the problem that explains the refusal."""
        super().__init__(f"{problem.message} {problem.remedy}")
        self.problem = problem


@dataclass(frozen=True)
class UploadCheck:
    """What is known of an uploaded file: a report without the rows of its tables, their numbers.

    `weight` is its size in bytes as it was received.
    """

    report: Report
    row_counts: Mapping[str, int]
    weight: int = 0


@dataclass(frozen=True)
class IsolatedFile:
    """An uploaded file, read by processes with limits; `published` holds what it may refer to.

    A process uses at most `seconds` of CPU and `megabytes` of address space.
    """

    content: bytes
    name: str
    published: Mapping[str, pd.DataFrame] | None = None
    seconds: int = _MAX_SECONDS
    megabytes: int = _MAX_MEGABYTES

    def check(self) -> UploadCheck:
        """Read and validate the file; one that exceeds a limit is refused in the report."""
        try:
            output = self._ask("check", _MAX_REPORT_BYTES)
        except CheckRefusedError as error:
            nothing = Package(self.name, {})
            return UploadCheck(Report((error.problem,), nothing, nothing), {})
        return replace(pickle.loads(output), weight=len(output))

    def read_report(self) -> Report:
        """Return the report with all the rows; raises `CheckRefusedError`, as the next ones."""
        return pickle.loads(self._ask("report", _MAX_ANSWER_BYTES))

    def annotate(self) -> bytes:
        """Build the workbook that marks the cells to mend."""
        return self._ask("annotate", _MAX_ANSWER_BYTES)

    def to_package(self, metadata: PackageMetadata) -> bytes:
        """Build the standard zip of a valid file."""
        return self._ask("package", _MAX_ANSWER_BYTES, metadata)

    def correct(self, correction: Correction | None = None) -> tuple[bytes, tuple[Change, ...]]:
        """Return the file with a correction made (None: all that are proposed), and what changed.

        See `corrections.correct`.
        """
        return pickle.loads(self._ask("correct", _MAX_ANSWER_BYTES, correction))

    def _ask(self, action: str, max_bytes: int, *arguments: object) -> bytes:
        request = pickle.dumps((action, self.content, self.name, self.published, arguments))
        lanes = [(HEAVY_CHECK_LIMITER, self.seconds, _HEAVY_NICENESS)]
        if len(self.content) <= _QUICK_BYTES:
            quick_seconds = min(self.seconds, _QUICK_SECONDS)
            lanes.insert(0, (CHECK_LIMITER, quick_seconds, _QUICK_NICENESS))
        for limiter, seconds, niceness in lanes:
            output = self._run(request, limiter, (seconds, max_bytes, niceness))
            if output is not None:
                return output
        raise CheckRefusedError(_too_heavy_problem(self.name))

    def _run(
        self, request: bytes, limiter: ConcurrencyLimiter, limits: tuple[int, int, int]
    ) -> bytes | None:
        """Return the answer of a process, or None if it ended at one of its limits.

        `limits` are its seconds of CPU, the bytes of its answer and its niceness.
        """
        arguments = [str(self.megabytes), *map(str, limits)]
        # the longest time of a check on a busy machine
        timeout = _MAX_WAITING * limits[0]
        try:
            with limiter.slot(_MAX_WAITING * self.seconds), tempfile.TemporaryFile() as output:
                result = SITE_PROCESSES.run(__name__, arguments, request, output, timeout)
                return None if result.code else output.read()
        except TooBusyError as error:
            raise CheckRefusedError(_busy_problem(self.name)) from error


def _without_rows(report: Report) -> UploadCheck:
    """Return what a session keeps of a report: no rows, a bounded number of problems."""
    tables = report.package.tables
    package = replace(
        report.package,
        tables={name: rows.iloc[:0] for name, rows in tables.items()},
        problems=(),
        headers={},
        short_form=None,
    )
    problems = tuple(summarise_problems(report.problems))
    light_report = Report(problems, package, replace(package, tables={}))
    return UploadCheck(light_report, {name: len(rows) for name, rows in tables.items()})


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


def prepare() -> None:
    """Load what every check reads: the schemas of the format, the territories."""
    validate(read_package(FORMAT_DIR / "exemples" / "valide"))


def main(megabytes: str, seconds: str, max_bytes: str, niceness: str) -> None:
    """Answer the request of the standard input on the standard output, within limits."""
    action, content, name, published, arguments = pickle.load(sys.stdin.buffer)
    memory = int(megabytes) * 2**20
    set_process_limits(int(seconds), memory, int(max_bytes), niceness=int(niceness))
    report = validate(read_upload(content, name), published=published)
    match action:
        case "check":
            output = pickle.dumps(_without_rows(report))
        case "report":
            output = pickle.dumps(report)
        case "annotate":
            output = annotated_workbook(report)
        case "package":
            output = to_standard_zip(report, *arguments)
        case "correct":
            output = pickle.dumps(correct(content, name, report, *arguments))
    sys.stdout.buffer.write(output)
