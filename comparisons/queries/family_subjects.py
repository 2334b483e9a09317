"""What a family of documents is about, and which of its documents speaks for a territory.

A document's own subject is its object, no priority that it sets among others: a plan of networks is
not counted among those that choose networks.
"""

OVERALL = "ensemble"
# A page that describes what is done, where no document is named: it speaks as no strategy.
DESCRIPTION = "article"
# From the state one would name first to the kinds of not knowing.
STATE_ORDER = (
    "adoptee",
    "en_revision",
    "suite_inconnue",
    "statut_inconnu",
    "en_elaboration",
    "terminee",
    "partielle",
    "aucune_de_ce_type",
    "non_trouvee",
    "non_cherchee",
)
# family of documents → its theme; overall strategies and other documents have none
_SUBJECTS = {
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
    """Return the theme that a family of documents is about; nothing if it has none."""
    return _SUBJECTS.get(family, "")


def families_about(theme: str) -> list[str]:
    """Return the families of documents whose subject is a theme."""
    return [family for family, own in _SUBJECTS.items() if own == theme]


def speaks_first(states: str) -> str:
    """Write, in SQL, the order in which documents of one family speak for a territory.

    One of the whole before a project, in force before over, then the latest. `states` is the alias
    of a table that has `portee`, `etat`, `annee_document` and `strategie_id`.
    """
    order = ", ".join(f"'{code}'" for code in STATE_ORDER)
    return (
        f"({states}.portee IS DISTINCT FROM 'ensemble')::INTEGER, "
        f"list_position([{order}], {states}.etat), "
        f"{states}.annee_document DESC NULLS LAST, {states}.strategie_id"
    )
