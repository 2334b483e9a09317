"""State of coverage of the territories of a level, for the maps of who has a strategy."""

import pandas as pd

from comparisons.database.connection import query
from comparisons.queries.family_subjects import is_description, speaks_first, speaks_first_of_all

# The documents known in the year, and those of each territory: the one that the map shows first.
# What is known of an overall strategy comes before all else, and a page that names no document
# stands only where no document is named.
_OWN_SQL = f"""
    etats AS (
        SELECT a.strategie_id, a.etat, d.annee_document, d.famille, d.portee, d.ordre_famille,
               s.titre, s.porteur_nom
        FROM etats_annuels a
        JOIN etats_strategies d USING (strategie_id)
        JOIN strategies s USING (strategie_id)
        WHERE a.annee = coalesce($year, (FROM jeu)) AND ($family = '' OR d.famille = $family)
    ),
    propres AS (
        SELECT t.territoire_code, t.lien, t.dans_aire, e.*,
               {is_description("e")} AS page,
               count(*) FILTER (e.famille <> 'reseaux' AND NOT {is_description("e")})
                   OVER (PARTITION BY t.territoire_code) > 0 AS hors_reseaux
        FROM territoires_couverts t JOIN etats e USING (strategie_id)
        WHERE t.territoire_niveau = $level AND t.lien <> 'aire'
        QUALIFY row_number() OVER (
            PARTITION BY t.territoire_code
            ORDER BY page, e.famille <> 'ensemble', {speaks_first_of_all("e", "t")}) = 1
    )"""
_WIDER_SQL = f"""
    englobantes AS (
        SELECT g.territoire_code, g.niveau, e.*
        FROM strategies_englobantes g
        JOIN etats e USING (strategie_id)
        JOIN etats_strategies d USING (strategie_id)
        WHERE $wider AND g.territoire_niveau = $level
          AND e.etat IN ('adoptee', 'en_revision') AND NOT {is_description("e")}
          AND e.famille = coalesce(nullif($family, ''), 'ensemble')
        QUALIFY row_number() OVER (
            PARTITION BY g.territoire_code
            ORDER BY list_position(['epci', 'departement', 'region'], g.niveau),
                     {speaks_first("e", "d")}) = 1
    )"""
# Documents of other years than the one asked, and searches.
_OTHERWISE_SQL = f"""
    autres_annees AS (
        SELECT t.territoire_code, bool_and({is_description("d")}) AS page,
               max(d.annee_document) FILTER (NOT {is_description("d")}) AS annee_document
        FROM territoires_couverts t
        JOIN etats_strategies d USING (strategie_id)
        WHERE t.territoire_niveau = $level AND t.lien <> 'aire'
          AND ($family = '' OR d.famille = $family) AND $year < (FROM jeu)
        GROUP BY t.territoire_code
    ),
    recherche AS (
        SELECT territoire_code, etat, consulte_le
        FROM dernieres_recherches WHERE territoire_niveau = $level
    )"""
# The class of the map, and what it is read in.
_CLASS_SQL = """
    CASE WHEN p.page THEN 'description'
         WHEN NOT p.dans_aire THEN 'partie_du_territoire'
         WHEN $family <> '' AND p.etat IS NOT NULL THEN p.etat
         WHEN p.famille = 'ensemble'
             THEN CASE WHEN p.etat IN ('adoptee', 'en_revision') THEN 'adoptee'
                       ELSE 'ensemble_autre' END
         WHEN p.famille IS NOT NULL
             THEN CASE WHEN p.hors_reseaux THEN 'autres_documents' ELSE 'reseaux' END
         WHEN g.niveau IS NOT NULL THEN 'couverte_' || g.niveau
         WHEN a.territoire_code IS NOT NULL
             THEN CASE WHEN a.annee_document IS NULL AND NOT a.page THEN 'sans_date'
                       ELSE 'pas_encore' END
         WHEN $family <> '' AND r.etat <> 'non_cherchee' THEN 'aucune_de_ce_type'
         ELSE r.etat END"""
_OBJECT_SQL = """
    CASE WHEN p.page OR (p.page IS NULL AND g.niveau IS NULL AND a.page)
             THEN 'page sans document'
         WHEN NOT p.dans_aire THEN p.famille || ' en partie'
         WHEN $family = '' AND p.famille = 'reseaux' AND p.hors_reseaux THEN 'reseaux et autres'
         WHEN p.famille IS NOT NULL THEN p.famille
         WHEN g.niveau IS NOT NULL THEN g.famille || ' ' || g.niveau
         WHEN a.annee_document IS NOT NULL THEN 'autre année'
         WHEN a.territoire_code IS NOT NULL THEN 'sans date'
         WHEN r.consulte_le IS NOT NULL THEN 'recherche générale'
         ELSE '' END"""


def coverage_by_territory(
    level: str, family: str = "", year: int | None = None, wider: bool = False
) -> pd.DataFrame:
    """Return state of coverage of each territory of a level, in a year (by default the dataset's).

    With a `family`, a code of `etats_couverture`: the state of the document that speaks for the
    territory in it. Without, what is known of its overall strategy: `adoptee`, `ensemble_autre`
    (known, not known as adopted then), else `autres_documents`, `reseaux` (only plans of
    networks), else why nothing is known. `partie_du_territoire`: that document is of a part (a
    former région). `description`: no document is named, a page describes
    what is done. Two more for the years before the dataset's: `pas_encore` (no document of that
    year or before), `sans_date` (those known bear no date). With `wider`, a territory without such
    a document of its own, but within the area of one in force (a dated adoption, of the same
    family), is `couverte_epci`, `couverte_departement` or `couverte_region`.

    Returns `territoire_code`, `nom`, `classe`, `strategie_id`, `titre`, `porteur` (of a wider
    document; empty when unknown), `lien`, `consulte_le`, `objet` (what the class is read in: the
    family of the document, with the level of a wider one, `en partie` of one of a part; `reseaux et
    autres`; `page sans document`; `autre année` or `sans date` for documents not placed in the
    year; `recherche générale`; empty: nothing).
    """
    return query(
        f"""
        WITH jeu AS (SELECT annee FROM jeu_de_donnees), {_OWN_SQL}, {_WIDER_SQL}, {_OTHERWISE_SQL}
        SELECT t.territoire_code, t.nom, {_CLASS_SQL} AS classe,
               coalesce(p.strategie_id, g.strategie_id) AS strategie_id,
               coalesce(p.titre, g.titre) AS titre,
               CASE WHEN p.etat IS NULL THEN coalesce(g.porteur_nom, '') ELSE '' END AS porteur,
               p.lien, r.consulte_le, {_OBJECT_SQL} AS objet
        FROM territoires t
        LEFT JOIN propres p USING (territoire_code)
        LEFT JOIN englobantes g USING (territoire_code)
        LEFT JOIN autres_annees a USING (territoire_code)
        LEFT JOIN recherche r USING (territoire_code)
        WHERE t.territoire_niveau = $level
        ORDER BY t.territoire_code
        """,
        {"level": level, "family": family, "year": year, "wider": wider},
    )
