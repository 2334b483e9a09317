"""The tables that a query may read, and their columns."""

import pandas as pd

from comparisons.schema.model import duckdb_type
from comparisons.schema.registry import tables


def column_catalog() -> pd.DataFrame:
    """Describe every column: `table`, `colonne`, `type` (as SQL names it), `titre`."""
    return pd.DataFrame(
        [
            (table.name, field.name, duckdb_type(field), field.title)
            for table in tables().values()
            for field in table.fields
        ],
        columns=["table", "colonne", "type", "titre"],
    )
