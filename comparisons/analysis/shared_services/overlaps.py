"""Territories with several organisations for one service, and those with none known.

None known is not none: « aucun organisme connu » is all that is said.
"""

from collections.abc import Mapping
from itertools import groupby

import networkx as nx
import pandas as pd

from comparisons.analysis.peers.group import OTHER
from comparisons.analysis.shared_services.links import LINKS_SQL, NO_KNOWN_ORGANISATION
from comparisons.analysis.shared_services.wording import sort_codes
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.queries.partners import communes_in_areas
from comparisons.queries.territories import communes_by_territory, contained_codes, territory_label
from comparisons.rows import iterate_rows
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.registry import table_columns
from comparisons.schema.territory import parse_key


@cached
def overlapping_organisations(level: str, zone: str = "", inherited: bool = False) -> pd.DataFrame:
    """Return territories for which several organisations are known for one service.

    By default only direct links count; with `inherited`, also those of the wider territories it
    lies in. « Autre » is left out: it is no one service. Who owns a thing, who operates it and who
    buys it together are one chain (`partenaires.chaine`), and one chain is no overlap. Nor are two
    organisations whose known areas share no commune of the territory; an unknown area may be all of
    it. `zone` keeps the territories in it.

    Returns one row per service × territory, with the columns of `recouvrements`, in the order of
    services, then of territories.
    """
    rows = query(
        f"""
        WITH {LINKS_SQL},
        organismes AS (
            SELECT territoire_niveau, territoire_code, service, partenaire_id,
                   any_value(lien) AS lien, min(distance) AS distance,
                   list(DISTINCT role) AS roles, bool_and(certitude = 'explicite') AS explicite
            FROM liens WHERE service <> $other
            GROUP BY territoire_niveau, territoire_code, service, partenaire_id
        ),
        plusieurs AS (
            SELECT * FROM organismes
            WHERE NOT $zoned OR list_contains($codes, territoire_code)
            QUALIFY count(*) OVER (PARTITION BY territoire_niveau, territoire_code, service) > 1
        )
        SELECT o.service, cle(o.territoire_niveau, territoire_code) AS cle,
               coalesce(p.sigle, p.nom) AS organisme, o.partenaire_id, o.lien, o.roles, o.explicite
        FROM plusieurs o
        JOIN partenaires p USING (partenaire_id)
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = o.service
        ORDER BY v.ordre, strip_accents(t.nom), cle, o.distance, organisme, o.partenaire_id
        """,
        {"level": level, "heritage": inherited, "other": OTHER, **_zone_parameters(level, zone)},
    )
    chain_by_organisation, areas = _chains(), communes_in_areas()
    communes = communes_by_territory(level)
    overlap_rows = []
    for (service, key), group in groupby(
        rows.to_dict("records"), lambda row: (row["service"], row["cle"])
    ):
        organisation_rows = _meeting_rows(
            list(group), chain_by_organisation, areas, communes.get(key, set())
        )
        if organisation_rows:
            count = len({chain_by_organisation[row["partenaire_id"]] for row in organisation_rows})
            overlap_rows.append(_overlap_row(service, key, organisation_rows, count))
    columns, names = table_columns("recouvrements"), _territory_names(level)
    overlaps = pd.DataFrame(overlap_rows, columns=columns).drop(columns=["libelle", "population"])
    return overlaps.merge(names, on="cle")[columns]


def _meeting_rows(
    organisation_rows: list[dict],
    chains: Mapping[str, str],
    areas: Mapping[str, set[str]],
    communes: set[str],
) -> list[dict]:
    """Return the rows of organisations that may serve a commune which another chain serves too."""
    if len({chains[row["partenaire_id"]] for row in organisation_rows}) < 2:
        return []
    # an area that is not known, or does not touch the territory, may be the whole of it
    served = [areas.get(row["partenaire_id"], set()) & communes or communes
              for row in organisation_rows]  # fmt: skip
    return [
        row
        for row, communes_here in zip(organisation_rows, served, strict=True)
        if any(
            chains[row["partenaire_id"]] != chains[other_row["partenaire_id"]]
            and communes_here & other_communes
            for other_row, other_communes in zip(organisation_rows, served, strict=True)
        )
    ]


def _chains() -> dict[str, str]:
    """Return the chain of each organisation, named by its first; links are in any order."""
    rows = query("SELECT partenaire_id, coalesce(chaine, []) AS chaine FROM partenaires ORDER BY 1")
    graph = nx.Graph()
    graph.add_nodes_from(rows["partenaire_id"])
    graph.add_edges_from(
        (row.partenaire_id, other_id) for row in iterate_rows(rows) for other_id in row.chaine
    )
    return {
        organisation_id: min(component)
        for component in nx.connected_components(graph)
        for organisation_id in component
    }


def _overlap_row(service: str, key: str, organisation_rows: list[dict], count: int) -> dict:
    """Build the row of one service in one territory, without the name of the territory."""
    is_stated = all(row["explicite"] for row in organisation_rows)
    return {
        "service": service,
        "cle": key,
        "nb_chaines": count,
        "nb_organismes": len(organisation_rows),
        "organismes": [curly_apostrophes(row["organisme"]) for row in organisation_rows],
        "partenaire_ids": [row["partenaire_id"] for row in organisation_rows],
        "liens": [row["lien"] for row in organisation_rows],
        "roles": sort_codes("roles", {role for row in organisation_rows for role in row["roles"]}),
        "certitude": "explicite" if is_stated else "deduit",
    }


def _territory_names(level: str) -> pd.DataFrame:
    """Return `cle`, `libelle` and `population` of the territories of a level."""
    rows = query(
        """
        SELECT cle(territoire_niveau, territoire_code) AS cle, territoire_niveau,
               territoire_code, nom, departement_code, population
        FROM territoires WHERE territoire_niveau = $level
        """,
        {"level": level},
    )
    rows["libelle"] = [territory_label(row) for row in iterate_rows(rows)]
    return rows[["cle", "libelle", "population"]]


@cached
def unserved_territories(
    level: str, service: str, zone: str = "", inherited: bool = True
) -> pd.DataFrame:
    """Return territories for which no organisation is known for a service.

    By default what is inherited counts as known; without it, territories that only lie in the
    area of an organisation are listed too, with it. `zone` keeps the territories in it. Raises
    `KeyError` for an unknown service.

    Returns the columns of `sans_organisme`, most people first.
    """
    if service not in vocabulary_codes("services"):
        raise KeyError(service)
    rows = query(
        f"""
        WITH {LINKS_SQL},
        connus AS (
            SELECT territoire_niveau, territoire_code, min(distance) AS distance,
                   arg_min(lien, distance) AS lien,
                   list_sort(list(DISTINCT coalesce(p.sigle, p.nom))) AS organismes
            FROM liens JOIN partenaires p USING (partenaire_id)
            WHERE service = $service GROUP BY territoire_niveau, territoire_code
        )
        SELECT t.territoire_niveau, t.territoire_code, t.nom, t.departement_code, t.population,
               c.lien, c.organismes
        FROM territoires t LEFT JOIN connus c USING (territoire_niveau, territoire_code)
        WHERE t.territoire_niveau = $level
          AND (c.lien IS NULL OR (NOT $inherited AND c.distance > 0))
          AND (NOT $zoned OR list_contains($codes, t.territoire_code))
        ORDER BY t.population DESC, t.territoire_code
        """,
        {
            "level": level,
            "service": service,
            "heritage": True,
            "inherited": inherited,
            **_zone_parameters(level, zone),
        },
    )
    rows["cle"] = rows["territoire_niveau"] + "-" + rows["territoire_code"]
    rows["libelle"] = [territory_label(row) for row in iterate_rows(rows)]
    has_no_link = rows["lien"].isna()
    rows["lien"] = rows["lien"].astype(object).where(~has_no_link, None)
    rows["organismes"] = [
        [] if is_unknown else [curly_apostrophes(name) for name in names]
        for is_unknown, names in zip(has_no_link, rows["organismes"], strict=True)
    ]
    rows["constat"] = [
        NO_KNOWN_ORGANISATION
        if is_unknown
        else f"aucun lien direct connu ; par un territoire plus large : {join_words(names)}"
        for is_unknown, names in zip(has_no_link, rows["organismes"], strict=True)
    ]
    return rows[["cle", "libelle", "population", "lien", "organismes", "constat"]]


def _zone_parameters(level: str, zone: str) -> dict[str, object]:
    """Return the SQL parameters `zoned` and `codes` of the territories of a level in a zone.

    The zone itself is included when it is of that level.
    """
    if not zone:
        return {"zoned": False, "codes": []}
    territory = parse_key(zone)
    own_codes = [territory.code] if territory.niveau == level else []
    return {"zoned": True, "codes": [*own_codes, *contained_codes(level, zone)]}
