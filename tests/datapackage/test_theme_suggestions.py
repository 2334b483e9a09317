"""What someone typed, and what is proposed instead: the value, the reason, never applied alone."""

from dataclasses import replace

import pandas as pd
import pytest

from comparisons.datapackage.known_territories import TerritoryReference
from comparisons.datapackage.problems import ERROR, WARNING
from comparisons.datapackage.reader import read_package, read_upload
from comparisons.datapackage.validation.column_names import match_columns
from comparisons.datapackage.validation.theme_suggestions import suggest_themes
from comparisons.datapackage.validation.validator import validate
from comparisons.schema.model import load_format
from comparisons.settings import FORMAT_DIR, STRATEGIES_DIR

VALID = FORMAT_DIR / "exemples" / "valide"
TERRITORIES = TerritoryReference(
    codes=frozenset(
        {
            ("departement", "01"),
            ("departement", "53"),
            ("region", "52"),
            ("epci", "200055887"),
            ("commune", "53130"),
            ("commune", "53147"),
            ("commune", "01033"),
        }
    ),
    names={
        ("commune", "01033"): "Valserhône",
        ("commune", "53130"): "Laval",
        ("departement", "01"): "Ain",
        ("departement", "53"): "Mayenne",
    },
    former_communes={"01018": "01033"},
)
TABLES = load_format().tables
REFERRED_TO = ("sources", "strategies", "partenaires")


def told(table: str, column: str, text: str, line: int = 2, **others: str):
    """Give what is said of one cell of the valid example, and the value that is loaded."""
    package = read_package(VALID)
    # what others refer to is enough beside it
    kept = {table: package.tables[table] for table in (*REFERRED_TO, table)}
    for name, value in {**others, column: text}.items():
        kept[table].loc[line, name] = value
    package = replace(package, tables=kept)
    report = validate(package, TERRITORIES)
    here = [p for p in report.problems if p.column == column and p.line == line]
    loaded = report.package.tables[table].loc[line, column]
    return (here[0] if here else None), loaded


@pytest.mark.parametrize(
    ("table", "column", "typed", "read"),
    [
        ("budgets", "montant", "1 290 500,50", "1290500.5"),
        ("budgets", "montant", "1 234 567 €", "1234567"),
        ("budgets", "montant", "1\u202f234\u202f567\u00a0€", "1234567"),
        ("budgets", "montant", "12,5 M€", "12500000"),
        ("budgets", "montant", "3 Md€", "3000000000"),
        ("budgets", "montant", "1 850 k€", "1850000"),
        ("budgets", "montant", "2 millions d’euros", "2000000"),
        ("budgets", "montant", "1.234.567", "1234567"),
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
        ("strategies", "titre", "Deux\nlignes", "Deux lignes"),
    ],
)
def test_what_means_one_thing_is_read_so_and_told(table, column, typed, read):
    problem, loaded = told(table, column, typed)
    assert loaded == read
    assert (problem.code, problem.severity) == ("valeur-interpretee", WARNING)
    assert (problem.value, problem.suggestion) == (typed, read)
    again, same = told(table, column, read)
    assert same == read and (again is None or again.code != "valeur-interpretee")


@pytest.mark.parametrize(
    ("table", "column", "typed", "suggestion", "said"),
    [
        ("budgets", "montant", "environ 3 millions", "3000000", "approximatif"),
        ("budgets", "montant", "2 000 € par an", "2000", "recurrence"),
        ("budgets", "montant", "3 M€ HT", "3000000", "libellé"),
        ("budgets", "montant", "1,234", "", "1234 si la virgule sépare les milliers"),
        ("budgets", "montant", "NC", "", "obligatoire"),
        ("budgets", "annee_debut", "n.c.", "", "Laissez la cellule vide"),
        ("budgets", "annee_debut", "2021-2026", "2021", "2026 dans «\u00a0annee_fin"),
        ("budgets", "annee_fin", "2021-2026", "2026", "2021 dans «\u00a0annee_debut"),
        ("budgets", "approximatif", "x", "oui", "Écrivez"),
        ("strategies", "date_adoption", "06/07/21", "2021-07-06", "6 juillet 2021"),
        ("strategies", "date_adoption", "44371", "2021-06-24", "24 juin 2021"),
        ("strategies", "date_adoption", "début 2015", "2015", "Écrivez"),
        ("strategies", "date_adoption", "-", "", "Laissez la cellule vide"),
        ("strategies", "date_adoption", "non communiqué", "", "Laissez la cellule vide"),
        ("strategies", "type", "Schéma d’aménagement numérique", "sdtan", "Voulez-vous dire"),
        ("strategies", "statut", "TERMINÉE", "terminee", "Terminée"),
        ("strategies", "territoire_niveau", "Département", "departement", "Voulez-vous dire"),
        ("strategies", "territoire_code", "Mayenne", "53", "Mayenne"),
        ("strategies", "territoire_code", "1", "01", "Ain"),
        ("strategies", "porteur_siren", "225 300 011", "225300011", "Écrivez"),
        ("strategies", "porteur_siren", "225 300 011 00017", "225300011", "Siret"),
        ("strategies", "source_id", "S2", "s2", "Voulez-vous dire"),
        ("mutualisations", "partenaire_id", "EXNUM", "exemple-numerique", "Exemple Numérique"),
        ("partenaires", "url", "www.exemple.fr", "https://www.exemple.fr", "Écrivez"),
        ("priorites", "themes_secondaires", "Données, Financement", "donnees|financement", "|"),
    ],
)
def test_what_is_doubtful_is_proposed(table, column, typed, suggestion, said):
    problem, loaded = told(table, column, typed)
    assert loaded == typed
    assert (problem.severity, problem.value, problem.suggestion) == (ERROR, typed, suggestion)
    assert said in problem.remedy


def test_unknown_said_in_a_text_and_doubtful_thousands_are_warnings():
    problem, loaded = told("strategies", "porteur_nom", "Non communiqué")
    assert (problem.code, problem.severity, loaded) == ("inconnu-ecrit", WARNING, "Non communiqué")
    problem, loaded = told("partenaires", "budget_annuel", "12.500")
    assert (problem.suggestion, problem.severity, loaded) == ("12500", WARNING, "12.500")


def test_communes_of_yesterday_and_postal_codes():
    level = {"territoire_niveau": "commune"}
    assert told("strategies", "territoire_code", "01018", **level)[0].suggestion == "01033"
    problem, _ = told(
        "strategies", "territoire_code", "53000", porteur_nom="Ville de Laval", **level
    )
    assert problem.suggestion == "53130" and "code postal de Laval" in problem.remedy
    problem, _ = told("strategies", "territoire_code", "53999", **level)
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
def test_columns_in_words(table, typed, column):
    assert match_columns(TABLES[table], [typed]) == {typed: column}


def test_a_column_in_words_is_proposed_where_it_is_missed():
    text = "territoire_niveau;code insee;consulte_le;resultat;couleur\n"
    report = validate(read_upload(text.encode(), "recherches.csv"), TERRITORIES)
    absent = report.errors[0]
    assert (
        absent.code == "colonne-obligatoire-absente" and "«\u00a0code insee\u00a0»" in absent.remedy
    )
    unknown = {p.column: p.suggestion for p in report.warnings if p.code == "colonne-inconnue"}
    assert unknown == {"code insee": "territoire_code", "couleur": ""}


@pytest.mark.parametrize(
    ("wording", "theme", "because"),
    [
        ("Accompagner les habitants éloignés du numérique", "inclusion_mediation", "habitants"),
        ("Protéger nos communes des cyberattaques", "cybersecurite_confiance", "Côte-d’Or"),
        ("Des capteurs pour l’éclairage public", "territoire_intelligent", "capteurs"),
    ],
)
def test_theme_of_a_wording_with_its_reason(wording, theme, because):
    first = suggest_themes(wording)[0]
    assert first.theme == theme and because in first.reason and 0 < first.likeness <= 1


def test_nothing_alike_gives_no_theme():
    assert suggest_themes("xyzzy") == []


def test_themes_of_other_strategies_guess_most_of_the_corpus():
    rows = pd.read_csv(STRATEGIES_DIR / "corpus-2026" / "priorites.csv", dtype="str").iloc[::4]
    guesses = [
        [found.theme for found in suggest_themes(row.intitule, without=[row.strategie_id])]
        for row in rows.itertuples()
    ]
    first = [
        theme == guess[:1]
        for theme, guess in zip(rows["theme"].map(lambda t: [t]), guesses, strict=True)
    ]
    among = [theme in guess for theme, guess in zip(rows["theme"], guesses, strict=True)]
    assert sum(first) / len(rows) > 0.55 and sum(among) / len(rows) > 0.75


@pytest.mark.parametrize("typed", ["", "fracture numérique"])
def test_priority_without_a_theme_gets_one_proposed(typed):
    wording = "Lutter contre la fracture numérique"
    problem, loaded = told("priorites", "theme", typed, intitule=wording)
    assert (problem.suggestion, loaded) == ("inclusion_mediation", typed)
    assert "Thème probable" in problem.remedy and "intitulés semblables" in problem.remedy
