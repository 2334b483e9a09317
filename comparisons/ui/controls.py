"""Links to pages, and controls that store a choice in the parameters of a page (its address)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import pandas as pd
import streamlit as st

from comparisons.database.connection import OFFICIAL_SOURCES, current_preview, use_source_type
from comparisons.formatting import escape_markdown
from comparisons.parameters import Parameters
from comparisons.queries import axes
from comparisons.queries.selection import SOURCE_TYPE
from comparisons.queries.sources import describe_official
from comparisons.rows import iterate_rows
from comparisons.ui.state import update_parameters, widget_key

_V = TypeVar("_V", bound=Parameters)
_SOURCE_TYPES = {"": "Toutes les sources", OFFICIAL_SOURCES: "Sources officielles seulement"}
_OFFICIAL_NOTE = (
    "Ce que seules disent la presse, les associations et les autres est laissé de côté : ce n’est "
    "alors pas relevé, ce qui ne veut pas dire non."
)


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
    for row in iterate_rows(territories):
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


@contextmanager
def reading_sources(page: str, view: _V) -> Iterator[_V]:
    """Read the sources chosen on a page until the end of the block; yield the view with them.

    Its choice may be rendered anywhere in the block (`choose_sources`).
    """
    chosen = st.session_state[widget_key(page, view, SOURCE_TYPE, "")]
    with use_source_type(chosen):
        yield update_parameters(page, view, source_type=chosen)


def choose_sources(page: str, view: _V) -> _V:
    """Render the switch that keeps only official sources; return the updated view."""
    if current_preview() is not None:
        st.caption("Un aperçu montre toutes les sources.")
        return view
    return choose_one(page, view, SOURCE_TYPE, "Sources", _SOURCE_TYPES)


def say_sources(facts: Sequence[str]) -> None:
    """Say, where official sources alone are read, how many facts of some tables they leave."""
    if sentence := describe_official(facts):
        st.caption(f":material/verified: {sentence} {_OFFICIAL_NOTE}")


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
