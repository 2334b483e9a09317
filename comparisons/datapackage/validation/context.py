"""Read the data that all checks share: the package, the territories, the published tables."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from comparisons.datapackage.known_territories import TerritoryReference
from comparisons.datapackage.problems import ERROR, Problem
from comparisons.datapackage.reader import Package
from comparisons.rows import iterate_rows
from comparisons.schema.model import Table, load_format


@cache
def _empty_table(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(load_format().tables[name].columns), dtype="str")


@dataclass(frozen=True)
class ValidationContext:
    """A package, the reference of territories and the published tables."""

    package: Package
    territories: TerritoryReference
    published: Mapping[str, pd.DataFrame]

    def tables(self) -> Iterator[tuple[Table, pd.DataFrame]]:
        """Iterate over the tables that the package holds, in the order of the format."""
        for table in load_format().tables.values():
            if table.name in self.package.tables:
                yield table, self.package.tables[table.name]

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of the package, empty if it has none."""
        if name in self.package.tables:
            return self.package.tables[name]
        return _empty_table(name).copy(deep=False)

    def problem(
        self,
        table: str,
        line: object,
        column: str,
        value: str,
        code: str,
        message: str,
        remedy: str,
        severity: str = ERROR,
        suggestion: str = "",
        is_certain: bool = False,
    ) -> Problem:
        """Build a problem of a cell of a table; `line` None means the whole table."""
        line_number = None if line is None else int(line)
        file = self.package.file(table)
        text = (message, remedy, severity, suggestion, is_certain)
        return Problem(file, line_number, column, value, code, *text)

    def row_problems(
        self,
        rows: pd.DataFrame,
        table: str,
        column: str,
        code: str,
        describe: Callable[[tuple], str],
        remedy: str,
        severity: str = ERROR,
    ) -> Iterator[Problem]:
        """Yield a problem for the cell of a column in each row; `describe` gives its message."""
        for row in iterate_rows(rows):
            value, message = getattr(row, column), describe(row)
            yield self.problem(table, row.Index, column, value, code, message, remedy, severity)


def to_numbers(texts: pd.Series) -> pd.Series:
    """Convert a column of texts to numbers; empty or invalid texts are missing."""
    return pd.to_numeric(texts, errors="coerce").astype("float64")
