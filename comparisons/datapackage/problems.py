"""What is wrong with a package, said so that a person can mend it."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from comparisons.formatting import NBSP
from comparisons.formatting import format_number as french_number

ERROR = "error"
WARNING = "warning"

# Beyond this, the same fault in the same column teaches nothing more.
MAX_PER_COLUMN = 500
# Beyond this, a package is not worth looking at further.
MAX_ERRORS = 20_000


@dataclass(frozen=True)
class Problem:
    """One fault: where it is, what was found, what was expected, how to mend it.

    `line` counts the lines of the file (the header is line 1); None: the whole file.
    `suggestion` is the value to put instead, "" when none is known (or when the cell should be
    empty). `times` counts the faults that this one stands for.
    """

    file: str
    line: int | None
    column: str
    value: str
    code: str
    message: str
    remedy: str
    severity: str = ERROR
    suggestion: str = ""
    times: int = 1

    def to_dict(self) -> dict:
        """Return the fault as plain values, without its severity (told by the list it is in)."""
        fields = asdict(self)
        del fields["severity"], fields["times"]
        return fields


def file_problem(
    file: str, code: str, message: str, remedy: str, severity: str = ERROR, value: str = ""
) -> Problem:
    """Build a problem that concerns a whole file."""
    return Problem(file, None, "", value, code, message, remedy, severity)


def strip_control_characters(value: object) -> str:
    """Write a value on one line, without what a terminal would obey."""
    # A report is read in terminals, which obey the control characters of the files they show.
    return "".join(c if c.isprintable() else "\ufffd" for c in " ".join(str(value).split()))


def quoted(value: object) -> str:
    """Quote a value between French quotation marks, shortened if it is long."""
    text = strip_control_characters(value)
    if len(text) > 80:
        text = text[:79] + "…"
    return f"«\u00a0{text}\u00a0»"


def french_spaces(sentence: str) -> str:
    """Place the no-break spaces of French inside a sentence: « : », « .

    », « ? », quotation marks.
    """
    return re.sub(r" (?=[:;?!»])|(?<=«) ", NBSP, sentence)


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Write a number and its noun, in the plural from two on as French wants it."""
    noun = singular if number < 2 else (plural or singular + "s")
    return f"{french_number(number)}\u00a0{noun}"


def limit_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Keep the first faults of each kind in each column, and say how many were left out.

    After `MAX_ERRORS` errors no further fault is even looked for.
    """
    kept: list[Problem] = []
    seen: dict[tuple[str, str, str], int] = {}
    last: dict[tuple[str, str, str], Problem] = {}
    stopped: list[Problem] = []
    errors = 0
    for problem in problems:
        key = (problem.file, problem.column, problem.code)
        seen[key] = seen.get(key, 0) + 1
        last[key] = problem
        if seen[key] <= MAX_PER_COLUMN:
            kept.append(problem)
        errors += problem.severity == ERROR
        if errors >= MAX_ERRORS:
            stopped.append(_stopped(problem))
            break
    left_out = [_left_out(last[key], n) for key, n in seen.items() if n > MAX_PER_COLUMN]
    return kept + left_out + stopped


def _stopped(last: Problem) -> Problem:
    return file_problem(
        last.file,
        last.code,
        f"Plus de {french_number(MAX_ERRORS)} erreurs\u00a0: la vérification s’est arrêtée là.",
        "Corrigez ces erreurs, puis vérifiez de nouveau\u00a0: il peut y en avoir d’autres.",
    )


def _left_out(last: Problem, total: int) -> Problem:
    others = count(total - MAX_PER_COLUMN, "autre ligne", "autres lignes")
    return Problem(
        last.file,
        None,
        last.column,
        "",
        last.code,
        f"Le même défaut se répète sur {others} de ce fichier.",
        last.remedy,
        last.severity,
        times=total - MAX_PER_COLUMN,
    )
