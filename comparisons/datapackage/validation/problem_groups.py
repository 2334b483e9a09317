"""Group the problems of a report by rule."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from comparisons.datapackage.problems import ERROR, Problem
from comparisons.formatting import NBSP, format_number, pluralize
from comparisons.settings import FORMAT_DIR

# Number of examples by group; the list of problems has them all.
MAX_EXAMPLES = 3
# Number of ranges of lines that are written; the others are counted.
_MAX_RANGES = 12


@dataclass(frozen=True)
class Rule:
    """The name of a rule in plain French, and its rank in the order of correction."""

    singular: str
    plural: str
    rank: int


@dataclass(frozen=True)
class Location:
    """Location of a group in one column ("" is the whole line) of one file.

    `lines` are the line numbers in order, `line_ranges` writes them: « lignes 3, 7, 12-18 ».
    """

    file: str
    column: str
    lines: tuple[int, ...]
    line_ranges: str

    def __str__(self) -> str:
        """Format the location: file, column, lines."""
        column = f"colonne «{NBSP}{self.column}{NBSP}»" if self.column else ""
        return ", ".join(part for part in (self.file, column, self.line_ranges) if part)


@dataclass(frozen=True)
class ProblemGroup:
    """All the problems of one rule; `title` counts them in French (« 12 dates mal écrites »).

    `remedy` is their most frequent remedy; `examples` are the first distinct problems.
    """

    code: str
    severity: str
    title: str
    count: int
    locations: tuple[Location, ...]
    remedy: str
    examples: tuple[Problem, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """Return the files (or sheets) of the problems."""
        return tuple(dict.fromkeys(location.file for location in self.locations))

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the problems."""
        return tuple(
            dict.fromkeys(location.column for location in self.locations if location.column)
        )

    def to_dict(self) -> dict:
        """Return the group as plain values, ready for JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "title": self.title,
            "count": self.count,
            "files": list(self.files),
            "columns": list(self.columns),
            "places": [
                {"file": location.file, "column": location.column, "lines": list(location.lines)}
                for location in self.locations
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
    """Return the rules of the format by code, in the order of correction."""
    with (FORMAT_DIR / "regles.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Rule(row["singulier"], row["pluriel"], rank)
            for rank, row in enumerate(csv.DictReader(file))
        }


def group_problems(problems: Iterable[Problem], examples: int = MAX_EXAMPLES) -> list[ProblemGroup]:
    """Group problems by rule: errors first, then in the order of correction."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.severity, problem.code), []).append(problem)

    def sort_key(key: tuple[str, str]) -> tuple[bool, int]:
        severity, code = key
        return severity != ERROR, load_rules()[code].rank

    return [_build_group(groups[key], examples) for key in sorted(groups, key=sort_key)]


def format_line_ranges(lines: Sequence[int]) -> str:
    """Format sorted line numbers as ranges: « ligne 3 », « lignes 3, 7, 12-18 »."""
    if not lines:
        return ""
    range_ends = [
        index for index, (line, next_line) in enumerate(pairwise(lines)) if next_line != line + 1
    ]
    range_starts = [0, *(index + 1 for index in range_ends)]
    ranges = zip(range_starts, [*range_ends, len(lines) - 1], strict=True)
    range_texts = [_format_range(lines[start], lines[end]) for start, end in ranges]
    text = ", ".join(range_texts[:_MAX_RANGES])
    if len(range_texts) > _MAX_RANGES:
        other_count = len(lines) - sum(
            _range_length(range_text) for range_text in range_texts[:_MAX_RANGES]
        )
        text += f" et {pluralize(other_count, 'autre')}"
    return f"ligne{'s' if len(lines) > 1 else ''}{NBSP}{text}"


def _format_range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _range_length(range_text: str) -> int:
    first, _, last = range_text.partition("-")
    return int(last) - int(first) + 1 if last else 1


def _build_group(problems: list[Problem], examples: int) -> ProblemGroup:
    first = problems[0]
    places: dict[tuple[str, str], int] = {}
    for problem in problems:
        places.setdefault((problem.file, problem.column), len(places))
    problems = sorted(problems, key=lambda p: (places[p.file, p.column], p.line or 0))
    rule = load_rules()[first.code]
    total = sum(problem.occurrences for problem in problems)
    noun = rule.singular if total < 2 else rule.plural
    remedies = Counter(problem.remedy for problem in problems)
    # Examples leave out repeated values, and problems that count other lines.
    distinct_problems = {
        (p.column, p.value, p.message): p for p in reversed(problems) if p.occurrences == 1
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
        line_set = lines.setdefault((problem.file, problem.column), set())
        if problem.line is not None:
            line_set.add(problem.line)
    return tuple(
        Location(file, column, sorted_lines, format_line_ranges(sorted_lines))
        for (file, column), line_set in lines.items()
        for sorted_lines in (tuple(sorted(line_set)),)
    )
