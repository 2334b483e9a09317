"""Maps drawn as SVG: outlines of territories painted by class, frames of the insets, names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby

from comparisons.analysis.map_layers import MapLayer, ground_class
from comparisons.charts.base_map import INSET_BORDER, mercator
from comparisons.charts.style import HIGHLIGHT
from comparisons.formatting import shorten
from comparisons.queries import geometry
from comparisons.queries.geometry import Outline
from comparisons.queries.territories import contained_codes

# Size and margin of the drawing, in units of about 0.05 mm on the page: finer is not visible in
# print.
_WIDTH, _HEIGHT, _MARGIN = 2100, 1840, 28
_LABEL_SIZE, _FRAME_LABEL_SIZE = 68, 30
_DISC_RADIUS = 11
_FONT = "Libertinus Serif"


@dataclass(frozen=True)
class MapDrawing:
    """Drawn map as SVG; whether the marked territory and its EPCI have an outline."""

    svg: str
    drawn: bool
    group_drawn: bool


def draw_map(
    layer: MapLayer, code: str = "", name: str = "", group: str = "", step: int = 1
) -> MapDrawing:
    """Draw a layer, with the outlines of the territory `code` and of its EPCI `group`, if any.

    Points of the areas stand at multiples of `step`: a small drawing needs fewer.
    """
    classes = dict(zip(layer.data["territoire_code"], layer.data["classe"], strict=True))
    colours = {legend_class.code: legend_class.colour for legend_class in layer.classes}
    ground = ground_class(layer)
    marked_codes = _members(layer.level, code) if code else []
    drawn_codes = [key for key in classes if classes[key] != ground or key in marked_codes]
    base = _base_map(layer.level, frozenset(drawn_codes), group, not layer.zone, bool(ground), step)
    rings = [ring for member in marked_codes for ring in base.outlines.get(member, [])]
    ground_colour = colours.get(ground, "none")
    drawing = [
        *(_path(lines, f'fill="none" stroke="{INSET_BORDER}" stroke-width="3"')
          for lines, _ in base.frames),
        *(_path(lines, f'fill="{ground_colour}" stroke="#ffffff" stroke-width="2"')
          for lines in base.ground),
        *(_path(lines, f'fill="{colours[classes[key]]}" stroke="#ffffff" '
                f'stroke-width="{_border(len(base.lines))}"')
          for key, lines in base.lines.items()),
        *(_disc(rings, colours[classes[key]])
          for outlines in (base.outlines, base.close_ups)
          for key, rings in (outlines.items() if ground else ()) if classes[key] != ground),
        *(_frame_label(*label) for _, label in base.frames),
        _outline(base.around, "#343a40", 6),
        _outline(rings, HIGHLIGHT, min(max(_extent(rings) / 12, 5), 12)),
        _label(name, rings),
    ]  # fmt: skip
    return MapDrawing(_document(drawing), code in base.outlines, bool(base.around))


@dataclass(frozen=True)
class _BaseMap:
    """Outlines that the maps of several territories share, in coordinates of the drawing.

    A frame has its line, and its name with the place of it.
    """

    outlines: dict[str, list[Outline]]
    close_ups: dict[str, list[Outline]]
    lines: dict[str, str]
    around: list[Outline]
    frames: list[tuple[str, tuple[str, float, float]]]
    ground: list[str]


# holds the whole country at each level that is drawn so, and some zones
@lru_cache(maxsize=4)
def _base_map(
    level: str, codes: frozenset[str], group: str, framed: bool, grounded: bool, step: int
) -> _BaseMap:
    """Build the base map: outlines of some territories, of a commune's EPCI and of the insets.

    The ground is that of the départements.
    """
    outlines = geometry.read_outlines(level, codes)
    close_ups = geometry.read_outlines(level, codes, close_up=True) if framed else {}
    around = _group(group) if group else []
    frames = geometry.inset_frames(level) if framed else []
    ground = geometry.outline_codes("departement") if grounded else ()
    ground_outlines = [
        rings
        for close_up in {False, framed}
        for rings in geometry.read_outlines("departement", ground, close_up).values()
    ]
    project = _projection(
        [
            *(ring for rings in (*outlines.values(), *ground_outlines) for ring in rings),
            *around,
            *(frame["geometry"]["coordinates"] for frame in frames),
        ]
    )
    projected, enlarged = (
        {key: [project(ring) for ring in rings] for key, rings in drawn.items()}
        for drawn in (outlines, close_ups)
    )
    return _BaseMap(
        projected,
        enlarged,
        {key: _lines(rings + enlarged.get(key, []), step=step) for key, rings in projected.items()},
        [project(ring) for ring in around],
        [_frame(frame, project) for frame in frames],
        [_lines([project(ring) for ring in rings], step=step) for rings in ground_outlines],
    )


def _frame(frame: dict, project: Callable[[Outline], Outline]) -> tuple:
    """Return the line of the frame of an inset, its name and the top left corner of its inside."""
    points = project(frame["geometry"]["coordinates"])
    left, top = min(x for x, _ in points), min(y for _, y in points)
    return _lines([points], closed=False), (frame["properties"]["nom"], left, top)


def _members(level: str, code: str) -> list[str]:
    """Return the codes drawn for a territory: its own, and the EPTs of the Grand Paris."""
    return [code, *contained_codes(level, f"{level}-{code}")] if level == "epci" else [code]


def _group(code: str) -> list[Outline]:
    """Return the outline of an EPCI."""
    outlines = geometry.read_outlines("epci", _members("epci", code))
    return [ring for shapes in outlines.values() for ring in shapes]


def _projection(shapes: list[Outline]) -> Callable[[Outline], Outline]:
    """Return the function that projects a ring (Mercator, scaled to fit the drawing)."""
    longitudes = [x for ring in shapes for x, _ in ring] or [0, 1]
    heights = [mercator(y) for ring in shapes for _, y in ring] or [0, 1]
    west, east, south, north = min(longitudes), max(longitudes), min(heights), max(heights)
    scale = min((_WIDTH - 2 * _MARGIN) / (east - west), (_HEIGHT - 2 * _MARGIN) / (north - south))
    left = (_WIDTH - scale * (east - west)) / 2
    top = (_HEIGHT - scale * (north - south)) / 2

    def project(ring: Outline) -> Outline:
        return [(left + (x - west) * scale, top + (north - mercator(y)) * scale) for x, y in ring]

    return project


def _border(count: int) -> float:
    """Return the width of borders, thinner the more there are: they would hide the colours."""
    return 3 if count < 200 else 1.4 if count < 700 else 0.8


def _lines(shapes: Iterable[Outline], closed: bool = True, step: int = 1) -> str:
    return "".join(f"M{_points(ring, step)}{'Z' if closed else ''}" for ring in shapes)


def _path(lines: str, attributes: str) -> str:
    return f'<path d="{lines}" fill-rule="evenodd" {attributes}/>' if lines else ""


def _points(ring: Outline, step: int) -> str:
    """Format points at multiples of some units, without repeated ones."""
    points = (f"{step * round(x / step)} {step * round(y / step)}" for x, y in ring)
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


def _frame_label(name: str, left: float, top: float) -> str:
    """Write the name of an inset inside of its frame, at the top left."""
    x, y = left + 10, top + _FRAME_LABEL_SIZE
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-family="{_FONT}" font-size="{_FRAME_LABEL_SIZE}" '
        f'fill="#52606d">{escape(name)}</text>'
    )


def _disc(rings: list[Outline], colour: str) -> str:
    """Draw a disc at the centre of the bounding box of some rings."""
    across, down = zip(*(point for ring in rings for point in ring), strict=True)
    x, y = (min(across) + max(across)) / 2, (min(down) + max(down)) / 2
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{_DISC_RADIUS}" fill="{colour}" stroke="#ffffff" '
        'stroke-width="3"/>'
    )


def _document(drawing: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f"{''.join(drawing)}</svg>"
    )
