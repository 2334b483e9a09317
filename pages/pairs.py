"""Pairs: who is like us, where we stand among them, what they do that we do not."""

import streamlit as st

from comparisons import peers, ui
from comparisons.peers import files
from comparisons.text import markdown_escaped, typographic
from comparisons.view import PeersView

PAGE = "pairs"


def show() -> None:
    """Show the page."""
    view = ui.known_choice(PAGE, ui.open_view(PAGE, PeersView))
    if not view.t:
        st.title("Mes pairs", anchor=False)
        st.info(
            "Choisissez votre territoire par la recherche ci-dessus : région, département, "
            "intercommunalité ou commune.",
            icon=":material/search:",
        )
        st.caption(
            "Des pairs se ressemblent par leur structure (taille, densité, habitat), jamais par "
            "leurs résultats. La méthode est expliquée dans la page Méthode."
        )
        return
    own = ui.cached(peers.find)(view.t, peers.Choice()).soi
    name = typographic(own["nom"])
    st.title(f"Les pairs {markdown_escaped(own['nom_de'])}", anchor=False)
    st.markdown(f"{markdown_escaped(name)} : {markdown_escaped(peers.portrait(own))}.")
    view = ui.choose_peers(PAGE, view)
    found = ui.cached(peers.find)(view.t, view.choice)
    stable = ui.cached(peers.stability)(view.t, view.choice)
    keys = tuple(found.table["cle"])

    st.header("Qui, et pourquoi", anchor="pairs", divider="gray")
    ui.show_peers(found, stable)
    if not keys:
        return
    ui.compare_link(view, keys)
    view = ui.choose_named(PAGE, view)

    st.header("Ma position parmi eux", anchor="position", divider="gray")
    view = ui.show_position(PAGE, view, keys, name)

    st.header("Ce qu’ils font et pas nous, et l’inverse", anchor="ecarts", divider="gray")
    ui.show_gaps(view, keys)

    st.header("Télécharger", anchor="telecharger", divider="gray")
    sheets = files.tables(view.t, view.choice, view.nommes)
    ui.downloads(f"pairs-{view.t}", sheets, f"Pairs : {name}", view)
    ui.source_line()


show()
