"""Layer of a map: a class per territory of a level, and a legend.

`map_questions` builds those of the home map; `comparisons.charts.maps` draws them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from comparisons.analysis.statements import check_classes
from comparisons.formatting import format_number, pluralize
from comparisons.schema.territory import LEVEL_NOUNS

# Colour-blind safe (checked for deuteranopia and protanopia): blues for what exists, amber for
# what is coming, plum for what is over, greys for what is not known, lightest = never looked for.
STATE_COLOURS = {
    "adoptee": "#08519c",
    "en_revision": "#3182bd",
    "suite_inconnue": "#6baed6",
    "statut_inconnu": "#9ecae1",
    "en_elaboration": "#f0a830",
    "terminee": "#92567f",
    "partie_du_territoire": "#41ab5d",
    "description": "#c2b280",
    "partielle": "#d8cfc0",
    "aucune_de_ce_type": "#c4c4c4",
    "non_trouvee": "#a8a8a8",
    "non_cherchee": "#e6e6e6",
}
# A map only, seen through to the territories that a wider one's strategy covers: greens, so that
# none is taken for its own.
COVERED_BY_WIDER = {
    "couverte_epci": ("Dans l’aire d’un document intercommunal", "#41ab5d"),
    "couverte_departement": ("Dans l’aire d’un document départemental", "#a1d99b"),
    "couverte_region": ("Dans l’aire d’un document régional", "#d9f2cf"),
}
PRESENT, PARTIAL, ABSENT, UNKNOWN = "#08519c", "#6baed6", "#d8cfc0", "#e6e6e6"
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


@dataclass(frozen=True)
class LegendClass:
    """One line of the legend; `missing` marks the classes of unknown territories.

    `upper` is the highest value of a class of numbers, `about` the objects that its words hold of:
    where the class of its territories may be read ("": nothing is).
    """

    code: str
    label: str
    colour: str
    missing: bool = False
    upper: float | None = None
    about: tuple[str, ...] = ("",)


# A service shared by an organisation that acts in a part of the territory only.
_PART = ("partie du territoire",)
IN_PART = (
    LegendClass(
        "explicite_partie", "Sur une partie du territoire (énoncé)", "#f0a830", about=_PART
    ),
    LegendClass("deduit_partie", "Sur une partie du territoire (déduit)", "#fde89a", about=_PART),
)
# Of one organisation, whatever its territories are to it.
ROLE_IN_PART = LegendClass("partie", "Sur une partie du territoire", IN_PART[1].colour, about=_PART)
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
    `known_words` say what the counted territories have, `unknown_words` what the others have not.
    """

    title: str
    note: str
    level: str
    classes: tuple[LegendClass, ...]
    data: pd.DataFrame
    subtitle: str = ""
    zone: str = ""
    sentence: str = ""
    year: int | None = None
    known_words: str = "avec une information"
    unknown_words: str = "rien n’est connu"

    @cached_property
    def counts(self) -> dict[str, int]:
        """Count the territories of each class, in the order of the legend."""
        counts_by_class = self.data["classe"].value_counts()
        return {
            legend_class.code: int(counts_by_class.get(legend_class.code, 0))
            for legend_class in self.classes
        }

    @cached_property
    def known(self) -> int:
        """Count the territories about which something is known."""
        return sum(
            self.counts[legend_class.code]
            for legend_class in self.classes
            if not legend_class.missing
        )

    @cached_property
    def ranked_territories(self) -> pd.DataFrame:
        """Return the territories about which something is known, in the order of the legend.

        Columns: `territoire_code`, `nom`, `reponse` (the words of its class), `valeur` (a number,
        or missing); those of a class go by decreasing value, then by name.
        """
        known_classes = [legend_class for legend_class in self.classes if not legend_class.missing]
        labels = {legend_class.code: legend_class.label for legend_class in known_classes}
        ranks = {code: rank for rank, code in enumerate(labels)}
        rows = self.data[self.data["classe"].isin(labels)]
        return (
            rows.assign(
                reponse=rows["classe"].map(labels),
                valeur=pd.to_numeric(rows["valeur"], errors="coerce"),
                _rank=rows["classe"].map(ranks),
            )
            .sort_values(
                ["valeur", "_rank", "nom"], ascending=[False, True, True], na_position="last"
            )
            .loc[:, ["territoire_code", "nom", "reponse", "valeur"]]
            .reset_index(drop=True)
        )


# Share of the territories of the country that is in one class of unknown ones, from which a map has
# that class as its ground and discs for the others: they would be dots of a pixel or two.
_GROUND_SHARE = 0.95


def ground_class(layer: MapLayer) -> str:
    """Return the class of unknown territories that nearly all are in, if any, on a large map."""
    if layer.zone or layer.level not in ("epci", "commune"):
        return ""
    shares = layer.data["classe"].value_counts(normalize=True)
    missing = {legend_class.code for legend_class in layer.classes if legend_class.missing}
    code = shares.index[0]
    is_ground = shares.iloc[0] >= _GROUND_SHARE and code in missing - set(COVERED_BY_WIDER)
    return code if is_ground else ""


def classified_layer(
    data: pd.DataFrame, classes: Sequence[LegendClass], **texts: str | int | None
) -> MapLayer:
    """Build a layer from data with the `objet` in which each `classe` is read.

    `UnequalObjects` when the words of a class do not hold of the object of one of its territories.
    """
    about = {legend_class.code: legend_class.about for legend_class in classes}
    pairs = data[["classe", "objet"]].drop_duplicates()
    check_classes(pairs["classe"], pairs["objet"], about)
    return MapLayer(classes=tuple(classes), data=data.drop(columns="objet"), **texts)


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


def describe_legend(layer: MapLayer) -> str:
    """Return the title of a map and the number of territories of each class."""
    counts = layer.counts
    texts = [
        f"{legend_class.label} : {format_number(counts[legend_class.code])}"
        for legend_class in layer.classes
        if counts[legend_class.code]
    ]
    return f"{layer.title} {' ; '.join(texts)}."


def describe_coverage(layer: MapLayer) -> str:
    """Describe how many territories the map covers, and how many are missing."""
    noun = LEVEL_NOUNS[layer.level]
    if not layer.known and not layer.sentence:
        every = f"les {pluralize(len(layer.data), noun)}"
        return f"{layer.unknown_words.capitalize()} pour {every}."
    counts = layer.counts
    partial_count = sum(
        counts[legend_class.code] for legend_class in layer.classes if legend_class.about == _PART
    )
    partial_text = (
        f", dont {format_number(partial_count)} sur une partie seulement de leur aire"
        if partial_count
        else ""
    )
    missing = len(layer.data) - layer.known
    missing_text = f" ; {layer.unknown_words} pour {pluralize(missing, noun)}" if missing else ""
    if missing and "consulte_le" in layer.data:
        missing_text += _describe_never_searched(layer)
    return (
        f"{layer.sentence}{pluralize(layer.known, noun)} {layer.known_words} sur "
        f"{format_number(len(layer.data))}{partial_text}{missing_text}."
    )
