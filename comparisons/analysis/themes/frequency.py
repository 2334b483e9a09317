"""Frequency of themes in the documents of one family, by period or by level.

Each territory has one document in a count, the one that speaks for it. Only documents whose
priorities are recorded are counted: of the others one cannot tell. A share is given from as
many documents on as `verdicts` says; below, the counts alone are.
"""

import pandas as pd

from comparisons.analysis.statements import Statement, common_object
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import NBSP, format_percent, is_missing, join_words, pluralize
from comparisons.queries import thresholds
from comparisons.queries.axes import SELECTED_AXES_SQL
from comparisons.queries.family_subjects import DESCRIPTION, OVERALL, speaks_first, subject
from comparisons.queries.periods import UNDATED, period_label, to_periods
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES, LEVELS

# theme whose evolution readers look for first
_NEW_THEME = "intelligence_artificielle"
# themes that a text alternative names of each period or level
_MAX_NAMED = 3
NOTE = (
    "Les documents comptés sont d’une seule famille, un par territoire et par période : celui qui "
    "couvre toute son action, en vigueur plutôt qu’échu, puis le plus récent ; une page qui décrit "
    "une action sans nommer de document n’en est pas un. Seuls comptent ceux dont des axes sont "
    "relevés (les listes relevées peuvent être partielles) ; un document porte un thème quand un "
    "de ses axes l’a pour thème, principal ou secondaire. Le sujet même d’une famille n’est pas "
    f"compté : ce n’est pas un choix. Aucune part n’est donnée sous {thresholds.SHARE_FROM} "
    "documents. D’une période à l’autre, ce ne sont pas les mêmes territoires."
)


@cached
def frequency(
    family: str = OVERALL, level: str | None = None, named_only: bool = False
) -> pd.DataFrame:
    """Count, per theme and period, the documents of a family that hold a theme.

    One document per territory (its lead, of one level if asked) and period. Returns the columns of
    `frequence_themes`: one row per theme (but the family's own subject) × period that has a
    document.

    With `named_only`, of the axes that documents name (and of the documents that have some). Raises
    `KeyError` for an unknown family or level.
    """
    if level is not None and level not in LEVELS:
        raise KeyError(level)
    axes = _load_axes(family, named_only)
    if level:
        axes = axes[axes["territoire_niveau"] == level]
    periods = sorted(axes["periode"].unique(), key=lambda code: (code == UNDATED, code))
    return _count_documents(axes, family, "periode", periods)


@cached
def frequency_by_level(family: str = OVERALL, named_only: bool = False) -> pd.DataFrame:
    """Count, per theme and level of the lead, the documents of a family that hold a theme.

    One document per territory. Returns the columns of `frequency`, with `territoire_niveau` instead
    of `periode`.
    """
    axes = _load_axes(family, named_only)
    present = set(axes["territoire_niveau"])
    order = [code for code in LEVELS if code in present]
    return _count_documents(axes, family, "territoire_niveau", order)


def read_by_family(named_only: bool = False) -> dict[str, int]:
    """Count the documents of each family whose priorities are recorded, in their order."""
    rows = query(
        f"""
        SELECT e.famille, count(DISTINCT strategie_id) AS nb
        FROM {SELECTED_AXES_SQL} p JOIN etats_strategies e USING (strategie_id)
        WHERE e.portee IS DISTINCT FROM '{DESCRIPTION}' GROUP BY e.famille
        """,
        {"nommes": named_only},
    )
    count_by_family = dict(zip(rows["famille"], rows["nb"], strict=True))
    return {
        code: int(count_by_family.get(code, 0)) for code in vocabulary_codes("familles_strategie")
    }


def _load_axes(family: str, named_only: bool) -> pd.DataFrame:
    """Return each theme of each document of a family once, those that speak first coming first."""
    if family not in vocabulary_codes("familles_strategie"):
        raise KeyError(family)
    rows = query(
        f"""
        SELECT DISTINCT e.strategie_id, e.territoire_niveau, e.territoire_code, e.annee_document,
               e.portee, e.etat, e.famille, e.dans_aire, s.liste_axes,
               unnest(list_concat([p.theme], coalesce(p.themes_secondaires, []))) AS theme
        FROM {SELECTED_AXES_SQL} p
        JOIN etats_strategies e USING (strategie_id)
        JOIN strategies s USING (strategie_id)
        WHERE e.famille = $family AND e.portee IS DISTINCT FROM '{DESCRIPTION}'
        ORDER BY {speaks_first("e")}
        """,
        {"nommes": named_only, "family": family},
    )
    return rows.assign(periode=to_periods(rows["annee_document"]))


def _count_documents(
    axes: pd.DataFrame, family: str, column: str, order: list[str]
) -> pd.DataFrame:
    """Count the documents that hold each theme, one document per territory in each column."""
    key_columns = ["territoire_niveau", "territoire_code", "periode"]
    key_columns = key_columns if column == "periode" else key_columns[:2]
    main_documents = axes.drop_duplicates(key_columns)["strategie_id"]
    axes = axes[axes["strategie_id"].isin(main_documents)]
    if len(axes):  # a count of unlike documents is refused
        common_object(axes["famille"].unique())
    themes = [code for code in vocabulary_codes("themes") if code != subject(family)]
    index = pd.MultiIndex.from_product([themes, order], names=["theme", column])
    document_counts = axes.groupby(["theme", column])["strategie_id"].nunique()
    known_counts = axes.groupby(column)["strategie_id"].nunique()
    rows = document_counts.reindex(index, fill_value=0).rename("nb").reset_index()
    rows["nb_connues"] = rows[column].map(known_counts).astype(int)
    rows["part"] = pd.Series(
        map(thresholds.bounded_share, rows["nb"], rows["nb_connues"]), dtype=float
    )
    rows.insert(0, "famille", family)
    documents = axes.drop_duplicates("strategie_id")
    complete_counts = documents[documents["liste_axes"] == "complete"].groupby(column).size()
    rows["nb_listes_completes"] = complete_counts.reindex(rows[column], fill_value=0).to_numpy(int)
    rows["portee"] = _scope(family)
    rows["reserves"] = [_reserves(row) for row in iterate_rows(rows)]
    return rows


def _scope(family: str) -> str:
    """Describe of which documents a count of themes holds."""
    name = code_label("familles_strategie", family)
    return f"documents de la famille « {name} » dont des axes sont relevés, un par territoire"


def _reserves(row: object) -> list[str]:
    """Describe what a count leaves open."""
    reservations = []
    if row.nb_listes_completes < row.nb_connues:
        reservations.append("listes d’axes parfois partielles : un minimum")
    if is_missing(row.part):
        reservations.append("trop peu de documents pour une part")
    return reservations


def column_label(rows: pd.DataFrame, code: str) -> str:
    """Return the name of a column of a table of frequencies: a period, or a level."""
    return period_label(code) if "periode" in rows else LEVEL_NAMES[code]


def _describe_documents(family: str, count: int) -> str:
    """Describe how many documents of a family: `5 stratégies d’ensemble`."""
    if family == OVERALL:
        return pluralize(count, "stratégie d’ensemble", "stratégies d’ensemble")
    return f"{pluralize(count, 'document')} « {code_label('familles_strategie', family)} »"


@cached
def latest(rows: pd.DataFrame) -> Statement | None:
    """Describe that the last period has too few documents for a trend; nothing when it has enough.

    `rows` is what `frequency` gives. The theme of which one asks whether it rises is told.
    """
    dated_rows = rows[rows["periode"] != UNDATED]
    if dated_rows.empty:
        return None
    last_period_rows = dated_rows[dated_rows["periode"] == dated_rows["periode"].max()].set_index(
        "theme"
    )
    family, total, period = last_period_rows.iloc[0][["famille", "nb_connues", "periode"]]
    if thresholds.bounded_share(total, total) is not None:
        return None
    feminine = "e" if family == OVERALL else ""
    verb = f"sont lu{feminine}s" if total > 1 else f"est lu{feminine}"
    text = f"{_describe_documents(family, total)} {verb} depuis {period[:4]}"
    if _NEW_THEME in last_period_rows.index:
        count = last_period_rows.at[_NEW_THEME, "nb"] or f"aucun{feminine}"
        name = code_label("themes", _NEW_THEME).lower()
        text += f" ; le thème « {name} » est relevé dans {count}"
    first_row = last_period_rows.iloc[0]
    text = f"{text}. Trop peu pour une tendance."
    return Statement(
        text, "themes", (_NEW_THEME,), first_row["portee"], tuple(first_row["reserves"])
    )


@cached
def describe_frequency(rows: pd.DataFrame) -> str:
    """Return a text alternative of a table of frequencies.

    Of each period or level: the themes held most often, n of N, and the share where one is given.
    """
    column = "periode" if "periode" in rows else "territoire_niveau"
    column_noun = "période du document" if column == "periode" else "niveau"
    sentences = [f"Documents qui portent chaque thème, par {column_noun}."]
    for code, column_rows in rows.groupby(column, sort=False):
        total = column_rows["nb_connues"].iloc[0]
        ranked = column_rows.sort_values("nb", ascending=False, kind="stable")
        themes_text = join_words(
            f"{code_label('themes', row.theme).lower()} ({_format_count(row)})"
            for row in iterate_rows(ranked.head(_MAX_NAMED))
        )
        reservation = ", trop peu pour une part" if column_rows["part"].isna().all() else ""
        name = column_label(rows, code)
        sentences.append(
            f"{name}{NBSP}: {pluralize(total, 'document')}{reservation} ; d’abord {themes_text}."
        )
    return " ".join(sentences)


def _format_count(row: object) -> str:
    share = "" if pd.isna(row.part) else f", {format_percent(row.part)}"
    return f"{row.nb} sur {row.nb_connues}{share}"
