"""Tables of representativeness: completeness of the data, and supported conclusions.

`levels` counts territories and people, `fields` cells and facts, `sources` their sources;
`reliability` compares the two readings, `missing_map` maps what is missing. `conclusions` lists
what may and may not be concluded (`evidence` holds the thresholds, `rules_…` the rules). `TABLES`
has every table to download by its name.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from comparisons.analysis.completeness.conclusions import current_conclusions
from comparisons.analysis.completeness.fields import (
    completeness_by_amount,
    completeness_by_column,
    completeness_by_fact,
    completeness_by_fact_and_level,
)
from comparisons.analysis.completeness.levels import (
    completeness_by_level,
    completeness_by_level_and_type,
)
from comparisons.analysis.completeness.missing_map import completeness_layer
from comparisons.analysis.completeness.reliability import reliability_by_level, reliability_by_table
from comparisons.analysis.completeness.sources import (
    certainty_counts,
    sources_by_age,
    sources_by_kind,
)
from comparisons.analysis.replies import reply_rates
from comparisons.database.cache import cached
from comparisons.queries.sources import links_by_state
from comparisons.schema.registry import table_columns
from comparisons.schema.territory import LEVELS


@cached
def _territories_by_knowledge() -> pd.DataFrame:
    """Describe how far each territory of each level is known, as the maps of what is missing do."""
    return pd.concat([completeness_layer(level).data for level in LEVELS], ignore_index=True)


def _current_facts_by_level() -> pd.DataFrame:
    """Count the strategies of each level of which each key fact is known, whatever their type."""
    return completeness_by_fact_and_level(completeness_by_fact())


def _current_conclusions_table() -> pd.DataFrame:
    """Return what may and may not be concluded, as a table."""
    columns = table_columns("representativite_conclusions")
    return pd.DataFrame(current_conclusions(), columns=columns)


TABLES: Mapping[str, Callable[[], pd.DataFrame]] = MappingProxyType(
    {
        "representativite_niveaux": completeness_by_level,
        "representativite_types": completeness_by_level_and_type,
        "representativite_territoires": _territories_by_knowledge,
        "representativite_faits": completeness_by_fact,
        "representativite_faits_niveaux": _current_facts_by_level,
        "representativite_montants": completeness_by_amount,
        "representativite_colonnes": completeness_by_column,
        "representativite_sources": sources_by_kind,
        "representativite_ages": sources_by_age,
        "representativite_certitudes": certainty_counts,
        "representativite_relectures": reliability_by_table,
        "representativite_relectures_niveaux": reliability_by_level,
        "representativite_liens": links_by_state,
        "representativite_reponses": reply_rates,
        "representativite_conclusions": _current_conclusions_table,
    }
)
