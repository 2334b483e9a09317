"""Cells of a comparison: one line of the long table for each row × column.

The page, the files, the command line and the HTTP interface all lay out this one table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

import pandas as pd

from comparisons.formatting import MISSING

# In the order of the page.
SECTIONS = {
    "identite": "Identité et taille",
    "calendrier": "Documents et calendrier",
    "elaboration": "Élaboration et pilotage",
    "priorites": "Priorités par thème",
    "budgets": "Budgets comparables",
    "financeurs": "Parts des financeurs",
    "non_comparables": "Ce qui n’est pas comparé, et pourquoi",
    "services": "Partenaires et services",
    "indicateurs": "Indicateurs",
}
# State of a cell: known; absent from the recorded list; unknown; not applicable.
KNOWN, ABSENT, UNKNOWN, NOT_APPLICABLE = "renseigne", "absent", "non_renseigne", "sans_objet"
_STATE_LABELS = {ABSENT: "–", UNKNOWN: MISSING, NOT_APPLICABLE: "sans objet"}


@dataclass(frozen=True)
class Cell:
    """One cell: the names of its fields are the columns of the table `comparaison`.

    `objet` says what a value is about (what part of a programme, who pays, how long; what exactly
    is counted): only cells of one object compare. `empreinte` is what makes two cells alike (words,
    codes of organisations, presence of a theme); empty where nothing is known.
    """

    rubrique: str
    ligne: str
    libelle: str
    colonne: str
    texte: str
    valeur: float | None = None
    unite: str = ""
    etat: str = KNOWN
    strategie_id: str | None = None
    certitude: str | None = None
    source_ids: Sequence[str] = ()
    objet: str = ""
    empreinte: Sequence[str] = field(default=())


_CELL_COLUMNS = [f.name for f in fields(Cell)]


def known_cell(
    section: str, row: tuple[str, str], column: str, text: str, **extra_fields: object
) -> Cell:
    """Build a known cell; `empreinte` is by default its text."""
    extra_fields.setdefault("empreinte", (text,))
    return Cell(section, row[0], row[1], column, text, **extra_fields)


def empty_cell(section: str, row: tuple[str, str], column: str, state: str = UNKNOWN) -> Cell:
    """Build a cell without a value, with the label of its state."""
    return Cell(section, row[0], row[1], column, _STATE_LABELS[state], etat=state)


def to_table(cells: Iterable[Cell]) -> pd.DataFrame:
    """Write cells as a table (columns of `Cell`), in their order."""
    rows = [[getattr(cell, name) for name in _CELL_COLUMNS] for cell in cells]
    table = pd.DataFrame(rows, columns=_CELL_COLUMNS)
    table["valeur"] = table["valeur"].astype("Float64")
    for column in ("source_ids", "empreinte"):
        table[column] = table[column].map(lambda ids: list(dict.fromkeys(ids)))
    return table
