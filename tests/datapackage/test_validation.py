"""Check that each rule reports the right cell, in French, with a remedy."""

import json
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
from effort import tries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from package_files import TERRITORIES, csv_table

from comparisons.cli.main import main
from comparisons.datapackage.cells import to_typed_frame
from comparisons.datapackage.known_territories import load_territory_reference
from comparisons.datapackage.problems import MAX_PER_COLUMN
from comparisons.datapackage.reader import read_package, read_upload
from comparisons.datapackage.validation.plausibility import check_future_dates
from comparisons.datapackage.validation.validator import validate
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR, STRATEGIES_DIR

VALID = FORMAT_DIR / "exemples" / "valide"
CORPUS = STRATEGIES_DIR / "corpus-2026"
TABLES = load_format().tables


@pytest.fixture
def edit(tmp_path):
    """Copy the valid example with some cells changed: `edit(budgets={(line, column): value})`."""

    def change(**cells):
        package = read_package(VALID)
        for name, table in package.tables.items():
            table = table.copy()
            for (line, column), value in cells.get(name, {}).items():
                table.loc[line, column] = value
            table.to_csv(tmp_path / f"{name}.csv", index=False)
        return validate(tmp_path, TERRITORIES)

    return change


def single_problem(report):
    """Return the only problem of a report."""
    assert len(report.problems) == 1, report.to_text()
    return report.problems[0]


def lookup_problem(code: str, level: str = "commune", territories=TERRITORIES):
    text = f'territoire_niveau,territoire_code,consulte_le,resultat\n{level},"{code}",2026,trouve\n'
    return single_problem(validate(read_upload(text.encode(), "recherches.csv"), territories))


def test_valid_example_has_no_problem(edit):
    report = edit()
    assert report.is_valid and report.problems == ()
    assert report.to_dict() == {"valid": True, "errors": [], "warnings": [], "causes": []}


def test_problem_has_file_line_column_and_value(edit):
    problem = single_problem(edit(budgets={(4, "montant"): "environ 1 200 €"}))
    assert (problem.file, problem.line, problem.column) == ("budgets.csv", 4, "montant")
    assert (problem.value, problem.code) == ("environ 1 200 €", "montant-non-numerique")
    assert "1200" in problem.remedy and "n’est pas un nombre" in problem.message


@pytest.mark.parametrize("text", ["NaN", "inf", "1_000", "١٢", "1e999", "0x10"])
def test_numbers_of_programming_languages_are_refused(edit, text):
    codes = {problem.code for problem in edit(budgets={(5, "montant"): text}).errors}
    assert codes <= {"montant-non-numerique", "valeur-hors-bornes"} and codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [("adopte", "adoptee"), ("adoptees", "adoptee"), ("en révison", "en_revision")],
)
def test_closest_code_is_suggested(edit, text, expected):
    problem = single_problem(edit(strategies={(2, "statut"): text}))
    assert problem.code == "code-inconnu"
    assert f"Voulez-vous dire «\u00a0{expected}\u00a0»" in problem.remedy


def test_secondary_themes(edit):
    unknown = single_problem(edit(priorites={(3, "themes_secondaires"): "culture_tourisme|cultur"}))
    assert (unknown.code, unknown.value) == ("code-inconnu", "cultur")
    comma = edit(priorites={(3, "themes_secondaires"): "donnees,financement"})
    assert "barre verticale" in single_problem(comma).remedy
    repeated = edit(priorites={(3, "themes_secondaires"): "mutualisation"})
    assert single_problem(repeated).code == "theme-secondaire-repete" and repeated.is_valid


@pytest.mark.parametrize("text", ["2021-02-30", "24/06/21", "juin", "début 2021"])
def test_malformed_dates_are_refused(edit, text):
    assert single_problem(edit(strategies={(3, "date_adoption"): text})).code == "date-mal-formee"


def test_former_commune_gives_the_current_one():
    problem = lookup_problem("01018")
    assert problem.code == "commune-ancienne"
    assert "Valserhône (01033)" in problem.message and "01033" in problem.remedy


def test_unknown_territories_are_explained():
    assert "région" in lookup_problem("52", "departement").remedy
    assert lookup_problem("99999").code == "territoire-inconnu"


@pytest.mark.parametrize(
    ("level", "code", "told"),
    [
        ("departement", "69M", "200046977"),
        ("departement", "69D", "«\u00a069\u00a0»"),
        ("departement", "6AE", "«\u00a067\u00a0» (Bas-Rhin) ou «\u00a068\u00a0»"),
        ("departement", "Collectivité européenne d’Alsace", "«\u00a068\u00a0»"),
        ("departement", "20", "«\u00a02A\u00a0» (Corse-du-Sud) ou «\u00a02B\u00a0»"),
        ("departement", "225300011", "«\u00a053\u00a0»"),
        ("departement", "53 - Mayenne", "«\u00a053\u00a0»"),
        ("departement", "2,00056E+08", "puissance de dix"),
        ("departement", "D53", "«\u00a053\u00a0»"),
        ("region", "FR-BRE", "«\u00a053\u00a0» (Bretagne)"),
        ("region", "PACA", "«\u00a093\u00a0»"),
        ("region", "82", "Auvergne-Rhône-Alpes"),
        ("region", "Midi-Pyrénées", "«\u00a076\u00a0»"),
        ("region", "974", "«\u00a004\u00a0»"),
        ("epci", "CC Rives de l'Ain - Pays du Cerdon", "200029999"),
        ("epci", "Laval Agglomération", "200083392"),
        ("epci", "992367730", "245701362"),
        ("epci", "200000000", "janvier 2025"),
        ("commune", "13201", "«\u00a013055\u00a0»"),
        ("commune", "85307", "«\u00a085001\u00a0»"),
        ("commune", "98818", "Retirez la ligne"),
        ("departement", "988", "Retirez la ligne"),
    ],
)
def test_codes_that_people_write_get_the_right_one(level, code, told):
    problem = lookup_problem(code, level, None)
    assert told in problem.remedy


def test_a_merged_intercommunalite_is_told_and_kept():
    line = {"territoire_niveau": "epci", "territoire_code": "245701362", "titre": "Stratégie"}
    line |= {"type": "sdusn", "url": "https://exemple.fr", "maj_le": "2026-11-23"}
    report = validate(read_upload(csv_table([line]).encode(), "court.csv"))
    (problem,) = report.problems
    assert report.is_valid and problem.code == "epci-fusionnee"
    assert "Thionville Fensch" in problem.message and "janvier 2025" in problem.remedy


def test_an_arrondissement_is_not_a_former_commune():
    assert "arrondissement de Paris" in lookup_problem("75101", territories=None).message


def test_seat_of_a_partner_is_a_departement(edit):
    problem = single_problem(edit(partenaires={(2, "siege_departement"): "Ain"}))
    assert (problem.code, problem.column) == ("territoire-inconnu", "siege_departement")
    assert "01" in problem.remedy


def test_missing_reference_suggests_the_closest(edit):
    problem = single_problem(edit(couvertures={(2, "strategie_id"): "departement-53-sdusn-2022"}))
    assert problem.code == "reference-absente"
    assert "departement-53-sdusn-2021" in problem.remedy


def test_references_to_published_packages(edit, tmp_path):
    edit(strategies={(2, "remplace"): "ancienne"})
    assert single_problem(validate(tmp_path, TERRITORIES)).code == "reference-absente"
    published = {"strategies": read_package(VALID).tables["strategies"].head(1)}
    published["strategies"]["strategie_id"] = "ancienne"
    assert validate(tmp_path, TERRITORIES, published).is_valid


@pytest.mark.parametrize(
    ("column", "text", "code", "message_part"),
    [
        ("source_id", "s9", "reference-absente", "table «\xa0sources\xa0»"),
        ("table", "strategie", "code-inconnu", "Voulez-vous dire «\xa0strategies\xa0»"),
        ("table", "sources", "code-inconnu", "strategies, priorites, budgets"),
        ("corriges", "-1", "valeur-hors-bornes", "la plus petite valeur admise est 0"),
        ("non_visibles", "deux", "entier-mal-forme", "entier"),
        ("page_retrouvee", "peut-être", "oui-non-attendu", "«\xa0oui\xa0»"),
        ("relu_le", "2060", "date-future", "pour aujourd’hui"),
    ],
)
def test_invalid_second_readings_are_explained(edit, column, text, code, message_part):
    problem = single_problem(edit(relectures={(2, column): text}))
    assert (problem.file, problem.line, problem.column) == ("relectures.csv", 2, column)
    assert (problem.value, problem.code) == (text, code)
    assert text in problem.message and message_part in f"{problem.message} {problem.remedy}"
    assert problem.remedy.endswith((".", "?"))


def test_a_second_reading_is_of_today_at_the_latest(edit):
    today = date.today().isoformat()
    for text in (today, today[:7], today[:4]):
        assert edit(relectures={(2, "relu_le"): text}).problems == (), text
    problem = single_problem(
        edit(relectures={(2, "relu_le"): str(date.today() + timedelta(days=1))})
    )
    assert problem.code == "date-future" and "dans l’avenir" in problem.message


def test_a_package_dated_far_ahead_proves_no_reading():
    def readings(day: str):
        days = {"relu_le": [day], "demande_le": [""], "repondu_le": [""]}
        return SimpleNamespace(table=lambda _: pd.DataFrame(days), problem=lambda *cells: cells)

    context = readings("2060-01-01")
    tomorrow = str(date.today() + timedelta(days=1))
    for created, refused in (("2060-01-02", 1), (tomorrow, 1), ("", 1)):
        package = SimpleNamespace(descriptor={"created": created})
        assert len(list(check_future_dates(package, context))) == refused
    package = SimpleNamespace(descriptor={"created": tomorrow})
    assert not list(check_future_dates(package, readings(tomorrow)))  # a clock that is late


@pytest.mark.parametrize(
    ("created", "code"),
    [
        ("2026-99-99", "date-mal-formee"),
        ("2026-11-23zzz", "date-mal-formee"),
        ("2026-02-30T00:00:00Z", "date-mal-formee"),
        ("hier", "date-mal-formee"),
        (20261123, "date-mal-formee"),
        (["2026-11-23"], "date-mal-formee"),
        ("2999-01-01", "date-future"),
        (f"{date.today() + timedelta(days=3)}T00:00:00Z", "date-future"),
    ],
)
def test_the_date_of_a_package_is_a_day_up_to_today(created, code):
    package = read_package(VALID)
    dated = replace(package, descriptor={**package.descriptor, "created": created})
    (problem,) = validate(dated, TERRITORIES).errors
    assert (problem.file, problem.code) == ("datapackage.json", code)
    assert "«\xa0created\xa0»" in problem.message and problem.remedy.endswith(".")


@pytest.mark.parametrize("created", ["2026-11-23", "2026-11-23T12:00:00+02:00", "", None])
def test_a_package_may_be_dated_or_not(created):
    package = read_package(VALID)
    dated = replace(package, descriptor={**package.descriptor, "created": created})
    assert validate(dated, TERRITORIES).is_valid


def test_a_source_is_read_again_once_for_each_table(edit):
    problem = single_problem(edit(relectures={(3, "table"): "strategies"}))
    assert (problem.code, problem.line) == ("cle-en-double", 3)
    assert "s1, strategies" in problem.message and "ligne 2" in problem.message


def test_area_of_a_partner(edit):
    unknown = single_problem(edit(partenaires={(2, "aire_code"): "53|Ain"}))
    assert (unknown.code, unknown.column, unknown.value) == (
        "territoire-inconnu",
        "aire_code",
        "Ain",
    )
    assert "01" in unknown.remedy and "Ain" in unknown.remedy
    problem = single_problem(edit(partenaires={(2, "aire_code"): "53|52"}))
    assert "région" in problem.remedy
    level = single_problem(edit(partenaires={(2, "aire_niveau"): "arrondissement"}))
    assert (level.code, level.column) == ("code-inconnu", "aire_niveau")
    assert edit(partenaires={(2, "aire_code"): "53|01"}).problems == ()
    country = {(2, "aire_niveau"): "pays", (2, "aire_code"): ""}
    assert edit(partenaires=country).problems == ()


@pytest.mark.parametrize(
    ("table", "line", "level", "code"),
    [
        ("partenaires", 2, "aire_niveau", "aire_code"),
        ("budgets", 2, "territoire_niveau", "territoire_code"),
    ],
)
def test_an_optional_territory_has_both_its_level_and_its_code(edit, table, line, level, code):
    whole = {(line, level): "departement", (line, code): "53"}
    assert edit(**{table: whole}).problems == ()
    for empty, alone in ((code, "departement"), (level, "53")):
        problem = single_problem(edit(**{table: whole | {(line, empty): ""}}))
        assert (problem.code, problem.column) == ("territoire-incomplet", empty)
        assert alone in problem.message and empty in problem.remedy
    unknown = single_problem(edit(**{table: whole | {(line, code): "99"}}))
    assert (unknown.code, unknown.column) == ("territoire-inconnu", code)
    assert edit(**{table: {(line, level): "", (line, code): ""}}).problems == ()


def test_each_organisation_of_a_chain_is_a_partner(edit):
    problem = single_problem(edit(partenaires={(3, "chaine"): "exemple-numerique|exemple-numerik"}))
    assert (problem.code, problem.column) == ("reference-absente", "chaine")
    assert problem.line == 3 and problem.value == "exemple-numerik"
    assert "Voulez-vous dire «\xa0exemple-numerique\xa0»" in problem.remedy
    both = {(3, "chaine"): "exemple-numerique|exemple-exploitant"}
    assert edit(partenaires=both).problems == ()


def validate_lookups(
    *rows: str, header: str = "territoire_niveau,territoire_code,type,consulte_le"
):
    text = "\n".join([f"{header},resultat", *rows, ""])
    return validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)


def test_lookups_of_one_day_differ_by_the_type_of_document():
    first_line, second_line = (
        "departement,53,sdusn,2026-11-23,trouve",
        "departement,53,sdtan,2026-11-23,trouve",
    )
    all_types = "departement,53,,2026-11-23,trouve"
    assert validate_lookups(first_line, second_line, all_types).problems == ()
    for again in (first_line, all_types):
        problem = single_problem(validate_lookups(first_line, second_line, all_types, again))
        assert (problem.code, problem.line) == ("cle-en-double", 5)
        assert "territoire_niveau, territoire_code, type, consulte_le" in problem.message
    # without the column, the type is empty
    bare = "departement,53,2026-11-23,trouve"
    header = "territoire_niveau,territoire_code,consulte_le"
    assert validate_lookups(bare, header=header).problems == ()
    assert single_problem(validate_lookups(bare, bare, header=header)).code == "cle-en-double"


def test_references_of_a_single_table_are_not_errors():
    report = validate(VALID / "couvertures.csv", TERRITORIES)
    assert report.is_valid and single_problem(report).code == "reference-non-verifiee"


def test_key_with_an_empty_year_is_compared(edit):
    same = dict.fromkeys(("strategie_id", "annee", "approximatif"), "")
    same |= {"territoire_niveau": "commune", "territoire_code": "53130", "valeur": "1"}
    same |= {"indicateur": "taux_ftth", "libelle": "Exemple : locaux raccordables à la fibre"}
    problem = single_problem(
        edit(indicateurs={(3, column): value for column, value in same.items()})
    )
    assert (problem.code, problem.line) == ("cle-en-double", 4)
    assert "ligne 3" in problem.message


def test_ranks_with_leading_zeros_are_equal(edit):
    report = edit(priorites={(3, "rang"): "01"})
    assert single_problem(report).code == "cle-en-double"


def test_parts_larger_than_their_whole_are_reported(edit):
    assert (
        single_problem(edit(budgets={(3, "montant"): "1200001"})).code == "part-superieure-au-tout"
    )
    later = edit(budgets={(3, "montant"): "1200001", (3, "etape"): "realise"})
    assert later.is_valid and single_problem(later).code == "part-superieure-a-verifier"
    above = edit(budgets={(3, "montant"): "800001"})
    assert above.is_valid and single_problem(above).code == "parts-superieures-au-total"
    assert single_problem(above).line == 2
    assert edit(budgets={(3, "montant"): "800000.001"}).problems == ()


def test_two_breakdowns_of_one_total_are_not_added(edit):
    same = {"financeur_type": "departement", "financeur_nom": "Département de la Mayenne"}
    report = edit(budgets={(4, column): value for column, value in same.items()})
    assert report.problems == ()


def test_cycles_are_reported_once(edit):
    cells = {(2, "inclus_dans"): "b3", (3, "inclus_dans"): "", (2, "montant"): "400000"}
    problem = single_problem(edit(budgets=cells))
    assert problem.code == "boucle-inclus-dans" and "b1 → b3 → b1" in problem.message


def test_improbable_values_are_warnings(edit):
    report = edit(
        strategies={
            (2, "annee_debut"): "1914",
            (2, "annee_fin"): "2014",
            (3, "annee_fin"): "2160",
        },
        priorites={(3, "intitule"): "Exemple — Accompagner TOUS les habitants !"},
        couvertures={(2, "territoire_niveau"): "departement", (2, "territoire_code"): "53"},
        sources={(3, "date_publication"): ""},
    )
    assert report.is_valid
    assert sorted(problem.code for problem in report.warnings) == [
        "adoption-apres-fin",
        "annee-lointaine",
        "annee-lointaine",
        "couverture-redondante",
        "intitule-repete",
        "source-non-datee",
    ]


def test_missing_and_unknown_columns_are_reported():
    text = "territoire_niveau,territoire_cod,consulte_le,resultat\ndepartement,53,2026,trouve\n"
    report = validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)
    assert [problem.code for problem in report.errors] == ["colonne-obligatoire-absente"]
    assert [problem.code for problem in report.warnings] == ["colonne-inconnue"]
    assert "territoire_code" in report.warnings[0].remedy


def test_columns_in_any_order_and_empty_table():
    text = "resultat;consulte_le;territoire_code;territoire_niveau\n"
    report = validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)
    assert report.is_valid and single_problem(report).code == "table-vide"


def test_repeated_problems_are_limited_and_counted():
    rows = "".join(f"departement,53,{1000 + n},oui\n" for n in range(MAX_PER_COLUMN + 30))
    text = "territoire_niveau,territoire_code,consulte_le,resultat\n" + rows
    report = validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)
    unknown = [problem for problem in report.errors if problem.code == "code-inconnu"]
    assert len(unknown) == MAX_PER_COLUMN + 1
    assert "30\u00a0autres lignes" in unknown[-1].message


def test_corpus_is_valid_and_loads():
    report = validate(CORPUS)
    assert report.is_valid, report.to_text()
    assert len(report.warnings) < 20
    for name, table in report.package.tables.items():
        assert len(to_typed_frame(table, TABLES[name])) == len(table)


def test_corpus_keeps_every_row():
    rows = {name: len(table) for name, table in read_package(CORPUS).tables.items()}
    assert rows == {
        "strategies": 507,
        "couvertures": 89,
        "priorites": 995,
        "budgets": 625,
        "partenaires": 177,
        "mutualisations": 936,
        "indicateurs": 535,
        "recherches": 327,
        "sources": 1138,
        "relectures": 1738,
    }


def test_former_communes_have_a_current_code():
    reference = load_territory_reference()
    assert ("departement", "53") in reference.codes
    assert {former.commune_code for former in reference.former_communes.values()} <= {
        c for n, c in reference.codes if n == "commune"
    }


def test_validate_command_reports_and_exits_by_result(capsys, tmp_path):
    assert main(["validate", str(VALID)]) == 0
    assert "Fichier valide" in capsys.readouterr().out
    invalid_package = FORMAT_DIR / "exemples" / "invalides" / "role-absent"
    assert main(["validate", str(invalid_package), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"valid", "errors", "warnings", "causes"}
    keys = {"file", "line", "column", "value", "code", "message", "remedy", "suggestion"}
    assert set(report["errors"][0]) == keys
    assert main(["validate", str(tmp_path / "absent")]) == 2


@settings(max_examples=tries(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_cell_gives_a_report(data):
    package = read_package(VALID)
    junk = st.one_of(
        st.text(max_size=12),
        st.sampled_from(["-1", "9" * 40, "b1", "2021", "|", "a|b", "2021-13", "NaN", "=1+1", "é"]),
    )
    for table in package.tables.values():
        line = data.draw(st.sampled_from(list(table.index)))
        column = data.draw(st.sampled_from(list(table.columns)))
        table.loc[line, column] = data.draw(junk).strip()
    report = validate(package, TERRITORIES)
    assert report.to_text() and report.to_dict()
    for name, table in package.tables.items():
        to_typed_frame(table, TABLES[name])
