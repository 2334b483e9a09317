"""The address is the state: what a reader shares is what the other one sees."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.format import codes
from comparisons.territories import Territory, parse_key
from comparisons.view import MAX_COMPARED, ComparisonView, MapView, TerritoryView

VIEWS = (MapView, TerritoryView, ComparisonView)
TERRITORIES = st.sampled_from(
    ["departement-35", "departement-2A", "region-53", "epci-243500139", "commune-35238"]
)


def values(parameter) -> st.SearchStrategy:
    """Values that a parameter may take."""
    rules = parameter.metadata
    if rules.get("territory"):
        one = TERRITORIES
    elif rules.get("flag"):
        one = st.booleans()
    elif "allowed" in rules:
        allowed = rules["allowed"]
        one = st.sampled_from(codes(allowed) if isinstance(allowed, str) else allowed)
    elif "pattern" in rules:
        one = st.from_regex(rules["pattern"], fullmatch=True)
    else:
        one = st.text(min_size=1, max_size=20)
    if rules.get("many"):
        return st.lists(one, unique=True, max_size=min(rules["many"], 5)).map(tuple)
    return st.just(parameter.default) | one


@pytest.mark.parametrize("view_class", VIEWS)
@given(data=st.data())
def test_a_view_survives_its_address(view_class, data):
    chosen = {p.name: data.draw(values(p), label=p.name) for p in fields(view_class)}
    view = view_class(**chosen)
    query = view.to_query()
    assert view_class.from_query(query) == (view, [])
    # what the address says is all that differs from the default
    assert set(query) == {p.name for p in fields(view) if chosen[p.name] != p.default}


@pytest.mark.parametrize("view_class", VIEWS)
def test_the_default_view_has_a_bare_address(view_class):
    assert view_class().to_query() == {}
    assert view_class.from_query({}) == (view_class(), [])


@pytest.mark.parametrize(
    ("view_class", "query", "words"),
    [
        (MapView, {"niveau": ["canton"]}, ["« canton »", "niveau", "region"]),
        (MapView, {"type": ["SDTAN"]}, ["« SDTAN »", "sdtan"]),
        (MapView, {"theme": ["tous"]}, ["« tous »", "inclusion_mediation"]),
        (TerritoryView, {"t": ["35"]}, ["« 35 »", "departement-35"]),
        (ComparisonView, {"t": ["departement-x"]}, ["« departement-x »", "niveau-code"]),
        (TerritoryView, {"t": ["departement-35<script>"]}, ["departement-35<script>"]),
    ],
)
def test_a_wrong_value_is_ignored_and_said_so(view_class, query, words):
    view, notices = view_class.from_query(query)
    assert view == view_class()
    assert len(notices) == 1
    for word in words:
        assert word in notices[0]


def test_right_values_beside_a_wrong_one_are_kept():
    view, notices = ComparisonView.from_query({"t": ["departement-35", "rien", "region-53"]})
    assert view.t == ("departement-35", "region-53")
    assert len(notices) == 1


def test_unknown_parameters_are_left_alone():
    assert MapView.from_query({"utm_source": ["lettre"]}) == (MapView(), [])


@pytest.mark.parametrize(
    "query",
    [
        ["departement-50", "departement-14"],
        ["departement-50,departement-14"],
        ["departement-50, departement-14,", "departement-50"],
    ],
)
def test_territories_are_repeated_or_separated_by_commas(query):
    view, notices = ComparisonView.from_query({"t": query})
    assert (view.t, notices) == (("departement-50", "departement-14"), [])


def test_only_so_many_are_kept_and_it_is_said():
    keys = [f"departement-{code}" for code in range(10, 20)]
    documents = [f"document-{i}" for i in range(20)]
    view, notices = ComparisonView.from_query({"t": keys, "doc": documents})
    assert view.t == tuple(keys[:MAX_COMPARED])
    assert view.doc == tuple(documents[: 2 * MAX_COMPARED])
    assert "6 premiers territoires" in notices[0] and "12 premiers documents" in notices[1]


def test_a_territory_is_written_level_and_code():
    assert parse_key(" epci-243500139 ") == Territory("epci", "243500139")
    assert Territory("departement", "2A").key == "departement-2A"
    with pytest.raises(ValueError, match="niveau-code"):
        parse_key("departement-")
