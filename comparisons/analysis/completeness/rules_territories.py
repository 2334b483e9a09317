"""Rules on the known territories: the conclusions that their numbers support."""

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
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NOUNS

_LEVELS, _TYPES = "representativite_niveaux", "representativite_types"


def _split_by_lookup(levels: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return two tables: levels where nearly all territories were looked up, and the others."""
    is_searched = levels["nb_cherches"] >= MIN_LOOKED_UP_SHARE * levels["nb_territoires"]
    return levels[is_searched], levels[~is_searched]


def conclude_lookups(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on comparing the territories of a level, and on its share covered."""
    searched_levels, unsearched_levels = _split_by_lookup(evidence.levels)
    reason = f"Au moins {format_percent(MIN_LOOKED_UP_SHARE)} de territoires cherchés."
    if len(searched_levels):
        levels_text = join_words(map(shares.AMONG_LEVEL.get, searched_levels["territoire_niveau"]))
        counts = join_words(
            shares.format_count_of_level(row, "nb_cherches")
            for row in iterate_rows(searched_levels)
        )
        last_date = format_partial_date(searched_levels["derniere_recherche"].max())
        text = f"Une recherche a été faite pour {counts}, la dernière le {last_date}."
        yield Conclusion(SUPPORTED, f"Comparer {levels_text}", text, reason, _LEVELS)
    if len(unsearched_levels):
        counts = join_words(
            shares.format_count_of_level(row, "nb_cherches")
            for row in iterate_rows(unsearched_levels)
        )
        bounds = join_words(map(_format_bounds, iterate_rows(unsearched_levels)))
        yield Conclusion(
            UNSUPPORTED,
            f"Dire quelle part a une stratégie parmi {shares.plural_levels(unsearched_levels)}",
            f"Une recherche n’a été faite que pour {counts}. La part qui a une stratégie est "
            f"quelque part {bounds}, selon ce qu’ont ceux dont aucune stratégie n’est connue : ne "
            "rien trouver ne prouve pas l’absence.",
            reason,
            _LEVELS,
        )


def _format_bounds(row: object) -> str:
    """Return the least and the most that the share may be.

    The most is all: a territory of which nothing, or only facts, was found may have a strategy.
    """
    return (
        f"entre {shares.format_bounded_share(row.nb_avec_strategie / row.nb_territoires)} et "
        f"{format_percent(1)} des {LEVEL_NOUNS[row.territoire_niveau]}s"
    )


def conclude_descriptions(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on the levels where few territories were looked up."""
    _, unsearched_levels = _split_by_lookup(evidence.levels)
    described_levels = unsearched_levels[
        unsearched_levels["nb_avec_strategie"].map(thresholds.is_enough).astype(bool)
    ]
    if len(described_levels):
        counts = join_words(
            pluralize(row.nb_avec_strategie, LEVEL_NOUNS[row.territoire_niveau])
            for row in iterate_rows(described_levels)
        )
        yield Conclusion(
            SUPPORTED,
            f"Décrire les stratégies connues parmi {shares.plural_levels(described_levels)}",
            f"Une stratégie est connue pour {counts} : on peut dire ce qu’elles contiennent, sans "
            "les prendre pour un échantillon.",
            f"Au moins {format_number(thresholds.MIN_SAMPLE)} territoires.",
            _LEVELS,
        )
    population_estimate = (
        unsearched_levels["part_population_cherches"] * unsearched_levels["nb_territoires"]
    )
    biased_levels = unsearched_levels[
        (unsearched_levels["nb_cherches"] > 0)
        & (population_estimate >= POPULATION_RATIO * unsearched_levels["nb_cherches"])
    ]
    if len(biased_levels):
        counts = " ; ".join(
            f"{shares.format_share_of_level(row, 'nb_cherches')}, où vivent "
            f"{shares.format_bounded_share(row.part_population_cherches)} des habitants"
            for row in iterate_rows(biased_levels)
        )
        yield Conclusion(
            UNSUPPORTED,
            f"Étendre aux autres ce qu’on voit parmi {shares.plural_levels(biased_levels)}",
            f"On a surtout cherché les territoires les plus peuplés : {counts}.",
            f"Part des habitants au moins {format_number(POPULATION_RATIO, 2)} fois celle des "
            "territoires.",
            _LEVELS,
        )


def conclude_types(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on comparing territories by type of strategy.

    Only the types that were looked for as such, at nearly all territories of a level, compare.
    """
    rows = evidence.types[evidence.types["type"] != OTHER_TYPE]
    is_searched = rows["nb_cherches"] >= MIN_LOOKED_UP_SHARE * rows["nb_territoires"]
    searched_rows = rows[is_searched & (rows["nb_avec_strategie"] > 0)]
    is_frequent = searched_rows["nb_avec_strategie"].map(thresholds.is_enough).astype(bool)
    reason = (
        f"Au moins {format_percent(MIN_LOOKED_UP_SHARE)} de territoires où ce type a été cherché, "
        f"et au moins {format_number(thresholds.MIN_SAMPLE)} qui en ont un."
    )
    for group, subject, group_rows in (
        (SUPPORTED, "Comparer par type de stratégie", searched_rows[is_frequent]),
        (UNSUPPORTED, "Comparer par un type trop rare", searched_rows[~is_frequent]),
    ):
        if len(group_rows):
            lists = " ; ".join(
                f"entre {LEVEL_NOUNS[level]}s, "
                f"{join_words(map(_format_type, iterate_rows(level_rows)))}"
                for level, level_rows in group_rows.groupby("territoire_niveau", sort=False)
            )
            text = f"Territoires dont une stratégie de ce type est connue : {lists}."
            yield Conclusion(group, subject, text, reason, _TYPES)
    unsearched_count = int((~is_searched).sum())
    if unsearched_count:
        yield Conclusion(
            UNSUPPORTED,
            "Comparer par un type que l’on n’a pas cherché",
            f"Pour {format_number(unsearched_count)} couples d’un niveau et d’un type sur "
            f"{format_number(len(rows))}, ce type n’a pas été cherché, ou pas partout : un "
            "territoire dont aucun document de ce type n’est connu peut en avoir un.",
            reason,
            _TYPES,
        )


def _format_type(row: object) -> str:
    return f"« {code_label('types_strategie', row.type)} » ({format_number(row.nb_avec_strategie)})"


def conclude_absences(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on territories without a strategy, or covered by a wider one."""
    not_found_count = int(evidence.levels["nb_non_trouvee"].sum())
    facts_only_count = int(evidence.levels["nb_partielle"].sum())
    if not_found_count + facts_only_count:
        searched = pluralize(not_found_count, "territoire cherché", "territoires cherchés")
        yield Conclusion(
            UNSUPPORTED,
            "Dire qu’un territoire n’a pas de stratégie",
            f"Rien n’a été trouvé pour {searched}, des faits seulement pour "
            f"{format_number(facts_only_count)} : cela ne prouve pas l’absence.",
            "Dès un territoire cherché sans stratégie trouvée.",
            _LEVELS,
        )
    covered_count = int(evidence.levels["nb_couverts_par_plus_large"].sum())
    if covered_count:
        yield Conclusion(
            UNSUPPORTED,
            "Compter comme connu un territoire couvert par un plus large",
            f"{pluralize(covered_count, 'territoire')}"
            f" sans stratégie connue dans un territoire plus large "
            "qui en a une : elle n’est pas la leur.",
            "Dès un territoire dans ce cas.",
            _LEVELS,
        )
