"""Layers of the views of the home map, limited to their zone."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from comparisons.analysis.map_layers import MapLayer, describe_coverage
from comparisons.analysis.map_questions.budget import amount_layer, classified_amounts
from comparisons.analysis.map_questions.coverage import (
    COVERAGE_ORDER,
    coverage_layer,
    overview_sentence,
)
from comparisons.analysis.map_questions.proof import describe_answers, proof_layer
from comparisons.analysis.map_questions.service import service_layer
from comparisons.analysis.map_questions.theme import theme_layer
from comparisons.database.cache import cached
from comparisons.formatting import curly_apostrophes, format_number, pluralize
from comparisons.page_parameters import ALL_FAMILIES, MapParameters, QuestionParameters
from comparisons.queries.territories import TERRITORY_DATES, contained_codes, load_territories
from comparisons.schema.territory import LEVEL_NAMES, LEVEL_NOUNS, parse_key

# The région is shown instead of a département with fewer communes, which gives little context.
_MIN_COMMUNES = 10
# The parameters of a view that change what is known; the others change how it is shown.
_WHAT_IS_ASKED = (
    *("question", "zone", "annee", "famille", "theme", "nommes", "perimetre", "etape"),
    *("service", "partenaire"),
)


def build_layer(view: MapParameters | QuestionParameters) -> MapLayer:
    """Build the layer of a view, for the territories of its level inside its zone."""
    return build_layers(view)[0]


@cached
def build_layers(*views: MapParameters | QuestionParameters) -> tuple[MapLayer, ...]:
    """Build the layers of several views, with the same legend for all of them.

    (But an organisation beside a service: these have each their own.)
    """
    layers = tuple(_limit_to_zone(_layer_of_view(view), view) for view in views)
    match views[0].question:
        case "budget":
            return classified_amounts(layers, views[0])
        case "couverture":
            return _share_legend(layers)
    return layers


def _share_legend(layers: Sequence[MapLayer]) -> tuple[MapLayer, ...]:
    """Return the layers, each with the legend classes of all of them."""
    classes_by_code = {
        legend_class.code: legend_class for layer in layers for legend_class in layer.classes
    }
    classes = tuple(classes_by_code[code] for code in COVERAGE_ORDER if code in classes_by_code)
    return tuple(replace(layer, classes=classes) for layer in layers)


def _layer_of_view(view: MapParameters | QuestionParameters) -> MapLayer:
    if isinstance(view, QuestionParameters):
        return proof_layer(view)
    year = int(view.annee) if view.annee else None
    match view.question:
        case "couverture":
            family = "" if view.famille == ALL_FAMILIES else view.famille
            return coverage_layer(view.niveau, family, year, wider=view.larges)
        case "budget":
            return amount_layer(view)
        case "theme":
            return theme_layer(view.niveau, view.theme, year, view.nommes)
        case _:
            return service_layer(view.niveau, view.service, view.partenaire)


def _limit_to_zone(layer: MapLayer, view: MapParameters | QuestionParameters) -> MapLayer:
    """Return the layer limited to the zone, with a subtitle that names territories and year.

    What the subtitle said before comes last.
    """
    territories_text = f"{LEVEL_NAMES[view.niveau]} de France"
    zone = view.zone if can_contain(view.zone, view.niveau) else ""
    described_zone = load_territories([zone] if zone else [])
    if described_zone.empty:  # the whole country, or no such place
        zone = ""
    else:
        codes_inside = contained_codes(view.niveau, zone)
        layer = replace(
            layer,
            data=layer.data[layer.data["territoire_code"].isin(codes_inside)].reset_index(
                drop=True
            ),
            zone=zone,
        )
        if layer.sentence:
            sentence = overview_sentence(layer.level, layer.data["classe"], layer.year)
            layer = replace(layer, sentence=sentence)
        territories_text = f"{LEVEL_NAMES[view.niveau]} {described_zone['nom_de'].iloc[0]}"
    year = f", état en {view.annee}" if view.annee else ""
    note = f"{layer.note} {TERRITORY_DATES}".strip() if view.annee else layer.note
    subtitle = f"{curly_apostrophes(territories_text)}{year}{layer.subtitle}"
    return replace(layer, subtitle=subtitle, note=note)


def map_of_territory(key: str, view: MapParameters | None = None) -> MapParameters:
    """Return the view of a map on which a territory is chosen and can be seen.

    A commune cannot be seen on the map of the whole country: its département is shown.
    """
    territory = parse_key(key)
    zone = ""
    if territory.niveau == "commune":
        zone = f"departement-{load_territories([key])['departement_code'].iloc[0]}"
    return (view or MapParameters()).replace(t=key, niveau=territory.niveau, zone=zone)


def map_around(key: str) -> MapParameters:
    """Return the view of a map that shows a territory among those of its level around it."""
    territory = load_territories([key]).iloc[0]
    return MapParameters(t=key, niveau=territory["territoire_niveau"], zone=zone_around(territory))


def zone_around(territory: pd.Series) -> str:
    """Return the key of the zone in which the map of a territory shows its level.

    Régions and départements are shown in the whole country (an empty text), an EPCI in its région,
    a commune in its département.
    """
    match territory["territoire_niveau"]:
        case "epci":
            return f"region-{territory['region_code']}"
        case "commune":
            department = f"departement-{territory['departement_code']}"
            few = len(contained_codes("commune", department)) < _MIN_COMMUNES
            return f"region-{territory['region_code']}" if few else department
        case _:
            return ""


def can_contain(zone: str, level: str) -> bool:
    """Return whether a map of a level can be narrowed to a zone."""
    levels = list(LEVEL_NOUNS)
    return bool(zone) and levels.index(parse_key(zone).niveau) < levels.index(level)


def known_by_level(view: MapParameters) -> dict[str, int]:
    """Return of how many territories of each level, in its zone, the answer of a view is known."""
    asked = view.model_dump(include=set(_WHAT_IS_ASKED))
    return _known_by_level(MapParameters(**asked))


@cached
def _known_by_level(view: MapParameters) -> dict[str, int]:
    return {level: build_layer(view.replace(niveau=level)).known for level in LEVEL_NOUNS}


def headline(view: MapParameters | QuestionParameters, layer: MapLayer) -> str:
    """Return the answer of a map in one sentence."""
    if isinstance(view, QuestionParameters):
        return describe_answers(layer)
    if view.question != "couverture" or view.famille != ALL_FAMILIES:
        return describe_coverage(layer)
    adopted, total = layer.counts["adoptee"], len(layer.data)
    noun = LEVEL_NOUNS[layer.level]
    subject = f"{pluralize(adopted, noun)} sur {format_number(total)}"
    known = f"{format_number(layer.known)} {'a' if layer.known < 2 else 'ont'} un document connu"
    if view.annee:
        verb = "avait" if adopted < 2 else "avaient"
        return (
            f"En {view.annee}, {subject} {verb} une stratégie numérique d’ensemble adoptée, "
            f"d’après ce qui est connu ; pour {format_number(layer.known)}, un document d’alors ou "
            "d’avant est connu."
        )
    verb = "a" if adopted < 2 else "ont"
    return f"{subject} {verb} une stratégie numérique d’ensemble adoptée ; {known}."
