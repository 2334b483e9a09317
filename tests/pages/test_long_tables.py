"""Long tables have pages, all of whose rows can be reached."""

import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest


def show_long_table() -> None:
    """Render a table of 450 rows, as a page does."""
    import pandas as pd

    from comparisons.ui.tables import text_table

    text_table(pd.DataFrame({"Nom": [f"n{number}" for number in range(450)]}))


def shown(app: AppTest) -> pd.DataFrame:
    return app.table[0].value


def test_a_long_table_is_shown_page_by_page(monkeypatch):
    app = AppTest.from_function(show_long_table).run(timeout=30)
    assert shown(app)["Nom"].tolist() == [f"n{number}" for number in range(200)]
    assert "450 lignes, en 3 pages." in [caption.value for caption in app.caption]
    # AppTest cannot click on this widget
    monkeypatch.setattr(st, "pagination", lambda page_count, key: page_count)
    assert shown(app.run())["Nom"].tolist() == [f"n{number}" for number in range(400, 450)]
