"""Letter that asks a territory for its digital strategy, by the right of access to documents.

The rules are those of the Code des relations entre le public et l’administration: the right
(L. 311-1), the e-mail without cost (L. 311-9), a month of silence for a refusal (R. 311-12 and 13),
then two months to turn to the CADA (R. 343-1), without which no court is asked (L. 342-1).
"""

from dataclasses import dataclass

from comparisons.analysis.profile import Profile
from comparisons.formatting import curly_apostrophes
from comparisons.rows import iterate_rows

SUBJECT = "Demande de communication d’un document administratif"
_ADDRESSEES = {"commune": "À l’attention de la mairie", "epci": "À l’attention de la présidence"}
_ASKED = "la stratégie, le schéma ou la feuille de route numérique"
_PARAGRAPHS = (
    "Madame, Monsieur,",
    "En application des articles L. 311-1 et suivants du Code des relations entre le public et "
    "l’administration, je vous demande communication du document suivant : {asked}, ou tout "
    "document qui en tient lieu, avec la délibération qui l’adopte, s’il y en a une.",
    "S’il existe sous forme électronique, je souhaite le recevoir par courriel, sans frais "
    "(article L. 311-9) ; s’il est déjà publié, l’adresse de la page suffit. Si aucun document de "
    "cette sorte n’existe, je vous remercie de me le dire.",
    "Un mois sans réponse vaut refus (articles R. 311-12 et R. 311-13) ; la Commission d’accès aux "
    "documents administratifs (CADA) peut alors être saisie dans les deux mois (article R. 343-1), "
    "avant tout recours devant un juge (article L. 342-1).",
    "Veuillez agréer, Madame, Monsieur, l’expression de ma considération distinguée.",
)
# what only the writer knows
_SENDER = "[Prénom et nom, adresse, courriel]"
_PLACE = "[Lieu], le [date]"


@dataclass(frozen=True)
class Letter:
    """A letter: its lines before the subject, and its paragraphs after it."""

    subject: str
    heading: tuple[str, ...]
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the letter as a text to copy."""
        return "\n\n".join(("\n".join(self.heading), f"Objet : {self.subject}", *self.paragraphs))


def is_to_be_asked(profile: Profile) -> bool:
    """Return whether no document of a territory was found, or pages that state its facts are gone.

    A territory that nobody looked for is not to be asked: its document may well be published.
    """
    was_not_found = profile.documents.empty and not profile.searches.empty
    return was_not_found or bool(_lost_documents(profile))


def _lost_documents(profile: Profile) -> list[str]:
    """Return the sources whose page is gone without an archived copy: title and address."""
    sources = profile.sources
    is_lost = (sources["lien_etat"] == "mort") & sources["url_archive"].isna()
    return [
        f"« {curly_apostrophes(row.titre)} », qui était à l’adresse {row.url}"
        for row in iterate_rows(sources[is_lost])
    ]


def request_letter(profile: Profile) -> Letter:
    """Return the letter that asks a territory for its strategy, or for the documents lost since."""
    territory = profile.territory
    addressee = _ADDRESSEES.get(territory["territoire_niveau"], "À l’attention de la présidence")
    name, of = (curly_apostrophes(territory[column]) for column in ("nom", "nom_de"))
    lost = "" if profile.documents.empty else " ; ".join(_lost_documents(profile))
    asked = _PARAGRAPHS[1].format(asked=lost or f"{_ASKED} {of}")
    return Letter(
        SUBJECT,
        (_SENDER, "", name, addressee, "", _PLACE),
        (_PARAGRAPHS[0], asked, *_PARAGRAPHS[2:], _SENDER),
    )
