"""Locator map of a territory among those of its level, as SVG."""

import gzip
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby

import pandas as pd

from comparisons.analysis.map_layers import MapLayer
from comparisons.analysis.map_questions.views import build_layer
from comparisons.charts.maps import INSET_BORDER
from comparisons.charts.style import HIGHLIGHT
from comparisons.formatting import curly_apostrophes, shorten
from comparisons.page_parameters import MapParameters
from comparisons.queries import geometry
from comparisons.queries.territories import contained_codes

# Size and margin of the drawing, in units of about 0.05 mm on the page: finer is not visible in
# print.
_WIDTH, _HEIGHT, _MARGIN = 2100, 1840, 28
_LABEL_SIZE = 68
# The région is drawn instead of a département with fewer communes, which gives little context.
_MIN_COMMUNES = 10
_FONT = "Libertinus Serif"
_FEATURE = re.compile(r'\{"type":"Feature","id":"([0-9AB]+)"')

Outline = list[tuple[float, float]]


@dataclass(frozen=True)
class LocatorMap:
    """Drawn map: its layer, its SVG, whether the territory and its EPCI have an outline."""

    layer: MapLayer
    svg: str
    drawn: bool
    group_drawn: bool


def render_locator(territory: pd.Series) -> LocatorMap:
    """Draw the state of the strategies of a level around one territory, which is outlined.

    Régions and départements are drawn in France, an EPCI in its région, a commune in its
    département with the outline of its EPCI. Only what is known of each one's own documents is
    painted, not the strategies of the territories that contain it.
    """
    level, code = territory["territoire_niveau"], territory["territoire_code"]
    layer = build_layer(MapParameters(niveau=level, zone=_zone(territory)))
    classes = dict(zip(layer.data["territoire_code"], layer.data["classe"], strict=True))
    group = territory["epci_code"] if level == "commune" else ""
    group = group if isinstance(group, str) else ""  # a few islands belong to no EPCI
    base = _base_map(level, frozenset(classes), group, framed=not layer.zone)
    territory_rings = [
        ring for member in _members(level, code) for ring in base.outlines.get(member, [])
    ]
    colours = {c.code: c.colour for c in layer.classes}
    drawing = [
        *(_path(lines, f'fill="none" stroke="{INSET_BORDER}" stroke-width="3"')
          for lines in base.frames),
        *(_path(lines, f'fill="{colours[classes[key]]}" stroke="#ffffff" '
                f'stroke-width="{_border(len(base.lines))}"')
          for key, lines in base.lines.items()),
        _outline(base.around, "#343a40", 6),
        _outline(territory_rings, HIGHLIGHT, min(max(_extent(territory_rings) / 12, 5), 12)),
        _label(curly_apostrophes(territory["nom"]), territory_rings),
    ]  # fmt: skip
    return LocatorMap(layer, _document(drawing), code in base.outlines, bool(base.around))


@dataclass(frozen=True)
class _BaseMap:
    """Outlines that the maps of several territories share, in coordinates of the drawing."""

    outlines: dict[str, list[Outline]]
    lines: dict[str, str]
    around: list[Outline]
    frames: list[str]


# holds the whole country at each level that is drawn so, and some zones
@lru_cache(maxsize=4)
def _base_map(level: str, codes: frozenset[str], group: str, framed: bool) -> _BaseMap:
    """Build the base map: outlines of some territories, of a commune's EPCI and of the insets."""
    outlines = read_outlines(level, codes)
    around = _group(group) if group else []
    frames = _frames() if framed else []
    project = _projection(
        [*(ring for rings in outlines.values() for ring in rings), *around, *frames]
    )
    projected = {key: [project(ring) for ring in rings] for key, rings in outlines.items()}
    return _BaseMap(
        projected,
        {key: _lines(rings) for key, rings in projected.items()},
        [project(ring) for ring in around],
        [_lines([project(frame)], closed=False) for frame in frames],
    )


def _members(level: str, code: str) -> list[str]:
    """Return the codes drawn for a territory: its own, and the EPTs of the Grand Paris."""
    return [code, *contained_codes(level, f"{level}-{code}")] if level == "epci" else [code]


def _group(code: str) -> list[Outline]:
    """Return the outline of an EPCI."""
    outlines = read_outlines("epci", _members("epci", code))
    return [ring for shapes in outlines.values() for ring in shapes]


def _zone(territory: pd.Series) -> str:
    """Return the key of the zone that the map shows; an empty text is the whole country."""
    match territory["territoire_niveau"]:
        case "epci":
            return f"region-{territory['region_code']}"
        case "commune":
            department = f"departement-{territory['departement_code']}"
            few = len(contained_codes("commune", department)) < _MIN_COMMUNES
            return f"region-{territory['region_code']}" if few else department
        case _:
            return ""


def read_outlines(level: str, wanted: Iterable[str]) -> dict[str, list[Outline]]:
    """Read the outlines of some territories, without parsing those of all the others."""
    text = gzip.decompress(geometry.outline_file(level).read_bytes()).decode("utf-8")
    codes, decoder, outlines = set(wanted), json.JSONDecoder(), {}
    for match in _FEATURE.finditer(text):
        if match[1] in codes:
            shape = decoder.raw_decode(text, match.start())[0]["geometry"]
            parts = shape["coordinates"]
            polygons = [parts] if shape["type"] == "Polygon" else parts
            outlines[match[1]] = [ring for polygon in polygons for ring in polygon]
    return outlines


def _frames() -> list[Outline]:
    return [feature["geometry"]["coordinates"] for feature in geometry.inset_frames()["features"]]


def _projection(shapes: list[Outline]):
    """Return the function that projects a ring (Mercator, scaled to fit the drawing)."""
    longitudes = [x for ring in shapes for x, _ in ring] or [0, 1]
    heights = [_mercator(y) for ring in shapes for _, y in ring] or [0, 1]
    west, east, south, north = min(longitudes), max(longitudes), min(heights), max(heights)
    scale = min((_WIDTH - 2 * _MARGIN) / (east - west), (_HEIGHT - 2 * _MARGIN) / (north - south))
    left = (_WIDTH - scale * (east - west)) / 2
    top = (_HEIGHT - scale * (north - south)) / 2

    def project(ring: Outline) -> Outline:
        return [(left + (x - west) * scale, top + (north - _mercator(y)) * scale) for x, y in ring]

    return project


def _mercator(latitude: float) -> float:
    return math.degrees(math.asinh(math.tan(math.radians(latitude))))


def _border(count: int) -> float:
    """Return the width of borders, thinner the more there are: they would hide the colours."""
    return 3 if count < 200 else 1.4 if count < 700 else 0.8


def _lines(shapes: Iterable[Outline], closed: bool = True) -> str:
    return "".join(f"M{_points(ring)}{'Z' if closed else ''}" for ring in shapes)


def _path(lines: str, attributes: str) -> str:
    return f'<path d="{lines}" fill-rule="evenodd" {attributes}/>' if lines else ""


def _points(ring: Outline) -> str:
    """Format points in whole units, without repeated ones."""
    points = (f"{x:.0f} {y:.0f}" for x, y in ring)
    return "L".join(point for point, _ in groupby(points))


def _outline(shapes: list[Outline], colour: str, width: float) -> str:
    """Draw a line over a wider white one, to be visible on any colour and without colours."""
    lines = _lines(shapes)
    return "".join(
        _path(lines, f'fill="none" stroke="{ink}" stroke-width="{thickness}" '
              'stroke-linejoin="round"')
        for ink, thickness in (("#ffffff", 2.2 * width), (colour, width))
    )  # fmt: skip


def _extent(shapes: list[Outline]) -> float:
    """Return the larger side of the bounding box of some rings."""
    if not shapes:
        return 0
    across, down = zip(*(point for ring in shapes for point in ring), strict=True)
    return max(max(across) - min(across), max(down) - min(down))


def _label(name: str, shapes: list[Outline]) -> str:
    """Write the name above the territory, or below it at the top of the map."""
    points = [point for ring in shapes for point in ring]
    if not points:
        return ""
    label = shorten(name, 60, keep_words=False)
    size = _LABEL_SIZE if len(label) <= 30 else 0.75 * _LABEL_SIZE
    half = len(label) * size * 0.25
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    x = min(max((left + right) / 2, half + _MARGIN), _WIDTH - half - _MARGIN)
    y = top - 32 if top > _LABEL_SIZE + 2 * _MARGIN else min(bottom + size, _HEIGHT - _MARGIN)
    attributes = (
        f'x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-family="{_FONT}" '
        f'font-weight="bold" font-size="{size:.0f}"'
    )
    text = escape(label)
    halo = 'fill="#ffffff" stroke="#ffffff" stroke-width="18" stroke-linejoin="round"'
    return f'<text {attributes} {halo}>{text}</text><text {attributes} fill="#0f1720">{text}</text>'


def _document(drawing: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f"{''.join(drawing)}</svg>"
    )
