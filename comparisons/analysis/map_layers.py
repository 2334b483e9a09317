"""The four questions of the map, each answered for every territory of a level.

A layer holds words and values; `comparisons.charts.maps` paints it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from comparisons.analysis.class_breaks import class_of, upper_bounds
from comparisons.analysis.statements import Value, object_of
from comparisons.formatting import (
    MISSING,
    NBSP,
    euros,
    euros_per_head,
    is_missing,
    number,
    period,
    plural,
    typographic,
)
from comparisons.parameters import ALL_FAMILIES, MapView
from comparisons.queries import thresholds
from comparisons.queries.budgets import compared_object, object_words, per_head_by_territory
from comparisons.queries.partners import links_by_territory
from comparisons.queries.strategies import coverage_by_territory, theme_by_territory, years
from comparisons.queries.territories import described, inside
from comparisons.schema.model import codes, label
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
COVERED = {
    "couverte_epci": ("Dans l’aire d’un document intercommunal", "#41ab5d"),
    "couverte_departement": ("Dans l’aire d’un document départemental", "#a1d99b"),
    "couverte_region": ("Dans l’aire d’un document régional", "#d9f2cf"),
}
IN_THE_PAST = {
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
    code: (label("etats_couverture", code), STATE_COLOURS[code])
    for code in codes("etats_couverture")[:6]
}
_NOTHING_KNOWN = {
    code: (label("etats_couverture", code), STATE_COLOURS[code])
    for code in codes("etats_couverture")[6:]
}
_COVERAGE_ORDER = tuple(
    dict.fromkeys((*OVERVIEW, *_STATES, *COVERED, *IN_THE_PAST, *_NOTHING_KNOWN))
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
YES, MAYBE, NO, UNKNOWN = "#08519c", "#6baed6", "#d8cfc0", "#e6e6e6"
THEME_COLOURS = {
    "en_cours": YES,
    "relevee": MAYBE,
    "passee": "#92567f",
    "objet": "#f0a830",
    "absente": NO,
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
    zip(codes("roles"), ("#08306b", "#2171b5", "#f0a830", "#6baed6", "#92567f"), strict=True)
)


@dataclass(frozen=True)
class MapClass:
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
    MapClass("explicite_partie", "Sur une partie du territoire (énoncé)", "#f0a830"),
    MapClass("deduit_partie", "Sur une partie du territoire (déduit)", "#fde89a"),
)


@dataclass(frozen=True)
class Layer:
    """A map's content.

    `data` has one row per territory of the level: `territoire_code`, `nom`, `classe` (a code of
    `classes`), `valeur` (number or text, missing when unknown) and `detail` (a short sentence).
    """

    title: str
    note: str
    level: str
    classes: tuple[MapClass, ...]
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


def layer(view: MapView) -> Layer:
    """Answer the question of a view, for the territories of its level (that lie in its zone)."""
    return layers(view)[0]


def layers(*views: MapView) -> tuple[Layer, ...]:
    """Answer several views on one scale: the same legend for all of them.

    (But an organisation beside a service: these have each their own.)
    """
    if views[0].question == "budget":
        return _money(views)
    shown = tuple(_placed(_answer(view), view) for view in views)
    return _on_one_legend(shown) if views[0].question == "couverture" else shown


def _on_one_legend(shown: Sequence[Layer]) -> tuple[Layer, ...]:
    """Give each map the classes of all of them."""
    found = {c.code: c for one in shown for c in one.classes}
    classes = tuple(found[code] for code in _COVERAGE_ORDER if code in found)
    return tuple(replace(one, classes=classes) for one in shown)


def _answer(view: MapView) -> Layer:
    year = int(view.annee) if view.annee else None
    match view.question:
        case "couverture":
            family = "" if view.famille == ALL_FAMILIES else view.famille
            return coverage(view.niveau, family, year, wider=view.larges)
        case "theme":
            return theme(view.niveau, view.theme, year, view.nommes)
        case _:
            return mutualisation(view.niveau, view.service, view.partenaire)


def _placed(shown: Layer, view: MapView) -> Layer:
    """Keep the territories of the zone, and say of which territories and which year one speaks."""
    place = f"{LEVEL_NAMES[view.niveau]} de France"
    zone = view.zone if is_wider(view.zone, view.niveau) else ""
    described_zone = described([parse_key(zone)] if zone else [])
    if described_zone.empty:  # the whole country, or no such place
        zone = ""
    else:
        codes_inside = inside(view.niveau, zone)
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
    return replace(shown, subtitle=f"{typographic(place)}{year}")


def map_around(key: str, view: MapView | None = None) -> MapView:
    """Give the view of a map on which a territory is chosen and can be seen.

    A commune cannot be seen on the map of the whole country: its département is shown.
    """
    territory = parse_key(key)
    near = ""
    if territory.niveau == "commune":
        near = f"departement-{described([territory])['departement_code'].iloc[0]}"
    return replace(view or MapView(), t=key, niveau=territory.niveau, zone=near)


def is_wider(zone: str, level: str) -> bool:
    """Tell whether a map of a level can be narrowed to a zone."""
    levels = list(LEVEL_NOUNS)
    return bool(zone) and levels.index(parse_key(zone).niveau) < levels.index(level)


def coverage(level: str, family: str = "", year: int | None = None, wider: bool = False) -> Layer:
    """Who has a strategy of that family (or an overall one, and what else), in a year?"""
    data = coverage_by_territory(level, family, year, wider)
    kinds = OVERVIEW if not family else _STATES
    shown = kinds | COVERED | IN_THE_PAST | _NOTHING_KNOWN
    data["valeur"] = data["classe"].map({code: text for code, (text, _) in shown.items()})
    data["detail"] = [
        "" if is_missing(row.titre)
        else f"{typographic(row.titre)} ({typographic(row.porteur)})"
        if row.porteur
        else typographic(row.titre)
        for row in data.itertuples()
    ]  # fmt: skip
    present = set(data["classe"])
    classes = tuple(
        MapClass(code, text, colour, missing=code not in kinds)
        for code, (text, colour) in shown.items()
        if code in kinds or code in present
    )
    name = f" ({label('familles_strategie', family)})" if family else ""
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
        if year and year < years()[-1]
        else ""
    )
    return Layer(
        title=f"Qui a une stratégie numérique ?{name}",
        note=own + through + past,
        level=level,
        classes=classes,
        data=data,
        sentence=_overview_sentence(level, data["classe"]) if not family else "",
    )


def _overview_sentence(level: str, classes: pd.Series) -> str:
    """Say how many territories have an overall strategy, and what the others have."""
    count = classes.value_counts()
    noun = LEVEL_NOUNS[level]
    adopted, known = (int(count.get(code, 0)) for code in ("adoptee", "ensemble_autre"))
    single, networks = (int(count.get(code, 0)) for code in ("autres_documents", "reseaux"))
    has, have = ("a", "ont")
    return (
        f"{plural(adopted, noun)} {has if adopted < 2 else have} une stratégie d’ensemble adoptée, "
        f"{number(known)} une autre, dont on ne sait pas qu’elle soit adoptée aujourd’hui ; "
        f"{number(single)} n’ont de connu que des documents sur un seul sujet, {number(networks)} "
        "qu’un plan de réseaux. "
    )


def theme(level: str, theme_code: str, year: int | None = None, named_only: bool = False) -> Layer:
    """Who sets this theme as a priority, in a year?"""
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
        " · ".join(typographic(text) for text in texts[:2]) if len(texts) else ""
        for texts in data["intitules"]
    ]
    return Layer(
        title=f"Qui fait une priorité de « {label('themes', theme_code)} » ?",
        note=_axes_read(data, named_only)
        + "Thème principal ou secondaire d’au moins un axe relevé, hors des documents dont il est "
        "le sujet même. Une liste relevée peut être partielle : « pas dans les axes relevés » "
        "n’est pas « absent du document ».",
        level=level,
        classes=tuple(
            MapClass(code, text, THEME_COLOURS[code], missing=code == "inconnue")
            for code, text in labels.items()
        ),
        data=data,
    )


def _axes_read(data: pd.DataFrame, named_only: bool) -> str:
    """Say how many axes bear the theme, and how many of them a document names."""
    setters = data[data["nb_axes"] > 0]
    named = int((setters["nb_axes_nommes"] > 0).sum())
    if named_only:
        return "Seuls les axes que leur document nomme sont lus. "
    return (
        f"{plural(len(setters), 'territoire')} par un axe relevé, dont {number(named)} par un axe "
        "que le document nomme. "
    )


def _money(views: Sequence[MapView]) -> tuple[Layer, ...]:
    """Give the maps of money: amounts of one object in classes, the others named for what they are.

    The classes are cut in the values of all the maps.
    """
    shown = [_placed(_amounts(view), view) for view in views]
    for one in shown:
        _check_one_object(one.data)
    values = pd.concat([one.data["valeur"] for one in shown], ignore_index=True)
    first = views[0]
    bounds = upper_bounds(values, first.methode, int(first.classes), first.bornes)
    *coloured, unknown = money_classes(values, bounds, yearly=first.mesure == "par_an")
    listed = [
        MapClass(code, words, colour)
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


def _amounts(view: MapView) -> Layer:
    year = int(view.annee) if view.annee else None
    data = per_head_by_territory(view.niveau, view.perimetre, view.etape, view.mesure, year)
    data["detail"] = [_amount_words(row) for row in data.itertuples()]
    compared = data[data["valeur"].notna()]
    unit = "Euros par habitant et par an" if view.mesure == "par_an" else "Euros par habitant"
    about = f"{label('perimetres', view.perimetre).lower()}, montant " + (
        label("etapes", view.etape).lower()
    )
    note = (
        f"Coloriés : montants de même objet seulement ({object_words(compared.iloc[0])}), d’un "
        "document de dix ans au plus, rapportés à la population de leur territoire. "
        if len(compared)
        else f"Moins de {thresholds.MIN_SAMPLE} territoires ont un montant de même objet (même "
        "part "
        "du programme, même payeur, durée semblable, dix ans au plus) : aucun n’est comparé. "
    )
    return Layer(
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
    """Say an amount, what it pays for, and in which document."""
    if not isinstance(row.titre, str):
        return ""
    paid = object_words(row)
    return (
        f"{euros(row.montant)}{f' ({paid})' if paid else ''} : {typographic(row.titre)} "
        f"({period(row.annee_debut, row.annee_fin)})"
    )


def money_classes(
    values: pd.Series, bounds: Sequence[float], yearly: bool = False
) -> tuple[MapClass, ...]:
    """Give the lines of the legend, lowest class first, then the unknown."""
    unknown = MapClass("inconnu", MISSING.capitalize(), UNKNOWN, missing=True)
    if not bounds:
        return (unknown,)
    ends = [values.min(), *bounds]
    written = [euros_per_head(end, yearly) for end in ends]
    if len(set(written)) < len(set(ends)):  # rounded, two bounds would read the same
        unit = euros_per_head(1, yearly).split(NBSP)[1]
        written = [f"{number(end, 2)}{NBSP}{unit}" for end in ends]
    classes = []
    for i, high in enumerate(bounds):
        first = "de" if i == 0 else "plus de"
        interval = f"{first} {written[i].split(NBSP)[0]} à {written[i + 1]}"
        words = written[i + 1] if ends[i] == high else interval
        classes.append(MapClass(f"c{i}", words, SEQUENTIAL[len(bounds)][i], upper=high))
    return (*classes, unknown)


def _class_codes(data: pd.DataFrame, classes: Sequence[MapClass]) -> list[str]:
    positions = class_of(data["valeur"], [c.upper for c in classes if c.upper is not None])
    return [
        f"c{position}" if not pd.isna(position) else _LISTED_AS.get(motive, "inconnu")
        for position, motive in zip(positions, data["motif"], strict=True)
    ]


def mutualisation(level: str, service: str, partner: str = "") -> Layer:
    """Who shares this service, or takes part in this organisation?"""
    data = links_by_territory(level, service=service, partner=partner)
    none = MapClass("aucun", "Aucun organisme connu", UNKNOWN, missing=True)
    if partner:
        present = [code for code in codes("roles") if (data["classe"] == code).any()]
        classes = tuple(MapClass(c, label("roles", c), ROLE_COLOURS[c]) for c in present)
        none = MapClass("aucun", "Aucun lien connu", UNKNOWN, missing=True)
        name = data.attrs["partenaire_nom"]
        title = f"Qui mutualise avec {typographic(name)} ?"
    else:
        classes = (
            MapClass("explicite", "Service partagé (énoncé par une source)", YES),
            MapClass("deduit", "Service partagé (déduit)", MAYBE),
            *(c for c in IN_PART if (data["classe"] == c.code).any()),
        )
        title = f"Qui partage le service « {label('services', service)} » ?"
    words = {c.code: c.label for c in (*classes, none)}
    data["valeur"] = data["classe"].map(words)
    return Layer(
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


def _never_searched(shown: Layer) -> str:
    """Say how many of those of which nothing is known nobody looked for."""
    unknown = shown.data["classe"].isin(["non_cherchee", *COVERED])
    never = int((unknown & shown.data["consulte_le"].isna()).sum())
    masculine = shown.level == "departement"
    searched = ("cherché" if masculine else "cherchée") + ("s" if never > 1 else "")
    return f", dont {number(never)} pas encore {searched}" if never else ""


def summary(shown: Layer) -> str:
    """Say how many territories the map covers, and how many are missing."""
    noun = LEVEL_NOUNS[shown.level]
    missing = len(shown.data) - shown.known
    rest = f"rien n’est connu pour {plural(missing, noun)}" if missing else "aucun ne manque"
    if shown.sentence and missing:
        rest += _never_searched(shown)
    counts = shown.counts()
    partly = sum(counts.get(c.code, 0) for c in IN_PART)
    part = f", dont {number(partly)} sur une partie seulement de leur aire" if partly else ""
    return (
        f"{shown.sentence}{plural(shown.known, noun)} avec un document connu sur "
        f"{number(len(shown.data))} ; {rest}."
        if shown.sentence
        else f"{plural(shown.known, noun)} avec une information sur {number(len(shown.data))}"
        f"{part} ; {rest}."
    )
