"""Render figures with their text alternatives, and buttons that download charts as images."""

from typing import Any

import streamlit as st
from plotly.graph_objects import Figure

from comparisons.exports import table_writers

# Streamlit offers one image format, on hover only: these buttons are labelled, one per format.
_IMAGE_BUTTONS = st.components.v2.component(
    "stratoscope_image",
    html="""
    <p>
      <button data-format="png">Image PNG</button> <button data-format="svg">Image SVG</button>
    </p>
    """,
    css="""
    p { margin: 0; font-family: var(--st-font); }
    button {
      font: inherit; font-size: 0.85rem; color: var(--st-text-color); background: none;
      padding: 0.15rem 0.5rem; cursor: pointer;
      border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
    }
    button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
    """,
    js="""
    export default function ({ data, parentElement }) {
      for (const button of parentElement.querySelectorAll("button")) {
        const format = button.dataset.format;
        button.onclick = () => {
          const plot = document.querySelector(`.st-key-${data.key} .js-plotly-plot`);
          plot._context.toImageButtonOptions = { format, filename: data.filename, scale: 2 };
          plot._fullLayout._modeBar.buttons.flat().find((b) => b.name === "toImage").click(plot);
        };
      }
    }
    """,
)

# The canvas of a map is a landmark, which screen readers would announce as « Map ». Under a finger,
# which scrolls the page, the map stays where it is: two fingers or the buttons move it.
_MAP_MANNERS = st.components.v2.component(
    "stratoscope_carte",
    js="""
    export default function ({ data }) {
      const place = document.querySelector(`.st-key-${data.key}`);
      const improve = () => {
        const canvas = place?.querySelector(".maplibregl-canvas");
        if (canvas && canvas.ariaLabel !== data.name) canvas.ariaLabel = data.name;
        if (!matchMedia("(pointer: coarse)").matches) return;
        const plot = place?.querySelector(".js-plotly-plot");
        const map = plot?._fullLayout?.map?._subplot?.map;
        if (map?.dragPan?.isEnabled()) map.dragPan.disable();
      };
      improve();
      const drawn = new MutationObserver(improve);
      if (place) drawn.observe(place, { childList: true, subtree: true, attributes: true });
      return () => drawn.disconnect();
    }
    """,
)


def show_map(figure: Figure | dict, key: str, alt: str, name: str, **selection: object) -> Any:
    """Render a map with its alternative text and the name of its canvas; return the selection.

    `key` may contain letters, digits and hyphens only.
    """
    if isinstance(figure, dict):
        # the figure is cached for all readers; Plotly removes the type of its traces for a moment
        figure = {**figure, "data": [dict(trace) for trace in figure["data"]]}
    event = st.plotly_chart(
        figure,
        key=key,
        theme=None,
        alt=alt,
        config={"scrollZoom": False, "displaylogo": False, "locale": "fr"},
        **selection,
    )
    _MAP_MANNERS(key=f"{key}:nom", data={"key": key, "name": name})
    return event


def show_chart(figure: Figure, key: str, alt: str, theme: str | None = "streamlit") -> None:
    """Render a figure with its alternative text, and the buttons that download it as an image.

    Without a `theme` the figure keeps its own colours.
    """
    config = {"displaylogo": False, "locale": "fr"}
    st.plotly_chart(figure, key=key, config=config, alt=alt, theme=theme)
    filename = table_writers.file_name(key, "").rstrip(".")
    _IMAGE_BUTTONS(key=f"{key}:image", data={"key": key, "filename": filename})
