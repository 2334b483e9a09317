"""Draw a chart of the pages without a browser: the figure that Plotly would draw there, as SVG.

It knows the traces, axes, shapes and notes that `comparisons.charts` makes, and none else.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from comparisons.exports.images import svg
from comparisons.exports.images.axes import Axis, read_axis, ticks
from comparisons.exports.images.legends import (
    COLOUR_BAR_ROOM,
    ROW_HEIGHT,
    draw_colour_bar,
    draw_legend,
    item_width,
    legend_rows,
)
from comparisons.exports.images.marks import Drawing, draw_traces
from comparisons.exports.images.texts import (
    FAINT_INK,
    INK,
    LINE_HEIGHT,
    Text,
    block_width,
    place_lines,
    split_lines,
)

WIDTH = 960
_GRID, _ZERO_LINE = "#dfe4ea", "#444444"
_TICK_GAP, _TITLE_SIZE, _EDGE = 10, 13, 8
_RIGHT = 18  # where half of the last tick text stands


@dataclass(frozen=True)
class ChartDrawing:
    """A drawn chart: its shapes as SVG, its texts apart, since they need a font, and its size."""

    svg: str
    texts: list[dict]
    width: float
    height: float


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float


def draw_chart(figure: object, width: int = WIDTH) -> ChartDrawing:
    """Draw a figure of `comparisons.charts`, on a white ground."""
    traces = [trace.to_plotly_json() for trace in figure.data]
    layout = figure.layout.to_plotly_json()
    axes = _read_axes(traces, layout)
    rows = legend_rows(traces, layout, width - 2 * _EDGE)
    height = layout["height"] + ROW_HEIGHT * max(len(rows) - 1, 0)
    box = _plot_box(axes, traces, len(rows), (width, height))
    axes = {name: _placed(axis, box) for name, axis in axes.items()}
    drawing = Drawing()
    for axis in axes.values():
        _draw_axis(drawing, axis, _across(axis, axes), box)
    for shape in _shapes(layout, "below"):
        _draw_shape(drawing, shape, axes)
    draw_traces(drawing, traces, layout, axes)
    for shape in _shapes(layout, "above"):
        _draw_shape(drawing, shape, axes)
    for note in layout.get("annotations", ()):
        _draw_note(drawing, note, axes)
    widest = max((sum(map(item_width, row)) for row in rows), default=0)
    draw_legend(drawing, rows, box.left if box.left + widest < width else _EDGE, _EDGE)
    if scale := _colour_bar_trace(traces):
        draw_colour_bar(drawing, scale, box.right + _EDGE, (box.top + 14, box.bottom))
    return ChartDrawing(_document(drawing, width, height), list(map(asdict, drawing.texts)),
                        width, height)  # fmt: skip


def _document(drawing: Drawing, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f"<defs>{''.join(drawing.patterns)}</defs>{''.join(drawing.shapes)}</svg>"
    )


def _colour_bar_trace(traces: Sequence[Mapping]) -> Mapping | None:
    """Return the trace whose scale of colours is shown, if any."""
    return next((trace for trace in traces if "colorbar" in trace and trace["showscale"]), None)


# --- axes -----------------------------------------------------------------------------------------


def _read_axes(traces: Sequence[Mapping], layout: Mapping) -> dict[str, Axis]:
    names = {trace.get(f"{letter}axis", letter) for trace in traces for letter in "xy"}
    return {
        name: read_axis(name, traces, layout.get(f"{name[0]}axis{name[1:]}", {}))
        for name in sorted(names)
    }


def _plot_box(
    axes: Mapping[str, Axis], traces: Sequence[Mapping], rows: int, size: tuple[float, float]
) -> _Box:
    """Return where the values are: what ticks, titles and legends leave of the image."""
    width, height = size
    top = _EDGE + rows * ROW_HEIGHT + (_EDGE if rows else 0)
    bottom, left = _EDGE, _EDGE
    # ticks do not depend on where exactly an axis ends
    guessed = {name: _placed(axis, _Box(150, top, width, height)) for name, axis in axes.items()}
    for name, axis in guessed.items():
        if axis.options.get("visible", True) is False:
            continue
        lines = [texts for _, texts in ticks(axis)]
        if name[0] == "y":
            room = max(map(block_width, lines), default=0) + _TICK_GAP
            left = max(left, _EDGE + room + (_title_room(axis) if _title(axis) else 0))
        elif name == "x":
            room = _TICK_GAP + 12 * LINE_HEIGHT * max(map(len, lines), default=0)
            if axis.options.get("side") == "top":
                top += room
            else:
                bottom += room + _title_room(axis)
        else:  # below each of several charts
            bottom = max(bottom, _TICK_GAP + 12 * LINE_HEIGHT + _title_room(axis))
    right = COLOUR_BAR_ROOM if _colour_bar_trace(traces) else _RIGHT
    return _Box(left, top, width - right, height - bottom)


def _placed(axis: Axis, box: _Box) -> Axis:
    low, high = axis.options.get("domain", (0, 1))
    if axis.name[0] == "x":
        span = box.right - box.left
        return axis.moved(box.left + low * span, box.left + high * span)
    span = box.bottom - box.top
    return axis.moved(box.bottom - low * span, box.bottom - high * span)


def _across(axis: Axis, axes: Mapping[str, Axis]) -> Axis:
    """Return the axis of the other direction of the same chart."""
    other = "y" if axis.name[0] == "x" else "x"
    return axes.get(f"{other}{axis.name[1:]}", axes[other])


def _title(axis: Axis) -> str:
    title = axis.options.get("title", "")
    return title if isinstance(title, str) else title.get("text", "")


def _title_room(axis: Axis) -> float:
    return _TITLE_SIZE * LINE_HEIGHT + 6 if _title(axis) else 0


def _draw_axis(drawing: Drawing, axis: Axis, across: Axis, box: _Box) -> None:
    if axis.options.get("visible", True) is False:
        return
    is_x = axis.name[0] == "x"
    ends = (across.start, across.end)
    has_grid = axis.options.get("showgrid", "gridcolor" in axis.options or not is_x)
    for value, lines in ticks(axis):
        at = axis.at(value)
        line = [(at, end) for end in ends] if is_x else [(end, at) for end in ends]
        if has_grid and not axis.categories:
            drawing.shapes.append(svg.path([line], **svg.stroke(_GRID, 1)))
        if value == 0 and "gridcolor" in axis.options and not axis.options.get("tickvals"):
            drawing.shapes.append(svg.path([line], **svg.stroke(_ZERO_LINE, 1)))
        drawing.texts += _tick_texts(axis, at, lines, ends)
    if not _title(axis):
        return
    middle = (axis.start + axis.end) / 2
    if is_x:
        y = max(ends) + _TICK_GAP + 12 * LINE_HEIGHT + _TITLE_SIZE
        drawing.texts.append(Text(middle, y, _title(axis), "middle", _TITLE_SIZE, FAINT_INK))
    else:
        drawing.texts.append(
            Text(_EDGE + _TITLE_SIZE, middle, _title(axis), "middle", _TITLE_SIZE, FAINT_INK, True)
        )


def _tick_texts(axis: Axis, at: float, lines: list[str], ends: tuple[float, float]) -> list[Text]:
    if axis.name[0] == "y":
        return place_lines(min(ends) - _TICK_GAP, at, lines, "end", colour=FAINT_INK)
    half = 12 * LINE_HEIGHT * len(lines) / 2
    if axis.options.get("side") == "top":
        return place_lines(at, min(ends) - _TICK_GAP / 2 - half, lines, "middle", colour=FAINT_INK)
    return place_lines(at, max(ends) + _TICK_GAP / 2 + half, lines, "middle", colour=FAINT_INK)


# --- shapes and notes -----------------------------------------------------------------------------


def _shapes(layout: Mapping, layer: str) -> Iterator[Mapping]:
    return (each for each in layout.get("shapes", ()) if each.get("layer", "above") == layer)


def _reader(reference: str, axes: Mapping[str, Axis]) -> Callable[[object], float]:
    """Return what gives the pixel of a place: a value of an axis, or a share of its length."""
    name, *domain = reference.split()
    axis = axes[name]
    if not domain:
        return axis.at
    return lambda share: axis.start + float(share) * (axis.end - axis.start)


def _draw_shape(drawing: Drawing, shape: Mapping, axes: Mapping[str, Axis]) -> None:
    x_at, y_at = _reader(shape["xref"], axes), _reader(shape["yref"], axes)
    (left, right), (top, bottom) = ([at(shape[f"{letter}{end}"]) for end in (0, 1)]
                                    for letter, at in (("x", x_at), ("y", y_at)))  # fmt: skip
    line = shape.get("line", {})
    outline = svg.stroke(line.get("color", INK), line.get("width", 1), line.get("dash", ""))
    if shape.get("type") == "line":
        drawing.shapes.append(svg.path([[(left, top), (right, bottom)]], **outline))
        return
    top, bottom = sorted((top, bottom))
    style = outline | {"fill": shape.get("fillcolor", "none")}
    drawing.shapes.append(svg.rectangle(left, top, right - left, bottom - top, **style))


def _draw_note(drawing: Drawing, note: Mapping, axes: Mapping[str, Axis]) -> None:
    """Write a note at a place, over a pale ground if it has one."""
    size = note.get("font", {}).get("size", 12)
    lines = split_lines(note["text"])
    width, height = block_width(lines, size), size * LINE_HEIGHT * len(lines)
    x = _reader(note.get("xref", "x"), axes)(note["x"]) + note.get("xshift", 0)
    y = _reader(note.get("yref", "y"), axes)(note["y"]) - note.get("yshift", 0)
    middle = y + height / 2 if note.get("yanchor") == "top" else y
    anchor = {"left": "start", "right": "end"}.get(note.get("xanchor"), "middle")
    if note.get("bgcolor"):
        drawing.shapes.append(
            svg.rectangle(
                x - width / 2, middle - height / 2, width, height, fill="#ffffff", opacity=0.78
            )
        )
    drawing.texts += place_lines(x, middle, lines, anchor, size, INK)
