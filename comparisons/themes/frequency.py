"""How often strategies hold a theme, by period of the document or by level: n of N, then a share.

Only strategies whose priorities are recorded are counted: of the others one cannot tell. A share is
given from `LEAST` strategies on; below, the counts alone are.
"""

import pandas as pd

from comparisons.axes import SELECTED
from comparisons.format import codes, label
from comparisons.territories import LEVEL_NAMES, LEVELS
from comparisons.text import NBSP, enumeration, percent, plural
from comparisons.themes.periods import UNDATED, band_label, bands
from comparisons.warehouse import query

# below, one strategy more or less changes everything: no share
LEAST = 20
NOTE = (
    "Parmi les stratégies dont des priorités sont relevées (les listes relevées peuvent être "
    "partielles), celles dont une priorité au moins porte le thème, principal ou secondaire. "
    f"Aucune part n’est donnée sous {LEAST} stratégies. D’une période à l’autre, ce ne sont pas "
    "les mêmes territoires : une part qui monte n’est pas à elle seule une évolution."
)


def frequency(level: str | None = None, named_only: bool = False) -> pd.DataFrame:
    """Count, per theme and period, the strategies that hold a theme (of one level of their lead).

    Returns `theme`, `periode` (five years of the document, or `sans_date`, last), `nb` (that hold
    the theme), `nb_connues` (with recorded priorities), `part` (0 to 1; missing below `LEAST`); one
    row per theme × period that has a strategy. With `named_only`, of the axes that documents name
    (and of the strategies that have some). Raises `KeyError` for an unknown level.
    """
    if level is not None and level not in LEVELS:
        raise KeyError(level)
    axes = _axes(named_only)
    if level:
        axes = axes[axes["territoire_niveau"] == level]
    periods = sorted(axes["periode"].unique(), key=lambda code: (code == UNDATED, code))
    return _counted(axes, "periode", periods)


def frequency_by_level(named_only: bool = False) -> pd.DataFrame:
    """Count, per theme and level of the lead, the strategies that hold a theme.

    Returns `theme`, `territoire_niveau`, `nb`, `nb_connues`, `part`, as `frequency` does.
    """
    axes = _axes(named_only)
    present = set(axes["territoire_niveau"])
    return _counted(axes, "territoire_niveau", [code for code in LEVELS if code in present])


def _axes(named_only: bool) -> pd.DataFrame:
    """Give each theme of each strategy once, with its period and level."""
    rows = query(
        f"""
        SELECT DISTINCT strategie_id, e.territoire_niveau, e.annee_document,
               unnest(list_concat([p.theme], coalesce(p.themes_secondaires, []))) AS theme
        FROM {SELECTED} p JOIN etats_strategies e USING (strategie_id)
        """,
        {"nommes": named_only},
    )
    return rows.assign(periode=bands(rows["annee_document"]))


def _counted(axes: pd.DataFrame, column: str, order: list[str]) -> pd.DataFrame:
    themes = codes("themes")
    places = pd.MultiIndex.from_product([themes, order], names=["theme", column])
    holding = axes.groupby(["theme", column])["strategie_id"].nunique()
    known = axes.groupby(column)["strategie_id"].nunique()
    rows = holding.reindex(places, fill_value=0).rename("nb").reset_index()
    rows["nb_connues"] = rows[column].map(known).astype(int)
    return rows.assign(part=(rows["nb"] / rows["nb_connues"]).where(rows["nb_connues"] >= LEAST))


def group_label(rows: pd.DataFrame, code: str) -> str:
    """Name a column of a table of frequencies: a period, or a level."""
    return band_label(code) if "periode" in rows else LEVEL_NAMES[code]


def frequency_words(rows: pd.DataFrame, most: int = 3) -> str:
    """Say what a table of frequencies shows, for who does not see the figure.

    Of each period or level of which shares are given: the themes held most often, n of N.
    """
    column = "periode" if "periode" in rows else "territoire_niveau"
    what = "période du document" if column == "periode" else "niveau"
    said = [f"Part des stratégies qui portent chaque thème, par {what}."]
    for code, part in rows.groupby(column, sort=False):
        name, total = group_label(rows, code), part["nb_connues"].iloc[0]
        if part["part"].isna().all():
            said.append(f"{name} : {plural(total, 'stratégie')}, trop peu pour une part.")
            continue
        first = part.sort_values("nb", ascending=False, kind="stable").head(most)
        told = enumeration(
            f"{label('themes', row.theme).lower()} ({row.nb} sur {total}, {percent(row.part)})"
            for row in first.itertuples()
        )
        said.append(f"{name}{NBSP}: d’abord {told}.")
    return " ".join(said)
