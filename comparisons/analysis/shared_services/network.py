"""Network of territories and organisations, as nodes and edges.

Links are those that sources state of a territory: what a twin shares with it (see
`territories.twin_explanations`) is drawn once, at the one that the source names.
"""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from comparisons.analysis.shared_services.wording import format_certainty_counts
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, join_words, pluralize
from comparisons.queries.partners import IN_USE
from comparisons.rows import iterate_rows
from comparisons.schema.territory import parse_key

TERRITORY, ORGANISATION = "territoire", "organisme"
# From most to least significant: the first of the roles of a territory is displayed.
ROLE_ORDER = ("fondateur", "membre", "porteur", "beneficiaire", "partenaire")

_ABBREVIATIONS: Mapping[str, str] = {
    r"Communauté de communes (?:de la |de l['’]|des |du |de |d['’])?": "CC ",
    r"Communauté d['’]agglomération (?:de la |de l['’]|des |du |de |d['’])?": "CA ",
    r"Communauté urbaine (?:de la |de l['’]|des |du |de |d['’])?": "CU ",
    r"^Syndicat mixte ": "SM ",
    r"^Groupement de commandes ": "GC ",
    r"^Agence départementale ": "AD ",
}


@cached
def load_network(
    service: str = "", zone: str = "", partner: str = "", level: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nodes and edges of a network, filtered by service, zone, organisation, level.

    `zone` is the key of a territory: it keeps the links of this territory and of those of which at
    least half of the population lives in it. Empty filters keep all; unknown codes keep nothing.
    Raises `ValueError` (in French) when `zone` is not of the form `niveau-code`.

    Returns nodes (`id`, `nom`, `sorte` territoire or organisme, `niveau`, `forme`, `population`,
    `taille` = number of links stated by a source, `nb_deduits` = number of links that are only
    inferred, `etiquette` = short name, `x`, `y` of the whole network, from 0 to 1) and edges, one
    per territory × organisation: `cle`, `partenaire_id`, `roles`, `services`, `solutions`,
    `source_ids` (lists), `annee_debut` (the first), number of services stated by a source
    (`nb_cites`) or not (`nb_deduits`), `certitude` (explicite when all links are).
    """
    edges = _load_edges(service, zone, partner, level)
    return _build_nodes(edges), edges


def _load_edges(service: str, zone: str, partner: str, level: str) -> pd.DataFrame:
    """Return one edge per territory × organisation in use, with roles, services and sources."""
    zone_territory = parse_key(zone) if zone else None
    return query(
        f"""
        SELECT cle(m.territoire_niveau, m.territoire_code) AS cle, m.partenaire_id,
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
            "zone_level": zone_territory.niveau if zone_territory else "",
            "code": zone_territory.code if zone_territory else "",
        },
    )


def _build_nodes(edges: pd.DataFrame) -> pd.DataFrame:
    """Build the nodes at both ends of edges (`cle`, `partenaire_id`), with their positions."""
    territories = query(
        """
        SELECT cle(territoire_niveau, territoire_code) AS id, nom, 'territoire' AS sorte,
               territoire_niveau AS niveau, '' AS forme, population, '' AS sigle
        FROM territoires
        WHERE list_contains($keys, cle(territoire_niveau, territoire_code))
        """,
        {"keys": list(dict.fromkeys(edges["cle"]))},
    )
    organisations = query(
        """
        SELECT partenaire_id AS id, nom, 'organisme' AS sorte, '' AS niveau, forme,
               NULL::INTEGER AS population, coalesce(sigle, '') AS sigle
        FROM partenaires WHERE list_contains($ids, partenaire_id)
        """,
        {"ids": list(dict.fromkeys(edges["partenaire_id"]))},
    )
    end_ids = pd.concat([edges["cle"], edges["partenaire_id"]])
    is_stated_by_node = pd.concat([edges["nb_cites"] > 0] * 2).groupby(end_ids.to_numpy())
    nodes = pd.concat([organisations, territories.sort_values("id")], ignore_index=True)
    nodes["taille"] = nodes["id"].map(is_stated_by_node.sum()).astype(int)
    nodes["nb_deduits"] = nodes["id"].map(is_stated_by_node.size()).astype(int) - nodes["taille"]
    nodes["etiquette"] = [_abbreviate_name(row.nom, row.sigle) for row in iterate_rows(nodes)]
    order = ["sorte", "taille", "nb_deduits", "population", "id"]
    ascending = [True, False, False, False, True]
    nodes = nodes.sort_values(order, ascending=ascending, ignore_index=True)
    return _with_positions(nodes.drop(columns="sigle"))


def _with_positions(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return nodes with their stored positions; those of a preview, not stored, in a spiral."""
    stored = query(
        "FROM positions_reseau WHERE list_contains($ids, noeud)", {"ids": [*nodes["id"]]}
    )
    placed = nodes.merge(stored, how="left", left_on="id", right_on="noeud").drop(columns="noeud")
    rank = placed["x"].isna().cumsum()
    for axis, coordinate in (("x", np.cos(2.4 * rank)), ("y", np.sin(2.4 * rank))):
        spiral = 0.5 + 0.02 * rank**0.5 * coordinate
        placed[axis] = placed[axis].where(placed[axis].notna(), spiral)
    return placed


def _abbreviate_name(name: str, acronym: str = "") -> str:
    """Shorten a name for a label: `CC Faucigny-Glières`, or the acronym of an organisation."""
    if acronym and len(acronym) <= 30:
        return curly_apostrophes(acronym)
    for pattern, abbreviation in _ABBREVIATIONS.items():
        name = re.sub(pattern, abbreviation, name)
    return curly_apostrophes(name)


def describe_network(nodes: pd.DataFrame, edges: pd.DataFrame) -> str:
    """Return a sentence that counts nodes, then stated and deduced links apart."""
    if edges.empty:
        return "Aucun lien connu pour ces filtres ; un service peut exister sans qu’on le sache."
    counts_by_kind = nodes["sorte"].value_counts()
    return (
        f"{pluralize(counts_by_kind[TERRITORY], 'territoire')}"
        f" et {pluralize(counts_by_kind[ORGANISATION], 'organisme')} : "
        f"{describe_link_counts(edges)}."
    )


def describe_link_counts(edges: pd.DataFrame) -> str:
    """Describe how many links a source states, and how many are only deduced."""
    stated_count = int((edges["nb_cites"] > 0).sum())
    return format_link_counts(stated_count, len(edges) - stated_count)


def format_link_counts(stated: int, deduced: int) -> str:
    """Describe two counts that are never added: `7 liens cités par une source, 57 déduits`."""
    stated_text = pluralize(stated, "lien cité", "liens cités") if stated else "aucun lien cité"
    return f"{stated_text} par une source" + (
        f", {pluralize(deduced, 'déduit')}" if deduced else ""
    )


SIZE_NOTE = (
    "La taille d’une marque suit le nombre de liens cités par une source ; les liens déduits sont "
    "dits au survol."
)


def network_alt_text(nodes: pd.DataFrame, edges: pd.DataFrame) -> str:
    """Return a text alternative of the network: counts, and most cited organisations."""
    text = f"Réseau. {describe_network(nodes, edges)}"
    if edges.empty:
        return text
    is_stated_by_organisation = edges.assign(cite=edges["nb_cites"] > 0).groupby("partenaire_id")[
        "cite"
    ]
    counts = pd.DataFrame(
        {"cites": is_stated_by_organisation.sum(), "tous": is_stated_by_organisation.size()}
    )
    counts["nom"] = counts.index.map(nodes.set_index("id")["nom"])
    most_cited = counts.sort_values(["cites", "nom"], ascending=[False, True]).head(3)
    most_cited_text = join_words(
        f"{curly_apostrophes(row.nom)} ({format_certainty_counts(row.cites, row.tous - row.cites)})"
        for row in iterate_rows(most_cited)
    )
    return f"{text} Organismes les plus cités : {most_cited_text}. Le tableau donne tous les liens."


@cached
def format_edges_table(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges with names, to be read beside the figure.

    Returns `cle`, `nom`, `niveau`, `partenaire_id`, `partenaire_nom`, `forme`, then the columns of
    the edges, in the order of names.
    """
    nodes_by_id = nodes.set_index("id")
    table = edges.assign(
        nom=edges["cle"].map(nodes_by_id["nom"]),
        niveau=edges["cle"].map(nodes_by_id["niveau"]),
        partenaire_nom=edges["partenaire_id"].map(nodes_by_id["nom"]),
        forme=edges["partenaire_id"].map(nodes_by_id["forme"]),
    )
    first_columns = ["cle", "nom", "niveau", "partenaire_id", "partenaire_nom", "forme"]
    other_columns = [column for column in edges.columns if column not in first_columns]
    return table[first_columns + other_columns].sort_values(
        ["partenaire_nom", "nom", "cle"], ignore_index=True
    )
