"""Render figures with their text alternatives, and buttons that download charts as images."""

from typing import Any

import streamlit as st
from plotly.graph_objects import Figure

from comparisons.exports import table_writers
from comparisons.ui.state import viewport

# Streamlit offers one image format, on hover only, without title nor source: these buttons are
# labelled, one per format, and write the headings of the page above the chart, its source below.
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
    const SVG = "http://www.w3.org/2000/svg", LINE = 20, MARGIN = 16, SCALE = 2;

    function headings(plot) {
      const before = [...document.querySelectorAll("h1, h2, h3")].filter(
        (h) => plot.compareDocumentPosition(h) & Node.DOCUMENT_POSITION_PRECEDING);
      const texts = [before.find((h) => h.tagName === "H1"), before.at(-1)];
      return [...new Set(texts.filter(Boolean).map((h) => h.innerText.trim()))].join(" : ");
    }

    function wrap(text, width) {
      const lines = [""];
      for (const word of text.split(" ")) {
        if (lines.at(-1) && (lines.at(-1).length + word.length) * 6.6 > width) lines.push("");
        lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
      }
      return lines;
    }

    // an image has none of the fonts of the page: with another one, labels would be cut
    async function fontFaces(families) {
      const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter(
        (rule) => rule instanceof CSSFontFaceRule && rule.style.fontStyle !== "italic"
          && families.includes(rule.style.fontFamily.replaceAll('"', "")));
      const faces = rules.map(async (rule) => {
        const address = rule.style.src.match(/url\\("?([^")]+)/)[1];
        const base = rule.parentStyleSheet.href ?? document.baseURI;
        const blob = await (await fetch(new URL(address, base))).blob();
        const content = await new Promise((resolve) => {
          const reader = new FileReader();
          reader.onload = () => resolve(reader.result);
          reader.readAsDataURL(blob);
        });
        return rule.cssText.replace(/src:[^;]+;/, `src: url("${content}");`);
      });
      return (await Promise.all(faces)).join("");
    }

    async function compose(plot, source) {
      const [width, height] = [plot.offsetWidth, plot.offsetHeight];
      const style = getComputedStyle(plot.closest(".stApp") ?? document.body);
      const [above, below] = [wrap(headings(plot), 0.8 * width), wrap(source, width)];
      const image = document.createElementNS(SVG, "svg");
      const top = above.length * LINE * 1.3 + MARGIN;
      const total = top + height + below.length * LINE + MARGIN;
      const add = (name, attributes, text = "") => {
        const element = image.appendChild(document.createElementNS(SVG, name));
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        element.textContent = text;
      };
      for (const [key, value] of Object.entries({ width, height: total })) {
        image.setAttribute(key, value);
      }
      add("style", {}, await fontFaces(style.fontFamily));
      add("rect", { width, height: total, fill: style.backgroundColor });
      const font = { x: MARGIN, fill: style.color, "font-family": style.fontFamily };
      above.forEach((text, line) => add("text", {
        ...font, y: MARGIN + 14 + line * LINE * 1.3, "font-size": 18, "font-weight": 700 }, text));
      for (const layer of plot.querySelectorAll(".svg-container > .main-svg")) {
        const copy = layer.cloneNode(true);
        // the page may have another colour for texts than the chart
        const written = layer.querySelectorAll("text");
        copy.querySelectorAll("text").forEach((text, index) => {
          text.style.fill = getComputedStyle(written[index]).fill;
        });
        copy.setAttribute("y", top);
        image.appendChild(copy);
      }
      below.forEach((text, line) => add("text", {
        ...font, y: top + height + 14 + line * LINE, "font-size": 12 }, text));
      return [new XMLSerializer().serializeToString(image), width, total];
    }

    function save(blob, name) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }

    export default function ({ data, parentElement }) {
      for (const button of parentElement.querySelectorAll("button")) {
        const format = button.dataset.format;
        button.onclick = async () => {
          const plot = document.querySelector(`.st-key-${data.key} .js-plotly-plot`);
          const [text, width, height] = await compose(plot, data.source);
          const name = `${data.filename}.${format}`;
          if (format === "svg") return save(new Blob([text], { type: "image/svg+xml" }), name);
          const picture = new Image();
          picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
          await picture.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [width * SCALE, height * SCALE];
          canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
          canvas.toBlob((blob) => save(blob, name), "image/png");
        };
      }
    }
    """,
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
    # a finger keeps the bar of tools in sight, over the legend
    has_tools = viewport() != "narrow"
    config = {"displaylogo": False, "locale": "fr", "displayModeBar": has_tools and "hover"}
    st.plotly_chart(figure, key=key, config=config, alt=alt, theme=theme)
    filename = table_writers.file_name(key, "").rstrip(".")
    source = f"Source : {table_writers.citation_sentence()}"
    _IMAGE_BUTTONS(key=f"{key}:image", data={"key": key, "filename": filename, "source": source})
