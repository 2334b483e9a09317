"""One-page PDF « Avec qui mutualiser ? »: candidates, reasons, sort order, sources."""

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
    RANKING_NOTE,
    UNKNOWN_NOTE,
    describe_question,
    nobody_open,
)
from comparisons.analysis.shared_services.needs import Need, parse_need
from comparisons.exports import table_writers
from comparisons.exports.pdf import blocks
from comparisons.exports.pdf.sections import break_long_words
from comparisons.exports.pdf.typesetting import Job, typeset
from comparisons.formatting import (
    capitalize_first,
    curly_apostrophes,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.queries.sources import describe_readings
from comparisons.queries.sources import sources as cited_sources
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

# Lists of candidates, by the names of the blocks of the template.
BLOCKS = {"hosts": HOSTS, "linked": LINKED, "examples": EXAMPLES, "together": TOGETHER}
# Font size (points), rows of each block, sources: the second where the first exceeds one page.
LAYOUT_VARIANTS = (
    {"size": 9.5, "hosts": 6, "linked": 3, "examples": 6, "together": 5, "sources": 12},
    {"size": 8, "hosts": 3, "linked": 1, "examples": 2, "together": 1, "sources": 4},
)
_NOBODY_ALIKE = (
    "Aucun voisin ni pair sans organisme connu ne pose ce besoin dans une stratégie qui n’est pas "
    "terminée."
)
_MAX_ROWS = 8  # of each list; more would never fit
_MAX_SOURCES = 3  # of one candidate
_MAX_REASON, _MAX_REASONS = 220, 5


def partners_pdf(key: str, service: str = "", theme: str = "", address: str = "") -> bytes:
    """Build the one-page note of a territory and a need.

    `address` is the full address of its page; by default, without the host. Raises `ValueError`
    (in French) as `matching.find_partners` does. The same dataset version gives the same bytes.
    """
    return render_note(partners_content(key, service, theme, address))


def render_note(content: dict) -> bytes:
    """Typeset a note, on one page if one of the layouts allows it."""
    return typeset(Job("mutualiser.typ", content, settings=LAYOUT_VARIANTS, fits="one_page"))


def partners_content(key: str, service: str = "", theme: str = "", address: str = "") -> dict:
    """Return the content of the note, as the template reads it."""
    candidates = find_partners(key, service, theme)
    need = parse_need(service, theme)
    territory = load_territories((key,)).iloc[0]
    displayed = candidates.groupby("liste", sort=False).head(_MAX_ROWS)
    cited = [source for ids in displayed["source_ids"] for source in ids[:_MAX_SOURCES]]
    sources = cited_sources(list(dict.fromkeys(cited)))
    source_indices = {source: index for index, source in enumerate(sources["source_id"])}
    query = {"t": key, "service": service, "theme": theme}
    return {
        "name": break_long_words(territory["nom"]),
        "title": break_long_words(describe_question(territory, need.words)),
        "question": break_long_words(f"Avec qui mutualiser {need.words} ?"),
        "identity": f"{capitalize_first(describe_territory(territory))}.",
        "explanation": break_long_words(need.explanation) if need.explanation else "",
        "summary": break_long_words(_partners_summary(territory, candidates, need)),
        "titles": BLOCKS,
        **{
            name: _rows(candidates[candidates["liste"] == title], source_indices)
            for name, title in BLOCKS.items()
        },
        "nobody_open": break_long_words(
            nobody_open(territory, (candidates["liste"] == EXAMPLES).any())
        ),
        "nobody": _NOBODY_ALIKE,
        "rule": RANKING_NOTE,
        "caution": UNKNOWN_NOTE,
        "sources": [_source(row) for row in iterate_rows(sources)],
        **table_writers.origin_words(),
        "address": address
        or f"/mutualisation?{urlencode({name: value for name, value in query.items() if value})}",
    }


def _partners_summary(territory: pd.Series, candidates: pd.DataFrame, need: Need) -> str:
    """Describe in two sentences the known links of the territory, and the number of candidates."""
    known_links = effective_links(
        level=territory["territoire_niveau"], keys=[territory["cle"]], inherited=False
    )
    known_links = known_links[known_links["service"].isin(need.services)]
    name = curly_apostrophes(territory["nom_article"])
    linked = join_words(
        curly_apostrophes(organisation) for organisation in dict.fromkeys(known_links["organisme"])
    )
    first = (
        f"Pour ce besoin, {name} a déjà un lien connu avec {linked}."
        if linked
        else f"Pour ce besoin, aucun organisme connu n’est en lien direct avec {name}."
    )
    counts = candidates["liste"].value_counts()
    hosts = int(counts.get(HOSTS, 0))
    if not hosts:
        return f"{first} {nobody_open(territory, EXAMPLES in counts)}"
    return (
        f"{first} {pluralize(hosts, 'organisme peut', 'organismes peuvent')} l’accueillir, par "
        "leur "
        f"aire et leur ouverture relevées ; {pluralize(int(counts.get(EXAMPLES, 0)), 'exemple')} "
        "ailleurs."
    )


def _rows(candidates: pd.DataFrame, source_indices: dict[str, int]) -> list[dict]:
    return [
        {
            "order": int(row.ordre),
            "name": break_long_words(blocks.shorten_line(row.nom, 110)),
            "kind": "" if is_missing(row.forme) else code_label("formes", row.forme),
            "reasons": [break_long_words(blocks.shorten_line(reason, _MAX_REASON))
                        for reason in row.raisons[:_MAX_REASONS]],
            # indices in the list of sources
            "sources": [source_indices[source] for source in row.source_ids[:_MAX_SOURCES]
                        if source in source_indices],
        }
        for row in iterate_rows(candidates)
    ]  # fmt: skip


def _source(row: object) -> dict:
    return {
        **blocks.source_link(row.url),
        "title": break_long_words(blocks.shorten_line(row.titre, 90)),
        "publisher": break_long_words(blocks.shorten_line(row.editeur, 60)),
        "read": describe_readings(row.consulte_le, row.relu_le),
    }
