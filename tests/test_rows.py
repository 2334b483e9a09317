"""Rows of tables as named tuples."""

import pandas as pd

from comparisons.rows import iterate_rows


def test_rows_are_those_of_pandas():
    table = pd.DataFrame(
        {"nom": ["a", None], "nb axes": [1, 2], "part": pd.array([0.5, None], "Float64")},
        index=["x", "y"],
    )
    for rows in (table, table.head(0), table[["nom"]], table[["nom", "nom"]]):
        assert repr(list(iterate_rows(rows))).replace("Row(", "Pandas(") == repr(
            list(rows.itertuples())
        )
