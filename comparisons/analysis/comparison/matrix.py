"""Reading a comparison: cells laid out in columns, what is common to all, what differs."""

import pandas as pd

from comparisons.analysis.comparison.cells import ABSENT, KNOWN, NOT_APPLICABLE
from comparisons.formatting import NBSP


def text_matrix(cells: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Arrange cells of one section in words: index = titles of rows, a column per column.

    What is inferred is marked « (déduit) ».
    """
    words = cells.assign(
        texte=cells["texte"].where(
            cells["certitude"] != "deduit", cells["texte"] + f"{NBSP}(déduit)"
        )
    )
    return _laid_out(words, columns, "texte").rename(columns=_titles(columns))


def values(cells: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Arrange cells of one section in numbers, missing where nothing is known."""
    return _laid_out(cells, columns, "valeur").rename(columns=_titles(columns))


def _laid_out(cells: pd.DataFrame, columns: pd.DataFrame, what: str) -> pd.DataFrame:
    order = list(dict.fromkeys(cells["ligne"]))
    titles = dict(zip(cells["ligne"], cells["libelle"], strict=True))
    table = cells.pivot(index="ligne", columns="colonne", values=what)
    table = table.reindex(index=order, columns=list(columns["colonne"]))
    return table.set_axis([titles[code] for code in order]).rename_axis(columns=None)


def _titles(columns: pd.DataFrame) -> dict[str, str]:
    return dict(zip(columns["colonne"], columns["titre_colonne"], strict=True))


def equality_keys(row: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Return what makes the cells of one row alike, for the columns where something is known."""
    known = {}
    for cell in row.itertuples():
        # a theme that is not among the axes recorded may be in the document
        if cell.etat == ABSENT and cell.rubrique != "priorites":
            known[cell.colonne] = frozenset(["non"])
        elif cell.etat == KNOWN and len(cell.empreinte):
            known[cell.colonne] = frozenset(cell.empreinte)
    return known


def compare_rows(cells: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return for each row whether `count` columns share something, and whether they differ.

    Returns `rubrique`, `ligne`, `commun` (all are known and share something that is there),
    `different` (at least two are known and not alike): a row may be both (one partner in common,
    others not) or neither (nothing to compare).
    """
    found = []
    for (section, line), row in cells.groupby(["rubrique", "ligne"], sort=False):
        known = list(equality_keys(row).values())
        common = frozenset.intersection(*known) if len(known) == count else frozenset()
        found.append((section, line, bool(common - {"non"}), len(set(known)) > 1))
    return pd.DataFrame(found, columns=["rubrique", "ligne", "commun", "different"])


def filter_rows(cells: pd.DataFrame, count: int, which: str = "tout") -> pd.DataFrame:
    """Keep the rows that differ (`differences`), that are common to all (`commun`), or all."""
    if which == "tout" or cells.empty:
        return cells
    kept = compare_rows(cells, count)
    kept = kept[kept["different" if which == "differences" else "commun"]]
    return cells.merge(kept[["rubrique", "ligne"]], on=["rubrique", "ligne"])


def known_rows(cells: pd.DataFrame) -> pd.DataFrame:
    """Drop the rows of which nothing is known in any column."""
    known = cells.loc[cells["etat"] == KNOWN, ["rubrique", "ligne"]].drop_duplicates()
    return cells.merge(known, on=["rubrique", "ligne"])


def unknown_rows(cells: pd.DataFrame) -> list[str]:
    """List the rows of which nothing is known in any column (but those that mean nothing)."""
    lines = cells.groupby("libelle", sort=False)["etat"]
    told = (KNOWN, NOT_APPLICABLE)
    return [
        title
        for title, states in lines
        if not (states == KNOWN).any() and not states.isin(told).all()
    ]
