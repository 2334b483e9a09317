"""Openness of organisations to a territory: area of the statutes, and eligible members.

Both are recorded facts (`partenaires.aire_niveau`, `aire_code`, `ouvert_a`); what is not recorded
is not known, and then nobody is said to be welcome.
"""

import pandas as pd

from comparisons.analysis.shared_services.links import OWN_LINKS_SQL
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes
from comparisons.schema.territory import parse_key

_AREA, _ALL = "collectivites_aire", "toutes"
_CLOSED_REASONS = {
    "membres": "Réservé à ses membres.",
    "aucun": "Fermé : contrat d’une entreprise ou service interne.",
}


@cached
def openness(key: str) -> pd.DataFrame:
    """Return for every organisation whether it is open to a territory.

    Returns, indexed by `partenaire_id`: `nom`, `forme`, `ouvert_a` (missing when unknown),
    `aire_connue`, `aire_couvre` (at least half of the territory's people live in the area),
    `ouvert` (it can be joined). A collectivité's own service is never open to itself.
    """
    territory = parse_key(key)
    rows = query(
        f"""
        WITH {OWN_LINKS_SQL},
        soi AS (
            SELECT $level AS niveau, $code AS code
            UNION
            SELECT territoire_niveau, territoire_code FROM jumeaux
            WHERE relation = 'vaut_pour' AND depuis IS NULL
              AND jumeau_niveau = $level AND jumeau_code = $code
        ),
        lieux AS (
            SELECT niveau, code, 1.0 AS part FROM soi
            UNION ALL
            SELECT a.dans_niveau, a.dans_code, a.part_population
            FROM appartenances a
            JOIN soi s ON s.niveau = a.territoire_niveau AND s.code = a.territoire_code
            ANTI JOIN hors h
              ON h.territoire_niveau = a.territoire_niveau
             AND h.territoire_code = a.territoire_code
             AND h.dans_niveau = a.dans_niveau AND h.dans_code = a.dans_code
        ),
        parts AS (SELECT niveau, code, max(part) AS part FROM lieux GROUP BY niveau, code),
        aires AS (
            SELECT partenaire_id, aire_niveau, unnest(aire_code) AS code FROM partenaires
        ),
        couverts AS (
            SELECT a.partenaire_id, sum(r.part) AS part,
                   bool_and(EXISTS (FROM soi s
                                    WHERE s.niveau = a.aire_niveau AND s.code = a.code)) AS sienne
            FROM aires a LEFT JOIN parts r ON r.niveau = a.aire_niveau AND r.code = a.code
            GROUP BY a.partenaire_id
        )
        SELECT p.partenaire_id, p.nom, p.forme, p.ouvert_a,
               p.aire_niveau IS NOT NULL AS aire_connue,
               coalesce(p.aire_niveau = 'pays' OR c.part >= 0.5, false) AS aire_couvre,
               coalesce(p.forme = 'collectivite' AND c.sienne, false) AS sienne
        FROM partenaires p LEFT JOIN couverts c USING (partenaire_id)
        ORDER BY p.partenaire_id
        """,
        {"level": territory.niveau, "code": territory.code},
    ).set_index("partenaire_id")
    is_open = (rows["ouvert_a"] == _ALL) | ((rows["ouvert_a"] == _AREA) & rows["aire_couvre"])
    return rows.assign(ouvert=is_open & ~rows["sienne"]).drop(columns="sienne")


def describe_openness(row: pd.Series, territory_name: str) -> str:
    """Return a sentence on whether an organisation (a row of `openness`) can be joined."""
    name = curly_apostrophes(territory_name)
    if row["ouvert_a"] in _CLOSED_REASONS:
        return _CLOSED_REASONS[row["ouvert_a"]]
    if row["ouvert_a"] == _ALL:
        return "Ouvert à toute collectivité."
    if row["ouvert_a"] != _AREA:
        return "On ne sait pas à qui il est ouvert."
    if not row["aire_connue"]:
        return "Ouvert aux collectivités de son aire, que l’on ne connaît pas."
    if not row["aire_couvre"]:
        return f"Ouvert aux collectivités de son aire, qui ne couvre pas {name}."
    if not row["ouvert"]:
        return f"Service interne : {name} en est responsable."
    return f"Ouvert aux collectivités de son aire, qui couvre {name}."
