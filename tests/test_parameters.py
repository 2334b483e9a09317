"""The address is the state: what a reader shares is what the other one sees."""

import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st

from comparisons.errors import BadRequestError
from comparisons.page_parameters import (
    MAX_COMPARED,
    BasketParameters,
    ComparedParameters,
    ComparisonParameters,
    DataParameters,
    MapParameters,
    PeersParameters,
    SharedServicesParameters,
    TerritoryParameters,
    ThemesParameters,
)
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


def texts(schema: dict) -> st.SearchStrategy:
    """Texts that a parameter may take, from its JSON Schema."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema.get("pattern", "").startswith("^(region|departement|epci|commune)-"):
        return TERRITORIES
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].removeprefix("^").removesuffix("$"), fullmatch=True)
    return st.text(min_size=1, max_size=20)


def queries(view_class: type) -> st.SearchStrategy:
    """Addresses of a page: some of its parameters, with values that they take."""
    optional = {}
    for name, schema in view_class.model_json_schema()["properties"].items():
        if schema["type"] == "array":
            size = min(schema["maxItems"], 5)
            optional[name] = st.lists(
                texts(schema["items"]), unique=True, min_size=1, max_size=size
            )
        else:
            optional[name] = texts(schema).map(lambda text: [text])
    return st.fixed_dictionaries({}, optional=optional)


@pytest.mark.parametrize("view_class", VIEWS)
@settings(max_examples=tries(60), deadline=None)
@given(data=st.data())
def test_a_view_survives_its_address(view_class, data):
    query = data.draw(queries(view_class))
    view, notices = view_class.from_query(query)
    assert notices == [] and view == view_class.read_strictly(query)
    # what the address says is all that differs from the default
    written = view.to_query()
    assert written.items() <= query.items()
    assert view_class.from_query(written) == (view, [])
    assert view_class().to_query() == {} and view_class.from_query({}) == (view_class(), [])


@pytest.mark.parametrize(
    ("view_class", "query", "words"),
    [
        (MapParameters, {"niveau": ["canton"]}, ["« canton »", "niveau", "region"]),
        (MapParameters, {"famille_2": ["SDTAN"]}, ["« SDTAN »", "famille_2", "reseaux"]),
        (MapParameters, {"zone": ["departement-2C"]}, ["« departement-2C »", "un département"]),
        (MapParameters, {"annee": ["18"]}, ["« 18 »", "annee", "une année, comme 2018"]),
        (MapParameters, {"larges": ["peut-être"]}, ["« peut-être »", "larges", "oui"]),
        (MapParameters, {"bornes": ["1;" * 41]}, ["bornes", "séparés par des points-virgules"]),
        (PeersParameters, {"nombre": ["31"]}, ["« 31 »", "un nombre de 1 à 30"]),
        (TerritoryParameters, {"t": ["departement-35<script>"]}, ["departement-35<script>"]),
        (ComparisonParameters, {"t": ["departement-x"]}, ["« departement-x »", "niveau-code"]),
    ],
)
def test_a_wrong_value_is_ignored_by_pages_and_refused_by_programs(view_class, query, words):
    view, notices = view_class.from_query(query)
    assert view == view_class()
    assert len(notices) == 1
    with pytest.raises(BadRequestError) as refused:
        view_class.read_strictly(query)
    for word in words:
        assert word in notices[0] and word in str(refused.value)
    assert "ignoré" not in str(refused.value)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"x": ["1"], "montrer": [""]}, ["« x »", "t, doc, montrer", "« montrer » est vide"]),
        ({"montrer": ["tout", "commun"]}, ["« montrer » n’a qu’une valeur"]),
        ({"t": [f"departement-{code}" for code in range(10, 18)]}, ["8\xa0territoires", "6 au"]),
    ],
)
def test_programs_are_told_what_is_unknown_empty_or_too_much(query, words):
    with pytest.raises(BadRequestError) as refused:
        ComparedParameters.read_strictly(query)
    for word in words:
        assert word in str(refused.value)


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
    beside = view.replace(annee_2="2020", theme_2="mutualisation").second_map()
    assert (beside.annee, beside.theme) == ("2020", "mutualisation")
    assert (beside.niveau, beside.zone, beside.larges) == ("epci", "region-53", True)


def test_each_choice_of_the_map_beside_is_that_of_the_first_by_another_name():
    schemas = MapParameters.model_json_schema()["properties"]
    for name in [name for name in schemas if name.endswith("_2")]:
        first_name = name.removesuffix("_2")
        first, beside = ({**schemas[n], "title": "", "default": ""} for n in (first_name, name))
        assert first == beside
        value = beside["enum"][-1] if "enum" in beside else "2019"
        assert getattr(MapParameters(**{name: value}).second_map(), first_name) == value


def test_an_organisation_is_compared_with_a_service_not_with_itself():
    view = MapParameters(question="mutualisation", partenaire="p", deux=True)
    assert view.second_map().partenaire == "p"
    assert view.replace(service_2="ent").second_map().partenaire == ""


def test_a_former_address_is_still_read():
    view, notices = MapParameters.from_query({"type": ["sdtan"]})
    assert (view.famille, notices) == ("reseaux", [])


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
    basket, _ = BasketParameters.from_query(query)
    assert basket.panier == ("departement-50", "departement-14")
    assert TerritoryParameters.from_query(query) == (TerritoryParameters(t="departement-35"), [])


def test_weights_are_read_from_the_address_and_wrong_ones_are_reported():
    query = {"t": ["departement-53"], "poids": ["densite:2", "outre_mer:0", "richesse:2"]}
    view, notices = PeersParameters.from_query(query | {"nombre": ["5"], "region": ["hors"]})
    assert view.choice.poids == (("densite", 2), ("outre_mer", 0))
    assert (view.choice.nombre, view.choice.region) == (5, "hors")
    assert len(notices) == 1 and "une variable et son poids" in notices[0]
