"""Elements of SVG: shapes of marks, lines, rectangles."""

import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
_DASHES = {"dot": "3 3", "dash": "9 9"}


def attributes(**values: object) -> str:
    """Write the attributes of an element; `_` in a name stands for `-`, None leaves one out."""
    return "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_number(value)}"'
        for name, value in values.items()
        if value is not None
    )


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def rectangle(x: float, y: float, width: float, height: float, **style: object) -> str:
    """Draw a rectangle."""
    place = {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}
    return f"<rect{attributes(**place, **style)}/>"


def stroke(colour: str, width: float, dash: str = "") -> dict:
    """Return the style of a line; `dash` is empty, solid, dot or dash."""
    return {
        "fill": "none",
        "stroke": colour,
        "stroke_width": float(width),
        "stroke_dasharray": _DASHES.get(dash),
    }


def path(pieces: Iterable[Sequence[Point]], closed: bool = False, **style: object) -> str:
    """Draw lines, each through some points; polygons if closed."""
    lines = "".join(
        "M" + "L".join(f"{_number(float(x))} {_number(float(y))}" for x, y in points) + "Z" * closed
        for points in pieces
        if points
    )
    return f'<path d="{lines}"{attributes(**style)}/>' if lines else ""


def _polygon(count: int, radius: float, turn: float = 0, inner: float = 0) -> list[Point]:
    """Return the corners of a polygon, the first at the top; with `inner`, those of a star."""
    total = count * 2 if inner else count
    return [
        (
            (inner if inner and rank % 2 else radius) * math.sin(turn + 2 * math.pi * rank / total),
            -(inner if inner and rank % 2 else radius)
            * math.cos(turn + 2 * math.pi * rank / total),
        )
        for rank in range(total)
    ]


def _cross(radius: float) -> list[Point]:
    arm, end = radius * 0.4, radius * 1.2
    corners = [(-arm, -end), (arm, -end), (arm, -arm), (end, -arm), (end, arm), (arm, arm)]
    return corners + [(-x, -y) for x, y in corners]


# Corners of each symbol around its middle, from half of its size; as large to the eye as a circle.
_SYMBOLS = {
    "square": lambda radius: _polygon(4, radius * math.sqrt(2), math.pi / 4),
    "diamond": lambda radius: _polygon(4, radius * 1.3),
    "triangle-up": lambda radius: _polygon(3, radius * 2 / math.sqrt(3)),
    "triangle-down": lambda radius: _polygon(3, radius * 2 / math.sqrt(3), math.pi),
    "hexagon": lambda radius: _polygon(6, radius),
    "star": lambda radius: _polygon(5, radius * 1.4, inner=radius * 0.535),
    "cross": _cross,
}


def symbol(name: str, x: float, y: float, size: float, **style: object) -> str:
    """Draw a mark of a chart around a point."""
    if name not in _SYMBOLS:
        centre = {"cx": float(x), "cy": float(y), "r": size / 2}
        return f"<circle{attributes(**centre, **style)}/>"
    corners = [(x + dx, y + dy) for dx, dy in _SYMBOLS[name](size / 2)]
    return path([corners], closed=True, **style)


def hatching(name: str, colour: str) -> str:
    """Define a pattern of oblique lines, to be used as `url(#name)`."""
    lines = path([[(-2, 2), (2, -2)], [(0, 8), (8, 0)], [(6, 10), (10, 6)]], **stroke(colour, 2))
    return (
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">{lines}</pattern>'
    )
