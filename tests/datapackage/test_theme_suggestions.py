"""Check the values and themes that are suggested for invalid cells, and the converted values."""

from dataclasses import replace

import pandas as pd
import pytest
from effort import some
from package_files import TERRITORIES

from comparisons.datapackage.problems import ERROR, WARNING
from comparisons.datapackage.reader import read_package, read_upload
from comparisons.datapackage.validation.column_names import match_columns
from comparisons.datapackage.validation.theme_suggestions import suggest_themes
from comparisons.datapackage.validation.validator import validate
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR, STRATEGIES_DIR

VALID = FORMAT_DIR / "exemples" / "valide"
TABLES = load_format().tables
REFERENCED_TABLES = ("sources", "strategies", "partenaires")


def problem_and_value(table: str, column: str, text: str, line: int = 2, **other_cells: str):
    """Return the problem of one changed cell of the valid example, and its loaded value."""
    package = read_package(VALID)
    tables = {table: package.tables[table] for table in (*REFERENCED_TABLES, table)}
    for name, value in {**other_cells, column: text}.items():
        tables[table].loc[line, name] = value
    package = replace(package, tables=tables)
    report = validate(package, TERRITORIES)
    cell_problems = [p for p in report.problems if p.column == column and p.line == line]
    loaded = report.package.tables[table].loc[line, column]
    return (cell_problems[0] if cell_problems else None), loaded


@pytest.mark.parametrize(
    ("table", "column", "typed", "converted"),
    [
        ("budgets", "montant", "1 290 500,50", "1290500.5"),
        ("budgets", "montant", "1 234 567 €", "1234567"),
        ("budgets", "montant", "1\u202f234\u202f567\u00a0€", "1234567"),
        ("budgets", "montant", "12,5 M€", "12500000"),
        ("budgets", "montant", "3 Md€", "3000000000"),
        ("budgets", "montant", "1 850 k€", "1850000"),
        ("budgets", "montant", "2 millions d’euros", "2000000"),
        ("budgets", "montant", "1.234.567", "1234567"),
        ("budgets", "montant", "1.234,56", "1234.56"),
        ("budgets", "montant", "1,234,567.89", "1234567.89"),
        ("budgets", "montant", "€ 350 000", "350000"),
        ("budgets", "montant", "1 200 000,-", "1200000"),
        ("budgets", "montant", "1,2 MEUR", "1200000"),
        ("budgets", "montant", "1’200’000", "1200000"),
        ("budgets", "annee_fin", "NC", ""),
        ("budgets", "annee_fin", "1905-07-13", "2021"),
        ("budgets", "approximatif", "Oui", "oui"),
        ("budgets", "approximatif", "FAUX", "non"),
        ("indicateurs", "valeur", "45 %", "45"),
        ("indicateurs", "valeur", "12,5", "12.5"),
        ("partenaires", "nb_adherents", "35.0", "35"),
        ("partenaires", "nb_adherents", "1 200 adhérents", "1200"),
        ("strategies", "annee_debut", "2015.0", "2015"),
        ("strategies", "territoire_code", "53.0", "53"),
        ("strategies", "date_adoption", "24/06/2015", "2015-06-24"),
        ("strategies", "date_adoption", "juin 2015", "2015-06"),
        ("strategies", "date_adoption", "1er juin 2015", "2015-06-01"),
        ("strategies", "date_adoption", "mercredi 24 juin 2015", "2015-06-24"),
        ("strategies", "date_adoption", "2015-06-24 00:00:00", "2015-06-24"),
        ("strategies", "date_adoption", "24/06/2015 00:00:00", "2015-06-24"),
        ("strategies", "date_adoption", "2015-06-24T00:00:00+02:00", "2015-06-24"),
        ("strategies", "date_adoption", "01-juil-2015", "2015-07-01"),
        ("strategies", "date_adoption", "24\u201106\u20112015", "2015-06-24"),
        ("strategies", "date_adoption", "20150624", "2015-06-24"),
        ("strategies", "date_adoption", "13/07/1905", "2021"),
        ("strategies", "date_adoption", "-", ""),
        ("strategies", "porteur_siren", "225 300 011", "225300011"),
        ("strategies", "porteur_siren", "225300011.0", "225300011"),
        ("strategies", "territoire_code", "1", "01"),
        ("strategies", "territoire_niveau", "Conseil départemental", "departement"),
        ("couvertures", "territoire_niveau", "Communauté de communes", "epci"),
        ("couvertures", "territoire_niveau", "CA", "epci"),
        ("partenaires", "aire_code", "53|1", "53|01"),
        ("strategies", "titre", "Deux\nlignes", "Deux lignes"),
        ("strategies", "statut", "TERMINÉE", "terminee"),
        ("strategies", "type", "Schéma d’aménagement numérique", "sdtan"),
        ("strategies", "territoire_niveau", "Département", "departement"),
        ("budgets", "etape", "voté", "vote"),
        ("priorites", "themes_secondaires", "Données|financement", "donnees|financement"),
    ],
)
def test_unambiguous_values_are_converted_with_a_warning(table, column, typed, converted):
    problem, loaded = problem_and_value(table, column, typed)
    assert loaded == converted
    assert (problem.code, problem.severity) == ("valeur-interpretee", WARNING)
    assert (problem.value, problem.suggestion) == (typed, converted)
    second_problem, second_value = problem_and_value(table, column, converted)
    assert second_value == converted and (
        second_problem is None or second_problem.code != "valeur-interpretee"
    )


@pytest.mark.parametrize(
    ("table", "column", "typed", "suggestion", "remedy_part"),
    [
        ("budgets", "montant", "environ 3 millions", "3000000", "approximatif"),
        ("budgets", "montant", "2 000 € par an", "2000", "recurrence"),
        ("budgets", "montant", "3 M€ HT", "3000000", "libellé"),
        ("budgets", "montant", "1,234", "", "1234 si la virgule sépare les milliers"),
        ("budgets", "montant", "NC", "", "obligatoire"),
        ("budgets", "montant", "1,2E+06", "1200000", "puissance de dix"),
        ("budgets", "montant", "entre 1 et 2 M€", "", "1000000 ou 2000000"),
        ("budgets", "montant", "plus de 2 M€", "2000000", "approximatif"),
        ("budgets", "annee_debut", "2021/26", "2021", "2026 dans «\u00a0annee_fin"),
        ("priorites", "rang", "Axe 1", "1", "Écrivez"),
        ("priorites", "rang", "IV", "4", "Écrivez"),
        ("priorites", "rang", "1.2", "", "sous-axe"),
        ("priorites", "rang", "2026-02-01", "", "Texte"),
        ("strategies", "date_adoption", "24-juin-21", "2021-06-24", "quatre chiffres"),
        ("strategies", "date_adoption", "févr-23", "2023-02", "quatre chiffres"),
        ("strategies", "date_adoption", "44371.0", "2021-06-24", "24 juin 2021"),
        ("strategies", "date_adoption", "06/24/2021", "2021-06-24", "mois"),
        ("strategies", "date_adoption", "2021-06-23T22:00:00Z", "2021-06-24", "heure"),
        ("strategies", "date_adoption", "CP du 27 février 2023", "2023-02-27", "Écrivez"),
        ("strategies", "date_adoption", "2017-03-29   2017-04-05", "", "2017-03-29 ou 2017-04-05"),
        ("strategies", "date_adoption", "29/03/2017-05/04/2017", "", "2017-03-29 ou 2017-04-05"),
        ("strategies", "porteur_siren", "2,25E+08", "", "puissance de dix"),
        ("strategies", "territoire_code", "5,3E+08", "", "puissance de dix"),
        ("sources", "url", "https://a.fr/x|https://b.fr", "https://a.fr/x", "une seule"),
        ("sources", "url", "https://a.fr/x\nhttps://b.fr", "https://a.fr/x", "une seule"),
        ("sources", "url", "https://a.fr/un plan.pdf", "https://a.fr/un%20plan.pdf", "Écrivez"),
        ("sources", "url", "Plan : https://a.fr/x.pdf", "https://a.fr/x.pdf", "Écrivez"),
        ("sources", "url", "htp://a.fr/x", "http://a.fr/x", "Écrivez"),
        ("sources", "url", "C:\\Documents\\x.pdf", "", "ordinateur"),
        ("budgets", "annee_debut", "2021-2026", "2021", "2026 dans «\u00a0annee_fin"),
        ("budgets", "annee_fin", "2021-2026", "2026", "2021 dans «\u00a0annee_debut"),
        ("budgets", "approximatif", "x", "oui", "Écrivez"),
        ("strategies", "date_adoption", "06/07/21", "2021-07-06", "6 juillet 2021"),
        ("strategies", "date_adoption", "44371", "2021-06-24", "24 juin 2021"),
        ("strategies", "date_adoption", "début 2015", "2015", "Écrivez"),
        ("strategies", "statut", "terminees", "terminee", "Terminée"),
        ("strategies", "territoire_code", "Mayenne", "53", "Mayenne"),
        ("strategies", "porteur_siren", "225 300 011 00017", "225300011", "Siret"),
        ("strategies", "source_id", "S2", "s2", "Voulez-vous dire"),
        ("mutualisations", "partenaire_id", "EXNUM", "exemple-numerique", "Exemple Numérique"),
        ("partenaires", "url", "www.exemple.fr", "https://www.exemple.fr", "Écrivez"),
        ("priorites", "themes_secondaires", "Données, Financement", "donnees|financement", "|"),
    ],
)
def test_ambiguous_values_are_only_suggested(table, column, typed, suggestion, remedy_part):
    problem, loaded = problem_and_value(table, column, typed)
    assert loaded == typed
    assert (problem.severity, problem.value, problem.suggestion) == (ERROR, typed, suggestion)
    assert remedy_part in problem.remedy


def test_unknown_markers_in_texts_and_ambiguous_thousands_are_warnings():
    problem, loaded = problem_and_value("strategies", "porteur_nom", "Non communiqué")
    assert (problem.code, problem.severity, loaded) == ("inconnu-ecrit", WARNING, "Non communiqué")
    problem, loaded = problem_and_value("partenaires", "budget_annuel", "12.500")
    assert (problem.suggestion, problem.severity, loaded) == ("12500", WARNING, "12.500")


def test_former_communes_and_postal_codes_suggest_current_codes():
    level = {"territoire_niveau": "commune"}
    assert (
        problem_and_value("strategies", "territoire_code", "01018", **level)[0].suggestion
        == "01033"
    )
    problem, _ = problem_and_value(
        "strategies", "territoire_code", "53000", porteur_nom="Ville de Laval", **level
    )
    assert problem.suggestion == "53130" and "53000 est un code postal" in problem.remedy
    problem, _ = problem_and_value("strategies", "territoire_code", "53999", **level)
    assert problem.suggestion == "" and "code postal" in problem.remedy


def test_names_of_published_organisations_give_their_identifier():
    head = "partenaire_id,territoire_niveau,territoire_code,role,service,certitude,source_id\n"
    rows = f"{head}Sictiam,departement,53,membre,cybersecurite,explicite,s1\n"
    rows += "Syndicat Exemple,departement,53,membre,ent,explicite,s1\n"
    published = {
        "partenaires": pd.DataFrame(
            {
                "partenaire_id": ["sictiam", "p2"],
                "nom": ["SICTIAM", "Syndicat exemple"],
                "sigle": "",
            }
        ),
        "sources": pd.DataFrame({"source_id": ["s1"], "titre": ["x"], "url": ["https://x.fr"]}),
    }
    report = validate(read_upload(rows.encode(), "mutualisations.csv"), TERRITORIES, published)
    assert [problem.suggestion for problem in report.errors] == ["sictiam", "p2"]
    assert "Voulez-vous dire «\u00a0sictiam\u00a0»" in report.errors[0].remedy


@pytest.mark.parametrize(
    ("table", "typed", "column"),
    [
        ("strategies", "Titre de la stratégie", "titre"),
        ("strategies", "code insee", "territoire_code"),
        ("strategies", "Territoire_Code", "territoire_code"),
        ("strategies", "Année de fin", "annee_fin"),
        ("priorites", "Axe", "intitule"),
        ("budgets", "Montant (€)", "montant"),
        ("partenaires", "Nombre d’adhérents", "nb_adherents"),
    ],
)
def test_usual_column_names_match_columns(table, typed, column):
    assert match_columns(TABLES[table], [typed]) == {typed: column}


def test_missing_column_suggests_the_renaming_of_a_similar_one():
    text = "territoire_niveau;codes insee;consulte_le;resultat;couleur\n"
    report = validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)
    absent = report.errors[0]
    assert (
        absent.code == "colonne-obligatoire-absente"
        and "«\u00a0codes insee\u00a0»" in absent.remedy
    )
    unknown = {p.column: p.suggestion for p in report.warnings if p.code == "colonne-inconnue"}
    assert unknown == {"codes insee": "territoire_code", "couleur": ""}


@pytest.mark.parametrize(
    ("wording", "theme", "reason_part"),
    [
        ("Accompagner les habitants éloignés du numérique", "inclusion_mediation", "habitants"),
        ("Protéger nos communes des cyberattaques", "cybersecurite_confiance", "Côte-d’Or"),
        ("Des capteurs pour l’éclairage public", "territoire_intelligent", "capteurs"),
    ],
)
def test_theme_of_a_wording_has_a_reason(wording, theme, reason_part):
    first = suggest_themes(wording)[0]
    assert first.theme == theme and reason_part in first.reason and 0 < first.similarity <= 1


def test_unrelated_wording_gives_no_theme():
    assert suggest_themes("xyzzy") == []


def test_most_themes_of_the_corpus_are_suggested_from_other_strategies():
    corpus = pd.read_csv(STRATEGIES_DIR / "corpus-2026" / "priorites.csv", dtype="str")
    rows = corpus.loc[some(corpus.index, 12)]
    suggested_themes = [
        [
            suggestion.theme
            for suggestion in suggest_themes(row.intitule, without=[row.strategie_id])
        ]
        for row in rows.itertuples()
    ]
    first = [
        theme == guess[:1]
        for theme, guess in zip(rows["theme"].map(lambda t: [t]), suggested_themes, strict=True)
    ]
    is_among_three = [
        theme in guess for theme, guess in zip(rows["theme"], suggested_themes, strict=True)
    ]
    assert sum(first) / len(rows) > 0.55 and sum(is_among_three) / len(rows) > 0.75


@pytest.mark.parametrize("typed", ["", "fracture numérique"])
def test_theme_is_suggested_for_a_priority_without_one(typed):
    wording = "Lutter contre la fracture numérique"
    problem, loaded = problem_and_value("priorites", "theme", typed, intitule=wording)
    assert (problem.suggestion, loaded) == ("inclusion_mediation", typed)
    assert "Thème probable" in problem.remedy and "intitulés semblables" in problem.remedy
