"""The network of territories and of the bodies they pool their means with, as nodes and edges.

Links are those that sources state of a territory: what a twin shares with it (see
`territories.twin_explanations`) is drawn once, at the one that the source names.
"""

import re
from collections.abc import Mapping

import pandas as pd

from comparisons.analysis.shared_services.wording import told_words
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, join_words, pluralize
from comparisons.queries.partners import IN_USE
from comparisons.schema.territory import parse_key

TERRITORY, BODY = "territoire", "organisme"
# From the most telling to the least: the first of a list names the part that a territory takes.
ROLE_ORDER = ("fondateur", "membre", "porteur", "beneficiaire", "partenaire")

_SHORTER: Mapping[str, str] = {
    r"Communauté de communes (?:de la |de l['’]|des |du |de |d['’])?": "CC ",
    r"Communauté d['’]agglomération (?:de la |de l['’]|des |du |de |d['’])?": "CA ",
    r"Communauté urbaine (?:de la |de l['’]|des |du |de |d['’])?": "CU ",
    r"^Syndicat mixte ": "SM ",
    r"^Groupement de commandes ": "GC ",
    r"^Agence départementale ": "AD ",
}


def load_edges(
    service: str = "", zone: str = "", partner: str = "", level: str = ""
) -> pd.DataFrame:
    """Return the edges of `network`."""
    place = parse_key(zone) if zone else None
    return query(
        f"""
        SELECT m.territoire_niveau || '-' || m.territoire_code AS cle, m.partenaire_id,
               list_sort(list(DISTINCT m.role)) AS roles,
               list_sort(list(DISTINCT m.service)) AS services,
               coalesce(list_sort(list(DISTINCT m.solution) FILTER (m.solution IS NOT NULL)), [])
                   AS solutions,
               list_sort(list(DISTINCT m.source_id)) AS source_ids,
               min(m.annee_debut) AS annee_debut,
               count(DISTINCT m.service) FILTER (m.certitude = 'explicite')::INTEGER AS nb_cites,
               (count(DISTINCT m.service)
                - count(DISTINCT m.service) FILTER (m.certitude = 'explicite'))::INTEGER
                   AS nb_deduits,
               CASE WHEN bool_and(m.certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END
                   AS certitude
        FROM mutualisations m
        WHERE {IN_USE}
          AND ($service = '' OR m.service = $service)
          AND ($partner = '' OR m.partenaire_id = $partner)
          AND ($level = '' OR m.territoire_niveau = $level)
          AND ($code = ''
               OR (m.territoire_niveau = $zone_level AND m.territoire_code = $code)
               OR EXISTS (FROM appartenances a
                          WHERE a.territoire_niveau = m.territoire_niveau
                            AND a.territoire_code = m.territoire_code
                            AND a.dans_niveau = $zone_level AND a.dans_code = $code
                            AND a.part_population >= 0.5))
        GROUP BY m.territoire_niveau, m.territoire_code, m.partenaire_id
        ORDER BY cle, m.partenaire_id
        """,
        {
            "service": service,
            "partner": partner,
            "level": level,
            "zone_level": place.niveau if place else "",
            "code": place.code if place else "",
        },
    )


def build_nodes(edges: pd.DataFrame) -> pd.DataFrame:
    """Describe both ends of some edges (`cle`, `partenaire_id`): nodes without places."""
    territories = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS id, nom, 'territoire' AS sorte,
               territoire_niveau AS niveau, '' AS forme, population, '' AS sigle
        FROM territoires
        WHERE list_contains($keys, territoire_niveau || '-' || territoire_code)
        """,
        {"keys": list(dict.fromkeys(edges["cle"]))},
    )
    bodies = query(
        """
        SELECT partenaire_id AS id, nom, 'organisme' AS sorte, '' AS niveau, forme,
               NULL::INTEGER AS population, coalesce(sigle, '') AS sigle
        FROM partenaires WHERE list_contains($ids, partenaire_id)
        """,
        {"ids": list(dict.fromkeys(edges["partenaire_id"]))},
    )
    ends = pd.concat([edges["cle"], edges["partenaire_id"]])
    stated = pd.concat([edges["nb_cites"] > 0] * 2).groupby(ends.to_numpy())
    nodes = pd.concat([bodies, territories.sort_values("id")], ignore_index=True)
    nodes["taille"] = nodes["id"].map(stated.sum()).astype(int)
    nodes["nb_deduits"] = nodes["id"].map(stated.size()).astype(int) - nodes["taille"]
    nodes["etiquette"] = [abbreviate_name(row.nom, row.sigle) for row in nodes.itertuples()]
    order = ["sorte", "taille", "nb_deduits", "population", "id"]
    ascending = [True, False, False, False, True]
    nodes = nodes.sort_values(order, ascending=ascending, ignore_index=True)
    return nodes.drop(columns="sigle").assign(x=0.0, y=0.0)


def abbreviate_name(name: str, acronym: str = "") -> str:
    """Shorten a name for a label: `CC Faucigny-Glières`, or the acronym of a body."""
    if acronym and len(acronym) <= 30:
        return curly_apostrophes(acronym)
    for long, short in _SHORTER.items():
        name = re.sub(long, short, name)
    return curly_apostrophes(name)


def describe_network(nodes: pd.DataFrame, edges: pd.DataFrame) -> str:
    """Describe how many territories and bodies are linked, stated links and deduced ones apart."""
    if edges.empty:
        return "Aucun lien connu pour ces filtres ; un service peut exister sans qu’on le sache."
    kinds = nodes["sorte"].value_counts()
    return (
        f"{pluralize(kinds[TERRITORY], 'territoire')} et {pluralize(kinds[BODY], 'organisme')} : "
        f"{links_words(edges)}."
    )


def links_words(edges: pd.DataFrame) -> str:
    """Describe how many links a source states, and how many are only deduced."""
    stated = int((edges["nb_cites"] > 0).sum())
    return counted_links(stated, len(edges) - stated)


def counted_links(stated: int, deduced: int) -> str:
    """Describe two counts that are never added: `7 liens cités par une source, 57 déduits`."""
    first = pluralize(stated, "lien cité", "liens cités") if stated else "aucun lien cité"
    return f"{first} par une source" + (f", {pluralize(deduced, 'déduit')}" if deduced else "")


SIZES = (
    "La taille d’une marque suit le nombre de liens cités par une source ; les liens déduits sont "
    "dits au survol."
)


def alternative_text(nodes: pd.DataFrame, edges: pd.DataFrame) -> str:
    """Describe the network for those who cannot see it: counts, and the most cited bodies."""
    said = f"Réseau. {describe_network(nodes, edges)}"
    if edges.empty:
        return said
    stated = edges.assign(cite=edges["nb_cites"] > 0).groupby("partenaire_id")["cite"]
    counts = pd.DataFrame({"cites": stated.sum(), "tous": stated.size()})
    counts["nom"] = counts.index.map(nodes.set_index("id")["nom"])
    most = counts.sort_values(["cites", "nom"], ascending=[False, True]).head(3)
    first = join_words(
        f"{curly_apostrophes(row.nom)} ({told_words(row.cites, row.tous - row.cites)})"
        for row in most.itertuples()
    )
    return f"{said} Organismes les plus cités : {first}. Le tableau donne tous les liens."


def format_edges_table(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges with names, to be read beside the figure.

    Returns `cle`, `nom`, `niveau`, `partenaire_id`, `partenaire_nom`, `forme`, then the columns of
    the edges, in the order of names.
    """
    known = nodes.set_index("id")
    table = edges.assign(
        nom=edges["cle"].map(known["nom"]),
        niveau=edges["cle"].map(known["niveau"]),
        partenaire_nom=edges["partenaire_id"].map(known["nom"]),
        forme=edges["partenaire_id"].map(known["forme"]),
    )
    first = ["cle", "nom", "niveau", "partenaire_id", "partenaire_nom", "forme"]
    rest = [column for column in edges.columns if column not in first]
    return table[first + rest].sort_values(["partenaire_nom", "nom", "cle"], ignore_index=True)
