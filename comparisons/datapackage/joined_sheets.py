"""Join the sheets (or files) that hold one table, and locate its problems in each of them.

The lines of a joined table are numbered apart: line 12 of its second sheet is `2_000_012`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from comparisons.datapackage.csv_reader import Header, RawTable
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.formatting import first_few

# More than the lines of any sheet or file that is read.
LINES_PER_SHEET = 10_000_000
_SHEET_SEPARATOR = " › "
_MAX_NAMES = 4
_LINE_IN_MESSAGE = re.compile(r"\bligne (\d{8,10})\b")


@dataclass(frozen=True)
class Sheet:
    """One of the sheets (or files) of a joined table: its name in problems, and its header."""

    file: str
    header: Header

    @property
    def title(self) -> str:
        """Return the title of the sheet, or the name of the file."""
        return self.file.rpartition(_SHEET_SEPARATOR)[2]


@dataclass(frozen=True)
class JoinedTable:
    """A table of one or several sheets: its name in problems, its rows, its sheets if several."""

    file: str
    raw_table: RawTable
    sheets: tuple[Sheet, ...] = ()
    problems: Sequence[Problem] = ()

    @property
    def headers(self) -> list[Header]:
        """Return the headers of its sheets."""
        return separate_headers(self.sheets) if self.sheets else [self.raw_table.header]


def join_sheets(parts: Sequence[tuple[str, RawTable]], label: str) -> JoinedTable:
    """Join the raw tables of sheets (with the name of each) by the names of their columns.

    A warning tells that several were joined, as what `label` says in French.
    """
    if len(parts) == 1:
        return JoinedTable(*parts[0])
    names = tuple(dict.fromkeys(name for _, raw in parts for name in raw.header.names))
    rows, lines = [], []
    for number, (_, raw) in enumerate(parts, 1):
        positions = {name: i for i, name in reversed(list(enumerate(raw.header.names)))}
        rows += [
            [row[positions[name]] if name in positions else "" for name in names]
            for row in raw.rows
        ]
        lines += [number * LINES_PER_SHEET + line for line in raw.lines]
    sheets = tuple(Sheet(file, raw.header) for file, raw in parts)
    titles = first_few([quoted(sheet.title) for sheet in sheets], _MAX_NAMES)
    file = sheets[0].file.removesuffix(sheets[0].title) + titles
    header = Header(names, LINES_PER_SHEET + sheets[0].header.line)
    problem = _joined_problem(file, label, titles)
    return JoinedTable(file, RawTable(header, rows, lines), sheets, [problem])


def separate_sheets(
    rows: pd.DataFrame, sheets: Sequence[Sheet]
) -> Iterator[tuple[str, pd.DataFrame, Sheet]]:
    """Yield each sheet of a joined table: a title unlike the others, rows, name and header."""
    numbers = rows.index // LINES_PER_SHEET
    for number, sheet in enumerate(sheets, 1):
        part = rows[numbers == number]
        yield f"{number}. {sheet.title}", part.set_axis(part.index % LINES_PER_SHEET), sheet


def separate_headers(sheets: Sequence[Sheet]) -> list[Header]:
    """Return the header of each sheet, with its line in the joined table."""
    return [
        replace(sheet.header, line=number * LINES_PER_SHEET + sheet.header.line)
        for number, sheet in enumerate(sheets, 1)
    ]


def locate_in_sheet(problem: Problem, sheets: Sequence[Sheet]) -> Problem:
    """Return a problem of a joined table at its line in its own sheet."""
    if problem.line is None:
        return problem
    number, line = divmod(problem.line, LINES_PER_SHEET)
    if not 1 <= number <= len(sheets):
        return problem

    def name_line(match: re.Match[str]) -> str:
        other_number, other_line = divmod(int(match[1]), LINES_PER_SHEET)
        if not 1 <= other_number <= len(sheets):
            return match[0]
        place = f" de {quoted(sheets[other_number - 1].title)}" if other_number != number else ""
        return f"ligne {other_line}{place}"

    message = _LINE_IN_MESSAGE.sub(name_line, problem.message)
    return replace(problem, file=sheets[number - 1].file, line=line, message=message)


def _joined_problem(file: str, label: str, titles: str) -> Problem:
    return file_problem(
        file,
        "feuilles-reunies",
        f"{titles} ont les colonnes d’une même table : leurs lignes ont été lues ensemble, comme "
        f"{label}.",
        "Rien à faire si c’est bien cela ; sinon, retirez ce qui est de trop.",
        WARNING,
    )
