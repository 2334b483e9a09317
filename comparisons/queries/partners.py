"""Partnerships: digital services that territories share through organisations."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from comparisons.database.connection import KEYS_RELATION, query
from comparisons.formatting import MISSING, format_number, format_percent, is_missing, pluralize
from comparisons.queries.large_territories import read_together
from comparisons.rows import iterate_rows
from comparisons.schema.territory import LEVEL_NOUNS

_PENDING = r"\((?:en projet|expérimentation)\)\s*$"
# Condition on `mutualisations`: a solution « (en projet) » or « (expérimentation) » is not in use.
IN_USE = f"NOT coalesce(regexp_matches(solution, '{_PENDING}'), false)"

_AREA_COLUMNS = ["aire_niveau", "nb_dans_aire", "nb_de_ce_niveau"]


def partnerships_by_territory(level: str, service: str = "", partner: str = "") -> pd.DataFrame:
    """Return whether each territory of a level shares a service, or takes part in an organisation.

    Returns `territoire_code`, `nom`, `classe` (with a partner: the territory's role; else the
    certainty `explicite` or `deduit`, followed by `_partie` where the organisations are known to
    act in a part of the territory only; `aucun` when no link is known), `detail` (who or what, and
    `format_area_share`), `part` (of the people who live in the area of the organisations, missing
    when nobody knows), `objet` (what is read: `partie du territoire`, `territoire entier`, `aire
    inconnue`; empty: no link). With a partner, `attrs["partenaire_nom"]` is its name.
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
                   coalesce(l.detail, '') AS detail
            FROM territoires t LEFT JOIN liens l USING (territoire_code)
            WHERE t.territoire_niveau = $level ORDER BY t.territoire_code
            """,
            {"level": level, "partner": partner},
        )
        rows = _with_areas(rows.merge(area_shares(partner, level), "left", "territoire_code"))
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
               n.nb_de_ce_niveau, coalesce(n.melange, false) AS melange
        FROM territoires t LEFT JOIN noms n USING (territoire_code)
        WHERE t.territoire_niveau = $level ORDER BY t.territoire_code
        """,
        {"level": level, "service": service},
    )
    return _with_areas(rows).drop(columns="melange")


def _with_areas(rows: pd.DataFrame) -> pd.DataFrame:
    """Write the area of the organisations of each row in `detail`, and what it is in `objet`."""
    linked, part = rows["classe"] != "aucun", rows["part"]
    rows.loc[linked, "detail"] = [
        row.detail + (f" ({area})" if (area := format_area_share(row)) else "")
        for row in iterate_rows(rows[linked])
    ]
    rows["objet"] = np.select(
        [~linked, part.isna(), part < 1],
        ["", "aire inconnue", "partie du territoire"],
        "territoire entier",
    )
    return rows.drop(columns=_AREA_COLUMNS)


def area_shares(partner: str, level: str) -> pd.DataFrame:
    """Return how much of each territory of a level lies in the area of an organisation.

    The same as in `services_par_territoire`: `territoire_code`, `part` (of its people; 1: the
    whole), and of a part, of which level (`aire_niveau`) how many of its territories
    (`nb_dans_aire`) out of how many (`nb_de_ce_niveau`). A territory with none has no row.
    """
    return query(
        """
        WITH aire AS (
            SELECT aire_niveau AS niveau, unnest(aire_code) AS code
            FROM partenaires WHERE partenaire_id = $partner AND aire_niveau IS NOT NULL
        ),
        entiers AS (
            SELECT t.territoire_code FROM territoires t JOIN aire a
              ON a.niveau = 'pays'
              OR (a.niveau = t.territoire_niveau AND a.code = t.territoire_code)
            WHERE t.territoire_niveau = $level
            UNION
            SELECT h.territoire_code FROM appartenances h JOIN aire a
              ON a.niveau = h.dans_niveau AND a.code = h.dans_code
            WHERE h.territoire_niveau = $level AND h.part_population >= 0.5
        ),
        morceaux AS (
            SELECT b.dans_code AS territoire_code, b.territoire_niveau AS aire_niveau,
                   count(a.code) AS nb_dans_aire, count(*) AS nb_de_ce_niveau,
                   sum(t.population) FILTER (a.code IS NOT NULL) AS population
            FROM appartenances b
            JOIN territoires t USING (territoire_niveau, territoire_code)
            LEFT JOIN aire a ON a.niveau = b.territoire_niveau AND a.code = b.territoire_code
            WHERE b.dans_niveau = $level AND b.part_population >= 0.5
              AND b.territoire_niveau IN (SELECT niveau FROM aire)
            GROUP BY ALL HAVING nb_dans_aire > 0
        )
        SELECT t.territoire_code,
               CASE WHEN e.territoire_code IS NOT NULL OR m.nb_dans_aire = m.nb_de_ce_niveau
                    THEN 1 ELSE m.population / t.population END AS part,
               m.aire_niveau, m.nb_dans_aire, m.nb_de_ce_niveau
        FROM territoires t
        LEFT JOIN entiers e USING (territoire_code)
        LEFT JOIN morceaux m USING (territoire_code)
        WHERE t.territoire_niveau = $level
          AND (e.territoire_code IS NOT NULL OR m.territoire_code IS NOT NULL)
        ORDER BY t.territoire_code
        """,
        {"partner": partner, "level": level},
    )


def served_in_part(keys: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return, by service and key, in which part of a territory its organisations act, in words.

    Only where they are known to act in a part.
    """
    rows = query(
        """
        SELECT service, cle(territoire_niveau, territoire_code) AS cle,
               part_population_aire AS part, aire_niveau, nb_dans_aire, nb_de_ce_niveau,
               nb_partenaires_cites > 0 AND nb_partenaires_deduits > 0 AS melange
        FROM services_par_territoire
        WHERE part_population_aire < 1 AND list_contains($keys, cle)
        """,
        {"keys": list(keys)},
    )
    return {(row.service, row.cle): format_area_share(row) for row in iterate_rows(rows)}


def communes_in_areas() -> dict[str, set[str]]:
    """Return the codes of the communes in the area of each organisation whose area is known.

    One that acts in the whole country has none: no commune is outside its area.
    """
    rows = query(
        """
        WITH aires AS (
            SELECT partenaire_id, aire_niveau AS niveau, unnest(aire_code) AS code
            FROM partenaires WHERE aire_niveau <> 'pays'
        )
        SELECT a.partenaire_id, h.territoire_code
        FROM aires a
        JOIN appartenances h ON h.dans_niveau = a.niveau AND h.dans_code = a.code
        WHERE h.territoire_niveau = 'commune' AND h.part_population >= 0.5
        UNION SELECT partenaire_id, code FROM aires WHERE niveau = 'commune'
        """
    )
    return rows.groupby("partenaire_id")["territoire_code"].agg(set).to_dict()


def format_area_share(row: object) -> str:
    """Describe the share of a territory in the area of its organisations; "" if it is the whole."""
    if is_missing(row.part):
        return f"aire {MISSING}e"
    if row.part >= 1:
        return ""
    qualifier = "ceux que cite une source, " if getattr(row, "melange", False) else ""
    noun = LEVEL_NOUNS[row.aire_niveau]
    return (
        f"{qualifier}sur une partie : {pluralize(int(row.nb_dans_aire), noun)} sur "
        f"{format_number(row.nb_de_ce_niveau)}, {format_percent(row.part)} des habitants"
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


@read_together("cle")
def partnerships(keys: Sequence[str], with_pending: bool = False) -> pd.DataFrame:
    """Return services some territories share, with whom, as what, and where that is said.

    Those in use; `with_pending`, projects and experiments too: to list, not to count (`in_use`).
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
               source_titre, source_editeur, source_url
        FROM concernes c
        JOIN mutualisations m USING (territoire_niveau, territoire_code)
        JOIN partenaires p USING (partenaire_id)
        JOIN sources_citees() r ON r.source_id = m.source_id
        JOIN vocabulaires v ON v.vocabulaire = 'services' AND v.code = m.service
        WHERE (c.depuis IS NULL OR m.annee_debut >= c.depuis)
          AND ($with_pending OR {IN_USE})
        ORDER BY c.ordre, v.ordre, p.nom, m.role
        """,
        {"keys": keys, "with_pending": with_pending},
    )


def in_use(links: pd.DataFrame) -> pd.DataFrame:
    """Return the links of a table (column `solution`) that are no project or experiment."""
    return links[~links["solution"].astype("string").str.contains(_PENDING, na=False)]
