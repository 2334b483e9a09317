"""The address is the state: what a reader shares is what the other one sees."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparisons.parameters import (
    MAX_COMPARED,
    BasketParameters,
    ComparisonParameters,
    DataParameters,
    MapParameters,
    PeersParameters,
    SharedServicesParameters,
    TerritoryParameters,
    ThemesParameters,
)
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import Territory, parse_key

VIEWS = (
    MapParameters,
    TerritoryParameters,
    ComparisonParameters,
    PeersParameters,
    SharedServicesParameters,
    ThemesParameters,
    DataParameters,
    BasketParameters,
)
TERRITORIES = st.sampled_from(
    ["departement-35", "departement-2A", "region-53", "epci-243500139", "commune-35238"]
)


def values(parameter) -> st.SearchStrategy:
    """Values that a parameter may take."""
    rules = parameter.metadata
    if rules.get("territory"):
        strategy = TERRITORIES
    elif rules.get("flag"):
        strategy = st.booleans()
    elif "allowed" in rules:
        allowed = rules["allowed"]
        strategy = st.sampled_from(
            vocabulary_codes(allowed) if isinstance(allowed, str) else allowed
        )
    elif "pattern" in rules:
        strategy = st.from_regex(rules["pattern"], fullmatch=True)
    else:
        strategy = st.text(min_size=1, max_size=20)
    if rules.get("many"):
        return st.lists(strategy, unique=True, max_size=min(rules["many"], 5)).map(tuple)
    return st.just(parameter.default) | strategy


@pytest.mark.parametrize("view_class", VIEWS)
@settings(max_examples=60, deadline=None)
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
        (MapParameters, {"niveau": ["canton"]}, ["« canton »", "niveau", "region"]),
        (MapParameters, {"famille": ["SDTAN"]}, ["« SDTAN »", "reseaux"]),
        (MapParameters, {"theme": ["tous"]}, ["« tous »", "inclusion_mediation"]),
        (MapParameters, {"zone": ["epci-243500139"]}, ["« epci-243500139 »", "zone", "une région"]),
        (MapParameters, {"zone": ["departement-2C"]}, ["« departement-2C »", "un département"]),
        (MapParameters, {"annee": ["18"]}, ["« 18 »", "annee", "une année"]),
        (MapParameters, {"annee_2": ["3026"]}, ["« 3026 »", "annee_2", "comme 2018"]),
        (MapParameters, {"larges": ["peut-être"]}, ["« peut-être »", "larges", "oui"]),
        (MapParameters, {"deux": ["1"]}, ["« 1 »", "deux", "oui"]),
        (MapParameters, {"mesure": ["moyenne"]}, ["« moyenne »", "total ou par_an"]),
        (
            MapParameters,
            {"methode": ["jenks"]},
            ["« jenks »", "quantiles", "naturelles", "propres"],
        ),
        (MapParameters, {"classes": ["12"]}, ["« 12 »", "3, 4, 5, 6 ou 7"]),
        (
            MapParameters,
            {"bornes": ["dix;vingt"]},
            ["« dix;vingt »", "séparés par des points-virgules"],
        ),
        (MapParameters, {"bornes": ["1;" * 41]}, ["bornes"]),
        (MapParameters, {"famille_2": ["SDTAN"]}, ["« SDTAN »", "famille_2", "reseaux"]),
        (ComparisonParameters, {"famille": ["sdtan"]}, ["« sdtan »", "famille", "tout"]),
        (MapParameters, {"theme_2": ["x"]}, ["« x »", "theme_2", "donnees"]),
        (MapParameters, {"perimetre_2": ["action"]}, ["« action »", "perimetre_2", "usages"]),
        (MapParameters, {"etape_2": ["x"]}, ["« x »", "etape_2", "vote"]),
        (MapParameters, {"service_2": ["x"]}, ["« x »", "service_2", "ent"]),
        (BasketParameters, {"panier": ["35"]}, ["« 35 »", "departement-35"]),
        (TerritoryParameters, {"t": ["35"]}, ["« 35 »", "departement-35"]),
        (ComparisonParameters, {"t": ["departement-x"]}, ["« departement-x »", "niveau-code"]),
        (TerritoryParameters, {"t": ["departement-35<script>"]}, ["departement-35<script>"]),
    ],
)
def test_a_wrong_value_is_ignored_and_said_so(view_class, query, words):
    view, notices = view_class.from_query(query)
    assert view == view_class()
    assert len(notices) == 1
    for word in words:
        assert word in notices[0]


def test_right_values_beside_a_wrong_one_are_kept():
    view, notices = ComparisonParameters.from_query({"t": ["departement-35", "rien", "region-53"]})
    assert view.t == ("departement-35", "region-53")
    assert len(notices) == 1


def test_unknown_parameters_are_left_alone():
    assert MapParameters.from_query({"utm_source": ["lettre"]}) == (MapParameters(), [])


@pytest.mark.parametrize(
    "query",
    [
        ["departement-50", "departement-14"],
        ["departement-50,departement-14"],
        ["departement-50, departement-14,", "departement-50"],
    ],
)
def test_territories_are_repeated_or_separated_by_commas(query):
    view, notices = ComparisonParameters.from_query({"t": query})
    assert (view.t, notices) == (("departement-50", "departement-14"), [])


def test_only_so_many_are_kept_and_it_is_said():
    keys = [f"departement-{code}" for code in range(10, 20)]
    documents = [f"document-{i}" for i in range(20)]
    view, notices = ComparisonParameters.from_query({"t": keys, "doc": documents})
    assert view.t == tuple(keys[:MAX_COMPARED])
    assert view.doc == tuple(documents[: 2 * MAX_COMPARED])
    assert "6 premiers territoires" in notices[0] and "12 premiers documents" in notices[1]


def test_a_territory_is_written_level_and_code():
    assert parse_key(" epci-243500139 ") == Territory("epci", "243500139")
    assert Territory("departement", "2A").key == "departement-2A"
    with pytest.raises(ValueError, match="niveau-code"):
        parse_key("departement-")


# --- the map beside -------------------------------------------------------------------------------


def test_the_map_beside_differs_only_in_what_is_chosen_for_it():
    view = MapParameters(
        niveau="epci", zone="region-53", theme="donnees", annee="2015", larges=True
    )
    assert view.second_map() == view
    beside = replace(view, annee_2="2020", theme_2="mutualisation").second_map()
    assert (beside.annee, beside.theme) == ("2020", "mutualisation")
    assert (beside.niveau, beside.zone, beside.larges) == ("epci", "region-53", True)


@pytest.mark.parametrize("name", [f.name for f in fields(MapParameters) if f.name.endswith("_2")])
def test_each_choice_of_the_map_beside_is_that_of_the_first_by_another_name(name):
    allowed = next(f for f in fields(MapParameters) if f.name == name).metadata.get("allowed")
    value = allowed[-1] if allowed else "2019"
    beside = MapParameters(**{name: value}).second_map()
    first_name = name.removesuffix("_2")
    assert getattr(beside, first_name) == value
    assert MapParameters.from_query({first_name: [value]})[1] == []


def test_an_organisation_is_compared_with_a_service_not_with_itself():
    view = MapParameters(question="mutualisation", partenaire="p", deux=True)
    assert view.second_map().partenaire == "p"
    assert replace(view, service_2="ent").second_map().partenaire == ""


def test_a_shared_address_of_two_maps_is_short_and_plain():
    view = MapParameters(
        question="budget", deux=True, annee="2018", bornes="10 ; 50", methode="propres"
    )
    assert view.to_query() == {
        "question": ["budget"],
        "annee": ["2018"],
        "methode": ["propres"],
        "bornes": ["10 ; 50"],
        "deux": ["oui"],
    }


def test_the_basket_stands_beside_the_view_of_any_page():
    query = {"panier": ["departement-50,departement-14"], "t": ["departement-35"]}
    assert BasketParameters.from_query(query) == (
        BasketParameters(("departement-50", "departement-14")),
        [],
    )
    assert TerritoryParameters.from_query(query) == (TerritoryParameters("departement-35"), [])


def test_weights_are_read_from_the_address_and_wrong_ones_are_reported():
    query = {"t": ["departement-53"], "poids": ["densite:2", "outre_mer:0", "richesse:2"]}
    view, notices = PeersParameters.from_query(query | {"nombre": ["5"], "region": ["hors"]})
    assert view.choice.poids == (("densite", 2), ("outre_mer", 0))
    assert (view.choice.nombre, view.choice.region) == (5, "hors")
    assert len(notices) == 1 and "une variable et son poids" in notices[0]
