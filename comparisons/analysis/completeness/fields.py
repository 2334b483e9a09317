"""Completeness of each column, and of each key fact of strategies."""

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.page_parameters import COMPARABLE_PERIMETERS
from comparisons.schema.model import Table, load_format, vocabulary_codes
from comparisons.schema.territory import LEVELS

# Key facts of a strategy.
FACTS = {
    "statut": "Statut",
    "date_adoption": "Date d’adoption",
    "periode": "Période, début et fin",
    "pilotage": "Pilotage",
    "priorite": "Au moins un axe relevé",
    "liste_sans_manque": "Axes relevés sans rang manquant",
    "montant": "Au moins un montant",
    "montant_comparable": "Un montant comparable",
    "partenaire": "Un organisme partenaire du territoire",
    "indicateur": "Un indicateur rattaché",
    "source_datee": "Source datée",
}


@cached
def completeness_by_column() -> pd.DataFrame:
    """Count the filled cells of each column of the format: `representativite_colonnes`."""
    return pd.concat(map(_count_filled_cells, load_format().tables.values()), ignore_index=True)


def _count_filled_cells(table: Table) -> pd.DataFrame:
    counts = ", ".join(f'count("{column}") AS "{column}"' for column in table.columns)
    filled_counts = query(f"SELECT count(*) AS nb_lignes, {counts} FROM {table.name}").iloc[0]
    row_count = int(filled_counts["nb_lignes"])
    return pd.DataFrame(
        {
            "table_nom": table.name,
            "table_titre": table.title,
            "colonne": field.name,
            "colonne_titre": field.title,
            "obligatoire": field.required,
            "vide_signifie": field.empty_means or None,
            "nb_lignes": row_count,
            "nb_renseignes": int(filled_counts[field.name]),
            "part": filled_counts[field.name] / row_count if row_count else None,
        }
        for field in table.fields
    ).astype({"part": float, "vide_signifie": object})


@cached
def completeness_by_fact() -> pd.DataFrame:
    """Count the strategies of which each key fact is known, by level and type.

    A comparable amount is additive, of a whole perimeter (networks, uses, the strategy): those
    that the map of money can show. Nothing tells that a list of axes is complete; one whose ranks
    go from 1 to their number has no visible gap. A partner is that of the lead territory (or of
    its twin). Returns the columns of `representativite_faits`.
    """
    rows = query(
        """
        WITH axes AS (
            SELECT strategie_id,
                   min(rang) = 1 AND max(rang) = count(*) AS liste_sans_manque
            FROM priorites GROUP BY strategie_id
        ),
        comparables AS (
            SELECT DISTINCT strategie_id FROM budgets_comparables
            WHERE list_contains($perimeters, perimetre)
        ),
        faits AS (
            SELECT s.territoire_niveau, s.type,
                   s.statut IS NOT NULL AS statut,
                   s.date_adoption IS NOT NULL AS date_adoption,
                   s.annee_debut IS NOT NULL AND s.annee_fin IS NOT NULL AS periode,
                   s.pilotage IS NOT NULL AS pilotage,
                   a.strategie_id IS NOT NULL AS priorite,
                   coalesce(a.liste_sans_manque, false) AS liste_sans_manque,
                   EXISTS (FROM budgets b WHERE b.strategie_id = s.strategie_id) AS montant,
                   c.strategie_id IS NOT NULL AS montant_comparable,
                   EXISTS (FROM services_par_territoire p
                           WHERE p.territoire_niveau = s.territoire_niveau
                             AND p.territoire_code = s.territoire_code) AS partenaire,
                   EXISTS (FROM indicateurs i WHERE i.strategie_id = s.strategie_id) AS indicateur,
                   r.date_publication IS NOT NULL AS source_datee
            FROM strategies s
            LEFT JOIN axes a USING (strategie_id)
            LEFT JOIN comparables c USING (strategie_id)
            LEFT JOIN sources r ON r.source_id = s.source_id
        ),
        comptes AS (
            SELECT territoire_niveau, type, count(*)::INTEGER AS nb_strategies,
                   count_if(COLUMNS(* EXCLUDE (territoire_niveau, type)))::INTEGER
            FROM faits GROUP BY territoire_niveau, type
        )
        FROM comptes
        ORDER BY list_position($levels, territoire_niveau), list_position($types, type)
        """,
        {
            "perimeters": list(COMPARABLE_PERIMETERS),
            "levels": list(LEVELS),
            "types": list(vocabulary_codes("types_strategie")),
        },
    )
    long = rows.melt(
        ["territoire_niveau", "type", "nb_strategies"], list(FACTS), "fait", "nb_renseignes"
    )
    return _with_shares(long)


def completeness_by_amount() -> pd.DataFrame:
    """Count the strategies of each level that give an amount, by perimeter and stage.

    Only these stand side by side (additive amounts, comparable perimeters). Returns the columns of
    `representativite_montants`, most first.
    """
    return query(
        """
        SELECT b.territoire_niveau, b.perimetre, b.etape,
               any_value(n.nb_strategies) AS nb_strategies,
               count(DISTINCT b.strategie_id)::INTEGER AS nb_renseignes,
               count(DISTINCT b.strategie_id) / any_value(n.nb_strategies) AS part
        FROM budgets_comparables b
        JOIN (SELECT territoire_niveau, count(*)::INTEGER AS nb_strategies FROM strategies
              GROUP BY territoire_niveau) n USING (territoire_niveau)
        WHERE list_contains($perimeters, b.perimetre)
        GROUP BY b.territoire_niveau, b.perimetre, b.etape
        ORDER BY list_position($levels, b.territoire_niveau), nb_renseignes DESC, b.perimetre,
                 b.etape
        """,
        {"perimeters": list(COMPARABLE_PERIMETERS), "levels": list(LEVELS)},
    )


@cached
def completeness_by_fact_and_level(facts: pd.DataFrame) -> pd.DataFrame:
    """Add up `completeness_by_fact` over types: the same columns but `type`."""
    grouped = facts.groupby(["territoire_niveau", "fait"], sort=False)
    return _with_shares(grouped[["nb_strategies", "nb_renseignes"]].sum().reset_index())


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    """Return counts with `fait_titre` after `fait`, and the share of strategies at the end."""
    table = counts.assign(part=counts["nb_renseignes"] / counts["nb_strategies"])
    table.insert(counts.columns.get_loc("fait") + 1, "fait_titre", counts["fait"].map(FACTS))
    last_columns = ["fait", "fait_titre", "nb_strategies", "nb_renseignes", "part"]
    return table[[column for column in table.columns if column not in last_columns] + last_columns]


def axis_lists_by_family() -> pd.DataFrame:
    """Count the documents of each family, and those whose list of axes is complete.

    Returns `famille`, `nb_strategies`, `nb_completes`.
    """
    return query(
        """
        SELECT e.famille, count(*)::INTEGER AS nb_strategies,
               count(*) FILTER (
                   s.liste_axes = 'complete' AND s.strategie_id IN (SELECT strategie_id FROM axes)
               )::INTEGER AS nb_completes
        FROM strategies s JOIN etats_strategies e USING (strategie_id)
        GROUP BY e.famille ORDER BY e.famille
        """
    )
