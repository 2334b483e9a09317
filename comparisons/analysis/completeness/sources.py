"""Sources of the facts: kinds, ages, and certainty of the facts they state."""

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.schema.model import Table, load_format, vocabulary_codes
from comparisons.schema.territory import LEVELS

# Years between a source and the dataset: code, words, youngest and oldest age. A plan lasts about
# five years; after ten, two have followed.
AGES = (
    ("moins_2", "Moins de 2 ans", 0, 1),
    ("de_2_a_4", "De 2 à 4 ans", 2, 4),
    ("de_5_a_9", "De 5 à 9 ans", 5, 9),
    ("de_10", "10 ans et plus", 10, None),
)
UNDATED = "sans_date"
OLD_AGES = ("de_5_a_9", "de_10")


def sources_by_kind() -> pd.DataFrame:
    """Count sources by kind, with those that are dated and when they were read.

    Returns the columns of `representativite_sources`, most numerous first.
    """
    return query(
        """
        SELECT r.type, count(*)::INTEGER AS nb_sources,
               count(*) / sum(count(*)) OVER () AS part,
               count(date_publication)::INTEGER AS nb_datees,
               count(date_publication) / count(*) AS part_datees,
               min(date_publication) AS premiere_publication,
               max(date_publication) AS derniere_publication,
               min(consulte_le) AS premiere_consultation,
               max(consulte_le) AS derniere_consultation,
               sum((SELECT count(*) FROM strategies s WHERE s.source_id = r.source_id))::INTEGER
                   AS nb_strategies
        FROM sources r
        GROUP BY r.type ORDER BY nb_sources DESC, r.type
        """
    )


@cached
def sources_by_age() -> pd.DataFrame:
    """Count sources, and the strategies they state, by the age of the source.

    Ages are in years up to that of the dataset, never that of the clock. Returns one row per band
    of `AGES`, the youngest first, then one for what bears no date: `representativite_ages`.
    """
    year = int(query("SELECT annee FROM jeu_de_donnees")["annee"].iloc[0])
    rows = query(
        """
        SELECT try_cast(left(r.date_publication, 4) AS INTEGER) AS annee,
               count(DISTINCT r.source_id)::INTEGER AS nb_sources,
               count(s.strategie_id)::INTEGER AS nb_strategies
        FROM sources r LEFT JOIN strategies s USING (source_id)
        GROUP BY annee
        """
    )
    age = (year - rows["annee"]).clip(lower=0)
    bands = [
        (code, title, None if oldest is None else year - oldest, year - youngest,
         (age >= youngest) & ((age <= oldest) if oldest is not None else True))
        for code, title, youngest, oldest in AGES
    ]  # fmt: skip
    bands.append((UNDATED, "Sans date", None, None, age.isna()))
    counts = ["nb_sources", "nb_strategies"]
    table = pd.DataFrame(
        [(*band, *rows.loc[is_in_band, counts].sum()) for *band, is_in_band in bands],
        columns=["tranche", "tranche_titre", "annee_debut", "annee_fin", *counts],
    ).astype({"annee_debut": "Int64", "annee_fin": "Int64"})
    for name in ("sources", "strategies"):
        counts_of_kind = table[f"nb_{name}"]
        shares = counts_of_kind / counts_of_kind.sum()
        table.insert(table.columns.get_loc(f"nb_{name}") + 1, f"part_{name}", shares)
    return table


@cached
def certainty_counts() -> pd.DataFrame:
    """Count the facts that a source states and those that were inferred, by table and level.

    Returns the columns of `representativite_certitudes`.
    """
    tables = [table for table in load_format().tables.values() if "certitude" in table.columns]
    parts = " UNION ALL ".join(
        f"SELECT '{table.name}' AS table_nom, f.certitude, {level_of_facts(table)}"
        for table in tables
    )
    rows = query(
        f"""
        SELECT table_nom, territoire_niveau, certitude, count(*)::INTEGER AS nb_lignes,
               count(*) / sum(count(*)) OVER (PARTITION BY table_nom, territoire_niveau) AS part
        FROM ({parts}) GROUP BY table_nom, territoire_niveau, certitude
        ORDER BY list_position($tables, table_nom), list_position($levels, territoire_niveau),
                 list_position($certainties, certitude)
        """,
        {
            "tables": [table.name for table in tables],
            "levels": list(LEVELS),
            "certainties": list(vocabulary_codes("certitudes")),
        },
    )
    titles = {table.name: table.title for table in tables}
    rows.insert(1, "table_titre", rows["table_nom"].map(titles))
    return rows


def level_of_facts(table: Table) -> str:
    """Write where the level of a fact is read, in SQL: `territoire_niveau FROM …`.

    It is that of its strategy, else that of its row; an organisation has none. (An indicator may
    name a strategy, an amount a part of its area.)
    """
    has_own_level = "territoire_niveau" in table.columns
    if has_own_level and table.field("territoire_niveau").required:
        return f"f.territoire_niveau FROM {table.name} f"
    if "strategie_id" not in table.columns:
        return f"NULL AS territoire_niveau FROM {table.name} f"
    return f"s.territoire_niveau FROM {table.name} f JOIN strategies s USING (strategie_id)"
