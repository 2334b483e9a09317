"""What became of each axis from one edition to the next."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from comparisons.analysis.editions.documents import load_strategies
from comparisons.analysis.editions.wording_similarity import similarity_matrix
from comparisons.formatting import is_missing
from comparisons.queries import strategies
from comparisons.queries.axes import kept
from comparisons.text_similarity import NEAR_IDENTICAL, optimal_assignment

EVOLUTIONS = ("reprise", "reformulee", "plus_relevee", "relevee_ensuite")
_SIDE = (
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
    *(f"{column}_{side}" for side in ("avant", "apres") for column in _SIDE),
)


def match_editions(before: str, after: str, named_only: bool = True) -> pd.DataFrame:
    """Return what became of each axis from one document to the next.

    Returns the columns of `match_priorities`: one row per axis of either document; no row when one
    of them has no recorded axis (`comparable` says so). With `named_only`, of the axes that the
    documents name: the words of the others are ours. Raises `KeyError` for an unknown document.
    """
    documents = load_strategies([before, after])
    axes = kept(strategies.priorities([before, after]), named_only)
    old, new = (axes[axes["strategie_id"] == id_] for id_ in (before, after))
    # each side's name: they may be two territories'
    name = " ".join(dict.fromkeys(documents["territoire_nom"]))
    return match_priorities(old, new, lambda one, other: similarity_matrix(one, other, name))


def match_priorities(
    before: pd.DataFrame,
    after: pd.DataFrame,
    alike: Callable[[Sequence[str], Sequence[str]], np.ndarray],
) -> pd.DataFrame:
    """Match the axes of two editions; the order of rows does not matter, that of ranks does.

    `before` and `after` have the columns of `strategies.priorities`; `alike` gives the likeness
    (0 to 1) of each wording of the one (rows) to each of the other (columns).

    Returns `evolution` (`reprise`: same main theme and nearly the same wording; `reformulee`:
    matched otherwise; `plus_relevee`, `relevee_ensuite`: unmatched), `theme` (the latest),
    `similarite` and `meme_theme` (missing when unmatched), `theme_dans_autre_edition` (of an
    unmatched axis: does an axis of the other edition bear its main theme?), then for each side,
    with `_avant` or `_apres`: `rang`, `intitule`, `theme`, `themes_secondaires`, `certitude`,
    `localisation` and
    the source (`source_id`, `source_titre`, `source_editeur`, `source_url`). Empty when either is.
    """
    old, new = (list(rows.sort_values("rang").itertuples()) for rows in (before, after))
    lines = []
    if old and new:
        similarity = alike([row.intitule for row in old], [row.intitule for row in new])
        pairs = optimal_assignment(
            similarity,
            [(row.theme, _themes(row)) for row in old],
            [(row.theme, _themes(row)) for row in new],
        )
        lines += [_match(old[i], new[j], float(similarity[i, j])) for i, j in pairs]
        kept, taken = {i for i, _ in pairs}, {j for _, j in pairs}
        lines += [_alone(row, "avant", new) for place, row in enumerate(old) if place not in kept]
        lines += [_alone(row, "apres", old) for place, row in enumerate(new) if place not in taken]
    table = pd.DataFrame(lines, columns=list(_COLUMNS)).astype(
        {
            "similarite": "float64",
            "meme_theme": "boolean",
            "theme_dans_autre_edition": "boolean",
            "rang_avant": "Int64",
            "rang_apres": "Int64",
        }
    )
    places = table["evolution"].map({code: place for place, code in enumerate(EVOLUTIONS)})
    return (
        table.assign(place=places)
        .sort_values(["place", "rang_avant", "rang_apres"], ignore_index=True)
        .drop(columns="place")
    )


def _themes(row: object) -> list[str]:
    others = [] if is_missing(row.themes_secondaires) else list(row.themes_secondaires)
    return list(dict.fromkeys([row.theme, *others]))


def _side(row: object, side: str) -> dict[str, object]:
    return {f"{column}_{side}": getattr(row, column) for column in _SIDE}


def _match(old: object, new: object, similarity: float) -> dict[str, object]:
    same = old.theme == new.theme
    return {
        "evolution": "reprise" if same and similarity >= NEAR_IDENTICAL else "reformulee",
        "theme": new.theme,
        "similarite": similarity,
        "meme_theme": same,
        **_side(old, "avant"),
        **_side(new, "apres"),
    }


def _alone(row: object, side: str, others: list) -> dict[str, object]:
    return {
        "evolution": "plus_relevee" if side == "avant" else "relevee_ensuite",
        "theme": row.theme,
        "theme_dans_autre_edition": any(row.theme in _themes(other) for other in others),
        **_side(row, side),
    }
