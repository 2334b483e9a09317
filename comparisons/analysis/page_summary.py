"""What a link to a page tells before it is opened: a title, a sentence, the map that shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from comparisons.analysis.map_questions.views import build_layer, headline, map_around
from comparisons.analysis.profile import load_profile, verdict
from comparisons.formatting import capitalize_first, curly_apostrophes, join_words, shorten
from comparisons.page_parameters import (
    ComparisonParameters,
    FeedParameters,
    MapParameters,
    PeersParameters,
    TerritoryParameters,
    ThemesParameters,
)
from comparisons.parameters import Query
from comparisons.queries.territories import load_territories
from comparisons.schema.model import code_label
from comparisons.schema.territory import parse_key

SITE_TITLE = "Stratoscope"
SITE_SENTENCE = (
    "Comparer les stratégies numériques des régions, départements, intercommunalités et communes."
)
_MAX_SENTENCE = 300


@dataclass(frozen=True)
class PageSummary:
    """Title and sentence of a page, what is asked of its map and of the feed that follows it."""

    title: str = SITE_TITLE
    sentence: str = SITE_SENTENCE
    map: MapParameters = field(default_factory=MapParameters)
    feed: FeedParameters = field(default_factory=FeedParameters)


def summarise_page(page: str, query: Query) -> PageSummary:
    """Return the summary of a page (`""`: the first one); of the site where it has none.

    What its address says wrongly is ignored, as on the page.
    """
    summary = _SUMMARIES[page](query) if page in _SUMMARIES else None
    if summary is None:
        return PageSummary()
    return PageSummary(
        curly_apostrophes(summary.title),
        shorten(curly_apostrophes(summary.sentence), _MAX_SENTENCE),
        summary.map,
        summary.feed,
    )


def _summarise_map(query: Query) -> PageSummary:
    view, _ = MapParameters.from_query(query)
    layer = build_layer(view.replace(t=""))
    return PageSummary(f"{layer.title} {layer.subtitle}", headline(view, layer), view)


def _summarise_territory(query: Query) -> PageSummary | None:
    view, _ = TerritoryParameters.from_query(query)
    if load_territories([view.t] if view.t else []).empty:
        return None
    profile = load_profile(view.t)
    sentence = f"Stratégies numériques : {verdict(profile)}"
    return PageSummary(profile.name, sentence, map_around(view.t), FeedParameters(t=view.t))


def _summarise_comparison(query: Query) -> PageSummary | None:
    view, _ = ComparisonParameters.from_query(query)
    territories = load_territories(view.t)
    if territories.empty:
        return None
    first = territories["cle"].iloc[0]
    return PageSummary(
        f"Comparer {join_words(territories['nom'])}",
        "Leurs stratégies numériques côte à côte : documents, priorités, argent, partenaires, "
        "chaque fait avec sa source.",
        MapParameters(niveau=parse_key(first).niveau, t=first),
    )


def _summarise_peers(query: Query) -> PageSummary | None:
    view, _ = PeersParameters.from_query(query)
    territories = load_territories([view.t] if view.t else [])
    if territories.empty:
        return None
    return PageSummary(
        f"Pairs {territories['nom_de'].iloc[0]}",
        "Les territoires qui lui ressemblent le plus, et où en sont leurs stratégies numériques.",
        map_around(view.t),
        FeedParameters(t=view.t, avec="pairs"),
    )


def _summarise_theme(query: Query) -> PageSummary | None:
    view, _ = ThemesParameters.from_query(query)
    if view.partie != "fiche":
        return None
    on_map = MapParameters(question="theme", theme=view.fiche, nommes=view.nommes)
    return PageSummary(
        f"{code_label('themes', view.fiche)} dans les stratégies numériques",
        capitalize_first(headline(on_map, build_layer(on_map))),
        on_map,
        FeedParameters(theme=view.fiche),
    )


_SUMMARIES: Mapping[str, Callable[[Query], PageSummary | None]] = {
    "": _summarise_map,
    "carte": _summarise_map,
    "territoire": _summarise_territory,
    "comparer": _summarise_comparison,
    "pairs": _summarise_peers,
    "themes": _summarise_theme,
}
