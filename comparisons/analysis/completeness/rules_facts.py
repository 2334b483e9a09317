"""Rules on the facts known of strategies, and on what they rest: what these allow to conclude."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.completeness import shares as words
from comparisons.analysis.completeness.evidence import (
    MIN_RECORDED_SHARE,
    MIN_STATED_SHARE,
    SUPPORTED,
    UNSUPPORTED,
    Conclusion,
    Evidence,
)
from comparisons.analysis.completeness.fields import facts_by_level
from comparisons.analysis.completeness.sources import OLD_AGES, UNDATED
from comparisons.formatting import (
    format_number,
    format_partial_date,
    format_percent,
    join_words,
    pluralize,
)
from comparisons.queries import thresholds
from comparisons.schema.model import code_label

_AMOUNTS, _FACTS = "representativite_montants", "representativite_faits"
_AGES, _CERTAINTIES = "representativite_ages", "representativite_certitudes"
_LEVELS = "representativite_niveaux"


def amounts(found: Evidence) -> Iterator[Conclusion]:
    """Return a median amount for a level, from the perimeter and stage best known there."""
    best = found.amounts.loc[found.amounts.groupby("territoire_niveau")["nb_renseignes"].idxmax()]
    best = best.sort_index()
    counts = zip(best["nb_renseignes"], best["nb_strategies"], strict=True)
    enough = pd.Series([thresholds.has_median(*each) for each in counts], best.index, dtype=bool)
    for group, meaning, part in (
        (SUPPORTED, "la médiane de toutes est parmi les montants connus", best[enough]),
        (UNSUPPORTED, "une médiane est celle de ces stratégies, pas du niveau", best[~enough]),
    ):
        if len(part):
            counts = join_words(map(_amount, part.itertuples()))
            yield Conclusion(
                group,
                f"Donner un montant médian pour {words.plural_levels(part)}",
                "Un montant d’un même périmètre et d’une même étape est connu, au mieux, pour "
                f"{counts} : {meaning}.",
                f"Connu pour plus de {format_percent(thresholds.MAJORITY_SHARE)} des stratégies "
                "du niveau (en deçà, "
                "la médiane de toutes peut être n’importe où), et au moins "
                f"{format_number(thresholds.MIN_SAMPLE)}.",
                _AMOUNTS,
            )


def _amount(row: object) -> str:
    perimeter, stage = code_label("perimetres", row.perimetre), code_label("etapes", row.etape)
    return f"{words.format_strategies_of_level(row)} ({perimeter.lower()}, {stage.lower()})"


def themes(found: Evidence) -> Iterator[Conclusion]:
    """Describe that a theme is a priority, or that it is not."""
    levels = facts_by_level(found.facts)
    rows = levels[levels["fait"] == "priorite"]
    known, total = int(rows["nb_renseignes"].sum()), int(rows["nb_strategies"].sum())
    if known:
        yield Conclusion(
            SUPPORTED,
            "Dire qu’un thème est une priorité",
            f"Des axes sont relevés, dans leurs mots, pour {pluralize(known, 'stratégie')} sur "
            f"{format_number(total)}.",
            "Dès un axe relevé : il a sa source.",
            _FACTS,
        )
    recorded = rows["nb_renseignes"] >= MIN_RECORDED_SHARE * rows["nb_strategies"]
    for group, meaning, part in (
        (SUPPORTED, "un thème que rien ne nomme est sans doute absent", rows[recorded]),
        (UNSUPPORTED, "un thème non relevé n’est pas un thème absent", rows[~recorded]),
    ):
        if len(part):
            counts = join_words(map(words.format_strategies_of_level, part.itertuples()))
            yield Conclusion(
                group,
                f"Dire qu’un thème est absent parmi {words.plural_levels(part)}",
                f"Des axes sont relevés pour {counts} : {meaning}. Rien ne dit qu’une liste "
                "relevée soit complète.",
                f"Axes relevés pour au moins {format_percent(MIN_RECORDED_SHARE)} des stratégies "
                "du niveau.",
                _FACTS,
            )


def dates(found: Evidence) -> Iterator[Conclusion]:
    """Return the state of today, and how it moves."""
    ages = found.ages.set_index("tranche")["nb_strategies"]
    total, old, undated = int(ages.sum()), int(ages[list(OLD_AGES)].sum()), int(ages[UNDATED])
    yield Conclusion(
        SUPPORTED if thresholds.mostly(total - old - undated, total) else UNSUPPORTED,
        "Décrire l’état d’aujourd’hui",
        f"La source a cinq ans ou plus pour {pluralize(old, 'stratégie')} sur "
        f"{format_number(total)}, et ne "
        f"porte pas de date pour {format_number(undated)}.",
        f"Source de moins de cinq ans, la durée habituelle d’un plan, pour plus de "
        f"{format_percent(thresholds.MAJORITY_SHARE)} "
        "des stratégies.",
        _AGES,
    )
    searches = found.levels[["premiere_recherche", "derniere_recherche"]].stack().dropna()
    if searches.nunique() == 1:
        yield Conclusion(
            UNSUPPORTED,
            "Suivre une évolution d’une recherche à l’autre",
            f"Toutes les recherches sont du {format_partial_date(searches.iloc[0])} : chaque "
            "territoire "
            "n’a été regardé qu’une fois.",
            "Au moins deux dates de recherche.",
            _LEVELS,
        )


def certainty(found: Evidence) -> Iterator[Conclusion]:
    """Take a fact for what its source states."""
    counts = found.certainties.groupby("table_titre", sort=False)["nb_lignes"].sum()
    stated = found.certainties[found.certainties["certitude"] == "explicite"]
    shares = (
        stated.groupby("table_titre")["nb_lignes"].sum().reindex(counts.index, fill_value=0)
        / counts
    )
    for group, subject, part in (
        (
            SUPPORTED,
            "Prendre une ligne pour ce que sa source énonce",
            shares[shares >= MIN_STATED_SHARE],
        ),
        (
            UNSUPPORTED,
            "Prendre sans réserve des lignes souvent déduites",
            shares[shares < MIN_STATED_SHARE],
        ),
    ):
        if len(part):
            tables = join_words(
                f"{title} {words.format_bounded_share(share)}" for title, share in part.items()
            )
            yield Conclusion(
                group,
                subject,
                f"Lignes que leur source énonce en toutes lettres : {tables} ; le reste est "
                "déduit, et marqué ainsi partout.",
                f"Au moins {format_percent(MIN_STATED_SHARE)} de lignes énoncées.",
                _CERTAINTIES,
            )
