"""Commands give the files of the addresses, understand words, and refuse in French."""

import errno
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from comparisons.analysis.comparison.comparison import compare
from comparisons.cli.main import main
from comparisons.database.connection import query
from comparisons.datapackage.validation.validator import validate
from comparisons.exports import comparison_files, peers_files, table_writers
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.territory import parse_key
from comparisons.search.resolution import resolve_territory
from comparisons.settings import PROJECT_DIR

pytestmark = pytest.mark.usefixtures("database")

EDITIONS = ("region-27-scoran-2015", "region-27-strategie_numerique-2020")
# the arguments of a command, and the address of the same file
COMMANDS = {
    "compare": (
        ["compare", "region-27", "--doc", EDITIONS[0], "--doc", EDITIONS[1]],
        "comparaison.{}?t=region-27&doc=" + "&doc=".join(EDITIONS),
    ),
    "pairs": (
        ["pairs", "region-53", "--nombre", "4", "--poids", "densite:2", "population:0"],
        "pairs.{}?t=region-53&nombre=4&poids=densite:2,population:0",
    ),
    "pairs of one's own": (
        ["pairs", "commune-35238", "--avec", "commune-35047", "commune-35051"],
        "pairs.{}?t=commune-35238&maniere=liste&avec=commune-35047,commune-35051",
    ),
    "export": (
        ["export", "strategies", "--niveau", "region", "--filtre", "type=scoran"],
        "tables/strategies.{}?territoire_niveau=region&type=scoran",
    ),
}


@pytest.mark.parametrize("extension", ["csv", "json"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_gives_the_file_of_the_address(client, capfdbinary, name, extension):
    arguments, address = COMMANDS[name]
    assert main([*arguments, "--format", extension]) == 0
    output = capfdbinary.readouterr().out
    content = client.get(f"/api/v1/{address.format(extension)}").content
    if extension == "json" and name != "export":
        # but for the address of the page, which only the site knows
        output, content = (json.loads(text) | {"adresse": None} for text in (output, content))
    assert output == content


@pytest.mark.skipif(sys.platform == "win32", reason="Windows n’a pas ce signal")
def test_a_report_whose_reader_stops_ends_quietly():
    command = [sys.executable, "-m", "comparisons", "validate", "data/format/exemples/valide"]
    with subprocess.Popen(
        command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()  # as `head` does
        assert process.stderr.read() == b""


SILENT = ("commune-01004", "commune-02001")


@pytest.mark.parametrize(
    ("arguments", "extension"),
    [
        *((["compare", *SILENT], extension) for extension in comparison_files.MEDIA_TYPES),
        (["pairs", "commune-35238", "--maniere", "voisins"], "xlsx"),
        (["pairs", "commune-35238", "--maniere", "voisins"], "zip"),
    ],
)
def test_a_command_writes_a_file(tmp_path, arguments, extension):
    path = tmp_path / f"fichier.{extension}"
    assert main([*arguments, "--format", extension, "-o", str(path)]) == 0
    if arguments[0] == "compare":
        expected = comparison_files.encode(compare(list(map(parse_key, SILENT))), extension)
    else:
        choice = PeerOptions(maniere="voisins")
        expected = peers_files.encode("commune-35238", choice, extension)
    assert path.read_bytes() == expected


def test_a_file_that_cannot_be_written_whole_leaves_the_one_before(tmp_path, monkeypatch, capsys):
    path = tmp_path / "pairs.csv"
    path.write_text("avant")
    write = Path.write_bytes

    def write_half(file: Path, content: bytes) -> int:
        write(file, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    assert main(["export", "strategies", "--format", "csv", "-o", str(path)]) == 2
    assert path.read_text() == "avant" and list(tmp_path.iterdir()) == [path]
    assert "Impossible d’écrire" in capsys.readouterr().err


def test_a_command_writes_its_text_to_a_file_too(tmp_path):
    path = tmp_path / "comparaison.txt"
    assert main(["compare", *SILENT, "-o", str(path)]) == 0
    assert "Population" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "condition"),
    [
        (["budgets"], "true"),
        (
            ["strategies", "--territoire", "ille et vilaine", "--filtre", "type=sdtan"],
            "territoire_niveau = 'departement' AND territoire_code = '35' AND type = 'sdtan'",
        ),
    ],
)
def test_a_table_is_exported_from_a_terminal(tmp_path, arguments, condition):
    path = tmp_path / "table.csv"
    assert main(["export", *arguments, "--format", "csv", "-o", str(path)]) == 0
    expected = query(f"SELECT count(*) AS n FROM {arguments[0]} WHERE {condition}")["n"].iloc[0]
    assert len(pd.read_csv(path)) == expected > 0


def test_the_whole_dataset_is_exported_as_a_package_or_a_workbook(tmp_path):
    for extension in ("zip", "xlsx"):
        path = tmp_path / f"tout.{extension}"
        assert main(["export", "all", "--format", extension, "-o", str(path)]) == 0
        assert validate(path).is_valid


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("ille et vilaine", "departement-35"),
        ("Finistère", "departement-29"),
        ("35", "departement-35"),
        ("rennes", "commune-35238"),
        ("rennes metropole", "epci-243500139"),
        ("departement mayenne", "departement-53"),
        ("grand lyon", "epci-200046977"),
    ],
)
def test_territories_are_understood_from_words(words, key):
    resolved, note = resolve_territory(words)
    assert resolved == key
    assert f"« {words} »" in note and f"[{key}]" in note


def test_what_was_understood_is_said_beside_the_file(capfdbinary):
    assert main(["pairs", "mayenne (departement)", "--avec", "ille et vilaine", "sarthe",
                 "--format", "json"]) == 0  # fmt: skip
    output, notes = (part.decode("utf-8") for part in capfdbinary.readouterr())
    payload = json.loads(output)
    assert payload["territoire"]["cle"] == "departement-53" and payload["maniere"] == "liste"
    assert [row["cle"] for row in payload["pairs"]] == ["departement-35", "departement-72"]
    for key in ("departement-53", "departement-35", "departement-72"):
        assert f"[{key}]" in notes


def test_the_commands_of_the_readme_work(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    text = (PROJECT_DIR / "README.md").read_text("utf-8")
    commands = re.findall(r"^python -m comparisons ((?:pairs|compare) .*)$", text, re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        assert main(shlex.split(command, comments=True)) == 0, capfd.readouterr().err
    addresses = re.findall(r"`/api/v1/pairs\.\{([^}]*)\}\?", text)
    assert addresses == ["|".join(table_writers.MEDIA_TYPES)]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["compare", "paris", "region-28"], 1, "peut désigner Paris, département 75 [depart"),
        (["compare", "zzzzqqq", "region-28"], 1, "Rien pour « zzzzqqq »"),
        (["compare", "region-28"], 1, "Une seule colonne"),
        (["compare", "region-28", "region-53", "--rubrique", "rien"], 1, "de « rubrique »"),
        (["compare", "region-28", "region-53", "--format", "xlsx"], 2, "-o FICHIER"),
        (["compare", "region-28", "region-53", "-o", "/absent/x.txt"], 2, "Impossible d’écrire"),
        (["pairs", "region-53", "--nombre", "0"], 1, "un nombre de 1 à 30"),
        (["pairs", "region-53", "--avec", "sarthe"], 1, "n’est pas une région"),
        (["pairs", "region-53", "--maniere", "voisins", "--avec", "region-52"], 1, "=liste"),
        (["pairs", "region-53", "--format", "zip"], 2, "-o FICHIER"),
        (["export", "budgts", "--format", "csv"], 1, "Table inconnue"),
        (["export", "budgets", "--format", "csv", "--filtre", "montants=1"], 1, "Voulez-vous dire"),
        (["export", "budgets", "--format", "csv", "--filtre", "montant"], 1, "COLONNE=VALEUR"),
        (["export", "budgets", "--format", "csv", "--niveau", "region"], 1, "ne nomme pas"),
        (["export", "budgets", "--format", "zip", "-o", "x"], 1, "export all"),
        (["export", "all", "--format", "csv"], 1, "zip"),
        (["export", "budgets", "--format", "parquet"], 2, "-o FICHIER"),
    ],
)
def test_a_command_says_in_french_what_is_wrong(capfdbinary, arguments, code, message):
    assert main(arguments) == code
    output, errors = (part.decode("utf-8") for part in capfdbinary.readouterr())
    assert message in errors and output == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare"], "il manque"),
        (["compare", "region-28", "region-53", "--format", "pdf2"], "valeur inconnue"),
        (["compare", "region-28", "region-53", "--montrer"], "il faut une valeur"),
        (["compare", "region-28", "region-53", "--rien"], "arguments inconnus"),
        (["pairs", "region-28", "--format", "pdf"], "valeur inconnue"),
        (["pairs", "region-28", "--poids"], "il faut au moins une valeur"),
        (["pairs", "region-28", "region-53"], "arguments inconnus"),
    ],
)
def test_a_command_badly_written_is_refused_in_french(capfd, arguments, message):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2 and message in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [["compare", "region-28", "region-53"], ["pairs", "35"]])
def test_a_command_without_a_database_says_how_to_build_it(capfd, tmp_path, monkeypatch, arguments):
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(tmp_path / "absente.duckdb"))
    assert main(arguments) == 2
    assert "python -m comparisons build" in capfd.readouterr().err
