"""Faults of a build or a database: each ends in recovery, or in a French message with a remedy.

What befalls a build happens for real, in processes of their own (`failing_builds.py`).
"""

import errno
import gc
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import app
from comparisons.build import build, file_replacement
from comparisons.build.build import BuildError, build_if_stale
from comparisons.cli.main import main
from comparisons.database.cache import cached
from comparisons.database.connection import (
    DatabaseMissingError,
    cursor,
    dataset_metadata,
    query,
    use_preview,
)
from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.template.templates import example_workbook
from comparisons.exports.file_store import FileStore
from comparisons.settings import FORMAT_DIR, PROJECT_DIR
from comparisons.web import api, responses, tables_api

BUDGETS = "/api/v1/tables/budgets.csv"
# Two of the thirty progress lines of a build: before the first of them nothing is written, after
# the second all is.
WRITING, WRITTEN = 3, 28


# --- a small site ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, small_reference: Path) -> dict[str, list]:
    """Return the events of the builds of one database, by kind, each with the files it left."""
    folder = tmp_path_factory.mktemp("builds")
    shutil.copytree(FORMAT_DIR / "exemples" / "valide", folder / "strategies" / "exemple")
    (folder / "site").mkdir()
    arguments = {
        "database": str(folder / "site" / "base.duckdb"),
        "strategies": str(folder / "strategies"),
        "reference": str(small_reference),
        "faults": [
            ("whole", 0),
            ("killed", random.randrange(WRITING, WRITTEN)),
            # the first is too small for one table, the second for the whole database only
            *(("full", size) for size in (100_000, 1_000_000)),
            ("overtaken", random.randrange(WRITING, WRITTEN)),
        ],
    }
    process = subprocess.run(
        [sys.executable, Path(__file__).parents[1] / "failing_builds.py", json.dumps(arguments)],
        env=os.environ | {"PYTHONPATH": str(PROJECT_DIR)},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    happened = json.loads(process.stdout)
    events_by_kind = {event["kind"]: [] for event in happened}
    for event in happened:
        events_by_kind[event["kind"]].append(event)
    return {"arguments": arguments, "database": Path(arguments["database"]), **events_by_kind}


@pytest.fixture
def base(story: dict, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An up-to-date database, alone in its folder, where the site looks for it."""
    path = tmp_path / "site" / "base.duckdb"
    path.parent.mkdir()
    shutil.copyfile(story["database"], path)
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(path))
    return path


def page() -> AppTest:
    run = AppTest.from_file(PROJECT_DIR / "pages" / "navigation.py", default_timeout=30).run()
    assert not run.exception
    return run


def is_open(client: TestClient) -> bool:
    """Tell whether the site answers, to its watchman and to programs alike."""
    responses = [client.get(address) for address in ("/healthz", "/api/v1/", BUDGETS)]
    if {response.status_code for response in responses} == {200}:
        return True
    assert {response.status_code for response in responses} == {503}
    health, *error_bodies = (response.json() for response in responses)
    assert health["statut"] == "indisponible" and health["message"].startswith("La base base.duck")
    for error_body in error_bodies:
        assert error_body["erreur"].startswith(health["message"])
    return False


def outdate(base: Path) -> None:
    with duckdb.connect(str(base)) as connection:
        connection.execute("UPDATE jeu_de_donnees SET version = 'avant'")


# --- during a build -------------------------------------------------------------------------------


def test_killed_during_a_build_the_database_before_stays(story):
    (fault,) = story["killed"]
    assert fault["ends"] == [[-9, ""]], story["arguments"]
    assert fault["hash"] == story["whole"][0]["hash"]


def test_what_a_killed_build_left_is_cleared_by_the_next_one_even_if_it_fails(story):
    assert len(story["killed"][0]["left"]) == 2, story["arguments"]
    for fault in (*story["full"], *story["overtaken"]):
        assert fault["left"] == ["base.duckdb"], story["arguments"]


def test_disk_full_during_a_build_is_said_and_the_database_before_stays(story):
    for fault in story["full"]:
        [[code, message]] = fault["ends"]
        assert code == 1 and "n’a pas pu être écrite" in message
        assert "fichier aussi gros" in message and "STRATOSCOPE_DATABASE" in message
        assert fault["hash"] == story["whole"][0]["hash"]


def test_two_builds_at_once_both_succeed(story, base):
    (fault,) = story["overtaken"]
    assert fault["ends"] == [[0, ""], [0, ""]], story["arguments"]
    assert fault["hash"] != story["whole"][0]["hash"]
    assert not build_if_stale()  # whole, and up to date


def test_why_a_database_cannot_be_written_is_said_in_the_terminal(base, monkeypatch, capsys):
    before = base.read_bytes()
    refuse_folders(monkeypatch, errno.ENOSPC)
    assert main(["build"]) == 1
    error = capsys.readouterr().err
    assert "plus de place sur le disque" in error and str(base) in error
    assert "STRATOSCOPE_DATABASE" in error
    assert base.read_bytes() == before


def test_a_fault_halfway_leaves_the_database_before_and_nothing_else(base):
    before = base.read_bytes()
    with pytest.raises(RuntimeError), file_replacement.atomic_replace(base) as new:
        new.write_bytes(b"half of it")
        raise RuntimeError
    assert base.read_bytes() == before
    assert os.listdir(base.parent) == ["base.duckdb"]


def test_stopped_by_hand_a_build_says_so(base, monkeypatch, capsys):
    def stopped(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "build", stopped)
    assert main(["build"]) == 1
    assert "rien n’a été remplacé" in capsys.readouterr().err


# --- at the start ---------------------------------------------------------------------------------


def edited(sql: str) -> Callable[[Path], None]:
    def edit(base: Path) -> None:
        with duckdb.connect(str(base)) as connection:
            connection.execute(sql)

    return edit


def without_tables(base: Path) -> None:
    base.unlink()
    duckdb.connect(str(base)).close()


UNUSABLE = {
    "missing": Path.unlink,
    "empty": lambda base: base.write_bytes(b""),
    "cut in half": lambda base: os.truncate(base, base.stat().st_size // 2),
    "cut by a byte": lambda base: os.truncate(base, base.stat().st_size - 1),
    "random bytes": lambda base: base.write_bytes(random.randbytes(300_000)),
    "another file": lambda base: base.write_text("Bonjour.\n" * 1000),
    "without tables": without_tables,
    "without a table": edited("DROP TABLE pairs"),
    "without a column": edited("ALTER TABLE budgets DROP COLUMN inclus_dans"),
    "of another type": edited("ALTER TABLE budgets ALTER montant TYPE VARCHAR"),
    "without a version": edited("DELETE FROM jeu_de_donnees"),
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_an_unusable_database_is_reported_then_rebuilt(base, story, client, monkeypatch, fault):
    UNUSABLE[fault](base)
    assert not is_open(client)
    monkeypatch.setattr(build, "build", lambda progress: shutil.copy(story["database"], base))
    messages: list[str] = []
    assert build_if_stale(messages.append)
    assert re.search("Première construction|ne se lit pas.* Elle va être remplacée", messages[0])
    assert is_open(client)


def test_a_missing_database_is_said_so(tmp_path):
    with pytest.raises(DatabaseMissingError, match="n’existe pas encore"):
        cursor(tmp_path / "absente.duckdb")


def damage_inside(base: Path) -> None:
    """Damage a part of the budgets that opening the file does not read."""
    with duckdb.connect(str(base), read_only=True) as connection:
        ((block,),) = connection.execute(
            "SELECT block_id FROM pragma_storage_info('budgets') WHERE block_id >= 0 LIMIT 1"
        ).fetchall()
    with base.open("r+b") as file:
        file.seek(3 * 4096 + block * 262_144 + 1000)  # after three headers
        file.write(bytes(100) + b"\xff" * 100)


def test_a_database_damaged_inside_is_built_again_at_the_start(base, monkeypatch):
    damage_inside(base)
    assert (
        dataset_metadata()["version"] == build.dataset_version()
    )  # nothing can be seen from outside
    assert build_if_stale()
    assert not build_if_stale() and len(query("SELECT * FROM budgets")) > 0


def test_a_folder_at_the_path_of_the_database_is_reported(base, client):
    base.unlink()
    base.mkdir()
    assert not is_open(client)
    with pytest.raises(IsADirectoryError) as error, file_replacement.atomic_replace(base) as new:
        new.write_bytes(b"a database")
    assert file_replacement.os_error_message(error.value) == "un dossier porte ce nom"


def test_data_that_cannot_be_read_are_named(base, monkeypatch, tmp_path):
    monkeypatch.setattr(build, "input_files", lambda: [tmp_path / "disparu.csv"])
    with pytest.raises(BuildError, match=r"disparu\.csv ne se lit pas : un fichier"):
        build_if_stale()


@pytest.mark.parametrize("error", [BuildError("Un paquet a une erreur."), RuntimeError("imprévu")])
def test_whatever_the_build_meets_the_site_opens_with_the_data_before(
    base, client, monkeypatch, capsys, caplog, error
):
    def fail(progress: object) -> None:
        raise error

    monkeypatch.setattr(app, "build_if_stale", fail)
    app.prepare()
    output = capsys.readouterr().out
    assert "n’a pas été reconstruite" in output + caplog.text
    assert str(error) in output + caplog.text
    assert f"version {dataset_metadata()['version']}" in output
    assert is_open(client)


# --- a folder that is only read -------------------------------------------------------------------


def refuse_folders(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Have the system refuse the folder that a build writes in."""
    make = os.mkdir

    def mkdir(path: str, *mode: int, **where: int) -> None:
        if file_replacement.TEMP_SUFFIX in str(path):
            raise OSError(code, os.strerror(code), path)
        make(path, *mode, **where)

    monkeypatch.setattr(os, "mkdir", mkdir)


@pytest.fixture
def read_only(base: Path, monkeypatch: pytest.MonkeyPatch):
    """Have the folder of the database read-only, once it holds what it should."""

    def protect() -> None:
        base.parent.chmod(0o555)
        if os.access(base.parent, os.W_OK):  # no right stops who runs as root
            refuse_folders(monkeypatch, errno.EROFS)

    yield protect
    base.parent.chmod(0o755)


def test_read_only_an_up_to_date_site_opens(base, client, read_only, capsys):
    read_only()
    app.prepare()
    assert "n’a pas été" not in capsys.readouterr().out
    assert is_open(client)


def test_read_only_an_outdated_site_goes_on_and_says_so(base, client, read_only, capsys):
    outdate(base)
    read_only()
    app.prepare()
    output = capsys.readouterr().out
    assert "n’a pas été reconstruite" in output and "STRATOSCOPE_DATABASE" in output
    assert "version avant" in output
    assert is_open(client) and dataset_metadata()["version"] == "avant"


def test_without_a_database_the_site_opens_says_so_and_recovers(
    base, story, client, read_only, monkeypatch, capsys, tmp_path
):
    base.unlink()
    read_only()
    app.prepare()
    output = capsys.readouterr().out
    assert "STRATOSCOPE_DATABASE" in output and "sans données" in output
    assert "python -m comparisons build" in output
    assert not is_open(client)
    (alert,) = page().error
    assert "ne peuvent pas être lues" in alert.value and "base.duckdb" not in alert.value
    # somebody builds it, from another process
    base.parent.chmod(0o755)
    shutil.copyfile(story["database"], base)
    assert is_open(client)
    assert not page().error


@pytest.mark.parametrize("step", ["build_if_stale", "load_site"])
def test_no_error_of_the_start_ends_the_site(base, client, monkeypatch, caplog, step):
    def fail(**_: object) -> None:
        raise ValueError("month must be in 1..12")

    monkeypatch.setattr(app, step, fail)
    app.prepare()
    assert "erreur inattendue" in caplog.text
    assert is_open(client)


# --- while the site runs --------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["missing", "empty", "cut in half", "another file"])
def test_damaged_while_the_site_runs_it_says_so_and_recovers(base, story, client, fault):
    assert is_open(client)
    UNUSABLE[fault](base)
    assert not is_open(client)
    (alert,) = page().error
    assert "ne peuvent pas être lues" in alert.value
    shutil.copyfile(story["database"], base)
    assert is_open(client)


def test_an_unreadable_part_of_the_database_gives_an_error_not_a_truncated_file(
    base, client, monkeypatch
):
    monkeypatch.setattr(responses, "_FILES", FileStore(10_000_000))  # no file was made before
    damage_inside(base)
    response = client.get(BUDGETS)
    assert response.status_code == 500 and "Erreur inattendue" in response.json()["erreur"]


def test_a_database_that_gives_up_is_seen_by_the_watchman(base, client, monkeypatch):
    def gives_up() -> None:
        raise duckdb.FatalException("database has been invalidated")

    assert client.get("/healthz").status_code == 200
    monkeypatch.setattr(api, "cursor", gives_up)
    response = client.get("/healthz")
    assert response.status_code == 503 and "redémarrez" in response.json()["message"]


@pytest.fixture
def rebuild(base: Path, tmp_path: Path) -> Callable[[], None]:
    """Replace the database by another edition, as a build does: without budgets."""

    def swap() -> None:
        new = tmp_path / "nouvelle.duckdb"
        shutil.copyfile(base, new)
        with duckdb.connect(str(new)) as connection:
            connection.execute("UPDATE jeu_de_donnees SET version = 'nouvelle'")
            connection.execute("DELETE FROM budgets")
        os.replace(new, base)

    return swap


def test_rebuilt_during_an_answer_it_ends_on_the_edition_it_began_with(
    base, client, rebuild, monkeypatch
):
    before = client.get(BUDGETS)
    # the answer has its version when it asks whether the reader has it already
    monkeypatch.setattr(tables_api, "matches_etag", lambda *_: rebuild())
    during = client.get(BUDGETS)
    monkeypatch.undo()
    assert during.text == before.text and during.text.count("\n") > 1
    for name in ("X-Version", "X-Total-Count"):
        assert during.headers[name] == before.headers[name]


def test_rebuilt_while_users_are_on_the_next_answer_is_of_the_new_edition(base, client, rebuild):
    with use_preview(None):  # as a page, while it is made
        version, rows = dataset_metadata()["version"], len(query("SELECT * FROM budgets"))
        rebuild()
        assert dataset_metadata()["version"] == version != "nouvelle"
        assert len(query("SELECT * FROM budgets")) == rows > 0
    assert dataset_metadata()["version"] == "nouvelle"
    assert client.get(BUDGETS).headers["X-Total-Count"] == "0"


class Answer:
    pass


def test_rebuilt_while_users_are_on_nothing_of_the_edition_before_is_kept(base, rebuild):
    result_reference = weakref.ref(cached(Answer)())
    rebuild()
    assert dataset_metadata()["version"] == "nouvelle"
    gc.collect()
    assert result_reference() is None
    opened = Path("/proc/self/fd")
    if opened.exists():
        files = [os.readlink(path) for path in opened.iterdir() if path.is_symlink()]
        assert f"{base} (deleted)" not in files and str(base) in files


# --- a wrong clock --------------------------------------------------------------------------------


def test_with_the_clock_of_1970_all_is_built_and_served(base, client, monkeypatch):
    now = datetime(1970, 1, 2).timestamp()

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(now, tz)

    monkeypatch.setattr(time, "time", lambda: now)
    monkeypatch.setattr(build, "datetime", Clock)
    base.unlink()
    assert build_if_stale() and not build_if_stale()
    assert dataset_metadata()["construit_le"].startswith("1970")
    assert is_open(client)
    for address in ("tables/budgets.xlsx", "package.zip"):
        assert client.get(f"/api/v1/{address}").status_code == 200
    assert read_upload(example_workbook(), "exemple.xlsx").problems == ()


@pytest.mark.parametrize("moment", [0, time.time(), 2**32], ids=["1970", "now", "2106"])
def test_what_a_killed_build_left_goes_whatever_its_date(base, moment):
    left = base.with_name(f"{base.name}{file_replacement.TEMP_SUFFIX}tue")
    left.mkdir()
    (left / "spill.tmp").mkdir()
    (left / base.name).write_bytes(b"left by a killed build")
    os.utime(left, (moment, moment))
    with file_replacement.atomic_replace(base) as new:
        new.write_bytes(b"a database")
    assert os.listdir(base.parent) == ["base.duckdb"]


@pytest.mark.parametrize(("age", "stays"), [(0, True), (3600, False), (-3600, False)])
def test_a_build_that_is_just_starting_is_left_alone(base, age, stays):
    other_temporary_file = base.with_name(f"{base.name}{file_replacement.TEMP_SUFFIX}autre")
    other_temporary_file.mkdir()
    os.utime(other_temporary_file, (time.time() - age,) * 2)
    with file_replacement.atomic_replace(base) as new:
        new.write_bytes(b"a database")
    assert other_temporary_file.exists() == stays
