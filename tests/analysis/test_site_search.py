"""What a text names on the whole site, in groups."""

import pytest

from comparisons.analysis.site_search import search_site

pytestmark = pytest.mark.usefixtures("database")


def found(text: str) -> dict[str, list[str]]:
    """Return the keys or the addresses found, by group."""
    return {
        group.titre: [result.get("cle") or result["adresse"] for result in group.resultats]
        for group in search_site(text)
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("collectivité européenne d’Alsace", "departement-67"),
        ("collectivité de Corse", "region-94"),
        ("collectivité territoriale de Martinique", "region-02"),
        ("métropole de Lyon", "epci-200046977"),
        ("métropole de Rennes", "epci-243500139"),
        ("communauté de communes de Brocéliande", "epci-243500618"),
        ("conseil départemental de la Manche", "departement-50"),
    ],
)
def test_a_territory_is_found_by_what_it_is(text, key):
    assert key in found(text)["Territoires"]


@pytest.mark.parametrize(
    ("text", "group", "address"),
    [
        ("cybersécurité", "Thèmes", "/themes?partie=fiche&fiche=cybersecurite_confiance"),
        ("cibersecurite", "Thèmes", "/themes?partie=fiche&fiche=cybersecurite_confiance"),
        ("fibre", "Thèmes", "/themes?partie=fiche&fiche=infrastructures"),
        ("mégalis", "Organismes", "/mutualisation?organisme=megalis-bretagne"),
        ("sdtan mayenne", "Documents", "/territoire?t=departement-53"),
        ("cybersécurité", "Textes", "/themes?texte=cybers%C3%A9curit%C3%A9"),
    ],
)
def test_what_is_no_territory_is_found_in_its_group(text, group, address):
    groups = found(text)
    assert address in groups[group]
    # a territory with a wrong letter is not what is meant
    assert "Territoires" not in groups


@pytest.mark.parametrize("text", ["", " ", "zzzqqq", "«»", "%_'; --", "🙂", "\x00"])
def test_nothing_is_found_where_there_is_nothing(text):
    assert found(text) == {}


def test_a_limit_is_not_told_as_a_count():
    counts = {group.titre: group.compte for group in search_site("saint")}
    assert counts["Territoires"] == "8 premiers territoires"
    assert counts["Organismes"] == "1\u00a0organisme"
