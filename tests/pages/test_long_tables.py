"""Long tables have pages, all of whose rows can be reached."""

import math
import re

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from comparisons.analysis.shared_services import matching
from comparisons.analysis.shared_services.organisations import list_organisations
from comparisons.schema.model import vocabulary_codes
from comparisons.text_similarity import tokenize
from comparisons.ui.tables import LIST_ROWS


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
    assert "450\u00a0lignes, en 3\u00a0pages." in [caption.value for caption in app.caption]
    # AppTest cannot click on this widget
    monkeypatch.setattr(st, "pagination", lambda page_count, **options: page_count)
    assert shown(app.run())["Nom"].tolist() == [f"n{number}" for number in range(400, 450)]


@pytest.mark.parametrize("order", ["Nom", "Territoires, du plus au moins", "Siège"])
def test_every_organisation_is_reached_by_the_pages_of_the_directory(visit, monkeypatch, order):
    organisations = list_organisations()
    names = []
    for page in range(1, math.ceil(len(organisations) / LIST_ROWS) + 1):
        monkeypatch.setattr(st, "pagination", lambda page_count, page=page, **options: page)
        visit.open("mutualisation", partie="organismes")
        visit.app.selectbox[3].set_value(order)
        names += list(visit.run().table_with("Contact")["Organisme"])
    ids = [re.search("organisme=([^)]*)", name)[1] for name in names]
    rows = organisations.set_index("partenaire_id").loc[ids]
    assert sorted(ids) == sorted(organisations["partenaire_id"])
    match order:
        case "Nom":
            assert ids == list(organisations["partenaire_id"])
        case "Siège":
            seats = rows["siege_nom"].dropna().map(lambda text: " ".join(tokenize(text)))
            assert seats.is_monotonic_increasing
        case _:
            assert rows["nb_cites"].dropna().is_monotonic_decreasing


@pytest.mark.parametrize("key", ["departement-50", "commune-35238", "epci-200023414"])
def test_the_needs_of_a_territory_name_those_that_each_need_finds(database, key):
    rows = matching.partners_by_service(key)
    assert sorted(rows["service"]) == sorted(vocabulary_codes("services"))
    for row in rows.itertuples():
        found = matching.find_partners(key, row.service)
        found = found[found["sorte"] == matching.ORGANISATION]
        assert row.accueillent == sorted(
            found.loc[found["liste"] == matching.HOSTS, "partenaire_id"]
        )
        assert row.en_lien == sorted(found.loc[found["direct"].astype(bool), "partenaire_id"])
