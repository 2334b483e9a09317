"""Where several organisations are known for one service, and where none is: facts, no reproach.

None known is not none: « aucun organisme connu » is all that is said.
"""

from itertools import groupby

import networkx as nx
import pandas as pd

from comparisons.analysis.peers.group import OTHER
from comparisons.analysis.shared_services.links import LINKS_SQL, NO_KNOWN_ORGANISATION
from comparisons.analysis.shared_services.wording import sort_codes
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.queries.territories import contained_codes, territory_label
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import parse_key

_OVERLAPS = ["service", "cle", "nb_chaines", "nb_organismes", "organismes", "partenaire_ids",
             "liens", "roles", "certitude"]  # fmt: skip
_OVERLAPS_SHOWN = ["service", "cle", "libelle", "population", *_OVERLAPS[2:]]


def overlapping_organisations(level: str, zone: str = "", inherited: bool = False) -> pd.DataFrame:
    """Return territories for which several organisations are known for one service.

    By default only direct links count; with `inherited`, also those of the wider territories it
    lies in. « Autre » is left out: it is no one service. Who owns a thing, who operates it and who
    buys it together are one chain (`partenaires.chaine`), and one chain is no overlap. `zone` keeps
    the territories in it.

    Returns one row per service × territory: `service`, `cle`, `libelle`, `population`,
    `nb_chaines` (2 or more), `nb_organismes`, `organismes` (short names), `partenaire_ids`,
    `liens` (codes of `links.LINK_PATHS`, one per organisation), `roles` (all), `certitude`
    (`explicite` when all are), in the order of services, then of territories.
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
        SELECT o.service, o.territoire_niveau || '-' || territoire_code AS cle,
               coalesce(p.sigle, p.nom) AS organisme, o.partenaire_id, o.lien, o.roles, o.explicite
        FROM plusieurs o
        JOIN partenaires p USING (partenaire_id)
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = o.service
        ORDER BY v.ordre, strip_accents(t.nom), cle, o.distance, organisme, o.partenaire_id
        """,
        {"level": level, "heritage": inherited, "other": OTHER, **_within(level, zone)},
    )
    chain = chains()
    lines = [
        _several(service, key, told, count)
        for (service, key), told in (
            (place, list(part))
            for place, part in groupby(
                rows.to_dict("records"), lambda row: (row["service"], row["cle"])
            )
        )
        if (count := len({chain[row["partenaire_id"]] for row in told})) > 1
    ]
    found = pd.DataFrame(lines, columns=_OVERLAPS)
    return found.merge(_named(level), on="cle")[_OVERLAPS_SHOWN]


def chains() -> dict[str, str]:
    """Return the chain of each organisation, named by its first.

    Links of `chaine`, in any order.
    """
    rows = query("SELECT partenaire_id, coalesce(chaine, []) AS chaine FROM partenaires ORDER BY 1")
    graph = nx.Graph()
    graph.add_nodes_from(rows["partenaire_id"])
    graph.add_edges_from(
        (row.partenaire_id, other) for row in rows.itertuples() for other in row.chaine
    )
    return {body: min(part) for part in nx.connected_components(graph) for body in part}


def _several(service: str, key: str, told: list[dict], count: int) -> tuple:
    """Sum up the organisations known for one service in one territory, the nearest first."""
    return (
        service,
        key,
        count,
        len(told),
        [curly_apostrophes(row["organisme"]) for row in told],
        [row["partenaire_id"] for row in told],
        [row["lien"] for row in told],
        sort_codes("roles", {role for row in told for role in row["roles"]}),
        "explicite" if all(row["explicite"] for row in told) else "deduit",
    )


def _named(level: str) -> pd.DataFrame:
    """Return names and populations of the territories of a level.

    `cle`, `libelle`, `population`.
    """
    rows = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle, territoire_niveau,
               territoire_code, nom, departement_code, population
        FROM territoires WHERE territoire_niveau = $level
        """,
        {"level": level},
    )
    rows["libelle"] = [territory_label(row) for row in rows.itertuples()]
    return rows[["cle", "libelle", "population"]]


def unserved_territories(
    level: str, service: str, zone: str = "", inherited: bool = True
) -> pd.DataFrame:
    """Return territories for which no organisation is known for a service: that is all it says.

    By default what is inherited counts as known; without it, territories that only lie in the
    area of an organisation are listed too, with it. `zone` keeps the territories in it. Raises
    `KeyError` for an unknown service.

    Returns `cle`, `libelle`, `population`, `lien` (missing, or a code of `links.LINK_PATHS`),
    `organismes` (of the wider territories; empty list), `constat` (in words), most people first.
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
            **_within(level, zone),
        },
    )
    rows["cle"] = rows["territoire_niveau"] + "-" + rows["territoire_code"]
    rows["libelle"] = [territory_label(row) for row in rows.itertuples()]
    none = rows["lien"].isna()
    rows["lien"] = rows["lien"].astype(object).where(~none, None)
    rows["organismes"] = [
        [] if unknown else [curly_apostrophes(name) for name in names]
        for unknown, names in zip(none, rows["organismes"], strict=True)
    ]
    rows["constat"] = [
        NO_KNOWN_ORGANISATION
        if unknown
        else f"aucun lien direct connu ; par un territoire plus large : {join_words(names)}"
        for unknown, names in zip(none, rows["organismes"], strict=True)
    ]
    return rows[["cle", "libelle", "population", "lien", "organismes", "constat"]]


def _within(level: str, zone: str) -> dict[str, object]:
    """Return parameters that keep the territories of a level in a zone (or, if it is of it.

    Itself).
    """
    if not zone:
        return {"zoned": False, "codes": []}
    place = parse_key(zone)
    own = [place.code] if place.niveau == level else []
    return {"zoned": True, "codes": [*own, *contained_codes(level, zone)]}
