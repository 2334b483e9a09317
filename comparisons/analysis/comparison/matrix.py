"""Matrices of a comparison: cells by column, common rows, different rows."""

import pandas as pd

from comparisons.analysis.comparison.cells import ABSENT, KNOWN, NOT_APPLICABLE
from comparisons.formatting import NBSP

# Sections whose rows have a title and a subtitle: « Réseaux, prévu : par habitant ».
GROUPED_SECTIONS = ("budgets", "financeurs")


def text_matrix(cells: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Return the texts of one section: index = row titles, one column per compared column.

    What is inferred is marked « (déduit) ».
    """
    return _pivot_cells(_mark_inferred(cells), columns).rename(columns=_titles(columns))


def grouped_matrix(cells: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Return the texts of one section by `colonne`, one row per amount, with a line per measure.

    In other sections, each row is one of `text_matrix`. `different`, the last column, says whether
    the columns differ (see `compare_rows`).
    """
    rows = compare_rows(cells, len(columns)).set_index("ligne")["different"]
    cells = _mark_inferred(cells).assign(different=cells["ligne"].map(rows))
    if cells["rubrique"].isin(GROUPED_SECTIONS).any():
        cells = _gather_measures(cells)
    table = _pivot_cells(cells, columns)
    return table.assign(different=cells.groupby("ligne", sort=False)["different"].any().to_numpy())


def _gather_measures(cells: pd.DataFrame) -> pd.DataFrame:
    """Return one cell per amount and column, whose text has a line per known measure."""
    titles = cells["libelle"].str.partition(" : ")
    texts = cells["texte"].where(cells["rubrique"] == "budgets", titles[2] + " : " + cells["texte"])
    is_known = cells["etat"] == KNOWN
    cells = cells.assign(
        ligne=cells["ligne"].str.rpartition(".")[0],
        libelle=titles[0],
        texte=texts.where(is_known, cells["texte"]),
        is_known=is_known,
    )
    cells["different"] = cells.groupby("ligne")["different"].transform("any")
    by_cell = cells.groupby(["ligne", "colonne"], sort=False)
    cells = cells[cells["is_known"] | ~by_cell["is_known"].transform("any")]
    by_cell = cells.groupby(["ligne", "colonne"], sort=False)
    lines = by_cell["texte"].transform(lambda texts: "\n".join(dict.fromkeys(texts)))
    return cells.assign(texte=lines).drop_duplicates(["ligne", "colonne"])


def _mark_inferred(cells: pd.DataFrame) -> pd.DataFrame:
    marked_texts = cells["texte"] + f"{NBSP}(déduit)"
    return cells.assign(texte=cells["texte"].where(cells["certitude"] != "deduit", marked_texts))


def _pivot_cells(cells: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    titles = dict(zip(cells["ligne"], cells["libelle"], strict=True))
    texts = dict(
        zip(zip(cells["ligne"], cells["colonne"], strict=True), cells["texte"], strict=True)
    )
    keys = list(columns["colonne"])
    rows = [[texts.get((code, key)) for key in keys] for code in titles]
    return pd.DataFrame(rows, index=list(titles.values()), columns=keys, dtype="str")


def _titles(columns: pd.DataFrame) -> dict[str, str]:
    return dict(zip(columns["colonne"], columns["titre_colonne"], strict=True))


def equality_keys(row: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Return what makes the cells of one row alike, for the columns where something is known."""
    keys_by_row = _equality_keys_by_row(row)
    return next(iter(keys_by_row.values()), {})


def _equality_keys_by_row(cells: pd.DataFrame) -> dict[tuple[str, str], dict[str, frozenset[str]]]:
    """Return `equality_keys` of each row, by `rubrique` and `ligne`, in the order of the cells."""
    keys_by_row: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    columns = (cells[name] for name in ("rubrique", "ligne", "colonne", "etat", "empreinte"))
    for section, row_code, column, state, value in zip(*columns, strict=True):
        keys_by_column = keys_by_row.setdefault((section, row_code), {})
        # a theme that is not among the axes recorded may be in the document
        if state == ABSENT and section != "priorites":
            keys_by_column[column] = frozenset(["non"])
        elif state == KNOWN and len(value):
            keys_by_column[column] = frozenset(value)
    return keys_by_row


def compare_rows(cells: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return for each row whether `count` columns share something, and whether they differ.

    Returns `rubrique`, `ligne`, `commun` (all are known and share something that is there),
    `different` (at least two are known and not alike): a row may be both (one partner in common,
    others not) or neither (nothing to compare).
    """
    rows = []
    for (section, row_code), keys_by_column in _equality_keys_by_row(cells).items():
        cell_keys = list(keys_by_column.values())
        shared = frozenset.intersection(*cell_keys) if len(cell_keys) == count else frozenset()
        rows.append((section, row_code, bool(shared - {"non"}), len(set(cell_keys)) > 1))
    return pd.DataFrame(rows, columns=["rubrique", "ligne", "commun", "different"])


def filter_rows(cells: pd.DataFrame, count: int, row_filter: str = "tout") -> pd.DataFrame:
    """Return the rows that differ (`differences`), that are common to all (`commun`), or all."""
    if row_filter == "tout" or cells.empty:
        return cells
    selected = compare_rows(cells, count)
    selected = selected[selected["different" if row_filter == "differences" else "commun"]]
    return _select_rows(cells, selected)


def known_rows(cells: pd.DataFrame) -> pd.DataFrame:
    """Drop the rows of which nothing is known in any column."""
    return _select_rows(cells, cells[cells["etat"] == KNOWN])


def _select_rows(cells: pd.DataFrame, selected: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of the rows (`rubrique`, `ligne`) of another table, in their order."""
    codes = set(zip(selected["rubrique"], selected["ligne"], strict=True))
    kept = [code in codes for code in zip(cells["rubrique"], cells["ligne"], strict=True)]
    return cells.loc[kept].reset_index(drop=True)


def unknown_rows(cells: pd.DataFrame) -> list[str]:
    """List the rows of which nothing is known in any column (but those that mean nothing)."""
    states_by_title = cells.groupby("libelle", sort=False)["etat"]
    excluded_states = (KNOWN, NOT_APPLICABLE)
    return [
        title
        for title, states in states_by_title
        if not (states == KNOWN).any() and not states.isin(excluded_states).all()
    ]
