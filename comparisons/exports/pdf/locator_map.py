"""The map of the paper: a territory among those of its level, drawn as SVG."""

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
from comparisons.charts.maps import HIGHLIGHT, INSET_BORDER
from comparisons.formatting import curly_apostrophes
from comparisons.parameters import MapParameters
from comparisons.queries import geometry
from comparisons.queries.territories import contained_codes

# In units of the drawing, of about 0.05 mm on the page: finer is not seen in print. The room it
# has, and what is left around.
WIDTH, HEIGHT, MARGIN = 2100, 1840, 28
LABEL_SIZE = 68
# Below that many communes, a département says little: its région is drawn.
MIN_COMMUNES = 10
FONT = "Libertinus Serif"
_FEATURE = re.compile(r'\{"type":"Feature","id":"([0-9AB]+)"')

Outline = list[tuple[float, float]]


@dataclass(frozen=True)
class LocatorMap:
    """A map as drawn: the layer it paints, its SVG, and whether the territory has an outline."""

    layer: MapLayer
    svg: str
    drawn: bool
    group_drawn: bool


def render_locator(territory: pd.Series) -> LocatorMap:
    """Draw the state of the strategies of a level around one territory, which is outlined.

    Régions and départements are drawn in France, an EPCI in its région, a commune in its
    département with the outline of its EPCI. Only what is known of each one's own documents is
    painted: to lie in the area of a wider one is no information on a territory.
    """
    level, code = territory["territoire_niveau"], territory["territoire_code"]
    shown = build_layer(MapParameters(niveau=level, zone=_zone(territory)))
    classes = dict(zip(shown.data["territoire_code"], shown.data["classe"], strict=True))
    group = territory["epci_code"] if level == "commune" else ""
    group = group if isinstance(group, str) else ""  # a few islands are in none
    ground = _ground(level, frozenset(classes), group, framed=not shown.zone)
    own = [ring for member in _members(level, code) for ring in ground.outlines.get(member, [])]
    colours = {c.code: c.colour for c in shown.classes}
    drawing = [
        *(_path(lines, f'fill="none" stroke="{INSET_BORDER}" stroke-width="3"')
          for lines in ground.frames),
        *(_path(lines, f'fill="{colours[classes[key]]}" stroke="#ffffff" '
                f'stroke-width="{_border(len(ground.lines))}"')
          for key, lines in ground.lines.items()),
        _outline(ground.around, "#343a40", 6),
        _outline(own, HIGHLIGHT, min(max(_extent(own) / 12, 5), 12)),
        _label(curly_apostrophes(territory["nom"]), own),
    ]  # fmt: skip
    return LocatorMap(shown, _document(drawing), code in ground.outlines, bool(ground.around))


@dataclass(frozen=True)
class _Ground:
    """What the maps of several territories have in common, placed in the drawing."""

    outlines: dict[str, list[Outline]]
    lines: dict[str, str]
    around: list[Outline]
    frames: list[str]


# the whole country, for each level that is drawn so, and some zones
@lru_cache(maxsize=4)
def _ground(level: str, codes: frozenset[str], group: str, framed: bool) -> _Ground:
    """Place the outlines of some territories, of a commune's EPCI and of the insets."""
    outlines = read_outlines(level, codes)
    around = _group(group) if group else []
    frames = _frames() if framed else []
    place = _projection([*(ring for own in outlines.values() for ring in own), *around, *frames])
    placed = {key: [place(ring) for ring in own] for key, own in outlines.items()}
    return _Ground(
        placed,
        {key: _lines(own) for key, own in placed.items()},
        [place(ring) for ring in around],
        [_lines([place(frame)], closed=False) for frame in frames],
    )


def _members(level: str, code: str) -> list[str]:
    """Return the name of what is drawn for a territory.

    Itself, and the EPT of the Métropole du Grand Paris.
    """
    return [code, *contained_codes(level, f"{level}-{code}")] if level == "epci" else [code]


def _group(code: str) -> list[Outline]:
    """Return the outline of an EPCI."""
    drawn = read_outlines("epci", _members("epci", code))
    return [ring for shapes in drawn.values() for ring in shapes]


def _zone(territory: pd.Series) -> str:
    """Choose what the map shows around the territory; nothing is the whole country."""
    match territory["territoire_niveau"]:
        case "epci":
            return f"region-{territory['region_code']}"
        case "commune":
            department = f"departement-{territory['departement_code']}"
            few = len(contained_codes("commune", department)) < MIN_COMMUNES
            return f"region-{territory['region_code']}" if few else department
        case _:
            return ""


def read_outlines(level: str, wanted: Iterable[str]) -> dict[str, list[Outline]]:
    """Read the outlines of some territories, without parsing those of all the others."""
    text = gzip.decompress(geometry.outline_file(level).read_bytes()).decode("utf-8")
    chosen, decoder, found = set(wanted), json.JSONDecoder(), {}
    for match in _FEATURE.finditer(text):
        if match[1] in chosen:
            shape = decoder.raw_decode(text, match.start())[0]["geometry"]
            parts = shape["coordinates"]
            polygons = [parts] if shape["type"] == "Polygon" else parts
            found[match[1]] = [ring for polygon in polygons for ring in polygon]
    return found


def _frames() -> list[Outline]:
    return [feature["geometry"]["coordinates"] for feature in geometry.inset_frames()["features"]]


def _projection(shapes: list[Outline]):
    """Return what places a ring in the drawing, as large as fits (Mercator, as on the site)."""
    longitudes = [x for ring in shapes for x, _ in ring] or [0, 1]
    heights = [_mercator(y) for ring in shapes for _, y in ring] or [0, 1]
    west, east, south, north = min(longitudes), max(longitudes), min(heights), max(heights)
    scale = min((WIDTH - 2 * MARGIN) / (east - west), (HEIGHT - 2 * MARGIN) / (north - south))
    left = (WIDTH - scale * (east - west)) / 2
    top = (HEIGHT - scale * (north - south)) / 2

    def place(ring: Outline) -> Outline:
        return [(left + (x - west) * scale, top + (north - _mercator(y)) * scale) for x, y in ring]

    return place


def _mercator(latitude: float) -> float:
    return math.degrees(math.asinh(math.tan(math.radians(latitude))))


def _border(count: int) -> float:
    """Return the width of borders: many of them would hide the colours."""
    return 3 if count < 200 else 1.4 if count < 700 else 0.8


def _lines(shapes: Iterable[Outline], closed: bool = True) -> str:
    return "".join(f"M{_points(ring)}{'Z' if closed else ''}" for ring in shapes)


def _path(lines: str, attributes: str) -> str:
    return f'<path d="{lines}" fill-rule="evenodd" {attributes}/>' if lines else ""


def _points(ring: Outline) -> str:
    """Write points in whole units, those that fall on the one before left out."""
    points = (f"{x:.0f} {y:.0f}" for x, y in ring)
    return "L".join(point for point, _ in groupby(points))


def _outline(shapes: list[Outline], colour: str, width: float) -> str:
    """Draw a line on a wider white one, so that it is seen on any colour, or without colours."""
    lines = _lines(shapes)
    return "".join(
        _path(lines, f'fill="none" stroke="{ink}" stroke-width="{thickness}" '
              'stroke-linejoin="round"')
        for ink, thickness in (("#ffffff", 2.2 * width), (colour, width))
    )  # fmt: skip


def _extent(shapes: list[Outline]) -> float:
    """Return the larger side of the box that holds some rings."""
    if not shapes:
        return 0
    across, down = zip(*(point for ring in shapes for point in ring), strict=True)
    return max(max(across) - min(across), max(down) - min(down))


def _label(name: str, shapes: list[Outline]) -> str:
    """Write the name above the territory, or below it at the top of the map."""
    points = [point for ring in shapes for point in ring]
    if not points:
        return ""
    words = name if len(name) <= 60 else f"{name[:59].rstrip()}…"
    size = LABEL_SIZE if len(words) <= 30 else 0.75 * LABEL_SIZE
    half = len(words) * size * 0.25
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    x = min(max((left + right) / 2, half + MARGIN), WIDTH - half - MARGIN)
    y = top - 32 if top > LABEL_SIZE + 2 * MARGIN else min(bottom + size, HEIGHT - MARGIN)
    attributes = (
        f'x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-family="{FONT}" '
        f'font-weight="bold" font-size="{size:.0f}"'
    )
    text = escape(words)
    halo = 'fill="#ffffff" stroke="#ffffff" stroke-width="18" stroke-linejoin="round"'
    return f'<text {attributes} {halo}>{text}</text><text {attributes} fill="#0f1720">{text}</text>'


def _document(drawing: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(drawing)}</svg>"
    )
