"""Figures, each with its words; those that are no maps, with their picture to download."""

from typing import Any

import streamlit as st
from plotly.graph_objects import Figure

from comparisons.exports import tables

# Streamlit's figures have a button for one format, seen on hover only: these have names, for both.
_PICTURE = st.components.v2.component(
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

# The drawing inside of a map is a place of the page, which would be announced as « Map ».
_NAME = st.components.v2.component(
    "stratoscope_nom_de_carte",
    js="""
    export default function ({ data }) {
      const place = document.querySelector(`.st-key-${data.key}`);
      const name = () => {
        const canvas = place?.querySelector(".maplibregl-canvas");
        if (canvas && canvas.ariaLabel !== data.name) canvas.ariaLabel = data.name;
      };
      name();
      const drawn = new MutationObserver(name);
      if (place) drawn.observe(place, { childList: true, subtree: true });
      return () => drawn.disconnect();
    }
    """,
)


def show_map(figure: Figure | dict, key: str, alt: str, name: str, **selection: object) -> Any:
    """Render a map with its words (`alt`) and, for its drawing, a name; give what is selected.

    `key` has letters, figures and hyphens only.
    """
    if isinstance(figure, dict):
        # kept for all readers, while Plotly takes the type of a trace out of it for a moment
        figure = {**figure, "data": [dict(trace) for trace in figure["data"]]}
    event = st.plotly_chart(
        figure,
        key=key,
        theme=None,
        alt=alt,
        config={"scrollZoom": False, "displaylogo": False, "locale": "fr"},
        **selection,
    )
    _NAME(key=f"{key}:nom", data={"key": key, "name": name})
    return event


def show_chart(figure: Figure, key: str, alt: str, theme: str | None = "streamlit") -> None:
    """Render a figure, with its words for those who cannot see it, and offer its picture.

    Without a `theme` the figure wears its own colours.
    """
    config = {"displaylogo": False, "locale": "fr"}
    st.plotly_chart(figure, key=key, config=config, alt=alt, theme=theme)
    filename = tables.file_name(key, "").rstrip(".")
    _PICTURE(key=f"{key}:image", data={"key": key, "filename": filename})
