"""Positions of the territories and organisations of the pooling network, for its drawing."""

from collections.abc import Collection

import duckdb
import networkx
import numpy as np
import pandas as pd
from networkx.algorithms import bipartite

from comparisons.queries.partners import IN_USE

# Strong gravity keeps components that nothing links side by side; a weaker one spreads the rings
# of large organisations less.
_SEED, _GRAVITY = 1, 0.15
# of a layout of all nodes at once: some hundreds of megabytes
_MAX_NODES = 4000
# how far a territory of a larger network is set aside, as a share of the drawing
_ASIDE = 0.03


def network_positions(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the position of each end of a link in use: `noeud`, `x` and `y` from 0 to 1.

    The layout is ForceAtlas2 (Jacomy and others, 2014) with a fixed seed, on links in the order of
    their keys: the same links have the same positions.
    """
    links = connection.execute(
        f"""
        SELECT DISTINCT cle(territoire_niveau, territoire_code), partenaire_id
        FROM mutualisations WHERE {IN_USE} ORDER BY ALL
        """
    ).fetchall()
    graph = networkx.Graph(links)
    if len(graph) <= _MAX_NODES:
        positions = _force_layout(graph)
    else:
        positions = _layout_by_organisation(graph, {partner for _, partner in links})
    table = pd.DataFrame.from_dict(positions, orient="index", columns=["x", "y"])
    table = (table - table.min()) / (table.max() - table.min())
    return table.round(4).rename_axis("noeud").reset_index()


def _force_layout(graph: networkx.Graph) -> dict[str, np.ndarray]:
    return networkx.forceatlas2_layout(graph, seed=_SEED, strong_gravity=True, gravity=_GRAVITY)


def _layout_by_organisation(
    graph: networkx.Graph, partners: Collection[str]
) -> dict[str, np.ndarray]:
    """Return the layout of the organisations, and each territory amid its own, a little aside.

    The forces between all the nodes would take as much memory as the square of their number.
    """
    positions = _force_layout(bipartite.projected_graph(graph, sorted(partners)))
    spread = np.ptp([*positions.values()], axis=0) * _ASIDE
    chance = np.random.default_rng(_SEED)
    for node in sorted(set(graph) - set(partners)):
        middle = np.mean([positions[partner] for partner in graph[node]], axis=0)
        positions[node] = middle + chance.normal(size=2) * spread
    return positions
