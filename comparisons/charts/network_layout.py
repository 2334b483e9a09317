"""Where nodes of a network stand: legible, and the same from run to run.

Each connected part is laid out by stress majorisation (Gansner, Koren and North, « Graph drawing by
stress majorization », 2004), in which a body comes to stand amid its territories; it is turned so
that its length lies across, boxes of marks and names are pushed apart (after Dwyer, Marriott and
Stuckey, « Fast node overlap removal », 2005, one axis at a time), and parts are packed in rows.
Nodes are taken in the order of their ids, so the order of rows changes nothing; no chance is used.
"""

import textwrap
from collections.abc import Sequence

import networkx as nx
import numpy as np
import pandas as pd

from comparisons.analysis.shared_services.network import build_nodes, load_edges
from comparisons.formatting import format_number, pluralize

# Width of the figure for which names do not collide, in pixels; wider, they are further apart.
WIDE, NARROW = 640, 330
MAX_LABELS = 80
FONT_SIZE = 11
LINE_HEIGHT = 13
MAX_LINE, MAX_LINES = 20, 2
GAP = 5
# Area of a part, in areas of its boxes; its width, in heights.
ROOM, FLAT = 1.7, 2.2
_MARGIN = 14  # between parts
_STEPS, _ROUNDS = 150, 1500
_NARROW_GLYPHS, _WIDE_GLYPHS = set("iljtfrI.,;:'’!|()-– "), set("mwMWŒœ@%&")


def place_nodes(nodes: pd.DataFrame, edges: pd.DataFrame, width: int = WIDE) -> pd.DataFrame:
    """Place nodes in a figure of some width, in pixels from its top left corner.

    `nodes` has `id`, `sorte`, `taille`, `etiquette`; `edges` has `cle`, `partenaire_id`. Returns
    the nodes with `x`, `y` and `etiquette` emptied where there are too many to name: the most
    cited bodies, then territories, keep theirs.
    """
    nodes = with_labels(nodes)
    if nodes.empty:
        return nodes
    placed = nodes.set_index("id")
    graph = nx.Graph()
    graph.add_nodes_from(sorted(placed.index))
    graph.add_edges_from(sorted(zip(edges["cle"], edges["partenaire_id"], strict=True)))
    parts = [sorted(part) for part in nx.connected_components(graph)]
    laid = []
    for part in sorted(parts, key=lambda part: (-len(part), part[0])):
        boxes = _boxes(placed.loc[part])
        laid.append((part, boxes, _part(graph.subgraph(part), part, boxes, width)))
    places = _packed(laid, width)
    return nodes.assign(
        x=nodes["id"].map({node: x for node, (x, _) in places.items()}),
        y=nodes["id"].map({node: y for node, (_, y) in places.items()}),
    )


def with_labels(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return empty the labels beyond `MAX_LABELS`.

    Bodies keep theirs first, the most cited first.
    """
    if len(nodes) <= MAX_LABELS:
        return nodes.copy()
    rank = nodes.assign(body=nodes["sorte"] == "organisme").sort_values(
        ["taille", "body", "id"], ascending=[False, False, True]
    )
    bodies = rank[rank["body"]].head(MAX_LABELS * 3 // 4)
    others = rank[~rank["body"]].head(MAX_LABELS - len(bodies))
    kept = {*bodies["id"], *others["id"]}
    return nodes.assign(etiquette=nodes["etiquette"].where(nodes["id"].isin(kept), ""))


def marker_size(kind: str, size: int) -> float:
    """Return diameter of a node in pixels: its area grows with how many a source links it to."""
    least, most = (13, 34) if kind == "organisme" else (9, 18)
    return float(min(least + 2.6 * (max(size, 1) ** 0.5 - 1), most))


def lines_of(label: str) -> list[str]:
    """Cut a label in lines that fit under a node; what is too long ends in « … »."""
    if not label:
        return []
    return textwrap.wrap(label, MAX_LINE, max_lines=MAX_LINES, placeholder="…")


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Estimate the width of a text in pixels, a little above that of Source Sans."""
    ems = sum(
        0.37 if glyph in _NARROW_GLYPHS
        else 0.88 if glyph in _WIDE_GLYPHS
        else 0.7 if glyph.isupper()
        else 0.57
        for glyph in text
    )  # fmt: skip
    return ems * size


def _boxes(nodes: pd.DataFrame) -> np.ndarray:
    """Return the box of each node around its mark: half width, room above, room below."""
    boxes = []
    for row in nodes.itertuples():
        half = marker_size(row.sorte, row.taille) / 2
        lines = lines_of(row.etiquette)
        wide = max([2 * half, *(text_width(line) + 4 for line in lines)]) / 2
        below = half + (LINE_HEIGHT * len(lines) + 3 if lines else 0)
        boxes.append((wide + GAP / 2, half + GAP / 2, below + GAP / 2))
    return np.array(boxes)


def _part(graph: nx.Graph, part: Sequence[str], boxes: np.ndarray, width: int) -> np.ndarray:
    """Arrange one connected part, its nodes in the order given."""
    if len(part) == 2:  # one above the other
        places = np.array([[0.0, 0.0], [0.0, 1.0]]) * (boxes[:, 2].sum() + 14)
        return _apart(places, boxes, width)
    places = _turned(_stress(graph, part))
    # room for all boxes and as much again for the lines, wider than high
    area = ROOM * (2 * boxes[:, 0] * (boxes[:, 1] + boxes[:, 2])).sum()
    across = min(width - 2 * boxes[:, 0].max(), (FLAT * area) ** 0.5)
    span = np.maximum(np.ptp(places, axis=0), [1e-6, 0.3 * np.ptp(places[:, 0])])
    return _apart(places / span * [across, area / max(across, 1)], boxes, width)


def _stress(graph: nx.Graph, part: Sequence[str]) -> np.ndarray:
    """Bring distances in the plane near to those in the graph, from a circle."""
    count, index = len(part), {node: place for place, node in enumerate(part)}
    ideal = np.zeros((count, count))
    for node, lengths in nx.all_pairs_shortest_path_length(graph):
        for other, length in lengths.items():
            ideal[index[node], index[other]] = length
    np.fill_diagonal(ideal, 1)
    weight = ideal**-2.0
    np.fill_diagonal(weight, 0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.inv(laplacian + 1 / count) - 1 / count
    # those that are linked stand beside one another on the circle
    hub = max(part, key=lambda node: (graph.degree(node), node))
    angles = np.zeros(count)
    for turn, node in enumerate(_walk(graph, hub)):
        angles[index[node]] = 2 * np.pi * turn / count
    places = np.column_stack([np.cos(angles), np.sin(angles)]) * count**0.5
    places[index[hub]] = 0
    for _ in range(_STEPS):
        apart = places[:, None, :] - places[None, :, :]
        distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), 1e-9)
        pull = weight * ideal / distance
        moved = inverse @ (pull.sum(axis=1)[:, None] * places - pull @ places)
        change = np.abs(moved - places).max()
        places = moved
        if change < 1e-3:
            break
    return places


def _walk(graph: nx.Graph, start: str) -> list[str]:
    """Walk through a part in depth, neighbours in the order of their ids."""
    found, waiting, seen = [], [start], set()
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            found.append(node)
            waiting += sorted(graph.neighbors(node), reverse=True)
    return found


def _turned(places: np.ndarray) -> np.ndarray:
    """Turn a drawing so that it lies across, its first node on the left and above."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = (centred @ axes.T).round(6)
    for axis in (0, 1):
        outside = np.flatnonzero(np.abs(turned[:, axis]) > 1e-3)
        if len(outside) and turned[outside[0], axis] > 0:
            turned[:, axis] *= -1
    return turned


def _apart(places: np.ndarray, boxes: np.ndarray, width: int) -> np.ndarray:
    """Push boxes apart, along the axis where they overlap least, until none overlaps another."""
    places = places - [places[:, 0].mean() - width / 2, 0]
    half, above, below = boxes.T
    order = np.arange(len(places))
    first = np.sign(order[:, None] - order[None, :])
    for _ in range(_ROUNDS):
        across = places[:, None, 0] - places[None, :, 0]
        middle = places[:, 1] + (below - above) / 2
        down = middle[:, None] - middle[None, :]
        over_x = half[:, None] + half[None, :] - np.abs(across)
        high = (above + below) / 2
        over_y = high[:, None] + high[None, :] - np.abs(down)
        touching = (over_x > 0.01) & (over_y > 0.01)
        np.fill_diagonal(touching, False)
        if not touching.any():
            break
        # relative to the boxes: names, which are wide, would else only ever go up or down
        by_x = touching & (over_x * (high[:, None] + high[None, :]) * 1.5
                           < over_y * (half[:, None] + half[None, :]))  # fmt: skip
        by_y = touching & ~by_x
        sign_x = np.where(np.abs(across) > 1e-6, np.sign(across), first)
        sign_y = np.where(np.abs(down) > 1e-6, np.sign(down), first)
        places[:, 0] += (by_x * sign_x * (over_x + 0.2)).sum(axis=1) * 0.3
        places[:, 1] += (by_y * sign_y * (over_y + 0.2)).sum(axis=1) * 0.3
        places[:, 0] = np.clip(places[:, 0], np.minimum(half, width / 2),
                               np.maximum(width - half, width / 2))  # fmt: skip
    return places


def _packed(laid: list[tuple], width: int) -> dict[str, tuple[float, float]]:
    """Place parts beside one another, the largest first, each as high up as it fits."""
    found, taken = {}, []
    for part, boxes, places in laid:
        west = (places[:, 0] - boxes[:, 0]).min()
        north = (places[:, 1] - boxes[:, 1]).min()
        wide = (places[:, 0] + boxes[:, 0]).max() - west
        high = (places[:, 1] + boxes[:, 2]).max() - north
        top, left = min(
            (max([0.0, *(box[3] for box in taken if box[0] < start + wide and start < box[1])]),
             start)
            for start in {0.0, *(box[1] for box in taken)}
            if start == 0 or start + wide <= width
        )  # fmt: skip
        taken.append((left, left + wide + _MARGIN, top, top + high + _MARGIN))
        for node, (x, y) in zip(part, places, strict=True):
            found[node] = (round(float(x - west + left), 1), round(float(y - north + top), 1))
    return found


def load_network(
    service: str = "", zone: str = "", partner: str = "", level: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return who is linked to whom, for a service, in a territory, with a body, at a level.

    `zone` is the key of a territory: links of itself and of those for which at least half of the
    people live in it. Empty filters keep all; codes that do not exist keep nothing. Raises
    `ValueError` (in French) when `zone` is not of the form `niveau-code`.

    Returns nodes (`id`, `nom`, `sorte` territoire or organisme, `niveau`, `forme`, `population`,
    `taille` = how many a source says it is linked to, `nb_deduits` = how many more by deduction
    only, `etiquette` = its short name or nothing, `x`, `y` in pixels of `place_nodes`) and edges,
    one per territory × body: `cle`, `partenaire_id`, `roles`, `services`, `solutions`, `source_ids`
    (lists), `annee_debut` (the first), how many services a source states (`nb_cites`) or not
    (`nb_deduits`), `certitude` (explicite when all links are).
    """
    edges = load_edges(service, zone, partner, level)
    nodes = build_nodes(edges)
    return place_nodes(nodes, edges), edges


def labels_sentence(nodes: pd.DataFrame, hidden: int) -> str:
    """Describe how many nodes bear no name in the figure (`hidden`), and where to read it."""
    if not hidden:
        return ""
    why = (
        f"Au-delà de {MAX_LABELS} noms, seuls les organismes et territoires les plus cités sont "
        "nommés. "
        if len(nodes) > MAX_LABELS
        else ""
    )
    return (
        f"{why}{pluralize(hidden, 'nom')} à lire au survol ou dans le tableau "
        f"(sur {format_number(len(nodes))})."
    )
