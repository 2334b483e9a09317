"""Page Méthode: what is compared and how, limits, glossary, accessibility, licences, citation."""

import re

import streamlit as st

from comparisons.exports.method import TITLE, method_sections
from comparisons.formatting import escape_markdown, fold
from comparisons.ui.glossary import glossary_link

st.title(TITLE, anchor=False)
sections = method_sections(escape=escape_markdown, link=glossary_link)
anchors = [re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-") for title, _ in sections]
with st.container(border=True):
    st.markdown(
        "**Sommaire** : "
        + " · ".join(
            f"[{title}](#{anchor})" for (title, _), anchor in zip(sections, anchors, strict=True)
        )
    )
for (title, body), anchor in zip(sections, anchors, strict=True):
    st.header(title, anchor=anchor)
    st.markdown(body)
