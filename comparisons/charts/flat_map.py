"""A map of points and lines as a chart, over the outlines of the départements."""

import plotly.graph_objects as go

from comparisons.charts.base_map import mercator
from comparisons.queries import geometry

_BORDER = {"color": "#b9c2cc", "width": 0.8}
# Space around the outlines, as a share of their width; room for the legend; largest height.
_MARGIN, _LEGEND_ROOM, _MAX_HEIGHT = 0.02, 60, 900


def flatten(figure: go.Figure, width: float) -> go.Figure:
    """Return a map of points and lines as a chart of some width, in Mercator's projection."""
    traces = [trace.to_plotly_json() for trace in figure.data if trace.type == "scattermap"]
    points = [
        (x, y)
        for trace in traces
        for x, y in zip(trace["lon"], trace["lat"], strict=True)
        if x is not None
    ]
    outlines = geometry.read_outlines("departement", geometry.outline_codes("departement"))
    rings = [ring for shapes in outlines.values() if _holds(shapes, points) for ring in shapes]
    flat = go.Figure(_borders(rings), figure.layout.update(map=None))
    for trace in traces:
        lon, lat = trace.pop("lon"), trace.pop("lat")
        trace |= {"type": "scatter", "x": lon, "y": [y if y is None else mercator(y) for y in lat]}
        flat.add_trace(trace)
    return _scaled(flat, width, [*points, *(point for ring in rings for point in ring)])


def _holds(shapes: list[geometry.Outline], points: list[tuple[float, float]]) -> bool:
    """Check whether a point stands in the bounding box of some rings."""
    across, down = zip(*(point for ring in shapes for point in ring), strict=True)
    return any(min(across) <= x <= max(across) and min(down) <= y <= max(down) for x, y in points)


def _borders(rings: list[geometry.Outline]) -> go.Scatter:
    longitudes = [x for ring in rings for x in (*(x for x, _ in ring), None)]
    heights = [y for ring in rings for y in (*(mercator(y) for _, y in ring), None)]
    return go.Scatter(x=longitudes, y=heights, mode="lines", line=_BORDER, showlegend=False)


def _scaled(figure: go.Figure, width: float, points: list[tuple[float, float]]) -> go.Figure:
    """Frame points, at the same scale across and down."""
    longitudes, heights = [x for x, _ in points], [mercator(y) for _, y in points]
    west, east, south, north = min(longitudes), max(longitudes), min(heights), max(heights)
    margin = _MARGIN * max(east - west, north - south)
    span_x, span_y = east - west + 2 * margin, north - south + 2 * margin
    height = min(width * span_y / span_x, _MAX_HEIGHT)
    half, middle = width * span_y / height / 2, (west + east) / 2
    return figure.update_layout(
        height=height + _LEGEND_ROOM,
        xaxis={"visible": False, "range": [middle - half, middle + half]},
        yaxis={"visible": False, "range": [south - margin, north + margin]},
    )
