"""The columns of the short form, and where each one goes in the format."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from comparisons.schema.model import Table, read_table_schema
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
# Columns whose cells hold several things.
MULTI_VALUE_COLUMNS = frozenset({"priorites", "partenaires", "montant_annees"})
_OWN = frozenset({"priorites", "montant_total", "partenaires", "maj_le", "contact_generique"})


@lru_cache(maxsize=1)
def load_short_form() -> Table:
    """Read the description of the short form (once per process)."""
    return read_table_schema(FORMAT_DIR / "formulaire-court.json")


def is_short_form(header: Iterable[str]) -> bool:
    """Return whether a header is that of the short form: its own columns, and no identifier."""
    names = set(header)
    return (
        {"territoire_code", "titre"} <= names and bool(names & _OWN) and "strategie_id" not in names
    )
