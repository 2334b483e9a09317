"""The database is built whole or not at all, kept up to date, and only read."""

import os
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from comparisons.build import build
from comparisons.build.build import BuildError
from comparisons.cli.main import main
from comparisons.database import connection
from comparisons.datapackage.validation import plausibility


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


# --- whole or not at all --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("priorites.csv", "inclusion_mediation", "mediation", "inclusion_mediation"),
        ("budgets.csv", "1200000", "beaucoup", "montant"),
        ("strategies.csv", "departement,53", "departement,99", "territoire-inconnu"),
        ("datapackage.json", '"created"', '"cree"', "date"),
        ("datapackage.json", "2026-11-23", "2026-99-99", "date-mal-formee"),
        ("datapackage.json", "2026-11-23", "2999-11-23", "date-future"),
    ],
)
def test_an_error_in_a_package_leaves_the_old_database(package, tmp_path, file, old, new, message):
    path = tmp_path / "base.duckdb"
    path.write_bytes(b"the database of before")
    change(package / file, old, new)
    with pytest.raises(BuildError) as error:
        build.build(path)
    assert "exemple" in str(error.value) and message in str(error.value)
    assert path.read_bytes() == b"the database of before"
    assert [file.name for file in tmp_path.glob("base*")] == ["base.duckdb"]


def test_a_folder_of_tables_without_a_descriptor_is_not_passed_over(package, tmp_path):
    shutil.copytree(package, package.parent / "oublie")
    (package.parent / "oublie" / "datapackage.json").unlink()
    with pytest.raises(BuildError, match="oublie n’a pas de datapackage"):
        build.build(tmp_path / "base.duckdb")


def test_packages_that_contradict_each_other_are_refused(package, tmp_path):
    second_package = shutil.copytree(package, package.parent / "autre")
    change(second_package / "sources.csv", "https://exemple.fr/partenaire", "https://autre.fr")
    with pytest.raises(BuildError, match="« s3 »"):
        build.build(tmp_path / "base.duckdb")


def test_a_database_with_which_the_site_would_not_start_replaces_none(
    package, tmp_path, monkeypatch
):
    path = tmp_path / "base.duckdb"
    path.write_bytes(b"the database of before")
    # whatever slips through the checks
    monkeypatch.setattr(plausibility, "creation_day", lambda created: date(2026, 11, 23))
    change(package / "datapackage.json", "2026-11-23", "2026-99-99")
    with pytest.raises(BuildError, match="ne s’ouvre pas"):
        build.build(path)
    assert path.read_bytes() == b"the database of before"
    assert [file.name for file in tmp_path.glob("base*")] == ["base.duckdb"]


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


def test_ensure_built_builds_only_when_missing_or_outdated(package, tmp_path, monkeypatch):
    path = tmp_path / "base.duckdb"
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(path))
    assert build.build_if_stale() and not build.build_if_stale()
    change(package / "budgets.csv", "1200000", "1200001")
    assert build.build_if_stale() and not build.build_if_stale()
    assert connection.dataset_metadata()["version"] == build.dataset_version()


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
        connection.cursor(database).execute(sql.format(folder=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_reader_sees_the_new_edition_after_a_rebuild(package, tmp_path, monkeypatch):
    path = tmp_path / "base.duckdb"
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(path))
    build.build(path)
    opened_before = connection.cursor()
    change(package / "strategies.csv", "feuille de route numérique", "feuille de route nouvelle")
    build.build(path)
    sql = "SELECT titre FROM strategies WHERE type = 'strategie_numerique'"
    assert "nouvelle" in connection.query(sql)["titre"].iloc[0]
    # an answer begun on the old edition ends on it
    assert "numérique" in opened_before.execute(sql).fetchone()[0]


# --- the command ----------------------------------------------------------------------------------


def test_build_command_prints_its_progress(package, tmp_path, capsys):
    path = tmp_path / "nouveau dossier" / "base.duckdb"
    assert main(["build", "--database", str(path)]) == 0
    output = capsys.readouterr().out
    assert path.exists()
    said = (build.dataset_version(), "Validation de exemple", "budgets : 4\u00a0lignes", "prête")
    for words in said:
        assert words in output


def test_build_command_fails_in_french(package, tmp_path, capsys):
    change(package / "priorites.csv", "inclusion_mediation", "mediation")
    assert main(["build", "--database", str(tmp_path / "base.duckdb")]) == 1
    message = capsys.readouterr().err
    assert "Rien n’a été remplacé" in message and "priorites.csv" in message
    assert not (tmp_path / "base.duckdb").exists()
