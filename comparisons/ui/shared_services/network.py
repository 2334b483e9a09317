"""The network of territories and organisations."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import network
from comparisons.analysis.shared_services.organisations import Filters, bodies
from comparisons.charts import links_map, network_layout
from comparisons.charts.network import network_figure
from comparisons.database.cache import cached
from comparisons.formatting import markdown_escaped, number, typographic
from comparisons.parameters import PoolingView
from comparisons.schema.model import label
from comparisons.ui.figures import chart, show_map
from comparisons.ui.shared_services.selectors import choose_service, choose_zone
from comparisons.ui.state import is_dark, keep_view, widget_key, window_kind
from comparisons.ui.tables import downloads, source_line, words_table

MAX_ROWS = 60


def show_network(page: str, view: PoolingView) -> None:
    """Show who is linked to whom, as a graph and as a table."""
    service, zone, partner = st.columns(3, vertical_alignment="bottom")
    with service:
        view = choose_service(page, view, every="Tous les services")
    with zone:
        view = choose_zone(page, view)
    with partner:
        view = _choose_body(page, view)
    nodes, edges = cached(network_layout.network)(view.service, view.zone, view.organisme)
    st.markdown(markdown_escaped(network.network_words(nodes, edges)))
    narrow = window_kind() == "narrow"
    figure = cached(network_figure)(nodes, edges, narrow, is_dark(), view.organisme)
    if figure is None:
        return
    chart(figure, "reseau", network.alternative_text(nodes, edges), theme=None)
    hidden = network_layout.labels_sentence(nodes, figure.layout.meta["sans_nom"])
    st.caption(markdown_escaped(f"{network.SIZES} {hidden}"))
    _show_map(view)
    table = cached(network.links_table)(nodes, edges)
    with st.expander(f"Voir le tableau des liens ({len(table)})", icon=":material/table:"):
        words_table(_words(table.head(MAX_ROWS)))
        if len(table) > MAX_ROWS:
            st.caption(f"Les {MAX_ROWS} premiers ; tous sont dans les fichiers.")
    downloads("reseau", {"liens": table, "noeuds": nodes}, "Réseau de mutualisation", view)
    source_line()


def _show_map(view: PoolingView) -> None:
    """Show the same links on a map, made only when someone opens it."""
    with st.expander(
        "Voir ces liens sur une carte", icon=":material/map:", key="reseau:carte", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        nodes, edges = cached(links_map.map_links)(view.service, view.zone, view.organisme)
        window = window_kind()
        figure = links_map.links_map(nodes, edges, window, is_dark())
        if figure is None:
            st.markdown("Aucun de ces liens n’a de place sur la carte.")
            return
        words = links_map.map_alternative_text(nodes, edges)
        show_map(figure, "reseau-carte", words, "Carte des liens")
        st.caption(f"{links_map.WHERE} {network.SIZES}")


def _choose_body(page: str, view: PoolingView) -> PoolingView:
    rows = cached(bodies)(Filters(view.service, "", view.zone))
    names = dict(zip(rows["partenaire_id"], map(typographic, rows["nom"]), strict=True))
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
    return keep_view(page, view, organisme=chosen or "")


def _words(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Territoire": [typographic(name) for name in rows["nom"]],
            "Organisme": [typographic(name) for name in rows["partenaire_nom"]],
            "Rôles": [", ".join(label("roles", c) for c in codes) for codes in rows["roles"]],
            "Services": [
                ", ".join(label("services", c) for c in codes) for codes in rows["services"]
            ],
            "Services cités": [number(count) for count in rows["nb_cites"]],
            "Services déduits": [number(count) for count in rows["nb_deduits"]],
        }
    ).reset_index(drop=True)
