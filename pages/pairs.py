"""Page Pairs: the peers of a territory, its position among them, the gaps."""

import streamlit as st

from comparisons.analysis.peers import portrait, search, stability, study
from comparisons.formatting import curly_apostrophes, escape_markdown
from comparisons.page_parameters import PeersParameters
from comparisons.queries.sources import FACTS
from comparisons.queries.territories import twin_explanations
from comparisons.schema import peer_options
from comparisons.ui.controls import choose_named, choose_sources, reading_sources, say_sources
from comparisons.ui.feeds import territory_feeds
from comparisons.ui.glossary import glossary_help
from comparisons.ui.peers_gaps import show_gaps
from comparisons.ui.peers_page import choose_peers, show_documented, show_peers, show_position
from comparisons.ui.selectors import drop_unknown_territories
from comparisons.ui.state import load_parameters, set_title
from comparisons.ui.tables import download_buttons, source_line

PAGE = "pairs"


def show() -> None:
    """Render the page."""
    view = drop_unknown_territories(PAGE, load_parameters(PAGE, PeersParameters))
    with reading_sources(PAGE, view) as chosen:
        show_peers_of(chosen)


def show_peers_of(view: PeersParameters) -> None:
    """Render the peers of the territory of a view, or what the page is for."""
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
    territory = search.find_peers(view.t, peer_options.PeerOptions()).soi
    name = curly_apostrophes(territory["nom"])
    set_title(f"Pairs {territory['nom_de']}")
    st.title(f"Les pairs {escape_markdown(territory['nom_de'])}", anchor=False)
    st.markdown(
        f"{escape_markdown(name)} : {escape_markdown(portrait.describe_territory(territory))}."
    )
    for sentence in twin_explanations(view.t):
        st.caption(sentence)
    view = choose_sources(PAGE, choose_peers(PAGE, view))
    say_sources(tuple(FACTS))
    result = search.find_peers(view.t, view.choice)
    stable_shares = stability.rank_stability(view.t, view.choice)
    keys = tuple(result.table["cle"])

    help_text = glossary_help("Pair")
    st.header("Qui, et pourquoi", anchor="pairs", divider="gray", help=help_text)
    show_peers(result, stable_shares)
    show_documented(view, result, stable_shares)
    if not keys:
        return
    view = choose_named(PAGE, view)

    help_text = glossary_help("Médiane", "Périmètre d’un montant", "Étape d’un montant")
    st.header("Ma position parmi eux", anchor="position", divider="gray", help=help_text)
    view = show_position(PAGE, view, keys, name)

    st.header("Ce qu’ils font et pas nous, et l’inverse", anchor="ecarts", divider="gray")
    show_gaps(view, keys)

    st.header("Télécharger", anchor="telecharger", divider="gray")
    sheets = study.tables(view.t, view.choice, view.nommes)
    download_buttons(f"pairs-{view.t}", sheets, f"Pairs : {name}", view)
    territory_feeds(view.t, name)
    source_line()


show()
