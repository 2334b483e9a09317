"""French labels of the rows of the format, built from their keys."""

from collections.abc import Callable, Mapping

import pandas as pd

from comparisons.database.connection import query
from comparisons.datapackage.cells import split_codes
from comparisons.formatting import (
    MISSING,
    curly_apostrophes,
    format_number,
    format_partial_date,
    is_missing,
)
from comparisons.queries.territories import territory_label
from comparisons.rows import iterate_rows
from comparisons.schema.change_kinds import KEY_SEPARATOR, REMOVED
from comparisons.schema.model import code_label, load_format

# Columns that name a row with an identifier of its own.
_LABEL_COLUMNS = {
    "strategies": "titre",
    "budgets": "libelle",
    "partenaires": "nom",
    "sources": "titre",
}
_TABLE_BY_IDENTIFIER = {
    "strategie_id": "strategies",
    "partenaire_id": "partenaires",
    "source_id": "sources",
}
RowLabels = Mapping[object, str]


def add_row_labels(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the changes with a column `libelle` after `cle`: the row's label, else its key.

    `changes` has `table_nom`, `cle`, `nature`, `colonne`, `avant`. The words are those of the
    current edition; those of before for what it no longer has.
    """
    labels = pd.Series(changes["cle"], dtype=object)
    territories = _territory_labels() if len(changes) else {}
    titles = (
        {name: known_cells(changes, name, column) for name, column in _LABEL_COLUMNS.items()}
        if len(changes)
        else {}
    )
    for table, rows in changes.groupby("table_nom", sort=False):
        keys = rows["cle"].drop_duplicates()
        labels_by_key = {key: _format_row_label(table, key, titles, territories) for key in keys}
        labels.loc[rows.index] = rows["cle"].map(labels_by_key)
    labelled = changes.copy()
    labelled.insert(changes.columns.get_loc("cle") + 1, "libelle", labels)
    return labelled


def format_cell(table: str, column: str, value: object) -> str:
    """Write a cell as a reader knows it: the label of a code, a French number or date, a text."""
    if is_missing(value):
        return MISSING
    field = load_format().tables[table].field(column)
    if field.vocabulary:
        return ", ".join(code_label(field.vocabulary, code) for code in split_codes(str(value)))
    if field.kind == "date":
        return format_partial_date(value)
    return format_number(float(value)) if field.type == "number" else curly_apostrophes(value)


def _format_row_label(
    table: str, key: str, titles: Mapping[str, RowLabels], territories: RowLabels
) -> str:
    if table in _LABEL_COLUMNS:
        return curly_apostrophes(titles[table].get(key, key))
    columns = load_format().tables[table].primary_key
    cells = dict(zip(columns, key.split(KEY_SEPARATOR, len(columns) - 1), strict=False))
    if cells.keys() != set(columns):
        return key
    territory = (cells.get("territoire_niveau"), cells.get("territoire_code"))
    cells["territoire"] = territories.get(territory, " ".join(filter(None, territory)))
    for column, identified_table in _TABLE_BY_IDENTIFIER.items():
        if column in cells:
            cells[column] = titles[identified_table].get(cells[column], cells[column])
    return curly_apostrophes(_LABEL_FORMATS[table](cells))


_LABEL_FORMATS: dict[str, Callable[[dict[str, str]], str]] = {
    "couvertures": lambda c: f"{c['territoire']} · {c['strategie_id']}",
    "priorites": lambda c: f"Axe {c['rang']} · {c['strategie_id']}",
    "mutualisations": lambda c: (
        f"{c['territoire']} · {c['partenaire_id']} · {code_label('services', c['service'])} "
        f"({code_label('roles', c['role']).lower()})"
    ),
    "indicateurs": lambda c: " · ".join(filter(None, (c["territoire"], c["libelle"], c["annee"]))),
    "recherches": lambda c: f"{c['territoire']} · {format_partial_date(c['consulte_le'])}",
    "relectures": lambda c: f"{c['source_id']} · {code_label('tables_relues', c['table'])}",
    "reponses": lambda c: f"{c['territoire']} · {c['fait']}",
}


def _territory_labels() -> RowLabels:
    rows = query(
        "SELECT territoire_niveau, territoire_code, nom, departement_code FROM territoires"
    )
    keys = zip(rows["territoire_niveau"], rows["territoire_code"], strict=True)
    return dict(zip(keys, map(territory_label, iterate_rows(rows)), strict=True))


def known_cells(changes: pd.DataFrame, table: str, column: str) -> dict[str, str]:
    """Return the cells of a column by identifier: of removed rows as before, of others as now."""
    key = load_format().tables[table].primary_key[0]
    rows = query(f"SELECT {key}, {column} FROM {table}")
    removed = changes[
        (changes["table_nom"] == table)
        & (changes["nature"] == REMOVED)
        & (changes["colonne"] == column)
    ]
    return dict(zip(removed["cle"], removed["avant"], strict=True)) | dict(
        zip(rows[key], rows[column], strict=True)
    )
