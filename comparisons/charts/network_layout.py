"""Layout of the nodes of a network: legible, and the same at each run.

Each connected component is laid out by stress majorisation (Gansner, Koren and North, « Graph
drawing by stress majorization », 2004), which places an organisation among its territories; it is
rotated so that its length is horizontal, boxes of nodes and labels are separated (after Dwyer,
Marriott and Stuckey, « Fast node overlap removal », 2005, one axis at a time), and components are
packed in rows. Nodes are processed in the order of their ids, so that the order of rows has no
effect; the algorithm is deterministic.
"""

import textwrap
from collections.abc import Sequence

import networkx as nx
import numpy as np
import pandas as pd

from comparisons.analysis.shared_services.network import build_nodes, load_edges
from comparisons.formatting import format_number, pluralize

# Width for which labels do not overlap, in pixels; on a wider figure they are further apart.
WIDE, NARROW = 640, 330
MAX_LABELS = 80
FONT_SIZE = 11
LINE_HEIGHT = 13
_MAX_LINE, _MAX_LINES = 20, 2
_GAP = 5
# Area of a component over that of its boxes; ratio of its width to its height.
_ROOM, _FLAT = 1.7, 2.2
_MARGIN = 14  # between components
_STEPS, _ROUNDS = 150, 1500
_NARROW_GLYPHS, _WIDE_GLYPHS = set("iljtfrI.,;:'’!|()-– "), set("mwMWŒœ@%&")


def place_nodes(nodes: pd.DataFrame, edges: pd.DataFrame, width: int = WIDE) -> pd.DataFrame:
    """Return nodes with their positions in a figure of some width, in pixels from the top left.

    `nodes` has `id`, `sorte`, `taille`, `etiquette`; `edges` has `cle`, `partenaire_id`. Returns
    the nodes with `x`, `y`, and `etiquette` emptied as by `_with_labels`.
    """
    nodes = _with_labels(nodes)
    if nodes.empty:
        return nodes
    placed = nodes.set_index("id")
    graph = nx.Graph()
    graph.add_nodes_from(sorted(placed.index))
    graph.add_edges_from(sorted(zip(edges["cle"], edges["partenaire_id"], strict=True)))
    components = [sorted(component) for component in nx.connected_components(graph)]
    layouts = []
    for component in sorted(components, key=lambda component: (-len(component), component[0])):
        boxes = _boxes(placed.loc[component])
        layouts.append(
            (
                component,
                boxes,
                _layout_component(graph.subgraph(component), component, boxes, width),
            )
        )
    positions = _pack_components(layouts, width)
    return nodes.assign(
        x=nodes["id"].map({node: x for node, (x, _) in positions.items()}),
        y=nodes["id"].map({node: y for node, (_, y) in positions.items()}),
    )


def _with_labels(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return nodes with at most `MAX_LABELS` labels, the others emptied.

    Organisations keep theirs first, the most cited first.
    """
    if len(nodes) <= MAX_LABELS:
        return nodes.copy()
    rank = nodes.assign(is_organisation=nodes["sorte"] == "organisme").sort_values(
        ["taille", "is_organisation", "id"], ascending=[False, False, True]
    )
    organisations = rank[rank["is_organisation"]].head(MAX_LABELS * 3 // 4)
    territories = rank[~rank["is_organisation"]].head(MAX_LABELS - len(organisations))
    labelled_ids = {*organisations["id"], *territories["id"]}
    return nodes.assign(etiquette=nodes["etiquette"].where(nodes["id"].isin(labelled_ids), ""))


def marker_size(kind: str, size: int) -> float:
    """Return the diameter of a node in pixels; its area grows with the number of cited links."""
    least, most = (13, 34) if kind == "organisme" else (9, 18)
    return float(min(least + 2.6 * (max(size, 1) ** 0.5 - 1), most))


def lines_of(label: str) -> list[str]:
    """Return the lines of a label below a node; a label that is too long ends in « … »."""
    if not label:
        return []
    return textwrap.wrap(label, _MAX_LINE, max_lines=_MAX_LINES, placeholder="…")


def text_width(text: str, size: float = FONT_SIZE) -> float:
    """Return the estimated width of a text in pixels, slightly above that of Source Sans."""
    ems = sum(
        0.37 if glyph in _NARROW_GLYPHS
        else 0.88 if glyph in _WIDE_GLYPHS
        else 0.7 if glyph.isupper()
        else 0.57
        for glyph in text
    )  # fmt: skip
    return ems * size


def _boxes(nodes: pd.DataFrame) -> np.ndarray:
    """Return the box of each node around its centre: half width, height above, height below."""
    boxes = []
    for row in nodes.itertuples():
        half_size = marker_size(row.sorte, row.taille) / 2
        lines = lines_of(row.etiquette)
        half_width = max([2 * half_size, *(text_width(line) + 4 for line in lines)]) / 2
        below = half_size + (LINE_HEIGHT * len(lines) + 3 if lines else 0)
        boxes.append((half_width + _GAP / 2, half_size + _GAP / 2, below + _GAP / 2))
    return np.array(boxes)


def _layout_component(
    graph: nx.Graph, component: Sequence[str], boxes: np.ndarray, width: int
) -> np.ndarray:
    """Return the positions of one connected component, nodes in the given order."""
    if len(component) == 2:  # one above the other
        positions = np.array([[0.0, 0.0], [0.0, 1.0]]) * (boxes[:, 2].sum() + 14)
        return _separate_boxes(positions, boxes, width)
    positions = _rotate(_stress_layout(graph, component))
    # space for all boxes and nearly as much for the lines, wider than high
    area = _ROOM * (2 * boxes[:, 0] * (boxes[:, 1] + boxes[:, 2])).sum()
    across = min(width - 2 * boxes[:, 0].max(), (_FLAT * area) ** 0.5)
    span = np.maximum(np.ptp(positions, axis=0), [1e-6, 0.3 * np.ptp(positions[:, 0])])
    return _separate_boxes(positions / span * [across, area / max(across, 1)], boxes, width)


def _stress_layout(graph: nx.Graph, component: Sequence[str]) -> np.ndarray:
    """Return positions whose distances are close to those in the graph, starting from a circle."""
    count, index = len(component), {node: position for position, node in enumerate(component)}
    ideal = np.zeros((count, count))
    for node, lengths in nx.all_pairs_shortest_path_length(graph):
        for target, length in lengths.items():
            ideal[index[node], index[target]] = length
    np.fill_diagonal(ideal, 1)
    weight = ideal**-2.0
    np.fill_diagonal(weight, 0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.inv(laplacian + 1 / count) - 1 / count
    # linked nodes are neighbours on the initial circle
    hub = max(component, key=lambda node: (graph.degree(node), node))
    angles = np.zeros(count)
    for rank, node in enumerate(_depth_first_order(graph, hub)):
        angles[index[node]] = 2 * np.pi * rank / count
    positions = np.column_stack([np.cos(angles), np.sin(angles)]) * count**0.5
    positions[index[hub]] = 0
    for _ in range(_STEPS):
        differences = positions[:, None, :] - positions[None, :, :]
        distance = np.maximum(np.sqrt((differences**2).sum(axis=2)), 1e-9)
        pull = weight * ideal / distance
        moved = inverse @ (pull.sum(axis=1)[:, None] * positions - pull @ positions)
        change = np.abs(moved - positions).max()
        positions = moved
        if change < 1e-3:
            break
    return positions


def _depth_first_order(graph: nx.Graph, start: str) -> list[str]:
    """Return the nodes of a component in depth-first order, neighbours sorted by id."""
    order, waiting, visited = [], [start], set()
    while waiting:
        node = waiting.pop()
        if node not in visited:
            visited.add(node)
            order.append(node)
            waiting += sorted(graph.neighbors(node), reverse=True)
    return order


def _rotate(positions: np.ndarray) -> np.ndarray:
    """Return positions rotated so that the length is horizontal, the first node at the top left."""
    centred = positions - positions.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = (centred @ axes.T).round(6)
    for axis in (0, 1):
        outside = np.flatnonzero(np.abs(turned[:, axis]) > 1e-3)
        if len(outside) and turned[outside[0], axis] > 0:
            turned[:, axis] *= -1
    return turned


def _separate_boxes(positions: np.ndarray, boxes: np.ndarray, width: int) -> np.ndarray:
    """Return positions moved along the axis of least overlap until no boxes overlap."""
    positions = positions - [positions[:, 0].mean() - width / 2, 0]
    half, above, below = boxes.T
    order = np.arange(len(positions))
    order_sign = np.sign(order[:, None] - order[None, :])
    for _ in range(_ROUNDS):
        across = positions[:, None, 0] - positions[None, :, 0]
        middle = positions[:, 1] + (below - above) / 2
        down = middle[:, None] - middle[None, :]
        over_x = half[:, None] + half[None, :] - np.abs(across)
        high = (above + below) / 2
        over_y = high[:, None] + high[None, :] - np.abs(down)
        touching = (over_x > 0.01) & (over_y > 0.01)
        np.fill_diagonal(touching, False)
        if not touching.any():
            break
        # overlaps relative to the boxes: wide labels would otherwise only move vertically
        by_x = touching & (over_x * (high[:, None] + high[None, :]) * 1.5
                           < over_y * (half[:, None] + half[None, :]))  # fmt: skip
        by_y = touching & ~by_x
        sign_x = np.where(np.abs(across) > 1e-6, np.sign(across), order_sign)
        sign_y = np.where(np.abs(down) > 1e-6, np.sign(down), order_sign)
        positions[:, 0] += (by_x * sign_x * (over_x + 0.2)).sum(axis=1) * 0.3
        positions[:, 1] += (by_y * sign_y * (over_y + 0.2)).sum(axis=1) * 0.3
        positions[:, 0] = np.clip(positions[:, 0], np.minimum(half, width / 2),
                               np.maximum(width - half, width / 2))  # fmt: skip
    return positions


def _pack_components(layouts: list[tuple], width: int) -> dict[str, tuple[float, float]]:
    """Return the position of each node, components packed in rows, the largest first."""
    node_positions, occupied = {}, []
    for component, boxes, positions in layouts:
        west = (positions[:, 0] - boxes[:, 0]).min()
        north = (positions[:, 1] - boxes[:, 1]).min()
        part_width = (positions[:, 0] + boxes[:, 0]).max() - west
        part_height = (positions[:, 1] + boxes[:, 2]).max() - north
        top, left = min(
            (max([0.0, *(box[3] for box in occupied
                         if box[0] < start + part_width and start < box[1])]),
             start)
            for start in {0.0, *(box[1] for box in occupied)}
            if start == 0 or start + part_width <= width
        )  # fmt: skip
        occupied.append((left, left + part_width + _MARGIN, top, top + part_height + _MARGIN))
        for node, (x, y) in zip(component, positions, strict=True):
            node_positions[node] = (
                round(float(x - west + left), 1),
                round(float(y - north + top), 1),
            )
    return node_positions


def load_network(
    service: str = "", zone: str = "", partner: str = "", level: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nodes and edges of a network, filtered by service, zone, organisation, level.

    `zone` is the key of a territory: it keeps the links of this territory and of those of which at
    least half of the population lives in it. Empty filters keep all; unknown codes keep nothing.
    Raises `ValueError` (in French) when `zone` is not of the form `niveau-code`.

    Returns nodes (`id`, `nom`, `sorte` territoire or organisme, `niveau`, `forme`, `population`,
    `taille` = number of links stated by a source, `nb_deduits` = number of links that are only
    inferred, `etiquette` = short name or empty, `x`, `y` in pixels of `place_nodes`) and edges, one
    per territory × organisation: `cle`, `partenaire_id`, `roles`, `services`, `solutions`,
    `source_ids` (lists), `annee_debut` (the first), number of services stated by a source
    (`nb_cites`) or not (`nb_deduits`), `certitude` (explicite when all links are).
    """
    edges = load_edges(service, zone, partner, level)
    nodes = build_nodes(edges)
    return place_nodes(nodes, edges), edges


def labels_sentence(nodes: pd.DataFrame, hidden: int) -> str:
    """Return a French sentence on the nodes without label in the figure (`hidden`, their count)."""
    if not hidden:
        return ""
    reason = (
        f"Au-delà de {MAX_LABELS} noms, seuls les organismes et territoires les plus cités sont "
        "nommés. "
        if len(nodes) > MAX_LABELS
        else ""
    )
    return (
        f"{reason}{pluralize(hidden, 'nom')} à lire au survol ou dans le tableau "
        f"(sur {format_number(len(nodes))})."
    )
