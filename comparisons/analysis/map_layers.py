"""Layers of the map, one per question, for every territory of a level.

A layer holds labels and values; `comparisons.charts.maps` draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from comparisons.analysis.class_breaks import class_breaks, classify
from comparisons.analysis.statements import Value, object_of
from comparisons.formatting import (
    MISSING,
    NBSP,
    curly_apostrophes,
    format_euros,
    format_euros_per_inhabitant,
    format_number,
    format_period,
    is_missing,
    pluralize,
)
from comparisons.parameters import ALL_FAMILIES, MapParameters
from comparisons.queries import thresholds
from comparisons.queries.budgets import amounts_per_inhabitant, compared_object, format_object
from comparisons.queries.partners import partnerships_by_territory
from comparisons.queries.strategies import coverage_by_territory, covered_years, theme_by_territory
from comparisons.queries.territories import contained_codes, load_territories
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES, LEVEL_NOUNS, parse_key

# Colour-blind safe (checked for deuteranopia and protanopia): blues for what exists, amber for
# what is coming, plum for what is over, greys for what is not known, lightest = never looked for.
STATE_COLOURS = {
    "adoptee": "#08519c",
    "en_revision": "#3182bd",
    "suite_inconnue": "#6baed6",
    "statut_inconnu": "#9ecae1",
    "en_elaboration": "#f0a830",
    "terminee": "#92567f",
    "partielle": "#d8cfc0",
    "aucune_de_ce_type": "#c4c4c4",
    "non_trouvee": "#a8a8a8",
    "non_cherchee": "#e6e6e6",
}
# A map only: seen through to the territories that a wider one's strategy covers (greens, so that
# none is taken for its own), and years before the dataset's.
COVERED_BY_WIDER = {
    "couverte_epci": ("Dans l’aire d’un document intercommunal", "#41ab5d"),
    "couverte_departement": ("Dans l’aire d’un document départemental", "#a1d99b"),
    "couverte_region": ("Dans l’aire d’un document régional", "#d9f2cf"),
}
PAST_STATES = {
    "pas_encore": ("Pas encore de stratégie connue", "#fde89a"),
    "sans_date": ("Stratégie connue, sans date", "#8c8070"),
}
# What is known of an overall strategy, else of other documents.
OVERVIEW = {
    "adoptee": ("Stratégie d’ensemble adoptée", STATE_COLOURS["adoptee"]),
    "ensemble_autre": ("Stratégie d’ensemble connue, autre état", "#6baed6"),
    "autres_documents": ("Seulement des documents sur un sujet", "#f0a830"),
    "reseaux": ("Seulement un plan de réseaux", "#92567f"),
}
_STATES = {
    code: (code_label("etats_couverture", code), STATE_COLOURS[code])
    for code in vocabulary_codes("etats_couverture")[:6]
}
_UNKNOWN_STATES = {
    code: (code_label("etats_couverture", code), STATE_COLOURS[code])
    for code in vocabulary_codes("etats_couverture")[6:]
}
_COVERAGE_ORDER = tuple(
    dict.fromkeys((*OVERVIEW, *_STATES, *COVERED_BY_WIDER, *PAST_STATES, *_UNKNOWN_STATES))
)
# Amounts that are known and compared with none, by what keeps them from it (`budgets._REASONS`).
LISTED = {
    "autre_objet": ("Cité : objet rare", "#a1d99b", ("autre_objet",)),
    "ancien": ("Cité : plus de dix ans", "#8c8070", ("ancien",)),
    "partie": (
        "Cité : une part seulement",
        "#f0a830",
        ("partiel", "un_seul_financeur"),
    ),
    "objet_inconnu": (
        "Cité : objet mal connu",
        "#d8cfc0",
        ("etendue_inconnue", "payeur_inconnu", "duree_inconnue"),
    ),
    "abandonne": ("Cité : projet abandonné", "#92567f", ("abandonne",)),
}
_CLASS_BY_REASON = {motive: code for code, (*_, motives) in LISTED.items() for motive in motives}
PRESENT, PARTIAL, ABSENT, UNKNOWN = "#08519c", "#6baed6", "#d8cfc0", "#e6e6e6"
THEME_COLOURS = {
    "en_cours": PRESENT,
    "relevee": PARTIAL,
    "passee": "#92567f",
    "objet": "#f0a830",
    "absente": ABSENT,
    "inconnue": UNKNOWN,
}
# Light to dark, for one to seven classes.
SEQUENTIAL = {
    1: ("#3182bd",),
    2: ("#94c4df", "#08519c"),
    3: ("#c6dbef", "#6baed6", "#08519c"),
    4: ("#c6dbef", "#94c4df", "#3182bd", "#08519c"),
    5: ("#c6dbef", "#94c4df", "#6baed6", "#3182bd", "#08519c"),
    6: ("#c6dbef", "#94c4df", "#6baed6", "#3182bd", "#08519c", "#08306b"),
    7: ("#c6dbef", "#94c4df", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"),
}
ROLE_COLOURS = dict(
    zip(
        vocabulary_codes("roles"),
        ("#08306b", "#2171b5", "#f0a830", "#6baed6", "#92567f"),
        strict=True,
    )
)


@dataclass(frozen=True)
class LegendClass:
    """One line of the legend; `missing` marks the classes of unknown territories.

    `upper` is the highest value of a class of numbers.
    """

    code: str
    label: str
    colour: str
    missing: bool = False
    upper: float | None = None


# A service shared by an organisation that acts in a part of the territory only.
IN_PART = (
    LegendClass("explicite_partie", "Sur une partie du territoire (énoncé)", "#f0a830"),
    LegendClass("deduit_partie", "Sur une partie du territoire (déduit)", "#fde89a"),
)
# Of one organisation, whatever its territories are to it.
ROLE_IN_PART = LegendClass("partie", "Sur une partie du territoire", IN_PART[1].colour)
_IN_PART_CODES = tuple(legend_class.code for legend_class in (*IN_PART, ROLE_IN_PART))
IN_PART_NOTE = (
    "« Sur une partie » : l’aire de l’organisme, selon ses statuts, n’est qu’une partie du "
    "territoire."
)


@dataclass(frozen=True)
class MapLayer:
    """Content of a map.

    `data` has one row per territory of the level: `territoire_code`, `nom`, `classe` (a code of
    `classes`), `valeur` (number or text, missing when unknown) and `detail` (a short sentence).
    """

    title: str
    note: str
    level: str
    classes: tuple[LegendClass, ...]
    data: pd.DataFrame
    subtitle: str = ""
    zone: str = ""
    sentence: str = ""

    def counts(self) -> dict[str, int]:
        """Count the territories of each class, in the order of the legend."""
        counts_by_class = self.data["classe"].value_counts()
        return {
            legend_class.code: int(counts_by_class.get(legend_class.code, 0))
            for legend_class in self.classes
        }

    @property
    def known(self) -> int:
        """Count the territories about which something is known."""
        missing = {legend_class.code for legend_class in self.classes if legend_class.missing}
        return int((~self.data["classe"].isin(missing)).sum())


def build_layer(view: MapParameters) -> MapLayer:
    """Build the layer of a view, for the territories of its level inside its zone."""
    return build_layers(view)[0]


def build_layers(*views: MapParameters) -> tuple[MapLayer, ...]:
    """Build the layers of several views, with the same legend for all of them.

    (But an organisation beside a service: these have each their own.)
    """
    if views[0].question == "budget":
        return _amount_layers(views)
    layers = tuple(_limit_to_zone(_layer_of_view(view), view) for view in views)
    return _share_legend(layers) if views[0].question == "couverture" else layers


def _share_legend(layers: Sequence[MapLayer]) -> tuple[MapLayer, ...]:
    """Return the layers, each with the legend classes of all of them."""
    classes_by_code = {
        legend_class.code: legend_class for layer in layers for legend_class in layer.classes
    }
    classes = tuple(classes_by_code[code] for code in _COVERAGE_ORDER if code in classes_by_code)
    return tuple(replace(layer, classes=classes) for layer in layers)


def _layer_of_view(view: MapParameters) -> MapLayer:
    year = int(view.annee) if view.annee else None
    match view.question:
        case "couverture":
            family = "" if view.famille == ALL_FAMILIES else view.famille
            return coverage_layer(view.niveau, family, year, wider=view.larges)
        case "theme":
            return theme_layer(view.niveau, view.theme, year, view.nommes)
        case _:
            return service_layer(view.niveau, view.service, view.partenaire)


def _limit_to_zone(layer: MapLayer, view: MapParameters) -> MapLayer:
    """Return the layer limited to the zone, with a subtitle that names territories and year."""
    territories_text = f"{LEVEL_NAMES[view.niveau]} de France"
    zone = view.zone if can_contain(view.zone, view.niveau) else ""
    described_zone = load_territories([parse_key(zone)] if zone else [])
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
            sentence = _overview_sentence(layer.level, layer.data["classe"])
            layer = replace(layer, sentence=sentence)
        territories_text = f"{LEVEL_NAMES[view.niveau]} {described_zone['nom_de'].iloc[0]}"
    year = f", état en {view.annee}" if view.annee else ""
    return replace(layer, subtitle=f"{curly_apostrophes(territories_text)}{year}")


def map_of_territory(key: str, view: MapParameters | None = None) -> MapParameters:
    """Return the view of a map on which a territory is chosen and can be seen.

    A commune cannot be seen on the map of the whole country: its département is shown.
    """
    territory = parse_key(key)
    zone = ""
    if territory.niveau == "commune":
        zone = f"departement-{load_territories([territory])['departement_code'].iloc[0]}"
    return replace(view or MapParameters(), t=key, niveau=territory.niveau, zone=zone)


def can_contain(zone: str, level: str) -> bool:
    """Return whether a map of a level can be narrowed to a zone."""
    levels = list(LEVEL_NOUNS)
    return bool(zone) and levels.index(parse_key(zone).niveau) < levels.index(level)


def coverage_layer(
    level: str, family: str = "", year: int | None = None, wider: bool = False
) -> MapLayer:
    """Build the layer of coverage by a family of strategies (by default overall), in a year."""
    data = coverage_by_territory(level, family, year, wider)
    kinds = OVERVIEW if not family else _STATES
    labelled_states = kinds | COVERED_BY_WIDER | PAST_STATES | _UNKNOWN_STATES
    data["valeur"] = data["classe"].map({code: text for code, (text, _) in labelled_states.items()})
    data["detail"] = [
        "" if is_missing(row.titre)
        else f"{curly_apostrophes(row.titre)} ({curly_apostrophes(row.porteur)})"
        if row.porteur
        else curly_apostrophes(row.titre)
        for row in data.itertuples()
    ]  # fmt: skip
    present = set(data["classe"])
    classes = tuple(
        LegendClass(code, text, colour, missing=code not in kinds)
        for code, (text, colour) in labelled_states.items()
        if code in kinds or code in present
    )
    name = f" ({code_label('familles_strategie', family)})" if family else ""
    main_note = (
        "Pour chaque territoire, ce qu’on sait de sa stratégie d’ensemble ; à défaut, des "
        "documents qui portent sur un seul sujet. "
        if not family
        else "Pour chaque territoire, le document qui parle pour lui dans cette famille : un "
        "document d’ensemble avant un projet, en vigueur avant échu, puis le plus récent. "
    )
    wider_note = (
        "Être dans l’aire d’un document plus large n’est pas une information sur le territoire : "
        "cela a sa propre couleur, et n’est pas compté."
        if wider
        else "Les stratégies des territoires plus larges ne comptent pas."
    )
    past_note = (
        " État établi par les dates des documents ; les autres ne sont pas placés."
        if year and year < covered_years()[-1]
        else ""
    )
    return MapLayer(
        title=f"Qui a une stratégie numérique ?{name}",
        note=main_note + wider_note + past_note,
        level=level,
        classes=classes,
        data=data,
        sentence=_overview_sentence(level, data["classe"]) if not family else "",
    )


def _overview_sentence(level: str, classes: pd.Series) -> str:
    """Describe how many territories have an overall strategy, and what the others have."""
    counts = classes.value_counts()
    noun = LEVEL_NOUNS[level]
    adopted, other_overall = (int(counts.get(code, 0)) for code in ("adoptee", "ensemble_autre"))
    single_subject, networks = (
        int(counts.get(code, 0)) for code in ("autres_documents", "reseaux")
    )
    singular_verb, plural_verb = ("a", "ont")
    return (
        f"{pluralize(adopted, noun)} "
        f"{singular_verb if adopted < 2 else plural_verb} une stratégie d’ensemble "
        "adoptée, "
        f"{format_number(other_overall)}"
        f" une autre, dont on ne sait pas qu’elle soit adoptée aujourd’hui ; "
        f"{format_number(single_subject)} n’ont de connu que des documents sur un seul sujet, "
        f"{format_number(networks)} "
        "qu’un plan de réseaux. "
    )


def theme_layer(
    level: str, theme_code: str, year: int | None = None, named_only: bool = False
) -> MapLayer:
    """Build the layer of territories that set this theme as a priority, in a year."""
    data = theme_by_territory(level, theme_code, year, named_only)
    labels = {
        "en_cours": "Priorité d’une stratégie adoptée",
        "relevee": "Priorité, adoption non établie",
        "passee": "Priorité d’une stratégie terminée",
        "objet": "Seulement un document consacré",
        "absente": "Pas dans les axes relevés",
        "inconnue": f"Priorités : {MISSING}",
    }
    data["valeur"] = data["classe"].map(labels)
    data["detail"] = [
        " · ".join(curly_apostrophes(text) for text in texts[:2]) if len(texts) else ""
        for texts in data["intitules"]
    ]
    return MapLayer(
        title=f"Qui fait une priorité de « {code_label('themes', theme_code)} » ?",
        note=_describe_axes_read(data, named_only)
        + "Thème principal ou secondaire d’au moins un axe relevé, hors des documents dont il est "
        "le sujet même. Une liste relevée peut être partielle : « pas dans les axes relevés » "
        "n’est pas « absent du document ».",
        level=level,
        classes=tuple(
            LegendClass(code, text, THEME_COLOURS[code], missing=code == "inconnue")
            for code, text in labels.items()
        ),
        data=data,
    )


def _describe_axes_read(data: pd.DataFrame, named_only: bool) -> str:
    """Describe how many axes bear the theme, and how many of them a document names."""
    setters = data[data["nb_axes"] > 0]
    named_count = int((setters["nb_axes_nommes"] > 0).sum())
    if named_only:
        return "Seuls les axes que leur document nomme sont lus. "
    return (
        f"{pluralize(len(setters), 'territoire')}"
        f" par un axe relevé, dont {format_number(named_count)} "
        "par un axe "
        "que le document nomme. "
    )


def _amount_layers(views: Sequence[MapParameters]) -> tuple[MapLayer, ...]:
    """Build the layers of amounts: those of one object in classes, the others as listed classes.

    The classes are cut in the values of all the maps.
    """
    layers = [_limit_to_zone(_amount_layer(view), view) for view in views]
    for layer in layers:
        _check_one_object(layer.data)
    values = pd.concat([layer.data["valeur"] for layer in layers], ignore_index=True)
    first_view = views[0]
    bounds = class_breaks(values, first_view.methode, int(first_view.classes), first_view.bornes)
    *coloured, unknown_class = amount_classes(values, bounds, yearly=first_view.mesure == "par_an")
    listed_classes = [
        LegendClass(code, label, colour)
        for code, (label, colour, motives) in LISTED.items()
        if any(layer.data["motif"].isin(motives).any() for layer in layers)
    ]
    classes = (*coloured, *listed_classes, unknown_class)
    return tuple(
        replace(
            layer,
            classes=classes,
            data=layer.data.assign(classe=_class_codes(layer.data, coloured)),
        )
        for layer in layers
    )


def _check_one_object(data: pd.DataFrame) -> None:
    """Raise `UnequalObjects` when the compared amounts are not of one object."""
    compared = data[data["valeur"].notna()]
    if len(compared):
        object_of(
            [
                Value(row.nom, row.valeur, row.detail, compared_object(row))
                for row in compared.itertuples()
            ]
        )


def _amount_layer(view: MapParameters) -> MapLayer:
    year = int(view.annee) if view.annee else None
    data = amounts_per_inhabitant(view.niveau, view.perimetre, view.etape, view.mesure, year)
    data["detail"] = [_format_amount(row) for row in data.itertuples()]
    compared = data[data["valeur"].notna()]
    unit = "Euros par habitant et par an" if view.mesure == "par_an" else "Euros par habitant"
    amount_kind = f"{code_label('perimetres', view.perimetre).lower()}, montant " + (
        code_label("etapes", view.etape).lower()
    )
    note = (
        f"Coloriés : montants de même objet seulement ({format_object(compared.iloc[0])}), d’un "
        "document de dix ans au plus, rapportés à la population de leur territoire. "
        if len(compared)
        else f"Moins de {thresholds.MIN_SAMPLE} territoires ont un montant de même objet (même "
        "part "
        "du programme, même payeur, durée semblable, dix ans au plus) : aucun n’est comparé. "
    )
    return MapLayer(
        title=f"{unit} : {amount_kind}" if len(compared) else f"Montants relevés : {amount_kind}",
        note=note + "Les autres montants sont cités et se lisent un par un, dans le tableau : leur "
        "objet (part du programme, payeur, durée) n’est pas connu, n’est celui que de quelques "
        "territoires, n’est qu’une tranche, une partie ou la part d’un seul financeur, ou vient "
        "d’un document de plus de dix ans.",
        level=view.niveau,
        classes=(),
        data=data,
    )


def _format_amount(row: object) -> str:
    """Format an amount with its object, its document and its period."""
    if not isinstance(row.titre, str):
        return ""
    object_description = format_object(row)
    return (
        f"{format_euros(row.montant)}{f' ({object_description})' if object_description else ''} : "
        f"{curly_apostrophes(row.titre)} "
        f"({format_period(row.annee_debut, row.annee_fin)})"
    )


def amount_classes(
    values: pd.Series, bounds: Sequence[float], yearly: bool = False
) -> tuple[LegendClass, ...]:
    """Return the lines of the legend, lowest class first, then the unknown."""
    unknown_class = LegendClass("inconnu", MISSING.capitalize(), UNKNOWN, missing=True)
    if not bounds:
        return (unknown_class,)
    ends = [values.min(), *bounds]
    texts = [format_euros_per_inhabitant(end, yearly) for end in ends]
    if len(set(texts)) < len(set(ends)):  # rounded, two bounds would read the same
        unit = format_euros_per_inhabitant(1, yearly).split(NBSP)[1]
        texts = [f"{format_number(end, 2)}{NBSP}{unit}" for end in ends]
    classes = []
    for index, upper in enumerate(bounds):
        prefix = "de" if index == 0 else "plus de"
        interval = f"{prefix} {texts[index].split(NBSP)[0]} à {texts[index + 1]}"
        label = texts[index + 1] if ends[index] == upper else interval
        classes.append(LegendClass(f"c{index}", label, SEQUENTIAL[len(bounds)][index], upper=upper))
    return (*classes, unknown_class)


def _class_codes(data: pd.DataFrame, classes: Sequence[LegendClass]) -> list[str]:
    positions = classify(
        data["valeur"],
        [legend_class.upper for legend_class in classes if legend_class.upper is not None],
    )
    return [
        f"c{position}" if not pd.isna(position) else _CLASS_BY_REASON.get(motive, "inconnu")
        for position, motive in zip(positions, data["motif"], strict=True)
    ]


def service_layer(level: str, service: str, partner: str = "") -> MapLayer:
    """Build the layer of territories that share a service or are linked to an organisation."""
    data = partnerships_by_territory(level, service=service, partner=partner)
    if partner:
        data = _with_roles(data)
        classes = (
            *(
                LegendClass(code, code_label("roles", code), ROLE_COLOURS[code])
                for code in vocabulary_codes("roles")
            ),
            ROLE_IN_PART,
        )
        optional_classes = classes
        no_link_class = LegendClass("aucun", "Aucun lien connu", UNKNOWN, missing=True)
        title = f"Qui mutualise avec {curly_apostrophes(data.attrs['partenaire_nom'])} ?"
    else:
        classes = (
            LegendClass("explicite", "Service partagé (énoncé par une source)", PRESENT),
            LegendClass("deduit", "Service partagé (déduit)", PARTIAL),
            *IN_PART,
        )
        optional_classes = IN_PART
        no_link_class = LegendClass("aucun", "Aucun organisme connu", UNKNOWN, missing=True)
        title = f"Qui partage le service « {code_label('services', service)} » ?"
    present = set(data["classe"])
    classes = [
        legend_class
        for legend_class in classes
        if legend_class.code in present or legend_class not in optional_classes
    ]
    labels = {legend_class.code: legend_class.label for legend_class in (*classes, no_link_class)}
    data["valeur"] = data["classe"].map(labels)
    return MapLayer(
        title=title,
        note="Liens connus entre un territoire et un organisme de mutualisation. Un territoire "
        "peut être servi sans qu’une source du corpus le dise." + in_part_note(data["classe"]),
        level=level,
        classes=(*classes, no_link_class),
        data=data,
    )


def _with_roles(data: pd.DataFrame) -> pd.DataFrame:
    """Put the territories served in part in a class of their own, with their role in words."""
    in_part = (data["part"] < 1) & (data["classe"] != "aucun")
    roles = [code_label("roles", code) for code in data.loc[in_part, "classe"]]
    data.loc[in_part, "detail"] = [
        f"{role} : {detail}"
        for role, detail in zip(roles, data.loc[in_part, "detail"], strict=True)
    ]
    data.loc[in_part, "classe"] = ROLE_IN_PART.code
    return data


def in_part_note(classes: pd.Series) -> str:
    """Return the note on territories served in part, after a space; "" where there is none."""
    return f" {IN_PART_NOTE}" if classes.isin(_IN_PART_CODES).any() else ""


def _describe_never_searched(layer: MapLayer) -> str:
    """Return the text that counts, among unknown territories, those never looked up."""
    is_unknown = layer.data["classe"].isin(["non_cherchee", *COVERED_BY_WIDER])
    never_searched_count = int((is_unknown & layer.data["consulte_le"].isna()).sum())
    masculine = layer.level == "departement"
    searched = ("cherché" if masculine else "cherchée") + ("s" if never_searched_count > 1 else "")
    return (
        f", dont {format_number(never_searched_count)} pas encore {searched}"
        if never_searched_count
        else ""
    )


def describe_coverage(layer: MapLayer) -> str:
    """Describe how many territories the map covers, and how many are missing."""
    noun = LEVEL_NOUNS[layer.level]
    missing = len(layer.data) - layer.known
    missing_text = (
        f"rien n’est connu pour {pluralize(missing, noun)}" if missing else "aucun ne manque"
    )
    if layer.sentence and missing:
        missing_text += _describe_never_searched(layer)
    counts = layer.counts()
    partial_count = sum(counts.get(code, 0) for code in _IN_PART_CODES)
    partial_text = (
        f", dont {format_number(partial_count)} sur une partie seulement de leur aire"
        if partial_count
        else ""
    )
    return (
        f"{layer.sentence}{pluralize(layer.known, noun)} avec un document connu sur "
        f"{format_number(len(layer.data))} ; {missing_text}."
        if layer.sentence
        else f"{pluralize(layer.known, noun)} avec une information sur "
        f"{format_number(len(layer.data))}"
        f"{partial_text} ; {missing_text}."
    )
