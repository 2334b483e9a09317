"""Legends of an image: the names of traces above the chart, the scale of colours beside it."""

from collections.abc import Mapping, Sequence

from comparisons.exports.images import svg
from comparisons.exports.images.marks import Drawing, colours_of, draw_marker, fill_of
from comparisons.exports.images.texts import (
    FAINT_INK,
    INK,
    Text,
    place_lines,
    split_lines,
    text_width,
)

ROW_HEIGHT = 20
_SIGN_WIDTH, _LINE_SIGN_WIDTH, _SIGN_SIZE = 14, 30, 12
_SIGN_GAP, _ITEM_GAP = 7, 22
_BAR_WIDTH = 12
COLOUR_BAR_ROOM = 62


def legend_rows(traces: Sequence[Mapping], layout: Mapping, width: float) -> list[list[Mapping]]:
    """Return the traces of the legend, in rows that fit a width; none for a single trace."""
    if len(traces) < 2 and not traces[0].get("showlegend"):
        return []
    named: dict[str, Mapping] = {}
    for trace in traces:
        if trace.get("showlegend", trace["type"] != "heatmap"):
            named.setdefault(trace.get("legendgroup") or trace["name"], trace)
    items = list(named.values())
    order = layout["legend"].get("traceorder")
    if order == "reversed" or (layout.get("barmode") == "stack" and order is None):
        items.reverse()
    rows: list[list[Mapping]] = []
    room = 0.0
    for trace in items:
        if not rows or room < item_width(trace):
            rows.append([])
            room = width
        rows[-1].append(trace)
        room -= item_width(trace)
    return rows


def item_width(trace: Mapping) -> float:
    """Return the width of a trace in the legend, with the space after it."""
    (name,) = split_lines(trace["name"])
    return _sign_width(trace) + _SIGN_GAP + text_width(name) + _ITEM_GAP


def _sign_width(trace: Mapping) -> float:
    return _LINE_SIGN_WIDTH if "lines" in trace.get("mode", "") else _SIGN_WIDTH


def draw_legend(
    drawing: Drawing, rows: Sequence[Sequence[Mapping]], left: float, top: float
) -> None:
    """Draw the rows of a legend from a corner."""
    for row_rank, row in enumerate(rows):
        x, y = left, top + (row_rank + 0.5) * ROW_HEIGHT
        for trace in row:
            sign = _sign_width(trace)
            _draw_sign(drawing, trace, x, y, sign)
            name = split_lines(trace["name"])
            drawing.texts += place_lines(x + sign + _SIGN_GAP, y, name, "start")
            x += item_width(trace)


def _draw_sign(drawing: Drawing, trace: Mapping, x: float, y: float, width: float) -> None:
    middle, half = x + width / 2, _SIGN_SIZE / 2
    if trace["type"] == "bar":
        fill = fill_of(drawing, trace)
        drawing.shapes.append(
            svg.rectangle(middle - half, y - half, _SIGN_SIZE, _SIGN_SIZE, fill=fill)
        )
        return
    if "lines" in trace["mode"]:
        line = trace["line"]
        style = svg.stroke(line["color"], line.get("width", 2), line.get("dash", ""))
        drawing.shapes.append(svg.path([[(x, y), (x + width, y)]], **style))
    if "markers" in trace["mode"]:
        marker = trace.get("marker") or {"color": trace["line"]["color"]}
        drawing.shapes.append(draw_marker(marker, middle, y, _SIGN_SIZE))


def draw_colour_bar(drawing: Drawing, trace: Mapping, left: float, ends: tuple) -> None:
    """Draw the scale of the colours of cells, beside them."""
    top, bottom = ends
    colours = colours_of(trace)
    stops = "".join(
        f'<stop offset="{rank / (len(colours) - 1):.3f}" stop-color="{colour}"/>'
        for rank, colour in enumerate(reversed(colours))
    )
    drawing.patterns.append(
        f'<linearGradient id="scale" x1="0" y1="0" x2="0" y2="1">{stops}</linearGradient>'
    )
    outline = {"stroke": FAINT_INK, "stroke_width": 0.5}
    drawing.shapes.append(
        svg.rectangle(left, top, _BAR_WIDTH, bottom - top, fill="url(#scale)", **outline)
    )
    low, high = trace["zmin"], trace["zmax"]
    for share in range(0, 101, 20):
        y = bottom - share / 100 * (bottom - top)
        value = [f"{low + share / 100 * (high - low):g}"]
        drawing.texts += place_lines(left + _BAR_WIDTH + 5, y, value, "start", colour=FAINT_INK)
    title = trace["colorbar"]["title"]["text"]
    drawing.texts.append(Text(left, top - 8, title, colour=INK))
