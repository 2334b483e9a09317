"""Describe one fact of the dataset, so that a reader can say what is wrong with it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from comparisons.analysis.dataset_row_labels import add_row_labels, format_cell
from comparisons.database.connection import dataset_metadata, query
from comparisons.formatting import is_missing, shorten
from comparisons.queries.replies import fact_key
from comparisons.schema.change_kinds import ADDED
from comparisons.schema.model import load_format

# Characters of a fact in one line, as a sheet to check shows it.
_MAX_LENGTH = 500


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
    facts = find_facts(pd.DataFrame({"table_nom": [table], "fait": [key]}))
    return facts[0] if facts else None


def find_facts(keys: pd.DataFrame) -> list[Fact]:
    """Return the rows of the format of some `table_nom` and `fait` (keys), in that order.

    Those that do not exist are left out.
    """
    changes = keys.rename(columns={"fait": "cle"}).assign(nature=ADDED, colonne="", avant="")
    labels = add_row_labels(changes)["libelle"]
    rows_by_table = {
        table: _find_rows(table, list(group["fait"])) for table, group in keys.groupby("table_nom")
    }
    facts = []
    for table, key, label in zip(keys["table_nom"], keys["fait"], labels, strict=True):
        if key not in rows_by_table[table].index:
            continue
        row = rows_by_table[table].loc[key]
        fields = [f for f in load_format().tables[table].fields if not is_missing(row[f.name])]
        cells = {field.title: _format_cell(table, field.name, row[field.name]) for field in fields}
        source = "" if is_missing(row["adresse"]) else f"{row['origine']}, {row['adresse']}"
        facts.append(Fact(table, key, label, cells, source))
    return facts


def _find_rows(table: str, keys: list[str]) -> pd.DataFrame:
    """Return the rows of a table by key, each with the title and the address of its source."""
    has_source = "source_id" in load_format().tables[table].columns and table != "sources"
    joined = "s.titre AS origine, s.url AS adresse" if has_source else "NULL AS origine, adresse"
    source = "LEFT JOIN sources s USING (source_id)" if has_source else ", (SELECT NULL AS adresse)"
    rows = query(
        f"SELECT r.*, {joined}, {fact_key(table, 'r')} AS cle_du_fait FROM {table} r {source} "
        "WHERE list_contains($keys, cle_du_fait)",
        {"keys": keys},
    )
    return rows.set_index("cle_du_fait")


def describe_fact(fact: Fact) -> str:
    """Return a fact in one line: its label, then the filled cells that this does not say.

    Identifiers and our own certainty are left out.
    """
    titles = {
        field.title
        for field in load_format().tables[fact.table].fields
        if field.kind not in ("identifiant", "territoire")
        and field.vocabulary not in ("niveaux", "certitudes")
    }
    cells = [
        f"{title} : {cell}"
        for title, cell in fact.cells.items()
        if title in titles and cell not in fact.label
    ]
    return shorten(" ; ".join([fact.label, *cells]), _MAX_LENGTH)


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
