"""Open the links of texts in the same tab and session, as those of the menu are.

Streamlit opens every link of a text in a new tab, where the basket and the preview of the reader do
not exist.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import parse_qs, urlsplit

import streamlit as st

_CLICKED = "lien_suivi"
_LISTENER = st.components.v2.component(
    "stratoscope_liens",
    js="""
    // Streamlit writes the parameters of the next page before its name: a mixture of two pages, on
    // which the button « back » would stop
    const replaceMixedAddresses = () => {
      const push = history.pushState;
      let mixed = null;
      history.pushState = function (state, title, url) {
        const { pathname, search } = new URL(url, location);
        const isRecent = performance.now() - mixed?.time < 2000; // ms
        const follows = isRecent && mixed.search === search && mixed.pathname !== pathname;
        const time = performance.now();
        mixed = pathname === location.pathname ? { pathname, search, time } : null;
        (follows ? history.replaceState : push).call(history, state, title, url);
      };
    };

    export default function ({ data, setTriggerValue }) {
      if (!window.stratoscope_addresses) replaceMixedAddresses();
      window.stratoscope_addresses = true;
      const open = (event) => {
        const link = event.target.closest?.("a[target=_blank]");
        if (!link || event.defaultPrevented || event.button !== 0) return;
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        const address = new URL(link.href);
        const page = address.pathname.split("/").pop();
        if (address.origin !== location.origin || !data.pages.includes(page)) return;
        event.preventDefault();
        setTriggerValue("address", address.pathname + address.search);
        scrollTo(decodeURIComponent(address.hash.slice(1)), 40);
      };
      const scrollTo = (id, triesLeft) => {
        const heading = id && document.getElementById(id);
        if (heading) heading.scrollIntoView();
        else if (id && triesLeft) setTimeout(scrollTo, 150, id, triesLeft - 1);
      };
      document.addEventListener("click", open);
      return () => document.removeEventListener("click", open);
    }
    """,
)


def request_page(address: str) -> None:
    """Have the page of an address opened by `follow_internal_link`, in the next run."""
    st.session_state[_CLICKED] = address


def follow_internal_link(pages: Mapping[str, str]) -> None:
    """Switch to the page that was just asked for, if one was.

    `pages` holds the file of each page by the last part of its address.
    """
    clicked = urlsplit(st.session_state.pop(_CLICKED, ""))
    file = pages.get(PurePosixPath(clicked.path).name)
    if clicked.path and file is not None:
        st.switch_page(file, query_params=parse_qs(clicked.query))


def listen_to_links(pages: Mapping[str, str]) -> None:
    """Have the clicks on links to these pages answered by `follow_internal_link`."""

    def store_click() -> None:
        request_page(st.session_state["liens"]["address"])

    _LISTENER(key="liens", data={"pages": list(pages)}, on_address_change=store_click)
