"""Rules on the facts known of strategies, and on what they rest: what these allow to conclude."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.completeness import shares as words
from comparisons.analysis.completeness.evidence import (
    CAN,
    CANNOT,
    RECORDED,
    STATED,
    Conclusion,
    Evidence,
)
from comparisons.analysis.completeness.fields import facts_by_level
from comparisons.analysis.completeness.sources import OLD_AGES, UNDATED
from comparisons.formatting import enumeration, number, partial_date, percent, plural
from comparisons.queries import thresholds
from comparisons.schema.model import label

_AMOUNTS, _FACTS = "representativite_montants", "representativite_faits"
_AGES, _CERTAINTIES = "representativite_ages", "representativite_certitudes"
_LEVELS = "representativite_niveaux"


def amounts(found: Evidence) -> Iterator[Conclusion]:
    """Give a median amount for a level, from the perimeter and stage best known there."""
    best = found.amounts.loc[found.amounts.groupby("territoire_niveau")["nb_renseignes"].idxmax()]
    best = best.sort_index()
    counts = zip(best["nb_renseignes"], best["nb_strategies"], strict=True)
    enough = pd.Series([thresholds.has_median(*each) for each in counts], best.index, dtype=bool)
    for group, meaning, part in (
        (CAN, "la médiane de toutes est parmi les montants connus", best[enough]),
        (CANNOT, "une médiane est celle de ces stratégies, pas du niveau", best[~enough]),
    ):
        if len(part):
            counts = enumeration(map(_amount, part.itertuples()))
            yield Conclusion(
                group,
                f"Donner un montant médian pour {words.plurals(part)}",
                "Un montant d’un même périmètre et d’une même étape est connu, au mieux, pour "
                f"{counts} : {meaning}.",
                f"Connu pour plus de {percent(thresholds.HALF)} des stratégies du niveau (en deçà, "
                "la médiane de toutes peut être n’importe où), et au moins "
                f"{number(thresholds.MIN_SAMPLE)}.",
                _AMOUNTS,
            )


def _amount(row: object) -> str:
    perimeter, stage = label("perimetres", row.perimetre), label("etapes", row.etape)
    return f"{words.strategies_out_of(row)} ({perimeter.lower()}, {stage.lower()})"


def themes(found: Evidence) -> Iterator[Conclusion]:
    """Say that a theme is a priority, or that it is not."""
    levels = facts_by_level(found.facts)
    rows = levels[levels["fait"] == "priorite"]
    known, total = int(rows["nb_renseignes"].sum()), int(rows["nb_strategies"].sum())
    if known:
        yield Conclusion(
            CAN,
            "Dire qu’un thème est une priorité",
            f"Des axes sont relevés, dans leurs mots, pour {plural(known, 'stratégie')} sur "
            f"{number(total)}.",
            "Dès un axe relevé : il a sa source.",
            _FACTS,
        )
    recorded = rows["nb_renseignes"] >= RECORDED * rows["nb_strategies"]
    for group, meaning, part in (
        (CAN, "un thème que rien ne nomme est sans doute absent", rows[recorded]),
        (CANNOT, "un thème non relevé n’est pas un thème absent", rows[~recorded]),
    ):
        if len(part):
            counts = enumeration(map(words.strategies_out_of, part.itertuples()))
            yield Conclusion(
                group,
                f"Dire qu’un thème est absent parmi {words.plurals(part)}",
                f"Des axes sont relevés pour {counts} : {meaning}. Rien ne dit qu’une liste "
                "relevée soit complète.",
                f"Axes relevés pour au moins {percent(RECORDED)} des stratégies du niveau.",
                _FACTS,
            )


def dates(found: Evidence) -> Iterator[Conclusion]:
    """Tell the state of today, and how it moves."""
    ages = found.ages.set_index("tranche")["nb_strategies"]
    total, old, undated = int(ages.sum()), int(ages[list(OLD_AGES)].sum()), int(ages[UNDATED])
    yield Conclusion(
        CAN if thresholds.mostly(total - old - undated, total) else CANNOT,
        "Décrire l’état d’aujourd’hui",
        f"La source a cinq ans ou plus pour {plural(old, 'stratégie')} sur {number(total)}, et ne "
        f"porte pas de date pour {number(undated)}.",
        f"Source de moins de cinq ans, la durée habituelle d’un plan, pour plus de "
        f"{percent(thresholds.HALF)} "
        "des stratégies.",
        _AGES,
    )
    searches = found.levels[["premiere_recherche", "derniere_recherche"]].stack().dropna()
    if searches.nunique() == 1:
        yield Conclusion(
            CANNOT,
            "Suivre une évolution d’une recherche à l’autre",
            f"Toutes les recherches sont du {partial_date(searches.iloc[0])} : chaque territoire "
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
        (CAN, "Prendre une ligne pour ce que sa source énonce", shares[shares >= STATED]),
        (CANNOT, "Prendre sans réserve des lignes souvent déduites", shares[shares < STATED]),
    ):
        if len(part):
            tables = enumeration(f"{title} {words.share(share)}" for title, share in part.items())
            yield Conclusion(
                group,
                subject,
                f"Lignes que leur source énonce en toutes lettres : {tables} ; le reste est "
                "déduit, et marqué ainsi partout.",
                f"Au moins {percent(STATED)} de lignes énoncées.",
                _CERTAINTIES,
            )
