"""Rules on the known facts of strategies and their sources: the conclusions they support."""

from collections.abc import Iterator

import pandas as pd

from comparisons.analysis.completeness.evidence import (
    MIN_STATED_SHARE,
    SUPPORTED,
    UNSUPPORTED,
    Conclusion,
    Evidence,
)
from comparisons.analysis.completeness.fields import completeness_by_fact_and_level
from comparisons.analysis.completeness.shares import (
    format_bounded_share,
    format_strategies_of_level,
    plural_levels,
)
from comparisons.analysis.completeness.sources import OLD_AGES, UNDATED
from comparisons.formatting import (
    format_number,
    format_partial_date,
    format_percent,
    join_words,
    pluralize,
)
from comparisons.queries import thresholds
from comparisons.queries.family_subjects import OVERALL
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label

_AMOUNTS, _FACTS = "representativite_montants", "representativite_faits"
_AGES, _CERTAINTIES = "representativite_ages", "representativite_certitudes"
_LEVELS = "representativite_niveaux"


def conclude_amounts(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on a median amount by level, for its best known perimeter and stage."""
    best_known = evidence.amounts.loc[
        evidence.amounts.groupby("territoire_niveau")["nb_renseignes"].idxmax()
    ]
    best_known = best_known.sort_index()
    counts = zip(best_known["nb_renseignes"], best_known["nb_strategies"], strict=True)
    has_median = pd.Series(
        [thresholds.has_median(*known_and_total) for known_and_total in counts],
        best_known.index,
        dtype=bool,
    )
    for group, meaning, group_rows in (
        (SUPPORTED, "la médiane de toutes est parmi les montants connus", best_known[has_median]),
        (
            UNSUPPORTED,
            "une médiane est celle de ces stratégies, pas du niveau",
            best_known[~has_median],
        ),
    ):
        if len(group_rows):
            counts = join_words(map(_format_amount_count, iterate_rows(group_rows)))
            yield Conclusion(
                group,
                f"Donner un montant médian pour {plural_levels(group_rows)}",
                "Un montant d’un même périmètre et d’une même étape est connu, au mieux, pour "
                f"{counts} : {meaning}.",
                f"Connu pour plus de {format_percent(thresholds.MAJORITY_SHARE)} des stratégies "
                "du niveau (en deçà, la médiane de toutes peut être n’importe où), et au moins "
                f"{format_number(thresholds.MIN_SAMPLE)}.",
                _AMOUNTS,
            )


def _format_amount_count(row: object) -> str:
    perimeter, stage = code_label("perimetres", row.perimetre), code_label("etapes", row.etape)
    return f"{format_strategies_of_level(row)} ({perimeter.lower()}, {stage.lower()})"


def conclude_themes(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on the presence and the absence of a theme."""
    levels = completeness_by_fact_and_level(evidence.facts)
    rows = levels[levels["fait"] == "priorite"]
    known_count, total = int(rows["nb_renseignes"].sum()), int(rows["nb_strategies"].sum())
    if known_count:
        yield Conclusion(
            SUPPORTED,
            "Dire qu’un thème est une priorité",
            f"Des axes sont relevés pour {pluralize(known_count, 'stratégie')} sur "
            f"{format_number(total)}.",
            "Dès un axe relevé : il a sa source.",
            _FACTS,
        )
    axis_lists = evidence.axis_lists
    complete_count = int(axis_lists["nb_completes"].sum())
    overall_count = int(axis_lists.loc[axis_lists["famille"] == OVERALL, "nb_completes"].sum())
    if overall_count:
        yield Conclusion(
            SUPPORTED,
            "Dire qu’un thème est absent d’une stratégie d’ensemble lue en entier",
            f"La liste d’axes est dite complète pour {pluralize(complete_count, 'document')} sur "
            f"{format_number(total)}, dont "
            f"{pluralize(overall_count, 'stratégie d’ensemble', 'stratégies d’ensemble')}.",
            "Dès une liste d’axes dite complète : un document spécialisé, lui, ne choisit pas son "
            "sujet parmi d’autres.",
            _FACTS,
        )
    if complete_count < total:
        yield Conclusion(
            UNSUPPORTED,
            "Dire ailleurs qu’un thème est absent",
            f"{pluralize(complete_count, 'liste')} sur {format_number(total)} "
            f"{'est dite complète' if complete_count < 2 else 'sont dites complètes'} ; ailleurs, "
            "un thème non relevé n’est pas un thème absent.",
            "Dès une liste qui n’est pas dite complète.",
            _FACTS,
        )


def conclude_dates(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on the age of sources and on changes between lookups."""
    ages = evidence.ages.set_index("tranche")["nb_strategies"]
    total, old_count, undated_count = (
        int(ages.sum()),
        int(ages[list(OLD_AGES)].sum()),
        int(ages[UNDATED]),
    )
    yield Conclusion(
        SUPPORTED
        if thresholds.is_majority(total - old_count - undated_count, total)
        else UNSUPPORTED,
        "Décrire l’état d’aujourd’hui",
        f"La source a cinq ans ou plus pour {pluralize(old_count, 'stratégie')} sur "
        f"{format_number(total)}, et ne "
        f"porte pas de date pour {format_number(undated_count)}.",
        f"Source de moins de cinq ans, la durée habituelle d’un plan, pour plus de "
        f"{format_percent(thresholds.MAJORITY_SHARE)} des stratégies.",
        _AGES,
    )
    searches = evidence.levels[["premiere_recherche", "derniere_recherche"]].stack().dropna()
    if searches.nunique() == 1:
        yield Conclusion(
            UNSUPPORTED,
            "Suivre une évolution d’une recherche à l’autre",
            f"Une seule date de recherche est notée, le {format_partial_date(searches.iloc[0])} : "
            "rien ne dit ce qui a changé depuis.",
            "Au moins deux dates de recherche.",
            _LEVELS,
        )


def conclude_certainty(evidence: Evidence) -> Iterator[Conclusion]:
    """Yield conclusions on the share of facts stated by their source, by table."""
    row_counts = evidence.certainties.groupby("table_titre", sort=False)["nb_lignes"].sum()
    stated_rows = evidence.certainties[evidence.certainties["certitude"] == "explicite"]
    shares = (
        stated_rows.groupby("table_titre")["nb_lignes"]
        .sum()
        .reindex(row_counts.index, fill_value=0)
        / row_counts
    )
    for group, subject, group_shares in (
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
        if len(group_shares):
            tables = join_words(
                f"{title} {format_bounded_share(share)}" for title, share in group_shares.items()
            )
            yield Conclusion(
                group,
                subject,
                f"Lignes que leur source énonce en toutes lettres : {tables} ; le reste est "
                "déduit, et marqué ainsi partout.",
                f"Au moins {format_percent(MIN_STATED_SHARE)} de lignes énoncées.",
                _CERTAINTIES,
            )
