"""The map of the paper: a territory among those of its level, drawn as SVG."""

import gzip
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import pandas as pd

from comparisons import geometry
from comparisons.layers import COVERED, Layer, layer
from comparisons.maps import FRAME, HIGHLIGHT
from comparisons.territories import inside
from comparisons.text import typographic
from comparisons.view import MapView

# In units of the drawing: the room it has on the page, and what is left around.
WIDTH, HEIGHT, MARGIN = 1050, 920, 14
LABEL_SIZE = 34
# Below that many communes, a département says little: its région is drawn.
FEWEST = 10
FONT = "Libertinus Serif"
_FEATURE = re.compile(r'\{"type":"Feature","id":"([0-9AB]+)"')

Ring = list[tuple[float, float]]


@dataclass(frozen=True)
class Locator:
    """A map as drawn: the layer it paints, its SVG, and whether the territory has an outline."""

    layer: Layer
    svg: str
    drawn: bool
    group_drawn: bool


def locator(territory: pd.Series) -> Locator:
    """Draw the state of the strategies of a level around one territory, which is outlined.

    Régions and départements are drawn in France, an EPCI in its région, a commune in its
    département with the outline of its EPCI.
    """
    level, code = territory["territoire_niveau"], territory["territoire_code"]
    shown = layer(MapView(niveau=level, zone=_zone(territory), larges=True))
    classes = dict(zip(shown.data["territoire_code"], shown.data["classe"], strict=True))
    outlines = rings(level, classes)
    group = territory["epci_code"] if level == "commune" else None
    around = rings("epci", [group]).get(group, []) if isinstance(group, str) else []
    frames = [] if shown.zone else _frames()
    place = _projection([*(r for shapes in outlines.values() for r in shapes), *frames])
    # the Métropole du Grand Paris is drawn as its EPT
    members = [code, *inside(level, f"{level}-{code}")]
    own = [place(ring) for member in members for ring in outlines.get(member, [])]
    colours = {c.code: _paint(c.code, c.colour) for c in shown.classes}
    drawing = [
        *(_path([place(frame)], f'fill="none" stroke="{FRAME}" stroke-width="1.5"', closed=False)
          for frame in frames),
        *(_path(map(place, outlines[key]), f'fill="{colours[classes[key]]}" '
                f'stroke="{FRAME if classes[key] in COVERED else "#ffffff"}" '
                f'stroke-width="{_border(level)}"') for key in outlines),
        _outline([place(ring) for ring in around], "#343a40", 3),
        _outline(own, HIGHLIGHT, min(max(_extent(own) / 12, 2.5), 6)),
        _label(typographic(territory["nom"]), own),
    ]  # fmt: skip
    return Locator(shown, _document(drawing), code in outlines, bool(around))


def _zone(territory: pd.Series) -> str:
    """Choose what the map shows around the territory; nothing is the whole country."""
    match territory["territoire_niveau"]:
        case "epci":
            return f"region-{territory['region_code']}"
        case "commune":
            department = f"departement-{territory['departement_code']}"
            few = len(inside("commune", department)) < FEWEST
            return f"region-{territory['region_code']}" if few else department
        case _:
            return ""


def rings(level: str, wanted: Iterable[str]) -> dict[str, list[Ring]]:
    """Read the outlines of some territories, without parsing those of all the others."""
    text = gzip.decompress(geometry.display_file(level).read_bytes()).decode("utf-8")
    chosen, decoder, found = set(wanted), json.JSONDecoder(), {}
    for match in _FEATURE.finditer(text):
        if match[1] in chosen:
            shape = decoder.raw_decode(text, match.start())[0]["geometry"]
            parts = shape["coordinates"]
            polygons = [parts] if shape["type"] == "Polygon" else parts
            found[match[1]] = [ring for polygon in polygons for ring in polygon]
    return found


def _frames() -> list[Ring]:
    return [feature["geometry"]["coordinates"] for feature in geometry.frames()["features"]]


def _projection(shapes: list[Ring]):
    """Give what places a ring in the drawing, as large as fits (Mercator, as on the site)."""
    longitudes = [x for ring in shapes for x, _ in ring] or [0, 1]
    heights = [_mercator(y) for ring in shapes for _, y in ring] or [0, 1]
    west, east, south, north = min(longitudes), max(longitudes), min(heights), max(heights)
    scale = min((WIDTH - 2 * MARGIN) / (east - west), (HEIGHT - 2 * MARGIN) / (north - south))
    left = (WIDTH - scale * (east - west)) / 2
    top = (HEIGHT - scale * (north - south)) / 2

    def place(ring: Ring) -> Ring:
        return [(left + (x - west) * scale, top + (north - _mercator(y)) * scale) for x, y in ring]

    return place


def _mercator(latitude: float) -> float:
    return math.degrees(math.asinh(math.tan(math.radians(latitude))))


def _border(level: str) -> float:
    return 0.7 if level == "commune" else 1.5


def _paint(code: str, colour: str) -> str:
    """Hatch what a wider territory's strategy covers: it is told apart without colours too."""
    return f"url(#{code})" if code in COVERED else colour


def _path(shapes: Iterable[Ring], attributes: str, closed: bool = True) -> str:
    end = "Z" if closed else ""
    lines = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + end for ring in shapes)
    return f'<path d="{lines}" fill-rule="evenodd" {attributes}/>' if lines else ""


def _outline(shapes: list[Ring], colour: str, width: float) -> str:
    """Draw a line on a wider white one, so that it is seen on any colour, or without colours."""
    return "".join(
        _path(shapes, f'fill="none" stroke="{ink}" stroke-width="{thickness}" '
              'stroke-linejoin="round"')
        for ink, thickness in (("#ffffff", 2.2 * width), (colour, width))
    )  # fmt: skip


def _extent(shapes: list[Ring]) -> float:
    """Give the larger side of the box that holds some rings."""
    if not shapes:
        return 0
    across, down = zip(*(point for ring in shapes for point in ring), strict=True)
    return max(max(across) - min(across), max(down) - min(down))


def _label(name: str, shapes: list[Ring]) -> str:
    """Write the name above the territory, or below it at the top of the map."""
    points = [point for ring in shapes for point in ring]
    if not points:
        return ""
    words = name if len(name) <= 46 else f"{name[:45].rstrip()}…"
    half = len(words) * LABEL_SIZE * 0.25
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    x = min(max((left + right) / 2, half + MARGIN), WIDTH - half - MARGIN)
    y = top - 16 if top > LABEL_SIZE + 2 * MARGIN else min(bottom + LABEL_SIZE, HEIGHT - MARGIN)
    attributes = (
        f'x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-family="{FONT}" '
        f'font-weight="bold" font-size="{LABEL_SIZE}"'
    )
    text = escape(words)
    halo = 'fill="#ffffff" stroke="#ffffff" stroke-width="9" stroke-linejoin="round"'
    return f'<text {attributes} {halo}>{text}</text><text {attributes} fill="#0f1720">{text}</text>'


def _document(drawing: Iterable[str]) -> str:
    hatches = "".join(
        f'<pattern id="{code}" width="12" height="12" patternUnits="userSpaceOnUse">'
        f'<rect width="12" height="12" fill="{colour}" fill-opacity="0.35"/>'
        f'<path d="M-1 13L13 -1" stroke="{colour}" stroke-width="3"/></pattern>'
        for code, (_, colour) in COVERED.items()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<defs>{hatches}</defs>{''.join(drawing)}</svg>"
    )
