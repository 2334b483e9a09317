"""Positions of the territories and organisations of the pooling network, for its drawing."""

import duckdb
import networkx
import pandas as pd

from comparisons.queries.partners import IN_USE

# Strong gravity keeps components that nothing links side by side; a weaker one spreads the rings
# of large organisations less.
_SEED, _GRAVITY = 1, 0.15


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
    positions = networkx.forceatlas2_layout(
        networkx.Graph(links), seed=_SEED, strong_gravity=True, gravity=_GRAVITY
    )
    table = pd.DataFrame.from_dict(positions, orient="index", columns=["x", "y"])
    table = (table - table.min()) / (table.max() - table.min())
    return table.round(4).rename_axis("noeud").reset_index()
