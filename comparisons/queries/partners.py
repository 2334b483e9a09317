"""Partnerships: digital services that territories share through organisations."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.connection import KEYS_RELATION, query
from comparisons.formatting import MISSING, format_number, format_percent, is_missing, pluralize
from comparisons.schema.territory import LEVEL_NOUNS

# Condition on `mutualisations`: a solution « (en projet) » or « (expérimentation) » is not in use.
IN_USE = r"NOT coalesce(regexp_matches(solution, '\((en projet|expérimentation)\)\s*$'), false)"


def partnerships_by_territory(level: str, service: str = "", partner: str = "") -> pd.DataFrame:
    """Return whether each territory of a level shares a service, or takes part in an organisation.

    Returns `territoire_code`, `nom`, `classe` (with a partner: the territory's role; else the
    certainty `explicite` or `deduit`, followed by `_partie` where the organisations are known to
    act in a part of the territory only; `aucun` when no link is known), `detail` (who or what),
    `objet` (what is read: `partie du territoire`, `territoire entier`, `aire inconnue`, or `lien`
    with a partner; empty: nothing).
    With a partner, `attrs["partenaire_nom"]` is its name; else `part` is the share of the people
    who live in the area of the organisations, missing when nobody knows.
    """
    if partner:
        rows = query(
            f"""
            WITH liens AS (
                SELECT territoire_code,
                       -- the strongest tie names the territory's part
                       arg_min(role, list_position(
                           ['fondateur', 'membre', 'porteur', 'beneficiaire', 'partenaire'], role)
                       ) AS classe,
                       string_agg(DISTINCT v.libelle, ', ' ORDER BY v.libelle) AS detail
                FROM mutualisations m
                JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = m.service
                WHERE territoire_niveau = $level AND partenaire_id = $partner AND {IN_USE}
                GROUP BY territoire_code
            )
            SELECT t.territoire_code, t.nom, coalesce(l.classe, 'aucun') AS classe,
                   coalesce(l.detail, '') AS detail,
                   CASE WHEN l.detail IS NULL THEN '' ELSE 'lien' END AS objet
            FROM territoires t LEFT JOIN liens l USING (territoire_code)
            WHERE t.territoire_niveau = $level ORDER BY t.territoire_code
            """,
            {"level": level, "partner": partner},
        )
        names = query("SELECT nom FROM partenaires WHERE partenaire_id = ?", [partner])["nom"]
        rows.attrs["partenaire_nom"] = names.iloc[0] if len(names) else partner
        return rows
    rows = query(
        """
        WITH noms AS (
            SELECT s.territoire_code,
                   -- one stated link is enough to say that the service is shared
                   CASE WHEN s.nb_partenaires_cites > 0 THEN 'explicite' ELSE 'deduit' END
                       || CASE WHEN s.part_population_aire < 1 THEN '_partie' ELSE '' END
                       AS classe,
                   string_agg(coalesce(p.sigle, p.nom), ', ' ORDER BY p.nom) AS detail,
                   s.part_population_aire AS part, s.aire_niveau, s.nb_dans_aire, s.nb_de_ce_niveau,
                   s.nb_partenaires_cites > 0 AND s.nb_partenaires_deduits > 0 AS melange
            FROM services_par_territoire s, unnest(s.partenaire_ids) AS u(partenaire_id)
            JOIN partenaires p USING (partenaire_id)
            WHERE s.territoire_niveau = $level AND s.service = $service
            GROUP BY ALL
        )
        SELECT t.territoire_code, t.nom, coalesce(n.classe, 'aucun') AS classe,
               coalesce(n.detail, '') AS detail, n.part, n.aire_niveau, n.nb_dans_aire,
               n.nb_de_ce_niveau, coalesce(n.melange, false) AS melange,
               CASE WHEN n.territoire_code IS NULL THEN '' WHEN n.part IS NULL THEN 'aire inconnue'
                    WHEN n.part < 1 THEN 'partie du territoire'
                    ELSE 'territoire entier' END AS objet
        FROM territoires t LEFT JOIN noms n USING (territoire_code)
        WHERE t.territoire_niveau = $level ORDER BY t.territoire_code
        """,
        {"level": level, "service": service},
    )
    rows["detail"] += [area_words(row) for row in rows.itertuples()]
    return rows.drop(columns=["aire_niveau", "nb_dans_aire", "nb_de_ce_niveau", "melange"])


def area_words(row: object) -> str:
    """Describe the share of a territory in the area of its organisations; "" if it is the whole."""
    if row.classe == "aucun":
        return ""
    if is_missing(row.part):
        return f" (aire {MISSING}e)"
    if row.part >= 1:
        return ""
    qualifier = "ceux que cite une source, " if row.melange else ""
    noun = LEVEL_NOUNS[row.aire_niveau]
    return (
        f" ({qualifier}sur une partie : {pluralize(int(row.nb_dans_aire), noun)} sur "
        f"{format_number(row.nb_de_ce_niveau)}, {format_percent(row.part)} des habitants)"
    )


def partner_counts(level: str = "") -> pd.DataFrame:
    """Return organisations that serve territories (of a level), those most cited by sources first.

    Returns `partenaire_id`, `nom`, `sigle`, `forme`, and how many territories a source says are
    linked to it (`nb_cites`), how many others are by deduction only (`nb_deduits`).
    """
    return query(
        f"""
        WITH liens AS (
            SELECT partenaire_id, territoire_niveau, territoire_code,
                   bool_or(certitude = 'explicite') AS cite
            FROM mutualisations
            WHERE ($level = '' OR territoire_niveau = $level) AND {IN_USE}
            GROUP BY partenaire_id, territoire_niveau, territoire_code
        )
        SELECT p.partenaire_id, p.nom, p.sigle, p.forme,
               count(*) FILTER (cite)::INTEGER AS nb_cites,
               count(*) FILTER (NOT cite)::INTEGER AS nb_deduits
        FROM partenaires p
        JOIN liens USING (partenaire_id)
        GROUP BY ALL
        ORDER BY nb_cites DESC, nb_deduits DESC, p.nom
        """,
        {"level": level},
    )


def service_counts(level: str) -> pd.DataFrame:
    """Return services shared by territories of a level, those most cited by sources first.

    Returns `service`, and the territories of which a source says it (`nb_cites`) or not
    (`nb_deduits`).
    """
    return query(
        """
        SELECT service,
               count(*) FILTER (nb_partenaires_cites > 0)::INTEGER AS nb_cites,
               count(*) FILTER (nb_partenaires_cites = 0)::INTEGER AS nb_deduits
        FROM services_par_territoire WHERE territoire_niveau = $level
        GROUP BY service ORDER BY nb_cites DESC, nb_deduits DESC, service
        """,
        {"level": level},
    )


def partnerships(keys: Sequence[str]) -> pd.DataFrame:
    """Return services some territories share, with whom, as what, and where that is said.

    Returns one row per territory (`cle`) × organisation × service × role: the columns of
    `mutualisations` with `partenaire_nom`, `sigle`, `forme`, `partenaire_url`, `source_titre`,
    `source_url`. A twin's links are its own.
    """
    return query(
        f"""
        WITH concernes AS (
            SELECT cle, ordre, territoire_niveau, territoire_code, NULL::INTEGER AS depuis
            FROM {KEYS_RELATION}
            UNION ALL
            SELECT a.cle, a.ordre, j.territoire_niveau, j.territoire_code, j.depuis
            FROM {KEYS_RELATION} a
            JOIN jumeaux j
              ON j.jumeau_niveau = a.territoire_niveau AND j.jumeau_code = a.territoire_code
            WHERE j.relation = 'vaut_pour'
        )
        SELECT c.cle, m.*, p.nom AS partenaire_nom, p.sigle, p.forme, p.url AS partenaire_url,
               r.titre AS source_titre, r.editeur AS source_editeur, r.url AS source_url
        FROM concernes c
        JOIN mutualisations m USING (territoire_niveau, territoire_code)
        JOIN partenaires p USING (partenaire_id)
        JOIN sources r ON r.source_id = m.source_id
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = m.service
        WHERE c.depuis IS NULL OR m.annee_debut >= c.depuis
        ORDER BY c.ordre, v.ordre, p.nom, m.role
        """,
        {"keys": list(dict.fromkeys(keys))},
    )
