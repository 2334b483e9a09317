"""From a contributor's file to a package that one can host, propose, import and load again."""

import io
import json
import os
import shutil
import zipfile
from datetime import date
from pathlib import Path

import frictionless
import pytest
from file_contents import zip_members
from package_files import csv_table, source_row
from test_build import change

from comparisons.build import build
from comparisons.build.import_package import import_package
from comparisons.database.connection import cursor
from comparisons.datapackage import merge
from comparisons.datapackage.reader import Package, read_package, read_upload
from comparisons.datapackage.validation.validator import validate
from comparisons.datapackage.writer import (
    NotPublishableError,
    PackageMetadata,
    read_metadata,
    safe_name,
    to_standard_zip,
)
from comparisons.settings import FORMAT_DIR

VALID = FORMAT_DIR / "exemples" / "valide"
ABOUT = PackageMetadata(title="Feuille de route", contributor="Mayenne", created="2026-11-28")
TODAY = date(2026, 11, 28)


def member(content: bytes, name: str) -> str:
    return zip_members(content)[name].decode()


def agreed(text: str) -> bool:
    return True


def only(*tables: str, **changes: str) -> Package:
    """The valid example with some of its tables, under another name."""
    package_read = read_package(VALID)
    return Package("autre", {name: package_read.tables[name] for name in tables}, changes)


# --- the standard zip -----------------------------------------------------------------------------


def test_standard_package_is_a_valid_data_package_with_its_readme_and_licence(tmp_path):
    content = to_standard_zip(validate(VALID), ABOUT)
    members = zipfile.ZipFile(io.BytesIO(content))
    members.extractall(tmp_path)
    assert frictionless.Package(str(tmp_path / "datapackage.json")).validate().valid
    report = validate(read_upload(content, "paquet.zip"))
    assert report.is_valid and not report.package.problems
    described = json.loads(members.read("datapackage.json"))
    assert described["name"] == "feuille-de-route" and described["version"] == "1.0.0"
    assert described["created"] == "2026-11-28T00:00:00Z"
    assert described["conformeA"] == "strategie-numerique-territoriale@1.2.0"
    assert described["contributors"] == [{"title": "Mayenne", "roles": ["creator"]}]
    readme = members.read("README.md").decode()
    for words in ("data.gouv.fr", "schema.data.gouv.fr", "comparisons import", "pull request",
                  "data/strategies/feuille-de-route/", "Licence Ouverte 2.0"):  # fmt: skip
        assert words in readme
    assert "etalab.gouv.fr" in members.read("LICENCE.md").decode()


def test_same_facts_give_the_same_bytes_whatever_they_came_in():
    content = to_standard_zip(validate(VALID), ABOUT)
    assert content == to_standard_zip(validate(VALID), ABOUT)
    again = read_upload(content, "paquet.zip")
    assert to_standard_zip(again) == content
    assert "b4,departement-53-sdusn-2021,1,,priorite" in member(content, "budgets.csv")
    assert ",90000.5," in member(content, "budgets.csv")


def test_what_is_loaded_and_exported_is_what_was_published(package, tmp_path, monkeypatch):
    from comparisons.exports import table_package

    path = tmp_path / "base.duckdb"
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(path))
    build.build(path)
    published, loaded = (
        to_standard_zip(validate(VALID), ABOUT),
        table_package.to_package_zip("https://x.fr/"),
    )
    for name in read_package(VALID).tables:
        assert member(loaded, f"{name}.csv") == member(published, f"{name}.csv")
    assert validate(read_upload(loaded, "tout.zip")).is_valid


def test_empty_tables_are_left_out_and_errors_are_refused(tmp_path):
    package_read = read_package(VALID)
    partial = Package(
        "p", {**package_read.tables, "budgets": package_read.tables["budgets"].iloc[:0]}
    )
    assert "budgets.csv" not in zip_members(to_standard_zip(partial))
    with pytest.raises(NotPublishableError, match="erreurs"):
        to_standard_zip(validate(FORMAT_DIR / "exemples" / "invalides" / "code-inconnu"))
    with pytest.raises(NotPublishableError, match="rien à publier"):
        to_standard_zip(Package("vide", {}))


def test_the_contact_of_a_short_form_stays_a_contact():
    short = read_package(FORMAT_DIR / "exemples" / "valide-court")
    (contact,) = read_metadata(short).contacts
    assert "@" in contact and read_metadata(short).contributor == ""
    described = json.loads(member(to_standard_zip(validate(short)), "datapackage.json"))
    assert described["contributors"] == [{"title": contact, "email": contact, "roles": ["contact"]}]


def test_words_of_the_contributor_stay_words():
    title = "Plan <script>alert(1)</script> [ici](javascript:x) \u202e\x1b[31m"
    content = to_standard_zip(read_package(VALID), PackageMetadata(title=title, created="hier"))
    readme = member(content, "README.md")
    assert "<script" not in readme.replace("\\<", "") and "\\[ici\\]" in readme
    assert "\u202e" not in readme and "\x1b" not in readme


@pytest.mark.parametrize(
    ("text", "name"),
    [("Évreux : plan", "evreux-plan"), ("../../etc", "etc"), ("..", "paquet"), ("\x00", "paquet"),
     ("CON" * 99, ("con" * 99)[:60]), ("", "paquet")],
)  # fmt: skip
def test_folder_names_are_safe(text, name):
    assert safe_name(text) == name


# --- adding one to the site -----------------------------------------------------------------------


def a_zip(folder: Path, contents: Package, about: PackageMetadata = ABOUT) -> Path:
    path = folder / "depot.zip"
    path.write_bytes(to_standard_zip(contents, about))
    return path


def test_import_shows_what_it_replaces_and_the_build_loads_it(package, tmp_path):
    questions = []
    later = only("strategies", "sources", "priorites", "recherches")
    path = a_zip(tmp_path, later)
    result = import_package(
        path, parent_folder=package.parent, confirm=lambda t: bool(questions.append(t)) or 1
    )
    assert result.outcome == "fait" and "build" in result.message
    (question,) = questions
    assert "departement-53-sdusn-2021" in question and "usages numériques 2021-2026" in question
    assert (
        "departement / 53 / 2026-11-23" in question and "Priorités\u00a0: 3\u00a0lignes" in question
    )
    folder = package.parent / "feuille-de-route"
    assert sorted(p.name for p in folder.iterdir()) == [
        "LICENCE.md", "README.md", "datapackage.json", "priorites.csv", "recherches.csv",
        "sources.csv", "strategies.csv",
    ]  # fmt: skip
    assert folder.stat().st_mode & 0o777 == 0o755
    assert len(list(package.parent.iterdir())) == 2 and not list(tmp_path.glob(".import*"))
    database = tmp_path / "base.duckdb"
    report = build.build(database)
    assert {r.key for r in report.replacements} >= {"departement-53-sdusn-2021"}
    assert report.rows["strategies"] == 3 and report.rows["budgets"] == 0


def test_import_needs_a_yes_and_never_overwrites(package, tmp_path):
    path = a_zip(tmp_path, only("recherches"))
    assert import_package(path, parent_folder=package.parent).outcome == "refuse"
    assert [folder.name for folder in package.parent.iterdir()] == ["exemple"]
    result = import_package(path, "exemple", package.parent, agreed)
    assert result.outcome == "refuse" and "rien n’a été écrasé" in result.message
    away = import_package(path, "../../dehors", package.parent, agreed)
    assert away.folder == package.parent / "dehors" and away.outcome == "fait"


def test_import_refuses_what_does_not_validate(package, tmp_path):
    result = import_package(
        FORMAT_DIR / "exemples/invalides/code-inconnu", "x", package.parent, agreed
    )
    assert result.outcome == "refuse" and "code-inconnu" in result.message
    lost = import_package(tmp_path / "absent.zip", "x", package.parent, agreed)
    assert lost.outcome == "inutilisable" and "n’existe pas" in lost.message
    dated = only("recherches", created="hier")
    (tmp_path / "d.zip").write_bytes(to_standard_zip(dated))
    refused = import_package(tmp_path / "d.zip", "x", package.parent, agreed)
    assert refused.outcome == "refuse" and "created" in refused.message
    sources = only("sources").tables["sources"].assign(url="https://autre.fr")
    (tmp_path / "s.zip").write_bytes(to_standard_zip(Package("s", {"sources": sources})))
    contradicts = import_package(tmp_path / "s.zip", "x", package.parent, agreed, TODAY)
    assert contradicts.outcome == "refuse" and "désigne déjà autre chose" in contradicts.message
    assert [folder.name for folder in package.parent.iterdir()] == ["exemple"]


def test_import_uses_earlier_packages_and_dates_an_undated_package(package, tmp_path):
    coverage = only("couvertures").tables["couvertures"].iloc[:1]
    path = tmp_path / "suite.zip"
    path.write_bytes(to_standard_zip(Package("suite", {"couvertures": coverage})))
    result = import_package(path, parent_folder=package.parent, confirm=agreed, today=TODAY)
    assert result.outcome == "fait", result.message
    described = json.loads((result.folder / "datapackage.json").read_text())
    assert described["created"] == "2026-11-28T00:00:00Z"
    assert result.added == {"couvertures": 1}
    older = a_zip(
        tmp_path, Package("o", {"couvertures": coverage}), PackageMetadata(created="2020-01-01")
    )
    assert import_package(older, "o", package.parent, agreed).outcome == "refuse"


def test_import_reports_what_a_later_package_replaces(package, tmp_path):
    path = a_zip(tmp_path, only("recherches"), PackageMetadata(created="2020-01-01"))
    text = import_package(path, "vieux", package.parent).to_text()
    assert "plus récent remplace déjà" in text and "ne remplace rien" in text


def test_import_half_written_leaves_nothing(package, tmp_path, monkeypatch):
    path = a_zip(tmp_path, only("recherches"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.rename", full)
    assert "Impossible" in import_package(path, "x", package.parent, agreed).message
    assert [folder.name for folder in package.parent.iterdir()] == ["exemple"]
    assert not list(tmp_path.glob(".import*"))


# --- packages outside the project -----------------------------------------------------------------


@pytest.fixture
def outside(package, tmp_path, monkeypatch) -> Path:
    """A folder of packages outside, with one that corrects a title, of the same date."""
    folder = tmp_path / "dehors"
    (folder / "correction").mkdir(parents=True)
    content = to_standard_zip(only("strategies", "sources"), PackageMetadata(created="2026-11-23"))
    zipfile.ZipFile(io.BytesIO(content)).extractall(folder / "correction")
    change(folder / "correction" / "strategies.csv", "intercommunale", "du pays")
    monkeypatch.setenv("STRATOSCOPE_PACKAGES", str(folder))
    return folder


def test_packages_outside_are_loaded_after_those_of_the_same_date(outside, tmp_path, monkeypatch):
    path = tmp_path / "base.duckdb"
    report = build.build(path)
    assert [r.package.name for r in report.reports] == ["exemple", "correction"]
    rows = cursor(path).execute("SELECT titre FROM strategies").fetchall()
    assert ("Exemple : feuille de route numérique du pays",) in rows
    change(outside / "correction" / "strategies.csv", "du pays", "du lieu")
    assert build.dataset_version() != report.version
    monkeypatch.setenv("STRATOSCOPE_PACKAGES", str(outside / "correction"))  # a package by itself
    assert "correction" in [p.name for p in merge.published_packages()]
    change(outside / "correction" / "datapackage.json", "2026-11-23", "2020-11-23")
    assert [p.name for p in merge.published_packages()] == ["correction", "exemple"]


def test_a_broken_package_outside_is_named_and_left_out(outside, tmp_path, monkeypatch):
    path = tmp_path / "base.duckdb"
    shutil.copytree(outside / "correction", outside / "fautif")
    change(outside / "fautif" / "strategies.csv", "departement,53", "departement,99")
    monkeypatch.setenv("STRATOSCOPE_PACKAGES", f"{outside}{os.pathsep}{tmp_path / 'absent'}")
    lines = []
    report = build.build(path, lines.append)
    assert [r.package.name for r in report.reports] == ["exemple", "correction"]
    absent, broken = report.left_out
    assert absent.name.endswith("absent") and "n’existe pas" in absent.reason
    assert broken.name == "fautif" and "territoire-inconnu" in broken.reason
    assert {str(absent), str(broken)} < set(lines)
    version = report.version
    change(outside / "fautif" / "strategies.csv", "departement,99", "departement,53")
    assert build.dataset_version() != version
    assert len(build.build(path).reports) == 3


def left_out(outside: Path, path: Path) -> dict[str, str]:
    """Build, which must load what is sound; return the reason of each name that is left out."""
    report = build.build(path)
    assert [r.package.name for r in report.reports] == ["exemple", "correction"]
    return {left.name: left.reason for left in report.left_out}


def test_pipes_archives_and_namesakes_outside_are_said_and_never_waited_for(
    outside, tmp_path, monkeypatch
):
    pipe, archive = outside / "tube", outside / "paquet.zip"
    os.mkfifo(pipe)
    archive.write_bytes(b"PK")
    shutil.copytree(outside / "correction", outside / "exemple")
    for name in ("a-tube", "au-zero", "sans-date", "muet", "geant"):
        shutil.copytree(outside / "correction", outside / name)
    os.mkfifo(outside / "a-tube" / "budgets.csv")
    (outside / "au-zero" / "sources.csv").unlink()
    (outside / "au-zero" / "sources.csv").symlink_to("/dev/zero")
    change(outside / "sans-date" / "datapackage.json", "created", "cree")
    (outside / "muet" / "datapackage.json").unlink()
    with (outside / "geant" / "budgets.csv").open("wb") as file:
        file.truncate(2**31)
    monkeypatch.setenv("STRATOSCOPE_PACKAGES", os.pathsep.join(map(str, (outside, pipe, archive))))
    reasons = left_out(outside, tmp_path / "base.duckdb")
    for name, words in {
        "tube": "ce n’est pas un dossier",
        str(pipe): "ce n’est pas un dossier",
        "paquet.zip": "Décompressez-la",
        str(archive): "Décompressez-la",
        "exemple": "deux paquets portent ce nom",
        "a-tube": "budgets.csv n’est pas un fichier ordinaire",
        "au-zero": "sources.csv n’est pas un fichier ordinaire",
        "sans-date": "n’a pas de date",
        "muet": "n’a pas de datapackage.json",
        "geant": "dépasse",
    }.items():
        assert words in reasons.pop(name)
    assert reasons == {}


def test_an_older_package_outside_cannot_take_the_identifiers_of_ours(outside, tmp_path):
    older = outside / "ancien"
    older.mkdir()
    (older / "datapackage.json").write_text('{"created": "2020-11-23"}')
    (older / "sources.csv").write_text(
        csv_table([source_row("s1", consulte_le="2020-01-01", date_publication="2019")]), "utf-8"
    )
    assert "désigne déjà autre chose" in left_out(outside, tmp_path / "base.duckdb")["ancien"]


def test_a_package_outside_that_breaks_ours_does_not_stop_an_import(outside, package, tmp_path):
    change(outside / "correction" / "sources.csv", "https://exemple.fr", "https://autre.fr")
    path = a_zip(tmp_path, only("recherches"))
    assert import_package(path, "suite", package.parent, agreed, TODAY).outcome == "fait"
