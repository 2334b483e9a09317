"""Render the citation of a view, ready to copy."""

from datetime import date

import streamlit as st

from comparisons.exports import table_writers
from comparisons.exports.citation import FORMATS, citations
from comparisons.ui.controls import choose_unsaved
from comparisons.ui.tables import download


def show_citations(page: str, address: str, title: str, selection: str = "") -> None:
    """Render the citation of a view in each format of `citation.FORMATS`."""
    texts = citations(address, title, selection, date.today())
    names = {code: name for code, (name, _, _) in FORMATS.items()}
    chosen = choose_unsaved("Forme", names, f"{page}:citation")
    st.code(texts[chosen], language=None, wrap_lines=True)
    name, extension, media = FORMATS[chosen]
    is_cff = chosen == "cff"
    download(
        f"Fichier {name}",
        "CITATION.cff" if is_cff else table_writers.file_name("citation", extension),
        lambda: texts[chosen],
        mime=media,
        key=f"{page}:citation:{chosen}",
        icon=":material/format_quote:",
    )
