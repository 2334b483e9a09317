"""Who is competent for what: never « non renseigné », nor proposed, what is another's duty."""

import csv

import pytest

from comparisons.analysis import competences as words
from comparisons.analysis.comparison.comparison import compare
from comparisons.analysis.shared_services import coverage, matching
from comparisons.analysis.shared_services.links import effective_links
from comparisons.queries import competences
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS, parse_key
from comparisons.settings import REFERENCE_DIR

pytestmark = pytest.mark.usefixtures("database")

SCHOOL_SERVICES = ("ent", "ecole_numerique")


def rows() -> list[dict]:
    with (REFERENCE_DIR / "competences.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_service_and_theme_has_a_rule_at_every_level():
    keys = [(r["objet_type"], r["objet_code"], r["degre"], r["territoire_niveau"]) for r in rows()]
    expected = {
        (f"{kind}", code, degree, level)
        for kind in ("service", "theme")
        for code in vocabulary_codes(f"{kind}s")
        for degree in (competences.DEGREES if code in SCHOOL_SERVICES else ("",))
        for level in LEVELS
    }
    assert len(keys) == len(set(keys)) and set(keys) == expected
    for row in rows():
        assert row["competence"] in ("obligatoire", "possible", "sans_objet")
        assert row["certitude"] in ("explicite", "deduit") and row["reference"]
        # a rule that was read says where
        assert row["source_url"].startswith("http") or row["certitude"] == "deduit"


@pytest.mark.parametrize(
    ("key", "levels"),
    [
        ("departement-35", ("departement",)),
        ("region-94", ("region", "departement")),
        ("region-03", ("region", "departement")),
        ("departement-75", ("departement", "commune")),
        ("epci-200046977", ("epci", "departement")),
        ("departement-67", ("departement",)),
    ],
)
def test_territories_that_are_two_things_have_both_powers(key, levels):
    assert competences.levels_of_powers(key) == levels


def test_school_levels_are_told_apart():
    assert competences.degrees_of("ent", "region-53") == {"lycees"}
    assert competences.degrees_of("ent", "departement-35") == {"colleges"}
    assert competences.degrees_of("ent", "commune-35238") == {"ecoles"}
    assert competences.degrees_of("ent", "region-94") == {"lycees", "colleges"}
    # it may help écoles, but what is known of it is about its collèges
    assert competences.degrees_of("ecole_numerique", "departement-35") == {"colleges", "ecoles"}
    assert competences.known_degrees("ecole_numerique", "departement-35") == {"colleges"}
    assert competences.degrees_of("grc", "commune-35238") == {""}


def test_a_comparison_of_levels_says_whose_duty_it_is():
    keys = ("commune-35238", "departement-35", "region-52")
    cells = compare(tuple(map(parse_key, keys))).section("services")
    states = cells.set_index(["ligne", "cle"])[["etat", "texte"]]
    assert states.loc[("ent_lycees", "departement-35")].tolist() == [
        "sans_objet",
        "du ressort de la région",
    ]
    assert states.loc[("ecole_numerique_colleges", "commune-35238")].tolist() == [
        "sans_objet",
        "du ressort du département",
    ]
    assert states.loc[("ent_lycees", "region-52")]["etat"] == "renseigne"
    assert "ent" not in set(cells["ligne"])
    assert set(cells.loc[cells["etat"] == "sans_objet", "ligne"]) <= {
        f"{service}_{degree}" for service in SCHOOL_SERVICES for degree in competences.DEGREES
    }
    assert "L. 214-6" in words.describe_rule("ent", "lycees").replace("\u00a0", " ")
    assert "relevé le 28 novembre 2026" in words.describe_rule("ent", "lycees")


def test_territories_of_one_level_have_one_row_that_names_their_schools():
    cells = compare(tuple(map(parse_key, ("departement-49", "departement-53")))).section("services")
    row = cells[cells["ligne"] == "ent"]
    assert list(row["libelle"].unique()) == ["Espace numérique de travail (collèges)"]
    assert not (cells["etat"] == "sans_objet").any()


@pytest.mark.parametrize("key", ["commune-35238", "epci-243500139", "departement-53", "region-52"])
def test_what_is_another_level_s_duty_is_never_proposed(key):
    links = effective_links(inherited=False)
    own_links = effective_links(level=parse_key(key).niveau, keys=[key])
    for service in SCHOOL_SERVICES:
        for row in matching.find_partners(key, service).itertuples():
            of_row = links[(links["service"] == service) & (
                links["partenaire_id"].isin(row.organismes) if isinstance(row.cle, float)
                else links["cle"] == row.cle
            )]  # fmt: skip
            known = [competences.known_degrees(service, other) for other in of_row["cle"]]
            assert not known or any(competences.degrees_of(service, key) & each for each in known)
        # nor is it inherited
        inherited = own_links[(own_links["service"] == service) & (own_links["lien"] != "direct")]
        for via in inherited["via"]:
            assert competences.degrees_of(service, key) & competences.known_degrees(service, via)


def test_a_share_is_of_those_concerned():
    table = coverage.service_coverage("departement").set_index("service")
    assert (table["nb_territoires"] == 101).all()
    row = table.loc["grc"].copy()
    row["service"], row["nb_territoires"] = "grc", 0
    sentence = coverage.describe_service_coverage(row, "departement")
    assert "du ressort de la région" in sentence and "aucun organisme" not in sentence


def test_duties_come_first_and_the_stronger_of_two_powers_holds():
    table = words.duties_table("departement-75")
    kinds = list(table["Doit ou peut"])
    assert kinds == sorted(kinds)  # « Doit », then « Peut »
    by_title = table.set_index("Service ou thème")["Doit ou peut"]
    assert by_title.loc["Équipement numérique des écoles (écoles)"] == "Doit"
    assert by_title.index.is_unique
    assert "commune" in words.duties_note("departement-75")
    assert not words.duties_note("departement-35").startswith("Ce territoire")
