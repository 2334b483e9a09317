"""Build, quote and limit the problems of a package, described in French with a remedy."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from comparisons.formatting import format_number, french_spaces, pluralize, shorten

ERROR = "error"
WARNING = "warning"

# Number of problems of one rule in one column that are listed.
MAX_PER_COLUMN = 500
# Number of errors after which the validation stops.
_MAX_ERRORS = 20_000
# Of what is kept of an upload: number of problems, and length of the value of each.
_MAX_LISTED = 2_000
_MAX_VALUE_LENGTH = 200


@dataclass(frozen=True)
class Problem:
    """One problem: its location, value and code, a message and a remedy in French.

    `line` counts the lines of the file (the header is line 1); None: the whole file.
    `suggestion` is the value to put instead, "" when none is known (or when the cell should be
    empty); `is_certain` tells that the value written can mean nothing else. `occurrences` is the
    number of problems that this one stands for.
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
    is_certain: bool = False
    occurrences: int = 1

    def __post_init__(self) -> None:
        """Give the sentences the spaces of French, which are unreadable in the code."""
        for name in ("message", "remedy"):
            object.__setattr__(self, name, french_spaces(getattr(self, name)))

    def to_dict(self) -> dict:
        """Return what the report in JSON says of a problem; its lists are those of a severity."""
        fields = asdict(self)
        del fields["severity"], fields["is_certain"], fields["occurrences"]
        return fields


def file_problem(
    file: str, code: str, message: str, remedy: str, severity: str = ERROR, value: str = ""
) -> Problem:
    """Build a problem that concerns a whole file."""
    return Problem(file, None, "", value, code, message, remedy, severity)


def line_problem(
    file: str, line: int, code: str, message: str, remedy: str, severity: str = ERROR
) -> Problem:
    """Build a problem that concerns a whole line."""
    return Problem(file, line, "", "", code, message, remedy, severity)


def strip_control_characters(value: object) -> str:
    """Return a value on one line, without control characters."""
    # A report is read in terminals, which would execute the control characters of a file.
    return "".join(
        character if character.isprintable() else "\ufffd"
        for character in " ".join(str(value).split())
    )


def quoted(value: object) -> str:
    """Quote a value between French quotation marks, shortened if it is long."""
    text = shorten(strip_control_characters(value), 80, keep_words=False)
    return f"«\u00a0{text}\u00a0»"


def limit_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Return the first problems of each rule in each column, and one that counts the others.

    Problems after the first `_MAX_ERRORS` errors are not read.
    """
    limited: list[Problem] = []
    count_by_key: dict[tuple[str, str, str], int] = {}
    last_by_key: dict[tuple[str, str, str], Problem] = {}
    stop_problems: list[Problem] = []
    error_count = 0
    for problem in problems:
        key = (problem.file, problem.column, problem.code)
        count_by_key[key] = count_by_key.get(key, 0) + 1
        last_by_key[key] = problem
        if count_by_key[key] <= MAX_PER_COLUMN:
            limited.append(problem)
        error_count += problem.severity == ERROR
        if error_count >= _MAX_ERRORS:
            stop_problems.append(_stopped_problem(problem))
            break
    repetitions = [
        _repeated_problem(last_by_key[key], occurrences - MAX_PER_COLUMN)
        for key, occurrences in count_by_key.items()
        if occurrences > MAX_PER_COLUMN
    ]
    return limited + repetitions + stop_problems


def summarise_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Return the first problems, with shortened values, and one that counts the others of a kind.

    What is returned has some megabytes at most, whatever the file; the counts stay true.
    """
    listed: list[Problem] = []
    others: dict[tuple[str, str, str, str], list[Problem]] = {}
    for problem in problems:
        if len(listed) < _MAX_LISTED:
            listed.append(replace(problem, value=shorten(problem.value, _MAX_VALUE_LENGTH)))
        else:
            key = (problem.file, problem.column, problem.code, problem.severity)
            others.setdefault(key, []).append(problem)
    return listed + [
        _repeated_problem(group[-1], sum(problem.occurrences for problem in group))
        for group in others.values()
    ]


def _stopped_problem(last_problem: Problem) -> Problem:
    return file_problem(
        last_problem.file,
        last_problem.code,
        f"Plus de {format_number(_MAX_ERRORS)} erreurs : la vérification s’est arrêtée là.",
        "Corrigez ces erreurs, puis vérifiez de nouveau : il peut y en avoir d’autres.",
    )


def _repeated_problem(last_problem: Problem, others: int) -> Problem:
    other_lines = pluralize(others, "autre ligne", "autres lignes")
    return Problem(
        last_problem.file,
        None,
        last_problem.column,
        "",
        last_problem.code,
        f"Le même défaut se répète sur {other_lines} de ce fichier.",
        last_problem.remedy,
        last_problem.severity,
        occurrences=others,
    )
