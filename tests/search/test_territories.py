"""A territory is found as people type its name."""

import pytest

from comparisons.database.connection import query
from comparisons.search import territories

pytestmark = pytest.mark.usefixtures("database")


def first(text: str) -> str:
    results = territories.search_territories(text)
    return results["cle"].iloc[0] if len(results) else ""


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Ille et Vilaine", "departement-35"),
        ("bretagne", "region-53"),
        ("le mans", "commune-72181"),
        ("1", "departement-01"),
        ("974", "departement-974"),
        ("saint denis 97411", "commune-97411"),
        ("montreuil 93", "commune-93048"),
        ("departement du nord", "departement-59"),
        ("l'haÿ", "commune-94038"),
        ("oeuilly 51", "commune-51410"),
        ("communauté d’agglomération de quimper", "epci-200068120"),
        ("grand lyon", "epci-200046977"),
        ("idf", "region-11"),
    ],
)
def test_a_name_is_found_however_it_is_typed(typed, key):
    assert first(typed) == key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("strabourg", "commune-67482"),
        ("perpinian", "commune-66136"),
        ("ploremel", "commune-56165"),
        ("ile et villaine", "departement-35"),
        ("toulous", "commune-31555"),
    ],
)
def test_a_wrong_letter_is_forgiven(typed, key):
    assert first(typed) == key


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("85307", ["commune-85001"]),
        ("13201", ["commune-13055"]),
        ("69M", ["epci-200046977"]),
        ("69D", ["departement-69"]),
        ("6AE", ["departement-67", "departement-68"]),
        ("Collectivité européenne d’Alsace", ["departement-67", "departement-68"]),
        ("Thionville Fensch", ["epci-245701362", "epci-245701222"]),
        ("992367730", ["epci-245701362", "epci-245701222"]),
    ],
)
def test_codes_and_names_beside_the_reference_are_known(typed, keys):
    assert territories.search_territories(typed)["cle"].tolist() == keys


def test_a_kind_and_a_name_give_only_that_kind():
    results = territories.search_territories("cc broceliande")
    assert set(results["territoire_niveau"]) == {"epci"}
    assert all("Brocéliande" in name for name in results["nom"])
    assert len(results) == 2


def test_the_best_known_of_namesakes_comes_first_and_each_says_where_it_is():
    results = territories.search_territories("montreuil")
    assert results["cle"].iloc[0] == "commune-93048"
    words = [territories.disambiguate(row) for row in results.itertuples()]
    assert words[0] == "commune, Seine-Saint-Denis (93)"
    assert len(set(zip(results["nom"], words, strict=True))) == len(results)


def test_a_former_name_leads_to_todays_commune():
    former, key = query(
        """
        SELECT a.ancien_nom, 'commune-' || a.commune_code FROM anciennes_communes a
        WHERE a.ancien_nom = 'La Rochelle-Normande'
        """
    ).iloc[0]
    results = territories.search_territories(former)
    assert results["cle"].iloc[0] == key
    assert "avec La Rochelle-Normande" in territories.disambiguate(next(results.itertuples()))


def test_every_territory_is_found_by_its_own_name_and_place():
    """A name typed whole, with its département, gives the territory among the first eight."""
    sample = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle, nom, departement_code
        FROM territoires ORDER BY hash(territoire_niveau || territoire_code) LIMIT 150
        """
    )
    missed = [
        row.nom
        for row in sample.itertuples()
        if row.cle
        not in set(
            territories.search_territories(
                f"{row.nom} {row.departement_code or ''}".replace("nan", "")
            )["cle"]
        )
    ]
    assert missed == []


@pytest.mark.parametrize("typed", ["", "   ", "zzzqqq", "«»", "%_'; --", "🙂", "a" * 500, "\x00"])
def test_nothing_found_says_what_to_try(typed):
    assert territories.search_territories(typed).empty
    assert "Essayez" in territories.no_result_hint(typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("35000", ["commune-35238"]),
        (" 75116 ", ["commune-75056"]),
        ("35000 rennes", ["commune-35238"]),
        ("35000 brest", []),
        # the most populous first
        ("35760", ["commune-35278", "commune-35189"]),
        # an Insee code and a postal code
        ("01400", ["commune-01400", "commune-01093"]),
        ("00000", []),
    ],
)
def test_a_postal_code_finds_its_communes(typed, expected):
    assert list(territories.search_territories(typed)["cle"])[: len(expected) or 1] == expected


def test_no_territory_comes_twice():
    for typed in ("saint", "s", "la", "35", "metropole"):
        assert territories.search_territories(typed, 50)["cle"].is_unique
