"""Read the columns of the short form, and map them to those of the format."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from comparisons.datapackage.csv_reader import name_key
from comparisons.datapackage.validation.column_names import exact_columns
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
# Columns whose cells hold several values.
MULTI_VALUE_COLUMNS = frozenset({"priorites", "partenaires", "montant_annees"})
_DISTINCTIVE_COLUMNS = frozenset(
    {"priorites", "montant_total", "partenaires", "maj_le", "contact_generique"}
)


@lru_cache(maxsize=1)
def load_short_form() -> Table:
    """Read the schema of the short form (cached)."""
    return read_table_schema(FORMAT_DIR / "formulaire-court.json")


def is_short_form(header: Iterable[str]) -> bool:
    """Return whether a header has columns that only the short form has, and no `strategie_id`."""
    header = list(header)
    names = {name_key(name) for name in header}
    names |= set(exact_columns(load_short_form(), header).values())
    return (
        {"territoire_code", "titre"} <= names
        and bool(names & _DISTINCTIVE_COLUMNS)
        and "strategie_id" not in names
    )
