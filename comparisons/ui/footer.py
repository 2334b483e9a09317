"""Render the footer of every page."""

from urllib.parse import quote, urlencode

import streamlit as st

from comparisons.exports import table_writers

# Length of the choices of a page, in its address, up to which a report names them.
_MAX_QUERY = 900


def footer(page: str) -> None:
    """Render the purpose of the site, its citation, and links to news, notices and contact."""
    query = urlencode({name: st.query_params.get_all(name) for name in st.query_params}, doseq=True)
    address = f"{page}?{query}" if 0 < len(query) < _MAX_QUERY else page
    links = {
        "Nouveautés": "donnees?partie=nouveautes",
        "Les mots du site": "methode#glossaire",
        "Accessibilité : partiellement conforme": "methode#accessibilite",
        "Mentions légales": "contact#mentions-legales",
        "Contact": "contact#ecrire",
        "Signaler une erreur": f"contact?de={quote(address, safe='')}#signaler",
    }
    st.divider()
    st.caption(
        "**Stratoscope** compare les stratégies numériques des territoires français. "
        "« Non renseigné » veut dire inconnu, jamais zéro. Pour citer : "
        f"{table_writers.citation_sentence()}"
    )
    st.markdown(" · ".join(f"[{title}]({target})" for title, target in links.items()))
