"""Describe one fact of the dataset, so that a reader can say what is wrong with it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from comparisons.analysis.dataset_row_labels import add_row_labels, format_cell
from comparisons.database.connection import dataset_metadata, query
from comparisons.formatting import is_missing
from comparisons.schema.change_kinds import ADDED, KEY_SEPARATOR
from comparisons.schema.model import load_format


@dataclass(frozen=True)
class Fact:
    """One row of a table: its label, its filled cells by title of column, its source."""

    table: str
    key: str
    label: str
    cells: dict[str, str]
    source: str


def find_fact(table: str, key: str) -> Fact | None:
    """Return a row of the format by its table and key (as in the list of changes), or None."""
    described = load_format().tables[table]
    columns = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '')" for name in described.primary_key)
    rows = query(
        f"SELECT * FROM {table} WHERE concat_ws('{KEY_SEPARATOR}', {columns}) = $key", {"key": key}
    )
    if rows.empty:
        return None
    row = rows.iloc[0]
    fields = [field for field in described.fields if not is_missing(row[field.name])]
    cells = {field.title: _format_cell(table, field.name, row[field.name]) for field in fields}
    change = {"table_nom": table, "cle": key, "nature": ADDED, "colonne": "", "avant": ""}
    label = add_row_labels(pd.DataFrame([change]))["libelle"].iloc[0]
    sources = query(
        "SELECT titre, url FROM sources WHERE source_id = $id", {"id": row.get("source_id", "")}
    )
    source = "" if sources.empty else f"{sources['titre'].iloc[0]}, {sources['url'].iloc[0]}"
    return Fact(table, key, label, cells, source)


def _format_cell(table: str, column: str, value: object) -> str:
    codes = value if isinstance(value, list | np.ndarray) else [value]
    return ", ".join(format_cell(table, column, code) for code in codes)


def error_report(about: str) -> str:
    """Return the text of a message that a reader completes, on what `about` identifies."""
    return (
        f"{about}\n"
        f"Version des données : {dataset_metadata()['version']}\n\n"
        "Ce qui est faux :\n\n"
        "Ce qui serait juste, et le document public où cela se lit :\n"
    )


def identify_fact(fact: Fact) -> str:
    """Return the lines that identify a fact: its label, its table and key, its source."""
    lines = [f"Fait : {fact.label}", f"Table {fact.table}, identifiant {fact.key}"]
    return "\n".join([*lines, f"Source : {fact.source}"] if fact.source else lines)
