"""What a family of documents is about.

A document's own subject is its object, no priority that it sets among others: a plan of networks is
not counted among those that choose networks.
"""

OVERALL = "ensemble"
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
# Which document of a family speaks for a territory: one of the whole, then the latest.
SPEAKS_FIRST = (
    "(portee IS DISTINCT FROM 'ensemble')::INTEGER, annee_document DESC NULLS LAST, strategie_id"
)


def subject(family: str) -> str:
    """Return the theme that a family of documents is about; nothing if it has none."""
    return _SUBJECTS.get(family, "")


def families_about(theme: str) -> list[str]:
    """Return the families of documents whose subject is a theme."""
    return [family for family, own in _SUBJECTS.items() if own == theme]
