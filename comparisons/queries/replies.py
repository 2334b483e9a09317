"""What territories reply about the facts that are published on them."""

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.schema.change_kinds import KEY_SEPARATOR
from comparisons.schema.model import load_format

# Tables whose facts a territory is asked about, in the order of its sheet; by territory, those that
# may be of no document.
_BY_DOCUMENT = ("strategies", "priorites", "budgets")
_BY_TERRITORY = ("mutualisations", "indicateurs")


def fact_key(table: str, alias: str) -> str:
    """Return the SQL of the key of a row, its columns joined as in the list of changes."""
    columns = ", ".join(
        f"coalesce(CAST({alias}.{name} AS VARCHAR), '')"
        for name in load_format().tables[table].primary_key
    )
    return f"concat_ws('{KEY_SEPARATOR}', {columns})"


def facts_about(key: str) -> pd.DataFrame:
    """Return the facts of a territory (`niveau-code`): `table_nom`, `fait` (the key of a row).

    They are those of the documents that it leads, then its shared services and its indicators.
    """
    parts = [
        f"SELECT {rank} AS ordre, '{table}' AS table_nom, {fact_key(table, table)} AS fait "
        f"FROM {table} WHERE strategie_id IN (SELECT strategie_id FROM strategies "
        "WHERE cle(territoire_niveau, territoire_code) = $key)"
        for rank, table in enumerate(_BY_DOCUMENT)
    ] + [
        f"SELECT {rank}, '{table}', {fact_key(table, table)} FROM {table} "
        "WHERE cle(territoire_niveau, territoire_code) = $key"
        for rank, table in enumerate(_BY_TERRITORY, len(_BY_DOCUMENT))
    ]
    rows = query(f"{' UNION ALL '.join(parts)} ORDER BY ordre, fait", {"key": key})
    return rows.drop(columns="ordre")


def replies_of(key: str) -> pd.DataFrame:
    """Return the rows of `reponses` of a territory, in the order of the format's tables."""
    return query(
        """
        SELECT * FROM reponses WHERE cle(territoire_niveau, territoire_code) = $key
        ORDER BY list_position($tables, "table"), fait
        """,
        {"key": key, "tables": list(load_format().tables)},
    )


@cached
def replies_by_level() -> pd.DataFrame:
    """Count the replies of each level that was asked.

    Returns `territoire_niveau`, `nb_territoires_demandes`, `nb_territoires_repondu`,
    `nb_faits_demandes`, `nb_exacts`, `nb_completes`, `nb_contestes`, `nb_ne_sait_pas`.
    """
    return query(
        """
        SELECT territoire_niveau,
               count(DISTINCT territoire_code)::INTEGER AS nb_territoires_demandes,
               count(DISTINCT territoire_code) FILTER (avis IS NOT NULL)::INTEGER
                   AS nb_territoires_repondu,
               count(*)::INTEGER AS nb_faits_demandes,
               count(*) FILTER (avis = 'exact')::INTEGER AS nb_exacts,
               count(*) FILTER (avis = 'complete')::INTEGER AS nb_completes,
               count(*) FILTER (avis = 'inexact')::INTEGER AS nb_contestes,
               count(*) FILTER (avis = 'ne_sait_pas')::INTEGER AS nb_ne_sait_pas
        FROM reponses GROUP BY territoire_niveau
        """
    )
