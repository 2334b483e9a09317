"""Labels of the nodes of a network, without overlaps."""

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
    """Return the labels that fit; the nodes with most links come first.

    Returns `id`, `x`, `y` (of the node), `decalage` (from its centre down to the label), `lignes`,
    and the box of the label in pixels: `gauche`, `droite`, `haut`, `bas`.
    """
    marks = [_mark_box(row) for row in nodes.itertuples()]
    labels, boxes = [], []
    for index, row in enumerate(nodes.itertuples()):
        lines = lines_of(row.etiquette)
        if not lines:
            continue
        label_width = max(map(text_width, lines))
        shift = marker_size(row.sorte, row.taille) / 2 + 2
        top = row.y + shift
        box = (
            row.x - label_width / 2,
            row.x + label_width / 2,
            top,
            top + LINE_HEIGHT * len(lines),
        )
        other_marks = marks[:index] + marks[index + 1 :]
        if not any(_touch(box, other_box) for other_box in boxes + other_marks):
            boxes.append(box)
            labels.append((row.id, row.x, row.y, shift, lines, *box))
    columns = ["id", "x", "y", "decalage", "lignes", "gauche", "droite", "haut", "bas"]
    return pd.DataFrame(labels, columns=columns)


def _mark_box(row: object) -> tuple[float, float, float, float]:
    half = marker_size(row.sorte, row.taille) / 2 - 1
    return (row.x - half, row.x + half, row.y - half, row.y + half)


def _touch(box: tuple, other_box: tuple) -> bool:
    left, right, top, bottom = box
    return (
        left < other_box[1]
        and other_box[0] < right
        and top < other_box[3]
        and other_box[2] < bottom
    )


def annotations(labels: pd.DataFrame, ink: str, dark: bool) -> list[dict]:
    """Return the result of `visible_labels` as Plotly annotations, on a translucent background."""
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
