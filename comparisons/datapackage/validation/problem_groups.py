"""The faults of a report put together by cause: a person mends twelve dates at once."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from comparisons.datapackage.problems import ERROR, Problem, count
from comparisons.formatting import NBSP, format_number
from comparisons.settings import FORMAT_DIR

# What a reader needs to recognise a fault; the list of problems has them all.
EXAMPLES = 3
# Past these, « et 40 autres » says as much.
_STRETCHES_SHOWN = 12


@dataclass(frozen=True)
class Rule:
    """The name of a rule in plain French, and its rank in the order of mending."""

    singular: str
    plural: str
    rank: int


@dataclass(frozen=True)
class Location:
    """Where a cause is found in one column ("" is the whole line) of one file.

    `lines` are the line numbers in order, `where` writes them: « lignes 3, 7, 12-18 ».
    """

    file: str
    column: str
    lines: tuple[int, ...]
    where: str

    def __str__(self) -> str:
        """Write the place: file, column, lines."""
        column = f"colonne «{NBSP}{self.column}{NBSP}»" if self.column else ""
        return ", ".join(part for part in (self.file, column, self.where) if part)


@dataclass(frozen=True)
class ProblemGroup:
    """All the faults of one rule; `title` counts them in French (« 12 dates mal écrites »).

    `remedy` is the commonest of theirs; `examples` are the first ones that differ.
    """

    code: str
    severity: str
    title: str
    count: int
    places: tuple[Location, ...]
    remedy: str
    examples: tuple[Problem, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Return files (or sheets) concerned."""
        return tuple(dict.fromkeys(place.file for place in self.places))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return columns concerned."""
        return tuple(dict.fromkeys(place.column for place in self.places if place.column))

    def to_dict(self) -> dict:
        """Return the cause as plain values."""
        return {
            "code": self.code,
            "severity": self.severity,
            "title": self.title,
            "count": self.count,
            "files": list(self.files),
            "columns": list(self.columns),
            "places": [
                {"file": place.file, "column": place.column, "lines": list(place.lines)}
                for place in self.places
            ],
            "remedy": self.remedy,
            "examples": [
                {
                    "value": problem.value,
                    "suggestion": problem.suggestion,
                    "message": problem.message,
                    "remedy": problem.remedy,
                }
                for problem in self.examples
            ],
        }


@lru_cache(maxsize=1)
def load_rules() -> dict[str, Rule]:
    """Return the rules of the format by code, in the order in which a person mends a file."""
    with (FORMAT_DIR / "regles.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Rule(row["singulier"], row["pluriel"], rank)
            for rank, row in enumerate(csv.DictReader(file))
        }


def group_problems(problems: Iterable[Problem], examples: int = EXAMPLES) -> list[ProblemGroup]:
    """Group problems by rule: those that stop the package first, then in the order of mending."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.severity, problem.code), []).append(problem)

    def order(key: tuple[str, str]) -> tuple[bool, int]:
        severity, code = key
        return severity != ERROR, load_rules()[code].rank

    return [_cause(groups[key], examples) for key in sorted(groups, key=order)]


def format_line_ranges(lines: Sequence[int]) -> str:
    """Write line numbers as a person does: « ligne 3 », « lignes 3, 7, 12-18 »."""
    if not lines:
        return ""
    ends = [i for i, (one, other) in enumerate(pairwise(lines)) if other != one + 1]
    starts = [0, *(i + 1 for i in ends)]
    stretches = zip(starts, [*ends, len(lines) - 1], strict=True)
    written = [_stretch(lines[start], lines[end]) for start, end in stretches]
    shown = ", ".join(written[:_STRETCHES_SHOWN])
    if len(written) > _STRETCHES_SHOWN:
        rest = len(lines) - sum(_length(text) for text in written[:_STRETCHES_SHOWN])
        shown += f" et {count(rest, 'autre')}"
    return f"ligne{'s' if len(lines) > 1 else ''}{NBSP}{shown}"


def _stretch(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _length(stretch: str) -> int:
    first, _, last = stretch.partition("-")
    return int(last) - int(first) + 1 if last else 1


def _cause(problems: list[Problem], examples: int) -> ProblemGroup:
    first = problems[0]
    rule = load_rules()[first.code]
    total = sum(problem.times for problem in problems)
    noun = rule.singular if total < 2 else rule.plural
    remedies = Counter(problem.remedy for problem in problems)
    # The same fault of the same value teaches nothing more; nor does « and 30 other lines ».
    distinct = {(p.column, p.value, p.message): p for p in reversed(problems) if p.times == 1}
    kept = list(reversed(distinct.values()))[:examples]
    return ProblemGroup(
        first.code,
        first.severity,
        f"{format_number(total)}{NBSP}{noun}",
        total,
        _places(problems),
        remedies.most_common(1)[0][0],
        tuple(kept),
    )


def _places(problems: list[Problem]) -> tuple[Location, ...]:
    lines: dict[tuple[str, str], set[int]] = {}
    for problem in problems:
        here = lines.setdefault((problem.file, problem.column), set())
        if problem.line is not None:
            here.add(problem.line)
    return tuple(
        Location(file, column, ordered, format_line_ranges(ordered))
        for (file, column), found in lines.items()
        for ordered in (tuple(sorted(found)),)
    )
