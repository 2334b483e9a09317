"""Controls that keep a choice in a page's view, and so in its address."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pandas as pd
import streamlit as st

from comparisons.formatting import escape_markdown
from comparisons.parameters import Parameters
from comparisons.queries import axes
from comparisons.ui.state import update_parameters, widget_key

V = TypeVar("V", bound=Parameters)


def removable_chips(
    page: str, territories: pd.DataFrame, put: Callable[[Sequence[str]], None]
) -> None:
    """Render territories (`cle`, `libelle`) as buttons that take one out.

    `put` keeps the others.
    """
    keys = list(territories["cle"])
    for row in territories.itertuples():
        st.button(
            escape_markdown(row.libelle),
            icon=":material/close:",
            key=f"{page}:retirer:{row.cle}",
            on_click=put,
            args=([key for key in keys if key != row.cle],),
            help="Retirer",
        )


def choose_named(page: str, view: V, name: str = "nommes") -> V:
    """Render what lets the reader leave out the axes that documents do not name themselves."""
    named = st.toggle(axes.SWITCH, key=widget_key(page, view, name), help=axes.HELP)
    return update_parameters(page, view, **{name: named})


def choose_one(
    page: str, view: V, name: str, title: str, words: Mapping[str, str], titled: bool = False
) -> V:
    """Render the choice of one of a few values of a view, all in sight; `words` name them."""
    chosen = st.segmented_control(
        title,
        tuple(words),
        format_func=words.get,
        key=widget_key(page, view, name, ""),
        required=True,
        wrap=True,
        label_visibility="visible" if titled else "collapsed",
    )
    return update_parameters(page, view, **{name: chosen})
