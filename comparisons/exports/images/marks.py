"""Marks of an image: the bars, points, lines and cells of the traces of a figure."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from comparisons.exports.images import svg
from comparisons.exports.images.axes import Axis
from comparisons.exports.images.texts import INK, Text, place_lines, text_width

_LINE_WIDTH, _ERROR_CAP = 2, 4
_BAR_TEXT_ROOM = 6


@dataclass
class Drawing:
    """What is drawn so far: patterns, shapes as SVG, texts apart."""

    patterns: list[str] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def draw_traces(
    drawing: Drawing, traces: Sequence[Mapping], layout: Mapping, axes: Mapping[str, Axis]
) -> None:
    """Draw all the traces of a figure, in its order; raises `KeyError` for another kind of it."""
    bars = BarPlaces(traces, layout)
    for trace in traces:
        x_axis, y_axis = axes[trace.get("xaxis", "x")], axes[trace.get("yaxis", "y")]
        if trace["type"] == "bar":
            _draw_bars(drawing, trace, bars, x_axis, y_axis)
        else:
            {"scatter": _draw_scatter, "heatmap": _draw_cells}[trace["type"]](
                drawing, trace, x_axis, y_axis
            )


# --- bars -----------------------------------------------------------------------------------------


class BarPlaces:
    """Where the next bar of a row begins, and its thickness in rows of the axis."""

    def __init__(self, traces: Sequence[Mapping], layout: Mapping) -> None:
        """Read how the bars of a figure are put together."""
        self.mode = layout.get("barmode", "group")
        self.groups = [id(trace) for trace in traces if trace["type"] == "bar"]
        self.gap = layout.get("bargap", 0.2)
        self._ends: dict[float, float] = defaultdict(float)

    def place(self, trace: Mapping, row: float, length: float, rank: int) -> tuple[float, ...]:
        """Return the start of a bar, the middle of its row and its thickness."""
        if self.mode == "stack":
            start = self._ends[row]
            self._ends[row] += length
            return start, row, 1 - self.gap
        start = float(trace["base"][rank]) if "base" in trace else 0.0
        if self.mode == "overlay" or "width" in trace or len(self.groups) < 2:
            return start, row, trace.get("width", 1 - self.gap)
        thickness = (1 - self.gap) / len(self.groups)
        shift = self.groups.index(id(trace)) - (len(self.groups) - 1) / 2
        return start, row + shift * thickness, thickness


def fill_of(drawing: Drawing, trace: Mapping) -> str | list[str]:
    """Return the colour of the bars of a trace, or their pattern, defined if it was not yet."""
    marker = trace["marker"]
    if not marker.get("pattern", {}).get("shape"):
        return marker["color"]
    name = f"hatched-{marker['color'].lstrip('#')}"
    pattern = svg.hatching(name, marker["color"])
    if pattern not in drawing.patterns:
        drawing.patterns.append(pattern)
    return f"url(#{name})"


def _draw_bars(
    drawing: Drawing, trace: Mapping, bars: BarPlaces, x_axis: Axis, y_axis: Axis
) -> None:
    colours = fill_of(drawing, trace)
    for rank, (length, row) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if length is None or math.isnan(length):
            continue
        start, middle, thickness = bars.place(trace, row, float(length), rank)
        left, right = x_axis.at(start), x_axis.at(start + length)
        top, bottom = sorted(y_axis.at(middle + side * thickness / 2) for side in (-1, 1))
        colour = colours if isinstance(colours, str) else colours[rank]
        drawing.shapes.append(svg.rectangle(left, top, right - left, bottom - top, fill=colour))
        if "error_x" in trace:
            margin = length * trace["error_x"]["value"] / 100
            ends = [x_axis.at(start + length + side * margin) for side in (-1, 1)]
            _draw_error(drawing, trace["error_x"], ends, (top + bottom) / 2)
        if trace.get("text") is not None:
            _write_in_bar(drawing, trace["text"][rank], (left, right), (top + bottom) / 2, colour)


def _draw_error(drawing: Drawing, style: Mapping, ends: list[float], y: float) -> None:
    low, high = ends
    caps = [[(x, y - _ERROR_CAP), (x, y + _ERROR_CAP)] for x in ends]
    line = svg.stroke(style["color"], style["thickness"])
    drawing.shapes.append(svg.path([[(low, y), (high, y)], *caps], **line))


def _write_in_bar(
    drawing: Drawing, text: str, ends: tuple[float, float], y: float, colour: str
) -> None:
    """Write a text at the end of its bar, inside where it fits."""
    left, right = ends
    fits = text_width(text) + 2 * _BAR_TEXT_ROOM < right - left
    x, anchor = (right - _BAR_TEXT_ROOM, "end") if fits else (right + _BAR_TEXT_ROOM, "start")
    is_light = not fits or _lightness(colour) > 0.4
    drawing.texts += place_lines(x, y, [text], anchor, colour=INK if is_light else "#ffffff")


def _lightness(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


# --- points and lines -----------------------------------------------------------------------------


def _draw_scatter(drawing: Drawing, trace: Mapping, x_axis: Axis, y_axis: Axis) -> None:
    mode = trace["mode"]
    pieces = list(_pieces(trace, x_axis, y_axis))
    if trace.get("fill") == "toself":
        style = {"fill": trace["fillcolor"], "opacity": trace.get("opacity", 1.0)}
        drawing.shapes.append(svg.path(pieces, closed=True, **style))
    elif "lines" in mode:
        line = trace["line"]
        style = svg.stroke(line["color"], line.get("width", _LINE_WIDTH), line.get("dash", ""))
        drawing.shapes.append(svg.path(pieces, **style))
    points = [point for piece in pieces for point in piece]
    if "markers" in mode:
        marker = trace.get("marker") or {"color": trace["line"]["color"]}
        drawing.shapes += [
            draw_marker(marker, *point, rank=rank) for rank, point in enumerate(points)
        ]
    if "text" in mode:
        colours = trace["textfont"]["color"]
        for (x, y), text, colour in zip(points, trace["text"], colours, strict=True):
            drawing.texts += place_lines(x, y, [text], "middle", colour=colour)


def _pieces(trace: Mapping, x_axis: Axis, y_axis: Axis) -> Iterator[list[svg.Point]]:
    """Yield the points of each line of a trace: a missing value ends one."""
    piece: list[svg.Point] = []
    for x, y in zip(trace["x"], trace["y"], strict=True):
        if x is None or y is None:
            yield piece
            piece = []
            continue
        point = (x_axis.at(x), y_axis.at(y))
        if piece and trace.get("line", {}).get("shape") == "vh":
            piece.append((piece[-1][0], point[1]))
        piece.append(point)
    yield piece


def draw_marker(marker: Mapping, x: float, y: float, size: float = 0, rank: int = 0) -> str:
    """Draw one mark, of the given size or of its own."""
    own_size = marker.get("size", 6)
    size = size or float(own_size if isinstance(own_size, int | float) else own_size[rank])
    name = marker.get("symbol", "circle")
    style = {"fill": marker["color"], "opacity": marker.get("opacity")}
    if name.endswith("-open"):
        style = svg.stroke(marker["color"], marker["line"]["width"])
    elif marker.get("line"):
        line = marker["line"]
        style |= {"stroke": line.get("color"), "stroke_width": float(line.get("width", 0))}
    return svg.symbol(name.removesuffix("-open"), x, y, size, **style)


# --- cells ----------------------------------------------------------------------------------------


def _draw_cells(drawing: Drawing, trace: Mapping, x_axis: Axis, y_axis: Axis) -> None:
    half_x, half_y = trace.get("xgap", 0) / 2, trace.get("ygap", 0) / 2
    scale = colours_of(trace)
    for row, values in zip(trace["y"], np.array(trace["z"], float), strict=True):
        for column, value in zip(trace["x"], values, strict=True):
            if math.isnan(value):
                continue
            ends = [[axis.at(axis.value(name) + side) for side in (-0.5, 0.5)]
                    for axis, name in ((x_axis, column), (y_axis, row))]  # fmt: skip
            (left, right), (top, bottom) = map(sorted, ends)
            share = (value - trace["zmin"]) / (trace["zmax"] - trace["zmin"])
            drawing.shapes.append(
                svg.rectangle(
                    left + half_x,
                    top + half_y,
                    right - left - 2 * half_x,
                    bottom - top - 2 * half_y,
                    fill=_blend(scale, share),
                )
            )


def colours_of(trace: Mapping) -> list[str]:
    """Return the colours of a scale, at equal distances."""
    return [colour if isinstance(colour, str) else colour[1] for colour in trace["colorscale"]]


def _blend(colours: Sequence[str], share: float) -> str:
    """Return the colour of a share between 0 and 1, between the two nearest of a scale."""
    place = min(max(share, 0), 1) * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    parts = (
        round(
            int(colours[first][start : start + 2], 16) * (first + 1 - place)
            + int(colours[first + 1][start : start + 2], 16) * (place - first)
        )
        for start in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in parts)
