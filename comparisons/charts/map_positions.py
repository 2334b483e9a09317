"""Positions of territories and organisations on maps, where the overseas is in insets."""

import gzip
import json
import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from comparisons.database.connection import query
from comparisons.queries import geometry
from comparisons.schema.territory import parse_key

Position = tuple[float, float]
# Radius in degrees of the ring of organisations with the same position, and their number on it.
_RING, _ON_RING = 0.13, 6
_FEATURE = re.compile(r'\{"type":"Feature","id":"([0-9AB]+)"')


def territory_positions(keys: Iterable[str]) -> dict[str, Position]:
    """Return the longitude and latitude of territories as they are drawn, by key.

    In the mainland and Corse, their true centre; overseas, the centre of their outline in its
    inset. A territory that has neither is left out.
    """
    rows = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle, outre_mer, longitude, latitude
        FROM territoires
        WHERE list_contains($keys, territoire_niveau || '-' || territoire_code)
        """,
        {"keys": list(dict.fromkeys(keys))},
    )
    mainland = rows[~rows["outre_mer"] & rows["longitude"].notna()]
    positions_by_key = {row.cle: (row.longitude, row.latitude) for row in mainland.itertuples()}
    overseas: dict[str, set[str]] = {}
    for key in rows.loc[rows["outre_mer"], "cle"]:
        territory = parse_key(key)
        overseas.setdefault(territory.niveau, set()).add(territory.code)
    for level, codes in overseas.items():
        positions_by_key |= {
            f"{level}-{code}": position for code, position in _outline_centres(level, codes).items()
        }
    return positions_by_key


def _outline_centres(level: str, codes: set[str]) -> dict[str, Position]:
    """Return the centre of the largest ring of outlines by code; only these are parsed."""
    text = gzip.decompress(geometry.outline_file(level).read_bytes()).decode("utf-8")
    decoder, centres = json.JSONDecoder(), {}
    for match in _FEATURE.finditer(text):
        if match[1] in codes:
            shape = decoder.raw_decode(text, match.start())[0]["geometry"]
            parts = shape["coordinates"]
            polygons = [parts] if shape["type"] == "Polygon" else parts
            rings = [_centre(np.array(polygon[0])) for polygon in polygons]
            centres[match[1]] = max(rings)[1]
    return centres


def _centre(ring: np.ndarray) -> tuple[float, Position]:
    """Return the area of a ring and its centre of gravity (shoelace formula)."""
    (x, y), (next_x, next_y) = ring[:-1].T, ring[1:].T
    cross = x * next_y - next_x * y
    area = cross.sum() / 2
    if not area:
        return 0.0, (float(x.mean()), float(y.mean()))
    centre = ((x + next_x) * cross).sum() / (6 * area), ((y + next_y) * cross).sum() / (6 * area)
    return abs(float(area)), (float(centre[0]), float(centre[1]))


def organisation_positions(
    edges: pd.DataFrame, territories: Mapping[str, Position]
) -> pd.DataFrame:
    """Return the position of each organisation: its seat, else the median of its territories.

    `edges` has `cle`, `partenaire_id`. Only the département of a seat is known, not its town.
    Without a known seat, the median is that of the territories of the mainland if there are any.
    Organisations with the same position are spread around it. Returns, indexed by `partenaire_id`:
    `longitude`, `latitude`, `siege` (whether its seat is known).
    """
    ids = sorted(set(edges["partenaire_id"]))
    rows = query(
        "SELECT partenaire_id, siege_departement FROM partenaires "
        "WHERE list_contains($ids, partenaire_id) AND siege_departement IS NOT NULL",
        {"ids": ids},
    )
    seats = dict(
        zip(rows["partenaire_id"], "departement-" + rows["siege_departement"], strict=True)
    )
    centres = territory_positions(seats.values())
    positions = {}
    for organisation, links in edges.groupby("partenaire_id"):
        seat = centres.get(seats.get(organisation, ""))
        member_positions = [territories[key] for key in links["cle"] if key in territories]
        if position := seat or _median_position(member_positions):
            positions[organisation] = (*position, seat is not None)
    table = pd.DataFrame.from_dict(
        positions, orient="index", columns=["longitude", "latitude", "siege"]
    ).rename_axis("partenaire_id")
    ring_index = table.groupby([table["longitude"].round(2), table["latitude"].round(2)]).cumcount()
    ring_number, ring_position = ring_index // _ON_RING, ring_index % _ON_RING
    angle = np.pi / 4 + 2 * np.pi * ring_position / _ON_RING + np.pi / _ON_RING * ring_number
    radius = _RING * (1 + ring_number)
    return table.assign(
        longitude=table["longitude"] + radius * 1.45 * np.cos(angle),
        latitude=table["latitude"] + radius * np.sin(angle),
    )


def _median_position(positions: list[Position]) -> Position | None:
    mainland = [position for position in positions if not in_inset(position)]
    chosen = np.array(mainland or positions)
    return tuple(np.median(chosen, axis=0)) if len(chosen) else None


def in_inset(position: Position) -> bool:
    """Return whether a position on the maps is overseas: in one of the frames, or between them."""
    corners = [point for frame in geometry.inset_frames()["features"]
               for point in frame["geometry"]["coordinates"]]  # fmt: skip
    east, north = (max(values) for values in zip(*corners, strict=True))
    return position[0] <= east and position[1] <= north
