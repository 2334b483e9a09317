"""State of a page: parameters in its address, viewport and theme of the reader."""

from typing import TypeVar
from urllib.parse import urlencode
from uuid import uuid4

import streamlit as st

from comparisons.formatting import escape_markdown
from comparisons.parameters import Parameters
from comparisons.settings import site_address
from comparisons.ui.basket import to_query

_V = TypeVar("_V", bound=Parameters)

_MY_TERRITORY = "mon_territoire"
# Pages about one territory: what is looked at there is the reader's, and they open on it.
_TERRITORY_PAGES = ("carte", "territoire", "pairs", "questions")
# In the address of a page that shows a preview, which the site may have forgotten since.
PREVIEW_MARK = "apercu"

# Streamlit does not expose the size of the window, on which the zoom of a map depends, nor runs a
# page again when the reader's theme changes, on which the colours of figures depend.
_WINDOW = st.components.v2.component(
    "stratoscope_fenetre",
    js="""
    export default function ({ data, setStateValue }) {
      const [width, height] = [window.innerWidth, window.innerHeight];
      const kind = width < 700 ? "narrow" : width < 1100 ? "medium"
        : width < 1600 || height < 950 ? "wide" : "large";
      if (kind !== data.known) setStateValue("kind", kind);
      const app = document.querySelector("[data-testid=stApp]");
      let theme = data.theme;
      const watch = new MutationObserver(() => {
        const shown = getComputedStyle(app).colorScheme;
        if (shown !== theme) setStateValue("theme", (theme = shown));
      });
      watch.observe(app, { attributes: true, attributeFilter: ["class"] });
      return () => watch.disconnect();
    }
    """,
)


def detect_viewport() -> None:
    """Read the size of the browser window and its theme; each change triggers a rerun."""

    def store_viewport() -> None:
        st.session_state["fenetre_connue"] = st.session_state["fenetre"]["kind"]
        _resend_widget_values()

    window_kind, theme = viewport(), "dark" if is_dark() else "light"
    _WINDOW(
        key="fenetre",
        data={"known": window_kind, "theme": theme},
        default={"kind": window_kind, "theme": theme},
        on_kind_change=store_viewport,
        on_theme_change=_resend_widget_values,
    )


def _resend_widget_values() -> None:
    """Write the values of the widgets of the page again, so that the browser keeps them.

    The answer of the browser interrupts a run before its widgets are drawn: they would lose the
    values set in that run, and display their defaults.
    """
    state = st.session_state
    page = state.get("page_ouverte")
    for name, _ in state.get(f"{page}:vue", ()):
        key = f"{page}:{name}"
        if key in state:
            state[key] = state[key]


def reader_id() -> str:
    """Return a name of this session, by which its work is told from that of others."""
    return st.session_state.setdefault("lecteur", uuid4().hex)


def set_title(title: str) -> None:
    """Set the title of the tab, by which a page is found again among others."""
    st.set_page_config(page_title=f"{title} · Stratoscope")


def viewport() -> str:
    """Return the kind of window: `narrow` (a phone), `medium`, `wide` or `large`.

    It is `wide` until the browser answers.
    """
    return st.session_state.get("fenetre_connue", "wide")


def is_dark() -> bool:
    """Return whether the reader uses the dark theme."""
    return st.context.theme.type == "dark"


def load_parameters(page: str, view_class: type[_V]) -> _V:
    """Return the view of a page, from its address or as the reader left it.

    Invalid values of the address are reported as warnings.
    """
    state = st.session_state
    # the basket and the mark of a preview are not parameters of the page
    query = {
        name: st.query_params.get_all(name)
        for name in st.query_params
        if name not in ("panier", PREVIEW_MARK)
    }
    previous_query = state.get(f"{page}:adresse")
    returning = state.get("page_ouverte") != page
    state["page_ouverte"] = page
    state[f"{page}:adresse"] = query
    # the links of the navigation have no parameters: restore the page as it was left
    is_restored = returning and not query and f"{page}:vue" in state
    # a choice made before the browser has received the previous address comes with an outdated
    # address
    if not returning and query != previous_query and _has_choice(page):
        previous_query = query
    if is_restored or query != previous_query or f"{page}:vue" not in state:
        view, notices = (state[f"{page}:vue"], []) if is_restored else view_class.from_query(query)
        state[f"{page}:vue"] = view
        for name, _ in view:
            state.pop(f"{page}:{name}", None)
        state[f"{page}:avis"] = notices
    if returning and not query:
        state[f"{page}:vue"] = _with_my_territory(page, state[f"{page}:vue"])
    for notice in state.get(f"{page}:avis", ()):
        st.warning(escape_markdown(notice), icon=":material/info:")
    return update_parameters(page, state[f"{page}:vue"])


def _with_my_territory(page: str, view: _V) -> _V:
    """Return the view of a page that was opened from the menu, about the territory remembered."""
    mine = remembered_territory()
    match page:
        case "territoire" if mine:
            return view.replace(t=mine)
        case "pairs" if mine and view.t != mine:
            return view.replace(t=mine, avec=())
        case "questions" if mine and not view.t:
            return view.replace(t=mine)
        case "comparer" if mine and not view.t:
            return view.replace(t=(mine,))
        case "mutualisation" if mine and len(view.t) < 2:
            return view.replace(t=(mine,))
        case _:
            return view


def remembered_territory() -> str:
    """Return the key of the territory that the reader looked at last; empty if there is none."""
    return st.session_state.get(_MY_TERRITORY, "")


def forget_territory() -> None:
    """Forget the territory of the reader, and leave it on the pages about it."""
    state = st.session_state
    state.pop(_MY_TERRITORY, None)
    for page in (*_TERRITORY_PAGES, "mutualisation"):
        view = state.get(f"{page}:vue")
        if view is not None and _own_territory(page, view):
            state[f"{page}:vue"] = view.replace(t=type(view.t)())


def _own_territory(page: str, view: Parameters) -> str:
    """Return the key of the territory that a view is about; empty if it is about none, or many."""
    if page == "mutualisation" and view.partie == "avec_qui":
        return view.t[0] if view.t else ""
    return view.t if page in _TERRITORY_PAGES else ""


def _has_choice(page: str) -> bool:
    """Return whether the reader has just changed a widget of the page."""
    state = st.session_state
    for name, known_value in state.get(f"{page}:vue", ()):
        key = f"{page}:{name}"
        if key in state:
            widget_value = state[key]
            value = tuple(widget_value) if isinstance(widget_value, list) else widget_value
            value = "" if value is None else value
            if value != known_value:
                return True
    return False


def update_parameters(page: str, view: _V, **values: object) -> _V:
    """Return the view with some values replaced, and write its address."""
    view = view.replace(**values)
    st.session_state[f"{page}:vue"] = view
    if own_territory := _own_territory(page, view):
        st.session_state[_MY_TERRITORY] = own_territory
    query = view.to_query()
    full_query = query | to_query()
    if PREVIEW_MARK in st.query_params:
        full_query[PREVIEW_MARK] = st.query_params.get_all(PREVIEW_MARK)
    if full_query != {name: st.query_params.get_all(name) for name in st.query_params}:
        st.query_params.from_dict(full_query)
    st.session_state[f"{page}:adresse"] = query
    return view


def widget_key(page: str, view: Parameters, name: str, empty: object = None) -> str:
    """Return the key of the widget of one parameter, whose value it initialises.

    `empty` is the value of the widget when the parameter is empty.
    """
    key = f"{page}:{name}"
    if key not in st.session_state:
        value = getattr(view, name)
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
        if value == "":
            st.session_state[key] = empty
    return key


def base_url() -> str:
    """Return the address of the site, with a final slash.

    It is the one that its owner named, else the one in the browser of the reader.
    """
    return site_address() or f"{(st.context.url or '').rpartition('/')[0]}/"


def page_url() -> str:
    """Return the full address of the page, without its parameters; empty if it is unknown."""
    address = st.context.url or ""
    if address.count("/") == 2:  # that of the first page
        address += "/"
    return f"{site_address()}{address.rpartition('/')[2]}" if site_address() else address


def permalink(view: Parameters) -> str:
    """Return the full address of a view, basket included."""
    base = page_url()
    query = urlencode(view.to_query() | to_query(), doseq=True)
    return f"{base}?{query}" if query else base
