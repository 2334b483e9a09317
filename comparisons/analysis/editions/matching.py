"""Matching of the axes of two editions."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from comparisons.analysis.editions.documents import load_strategies
from comparisons.analysis.editions.wording_similarity import similarity_matrix
from comparisons.database.cache import cached
from comparisons.formatting import is_missing
from comparisons.queries import strategies
from comparisons.queries.axes import filter_named
from comparisons.rows import iterate_rows
from comparisons.text_similarity import NEAR_IDENTICAL, optimal_assignment

EVOLUTIONS = ("reprise", "reformulee", "plus_relevee", "relevee_ensuite")
_SIDE_COLUMNS = (
    "rang",
    "intitule",
    "theme",
    "themes_secondaires",
    "certitude",
    "localisation",
    "source_id",
    "source_titre",
    "source_editeur",
    "source_url",
)
_COLUMNS = (
    "evolution",
    "theme",
    "similarite",
    "meme_theme",
    "theme_dans_autre_edition",
    *(f"{column}_{side}" for side in ("avant", "apres") for column in _SIDE_COLUMNS),
)


@cached
def match_editions(before: str, after: str, named_only: bool = True) -> pd.DataFrame:
    """Return what became of each axis from one document to the next.

    Returns the columns of `match_priorities`: one row per axis of either document; no row when one
    of them has no recorded axis (`comparable` says so). With `named_only`, of the axes that the
    documents name: the words of the others are ours. Raises `KeyError` for an unknown document.
    """
    documents = load_strategies([before, after])
    axes = filter_named(strategies.priorities([before, after]), named_only)
    old, new = (axes[axes["strategie_id"] == strategy_id] for strategy_id in (before, after))
    # names of both sides, which may be of two territories
    name = " ".join(dict.fromkeys(documents["territoire_nom"]))
    return match_priorities(
        old,
        new,
        lambda before_texts, after_texts: similarity_matrix(before_texts, after_texts, name),
    )


def match_priorities(
    before: pd.DataFrame,
    after: pd.DataFrame,
    compute_similarity: Callable[[Sequence[str], Sequence[str]], np.ndarray],
) -> pd.DataFrame:
    """Match the axes of two editions; the order of rows does not matter, that of ranks does.

    `before` and `after` have the columns of `strategies.priorities`; `compute_similarity` gives
    the similarity (0 to 1) of each wording of the one (rows) to each of the other (columns).

    Returns `evolution` (`reprise`: same main theme and nearly the same wording; `reformulee`:
    matched otherwise; `plus_relevee`, `relevee_ensuite`: unmatched), `theme` (the latest),
    `similarite` and `meme_theme` (missing when unmatched), `theme_dans_autre_edition` (of an
    unmatched axis: does an axis of the other edition bear its main theme?), then for each side,
    with `_avant` or `_apres`: `rang`, `intitule`, `theme`, `themes_secondaires`, `certitude`,
    `localisation` and
    the source (`source_id`, `source_titre`, `source_editeur`, `source_url`). Empty when either is.
    """
    old, new = (list(iterate_rows(rows.sort_values("rang"))) for rows in (before, after))
    axis_rows = []
    if old and new:
        similarity = compute_similarity(
            [row.intitule for row in old], [row.intitule for row in new]
        )
        pairs = optimal_assignment(
            similarity,
            [(row.theme, _all_themes(row)) for row in old],
            [(row.theme, _all_themes(row)) for row in new],
        )
        axis_rows += [
            _matched_row(old[old_index], new[new_index], float(similarity[old_index, new_index]))
            for old_index, new_index in pairs
        ]
        matched_old, matched_new = (
            {old_index for old_index, _ in pairs},
            {new_index for _, new_index in pairs},
        )
        axis_rows += [
            _unmatched_row(row, "avant", new)
            for index, row in enumerate(old)
            if index not in matched_old
        ]
        axis_rows += [
            _unmatched_row(row, "apres", old)
            for index, row in enumerate(new)
            if index not in matched_new
        ]
    table = pd.DataFrame(axis_rows, columns=list(_COLUMNS)).astype(
        {
            "similarite": "float64",
            "meme_theme": "boolean",
            "theme_dans_autre_edition": "boolean",
            "rang_avant": "Int64",
            "rang_apres": "Int64",
        }
    )
    evolution_order = table["evolution"].map({code: index for index, code in enumerate(EVOLUTIONS)})
    return (
        table.assign(place=evolution_order)
        .sort_values(["place", "rang_avant", "rang_apres"], ignore_index=True)
        .drop(columns="place")
    )


def _all_themes(row: object) -> list[str]:
    secondary_themes = [] if is_missing(row.themes_secondaires) else list(row.themes_secondaires)
    return list(dict.fromkeys([row.theme, *secondary_themes]))


def _side_cells(row: object, side: str) -> dict[str, object]:
    return {f"{column}_{side}": getattr(row, column) for column in _SIDE_COLUMNS}


def _matched_row(old: object, new: object, similarity: float) -> dict[str, object]:
    same_theme = old.theme == new.theme
    return {
        "evolution": "reprise" if same_theme and similarity >= NEAR_IDENTICAL else "reformulee",
        "theme": new.theme,
        "similarite": similarity,
        "meme_theme": same_theme,
        **_side_cells(old, "avant"),
        **_side_cells(new, "apres"),
    }


def _unmatched_row(row: object, side: str, other_axes: list) -> dict[str, object]:
    return {
        "evolution": "plus_relevee" if side == "avant" else "relevee_ensuite",
        "theme": row.theme,
        "theme_dans_autre_edition": any(
            row.theme in _all_themes(other_axis) for other_axis in other_axes
        ),
        **_side_cells(row, side),
    }
