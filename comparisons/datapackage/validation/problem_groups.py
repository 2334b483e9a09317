"""Group the problems of a report by rule."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from comparisons.datapackage.problems import ERROR, Problem, count
from comparisons.formatting import NBSP, format_number
from comparisons.settings import FORMAT_DIR

# Number of examples by group; the list of problems has them all.
EXAMPLES = 3
# Number of ranges of lines that are written; the others are counted.
_MAX_RANGES = 12


@dataclass(frozen=True)
class Rule:
    """The name of a rule in plain French, and its rank in the order of mending."""

    singular: str
    plural: str
    rank: int


@dataclass(frozen=True)
class Location:
    """Location of a group in one column ("" is the whole line) of one file.

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

    return [_build_group(groups[key], examples) for key in sorted(groups, key=order)]


def format_line_ranges(lines: Sequence[int]) -> str:
    """Write line numbers as a person does: « ligne 3 », « lignes 3, 7, 12-18 »."""
    if not lines:
        return ""
    range_ends = [
        index for index, (line, next_line) in enumerate(pairwise(lines)) if next_line != line + 1
    ]
    range_starts = [0, *(index + 1 for index in range_ends)]
    ranges = zip(range_starts, [*range_ends, len(lines) - 1], strict=True)
    range_texts = [_format_range(lines[start], lines[end]) for start, end in ranges]
    text_ = ", ".join(range_texts[:_MAX_RANGES])
    if len(range_texts) > _MAX_RANGES:
        other_count = len(lines) - sum(_range_length(text) for text in range_texts[:_MAX_RANGES])
        text_ += f" et {count(other_count, 'autre')}"
    return f"ligne{'s' if len(lines) > 1 else ''}{NBSP}{text_}"


def _format_range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _range_length(range_text: str) -> int:
    first, _, last = range_text.partition("-")
    return int(last) - int(first) + 1 if last else 1


def _build_group(problems: list[Problem], examples: int) -> ProblemGroup:
    first = problems[0]
    rule = load_rules()[first.code]
    total = sum(problem.times for problem in problems)
    noun = rule.singular if total < 2 else rule.plural
    remedies = Counter(problem.remedy for problem in problems)
    # The same fault of the same value teaches nothing more; nor does « and 30 other lines ».
    distinct_problems = {
        (p.column, p.value, p.message): p for p in reversed(problems) if p.times == 1
    }
    example_problems = list(reversed(distinct_problems.values()))[:examples]
    return ProblemGroup(
        first.code,
        first.severity,
        f"{format_number(total)}{NBSP}{noun}",
        total,
        _build_locations(problems),
        remedies.most_common(1)[0][0],
        tuple(example_problems),
    )


def _build_locations(problems: list[Problem]) -> tuple[Location, ...]:
    lines: dict[tuple[str, str], set[int]] = {}
    for problem in problems:
        lines_of_place = lines.setdefault((problem.file, problem.column), set())
        if problem.line is not None:
            lines_of_place.add(problem.line)
    return tuple(
        Location(file, column, sorted_lines, format_line_ranges(sorted_lines))
        for (file, column), line_set in lines.items()
        for sorted_lines in (tuple(sorted(line_set)),)
    )
