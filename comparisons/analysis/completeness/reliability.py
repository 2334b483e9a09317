"""Reliability of facts: results of the second reading, by table and by level."""

from collections.abc import Iterable, Mapping

import pandas as pd

from comparisons.analysis.completeness.sources import level_of_facts
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import format_number
from comparisons.schema.model import code_label, load_format, vocabulary_codes
from comparisons.schema.territory import LEVELS
from comparisons.translation import FRENCH, translate

_ALL = "toutes"
_SEVERAL_LEVELS, _NO_LEVEL = "plusieurs", "aucun"
_CONFIDENCE = 0.95
_COUNTS = (
    "nb_faits", "nb_faits_relus", "nb_confirmes", "nb_corriges", "nb_retires", "nb_non_visibles",
)  # fmt: skip
_LEVEL_WORDS = {
    _SEVERAL_LEVELS: "Sources de plusieurs niveaux",
    _NO_LEVEL: "Organismes, sans niveau",
}
_NO_READING = "Aucune source n’a encore été relue."
_RELIABILITY = (
    "Sur {nb_vus} faits vus, {nb_confirmes} tenaient comme ils étaient ({taux_accord}\u00a0% ; "
    "intervalle à 95 % : {taux_accord_min} à {taux_accord_max}\u00a0%), {nb_corriges} ont été "
    "corrigés, {nb_retires} retirés ; {nb_non_visibles} n’ont pu être vus."
)
_AXES = (
    "Sur {axes} axes de {strategies} stratégies, {nommes} sont nommés, dans {strategies_nommees} "
    "stratégies."
)
_READINGS_SQL = """
    WITH faits AS ({facts}),
    faits_par_source AS (
        SELECT table_nom, source_id, count(*)::INTEGER AS nb_faits,
               CASE WHEN count(DISTINCT territoire_niveau) > 1 THEN '{several}'
                    ELSE coalesce(any_value(territoire_niveau), '{none}') END AS territoire_niveau
        FROM faits GROUP BY table_nom, source_id
    ),
    lectures AS (
        SELECT "table" AS table_nom, source_id, page_retrouvee, confirmes, corriges, retires,
               non_visibles
        FROM relectures
    )
    SELECT coalesce(f.table_nom, l.table_nom) AS table_nom,
           coalesce(f.territoire_niveau, '{none}') AS territoire_niveau,
           sum(coalesce(nb_faits, 0))::INTEGER AS nb_faits,
           sum(CASE WHEN page_retrouvee THEN nb_faits ELSE 0 END)::INTEGER AS nb_faits_relus,
           sum(coalesce(confirmes, 0))::INTEGER AS nb_confirmes,
           sum(coalesce(corriges, 0))::INTEGER AS nb_corriges,
           sum(coalesce(retires, 0))::INTEGER AS nb_retires,
           sum(coalesce(non_visibles, 0))::INTEGER AS nb_non_visibles
    FROM faits_par_source f FULL JOIN lectures l
      ON l.table_nom = f.table_nom AND l.source_id = f.source_id
    GROUP BY ALL
"""


@cached
def reliability_by_table() -> pd.DataFrame:
    """Count what the second reading gave, by table of facts; a last row for all tables.

    Returns the columns of `representativite_relectures`, with Wilson's interval at 95 %.
    """
    tables = vocabulary_codes("tables_relues")
    rows = _count_readings("table_nom", tables)
    titles = [code_label("tables_relues", code) for code in tables]
    rows.insert(1, "table_titre", [*titles, "Toutes les tables"])
    return rows


@cached
def reliability_by_level() -> pd.DataFrame:
    """Count the same by level of the territories that the source speaks of.

    Returns the columns of `representativite_relectures_niveaux`.
    """
    levels = (*LEVELS, _SEVERAL_LEVELS, _NO_LEVEL)
    rows = _count_readings("territoire_niveau", levels)
    names = [_LEVEL_WORDS.get(code) or code_label("niveaux", code) for code in levels]
    rows.insert(1, "niveau_libelle", [*names, "Tous les niveaux"])
    return rows


def describe_reliability(language: str = FRENCH) -> str:
    """Describe what the second reading gave, all tables together."""
    total_row = reliability_by_table().iloc[-1]
    if not total_row["nb_vus"]:
        return translate(_NO_READING, language)
    shares = {name: 100 * total_row[name] for name in total_row.index if name.startswith("taux_")}
    counts = {name: total_row[name] for name in total_row.index if name.startswith("nb_")}
    return _fill_in(_RELIABILITY, counts | shares, language)


def describe_axes(language: str = FRENCH) -> str:
    """Describe how many axes are named by their document, and of how many strategies."""
    row = query(
        """
        SELECT count(*) AS axes, count(*) FILTER (nomme) AS nommes,
               count(DISTINCT strategie_id) AS strategies,
               count(DISTINCT strategie_id) FILTER (nomme) AS strategies_nommees
        FROM axes
        """
    ).iloc[0]
    return _fill_in(_AXES, row.to_dict(), language)


def _fill_in(sentence: str, numbers: Mapping[str, float], language: str) -> str:
    """Return a sentence in a language, with numbers by their names."""
    words = {name: format_number(number, locale=language) for name, number in numbers.items()}
    return translate(sentence, language).format(**words)


def agreement_interval(confirmed: int, seen: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's score interval, 1927)."""
    from scipy.stats import binomtest  # slow to import, and not needed elsewhere

    interval = binomtest(confirmed, seen).proportion_ci(_CONFIDENCE, method="wilson")
    return float(interval.low), float(interval.high)


def _count_readings(column: str, order: Iterable[str]) -> pd.DataFrame:
    counts = _load_readings().groupby(column)[list(_COUNTS)].sum().reindex([*order], fill_value=0)
    counts.loc[_ALL] = counts.sum()
    seen_counts = counts[["nb_confirmes", "nb_corriges", "nb_retires"]].sum(axis=1)
    intervals = [
        agreement_interval(int(confirmed), int(total)) if total else (None, None)
        for confirmed, total in zip(counts["nb_confirmes"], seen_counts, strict=True)
    ]
    low, high = zip(*intervals, strict=True)
    return counts.assign(
        nb_vus=seen_counts,
        taux_accord=(counts["nb_confirmes"] / seen_counts).where(seen_counts > 0),
        taux_accord_min=pd.Series(low, counts.index, dtype=float),
        taux_accord_max=pd.Series(high, counts.index, dtype=float),
    ).reset_index(names=column)


def _load_readings() -> pd.DataFrame:
    tables = [load_format().tables[name] for name in vocabulary_codes("tables_relues")]
    facts = " UNION ALL ".join(
        f"SELECT '{table.name}' AS table_nom, f.source_id, {level_of_facts(table)}"
        for table in tables
    )
    return query(_READINGS_SQL.format(facts=facts, several=_SEVERAL_LEVELS, none=_NO_LEVEL))
