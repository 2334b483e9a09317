"""Controls that keep a choice in a page's view, and so in its address."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pandas as pd
import streamlit as st

from comparisons.formatting import markdown_escaped
from comparisons.parameters import View
from comparisons.queries import axes
from comparisons.ui.state import keep_view, widget_key

V = TypeVar("V", bound=View)


def removable(page: str, territories: pd.DataFrame, put: Callable[[Sequence[str]], None]) -> None:
    """Show territories (`cle`, `libelle`) as buttons that take one out; `put` keeps the others."""
    keys = list(territories["cle"])
    for row in territories.itertuples():
        st.button(
            markdown_escaped(row.libelle),
            icon=":material/close:",
            key=f"{page}:retirer:{row.cle}",
            on_click=put,
            args=([key for key in keys if key != row.cle],),
            help="Retirer",
        )


def choose_named(page: str, view: V, name: str = "nommes") -> V:
    """Let the reader leave out the axes that documents do not name themselves."""
    named = st.toggle(axes.SWITCH, key=widget_key(page, view, name), help=axes.HELP)
    return keep_view(page, view, **{name: named})


def choose_one(
    page: str, view: V, name: str, title: str, words: Mapping[str, str], titled: bool = False
) -> V:
    """Let the reader choose one of a few values of a view, all in sight; `words` name them."""
    chosen = st.segmented_control(
        title,
        tuple(words),
        format_func=words.get,
        key=widget_key(page, view, name, ""),
        required=True,
        wrap=True,
        label_visibility="visible" if titled else "collapsed",
    )
    return keep_view(page, view, **{name: chosen})
