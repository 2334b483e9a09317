"""How many documents of one family hold a theme, by period of the document or by level: n of N.

Each territory has one document in a count, the one that speaks for it. Only documents whose
priorities are recorded are counted: of the others one cannot tell. A share is given from as
many documents on as `verdicts` says; below, the counts alone are.
"""

import pandas as pd

from comparisons.analysis.statements import Statement, common_object
from comparisons.database.connection import query
from comparisons.formatting import NBSP, format_percent, is_missing, join_words, pluralize
from comparisons.queries import thresholds
from comparisons.queries.axes import SELECTED
from comparisons.queries.family_subjects import DESCRIPTION, OVERALL, speaks_first, subject
from comparisons.queries.periods import UNDATED, period_label, to_periods
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES, LEVELS

# the one of which readers ask first whether it rises
NEW_THEME = "intelligence_artificielle"
NOTE = (
    "Les documents comptés sont d’une seule famille, un par territoire et par période : celui qui "
    "couvre toute son action, en vigueur plutôt qu’échu, puis le plus récent ; une page qui décrit "
    "une action sans nommer de document n’en est pas un. Seuls comptent ceux dont des axes sont "
    "relevés (les listes relevées peuvent être partielles) ; un document porte un thème quand un "
    "de ses axes l’a pour thème, principal ou secondaire. Le sujet même d’une famille n’est pas "
    f"compté : ce n’est pas un choix. Aucune part n’est donnée sous {thresholds.SHARE_FROM} "
    "documents. D’une période à l’autre, ce ne sont pas les mêmes territoires."
)


def frequency(
    family: str = OVERALL, level: str | None = None, named_only: bool = False
) -> pd.DataFrame:
    """Count, per theme and period, the documents of a family that hold a theme.

    One document per territory (its lead, of one level if asked) and period. Returns `famille`,
    `theme` (all but the family's own subject), `periode` (five years of the document, or
    `sans_date`, last), `nb` (that hold the theme), `nb_connues` (with recorded priorities), `part`
    (0 to 1; missing where `verdicts` gives none), `nb_listes_completes` (documents whose axes are
    all recorded), `portee`, `reserves`; one row per theme × period that has a document.

    With `named_only`, of the axes that documents name (and of the documents that have some). Raises
    `KeyError` for an unknown family or level.
    """
    if level is not None and level not in LEVELS:
        raise KeyError(level)
    axes = _axes(family, named_only)
    if level:
        axes = axes[axes["territoire_niveau"] == level]
    periods = sorted(axes["periode"].unique(), key=lambda code: (code == UNDATED, code))
    return _counted(axes, family, "periode", periods)


def frequency_by_level(family: str = OVERALL, named_only: bool = False) -> pd.DataFrame:
    """Count, per theme and level of the lead, the documents of a family that hold a theme.

    One document per territory. Returns the columns of `frequency`, with `territoire_niveau` instead
    of `periode`.
    """
    axes = _axes(family, named_only)
    present = set(axes["territoire_niveau"])
    order = [code for code in LEVELS if code in present]
    return _counted(axes, family, "territoire_niveau", order)


def read_by_family(named_only: bool = False) -> dict[str, int]:
    """Count the documents of each family whose priorities are recorded, in their order."""
    rows = query(
        f"""
        SELECT e.famille, count(DISTINCT strategie_id) AS nb
        FROM {SELECTED} p JOIN etats_strategies e USING (strategie_id)
        WHERE e.portee IS DISTINCT FROM '{DESCRIPTION}' GROUP BY e.famille
        """,
        {"nommes": named_only},
    )
    found = dict(zip(rows["famille"], rows["nb"], strict=True))
    return {code: int(found.get(code, 0)) for code in vocabulary_codes("familles_strategie")}


def _axes(family: str, named_only: bool) -> pd.DataFrame:
    """Return each theme of each document of a family once.

    The ones that speak first coming first.
    """
    if family not in vocabulary_codes("familles_strategie"):
        raise KeyError(family)
    rows = query(
        f"""
        SELECT DISTINCT e.strategie_id, e.territoire_niveau, e.territoire_code, e.annee_document,
               e.portee, e.etat, e.famille, s.liste_axes,
               unnest(list_concat([p.theme], coalesce(p.themes_secondaires, []))) AS theme
        FROM {SELECTED} p
        JOIN etats_strategies e USING (strategie_id)
        JOIN strategies s USING (strategie_id)
        WHERE e.famille = $family AND e.portee IS DISTINCT FROM '{DESCRIPTION}'
        ORDER BY {speaks_first("e")}
        """,
        {"nommes": named_only, "family": family},
    )
    return rows.assign(periode=to_periods(rows["annee_document"]))


def _counted(axes: pd.DataFrame, family: str, column: str, order: list[str]) -> pd.DataFrame:
    """Count the documents that hold each theme, one document per territory in each column."""
    place = ["territoire_niveau", "territoire_code", "periode"]
    place = place if column == "periode" else place[:2]
    speaking = axes.drop_duplicates(place)["strategie_id"]
    axes = axes[axes["strategie_id"].isin(speaking)]
    if len(axes):  # a count of unlike documents is refused
        common_object(axes["famille"].unique())
    themes = [code for code in vocabulary_codes("themes") if code != subject(family)]
    places = pd.MultiIndex.from_product([themes, order], names=["theme", column])
    holding = axes.groupby(["theme", column])["strategie_id"].nunique()
    known = axes.groupby(column)["strategie_id"].nunique()
    rows = holding.reindex(places, fill_value=0).rename("nb").reset_index()
    rows["nb_connues"] = rows[column].map(known).astype(int)
    rows["part"] = pd.Series(map(thresholds.share, rows["nb"], rows["nb_connues"]), dtype=float)
    rows.insert(0, "famille", family)
    documents = axes.drop_duplicates("strategie_id")
    entire = documents[documents["liste_axes"] == "complete"].groupby(column).size()
    rows["nb_listes_completes"] = entire.reindex(rows[column], fill_value=0).to_numpy(int)
    rows["portee"] = scope(family)
    rows["reserves"] = [_reserves(row) for row in rows.itertuples()]
    return rows


def scope(family: str) -> str:
    """Describe of which documents a count of themes holds."""
    name = code_label("familles_strategie", family)
    return f"documents de la famille « {name} » dont des axes sont relevés, un par territoire"


def _reserves(row: object) -> list[str]:
    """Describe what a count leaves open."""
    found = []
    if row.nb_listes_completes < row.nb_connues:
        found.append("listes d’axes parfois partielles : un minimum")
    if is_missing(row.part):
        found.append("trop peu de documents pour une part")
    return found


def column_label(rows: pd.DataFrame, code: str) -> str:
    """Return the name of a column of a table of frequencies: a period, or a level."""
    return period_label(code) if "periode" in rows else LEVEL_NAMES[code]


def documents_words(family: str, count: int) -> str:
    """Describe how many documents of a family: `5 stratégies d’ensemble`."""
    if family == OVERALL:
        return pluralize(count, "stratégie d’ensemble", "stratégies d’ensemble")
    return f"{pluralize(count, 'document')} « {code_label('familles_strategie', family)} »"


def latest(rows: pd.DataFrame) -> Statement | None:
    """Describe that the last period has too few documents for a trend; nothing when it has enough.

    `rows` is what `frequency` gives. The theme of which one asks whether it rises is told.
    """
    dated = rows[rows["periode"] != UNDATED]
    if dated.empty:
        return None
    last = dated[dated["periode"] == dated["periode"].max()].set_index("theme")
    family, total, period = last.iloc[0][["famille", "nb_connues", "periode"]]
    if thresholds.share(total, total) is not None:
        return None
    feminine = "e" if family == OVERALL else ""
    verb = f"sont lu{feminine}s" if total > 1 else f"est lu{feminine}"
    said = f"{documents_words(family, total)} {verb} depuis {period[:4]}"
    if NEW_THEME in last.index:
        count = last.at[NEW_THEME, "nb"] or f"aucun{feminine}"
        name = code_label("themes", NEW_THEME).lower()
        said += f" ; le thème « {name} » est relevé dans {count}"
    first = last.iloc[0]
    said = f"{said}. Trop peu pour une tendance."
    return Statement(said, "themes", (NEW_THEME,), first["portee"], tuple(first["reserves"]))


def describe_frequency(rows: pd.DataFrame, most: int = 3) -> str:
    """Describe what a table of frequencies shows, for who does not see the figure.

    Of each period or level: the themes held most often, n of N, and the share where one is given.
    """
    column = "periode" if "periode" in rows else "territoire_niveau"
    what = "période du document" if column == "periode" else "niveau"
    said = [f"Documents qui portent chaque thème, par {what}."]
    for code, part in rows.groupby(column, sort=False):
        total = part["nb_connues"].iloc[0]
        first = part.sort_values("nb", ascending=False, kind="stable").head(most)
        told = join_words(
            f"{code_label('themes', row.theme).lower()} ({_count(row)})"
            for row in first.itertuples()
        )
        few = ", trop peu pour une part" if part["part"].isna().all() else ""
        name = column_label(rows, code)
        said.append(f"{name}{NBSP}: {pluralize(total, 'document')}{few} ; d’abord {told}.")
    return " ".join(said)


def _count(row: object) -> str:
    share = "" if pd.isna(row.part) else f", {format_percent(row.part)}"
    return f"{row.nb} sur {row.nb_connues}{share}"
