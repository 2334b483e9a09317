"""Rules on the territories known: what their numbers allow one to conclude."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.completeness import shares
from comparisons.analysis.completeness.evidence import (
    MIN_LOOKED_UP_SHARE,
    OTHER_TYPE,
    POPULATION_RATIO,
    SUPPORTED,
    UNSUPPORTED,
    Conclusion,
    Evidence,
)
from comparisons.formatting import (
    format_number,
    format_partial_date,
    format_percent,
    join_words,
    pluralize,
)
from comparisons.queries import thresholds
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NOUNS

_LEVELS, _TYPES = "representativite_niveaux", "representativite_types"


def by_search(levels: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the levels where nearly every territory was looked for from the others."""
    searched = levels["nb_cherches"] >= MIN_LOOKED_UP_SHARE * levels["nb_territoires"]
    return levels[searched], levels[~searched]


def searches(found: Evidence) -> Iterator[Conclusion]:
    """Compare territories of a level, and say what share of it has a strategy."""
    well, badly = by_search(found.levels)
    reason = (
        f"Au moins {format_percent(MIN_LOOKED_UP_SHARE)} de territoires cherchés : ce que cachent "
        "les autres ne "
        f"déplace aucune part de plus de {format_number(100 * (1 - MIN_LOOKED_UP_SHARE))} points."
    )
    if len(well):
        places = join_words(map(shares.AMONG_LEVEL.get, well["territoire_niveau"]))
        counts = join_words(
            shares.format_count_of_level(row, "nb_cherches") for row in well.itertuples()
        )
        last = format_partial_date(well["derniere_recherche"].max())
        told = f"Une recherche a été faite pour {counts}, la dernière le {last}."
        yield Conclusion(SUPPORTED, f"Comparer {places}", told, reason, _LEVELS)
    if len(badly):
        counts = join_words(
            shares.format_count_of_level(row, "nb_cherches") for row in badly.itertuples()
        )
        bounds = join_words(map(_bounds, badly.itertuples()))
        yield Conclusion(
            UNSUPPORTED,
            f"Dire quelle part a une stratégie parmi {shares.plural_levels(badly)}",
            f"Une recherche n’a été faite que pour {counts}. La part qui a une stratégie est "
            f"quelque part {bounds}, selon ce qu’ont ceux dont aucune stratégie n’est connue : ne "
            "rien trouver ne prouve pas l’absence.",
            reason,
            _LEVELS,
        )


def _bounds(row: object) -> str:
    """Return the least and the most that the share may be.

    The most is all: a territory of which nothing, or only facts, was found may have a strategy.
    """
    return (
        f"entre {shares.format_bounded_share(row.nb_avec_strategie / row.nb_territoires)} et "
        f"{format_percent(1)} des {LEVEL_NOUNS[row.territoire_niveau]}s"
    )


def described(found: Evidence) -> Iterator[Conclusion]:
    """Return for what is known of a level that was little looked for, and take it for a sample."""
    _, badly = by_search(found.levels)
    enough = badly[badly["nb_avec_strategie"].map(thresholds.enough).astype(bool)]
    if len(enough):
        counts = join_words(
            pluralize(row.nb_avec_strategie, LEVEL_NOUNS[row.territoire_niveau])
            for row in enough.itertuples()
        )
        yield Conclusion(
            SUPPORTED,
            f"Décrire les stratégies connues parmi {shares.plural_levels(enough)}",
            f"Une stratégie est connue pour {counts} : on peut dire ce qu’elles contiennent, sans "
            "les prendre pour un échantillon.",
            f"Au moins {format_number(thresholds.MIN_SAMPLE)} territoires.",
            _LEVELS,
        )
    people = badly["part_population_cherches"] * badly["nb_territoires"]
    larger = badly[(badly["nb_cherches"] > 0) & (people >= POPULATION_RATIO * badly["nb_cherches"])]
    if len(larger):
        counts = " ; ".join(
            f"{shares.format_share_of_level(row, 'nb_cherches')}, où vivent "
            f"{shares.format_bounded_share(row.part_population_cherches)} des habitants"
            for row in larger.itertuples()
        )
        yield Conclusion(
            UNSUPPORTED,
            f"Étendre aux autres ce qu’on voit parmi {shares.plural_levels(larger)}",
            f"On a surtout cherché les territoires les plus peuplés : {counts}.",
            f"Part des habitants au moins {format_number(POPULATION_RATIO, 2)} fois celle des "
            "territoires.",
            _LEVELS,
        )


def types(found: Evidence) -> Iterator[Conclusion]:
    """Compare territories by a type of strategy, at the levels that were looked for."""
    well, _ = by_search(found.levels)
    rows = found.types[
        found.types["territoire_niveau"].isin(well["territoire_niveau"])
        & (found.types["type"] != OTHER_TYPE)
        & (found.types["nb_avec_strategie"] > 0)
    ]
    often = rows["nb_avec_strategie"].map(thresholds.enough).astype(bool)
    for group, subject, part in (
        (SUPPORTED, "Comparer par type de stratégie", rows[often]),
        (UNSUPPORTED, "Comparer par un type trop rare", rows[~often]),
    ):
        if len(part):
            lists = " ; ".join(
                f"entre {LEVEL_NOUNS[level]}s, {join_words(map(_type, of_level.itertuples()))}"
                for level, of_level in part.groupby("territoire_niveau", sort=False)
            )
            yield Conclusion(
                group,
                subject,
                f"Territoires dont une stratégie de ce type est connue : {lists}.",
                f"Au moins {format_number(thresholds.MIN_SAMPLE)} territoires, comme pour une "
                "distribution parmi des pairs.",
                _TYPES,
            )


def _type(row: object) -> str:
    return f"« {code_label('types_strategie', row.type)} » ({format_number(row.nb_avec_strategie)})"


def absences(found: Evidence) -> Iterator[Conclusion]:
    """Describe that a territory has no strategy, or that it has the one of a wider territory."""
    nothing = int(found.levels["nb_non_trouvee"].sum())
    facts = int(found.levels["nb_partielle"].sum())
    if nothing + facts:
        searched = pluralize(nothing, "territoire cherché", "territoires cherchés")
        yield Conclusion(
            UNSUPPORTED,
            "Dire qu’un territoire n’a pas de stratégie",
            f"Rien n’a été trouvé pour {searched}, des faits seulement pour "
            f"{format_number(facts)} : cela "
            "ne prouve pas l’absence. Une recherche porte sur un territoire, pas sur un type de "
            "document.",
            "Dès un territoire cherché sans stratégie trouvée.",
            _LEVELS,
        )
    wider = int(found.levels["nb_couverts_par_plus_large"].sum())
    if wider:
        yield Conclusion(
            UNSUPPORTED,
            "Compter comme connu un territoire couvert par un plus large",
            f"{pluralize(wider, 'territoire')} sans stratégie connue dans un territoire plus large "
            "qui en a une : elle n’est pas la leur.",
            "Dès un territoire dans ce cas.",
            _LEVELS,
        )
