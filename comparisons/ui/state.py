"""State of a page: its view in the address, the reader's window and theme."""

from dataclasses import fields, replace
from typing import TypeVar
from urllib.parse import urlencode

import streamlit as st

from comparisons.formatting import escape_markdown
from comparisons.parameters import Parameters
from comparisons.ui.basket import to_query

V = TypeVar("V", bound=Parameters)

# Streamlit does not tell how wide the window is; the zoom of a map depends on it.
_WINDOW = st.components.v2.component(
    "stratoscope_fenetre",
    js="""
    export default function ({ data, setStateValue }) {
      const width = window.innerWidth;
      const kind = width < 700 ? "narrow" : width < 1100 ? "medium" : "wide";
      if (kind !== data.known) setStateValue("kind", kind);
    }
    """,
)


def detect_viewport() -> None:
    """Ask the browser how wide its window is; its answer starts a run that knows it."""

    def hear() -> None:
        st.session_state["fenetre_connue"] = st.session_state["fenetre"]["kind"]
        _say_again()

    known = viewport()
    _WINDOW(key="fenetre", data={"known": known}, default={"kind": known}, on_kind_change=hear)


def _say_again() -> None:
    """Send the browser again what its controls hold.

    The answer comes before controls are drawn: they would miss the values that came with the run
    it cuts short, and show their defaults beside figures of another choice.
    """
    state = st.session_state
    page = state.get("page_ouverte")
    for parameter in fields(state[f"{page}:vue"]) if f"{page}:vue" in state else ():
        key = f"{page}:{parameter.name}"
        if key in state:
            state[key] = state[key]


def viewport() -> str:
    """Return the kind of window, `narrow` (a phone), `medium` or `wide`.

    `wide` until it answers.
    """
    return st.session_state.get("fenetre_connue", "wide")


def is_dark() -> bool:
    """Return whether the reader uses the dark theme."""
    return st.context.theme.type == "dark"


def load_parameters(page: str, view_class: type[V]) -> V:
    """Return the view of a page: from its address, or as the reader left it.

    Values of the address that cannot be taken are shown as notices.
    """
    state = st.session_state
    # the basket is not a choice of the page
    query = {name: st.query_params.get_all(name) for name in st.query_params if name != "panier"}
    seen = state.get(f"{page}:adresse")
    returning = state.get("page_ouverte") != page
    state["page_ouverte"] = page
    state[f"{page}:adresse"] = query
    # coming back by the navigation, whose links have no parameters, finds the page as it was left
    kept = returning and not query and f"{page}:vue" in state
    # a choice made before the browser has heard of the address of the one before comes with an
    # address that is out of date
    if not returning and query != seen and _has_choice(page):
        seen = query
    if kept or query != seen or f"{page}:vue" not in state:
        view, notices = (state[f"{page}:vue"], []) if kept else view_class.from_query(query)
        state[f"{page}:vue"] = view
        for parameter in fields(view):
            state.pop(f"{page}:{parameter.name}", None)
        state[f"{page}:avis"] = notices
    for notice in state.get(f"{page}:avis", ()):
        st.warning(escape_markdown(notice), icon=":material/info:")
    return update_parameters(page, state[f"{page}:vue"])


def _has_choice(page: str) -> bool:
    """Return whether the reader has just changed a widget of the page."""
    state = st.session_state
    view = state.get(f"{page}:vue")
    if view is None:
        return False
    for parameter in fields(view):
        key = f"{page}:{parameter.name}"
        if key in state:
            shown = state[key]
            value = tuple(shown) if isinstance(shown, list) else shown
            value = "" if value is None else value
            if value != getattr(view, parameter.name):
                return True
    return False


def update_parameters(page: str, view: V, **values: object) -> V:
    """Change some values of a page's view and write its address."""
    view = replace(view, **values)
    st.session_state[f"{page}:vue"] = view
    query = view.to_query()
    whole = query | to_query()
    if whole != {name: st.query_params.get_all(name) for name in st.query_params}:
        st.query_params.from_dict(whole)
    st.session_state[f"{page}:adresse"] = query
    return view


def widget_key(page: str, view: Parameters, name: str, empty: object = None) -> str:
    """Return the key of the widget that holds one value of a view, set to that value at first.

    `empty` is what the widget holds when the view has nothing.
    """
    key = f"{page}:{name}"
    if key not in st.session_state:
        value = getattr(view, name)
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
        if value == "":
            st.session_state[key] = empty
    return key


def base_url() -> str:
    """Return the address of the site, with a slash at its end."""
    return f"{(st.context.url or '').rpartition('/')[0]}/"


def permalink(view: Parameters) -> str:
    """Return the whole address of the page as it is seen."""
    base = st.context.url or ""
    query = urlencode(view.to_query() | to_query(), doseq=True)
    return f"{base}?{query}" if query else base
