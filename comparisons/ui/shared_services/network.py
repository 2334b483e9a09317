"""Render the network of territories and organisations."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import network
from comparisons.analysis.shared_services.organisations import (
    OrganisationFilters,
    list_organisations,
)
from comparisons.charts.links_map import links_map, map_alternative_text
from comparisons.charts.map_positions import POSITION_NOTE, map_links
from comparisons.charts.network import describe_names, network_figure
from comparisons.formatting import curly_apostrophes, escape_markdown, format_number
from comparisons.page_parameters import SharedServicesParameters
from comparisons.schema.model import code_label
from comparisons.ui.figures import image_bar, image_buttons, show_chart, show_map
from comparisons.ui.shared_services.selectors import choose_service, choose_zone
from comparisons.ui.state import is_dark, update_parameters, viewport, widget_key
from comparisons.ui.tables import (
    LIST_ROWS,
    TextColumns,
    choose_page,
    download_buttons,
    source_line,
    text_table,
)


def show_network(page: str, view: SharedServicesParameters) -> None:
    """Render the links of territories and organisations, as a graph and as a table."""
    service, zone, partner = st.columns(3, vertical_alignment="bottom")
    with service:
        view = choose_service(page, view, every="Tous les services")
    with zone:
        view = choose_zone(page, view)
    with partner:
        view = _choose_organisation(page, view)
    nodes, edges = network.load_network(view.service, view.zone, view.organisme)
    st.markdown(escape_markdown(network.describe_network(nodes, edges)))
    figure = network_figure(nodes, edges, viewport(), is_dark(), view.organisme)
    if figure is None:
        return
    alt_text = network.network_alt_text(nodes, edges)
    show_chart(figure, "reseau", alt_text, ("reseau", view), theme=None)
    names = describe_names(len(nodes), figure.layout.meta["sans_nom"])
    st.caption(escape_markdown(f"{network.SIZE_NOTE} {names}"))
    _show_map(view)
    table = network.format_edges_table(nodes, edges)
    with st.expander(f"Voir le tableau des liens ({len(table)})", icon=":material/table:"):
        orders = {
            "Organisme": (),
            "Territoire": ("nom",),
            "Services, du plus au moins": ("-nb_cites", "-nb_deduits"),
        }
        text_table(_links_table(choose_page(table, LIST_ROWS, orders)))
    download_buttons("reseau", {"liens": table, "noeuds": nodes}, "Réseau de mutualisation", view)
    source_line()


def _show_map(view: SharedServicesParameters) -> None:
    """Render the same links on a map, built only once opened."""
    with st.expander(
        "Voir ces liens sur une carte", icon=":material/map:", key="reseau:carte", on_change="rerun"
    ) as expander:
        if not expander.open:
            return
        nodes, edges = map_links(view.service, view.zone, view.organisme)
        figure = links_map(nodes, edges, viewport(), is_dark())
        if figure is None:
            st.markdown("Aucun de ces liens n’a de place sur la carte.")
            return
        alt_text = map_alternative_text(nodes, edges)
        show_map(figure, "reseau-carte", alt_text, "Carte des liens")
        with image_bar("reseau-carte"):
            image_buttons("reseau-carte", "reseau-carte", view)
        st.caption(f"{POSITION_NOTE} {network.SIZE_NOTE}")


def _choose_organisation(page: str, view: SharedServicesParameters) -> SharedServicesParameters:
    rows = list_organisations(OrganisationFilters(view.service, "", view.zone))
    names = dict(zip(rows["partenaire_id"], map(curly_apostrophes, rows["nom"]), strict=True))
    key = widget_key(page, view, "organisme")
    if st.session_state[key] not in names:
        st.session_state[key] = None
    chosen = st.selectbox(
        "Autour d’un organisme",
        tuple(names),
        format_func=names.get,
        key=key,
        placeholder="Tous les organismes",
    )
    return update_parameters(page, view, organisme=chosen or "")


def _links_table(rows: pd.DataFrame) -> TextColumns:
    return {
        "Territoire": [curly_apostrophes(name) for name in rows["nom"]],
        "Organisme": [curly_apostrophes(name) for name in rows["partenaire_nom"]],
        "Rôles": [
            ", ".join(code_label("roles", code) for code in codes) for codes in rows["roles"]
        ],
        "Services": [
            ", ".join(code_label("services", code) for code in codes) for codes in rows["services"]
        ],
        "Services cités": [format_number(count) for count in rows["nb_cites"]],
        "Services déduits": [format_number(count) for count in rows["nb_deduits"]],
    }
