"""Subject of each family of documents, and order of the documents that represent a territory.

The subject of a document is not counted as one of its priorities: a plan of networks is not
counted among the documents that choose networks.
"""

OVERALL = "ensemble"
# A page that describes actions without naming a document: it is not a strategy.
DESCRIPTION = "article"
# From the state displayed first to the unknown ones.
STATE_ORDER = (
    "adoptee",
    "en_revision",
    "suite_inconnue",
    "statut_inconnu",
    "en_elaboration",
    "terminee",
    "partie_du_territoire",
    "description",
    "partielle",
    "aucune_de_ce_type",
    "non_trouvee",
    "non_cherchee",
)
# The document of a territory that Comparer shows unless the reader chooses another.
DEFAULT_DOCUMENT = (
    "le premier document de la sorte comparée dont les axes sont relevés, à défaut le premier ("
    "du territoire entier avant une partie, nommé avant une page qui n’en nomme pas, d’ensemble "
    "avant un projet, en vigueur avant échu, puis le plus récent)"
)
# family of documents → its theme; overall strategies and other documents have none
_THEME_BY_FAMILY = {
    "inclusion": "inclusion_mediation",
    "donnees": "donnees",
    "intelligence_artificielle": "intelligence_artificielle",
    "cybersecurite": "cybersecurite_confiance",
    "numerique_responsable": "numerique_responsable",
    "numerique_educatif": "education_formation",
    "territoire_intelligent": "territoire_intelligent",
    "filiere_numerique": "economie_innovation",
    "interne": "modernisation_interne",
    "reseaux": "infrastructures",
}


def subject(family: str) -> str:
    """Return the theme of a family of documents, or an empty text if it has none."""
    return _THEME_BY_FAMILY.get(family, "")


def families_about(theme: str) -> list[str]:
    """Return the families of documents whose subject is a theme."""
    return [family for family, subject_theme in _THEME_BY_FAMILY.items() if subject_theme == theme]


def is_description(states: str) -> str:
    """Return the SQL condition on a page that describes actions without naming a document."""
    return f"{states}.portee IS NOT DISTINCT FROM '{DESCRIPTION}'"


def speaks_first(states: str, covered: str = "") -> str:
    """Return the SQL order in which documents of one family represent a territory.

    Those of the whole territory before those of a part (a former région), named documents before
    pages that name none, documents on the whole before projects, those in force before those that
    are over, then the latest. `states` is the alias of a table with `portee`, `etat`,
    `annee_document` and `strategie_id`, `covered` of that of `dans_aire` (by default the same).
    """
    return f"{_standing(states, covered)}, {_order_in_family(states)}"


def speaks_first_of_all(states: str, covered: str = "") -> str:
    """Return the SQL order in which documents of all families represent a territory.

    As `speaks_first`, but what a document is about (`ordre_famille`) comes after its area and
    whether it is named.
    """
    return f"{_standing(states, covered)}, {states}.ordre_famille, {_order_in_family(states)}"


def _standing(states: str, covered: str) -> str:
    return f"NOT {covered or states}.dans_aire, {is_description(states)}"


def _order_in_family(states: str) -> str:
    order = ", ".join(f"'{code}'" for code in STATE_ORDER)
    return (
        f"{states}.portee IS DISTINCT FROM '{OVERALL}', "
        f"list_position([{order}], {states}.etat), "
        f"{states}.annee_document DESC NULLS LAST, {states}.strategie_id"
    )
