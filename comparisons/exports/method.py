"""The method: what is compared and how, limits, glossary, accessibility, licences, citation."""

from collections.abc import Callable
from pathlib import Path

from comparisons.analysis import replies
from comparisons.analysis.completeness import reliability
from comparisons.analysis.peers import distances, stability
from comparisons.analysis.shared_services.links import INHERITANCE_SQL
from comparisons.analysis.shared_services.matching_reasons import RANKING_NOTE
from comparisons.analysis.themes import frequency, similar_strategies
from comparisons.database.cache import cached
from comparisons.database.connection import OFFICIAL_SOURCES
from comparisons.datapackage.known_territories import EPCI_DATE
from comparisons.exports import table_writers
from comparisons.formatting import NBSP, format_number, format_partial_date, join_words
from comparisons.queries import territories, thresholds
from comparisons.schema.glossary import glossary
from comparisons.schema.model import code_label, family_codes
from comparisons.schema.peer_variables import VARIABLES
from comparisons.search import search
from comparisons.translation import FRENCH, translate

TITLE = "Méthode"
_TEMPLATE = Path(__file__).with_suffix(".md")
# terms of the glossary that the text links to it
_LINKED_TERMS = ("SDTAN", "SCoRAN", "SDUSN")


@cached
def method_sections(
    language: str = FRENCH,
    site: str = "",
    escape: Callable[[str], str] = str,
    link: Callable[[str], str] = str,
) -> list[tuple[str, str]]:
    """Return the title and the Markdown of each section of the method, in a language.

    Its links begin with the address of the site. `escape` writes a text without markup, `link` a
    term that the glossary explains.
    """
    paragraphs = _TEMPLATE.read_text(encoding="utf-8").strip().split("\n\n")
    template = "\n\n".join(translate(paragraph, language) for paragraph in paragraphs)
    text = template.format(
        **{term.lower(): link(term) for term in _LINKED_TERMS},
        **_values(language, escape),
        site=site,
    )
    return [tuple(part.split("\n", 1)) for part in text.removeprefix("## ").split("\n## ")]


def method_file(language: str, site: str) -> bytes:
    """Return the method as one Markdown file."""
    title = f"# Stratoscope – {translate(TITLE, language)}\n\n"
    sections = method_sections(language, site)
    return (title + "\n".join(f"## {name}\n{body}" for name, body in sections) + "\n").encode()


def _year_note(language: str) -> str:
    """Return the years of the populations; only French has a space before a semicolon."""
    note = territories.population_year_note()
    return note if language == FRENCH else note.replace(f"{NBSP};", ";")


def _official_types(language: str) -> str:
    """Return the types of official sources, in words."""
    labels = [
        translate(code_label("types_source", code), language).lower()
        for code in family_codes("types_source", OFFICIAL_SOURCES)
    ]
    return join_words(map(translate("« {} »", language).format, labels), translate("ou", language))


def _values(language: str, escape: Callable[[str], str]) -> dict[str, object]:
    """Return what the text takes from the data, the settings and other texts."""

    def tell(text: str) -> str:
        return escape(translate(text, language))

    terms = glossary().items()
    return {
        "glossaire": "\n".join(f"- **{tell(term)}** : {tell(text)}" for term, text in terms),
        "jumeaux": "\n".join(f"- {tell(text)}" for text in territories.twin_explanations()),
        "population_annee": escape(_year_note(language)),
        "variables": "\n".join(
            f"- **{translate(variable.titre, language)}.** {tell(variable.explication)}"
            for variable in VARIABLES
        ),
        "heritage": translate(INHERITANCE_SQL, language),
        "ordre": translate(RANKING_NOTE, language),
        "recherche": translate(search.RANKING_NOTE, language),
        "frequence": translate(frequency.NOTE, language),
        "proches": translate(similar_strategies.METHOD, language),
        "date_epci": format_partial_date(EPCI_DATE, language),
        "relecture": reliability.describe_reliability(language),
        "reponses": escape(replies.describe_rates(language)),
        "officielles": _official_types(language),
        "dates_territoires": translate(territories.TERRITORY_DATES, language),
        "axes": reliability.describe_axes(language),
        "montants": thresholds.MIN_SAMPLE,
        "moitie": translate("{part}\u00a0%", language).format(
            part=format_number(100 * thresholds.MAJORITY_SHARE)
        ),
        "parts": thresholds.SHARE_FROM,
        "plafond": format_number(distances.MAX_DISTANCE, 2, language),
        "stabilite": tell(stability.describe_stability()),
        "citation": escape(table_writers.citation_sentence(language)),
    }
