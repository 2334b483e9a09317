"""Names written under the nodes of a network: only those that touch no other name or node."""

from html import escape

import pandas as pd

from comparisons.charts.maps import FONT
from comparisons.charts.network_layout import (
    FONT_SIZE,
    LINE_HEIGHT,
    lines_of,
    marker_size,
    text_width,
)


def visible_labels(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return the names that can be written, the most linked nodes first served.

    Returns `id`, `x`, `y` (of the node), `decalage` (from its centre down to the name), `lignes`,
    and the box of the name in pixels: `gauche`, `droite`, `haut`, `bas`.
    """
    marks = [_mark_box(row) for row in nodes.itertuples()]
    kept, boxes = [], []
    for place, row in enumerate(nodes.itertuples()):
        lines = lines_of(row.etiquette)
        if not lines:
            continue
        wide = max(map(text_width, lines))
        shift = marker_size(row.sorte, row.taille) / 2 + 2
        top = row.y + shift
        box = (row.x - wide / 2, row.x + wide / 2, top, top + LINE_HEIGHT * len(lines))
        others = marks[:place] + marks[place + 1 :]
        if not any(_touch(box, other) for other in boxes + others):
            boxes.append(box)
            kept.append((row.id, row.x, row.y, shift, lines, *box))
    columns = ["id", "x", "y", "decalage", "lignes", "gauche", "droite", "haut", "bas"]
    return pd.DataFrame(kept, columns=columns)


def _mark_box(row: object) -> tuple[float, float, float, float]:
    half = marker_size(row.sorte, row.taille) / 2 - 1
    return (row.x - half, row.x + half, row.y - half, row.y + half)


def _touch(one: tuple, other: tuple) -> bool:
    left, right, top, bottom = one
    return left < other[1] and other[0] < right and top < other[3] and other[2] < bottom


def annotations(labels: pd.DataFrame, ink: str, dark: bool) -> list[dict]:
    """Write what `visible_labels` gives, on a veil through which lines are seen less."""
    return [
        {
            "x": name.x,
            "y": name.y,
            "yshift": -name.decalage,
            "yanchor": "top",
            "showarrow": False,
            "text": "<br>".join(escape(line, quote=False) for line in name.lignes),
            "font": {"size": FONT_SIZE, "color": ink, "family": FONT},
            "bgcolor": "rgba(16,24,31,0.72)" if dark else "rgba(255,255,255,0.78)",
            "borderpad": 0,
        }
        for name in labels.itertuples()
    ]
