"""Comparison of a few territories, or of editions of one.

`compare` builds it; pages, files and the HTTP interface all read its `cells`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from comparisons.analysis.comparison import amounts, facts
from comparisons.analysis.comparison import matrix as reading
from comparisons.analysis.comparison.cells import SECTIONS, to_table
from comparisons.analysis.comparison.columns import board
from comparisons.analysis.comparison.columns import build_columns as chosen_columns
from comparisons.analysis.comparison.compared_columns import (
    describe_columns,
    describe_missing_documents,
)
from comparisons.analysis.comparison.matrix import known_rows
from comparisons.analysis.comparison.summary import summarise, unread_axes
from comparisons.analysis.statements import Statement
from comparisons.database.cache import cached
from comparisons.formatting import curly_apostrophes
from comparisons.queries import budgets, partners, strategies
from comparisons.queries.axes import filter_named
from comparisons.queries.sources import sources as cited_sources
from comparisons.rows import iterate_rows
from comparisons.schema.territory import Territory


@dataclass(frozen=True)
class Comparison:
    """A comparison: columns, cells and facts.

    `columns` has one row per column (see `columns.build_columns`), `cells` one row per cell (see
    `cells.Cell`); `facts` are the tidy tables that the cells come from, by their names in files.
    With `named_only`, only the axes that documents name are compared.
    """

    columns: pd.DataFrame
    cells: pd.DataFrame
    facts: Mapping[str, pd.DataFrame]
    named_only: bool = True

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the title of each column by its key."""
        return dict(zip(self.columns["colonne"], self.columns["titre_colonne"], strict=True))

    @cached_property
    def short_names(self) -> dict[str, str]:
        """Return the name of each column by its key, without its level where no other bears it."""
        is_unique = ~self.columns["nom"].duplicated(keep=False)
        short_titles = (
            self.columns["nom"]
            .map(curly_apostrophes)
            .where(is_unique, self.columns["titre_colonne"])
        )
        return dict(zip(self.columns["colonne"], short_titles, strict=True))

    @cached_property
    def family(self) -> str:
        """Return the name of the family that the documents of all columns share.

        "" if they are of several.
        """
        families = self.columns["famille"].dropna().unique()
        return families[0] if len(families) == 1 else ""

    @cached_property
    def board(self) -> pd.DataFrame:
        """Count the documents known of each territory by family, as `columns.board`."""
        return board(self.facts["strategies"])

    @cached_property
    def statements(self) -> list[Statement]:
        """Describe what the columns share and where they part."""
        documents = self.facts["strategies"]
        described = describe_columns(self.columns, documents, self.short_names, self.named_only)
        words = {row.strategie_id: facts.family_and_year(row) for row in iterate_rows(documents)}
        return summarise(self.cells, described, self.family, words)

    @cached_property
    def missing_documents(self) -> dict[str, str]:
        """Describe why each territory whose column has no document has none, by key."""
        return describe_missing_documents(self.columns, self.facts["strategies"])

    def empty_section(self, name: str) -> str:
        """Describe why no row of a section is known; "" if one is."""
        if len(known_rows(self.section(name))):
            return ""
        return facts.describe_empty_section(name, self.facts, self._unread_axes)

    @cached_property
    def _unread_axes(self) -> list[str]:
        described = describe_columns(
            self.columns, self.facts["strategies"], self.short_names, self.named_only
        )
        return unread_axes({code: column for code, column in described.items() if column.document})

    def section(self, name: str, row_filter: str = "tout") -> pd.DataFrame:
        """Return the cells of a section: all, those that differ, those common to all."""
        cells = self._sections.get(name, self.cells.head(0))
        return reading.filter_rows(cells, len(self.columns), row_filter)

    @cached_property
    def _sections(self) -> dict[str, pd.DataFrame]:
        return dict(iter(self.cells.groupby("rubrique", sort=False)))

    def text_matrix(self, name: str, row_filter: str = "tout") -> pd.DataFrame:
        """Return the text matrix of a section, without the rows unknown in all columns."""
        return self._matrix(reading.text_matrix, name, row_filter)

    def grouped_matrix(self, name: str, row_filter: str = "tout") -> pd.DataFrame:
        """Return the rows of a section as the page displays them (`matrix.grouped_matrix`)."""
        return self._matrix(reading.grouped_matrix, name, row_filter)

    def _matrix(
        self,
        lay_out: Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame],
        name: str,
        row_filter: str,
    ) -> pd.DataFrame:
        """Return a matrix of a section, kept: a page reads all of them at each rerun."""
        key = lay_out, name, row_filter
        if key not in self._matrices:
            cells = reading.known_rows(self.section(name, row_filter))
            self._matrices[key] = lay_out(cells, self.columns)
        return self._matrices[key]

    @cached_property
    def _matrices(self) -> dict[tuple[Callable, str, str], pd.DataFrame]:
        return {}

    @cached_property
    def unknown_rows(self) -> dict[str, list[str]]:
        """List the rows of each section of which nothing is known in any column."""
        return {name: reading.unknown_rows(self.section(name)) for name in SECTIONS}

    @cached_property
    def documents_read(self) -> list[str]:
        """Describe, for each column with priorities, in which document they were read."""
        return facts.documents_read(self.columns, self.facts["strategies"])

    @cached_property
    def displayed_documents(self) -> pd.DataFrame:
        """Return the document of each column, with the column's short name as `nom`."""
        documents = self.columns[["colonne", "cle", "strategie_id"]].merge(
            self.facts["strategies"], on=["cle", "strategie_id"]
        )
        return documents.assign(nom=documents["colonne"].map(self.short_names))

    def theme_wordings(self, theme: str) -> pd.DataFrame:
        """Return the axes of each column that bear a theme, in their own words, main ones first."""
        read_documents = self.columns[["colonne", "titre_colonne", "strategie_lue"]]
        axes = strategies.priorities_by_theme(self.facts["priorites"])
        rows = read_documents.merge(axes, left_on="strategie_lue", right_on="strategie_id")
        return rows[rows["theme"] == theme].sort_values(
            ["colonne", "principal", "rang"], ascending=[True, False, True]
        )


@cached
def compare(
    territories: Sequence[Territory],
    chosen_ids: Sequence[str] = (),
    named_only: bool = True,
    family: str = "",
) -> Comparison:
    """Build the comparison of some territories; unknown ones are left out.

    `chosen_ids` are strategies to show instead of each territory's default document; several of
    one territory have as many columns. With `named_only`, priorities are the axes that a
    document names; else those read off its text too, which have no rank. `family` is the kind of
    documents compared (see `columns.build_columns`).
    """
    columns, documents = chosen_columns(territories, chosen_ids, named_only, family)
    keys = list(dict.fromkeys(columns["cle"]))
    priorities = filter_named(
        strategies.priorities(list(columns["strategie_lue"].dropna().unique())), named_only
    )
    column_documents = amounts.column_documents(columns, documents)
    strategy_ids = list(dict.fromkeys(column_documents["strategie_id"]))
    totals, details = budgets.budget_totals(strategy_ids), budgets.budget_lines(strategy_ids)
    shares = budgets.funder_shares(details)
    links, indicators = partners.partnerships(keys), strategies.indicators(keys)

    def cells() -> Iterator:
        yield from facts.identity_cells(columns)
        yield from facts.document_cells(columns, documents)
        yield from facts.theme_cells(columns, priorities, documents)
        yield from amounts.amount_cells(columns, column_documents, totals, details)
        yield from amounts.funder_cells(columns, column_documents, totals, details, shares)
        yield from amounts.excluded_amounts(columns, column_documents, details, totals)
        yield from facts.service_cells(columns, links)
        yield from facts.indicator_cells(columns, indicators)

    table = to_table(cells())
    table.insert(4, "cle", table["colonne"].map(columns.set_index("colonne")["cle"]))
    source_ids = list(
        dict.fromkeys(
            source_id for cell_source_ids in table["source_ids"] for source_id in cell_source_ids
        )
    )
    return Comparison(
        columns=columns,
        cells=table,
        facts={
            "strategies": documents,
            "priorites": priorities,
            "budgets_comparables": budgets.comparable_budgets(strategy_ids),
            "budgets": details,
            "mutualisations": links,
            "indicateurs": indicators,
            "sources": cited_sources(source_ids),
        },
        named_only=named_only,
    )
