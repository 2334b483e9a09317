"""Nearby territories and links, cached since a page reads them again for each need."""

from collections.abc import Sequence

import pandas as pd

from comparisons.analysis.peers import search
from comparisons.analysis.shared_services.links import effective_links
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.queries.large_territories import read_together
from comparisons.schema import peer_options
from comparisons.schema.territory import parse_key


@cached
def direct_links() -> pd.DataFrame:
    """Return every direct link: stated of a territory itself or of its twin."""
    return effective_links(inherited=False)


@cached
def links_of(key: str) -> pd.DataFrame:
    """Return the links of one territory, inherited ones too."""
    return _links_of([key])


@read_together("cle")
def _links_of(keys: Sequence[str]) -> pd.DataFrame:
    levels = {parse_key(key).niveau for key in keys}
    return pd.concat([effective_links(level, keys) for level in sorted(levels)])


@cached(reference_only=True)
def nearby_territories(key: str) -> pd.DataFrame:
    """Return the neighbours and peers of a territory.

    Returns, indexed by `cle`: `nom`, `nom_article`, `voisin`, `pair`, `frontiere_km`, `distance`.
    """
    neighbours = search.find_peers(
        key, peer_options.PeerOptions(maniere="voisins", nombre=peer_options.MAX_PEERS)
    ).table
    peers = search.find_peers(key).table
    columns = ["cle", "nom", "nom_article"]
    rows = pd.concat([neighbours[columns], peers[columns]]).drop_duplicates("cle").set_index("cle")
    rows["frontiere_km"] = neighbours.set_index("cle")["longueur_km"].astype(float)
    rows["distance"] = peers.set_index("cle")["distance"].astype(float)
    return rows.assign(voisin=rows["frontiere_km"].notna(), pair=rows["distance"].notna())


@cached(reference_only=True)
def member_territories(key: str) -> frozenset[str]:
    """Return keys of territories at least half of whose people live in the one asked for."""
    territory = parse_key(key)
    rows = query(
        """
        WITH hors AS (
            SELECT jumeau_niveau AS niveau, jumeau_code AS code FROM jumeaux
            WHERE relation = 'hors' AND territoire_niveau = $level AND territoire_code = $code
        )
        SELECT cle(a.territoire_niveau, a.territoire_code) AS cle
        FROM appartenances a
        WHERE a.dans_niveau = $level AND a.dans_code = $code AND a.part_population >= 0.5
          AND NOT EXISTS (FROM hors h
                          WHERE h.niveau = a.territoire_niveau AND h.code = a.territoire_code)
          AND NOT EXISTS (FROM hors h
                          JOIN appartenances b ON b.dans_niveau = h.niveau AND b.dans_code = h.code
                          WHERE b.territoire_niveau = a.territoire_niveau
                            AND b.territoire_code = a.territoire_code)
        """,
        {"level": territory.niveau, "code": territory.code},
    )
    return frozenset(rows["cle"])
