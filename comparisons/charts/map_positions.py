"""Positions of territories and organisations on maps, where the overseas is in insets."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from comparisons.analysis.shared_services.network import load_network
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.queries import geometry

# Radius in degrees of the ring of organisations with the same position, and their number on it.
_RING, _ON_RING = 0.13, 6
_AXES = ["longitude", "latitude"]
POSITION_NOTE = (
    "Un organisme est dessiné dans le département de son siège (sa ville n’est pas renseignée) ou, "
    "si son siège est inconnu, au milieu des territoires qui lui sont liés. Une ligne est un lien, "
    "non un réseau. L’outre-mer est dans les encarts."
)


@cached
def map_links(
    service: str = "", zone: str = "", partner: str = "", level: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nodes and edges as `network.load_network`, with `longitude` and `latitude`.

    Nodes have no `x`, `y`, but `siege`: whether an organisation is drawn at its seat (missing for
    territories). A territory that is not on the maps has no position, nor has an organisation
    linked only to such territories.
    """
    nodes, edges = load_network(service, zone, partner, level)
    territories = territory_positions(edges["cle"])
    positions = pd.concat([territories, organisation_positions(edges, territories)])
    nodes = nodes.drop(columns=["x", "y"])
    return nodes.join(positions[[*_AXES, "siege"]], on="id"), edges


def territory_positions(keys: Iterable[str]) -> pd.DataFrame:
    """Return `longitude`, `latitude`, `outre_mer` of territories as they are drawn, by key.

    In the mainland and Corse, their true centre; overseas, the centre of their outline in its
    inset. A territory that has neither is left out.
    """
    rows = query(
        """
        SELECT cle(territoire_niveau, territoire_code) AS cle, territoire_niveau,
               territoire_code, outre_mer, longitude, latitude
        FROM territoires
        WHERE list_contains($keys, cle(territoire_niveau, territoire_code))
        """,
        {"keys": list(dict.fromkeys(keys))},
    ).set_index("cle")
    overseas = rows[rows["outre_mer"]]
    rows.loc[rows["outre_mer"], _AXES] = np.nan
    for level, codes in overseas.groupby("territoire_niveau")["territoire_code"]:
        for code, centre in _outline_centres(level, codes).items():
            rows.loc[f"{level}-{code}", _AXES] = centre
    return rows.dropna(subset=_AXES)[[*_AXES, "outre_mer"]]


def close_up_positions(keys: Iterable[str]) -> pd.DataFrame:
    """Return `longitude`, `latitude` of territories of one level in the close-up, by key."""
    keys = [key.partition("-")[::2] for key in keys]
    level = keys[0][0] if keys else "region"
    centres = _outline_centres(level, [code for _, code in keys], close_up=True)
    return pd.DataFrame.from_dict(
        {f"{level}-{code}": centre for code, centre in centres.items()},
        orient="index",
        columns=_AXES,
    )


def _outline_centres(
    level: str, codes: Iterable[str], close_up: bool = False
) -> dict[str, np.ndarray]:
    """Return the centre of the longest ring of outlines by code."""
    centres = {}
    for code, rings in geometry.read_outlines(level, codes, close_up).items():
        ring = np.array(max(rings, key=len))
        centres[code] = (ring.min(axis=0) + ring.max(axis=0)) / 2
    return centres


def organisation_positions(edges: pd.DataFrame, territories: pd.DataFrame) -> pd.DataFrame:
    """Return the position of each organisation: its seat, else the median of its territories.

    `edges` has `cle`, `partenaire_id`; `territories` is from `territory_positions`. Only the
    département of a seat is known, not its town. Without a known seat, the median is that of the
    territories of the mainland if there are any. Organisations with the same position are spread
    around it. Returns, by `partenaire_id`: `longitude`, `latitude`, `siege` (whether it is known).
    """
    seats = query(
        "SELECT partenaire_id, 'departement-' || siege_departement AS cle FROM partenaires "
        "WHERE list_contains($ids, partenaire_id) AND siege_departement IS NOT NULL ORDER BY ALL",
        {"ids": sorted(set(edges["partenaire_id"]))},
    )
    seats = seats.join(territory_positions(seats["cle"]), on="cle").dropna(subset=_AXES)
    links = edges.join(territories, on="cle", how="inner").sort_values("outre_mer")
    mainland_first = links.groupby("partenaire_id")["outre_mer"].transform("first")
    medians = links[links["outre_mer"] == mainland_first].groupby("partenaire_id")[_AXES].median()
    seated = seats.set_index("partenaire_id")[_AXES].assign(siege=True)
    unseated = medians.drop(index=seated.index, errors="ignore").assign(siege=False)
    table = pd.concat([seated, unseated]).sort_index()
    ring_index = table.groupby([table["longitude"].round(2), table["latitude"].round(2)]).cumcount()
    ring_number, ring_position = ring_index // _ON_RING, ring_index % _ON_RING
    angle = np.pi / 4 + 2 * np.pi * ring_position / _ON_RING + np.pi / _ON_RING * ring_number
    radius = _RING * (1 + ring_number)
    return table.assign(
        longitude=table["longitude"] + radius * 1.45 * np.cos(angle),
        latitude=table["latitude"] + radius * np.sin(angle),
    )
