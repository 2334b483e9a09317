"""Links to pages, and controls that store a choice in the parameters of a page (its address)."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pandas as pd
import streamlit as st

from comparisons.formatting import escape_markdown
from comparisons.parameters import Parameters
from comparisons.queries import axes
from comparisons.ui.state import update_parameters, widget_key

_V = TypeVar("_V", bound=Parameters)


def page_link(page: str, label: str, icon: str, **query: str | Sequence[str]) -> None:
    """Render a link to a page, by the name of its file, with the parameters of its address."""
    st.page_link(f"{page}.py", label=label, icon=f":material/{icon}:", query_params=query)


def removable_chips(
    page: str, territories: pd.DataFrame, on_remove: Callable[[Sequence[str]], None]
) -> None:
    """Render each territory (columns `cle`, `libelle`) as a button that removes it.

    `on_remove` is called with the keys of the other territories.
    """
    keys = list(territories["cle"])
    for row in territories.itertuples():
        st.button(
            escape_markdown(row.libelle),
            icon=":material/close:",
            key=f"{page}:retirer:{row.cle}",
            on_click=on_remove,
            args=([key for key in keys if key != row.cle],),
            help="Retirer",
        )


def choose_named(page: str, view: _V, name: str = "nommes") -> _V:
    """Render the switch that keeps only priorities named by documents; return the updated view."""
    named = st.toggle(
        axes.NAMED_ONLY_LABEL, key=widget_key(page, view, name), help=axes.NAMED_ONLY_HELP
    )
    return update_parameters(page, view, **{name: named})


def choose_unsaved(title: str, labels: Mapping[str, str], key: str) -> str:
    """Render a choice that the address does not hold; return a code of `labels`.

    The first is chosen at first; `key` is that of the widget.
    """
    return st.segmented_control(
        title,
        tuple(labels),
        format_func=labels.get,
        default=next(iter(labels)),
        required=True,
        wrap=True,
        key=key,
        label_visibility="collapsed",
    )


def choose_one(
    page: str, view: _V, name: str, title: str, labels: Mapping[str, str], titled: bool = False
) -> _V:
    """Render one parameter of a view as a segmented control and return the updated view.

    `labels` maps each value to its label; `titled` shows the title of the control.
    """
    key = widget_key(page, view, name, "")
    if st.session_state[key] not in labels:
        # the browser answers with the label of the run before, which may have had other counts
        st.session_state[key] = getattr(view, name)
    chosen = st.segmented_control(
        title,
        tuple(labels),
        format_func=labels.get,
        key=key,
        required=True,
        wrap=True,
        label_visibility="visible" if titled else "collapsed",
    )
    return update_parameters(page, view, **{name: chosen})
