"""The four questions of the map, each answered for every territory of a level.

A layer holds words and values; `comparisons.charts.maps` paints it.
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
from comparisons.queries.budgets import amounts_per_inhabitant, compared_object, object_words
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
_NOTHING_KNOWN = {
    code: (code_label("etats_couverture", code), STATE_COLOURS[code])
    for code in vocabulary_codes("etats_couverture")[6:]
}
_COVERAGE_ORDER = tuple(
    dict.fromkeys((*OVERVIEW, *_STATES, *COVERED_BY_WIDER, *PAST_STATES, *_NOTHING_KNOWN))
)
# Amounts that are known and compared with none, by what keeps them from it (`budgets.REASONS`).
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
_LISTED_AS = {motive: code for code, (*_, motives) in LISTED.items() for motive in motives}
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
    """One line of the legend; `missing` marks the kinds of not knowing.

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


@dataclass(frozen=True)
class MapLayer:
    """A map's content.

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
        found = self.data["classe"].value_counts()
        return {c.code: int(found.get(c.code, 0)) for c in self.classes}

    @property
    def known(self) -> int:
        """Count the territories about which something is known."""
        missing = {c.code for c in self.classes if c.missing}
        return int((~self.data["classe"].isin(missing)).sum())


def build_layer(view: MapParameters) -> MapLayer:
    """Answer the question of a view, for the territories of its level (that lie in its zone)."""
    return build_layers(view)[0]


def build_layers(*views: MapParameters) -> tuple[MapLayer, ...]:
    """Answer several views on one scale: the same legend for all of them.

    (But an organisation beside a service: these have each their own.)
    """
    if views[0].question == "budget":
        return _money(views)
    shown = tuple(_placed(_answer(view), view) for view in views)
    return _on_one_legend(shown) if views[0].question == "couverture" else shown


def _on_one_legend(shown: Sequence[MapLayer]) -> tuple[MapLayer, ...]:
    """Return each map the classes of all of them."""
    found = {c.code: c for one in shown for c in one.classes}
    classes = tuple(found[code] for code in _COVERAGE_ORDER if code in found)
    return tuple(replace(one, classes=classes) for one in shown)


def _answer(view: MapParameters) -> MapLayer:
    year = int(view.annee) if view.annee else None
    match view.question:
        case "couverture":
            family = "" if view.famille == ALL_FAMILIES else view.famille
            return coverage_layer(view.niveau, family, year, wider=view.larges)
        case "theme":
            return theme_layer(view.niveau, view.theme, year, view.nommes)
        case _:
            return service_layer(view.niveau, view.service, view.partenaire)


def _placed(shown: MapLayer, view: MapParameters) -> MapLayer:
    """Keep the territories of the zone, and say of which territories and which year one speaks."""
    place = f"{LEVEL_NAMES[view.niveau]} de France"
    zone = view.zone if can_contain(view.zone, view.niveau) else ""
    described_zone = load_territories([parse_key(zone)] if zone else [])
    if described_zone.empty:  # the whole country, or no such place
        zone = ""
    else:
        codes_inside = contained_codes(view.niveau, zone)
        shown = replace(
            shown,
            data=shown.data[shown.data["territoire_code"].isin(codes_inside)].reset_index(
                drop=True
            ),
            zone=zone,
        )
        if shown.sentence:
            sentence = _overview_sentence(shown.level, shown.data["classe"])
            shown = replace(shown, sentence=sentence)
        place = f"{LEVEL_NAMES[view.niveau]} {described_zone['nom_de'].iloc[0]}"
    year = f", état en {view.annee}" if view.annee else ""
    return replace(shown, subtitle=f"{curly_apostrophes(place)}{year}")


def map_of_territory(key: str, view: MapParameters | None = None) -> MapParameters:
    """Return the view of a map on which a territory is chosen and can be seen.

    A commune cannot be seen on the map of the whole country: its département is shown.
    """
    territory = parse_key(key)
    near = ""
    if territory.niveau == "commune":
        near = f"departement-{load_territories([territory])['departement_code'].iloc[0]}"
    return replace(view or MapParameters(), t=key, niveau=territory.niveau, zone=near)


def can_contain(zone: str, level: str) -> bool:
    """Return whether a map of a level can be narrowed to a zone."""
    levels = list(LEVEL_NOUNS)
    return bool(zone) and levels.index(parse_key(zone).niveau) < levels.index(level)


def coverage_layer(
    level: str, family: str = "", year: int | None = None, wider: bool = False
) -> MapLayer:
    """Return who has a strategy of that family (or an overall one, and what else), in a year."""
    data = coverage_by_territory(level, family, year, wider)
    kinds = OVERVIEW if not family else _STATES
    shown = kinds | COVERED_BY_WIDER | PAST_STATES | _NOTHING_KNOWN
    data["valeur"] = data["classe"].map({code: text for code, (text, _) in shown.items()})
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
        for code, (text, colour) in shown.items()
        if code in kinds or code in present
    )
    name = f" ({code_label('familles_strategie', family)})" if family else ""
    own = (
        "Pour chaque territoire, ce qu’on sait de sa stratégie d’ensemble ; à défaut, des "
        "documents qui portent sur un seul sujet. "
        if not family
        else "Pour chaque territoire, le document qui parle pour lui dans cette famille : un "
        "document d’ensemble avant un projet, en vigueur avant échu, puis le plus récent. "
    )
    through = (
        "Être dans l’aire d’un document plus large n’est pas une information sur le territoire : "
        "cela a sa propre couleur, et n’est pas compté."
        if wider
        else "Les stratégies des territoires plus larges ne comptent pas."
    )
    past = (
        " État établi par les dates des documents ; les autres ne sont pas placés."
        if year and year < covered_years()[-1]
        else ""
    )
    return MapLayer(
        title=f"Qui a une stratégie numérique ?{name}",
        note=own + through + past,
        level=level,
        classes=classes,
        data=data,
        sentence=_overview_sentence(level, data["classe"]) if not family else "",
    )


def _overview_sentence(level: str, classes: pd.Series) -> str:
    """Describe how many territories have an overall strategy, and what the others have."""
    count = classes.value_counts()
    noun = LEVEL_NOUNS[level]
    adopted, known = (int(count.get(code, 0)) for code in ("adoptee", "ensemble_autre"))
    single, networks = (int(count.get(code, 0)) for code in ("autres_documents", "reseaux"))
    has, have = ("a", "ont")
    return (
        f"{pluralize(adopted, noun)} {has if adopted < 2 else have} une stratégie d’ensemble "
        "adoptée, "
        f"{format_number(known)} une autre, dont on ne sait pas qu’elle soit adoptée aujourd’hui ; "
        f"{format_number(single)} n’ont de connu que des documents sur un seul sujet, "
        f"{format_number(networks)} "
        "qu’un plan de réseaux. "
    )


def theme_layer(
    level: str, theme_code: str, year: int | None = None, named_only: bool = False
) -> MapLayer:
    """Return who sets this theme as a priority, in a year."""
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
        note=_axes_read(data, named_only)
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


def _axes_read(data: pd.DataFrame, named_only: bool) -> str:
    """Describe how many axes bear the theme, and how many of them a document names."""
    setters = data[data["nb_axes"] > 0]
    named = int((setters["nb_axes_nommes"] > 0).sum())
    if named_only:
        return "Seuls les axes que leur document nomme sont lus. "
    return (
        f"{pluralize(len(setters), 'territoire')} par un axe relevé, dont {format_number(named)} "
        "par un axe "
        "que le document nomme. "
    )


def _money(views: Sequence[MapParameters]) -> tuple[MapLayer, ...]:
    """Return the maps of money: amounts of one object in classes, the others named as they are.

    The classes are cut in the values of all the maps.
    """
    shown = [_placed(_amounts(view), view) for view in views]
    for one in shown:
        _check_one_object(one.data)
    values = pd.concat([one.data["valeur"] for one in shown], ignore_index=True)
    first = views[0]
    bounds = class_breaks(values, first.methode, int(first.classes), first.bornes)
    *coloured, unknown = amount_classes(values, bounds, yearly=first.mesure == "par_an")
    listed = [
        LegendClass(code, words, colour)
        for code, (words, colour, motives) in LISTED.items()
        if any(one.data["motif"].isin(motives).any() for one in shown)
    ]
    classes = (*coloured, *listed, unknown)
    return tuple(
        replace(one, classes=classes, data=one.data.assign(classe=_class_codes(one.data, coloured)))
        for one in shown
    )


def _check_one_object(data: pd.DataFrame) -> None:
    """Refuse to cut classes in amounts of unequal objects (`UnequalObjects`)."""
    coloured = data[data["valeur"].notna()]
    if len(coloured):
        object_of(
            [
                Value(row.nom, row.valeur, row.detail, compared_object(row))
                for row in coloured.itertuples()
            ]
        )


def _amounts(view: MapParameters) -> MapLayer:
    year = int(view.annee) if view.annee else None
    data = amounts_per_inhabitant(view.niveau, view.perimetre, view.etape, view.mesure, year)
    data["detail"] = [_amount_words(row) for row in data.itertuples()]
    compared = data[data["valeur"].notna()]
    unit = "Euros par habitant et par an" if view.mesure == "par_an" else "Euros par habitant"
    about = f"{code_label('perimetres', view.perimetre).lower()}, montant " + (
        code_label("etapes", view.etape).lower()
    )
    note = (
        f"Coloriés : montants de même objet seulement ({object_words(compared.iloc[0])}), d’un "
        "document de dix ans au plus, rapportés à la population de leur territoire. "
        if len(compared)
        else f"Moins de {thresholds.MIN_SAMPLE} territoires ont un montant de même objet (même "
        "part "
        "du programme, même payeur, durée semblable, dix ans au plus) : aucun n’est comparé. "
    )
    return MapLayer(
        title=f"{unit} : {about}" if len(compared) else f"Montants relevés : {about}",
        note=note + "Les autres montants sont cités et se lisent un par un, dans le tableau : leur "
        "objet (part du programme, payeur, durée) n’est pas connu, n’est celui que de quelques "
        "territoires, n’est qu’une tranche, une partie ou la part d’un seul financeur, ou vient "
        "d’un document de plus de dix ans.",
        level=view.niveau,
        classes=(),
        data=data,
    )


def _amount_words(row: object) -> str:
    """Describe an amount, what it pays for, and in which document."""
    if not isinstance(row.titre, str):
        return ""
    paid = object_words(row)
    return (
        f"{format_euros(row.montant)}{f' ({paid})' if paid else ''} : "
        f"{curly_apostrophes(row.titre)} "
        f"({format_period(row.annee_debut, row.annee_fin)})"
    )


def amount_classes(
    values: pd.Series, bounds: Sequence[float], yearly: bool = False
) -> tuple[LegendClass, ...]:
    """Return the lines of the legend, lowest class first, then the unknown."""
    unknown = LegendClass("inconnu", MISSING.capitalize(), UNKNOWN, missing=True)
    if not bounds:
        return (unknown,)
    ends = [values.min(), *bounds]
    written = [format_euros_per_inhabitant(end, yearly) for end in ends]
    if len(set(written)) < len(set(ends)):  # rounded, two bounds would read the same
        unit = format_euros_per_inhabitant(1, yearly).split(NBSP)[1]
        written = [f"{format_number(end, 2)}{NBSP}{unit}" for end in ends]
    classes = []
    for i, high in enumerate(bounds):
        first = "de" if i == 0 else "plus de"
        interval = f"{first} {written[i].split(NBSP)[0]} à {written[i + 1]}"
        words = written[i + 1] if ends[i] == high else interval
        classes.append(LegendClass(f"c{i}", words, SEQUENTIAL[len(bounds)][i], upper=high))
    return (*classes, unknown)


def _class_codes(data: pd.DataFrame, classes: Sequence[LegendClass]) -> list[str]:
    positions = classify(data["valeur"], [c.upper for c in classes if c.upper is not None])
    return [
        f"c{position}" if not pd.isna(position) else _LISTED_AS.get(motive, "inconnu")
        for position, motive in zip(positions, data["motif"], strict=True)
    ]


def service_layer(level: str, service: str, partner: str = "") -> MapLayer:
    """Return who shares this service, or takes part in this organisation."""
    data = partnerships_by_territory(level, service=service, partner=partner)
    none = LegendClass("aucun", "Aucun organisme connu", UNKNOWN, missing=True)
    if partner:
        present = [code for code in vocabulary_codes("roles") if (data["classe"] == code).any()]
        classes = tuple(LegendClass(c, code_label("roles", c), ROLE_COLOURS[c]) for c in present)
        none = LegendClass("aucun", "Aucun lien connu", UNKNOWN, missing=True)
        name = data.attrs["partenaire_nom"]
        title = f"Qui mutualise avec {curly_apostrophes(name)} ?"
    else:
        classes = (
            LegendClass("explicite", "Service partagé (énoncé par une source)", PRESENT),
            LegendClass("deduit", "Service partagé (déduit)", PARTIAL),
            *(c for c in IN_PART if (data["classe"] == c.code).any()),
        )
        title = f"Qui partage le service « {code_label('services', service)} » ?"
    words = {c.code: c.label for c in (*classes, none)}
    data["valeur"] = data["classe"].map(words)
    return MapLayer(
        title=title,
        note="Liens connus entre un territoire et un organisme de mutualisation. Un territoire "
        "peut être servi sans qu’une source du corpus le dise."
        + (
            " « Sur une partie » : l’aire de l’organisme, selon ses statuts, n’est qu’une partie "
            "du territoire."
            if any((data["classe"] == c.code).any() for c in IN_PART)
            else ""
        ),
        level=level,
        classes=(*classes, none),
        data=data,
    )


def _never_searched(shown: MapLayer) -> str:
    """Describe how many of those of which nothing is known nobody looked for."""
    unknown = shown.data["classe"].isin(["non_cherchee", *COVERED_BY_WIDER])
    never = int((unknown & shown.data["consulte_le"].isna()).sum())
    masculine = shown.level == "departement"
    searched = ("cherché" if masculine else "cherchée") + ("s" if never > 1 else "")
    return f", dont {format_number(never)} pas encore {searched}" if never else ""


def describe_coverage(shown: MapLayer) -> str:
    """Describe how many territories the map covers, and how many are missing."""
    noun = LEVEL_NOUNS[shown.level]
    missing = len(shown.data) - shown.known
    rest = f"rien n’est connu pour {pluralize(missing, noun)}" if missing else "aucun ne manque"
    if shown.sentence and missing:
        rest += _never_searched(shown)
    counts = shown.counts()
    partly = sum(counts.get(c.code, 0) for c in IN_PART)
    part = f", dont {format_number(partly)} sur une partie seulement de leur aire" if partly else ""
    return (
        f"{shown.sentence}{pluralize(shown.known, noun)} avec un document connu sur "
        f"{format_number(len(shown.data))} ; {rest}."
        if shown.sentence
        else f"{pluralize(shown.known, noun)} avec une information sur "
        f"{format_number(len(shown.data))}"
        f"{part} ; {rest}."
    )
