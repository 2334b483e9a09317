"""Render figures with their text alternatives, and buttons that download charts as images."""

from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from plotly.graph_objects import Figure

from comparisons.database.cache import cached
from comparisons.database.connection import current_preview
from comparisons.exports import table_writers
from comparisons.exports.embeds import embedded
from comparisons.exports.images.catalogue import IMAGES
from comparisons.parameters import Parameters
from comparisons.ui.state import base_url, permalink, viewport
from comparisons.ui.tables import download, view_digest

_IMAGE_FORMATS = (
    ("Image", "png", "image"),
    ("Image SVG", "svg", "polyline"),
    ("PDF à imprimer", "pdf", "print"),
)

# The canvas of a map is a landmark, which screen readers would announce as « Map ». Under a finger,
# which scrolls the page, the map stays where it is: two fingers or the buttons move it. A canvas
# prints blank: an image of it is printed. What is shown until a map is drawn goes then.
_MAP_MANNERS = st.components.v2.component(
    "stratoscope_carte",
    js="""
    export default function ({ data }) {
      const place = document.querySelector(`.st-key-${data.key}`);
      const subplot = () =>
        place?.querySelector(".js-plotly-plot")?._fullLayout?.map?._subplot?.map;
      let watched = null;
      const clear = () => {
        // before its areas, a map has the insets only
        const areas = watched.getLayersOrder().some((id) => id.startsWith("plotly"));
        if (!areas || place.style.background === "none") return;
        place.style.background = "none";
        watched.off("idle", clear);
      };
      const improve = () => {
        const canvas = place?.querySelector(".maplibregl-canvas");
        if (canvas && canvas.ariaLabel !== data.name) canvas.ariaLabel = data.name;
        const map = subplot();
        if (map && map !== watched) (watched = map).on("idle", clear);
        if (!matchMedia("(pointer: coarse)").matches) return;
        if (map?.dragPan?.isEnabled()) map.dragPan.disable();
      };
      improve();
      const drawn = new MutationObserver(improve);
      if (place) drawn.observe(place, { childList: true, subtree: true, attributes: true });
      const print = () => {
        const map = subplot();
        if (!map) return;
        map.redraw();
        const picture = new Image();
        picture.src = map.getCanvas().toDataURL();
        picture.style = "position: absolute; inset: 0; width: 100%; height: 100%";
        map.getCanvas().after(picture);
        addEventListener("afterprint", () => picture.remove(), { once: true });
      };
      addEventListener("beforeprint", print);
      return () => {
        drawn.disconnect();
        removeEventListener("beforeprint", print);
      };
    }
    """,
)


class _CheckedFigure(Figure):
    """A figure as plain data, that Plotly checked when it was made.

    Streamlit has Plotly check a dictionary again at each rerun, which takes longer than the rest of
    a map.
    """

    def __init__(self, parts: dict) -> None:
        """Build the figure of `parts`, as `Figure.to_dict` returns them."""
        # without that of `Figure`, which checks and copies them
        self._parts = parts

    def to_dict(self) -> dict:
        """Return the parts: not a copy, and not to be changed."""
        return self._parts


@cached
def _figure_parts(build: Callable[..., Figure | None], *arguments: object) -> dict | None:
    figure = build(*arguments)
    return None if figure is None else figure.to_dict()


def cached_figure(build: Callable[..., Figure | None], *arguments: object) -> Figure | None:
    """Return the figure that a function draws of arguments: once for all readers."""
    parts = _figure_parts(build, *arguments)
    return None if parts is None else _CheckedFigure(parts)


def show_map(figure: Figure | dict, key: str, alt: str, name: str, **selection: object) -> Any:
    """Render a map with its alternative text and the name of its canvas; return the selection.

    `key` may contain letters, digits and hyphens only.
    """
    event = st.plotly_chart(
        _CheckedFigure(figure) if isinstance(figure, dict) else figure,
        key=key,
        theme=None,
        alt=alt,
        config={"scrollZoom": False, "displaylogo": False, "locale": "fr"},
        **selection,
    )
    _MAP_MANNERS(key=f"{key}:nom", data={"key": key, "name": name})
    return event


def show_chart(
    figure: Figure,
    key: str,
    alt: str,
    image: tuple[str, Parameters],
    theme: str | None = "streamlit",
) -> None:
    """Render a figure with its alternative text, and the buttons that download it as an image.

    `image` is the name of the image in its catalogue, and the view that it shows. Without a `theme`
    the figure keeps its own colours.
    """
    # a finger keeps the bar of tools in sight, over the legend
    has_tools = viewport() != "narrow"
    config = {"displaylogo": False, "locale": "fr", "displayModeBar": has_tools and "hover"}
    st.plotly_chart(figure, key=key, config=config, alt=alt, theme=theme)
    with image_bar(key):
        image_buttons(key, *image)


def image_bar(key: str) -> Any:
    """Return the place of the buttons that take a figure out of the page: folded on a phone."""
    if viewport() == "narrow":
        return st.popover("Garder cette image", icon=":material/download:", key=f"{key}:barre")
    return st.container(horizontal=True, gap="small")


def image_buttons(key: str, name: str, view: Parameters) -> None:
    """Render the buttons that download an image of the catalogue: made here, once requested."""
    stem = f"{name}-{view_digest(view)}"
    for label, extension, icon in _IMAGE_FORMATS:
        download(
            label,
            table_writers.file_name(stem, extension),
            IMAGES[name].make,
            view,
            extension,
            permalink(view),
            key=f"{key}:{extension}",
            icon=f":material/{icon}:",
        )
    if viewport() == "narrow":  # in a popover already
        show_embed(name, view)
    else:
        embed_button(name, view, f"{key}:integrer")


def embed_button(name: str, view: Parameters, key: str) -> None:
    """Render what shows a figure, a card or a comparison in the page of another site."""
    with st.popover("Intégrer", icon=":material/code:", key=key):
        show_embed(name, view)


def show_embed(name: str, view: Parameters) -> None:
    """Render the code of the frame of a figure, a card or a comparison, to be copied."""
    if current_preview() is not None:
        st.caption("Un aperçu n’est vu que de vous : il n’a pas d’adresse à intégrer.")
        return
    query = urlencode(embedded(name).query_of(view), doseq=True)
    asked = f"?{query}" if query else ""
    st.caption("À coller dans la page d’un site : le cadre suit la version des données.")
    frame = (
        f'<iframe src="{base_url()}integrer/{name}{escape(asked)}" title="Stratoscope" '
        'width="100%" height="560" style="border: 0" loading="lazy"></iframe>'
    )
    st.code(frame, language=None, wrap_lines=True)
    if name in IMAGES:
        st.caption("L’adresse de l’image, pour un courriel ou un diaporama :")
        address = f"{base_url()}api/v1/images/{name}.png{asked}"
        st.code(address, language=None, wrap_lines=True)
