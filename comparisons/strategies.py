"""Strategies of territories: who has one, which documents, which priorities."""

from collections.abc import Sequence

import pandas as pd

from comparisons.warehouse import query

# From the state one would name first to the kinds of not knowing.
STATE_ORDER = (
    "adoptee",
    "en_revision",
    "statut_inconnu",
    "en_elaboration",
    "terminee",
    "partielle",
    "non_trouvee",
    "non_cherchee",
)


def coverage_by_territory(level: str, strategy_type: str = "toutes") -> pd.DataFrame:
    """State of coverage of each territory of a level.

    Returns `territoire_code`, `nom`, `classe` (code of `etats_couverture`: the best over all types
    when `strategy_type` is `toutes`), `strategie_id`, `titre`, `lien`, `consulte_le`.
    """
    return query(
        """
        SELECT t.territoire_code, t.nom, c.etat AS classe, c.strategie_id, s.titre, c.lien,
               c.consulte_le
        FROM couverture c
        JOIN territoires t USING (territoire_niveau, territoire_code)
        LEFT JOIN strategies s USING (strategie_id)
        LEFT JOIN etats_strategies e USING (strategie_id)
        WHERE c.territoire_niveau = $level AND ($type = 'toutes' OR c.type = $type)
        QUALIFY row_number() OVER (
            PARTITION BY t.territoire_code
            ORDER BY list_position($order, c.etat), e.annee_document DESC NULLS LAST,
                     c.strategie_id) = 1
        ORDER BY t.territoire_code
        """,
        {"level": level, "type": strategy_type, "order": list(STATE_ORDER)},
    )


def theme_by_territory(level: str, theme: str) -> pd.DataFrame:
    """Whether each territory of a level sets a theme as a priority.

    Returns `territoire_code`, `nom`, `classe` (`en_cours`, `passee`, `absente`, `inconnue`: no
    priority is recorded), `meilleur_rang`, `intitules` (list, empty when none).
    """
    rows = query(
        """
        SELECT t.territoire_code, t.nom,
               CASE WHEN p.theme IS NULL THEN 'inconnue'
                    WHEN p.presence_en_cours THEN 'en_cours'
                    WHEN p.presence THEN 'passee'
                    ELSE 'absente' END AS classe,
               p.meilleur_rang, coalesce(p.intitules, []) AS intitules
        FROM territoires t
        LEFT JOIN priorites_par_theme p
          ON p.territoire_niveau = t.territoire_niveau
         AND p.territoire_code = t.territoire_code AND p.theme = $theme
        WHERE t.territoire_niveau = $level
        ORDER BY t.territoire_code
        """,
        {"level": level, "theme": theme},
    )
    return rows


def documents(keys: Sequence[str]) -> pd.DataFrame:
    """All strategies of some territories, the one to show by default first.

    Returns one row per territory (`cle`) × strategy: the columns of `strategies` with `etat`,
    `annee_document`, `remplacee_par_titre`, `lien`, `population` (covered), `nb_priorites`
    (recorded), `rang` (1 = default) and its source (`source_titre`, `source_editeur`,
    `source_url`, `source_date`, `source_consulte_le`).
    """
    return query(
        """
        SELECT t.territoire_niveau || '-' || t.territoire_code AS cle, t.lien, s.*,
               e.etat, e.etat_deduit, e.annee_document, e.remplacee_par,
               n.titre AS remplacee_par_titre, p.population,
               (SELECT count(*) FROM priorites x WHERE x.strategie_id = s.strategie_id)
                   AS nb_priorites,
               r.titre AS source_titre, r.editeur AS source_editeur, r.url AS source_url,
               r.date_publication AS source_date, r.consulte_le AS source_consulte_le,
               row_number() OVER (
                   PARTITION BY t.territoire_niveau, t.territoire_code
                   ORDER BY list_position($order, e.etat), e.annee_document DESC NULLS LAST,
                            s.strategie_id) AS rang
        FROM territoires_couverts t
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        LEFT JOIN populations_strategies p USING (strategie_id)
        LEFT JOIN strategies n ON n.strategie_id = e.remplacee_par
        JOIN sources r ON r.source_id = s.source_id
        WHERE t.lien <> 'aire'
          AND list_contains($keys, t.territoire_niveau || '-' || t.territoire_code)
        ORDER BY list_position($keys, t.territoire_niveau || '-' || t.territoire_code), rang
        """,
        {"keys": list(keys), "order": list(STATE_ORDER)},
    )


def wider(key: str) -> pd.DataFrame:
    """Strategies of wider territories that cover one, and are not its own.

    Returns `strategie_id`, `titre`, `etat`, `annee_document`, `cle` and `nom` (of the territory
    that leads it), those in force first.
    """
    return query(
        """
        WITH ici AS (
            SELECT territoire_niveau, territoire_code FROM territoires
            WHERE territoire_niveau || '-' || territoire_code = $key
        ),
        autour AS (
            SELECT a.dans_niveau AS territoire_niveau, a.dans_code AS territoire_code
            FROM appartenances a JOIN ici USING (territoire_niveau, territoire_code)
            WHERE a.part_population >= 0.5
        ),
        concernees AS (
            SELECT t.strategie_id FROM territoires_couverts t
            JOIN autour USING (territoire_niveau, territoire_code) WHERE t.dans_aire
            UNION
            SELECT t.strategie_id FROM territoires_couverts t
            JOIN ici USING (territoire_niveau, territoire_code) WHERE t.lien = 'aire'
            EXCEPT
            SELECT t.strategie_id FROM territoires_couverts t
            JOIN ici USING (territoire_niveau, territoire_code) WHERE t.lien <> 'aire'
        )
        SELECT s.strategie_id, s.titre, e.etat, e.annee_document,
               s.territoire_niveau || '-' || s.territoire_code AS cle, p.nom
        FROM concernees
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        JOIN territoires p
          ON p.territoire_niveau = s.territoire_niveau AND p.territoire_code = s.territoire_code
        WHERE NOT EXISTS (  -- where its leader does not act: the Rhône in the Métropole de Lyon
            SELECT 1 FROM jumeaux j
            WHERE j.relation = 'hors' AND j.territoire_niveau = s.territoire_niveau
              AND j.territoire_code = s.territoire_code
              AND coalesce(e.annee_document >= j.depuis, true)
              AND (j.jumeau_niveau, j.jumeau_code) IN (
                  SELECT (territoire_niveau, territoire_code) FROM ici
                  UNION ALL SELECT (territoire_niveau, territoire_code) FROM autour))
        ORDER BY list_position($order, e.etat), e.annee_document DESC NULLS LAST, s.strategie_id
        """,
        {"key": key, "order": list(STATE_ORDER)},
    )


def priorities(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Priorities of some strategies in their official words, with their source.

    Returns the columns of `priorites` with `titre` (of the strategy), `nb_axes` (priorities
    recorded for it), `source_titre`, `source_url`.
    """
    return query(
        """
        SELECT p.*, s.titre, count(*) OVER (PARTITION BY p.strategie_id) AS nb_axes,
               r.titre AS source_titre, r.editeur AS source_editeur, r.url AS source_url
        FROM priorites p
        JOIN strategies s USING (strategie_id)
        JOIN sources r ON r.source_id = p.source_id
        WHERE list_contains($ids, p.strategie_id)
        ORDER BY list_position($ids, p.strategie_id), p.rang
        """,
        {"ids": list(strategy_ids)},
    )


def indicators(keys: Sequence[str]) -> pd.DataFrame:
    """Measured and targeted values of some territories, with their source."""
    return query(
        """
        SELECT i.territoire_niveau || '-' || i.territoire_code AS cle, i.*,
               r.titre AS source_titre, r.editeur AS source_editeur, r.url AS source_url
        FROM indicateurs i
        JOIN sources r ON r.source_id = i.source_id
        WHERE list_contains($keys, i.territoire_niveau || '-' || i.territoire_code)
        ORDER BY list_position($keys, i.territoire_niveau || '-' || i.territoire_code),
                 i.indicateur, i.libelle, i.annee
        """,
        {"keys": list(keys)},
    )


def last_search(keys: Sequence[str]) -> pd.DataFrame:
    """The last time each territory was looked up, with what result; no row = never."""
    return query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle, resultat, consulte_le, note
        FROM recherches
        WHERE list_contains($keys, territoire_niveau || '-' || territoire_code)
        QUALIFY row_number() OVER (PARTITION BY cle ORDER BY consulte_le DESC) = 1
        """,
        {"keys": list(keys)},
    )
