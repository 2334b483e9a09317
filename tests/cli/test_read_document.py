"""`read-document` writes proposals and a package, and says by its exit code what came of it."""

import csv
import json

import pytest

from comparisons.cli.main import main
from comparisons.datapackage.validation.validator import validate
from comparisons.documents.proposals import COLUMNS
from comparisons.tabular_files import escape_formula

pytestmark = pytest.mark.usefixtures("database")

STRATEGY = """# Stratégie numérique de la Ville de Brest 2022-2027

Délibération : stratégie adoptée par le conseil municipal du 3 février 2022.

## Axe 1 : Former les agents

Un crédit de 120 000 € a été voté.

## Axe 2 : =Ouvrir les données

### Action 2.1 : Publier un catalogue
"""


def read(path, *arguments: str) -> int:
    return main(["read-document", str(path), *arguments])


def test_proposals_have_their_page_and_passage_and_the_package_is_valid(tmp_path, capsys):
    document, folder = tmp_path / "strategie.md", tmp_path / "sortie"
    document.write_text(STRATEGY, "utf-8")
    address = ["--url", "https://exemple.fr/strategie.pdf"]
    assert read(document, "-o", str(folder), *address) == 0
    assert "Le paquet est valide" in capsys.readouterr().out
    with (folder / "propositions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    levels = [row["valeur"] for row in rows if row["colonne"] == "niveau"]
    assert levels == ["axe", "axe", "action"]
    amount = next(row for row in rows if row["colonne"] == "montant")
    assert (amount["valeur"], amount["page"], amount["ligne"]) == ("120000", "1", "1")
    assert amount["passage"] == "Un crédit de 120 000 € a été voté."
    titles = [row["valeur"] for row in rows if row["colonne"] == "intitule"]
    assert titles[1] == escape_formula("=Ouvrir les données")
    report = validate(folder)
    assert report.is_valid
    tables = report.package.tables
    assert set(tables["priorites"]["certitude"]) == {"deduit"}
    assert list(tables["strategies"]["territoire_code"]) == ["29019"]
    # what a person must add, and what no package holds, is said
    assert read(document, "-o", str(folder)) == 0
    printed = capsys.readouterr().out
    assert "il reste à remplir" in printed
    assert "ligne d’un niveau inférieur" in printed


def test_the_territory_can_be_named_and_json_is_printed(tmp_path, capsys):
    document = tmp_path / "strategie.md"
    document.write_text(STRATEGY, "utf-8")
    assert read(document, "--territoire", "departement-35", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["pages"] == 1 and answer["paquet"]
    codes = [row["valeur"] for row in answer["propositions"] if row["colonne"] == "territoire_code"]
    assert codes[0] == "35"
    assert read(document, "--territoire", "departement-999", "--json") == 2


@pytest.mark.parametrize(
    ("words", "code"), [("Ille-et-Vilaine", "35"), ("223500018", "35"), ("79191", "79191")]
)
def test_a_territory_is_named_as_people_know_it(tmp_path, capsys, words, code):
    document = tmp_path / "strategie.md"
    document.write_text(STRATEGY, "utf-8")
    assert read(document, "--territoire", words, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["propositions"]
    assert code in {row["valeur"] for row in rows if row["colonne"] == "territoire_code"}


def test_a_name_of_several_territories_is_refused_with_them(tmp_path, capsys):
    document = tmp_path / "strategie.md"
    document.write_text(STRATEGY, "utf-8")
    assert read(document, "--territoire", "Saint-Denis", "--json") == 2
    assert "[commune-97411]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("menu.txt", "Menu de la cantine\n\nLundi : carottes.", 1), ("faux.pdf", "bonjour", 2)],
)
def test_nothing_found_is_not_an_unusable_document(tmp_path, capsys, name, text, code):
    (tmp_path / name).write_text(text, "utf-8")
    assert read(tmp_path / name, "-o", str(tmp_path / "sortie")) == code
    printed = capsys.readouterr()
    assert printed.out or printed.err.startswith("Ce PDF est endommagé")
    assert read(tmp_path / "absent.pdf", "-o", str(tmp_path / "sortie")) == 2
