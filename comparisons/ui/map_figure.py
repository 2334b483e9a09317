"""Render the map of a view, or its two maps; a click selects a territory."""

from urllib.parse import quote

import streamlit as st

from comparisons.analysis import map_layers
from comparisons.analysis.map_questions import views
from comparisons.charts import base_map, maps
from comparisons.exports.table_writers import file_name, to_labelled_csv
from comparisons.formatting import MISSING, escape_markdown
from comparisons.page_parameters import MapParameters
from comparisons.ui.controls import page_link
from comparisons.ui.figures import image_bar, image_buttons, show_map
from comparisons.ui.state import is_dark, update_parameters, viewport
from comparisons.ui.tables import download, link_button, show_link, view_digest


def displayed_layers(view: MapParameters) -> tuple[map_layers.MapLayer, ...]:
    """Return the layers of the map or the two maps of a view, whatever its selected territory."""
    return views.build_layers(*_unselected_views(view))


def _unselected_views(view: MapParameters) -> tuple[MapParameters, ...]:
    unselected = view.unselected()
    return (unselected, unselected.second_map()) if view.deux else (unselected,)


def show_maps(page: str, view: MapParameters) -> None:
    """Render the map or the two maps; a click selects a territory and reruns the page."""
    layers = displayed_layers(view)
    window = viewport()
    if len(layers) > 1 and window in ("wide", "large"):
        window = "medium"
    figures = maps.map_figures(_unselected_views(view), window, is_dark())
    code = view.t.removeprefix(f"{view.niveau}-") if view.t.startswith(view.niveau) else ""
    columns = st.columns(len(layers))
    for index, (column, layer, figure) in enumerate(zip(columns, layers, figures, strict=True)):
        with column:
            if len(layers) > 1:
                st.header(
                    f"{escape_markdown(layer.title)} :small[{escape_markdown(layer.subtitle)}]",
                    anchor=False,
                )
            if not layer.zone:
                _show_silhouette(f"{page}-{view.niveau}-{index}", window)
            clicked = _show_map(
                f"{page}-{view.niveau}-{index}", layer, maps.with_outline(figure, layer, code)
            )
            _show_bar(page, index, view.second_map() if index else view, layer)
            if len(layers) > 1:
                st.caption(map_layers.describe_coverage(layer))
        if clicked and not clicked.startswith(layer.level):  # beside the discs: look closer
            st.session_state.pop(f"{page}:zone", None)
            update_parameters(page, view, zone=clicked)
            st.rerun()
        if clicked:
            st.session_state.pop(f"{page}:t", None)
            st.session_state[f"{page}:fiche"] = clicked
            update_parameters(page, view, t=clicked)
            st.rerun()


def _show_silhouette(key: str, window: str) -> None:
    """Render the outline of the country where a map is about to be drawn, of the same height."""
    drawing, width = base_map.silhouette(window)
    height = base_map.HEIGHTS[window]
    st.html(
        f"<style>.st-key-{key} {{ min-height: {height}px; background: center top / {width}px "
        f'{height}px no-repeat url("data:image/svg+xml,{quote(drawing)}") }}</style>'
    )


def show_small_map(page: str, view: MapParameters) -> str:
    """Render a small map of the territory of a view, with its class but no other of the legend.

    Return the territory that was just clicked, or an empty string.
    """
    unselected = view.replace(t="")
    (layer,) = views.build_layers(unselected)
    (figure,) = maps.map_figures((unselected,), "small", is_dark())
    code = view.t.removeprefix(f"{view.niveau}-")
    figure = maps.with_outline(figure, layer, code)
    clicked = _show_map(f"{page}-petite-{view.niveau}", layer, figure)
    own_class = layer.data.set_index("territoire_code")["classe"].get(code)
    labels = {legend_class.code: legend_class.label for legend_class in layer.classes}
    st.caption(f"{layer.subtitle}. {layer.title} Ici : {labels.get(own_class, MISSING).lower()}.")
    page_link("carte", "Voir sur la carte, avec sa légende", "map", **view.to_query())
    return clicked


def _show_bar(page: str, index: int, view: MapParameters, layer: map_layers.MapLayer) -> None:
    """Render what is taken out of the page: a map as an image or to print, its data, its address.

    The image and the sheet have title, legend, source and date; they are named after the page.
    """
    key = f"{page}-{index}"
    stem = f"{page}-{view.question}-{view.niveau}-{view_digest(view)}"
    with image_bar(key):
        image_buttons(key, page, view)
        download("Données", file_name(stem, "csv"), to_labelled_csv, layer.data, key=f"{key}:csv")
        if viewport() == "narrow":
            show_link(view)
        else:
            link_button(view, key=f"{key}:lien")


def _show_map(name: str, layer: map_layers.MapLayer, figure: dict) -> str:
    """Render a map; return the key of the territory that was just clicked, or an empty string."""
    event = show_map(
        figure,
        name,
        maps.alt_text(layer),
        f"{layer.title} {layer.subtitle}",
        on_select="rerun",
        selection_mode="points",
    )
    points = event.selection.points
    key = maps.clicked_key(layer, points[0]) if points else ""
    # the selection persists after the click: only a new one changes the territory
    is_new = key != st.session_state.get(f"{name}:clic", "")
    st.session_state[f"{name}:clic"] = key
    return key if is_new else ""
