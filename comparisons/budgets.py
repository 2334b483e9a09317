"""Money of strategies: only amounts of one perimeter and one stage stand side by side."""

from collections.abc import Sequence

import pandas as pd

from comparisons.warehouse import query


def per_head_by_territory(
    level: str, perimeter: str, stage: str, measure: str = "total", year: int | None = None
) -> pd.DataFrame:
    """€ per inhabitant of each territory of a level, for one perimeter × stage.

    The amounts are those of the most recent strategy known in `year` (by default the dataset's),
    led at this level (or by a twin), that gives any; additive rows of that one strategy are
    summed. `measure` is `total` (amounts of a whole period) or `par_an` (yearly amounts of the
    last period that has any, or a total divided by its years when all are known).

    Returns `territoire_code`, `nom`, `valeur` (missing when unknown), `strategie_id`, `titre`,
    `montant` (€), `population` (covered), `annee_debut`, `annee_fin`.
    """
    return query(
        """
        WITH sommes AS (
            SELECT strategie_id, population, recurrence IS NOT NULL AS annuel,
                   sum(montant) AS montant,
                   -- a sum has a period only if all its parts have one
                   CASE WHEN count(annee_debut) = count(*) THEN min(annee_debut) END AS annee_debut,
                   CASE WHEN count(annee_fin) = count(*) THEN max(annee_fin) END AS annee_fin
            FROM budgets_comparables
            WHERE perimetre = $perimeter AND etape = $stage
            -- what is paid each year of one period is not added to what is of another
            GROUP BY strategie_id, population, annuel,
                     CASE WHEN recurrence IS NOT NULL THEN [annee_debut, annee_fin] END
        ),
        mesures AS (
            SELECT *, CASE
                WHEN $measure = 'total' AND NOT annuel THEN montant / population
                WHEN $measure = 'par_an' AND annuel THEN montant / population
                WHEN $measure = 'par_an' AND annee_debut IS NOT NULL AND annee_fin IS NOT NULL
                    THEN montant / population / (annee_fin - annee_debut + 1)
            END AS valeur
            FROM sommes
        ),
        retenues AS (
            SELECT t.territoire_code, m.*, s.titre
            FROM mesures m
            JOIN strategies s USING (strategie_id)
            JOIN etats_strategies e USING (strategie_id)
            JOIN territoires_couverts t USING (strategie_id)
            JOIN etats_annuels y USING (strategie_id)
            WHERE y.annee = coalesce($year, (SELECT annee FROM jeu_de_donnees))
              AND m.valeur IS NOT NULL AND t.territoire_niveau = $level
              AND (s.territoire_niveau = $level OR t.lien = 'jumeau')
              -- the amount of a former région is not painted over the whole of today's
              AND t.dans_aire
            QUALIFY row_number() OVER (
                PARTITION BY t.territoire_code
                ORDER BY e.annee_document DESC NULLS LAST, m.annuel DESC, s.strategie_id,
                         m.annee_fin DESC NULLS LAST, m.annee_debut DESC NULLS LAST) = 1
        )
        SELECT t.territoire_code, t.nom, round(r.valeur, 2) AS valeur, r.strategie_id, r.titre,
               r.montant, r.population, r.annee_debut, r.annee_fin
        FROM territoires t
        LEFT JOIN retenues r USING (territoire_code)
        WHERE t.territoire_niveau = $level
        ORDER BY t.territoire_code
        """,
        {
            "level": level,
            "perimeter": perimeter,
            "stage": stage,
            "measure": measure,
            "year": year,
        },
    )


def available(level: str) -> pd.DataFrame:
    """How many strategies of a level give an amount, per perimeter × stage, most first."""
    return query(
        """
        SELECT perimetre, etape, count(DISTINCT strategie_id)::INTEGER AS nb_strategies
        FROM budgets_comparables WHERE territoire_niveau = $level
        GROUP BY perimetre, etape ORDER BY nb_strategies DESC, perimetre, etape
        """,
        {"level": level},
    )


def amounts(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Every amount of some strategies, wholes before their parts, with their source.

    Returns the columns of `budgets` with `titre`, `population` (covered), `profondeur` (0 for an
    additive amount, 1 for a part of it ...), `source_titre`, `source_url`.
    """
    return query(
        """
        WITH RECURSIVE arbre AS (
            SELECT budget_id, 0 AS profondeur, [budget_id] AS chemin
            FROM budgets WHERE inclus_dans IS NULL
            UNION ALL
            SELECT b.budget_id, a.profondeur + 1, list_append(a.chemin, b.budget_id)
            FROM budgets b JOIN arbre a ON b.inclus_dans = a.budget_id
        )
        SELECT b.*, s.titre, p.population, a.profondeur,
               r.titre AS source_titre, r.editeur AS source_editeur, r.url AS source_url
        FROM budgets b
        JOIN arbre a USING (budget_id)
        JOIN strategies s USING (strategie_id)
        LEFT JOIN populations_strategies p USING (strategie_id)
        JOIN sources r ON r.source_id = b.source_id
        WHERE list_contains($ids, b.strategie_id)
        ORDER BY list_position($ids, b.strategie_id), a.chemin
        """,
        {"ids": list(strategy_ids)},
    )


def comparable(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Rows of `budgets_comparables` of some strategies, in the order asked."""
    return query(
        """
        SELECT * FROM budgets_comparables
        WHERE list_contains($ids, strategie_id)
        ORDER BY list_position($ids, strategie_id), perimetre, etape, recurrence, annee_debut
        """,
        {"ids": list(strategy_ids)},
    )
