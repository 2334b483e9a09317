"""The database is built whole or not at all, kept up to date, and only read."""

import csv
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from comparisons import build, merge, warehouse
from comparisons.__main__ import main
from comparisons.build import BuildError
from comparisons.format import FORMAT_DIR, PROJECT_DIR, REFERENCE_DIR

REGION, DEPARTEMENT = "52", "53"  # those of the valid example


# --- a small world: the valid example, in its département -----------------------------------------


@pytest.fixture(scope="session")
def small_reference(tmp_path_factory) -> Path:
    """The reference data of one département: building takes half a second."""
    folder = tmp_path_factory.mktemp("reference")
    with (REFERENCE_DIR / "territoires.csv").open(encoding="utf-8", newline="") as file:
        kept = [
            row
            for row in csv.DictReader(file)
            if row["departement_code"] == DEPARTEMENT
            or (row["territoire_niveau"], row["territoire_code"]) == ("region", REGION)
        ]
    pd.DataFrame(kept).to_csv(folder / "territoires.csv", index=False)
    codes = {row["territoire_code"] for row in kept}
    for name, column in (("jumeaux", "jumeau_code"), ("anciennes_communes", "commune_code")):
        rows = pd.read_csv(REFERENCE_DIR / f"{name}.csv", dtype=str, keep_default_na=False)
        rows[rows[column].isin(codes)].to_csv(folder / f"{name}.csv", index=False)
    borders = pd.read_parquet(REFERENCE_DIR / "voisins.parquet")
    borders[borders["territoire_code"].isin(codes)].to_parquet(folder / "voisins.parquet")
    return folder


@pytest.fixture
def package(tmp_path, monkeypatch, small_reference) -> Path:
    """The one package of a small world, as a folder that a test may change."""
    folder = tmp_path / "strategies" / "exemple"
    shutil.copytree(FORMAT_DIR / "exemples" / "valide", folder)
    for module in (build, merge):
        monkeypatch.setattr(module, "STRATEGIES_DIR", folder.parent)
    monkeypatch.setattr(build, "REFERENCE_DIR", small_reference)
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def titles(path: Path) -> set[str]:
    rows = warehouse.cursor(path).execute("SELECT titre FROM strategies").fetchall()
    return {title for (title,) in rows}


# --- whole or not at all --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("priorites.csv", "inclusion_mediation", "mediation", "inclusion_mediation"),
        ("budgets.csv", "1200000", "beaucoup", "montant"),
        ("strategies.csv", "departement,53", "departement,99", "territoire-inconnu"),
        ("datapackage.json", '"created"', '"cree"', "date"),
    ],
)
def test_an_error_in_a_package_leaves_the_old_database(package, tmp_path, file, old, new, said):
    path = tmp_path / "base.duckdb"
    path.write_bytes(b"the database of before")
    change(package / file, old, new)
    with pytest.raises(BuildError) as error:
        build.build(path)
    assert "exemple" in str(error.value) and said in str(error.value)
    assert path.read_bytes() == b"the database of before"
    assert [file.name for file in tmp_path.glob("base*")] == ["base.duckdb"]


def test_a_folder_of_tables_without_a_descriptor_is_not_passed_over(package, tmp_path):
    shutil.copytree(package, package.parent / "oublie")
    (package.parent / "oublie" / "datapackage.json").unlink()
    with pytest.raises(BuildError, match="oublie n’a pas de datapackage"):
        build.build(tmp_path / "base.duckdb")


def test_packages_that_contradict_each_other_are_refused(package, tmp_path):
    other = shutil.copytree(package, package.parent / "autre")
    change(other / "sources.csv", "https://exemple.fr/partenaire", "https://autre.fr")
    with pytest.raises(BuildError, match="« s3 »"):
        build.build(tmp_path / "base.duckdb")


def test_a_fault_halfway_leaves_the_old_database_and_nothing_else(package, tmp_path):
    path = tmp_path / "base.duckdb"
    path.write_bytes(b"the database of before")

    def disk_full(line: str) -> None:
        if line.startswith("Calcul de couverture"):
            raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        build.build(path, disk_full)
    assert path.read_bytes() == b"the database of before"
    assert [file.name for file in tmp_path.glob("base*")] == ["base.duckdb"]


# Builds again and again in child processes, each of which kills itself at a line of its progress.
KILLED_BUILDS = """
import os, signal, sys
from pathlib import Path
from comparisons import build, merge

database, strategies, reference, *lines = sys.argv[1:]
for module in (build, merge):
    module.STRATEGIES_DIR = Path(strategies)
build.REFERENCE_DIR = Path(reference)
for wanted in map(int, lines):
    child = os.fork()
    if not child:
        seen = iter(range(1000))
        build.build(
            Path(database),
            lambda line: next(seen) == wanted and os.kill(os.getpid(), signal.SIGKILL),
        )
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    print(child)
"""


def test_a_killed_build_leaves_the_old_database_and_the_next_one_succeeds(
    package, tmp_path, small_reference, monkeypatch
):
    path = tmp_path / "base.duckdb"
    lines: list[str] = []
    build.build(path, lines.append)
    before = path.read_bytes()
    old = titles(path)
    change(package / "strategies.csv", "feuille de route numérique", "feuille de route nouvelle")

    # the last line comes when the new file is in place
    points = random.sample(range(len(lines) - 1), 4)
    arguments = [path, package.parent, small_reference, *points]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BUILDS, *map(str, arguments)],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == 0, (points, killed.stderr)
    assert path.read_bytes() == before, points
    assert titles(path) == old

    # in a container the next build may well have the same process number as the killed one
    monkeypatch.setattr(build.os, "getpid", lambda: int(killed.stdout.split()[-1]))
    report = build.build(path)
    assert len(titles(path)) == len(old) and titles(path) != old
    assert report.rows["strategies"] == 3


def test_what_a_killed_build_left_is_cleared_once_it_is_old(package, tmp_path):
    left = tmp_path / "base.duckdb.construction-1"
    left.write_bytes(b"left by a killed build")
    os.utime(left, (0, 0))
    build.build(tmp_path / "base.duckdb")
    assert not left.exists()


# --- up to date -----------------------------------------------------------------------------------


def test_version_follows_every_input_and_never_the_clock(package, tmp_path):
    path = tmp_path / "base.duckdb"
    versions = [build.build(path).version]
    os.utime(package / "budgets.csv", (0, 0))
    assert build.build(path).version == versions[0]
    change(package / "budgets.csv", "1200000", "1200001")
    versions.append(build.dataset_version())
    change(package / "datapackage.json", "2026-11-23", "2026-11-24")
    versions.append(build.dataset_version())
    package.rename(package.with_name("renomme"))
    versions.append(build.dataset_version())
    assert len(set(versions)) == 4


def test_ensure_built_builds_only_when_missing_damaged_or_outdated(package, tmp_path, monkeypatch):
    path = tmp_path / "base.duckdb"
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(path))
    assert build.ensure_built() and not build.ensure_built()
    change(package / "budgets.csv", "1200000", "1200001")
    assert build.ensure_built() and not build.ensure_built()
    path.write_bytes(b"not a database")
    assert build.ensure_built()
    assert warehouse.metadata()["version"] == build.dataset_version()


# --- only read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO recherches (territoire_code) VALUES ('35')",
        "UPDATE strategies SET titre = ''",
        "DELETE FROM strategies",
        "DROP TABLE strategies",
        "CREATE TABLE essai (a INTEGER)",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd.csv'",
        "ATTACH '{folder}/autre.duckdb'",
        "COPY strategies TO '{folder}/strategies.csv'",
        "EXPORT DATABASE '{folder}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET memory_limit = '1GB'",
    ],
)
def test_the_database_is_only_read_and_opens_no_file(database, tmp_path, sql):
    with pytest.raises(duckdb.Error):
        warehouse.cursor(database).execute(sql.format(folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_reader_sees_the_new_edition_after_a_rebuild(package, tmp_path, monkeypatch):
    path = tmp_path / "base.duckdb"
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(path))
    build.build(path)
    opened_before = warehouse.cursor()
    change(package / "strategies.csv", "feuille de route numérique", "feuille de route nouvelle")
    build.build(path)
    sql = "SELECT titre FROM strategies WHERE type = 'strategie_numerique'"
    assert "nouvelle" in warehouse.query(sql)["titre"].iloc[0]
    # an answer begun on the old edition ends on it
    assert "numérique" in opened_before.execute(sql).fetchone()[0]


def test_a_missing_database_is_said_so(tmp_path):
    with pytest.raises(warehouse.DatabaseMissingError, match="n’existe pas encore"):
        warehouse.cursor(tmp_path / "absente.duckdb")


# --- the command ----------------------------------------------------------------------------------


def test_build_command_tells_its_progress(package, tmp_path, capsys):
    path = tmp_path / "nouveau dossier" / "base.duckdb"
    assert main(["build", "--database", str(path)]) == 0
    said = capsys.readouterr().out
    assert path.exists()
    for words in (build.dataset_version(), "Validation de exemple", "budgets : 4 lignes", "prête"):
        assert words in said


def test_build_command_fails_in_french(package, tmp_path, capsys):
    change(package / "priorites.csv", "inclusion_mediation", "mediation")
    assert main(["build", "--database", str(tmp_path / "base.duckdb")]) == 1
    said = capsys.readouterr().err
    assert "rien n’a été remplacé" in said and "priorites.csv" in said
    assert not (tmp_path / "base.duckdb").exists()
