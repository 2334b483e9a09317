"""Themes of a territory and of those that contain it, side by side: a matrix, and its sentences."""

from collections.abc import Sequence

import pandas as pd

from comparisons.analysis.alignment import (
    axis_counts,
    describe_unread,
    enclosing_keys,
    format_state,
    names_by_key,
    theme_states,
)
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import MISSING, is_missing, join_words, pluralize
from comparisons.queries.axes import NO_NAMED_AXIS
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES

SHARING_PATTERNS = {
    "plusieurs": "Relevé à plusieurs niveaux",
    "un_document": "Relevé dans un document",
    "aucun": "Pas dans les axes lus",
    "inconnu": "Inconnue : aucun axe lu",
}


@cached
def enclosing_chain(key: str) -> list[str]:
    """List a territory and those in which at least half of its people live, the widest first.

    Twins are told once (data/reference/jumeaux.csv): of two territories for which one strategy
    counts as both's, the one asked for or else the widest is kept; where one does not act in the
    other (the Département du Rhône in the Métropole de Lyon), it is left out.
    `excluded_territories` says so. Raises `ValueError` when `key` is not of the form `niveau-code`,
    `KeyError` when unknown.
    """
    enclosing_keys, _ = _select_enclosing(key)
    return [*enclosing_keys, key]


@cached
def excluded_territories(key: str) -> list[str]:
    """Return a sentence for each enclosing territory that is left out of the chain of one."""
    _, excluded = _select_enclosing(key)
    return list(dict.fromkeys(excluded.values()))


def _select_enclosing(key: str) -> tuple[list[str], dict[str, str]]:
    """Return the territories that contain one, those kept and those left out (key → why)."""
    rows = load_territories([key, *enclosing_keys(key)])
    if key not in set(rows["cle"]):
        raise KeyError(key)
    level = rows["territoire_niveau"].map({code: index for index, code in enumerate(LEVEL_NAMES)})
    rows = rows.assign(level_index=level).sort_values(
        ["level_index", "population", "cle"], ascending=[True, False, True]
    )
    wider_keys = [enclosing_key for enclosing_key in rows["cle"] if enclosing_key != key]
    selected, excluded = [], {}
    outside_pairs, twin_pairs = _twin_pairs([key, *wider_keys])
    for enclosing_key in wider_keys:
        twin_explanation = next(
            (
                twin_pairs[enclosing_key, included_key]
                for included_key in [key, *selected]
                if (enclosing_key, included_key) in twin_pairs
            ),
            None,
        )
        outside_explanation = next(
            (
                outside_pairs[enclosing_key, included_key]
                for included_key in [key, *wider_keys]
                if (enclosing_key, included_key) in outside_pairs
            ),
            None,
        )
        if reason := twin_explanation or outside_explanation:
            excluded[enclosing_key] = reason
        else:
            selected.append(enclosing_key)
    return selected, excluded


def _twin_pairs(keys: Sequence[str]) -> tuple[dict, dict]:
    """Return the pairs of twins among some territories, with the sentence that explains each.

    First those where one does not act in the other, as (one, other), then those for which a
    strategy counts as both's, in both orders.
    """
    rows = query(
        """
        SELECT cle(territoire_niveau, territoire_code) AS cle,
               cle(jumeau_niveau, jumeau_code) AS jumeau, relation, explication
        FROM jumeaux
        WHERE list_contains($keys, cle) AND list_contains($keys, jumeau)
        """,
        {"keys": list(keys)},
    )
    outside_pairs, shared_pairs = {}, {}
    for row in iterate_rows(rows):
        if row.relation == "hors":
            outside_pairs[row.cle, row.jumeau] = row.explication
        elif row.relation == "vaut_pour":
            shared_pairs[row.cle, row.jumeau] = shared_pairs[row.jumeau, row.cle] = row.explication
    return outside_pairs, shared_pairs


@cached
def theme_matrix(keys: Sequence[str], named_only: bool = False) -> pd.DataFrame:
    """Return the matrix of themes × some territories.

    Returns one row per theme of the vocabulary (index: its code, `theme`), a column per territory
    (its key, in the order asked) with the theme's state (`en_cours`, `passee`, `absente`; missing
    when its priorities are not recorded), and `repartition`: in strategies that are not over, the
    theme is recorded at `plusieurs` levels (in documents of their own), in `un_document` alone,
    in `aucun`; `inconnu` when no priorities are recorded at all.
    """
    rows = theme_states(keys, named_only)
    columns = {
        cle: territory_rows.set_index("theme")["etat"]
        for cle, territory_rows in rows.groupby("cle", sort=False)
    }
    index = pd.Index(vocabulary_codes("themes"), name="theme")
    matrix = pd.DataFrame(
        {key: columns.get(key, pd.Series(dtype="str")).reindex(index) for key in keys},
        index=index,
        dtype="str",
    )
    has_priorities = matrix.notna().any(axis=1)
    current_rows = rows[rows["etat"] == "en_cours"]
    territory_counts = current_rows.groupby("theme")["cle"].nunique().reindex(index, fill_value=0)
    document_counts = (
        current_rows.explode("strategie_ids").groupby("theme")["strategie_ids"].nunique()
    ).reindex(index, fill_value=0)
    # a document that two levels share counts once
    patterns = pd.Series("aucun", index).where(territory_counts == 0, "un_document")
    patterns = patterns.mask((territory_counts > 1) & (document_counts > 1), "plusieurs")
    return matrix.assign(repartition=patterns.where(has_priorities, "inconnu"))


def format_theme_matrix(frame: pd.DataFrame, named_only: bool = False) -> pd.DataFrame:
    """Return the matrix of `theme_matrix` as texts, themes set at several levels first.

    The index is the theme's code; columns are `Répartition`, then the territories. A cell says `axe
    2` (the best rank), `oui` (no named axis bears it), `axe 3 (terminée)`, `–` or, for a territory
    without an axis to read, `aucun axe nommé` (those recorded are worded by us) or `non renseigné`.
    """
    keys = _territory_columns(frame)
    counts = axis_counts(keys)
    names = names_by_key(keys)
    states = theme_states(keys, named_only)
    cells = {(row.cle, row.theme): format_state(row) for row in iterate_rows(states)}
    order = list(SHARING_PATTERNS)
    themes = sorted(frame.index, key=lambda theme: order.index(frame.loc[theme, "repartition"]))
    table = pd.DataFrame(
        {
            names[key]: [
                (NO_NAMED_AXIS if counts.get(key) else MISSING)
                if is_missing(frame.loc[theme, key])
                else cells[key, theme]
                for theme in themes
            ]
            for key in keys
        },
        index=pd.Index(themes, name="theme"),
    )
    repartition = [SHARING_PATTERNS[frame.loc[theme, "repartition"]] for theme in themes]
    table.insert(0, "Répartition", repartition)
    return table


def describe_theme_matrix(frame: pd.DataFrame) -> list[str]:
    """Return sentences on the themes recorded at several levels.

    Territories without recorded priorities are named apart.
    """
    keys = _territory_columns(frame)
    names = names_by_key(keys)
    recorded_keys = [key for key in keys if frame[key].notna().any()]
    sentences = []
    if len(recorded_keys) == 1:
        sentences.append(
            f"Seules les priorités d’un territoire sont lues ({names[recorded_keys[0]]}) : rien ne "
            "dit si les autres partagent ses thèmes."
        )
    elif recorded_keys:
        sentences.append(_describe_theme_group(frame, "plusieurs", "à plusieurs niveaux", names))
        sentences.append(
            "Sont comptés les thèmes des stratégies qui ne sont pas terminées. Ce qui n’est relevé "
            "qu’à un niveau peut être dans les documents des autres : les listes sont partielles, "
            "et les documents ne sont pas de même sorte."
        )
    unread_names = {key: names[key] for key in keys if frame[key].isna().all()}
    if unread_names:
        territories = "ce territoire" if len(unread_names) == 1 else "ces territoires"
        unread = " ".join(describe_unread(unread_names))
        sentences.append(f"{unread} Rien n’en est déduit pour {territories}.")
    return sentences


def _describe_theme_group(
    frame: pd.DataFrame, repartition: str, scope: str, names: dict[str, str]
) -> str:
    """Describe which themes are of one repartition, each with the territories that set it."""
    rows = frame[frame["repartition"] == repartition]
    descriptions = []
    for theme, row in rows.iterrows():
        current_names, past_names = (
            join_words(names[key] for key in names if row[key] == state)
            for state in ("en_cours", "passee")
        )
        details = (
            f" ({current_names})"
            if current_names
            else f" (stratégie terminée : {past_names})"
            if past_names
            else ""
        )
        descriptions.append(code_label("themes", theme).lower() + details)
    if not descriptions:
        return f"Aucun thème {scope}."
    return f"{pluralize(len(rows), 'thème')} {scope} : {' ; '.join(descriptions)}."


def _territory_columns(frame: pd.DataFrame) -> list[str]:
    return [column for column in frame.columns if column != "repartition"]
