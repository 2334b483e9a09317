"""Read the columns of the short form, and map them to those of the format."""

from collections.abc import Mapping
from functools import lru_cache

from comparisons.schema.model import Table, load_format, read_table_schema
from comparisons.settings import FORMAT_DIR

SHEET = "court"
# Column of the short form that holds a column of the format, where the names differ.
COLUMN_MAP: Mapping[str, str] = {
    "strategie_id": "territoire_code",
    "source_id": "territoire_code",
    "consulte_le": "maj_le",
    "editeur": "url",
    "intitule": "priorites",
    "theme": "priorites",
    "montant": "montant_total",
    "etape": "montant_etape",
    "perimetre": "montant_perimetre",
    "etendue": "montant_etendue",
    "annee_debut": "montant_annees",
    "annee_fin": "montant_annees",
    "partenaire_id": "partenaires",
    "service": "partenaires",
    "role": "partenaires",
}
# Columns whose cells hold several values.
MULTI_VALUE_COLUMNS = frozenset({"priorites", "partenaires", "montant_annees"})


@lru_cache(maxsize=1)
def load_short_form() -> Table:
    """Read the schema of the short form (cached)."""
    return read_table_schema(FORMAT_DIR / "formulaire-court.json")


def form_column(column: str) -> str:
    """Return the column of the short form that holds a column of the format."""
    return COLUMN_MAP.get(column, column)


def sent_tables() -> tuple[Table, ...]:
    """Return the tables that a file may hold: those of the format, and the short form."""
    return (*load_format().tables.values(), load_short_form())
