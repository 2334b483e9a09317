"""The four questions of the map, each answered for every territory of a level.

A layer holds words and values; `comparisons.maps` paints it.
"""

from dataclasses import dataclass

import mapclassify
import pandas as pd

from comparisons.budgets import per_head_by_territory
from comparisons.format import codes, label
from comparisons.mutualisation import links_by_territory
from comparisons.strategies import coverage_by_territory, theme_by_territory
from comparisons.territories import LEVEL_NOUNS
from comparisons.text import MISSING, NBSP, euros_per_head, number, period, plural, typographic
from comparisons.view import MapView

# Colour-blind safe (checked for deuteranopia and protanopia): blues for what exists, amber for
# what is coming, violet for what is over, greys for what is not known, lightest = never looked for.
STATE_COLOURS = {
    "adoptee": "#08519c",
    "en_revision": "#3182bd",
    "statut_inconnu": "#9ecae1",
    "en_elaboration": "#f0a830",
    "terminee": "#8c6bb1",
    "partielle": "#d8cfc0",
    "non_trouvee": "#a8a8a8",
    "non_cherchee": "#e6e6e6",
}
YES, MAYBE, NO, UNKNOWN = "#08519c", "#6baed6", "#d8cfc0", "#e6e6e6"
SEQUENTIAL = ("#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c")
NUMBER_OF_CLASSES = 5
ROLE_COLOURS = dict(
    zip(codes("roles"), ("#08306b", "#2171b5", "#f0a830", "#6baed6", "#8c6bb1"), strict=True)
)


@dataclass(frozen=True)
class MapClass:
    """One line of the legend; `missing` marks the kinds of not knowing."""

    code: str
    label: str
    colour: str
    missing: bool = False


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
    """Answer the question of a view."""
    match view.question:
        case "couverture":
            return coverage(view.niveau, view.type)
        case "theme":
            return theme(view.niveau, view.theme)
        case "budget":
            return budget(view.niveau, view.perimetre, view.etape, view.mesure)
        case _:
            return mutualisation(view.niveau, view.service, view.partenaire)


def coverage(level: str, strategy_type: str = "toutes") -> Layer:
    """Who has a strategy of that type (or of any type)?"""
    data = coverage_by_territory(level, strategy_type)
    data["valeur"] = [label("etats_couverture", code) for code in data["classe"]]
    data["detail"] = [
        typographic(row.titre) if isinstance(row.titre, str) else "" for row in data.itertuples()
    ]
    classes = tuple(
        MapClass(
            code,
            label("etats_couverture", code),
            STATE_COLOURS[code],
            missing=code in ("non_trouvee", "non_cherchee"),
        )
        for code in codes("etats_couverture")
    )
    kind = "" if strategy_type == "toutes" else f" ({label('types_strategie', strategy_type)})"
    return Layer(
        title=f"Qui a une stratégie numérique ?{kind}",
        note="Pour chaque territoire, le document en vigueur ou le plus récent, dont il est "
        "l’auteur ou qui le nomme. Les stratégies des territoires plus larges ne comptent pas.",
        level=level,
        classes=classes,
        data=data,
    )


def theme(level: str, theme_code: str) -> Layer:
    """Who sets this theme as a priority?"""
    data = theme_by_territory(level, theme_code)
    labels = {
        "en_cours": "Priorité d’une stratégie en cours",
        "passee": "Priorité d’une stratégie terminée",
        "absente": "Pas dans les priorités relevées",
        "inconnue": f"Priorités : {MISSING}",
    }
    data["valeur"] = data["classe"].map(labels)
    data["detail"] = [
        " · ".join(typographic(text) for text in texts[:2]) if len(texts) else ""
        for texts in data["intitules"]
    ]
    colours = {"en_cours": YES, "passee": MAYBE, "absente": NO, "inconnue": UNKNOWN}
    return Layer(
        title=f"Qui fait une priorité de « {label('themes', theme_code)} » ?",
        note="Thème principal ou secondaire d’au moins une priorité relevée. Une liste relevée "
        "peut être partielle : « pas dans les priorités relevées » n’est pas « absent du "
        "document ».",
        level=level,
        classes=tuple(
            MapClass(code, text, colours[code], missing=code == "inconnue")
            for code, text in labels.items()
        ),
        data=data,
    )


def budget(level: str, perimeter: str, stage: str, measure: str = "total") -> Layer:
    """How much money per inhabitant, for one perimeter and one stage?"""
    data = per_head_by_territory(level, perimeter, stage, measure)
    yearly = measure == "par_an"
    classes, data["classe"] = _classes_of(data["valeur"], yearly)
    data["detail"] = [
        f"{typographic(row.titre)} ({period(row.annee_debut, row.annee_fin)})"
        if isinstance(row.titre, str)
        else ""
        for row in data.itertuples()
    ]
    unit = "Euros par habitant et par an" if yearly else "Euros par habitant"
    return Layer(
        title=f"{unit} : {label('perimetres', perimeter).lower()}, "
        f"montant {label('etapes', stage).lower()}",
        note="Montants additifs d’un même périmètre et d’une même étape, dans le document le plus "
        "récent qui en donne, rapportés à la population qu’il couvre. Les périodes peuvent "
        "différer d’un territoire à l’autre : elles sont dans le tableau.",
        level=level,
        classes=classes,
        data=data,
    )


def _classes_of(values: pd.Series, yearly: bool) -> tuple[tuple[MapClass, ...], pd.Series]:
    """Cut values into quantile classes; fewer classes when there are few distinct values."""
    unknown = MapClass("inconnu", MISSING.capitalize(), UNKNOWN, missing=True)
    known = values.dropna()
    if known.empty:
        return (unknown,), pd.Series("inconnu", index=values.index)
    count = min(NUMBER_OF_CLASSES, known.nunique())
    scheme = mapclassify.Quantiles(known, k=count) if count > 1 else None
    upper = list(dict.fromkeys(scheme.bins)) if scheme else [known.max()]
    lower = [known.min(), *upper[:-1]]
    colours = SEQUENTIAL[-len(upper) :] if len(upper) < 3 else SEQUENTIAL[: len(upper)]
    classes = tuple(
        MapClass(
            f"c{i}",
            euros_per_head(high, yearly)
            if low == high
            else f"{'de' if i == 0 else 'plus de'} {euros_per_head(low).split(NBSP)[0]}"
            f" à {euros_per_head(high, yearly)}",
            colour,
        )
        for i, (low, high, colour) in enumerate(zip(lower, upper, colours, strict=True))
    )
    positions = pd.Series(pd.NA, index=values.index, dtype="string")
    for i, high in reversed(list(enumerate(upper))):
        positions[values.notna() & (values <= high)] = f"c{i}"
    return (*classes, unknown), positions.fillna("inconnu")


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
        )
        title = f"Qui partage le service « {label('services', service)} » ?"
    words = {c.code: c.label for c in (*classes, none)}
    data["valeur"] = data["classe"].map(words)
    return Layer(
        title=title,
        note="Liens connus entre un territoire et un organisme de mutualisation. Un territoire "
        "peut être servi sans qu’une source du corpus le dise.",
        level=level,
        classes=(*classes, none),
        data=data,
    )


def summary(shown: Layer) -> str:
    """Say how many territories the map covers, and how many are missing."""
    noun = LEVEL_NOUNS[shown.level]
    missing = len(shown.data) - shown.known
    rest = f"rien n’est connu pour {plural(missing, noun)}" if missing else "aucun ne manque"
    return (
        f"{plural(shown.known, noun)} avec une information sur {number(len(shown.data))} ; {rest}."
    )
