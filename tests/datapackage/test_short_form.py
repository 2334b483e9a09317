"""One line per strategy: unfolded into the tables of the format, each fault told in the form."""

import csv
import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def form(*lines: dict) -> bytes:
    columns = list(dict.fromkeys(column for line in lines for column in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def told(package) -> list[tuple]:
    problems = package.as_sent(validate(package).problems)
    return [(problem.line, problem.column, problem.code) for problem in problems]


def faults(**cells: str) -> list[tuple]:
    return told(read_upload(form(LINE | cells), "court.csv"))


def row(package, table: str, place: int = 0) -> dict:
    return {k: v for k, v in package.tables[table].iloc[place].to_dict().items() if v}


def test_valid_example_has_no_fault():
    package = read_package(VALID)
    assert told(package) == []
    assert validate(package).valid


def test_one_line_says_the_same_as_the_tables():
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


def test_second_line_leaves_what_it_does_not_say_empty():
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
        original = published.by_name[partner["partenaire_id"]]
        assert {k: v for k, v in partner.items() if v} == {k: v for k, v in original.items() if v}
        assert partner["source_id"] in set(package.tables["sources"]["source_id"])


@pytest.mark.parametrize(
    ("code", "level"),
    [("35238", "commune"), ("35", "departement"), ("2A", "departement"), ("243500139", "epci")],
)
def test_level_is_deduced_where_the_code_says_it(code, level):
    package = read_upload(form(LINE | {"territoire_code": code}), "court.csv")
    assert row(package, "strategies")["territoire_niveau"] == level
    assert told(package) == []


@pytest.mark.parametrize("code", ["53", "01", "1", "94"])
def test_level_is_asked_where_two_territories_have_the_code(code):
    assert (2, "territoire_niveau", "formulaire-court") in faults(territoire_code=code)


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
        ({"montant_etape": "vote", "montant_perimetre": "usages"}, "montant_total", None),
        ({"montant_total": "1000", "montant_etape": "vote"}, "montant_perimetre", None),
        ({"montant_annees": "2021-26"}, "montant_annees", "annee-mal-formee"),
        ({"partenaires": "adico"}, "partenaires", "valeur-obligatoire-absente"),
        ({"partenaires": "adico [magie]"}, "partenaires", "code-inconnu"),
        ({"partenaires": "adico [grc, ami]"}, "partenaires", "code-inconnu"),
        ({"partenaires": "225300011 [grc]"}, "partenaires", "reference-absente"),
        ({"contact_generique": "la mairie"}, "contact_generique", "formulaire-court"),
        ({"contact_generique": "zoe.durand@exemple.fr"}, "contact_generique", "formulaire-court"),
    ],
)
def test_faults_are_told_at_the_line_and_column_of_the_form(cells, column, code):
    found = faults(**cells)
    assert (2, column, code or "valeur-obligatoire-absente") in found
    assert {(line, place in load_short_form().columns) for line, place, _ in found} == {(2, True)}
    assert len(found) == len(set(found))


def test_likely_theme_is_proposed_as_the_form_writes_it():
    package = read_upload(
        form(LINE | {"priorites": "A [donnees] | Former les agents"}), "court.csv"
    )
    found = next(p for p in validate(package).problems if p.code == "valeur-obligatoire-absente")
    suggested = replace(
        found,
        line=package.tables["priorites"].index[1],
        column="theme",
        remedy="Thème probable.",
        suggestion="competences_agents_elus",
    )
    (problem,) = package.as_sent([suggested])
    assert (problem.line, problem.column, problem.value) == (2, "priorites", "Former les agents")
    assert "Former les agents [competences_agents_elus]" in problem.remedy
    assert problem.suggestion == ""  # the cell holds another priority too


def test_inverted_years_are_told_in_the_form():
    cells = {"montant_total": "5", "montant_etape": "vote", "montant_perimetre": "strategie"}
    assert faults(**cells, montant_annees="2026-2021") == [
        (2, "montant_annees", "annees-inversees")
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("12 500 000", "12500000"),
        ("12\u202f500\u00a0000 €", "12500000"),
        ("1500,50", "1500.50"),
        ("0", "0"),
    ],
)
def test_amounts_as_people_write_them(written, read):
    cells = {"montant_total": written, "montant_etape": "vote", "montant_perimetre": "usages"}
    package = read_upload(form(LINE | cells), "court.csv")
    assert row(package, "budgets")["montant"] == read
    assert told(package) == []


def test_amount_that_has_two_meanings_is_refused():
    cells = {"montant_etape": "vote", "montant_perimetre": "usages"}
    assert (2, "montant_total", "montant-non-numerique") in faults(
        montant_total="entre 1 et 2", **cells
    )


def test_same_strategy_twice_is_told_once():
    assert told(read_upload(form(LINE, LINE), "court.csv")) == [
        (3, "territoire_code", "cle-en-double")
    ]


def test_title_and_note_around_the_lines_are_set_aside():
    rows = [["Nos plans"], list(LINE), list(LINE.values()), ["Source : nos services"]]
    package = read_upload(workbook({"court": rows}), "x.xlsx")
    assert package.tables["strategies"]["titre"].tolist() == ["Feuille de route numérique"]
    assert told(package) == [(1, "", "lignes-hors-table"), (4, "", "lignes-hors-table")]


def test_missing_column_and_unknown_one_are_told():
    content = form({"territoire_code": "35238", "titre": "Plan", "maj_le": "2026", "couleur": "x"})
    assert told(read_upload(content, "mon-fichier.csv")) == [
        (1, "type", "colonne-obligatoire-absente"),
        (1, "url", "colonne-obligatoire-absente"),
        (1, "couleur", "colonne-inconnue"),
    ]


def workbook(sheets: dict[str, list[list]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("title", ["court", "Formulaire court", "Feuil1"])
def test_form_is_recognised_in_a_workbook(title):
    package = read_upload(workbook({title: [list(LINE), list(LINE.values())]}), "x.xlsx")
    assert row(package, "strategies")["strategie_id"] == "commune-35238-strategie_numerique"
    assert told(package) == []
    assert package.file("strategies") == f"x.xlsx › {title}"


def test_form_beside_tables_is_refused():
    strategies = [list(load_format().tables["strategies"].columns), ["s"] * 21]
    sheets = {"court": [list(LINE), list(LINE.values())], "strategies": strategies}
    package = read_upload(workbook(sheets), "x.xlsx")
    assert not package.tables
    assert [problem.code for problem in package.problems] == ["formulaire-court"]


def test_partner_is_found_by_siren_with_spaces():
    partner = {"partenaire_id": "exnum", "siren": "200054807", "source_id": "s1"}
    known = build_partner_index({"partenaires": pd.DataFrame([partner])})
    assert known.find("200 054 807") == known.find("exnum") == partner
    assert known.find("inconnu") is None


CELL = st.text(alphabet="aé[]|, -12€@.\n'\"", max_size=25)


LINES = st.lists(
    st.fixed_dictionaries({field.name: CELL for field in load_short_form().fields}), min_size=4
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(LINES)
def test_no_cell_makes_the_form_fail(lines):
    package = read_upload(form(*lines), "court.csv")
    assert all(line is None or line < 10_000 for line, _, _ in told(package))
