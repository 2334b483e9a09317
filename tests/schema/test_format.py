"""The format is coherent: schemas, codes, examples and README agree."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import frictionless
import pytest

from comparisons.datapackage.cells import cell_parser
from comparisons.datapackage.validation.validator import validate
from comparisons.schema import readme
from comparisons.schema.model import code_label, duckdb_type, load_format, vocabulary_codes
from comparisons.settings import EDITIONS_DIR, FORMAT_DIR, PROJECT_DIR, STRATEGIES_DIR

FORMAT = load_format()
FIELDS = [(table, field) for table in FORMAT.tables.values() for field in table.fields]
INVALID = sorted((FORMAT_DIR / "exemples" / "invalides").iterdir())
VALID = FORMAT_DIR / "exemples" / "valide"


def schema(table: str) -> dict:
    return json.loads((FORMAT_DIR / "schemas" / f"{table}.json").read_text(encoding="utf-8"))


def rules() -> dict[str, str]:
    with (FORMAT_DIR / "regles.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["gravite"] for row in csv.DictReader(file)}


def test_tables_in_publication_order():
    assert list(FORMAT.tables) == [
        "strategies",
        "couvertures",
        "priorites",
        "budgets",
        "partenaires",
        "mutualisations",
        "indicateurs",
        "recherches",
        "sources",
        "relectures",
    ]
    assert FORMAT.version == "1.2.0"


def test_schemas_are_valid_table_schemas():
    for table in FORMAT.tables:
        assert frictionless.Schema.from_descriptor(schema(table)).field_names


def test_every_field_is_described_and_its_example_is_right():
    for table, field in FIELDS:
        assert field.title and field.description.endswith(".") and field.example, field.name
        assert cell_parser(table.name, field.name)(field.example)[1] == "", field.name
        assert duckdb_type(field), field.name


def test_enums_are_the_codes_of_their_vocabulary():
    for table in FORMAT.tables.values():
        for field in schema(table.name)["fields"]:
            if "vocabulaire" in field and field["type"] != "list":
                assert tuple(field["constraints"]["enum"]) == vocabulary_codes(field["vocabulaire"])


def test_vocabularies_are_complete_and_ordered():
    for name, table in FORMAT.vocabularies.items():
        assert list(table.columns) == ["code", "libelle", "definition", "famille", "ordre"], name
        assert table["code"].is_unique and (table["libelle"] != "").all(), name
        assert table["definition"].str.endswith(".").all(), name
        assert table["ordre"].tolist() == list(range(1, len(table) + 1)), name


def test_coverage_states_keep_their_order():
    assert vocabulary_codes("etats_couverture") == (
        "adoptee",
        "en_revision",
        "suite_inconnue",
        "en_elaboration",
        "statut_inconnu",
        "terminee",
        "partie_du_territoire",
        "description",
        "partielle",
        "aucune_de_ce_type",
        "non_trouvee",
        "non_cherchee",
    )


def test_label_gives_back_an_unknown_code():
    assert code_label("themes", "autre") == "Autre"
    assert code_label("themes", "inconnu") == "inconnu"


def test_keys_and_links_name_real_columns():
    for table in FORMAT.tables.values():
        assert set(table.primary_key) <= set(table.columns)
        for link in table.foreign_keys:
            assert set(link.fields) <= set(table.columns)
            assert set(link.reference) <= set(FORMAT.tables[link.table].columns)


def test_readme_is_up_to_date():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.update_readme(text) == text, "run: python -m comparisons.schema.readme"


def test_readme_has_a_line_for_each_column_code_and_rule():
    lines = readme.README.read_text(encoding="utf-8").splitlines()
    starts = {line.split("|")[1].strip() for line in lines if line.startswith("| `")}
    names = {field.name for _, field in FIELDS} | set(rules())
    names |= {code for name in FORMAT.vocabularies for code in vocabulary_codes(name)}
    assert {f"`{name}`" for name in names} <= starts


def test_frictionless_accepts_the_valid_example():
    command = Path(sys.executable).with_name("frictionless")
    process = subprocess.run(
        [command, "validate", VALID / "datapackage.json"], capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize(
    ("folder", "version"),
    [(EDITIONS_DIR / "corpus-2026-1.0.0", "1.0.0"), (STRATEGIES_DIR / "corpus-2026", "1.1.0")],
    ids=["1.0.0", "1.1.0"],
)
def test_a_package_of_an_earlier_version_of_the_format_stays_valid(folder, version):
    report = validate(folder)
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["conformeA"] == f"strategie-numerique-territoriale@{version}"
    assert report.errors == () and ("relectures" in report.package.tables) == (version != "1.0.0")


def test_valid_example_has_no_fault_and_uses_every_table():
    report = validate(VALID)
    assert report.problems == ()
    assert set(report.package.tables) == set(FORMAT.tables)


def test_valid_example_carries_the_schemas_of_the_format():
    for table in FORMAT.tables:
        copy = VALID / "schemas" / f"{table}.json"
        assert json.loads(copy.read_text(encoding="utf-8")) == schema(table)


def test_valid_example_uses_most_columns():
    tables = validate(VALID).package.tables
    empty = [
        (name, column)
        for name, table in tables.items()
        for column in table.columns
        if (table[column] == "").all()
    ]
    # A fictitious organisation cannot have a SIREN; the second pair would be a real one's.
    assert empty == [("partenaires", "siren")]


@pytest.mark.parametrize("example", INVALID, ids=lambda path: path.name)
def test_invalid_example_breaks_the_rule_it_is_named_after(example):
    archives = [path for path in example.iterdir() if path.suffix in {".zip", ".xlsx"}]
    report = validate(archives[0] if archives else example)
    assert {problem.code for problem in report.errors} == {example.name}
    assert not report.is_valid
    for problem in report.problems:
        assert problem.message and problem.remedy and problem.code in rules()


def test_every_error_has_its_invalid_example():
    errors = {code for code, severity in rules().items() if severity == "erreur"}
    assert {path.name for path in INVALID} == errors


def test_rules_are_those_that_the_code_can_tell():
    files = (PROJECT_DIR / "comparisons" / "datapackage").rglob("*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    assert [code for code in rules() if f'"{code}"' not in source] == []
