"""Style of all charts: colours of light and dark pages, layout, legend, axes, texts."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from comparisons.analysis.map_layers import SEQUENTIAL
from comparisons.formatting import curly_apostrophes

_FONT = '"Source Sans", sans-serif'
HIGHLIGHT = "#d6336c"
# Colours on a dark background. The order of lightness is reversed: known values are the lightest,
# unknown ones the darkest.
DARK_PALETTE = {
    # classes of maps
    "#08306b": "#d6ebff",
    "#08519c": "#a9d3f5",
    "#2171b5": "#7fb9e8",
    "#3182bd": "#62a6dd",
    "#4292c6": "#609fd6",
    "#6baed6": "#3f80bb",
    "#9ecae1": "#2d5f8f",
    "#94c4df": "#2d5f8f",
    "#c6dbef": "#21476d",
    "#d8cfc0": "#857c69",
    "#a8a8a8": "#5a6672",
    "#c4c4c4": "#434e59",
    "#e6e6e6": "#27333d",
    "#92567f": "#c187ab",
    "#a1d99b": "#2f7d46",
    "#d9f2cf": "#225a35",
    "#fde89a": "#6b5426",
    "#f2dcb4": "#6b5426",
    "#8c8070": "#6b5d57",
    # marks of the network, after Okabe and Ito
    "#b34700": "#f28e4b",
    "#8a4a7a": "#d69ac6",
    "#7a6200": "#e5c94a",
    "#52606d": "#b4bec8",
    "#00795a": "#57c9a5",
    "#697586": "#9aa5b1",
    HIGHLIGHT: "#ff7aa8",
    # lines, from the strongest to the faintest
    "#7b5a45": "#d8a987",
    "#c9a892": "#7d6455",
    "#a7b1bb": "#566470",
    "#c3cad1": "#3e4c59",
    "#dfe4ea": "#2a3742",
    "#eef1f4": "#1b262f",
    # bars of the simulator
    "#b4690e": "#f0b35c",
}
GRID = "#dfe4ea"
_HYPHENATED = {"Départements": "Départe-<br>ments", "Intercommunalités": "Intercom-<br>munalités"}


def page_colours(dark: bool) -> tuple[str, str]:
    """Return the colours of the background and of the ink, those of .streamlit/config.toml."""
    return ("#10181f", "#e6ebf0") if dark else ("#ffffff", "#0f1720")


def themed_colour(dark: bool, colour: str) -> str:
    """Return the equivalent of a colour on a dark background, or the colour itself."""
    return DARK_PALETTE.get(colour, colour) if dark else colour


def layout(height: float, dark: bool | None = None, **options: object) -> dict:
    """Return the layout of a figure, with numbers in French; `options` replace any part of it.

    `dark` is given for a figure that keeps its own colours; Streamlit colours the others.
    """
    common = {
        "height": round(height),
        "margin": {"l": 0, "r": 10, "t": 10, "b": 0},
        "legend": legend(),
        "hoverlabel": {"align": "left"},
        "separators": ",\u202f",
    }
    if dark is not None:
        background, ink = page_colours(dark)
        common |= {
            "paper_bgcolor": background,
            "plot_bgcolor": background,
            "font": {"color": ink, "family": _FONT},
            # the default template takes longer to check and send than a map
            "template": go.layout.Template(),
        }
    return common | options


def legend(**options: object) -> dict:
    """Return a legend in lines above the figure; `options` replace any part of it."""
    common = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    return common | {"itemsizing": "constant", "bgcolor": "rgba(0,0,0,0)"} | options


def rows_axis(names: Sequence[str], **options: object) -> dict:
    """Return the vertical axis of a chart with a named row at each whole number."""
    common = {
        "automargin": True,
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "range": [-0.6, len(names) - 0.4],
        "showgrid": False,
    }
    return common | options


def share_scale(dark: bool) -> list[str]:
    """Return the colours of the shares of a grid, from that of the page (none) to the darkest."""
    return [page_colours(dark)[0], *(themed_colour(dark, colour) for colour in SEQUENTIAL[5])]


def cell_texts(
    columns: Sequence[str], rows: Sequence[str], texts: np.ndarray, shares: np.ndarray, dark: bool
) -> go.Scatter:
    """Return the texts of the cells of a grid of shares, legible on their colours (4.5 to 1)."""
    # where black and white are equally legible on `share_scale`
    turning_share = 0.56 if dark else 0.83
    is_black = (shares >= turning_share) if dark else ~(shares > turning_share)
    return go.Scatter(
        x=list(columns) * len(rows),
        y=np.repeat(list(rows), len(columns)),
        mode="text",
        text=texts.ravel(),
        textfont={"color": np.where(is_black, "#000000", "#ffffff").ravel()},
        hoverinfo="skip",
        showlegend=False,
    )


def plain_text(text: object, max_length: int = 0) -> str:
    """Return a text without markup for Plotly, shortened beyond `max_length` (0: never)."""
    text = curly_apostrophes(text)
    if max_length and len(text) > max_length:
        text = f"{text[: max_length - 2].rstrip()}…"
    return escape(text, quote=False).replace("%{", "% {")


def hyphenated_level(name: str) -> str:
    """Return the name of a level, hyphenated where it would not fit a column on a phone."""
    return _HYPHENATED.get(name, name)


def segments(starts: Iterable[float], ends: Iterable[float]) -> list[float | None]:
    """Return the coordinates, on one axis, of separate lines drawn as one trace."""
    return [value for pair in zip(starts, ends, strict=True) for value in (*pair, None)]
