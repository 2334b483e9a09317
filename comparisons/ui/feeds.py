"""Render the addresses by which a reader is told of what changes."""

from urllib.parse import urlencode

import streamlit as st

from comparisons.formatting import escape_markdown
from comparisons.page_parameters import FeedParameters
from comparisons.ui.state import base_url


def territory_feeds(key: str, name: str) -> None:
    """Render the button of the feeds of a territory: alone, with its parts, with its peers."""
    contained = key.startswith(("region-", "departement-"))
    feed_button(
        (name, FeedParameters(t=key)),
        *([(f"{name} et ce qu’il contient", FeedParameters(t=key, avec="contenus"))] * contained),
        (f"{name} et ses pairs", FeedParameters(t=key, avec="pairs")),
    )


def feed_button(*feeds: tuple[str, FeedParameters]) -> None:
    """Render a button that shows the feeds of some titles, and the calendar of the first.

    A question has no calendar.
    """
    with st.popover("Être averti", icon=":material/notifications:"):
        st.caption(
            "Donnez une de ces adresses à un lecteur de flux (Thunderbird, Feedly…) : il vous "
            "dira ce qui est ajouté ou corrigé, avec sa source."
        )
        for title, view in feeds:
            st.markdown(f"**{escape_markdown(title)}**")
            st.code(_address("atom", view), language=None, wrap_lines=True)
        if not feeds[0][1].question:
            st.markdown("**Fins de stratégies, pour un agenda**")
            st.code(_address("ics", feeds[0][1]), language=None, wrap_lines=True)


def _address(extension: str, view: FeedParameters) -> str:
    query = urlencode(view.to_query(), doseq=True)
    return f"{base_url()}api/v1/nouveautes.{extension}{'?' * bool(query)}{query}"
