"""Axes named by a document, and those read off its text.

An axis is named when its source states it as one (`certitude` explicite). One that was read off (an
objective, a field of action) is worded and ordered by this project: its presence counts, but its
rank and its text are not compared.
"""

import pandas as pd

from comparisons.formatting import is_missing, pluralize

NAMED_ONLY_LABEL = "Axes nommés par le document seulement"
NAMED_ONLY_HELP = (
    "Certains axes relevés ne sont pas nommés ainsi par leur document : ce sont des objectifs ou "
    "des champs d’action qu’il donne. Leur présence compte ; leurs mots et leur rang sont à nous."
)
# Of a document whose axes are all worded by this project, where only named ones are read.
NO_NAMED_AXIS = "aucun axe nommé"
_READ_OFF = "relevé par nous"
# The axes selected by the parameter `$nommes`.
SELECTED_AXES_SQL = "(SELECT * FROM axes WHERE nomme OR NOT $nommes)"


def filter_named(axes: pd.DataFrame, named_only: bool) -> pd.DataFrame:
    """Return the rows of axes: all of them or, with `named_only`, those with `nomme`."""
    return axes[axes["nomme"].astype(bool)] if named_only else axes


def has_complete_axes(documents: pd.DataFrame, named_only: bool) -> pd.Series:
    """Return which documents have all their axes recorded: only these can lack a theme.

    With `named_only`, the document also names them all. Returns a boolean Series.
    """
    is_complete = documents["liste_axes"].eq("complete") & documents["nb_priorites"].gt(0)
    is_all_named = documents["nb_priorites"] == documents["nb_priorites_nommees"]
    return (is_complete & (is_all_named | (not named_only))).astype(bool)


def format_rank(axis: object) -> str:
    """Describe the rank of an axis among the named ones: `2 sur 5`, or that it was read off."""
    if is_missing(axis.rang_nomme):
        return _READ_OFF
    return f"{int(axis.rang_nomme)} sur {int(axis.nb_axes_nommes)}"


def format_axis(axis: object) -> str:
    """Return the name of an axis by its rank: `axe 2 sur 5`, or `axe relevé par nous`."""
    return f"axe {format_rank(axis)}"


def format_axis_counts(total: int, named: int) -> str:
    """Describe both counts: `5 axes relevés, dont 3 nommés par le document`."""
    axes = pluralize(total, "axe relevé", "axes relevés")
    if not total:
        return "aucun axe relevé"
    if named == total:
        return f"{axes}, {'nommé' if total == 1 else 'tous nommés'} par le document"
    if not named:
        return f"{axes}, {'non nommé' if total == 1 else 'aucun nommé'} par le document"
    return f"{axes}, dont {pluralize(named, 'nommé')} par le document"
