"""Charts of the pages about territories: one, several side by side, one among its peers."""

from comparisons.analysis.comparison.comparison import Comparison, compare
from comparisons.analysis.peers import position
from comparisons.analysis.peers.search import find_peers
from comparisons.analysis.peers.wording import SECTION_TITLES
from comparisons.analysis.profile import load_profile
from comparisons.charts import bars
from comparisons.database.connection import dataset_metadata
from comparisons.exports.images.chart_file import Chart
from comparisons.formatting import join_words, pluralize
from comparisons.page_parameters import (
    ComparedParameters,
    PeerSearchParameters,
    TerritoryParameters,
)
from comparisons.queries import strategies
from comparisons.schema.model import code_label
from comparisons.schema.territory import parse_key

_MAX_DOCUMENTS = 40
_TIMELINE_NOTE = (
    "Un losange marque un document dont la fin n’est pas renseignée ; le trait pointillé, l’année "
    "du jeu de données."
)
_POSITION_NOTE = (
    "Bande : de la moitié centrale des pairs (1er au 3e quartile) ; trait : médiane ; point : un "
    "pair ; losange : le territoire, qui n’entre pas dans le calcul."
)


def timeline(request: TerritoryParameters, narrow: bool = False) -> Chart:
    """Return the timeline of the documents of a territory."""
    profile = load_profile(request.t)
    documents = profile.documents.head(_MAX_DOCUMENTS)
    return Chart(
        bars.timeline(documents, _year(), narrow),
        profile.name,
        f"Frise des stratégies : {pluralize(len(documents), 'document')}",
        f"Frise des stratégies de {profile.name}, colorées par état.",
        _TIMELINE_NOTE,
    )


def amounts(request: TerritoryParameters, perimeter: str, narrow: bool = False) -> Chart:
    """Return the amounts of a territory, of one perimeter."""
    profile = load_profile(request.t)
    rows = profile.budgets[profile.budgets["perimetre"] == perimeter]
    subject = f"Montants connus : {code_label('perimetres', perimeter).lower()}"
    return Chart(
        bars.budget_bars(rows, narrow),
        profile.name,
        subject,
        f"{subject}, un par barre, découpés par financeur.",
        "Les barres ne s’additionnent pas : périmètre, étape et période diffèrent.",
    )


def compared_timeline(request: ComparedParameters, narrow: bool = False) -> Chart:
    """Return the timeline of the documents of a comparison."""
    comparison = _compare(request)
    names = join_words(comparison.short_names.values())
    return Chart(
        bars.timeline(comparison.displayed_documents, _year(), narrow),
        names,
        "Frise des documents comparés",
        f"Frise des documents comparés ({names}), colorés par état.",
        _TIMELINE_NOTE,
    )


def compared_amounts(request: ComparedParameters, _: bool = False) -> Chart:
    """Return the euros per inhabitant of each column of a comparison."""
    comparison = _compare(request)
    names = join_words(comparison.short_names.values())
    return Chart(
        bars.per_inhabitant_dots(comparison.section("budgets"), comparison.short_names),
        names,
        "Euros par habitant, par périmètre et par étape",
        f"Euros par habitant, par périmètre et par étape ({names}).",
        "Les périodes peuvent différer.",
    )


def editions_timeline(request: ComparedParameters, narrow: bool = False) -> Chart:
    """Return the timeline of two editions of a territory."""
    documents = strategies.strategies_of(request.t)
    documents = documents[documents["strategie_id"].isin(request.doc)]
    return Chart(
        bars.timeline(documents, _year(), narrow),
        load_profile(request.t[0]).name,
        "Frise des deux éditions",
        "Frise des deux éditions, colorées par état.",
        _TIMELINE_NOTE,
    )


def peers_position(request: PeerSearchParameters, section: str, _: bool = False) -> Chart:
    """Return the position of a territory among its peers, of one section."""
    result = find_peers(request.t, request.choice)
    name = result.soi["nom"]
    points = position.peer_observations(
        request.t, tuple(result.table["cle"]), (section,), request.nommes
    )
    return Chart(
        bars.position_boxes(position.position_summary(points), points, name),
        name,
        f"Position parmi {pluralize(len(result.table), 'pair')} : "
        f"{SECTION_TITLES[section].lower()}",
        f"Position de {name} parmi ses pairs : quartiles, médiane, un point par pair.",
        _POSITION_NOTE,
    )


def _compare(request: ComparedParameters) -> Comparison:
    return compare(tuple(map(parse_key, request.t)), request.doc, request.nommes, request.famille)


def _year() -> int:
    return int(dataset_metadata()["annee"])
