"""Check that the short form is expanded into the tables of the format, with located problems."""

from dataclasses import replace

import pandas as pd
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package_files import build_workbook, csv_table

from comparisons.datapackage.reader import read_package, read_upload
from comparisons.datapackage.short_form.partners import build_partner_index, load_partner_index
from comparisons.datapackage.short_form.table import load_short_form
from comparisons.datapackage.validation.validator import validate
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR

VALID = FORMAT_DIR / "exemples" / "valide-court"
LINE = {
    "territoire_code": "35238",
    "titre": "Feuille de route numérique",
    "type": "strategie_numerique",
    "url": "https://www.exemple.fr/feuille.pdf",
    "maj_le": "2026-11-23",
}

AMOUNT = {"montant_total": "1000", "montant_etape": "vote", "montant_perimetre": "usages"}


def form(*lines: dict) -> bytes:
    return csv_table(lines).encode()


def problem_locations(package) -> list[tuple]:
    problems = package.in_source_coordinates(validate(package).problems)
    return [(problem.line, problem.column, problem.code) for problem in problems]


def locations_of_line(**cells: str) -> list[tuple]:
    return problem_locations(read_upload(form(LINE | cells), "court.csv"))


def row(package, table: str, position: int = 0) -> dict:
    return {k: v for k, v in package.tables[table].iloc[position].to_dict().items() if v}


def test_valid_example_has_no_problem():
    package = read_package(VALID)
    assert problem_locations(package) == []
    assert validate(package).is_valid


def test_one_line_expands_to_the_rows_of_all_tables():
    package = read_package(VALID)
    name = "departement-53-sdusn-2021"
    evidence = {"certitude": "explicite", "source_id": f"{name}-source"}
    assert row(package, "strategies") == {
        "strategie_id": name,
        "territoire_niveau": "departement",
        "territoire_code": "53",
        "titre": "Exemple : stratégie départementale des usages numériques 2021-2026",
        "type": "sdusn",
        "portee": "ensemble",
        "nature_document": "strategie_votee",
        "liste_axes": "complete",
        "statut": "adoptee",
        "date_adoption": "2021-06-24",
        "porteur_siren": "225300011",
        **evidence,
    }
    assert row(package, "sources") == {
        "source_id": f"{name}-source",
        "url": "https://exemple.fr/strategie-2021.pdf",
        "titre": "Exemple : stratégie départementale des usages numériques 2021-2026",
        "editeur": "exemple.fr",
        "type": "institutionnel",
        "consulte_le": "2026-11-23",
    }
    assert row(package, "priorites", 1) == {
        "strategie_id": name,
        "rang": "2",
        "intitule": "Exemple : partager les outils des communes",
        "theme": "mutualisation",
        **evidence,
    }
    assert row(package, "budgets") == {
        "budget_id": f"{name}-total",
        "strategie_id": name,
        "perimetre": "usages",
        "libelle": "Montant total",
        "etendue": "ensemble",
        "etape": "vote",
        "annee_debut": "2021",
        "annee_fin": "2026",
        "financeur_type": "multiple",
        "montant": "1200000",
        **evidence,
    }
    links = package.tables["mutualisations"]
    assert links[["partenaire_id", "service", "role", "certitude"]].to_numpy().tolist() == [
        ["metropole-aix-marseille-provence", "cybersecurite", "beneficiaire", "explicite"],
        ["adico", "logiciels_metiers", "partenaire", "deduit"],
    ]
    assert package.descriptor["contributors"][0]["email"] == "numerique@exemple.fr"


def test_empty_cells_of_a_line_stay_empty():
    package = read_package(VALID)
    strategy = row(package, "strategies", 1)
    assert strategy["strategie_id"] == "epci-200055887-strategie_numerique"
    assert strategy["territoire_niveau"] == "epci"
    assert not {"annee_debut", "date_adoption", "porteur_siren", "pilotage"} & set(strategy)
    assert set(package.tables["budgets"]["strategie_id"]) == {"departement-53-sdusn-2021"}


def test_published_partner_is_copied_with_its_source():
    package = read_package(VALID)
    published = load_partner_index()
    for partner in package.tables["partenaires"].to_dict("records"):
        original = published.by_id[partner["partenaire_id"]]
        assert {k: v for k, v in partner.items() if v} == {k: v for k, v in original.items() if v}
        assert partner["source_id"] in set(package.tables["sources"]["source_id"])


@pytest.mark.parametrize(
    ("code", "level"),
    [("35238", "commune"), ("35", "departement"), ("2A", "departement"), ("243500139", "epci")],
)
def test_level_is_deduced_from_an_unambiguous_code(code, level):
    package = read_upload(form(LINE | {"territoire_code": code}), "court.csv")
    assert row(package, "strategies")["territoire_niveau"] == level
    assert problem_locations(package) == []


@pytest.mark.parametrize("code", ["53", "01", "1", "94"])
def test_level_is_required_if_two_territories_have_the_code(code):
    assert (2, "territoire_niveau", "formulaire-court") in locations_of_line(territoire_code=code)


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"titre": ""}, "titre", "valeur-obligatoire-absente"),
        ({"maj_le": ""}, "maj_le", "valeur-obligatoire-absente"),
        ({"maj_le": "hier"}, "maj_le", "date-mal-formee"),
        ({"url": "notre site"}, "url", "adresse-mal-formee"),
        ({"type": "plan"}, "type", "code-inconnu"),
        ({"territoire_code": "35999"}, "territoire_code", "territoire-inconnu"),
        ({"porteur_siren": "225300012"}, "porteur_siren", "siren-invalide"),
        ({"priorites": "Former les agents"}, "priorites", "valeur-obligatoire-absente"),
        ({"priorites": "[donnees]"}, "priorites", "valeur-obligatoire-absente"),
        ({"priorites": "A [donnees] B [donnees]"}, "priorites", "valeur-obligatoire-absente"),
        ({"priorites": "Ouvrir [ouverture_totale]"}, "priorites", "code-inconnu"),
        ({"montant_etape": "vote"}, "montant_total", "inconnu-ecrit"),
        ({"montant_total": "NC"}, "montant_total", "inconnu-ecrit"),
        ({"partenaires": "NA"}, "partenaires", "inconnu-ecrit"),
        ({"montant_total": "1000", "montant_etape": "vote"}, "montant_perimetre", None),
        (AMOUNT | {"montant_annees": "2009-12"}, "montant_annees", "annee-mal-formee"),
        (AMOUNT | {"montant_annees": "juin 2021"}, "montant_annees", "annee-mal-formee"),
        (AMOUNT | {"montant_annees": "2021-26"}, "montant_annees", "valeur-interpretee"),
        ({"partenaires": "adico"}, "partenaires", "valeur-obligatoire-absente"),
        ({"partenaires": "adico [magie]"}, "partenaires", "code-inconnu"),
        ({"partenaires": "adico [grc, ami]"}, "partenaires", "code-inconnu"),
        ({"partenaires": "225300011 [grc]"}, "partenaires", "reference-absente"),
        ({"contact_generique": "la mairie"}, "contact_generique", "formulaire-court"),
        ({"contact_generique": "zoe.durand@exemple.fr"}, "contact_generique", "formulaire-court"),
    ],
)
def test_problems_are_located_at_the_line_and_column_of_the_form(cells, column, code):
    locations = locations_of_line(**cells)
    assert (2, column, code or "valeur-obligatoire-absente") in locations
    assert {line for line, _, _ in locations} == {2}
    assert {name for _, name, _ in locations} <= set(load_short_form().columns)
    assert len(locations) == len(set(locations))


def test_likely_theme_is_suggested_in_the_syntax_of_the_form():
    package = read_upload(
        form(LINE | {"priorites": "A [donnees] | Former les agents"}), "court.csv"
    )
    missing = next(p for p in validate(package).problems if p.code == "valeur-obligatoire-absente")
    suggested = replace(
        missing,
        line=package.tables["priorites"].index[1],
        column="theme",
        remedy="Thème probable.",
        suggestion="competences_agents_elus",
    )
    (problem,) = package.in_source_coordinates([suggested])
    assert (problem.line, problem.column, problem.value) == (2, "priorites", "Former les agents")
    assert "Former les agents [competences_agents_elus]" in problem.remedy
    assert problem.suggestion == ""  # the cell holds another priority too


def test_inverted_years_are_located_in_the_form():
    cells = {"montant_total": "500", "montant_etape": "vote", "montant_perimetre": "strategie"}
    assert locations_of_line(**cells, montant_annees="2026-2021") == [
        (2, "montant_annees", "annees-inversees")
    ]


@pytest.mark.parametrize(
    ("typed", "converted"),
    [
        ("12 500 000", "12500000"),
        ("12\u202f500\u00a0000 €", "12500000"),
        ("1500,50", "1500.50"),
        ("0", "0"),
    ],
)
def test_usual_amounts_are_converted(typed, converted):
    cells = {"montant_total": typed, "montant_etape": "vote", "montant_perimetre": "usages"}
    package = read_upload(form(LINE | cells), "court.csv")
    assert row(package, "budgets")["montant"] == converted
    assert problem_locations(package) == []


def test_ambiguous_amount_is_refused():
    cells = {"montant_etape": "vote", "montant_perimetre": "usages"}
    assert (2, "montant_total", "montant-non-numerique") in locations_of_line(
        montant_total="entre 1 et 2", **cells
    )


def test_repeated_strategy_is_reported_once():
    assert problem_locations(read_upload(form(LINE, LINE), "court.csv")) == [
        (3, "territoire_code", "cle-en-double")
    ]


def test_title_and_note_around_the_lines_are_ignored():
    rows = [["Nos plans"], list(LINE), list(LINE.values()), ["Source : nos services"]]
    package = read_upload(build_workbook({"court": rows}), "x.xlsx")
    assert package.tables["strategies"]["titre"].tolist() == ["Feuille de route numérique"]
    assert problem_locations(package) == [
        (1, "", "lignes-hors-table"),
        (4, "", "lignes-hors-table"),
    ]


def test_missing_and_unknown_columns_are_reported():
    content = form({"territoire_code": "35238", "titre": "Plan", "maj_le": "2026", "couleur": "x"})
    assert problem_locations(read_upload(content, "mon-fichier.csv")) == [
        (1, "type", "colonne-obligatoire-absente"),
        (1, "url", "colonne-obligatoire-absente"),
        (1, "couleur", "colonne-inconnue"),
    ]


@pytest.mark.parametrize("title", ["court", "Formulaire court", "Feuil1"])
def test_form_is_recognised_in_a_workbook(title):
    package = read_upload(build_workbook({title: [list(LINE), list(LINE.values())]}), "x.xlsx")
    assert row(package, "strategies")["strategie_id"] == "commune-35238-strategie_numerique"
    assert problem_locations(package) == []
    assert package.file("strategies") == f"x.xlsx › {title}"


def test_form_beside_tables_is_refused():
    strategies = [list(load_format().tables["strategies"].columns), ["s"] * 21]
    sheets = {"court": [list(LINE), list(LINE.values())], "strategies": strategies}
    package = read_upload(build_workbook(sheets), "x.xlsx")
    assert not package.tables
    assert [problem.code for problem in package.problems] == ["formulaire-court"]


def test_partner_is_found_by_siren_with_spaces():
    partner = {"partenaire_id": "exnum", "siren": "200054807", "source_id": "s1"}
    index = build_partner_index({"partenaires": pd.DataFrame([partner])})
    assert index.find("200 054 807") == index.find("exnum") == partner
    assert index.find("inconnu") is None


CELL = st.text(alphabet="aé[]|, -12€@.\n'\"", max_size=25)


LINES = st.lists(
    st.fixed_dictionaries({field.name: CELL for field in load_short_form().fields}), min_size=4
)


@settings(max_examples=tries(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(LINES)
def test_any_cell_of_the_form_gives_tables_or_problems(lines):
    package = read_upload(form(*lines), "court.csv")
    assert all(line is None or line < 10_000 for line, _, _ in problem_locations(package))
