"""The one-page note « Avec qui mutualiser ? »: candidates, reasons, rule of order, sources."""

from urllib.parse import urlencode

import pandas as pd

from comparisons.analysis.peers.portrait import describe_territory
from comparisons.analysis.shared_services.links import effective_links
from comparisons.analysis.shared_services.matching import (
    EXAMPLES,
    HOSTS,
    LINKED,
    TOGETHER,
    find_partners,
)
from comparisons.analysis.shared_services.matching_reasons import (
    ORDER_RULE,
    UNKNOWN_NOTE,
    describe_question,
    nobody_open,
)
from comparisons.analysis.shared_services.needs import Need, parse_need
from comparisons.database.connection import dataset_metadata
from comparisons.exports import tables
from comparisons.exports.pdf import blocks
from comparisons.exports.pdf.compiler import POOLING_TEMPLATE, render_on_one_page
from comparisons.exports.pdf.sections import break_long_words
from comparisons.formatting import (
    curly_apostrophes,
    format_partial_date,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.queries.sources import reading_words
from comparisons.queries.sources import sources as cited_sources
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label
from comparisons.schema.territory import parse_key

# Lists of candidates, by the names that the template gives to its blocks.
BLOCKS = {"hosts": HOSTS, "linked": LINKED, "examples": EXAMPLES, "together": TOGETHER}
# Size of the text (points), rows of each block, sources: the first that holds on a page is kept.
LAYOUT_VARIANTS = tuple(
    {"size": size, "hosts": hosts, "linked": linked, "examples": examples, "together": together,
     "sources": sources}
    for size, hosts, linked, examples, together, sources in (
        (9.5, 6, 3, 6, 5, 12), (9, 6, 3, 5, 4, 12), (9, 6, 2, 4, 4, 10), (9, 5, 2, 3, 3, 8),
        (8.5, 5, 2, 3, 3, 8), (8.5, 4, 1, 3, 2, 6), (8.5, 4, 1, 2, 2, 6), (8, 3, 1, 2, 1, 4),
        (8, 2, 1, 1, 1, 4), (7.5, 1, 1, 1, 1, 2), (7, 1, 0, 0, 0, 0),
    )
)  # fmt: skip
NOBODY_ALIKE = (
    "Aucun voisin ni pair sans organisme connu ne pose ce besoin dans une stratégie qui n’est pas "
    "terminée."
)
MAX_ROWS = 8  # read into the note: more would never hold
MAX_SOURCES = 3  # of one candidate
MAX_REASON, MAX_REASONS = 220, 5


def partners_pdf(key: str, service: str = "", theme: str = "", address: str = "") -> bytes:
    """Build the note of a territory and a need, on one page.

    `address` is that of its page, whole; by default without the name of the site. Raises
    `ValueError` (in French) as `matching.find_partners` does. One edition of the dataset gives one
    file, byte for byte.
    """
    words = partners_content(key, service, theme, address)
    return render_on_one_page(POOLING_TEMPLATE, words, LAYOUT_VARIANTS)


def partners_content(key: str, service: str = "", theme: str = "", address: str = "") -> dict:
    """Return all the words of the note."""
    found = find_partners(key, service, theme)
    wanted = parse_need(service, theme)
    own = load_territories([parse_key(key)]).iloc[0]
    data = dataset_metadata()
    shown = found.groupby("liste", sort=False).head(MAX_ROWS)
    cited = [source for ids in shown["source_ids"] for source in ids[:MAX_SOURCES]]
    sources = cited_sources(list(dict.fromkeys(cited)))
    places = {source: place for place, source in enumerate(sources["source_id"])}
    query = {"t": key, "service": service, "theme": theme}
    return {
        "name": break_long_words(own["nom"]),
        "title": break_long_words(describe_question(own, wanted.words)),
        "question": break_long_words(f"Avec qui mutualiser {wanted.words} ?"),
        "identity": portrait_sentence(own),
        "explanation": break_long_words(wanted.explanation) if wanted.explanation else "",
        "summary": break_long_words(partners_summary(own, found, wanted)),
        "titles": BLOCKS,
        **{name: _rows(found[found["liste"] == title], places) for name, title in BLOCKS.items()},
        "nobody_open": break_long_words(nobody_open(own, (found["liste"] == EXAMPLES).any())),
        "nobody": NOBODY_ALIKE,
        "rule": ORDER_RULE,
        "caution": UNKNOWN_NOTE,
        "sources": [_source(row) for row in sources.itertuples()],
        "date": [int(part) for part in data["date"].split("-")],
        "dated": format_partial_date(data["date"]),
        "citation": tables.citation_sentence(),
        "address": address
        or f"/mutualisation?{urlencode({name: value for name, value in query.items() if value})}",
    }


def portrait_sentence(own: pd.Series) -> str:
    """Describe what the territory is, as among its peers."""
    said = describe_territory(own)
    return f"{said[:1].upper()}{said[1:]}."


def partners_summary(own: pd.Series, found: pd.DataFrame, wanted: Need) -> str:
    """Describe in two sentences who is already linked to the territory, and how many candidates."""
    mine = effective_links(level=own["territoire_niveau"], keys=[own["cle"]], inherited=False)
    mine = mine[mine["service"].isin(wanted.services)]
    whom = curly_apostrophes(own["nom_article"])
    linked = join_words(curly_apostrophes(name) for name in dict.fromkeys(mine["organisme"]))
    first = (
        f"Pour ce besoin, {whom} a déjà un lien connu avec {linked}."
        if linked
        else f"Pour ce besoin, aucun organisme connu n’est en lien direct avec {whom}."
    )
    counts = found["liste"].value_counts()
    hosts = int(counts.get(HOSTS, 0))
    if not hosts:
        return f"{first} {nobody_open(own, EXAMPLES in counts)}"
    return (
        f"{first} {pluralize(hosts, 'organisme peut', 'organismes peuvent')} l’accueillir, par "
        "leur "
        f"aire et leur ouverture relevées ; {pluralize(int(counts.get(EXAMPLES, 0)), 'exemple')} "
        "ailleurs."
    )


def _rows(part: pd.DataFrame, places: dict[str, int]) -> list[dict]:
    return [
        {
            "order": int(row.ordre),
            "name": break_long_words(blocks.shorten(row.nom, 110)),
            "kind": "" if is_missing(row.forme) else code_label("formes", row.forme),
            "reasons": [break_long_words(blocks.shorten(said, MAX_REASON))
                        for said in row.raisons[:MAX_REASONS]],
            # places in the list of sources
            "sources": [places[source] for source in row.source_ids[:MAX_SOURCES]
                        if source in places],
        }
        for row in part.itertuples()
    ]  # fmt: skip


def _source(row: object) -> dict:
    return {
        **blocks.source_link(row.url),
        "title": break_long_words(blocks.shorten(row.titre, 90)),
        "publisher": break_long_words(blocks.shorten(row.editeur, 60)),
        "read": reading_words(row.consulte_le, row.relu_le),
    }
