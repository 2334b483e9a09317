"""Publish in a lake on a real PostgreSQL: whole or not at all, by several at once."""

import json
import logging
import signal
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from comparisons.cli.main import main
from comparisons.lake import connection, snapshots
from comparisons.lake.connection import LakeError, open_lake
from comparisons.lake.publishing import publish, publish_folders
from comparisons.settings import PROJECT_DIR
from tests.postgresql import PASSWORD


def counts() -> dict[str, int]:
    """Count the rows of each package in the lake, and the editions."""
    with open_lake() as lake:
        rows = dict(lake.execute("SELECT paquet, count(*) FROM lac.sources GROUP BY ALL"))
        return rows | {"éditions": len(lake.execute("FROM lac.editions"))}


# --- one publisher --------------------------------------------------------------------------------


def test_a_package_is_published_whole_with_author_and_message(lake, package, capsys):
    assert main(["publish", str(package), "--auteur", "DREETS", "--message", "Premier"]) == 0
    assert "exemple-valide est publié : édition 1" in capsys.readouterr().out
    assert main(["publish", str(package)]) == 0
    assert "à l’identique" in capsys.readouterr().out
    assert main(["snapshots", "--json"]) == 0
    (snapshot,) = json.loads(capsys.readouterr().out)
    assert snapshot["auteur"] == "DREETS" and snapshot["message"] == "Premier"
    assert (snapshot["edition"], snapshot["paquet"]) == (1, "exemple-valide")


def test_a_refused_package_changes_nothing(lake, package, write_package, tmp_path, capsys):
    assert main(["publish", str(write_package("faux", theme="inconnu"))]) == 1
    assert "inconnu" in capsys.readouterr().err
    assert publish(package).outcome == "fait"
    before = counts()
    # the same identifiers of sources, for other documents
    clash = write_package("choc")
    rows = pd.read_csv(package / "sources.csv", dtype="str", keep_default_na=False)
    rows.assign(url=rows["url"] + "#autre").to_csv(clash / "sources.csv", index=False)
    for file in clash.glob("*.csv"):
        text = file.read_text("utf-8")
        if file.name != "sources.csv":
            file.write_text(text.replace("choc-s", "s"), "utf-8")
    refused = publish(clash)
    assert refused.outcome == "refuse" and "désigne déjà autre chose" in refused.message
    (tmp_path / "vide.csv").write_text("")
    assert main(["publish", str(tmp_path / "vide.csv")]) == 2
    assert counts() == before


def test_a_published_name_is_replaced_only_on_purpose_and_never_by_an_older_state(
    lake, write_package
):
    assert publish(write_package("a", "2026-11-24")).outcome == "fait"
    newer = write_package("a", "2026-11-25", resume="Autre résumé.")
    assert "--remplacer" in publish(newer).message
    assert publish(newer, may_replace=True).edition == 2
    older = write_package("a", "2026-11-23")
    assert "2026-11-23" in publish(older, may_replace=True).message
    assert counts()["éditions"] == 2


def test_what_another_package_names_cannot_be_taken_away(lake, write_package):
    assert publish(write_package("a", "2026-11-24")).outcome == "fait"
    # it names an organisation of the first
    other = write_package("b", "2026-11-25")
    rows = pd.read_csv(other / "mutualisations.csv", dtype="str", keep_default_na=False)
    named = rows["partenaire_id"].str.replace("b-", "a-")
    rows.assign(partenaire_id=named).to_csv(other / "mutualisations.csv", index=False)
    assert publish(other).outcome == "fait"
    without = write_package("a", "2026-11-26")
    for table in ("partenaires", "mutualisations"):
        (without / f"{table}.csv").unlink()
    descriptor = json.loads((without / "datapackage.json").read_text("utf-8"))
    descriptor["resources"] = [
        resource
        for resource in descriptor["resources"]
        if resource["name"] not in ("partenaires", "mutualisations")
    ]
    (without / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    refused = publish(without, may_replace=True)
    assert refused.outcome == "refuse" and "partenaires" in refused.message
    assert counts()["éditions"] == 2


# --- several publishers ---------------------------------------------------------------------------


def test_publishers_at_once_all_succeed_each_once(lake, write_package):
    paths = [write_package(f"p{number}") for number in range(4)]
    with ThreadPoolExecutor(2) as pool:
        assert {result.outcome for result in pool.map(publish, paths)} == {"fait"}
    each = counts()
    assert each.pop("éditions") == 4 and set(each) == {path.name for path in paths}
    assert len(set(each.values())) == 1
    assert list(snapshots.list_snapshots()["edition"]) == [1, 2, 3, 4]


def test_of_two_publishers_that_contradict_one_another_one_is_told_why(lake, write_package):
    paths = [write_package(name) for name in ("a", "b")]
    for path, url in zip(paths, ("https://a.fr", "https://b.fr"), strict=True):
        for file in path.glob("*.csv"):
            rows = pd.read_csv(file, dtype="str", keep_default_na=False)
            if "source_id" in rows:
                rows["source_id"] = rows["source_id"].str.removeprefix(f"{path.name}-")
            if file.name == "sources.csv":
                rows["url"] = url + rows.index.astype("str")
            rows.to_csv(file, index=False)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(publish, paths))
    assert sorted(result.outcome for result in results) == ["fait", "refuse"]
    (refused,) = (result for result in results if result.outcome == "refuse")
    assert "désigne déjà autre chose" in refused.message
    assert len(counts()) == 2


def test_a_publisher_that_is_killed_leaves_nothing_and_holds_nobody_up(
    lake, package, write_package
):
    assert publish(package).outcome == "fait"
    before = counts()
    script = (
        "import os, signal, sys\n"
        "from comparisons.lake import publishing, tables\n"
        "tables.write_edition = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "publishing.publish(sys.argv[1])"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, write_package("tue")], cwd=PROJECT_DIR, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert counts() == before
    assert publish(write_package("suivant")).edition == 2


def test_a_publisher_that_waits_too_long_is_told_so(lake, package, write_package, monkeypatch):
    publish(package)
    monkeypatch.setattr(connection, "_LOCK_SECONDS", 1)
    with open_lake(for_writing=True) as other, other.only_publisher():
        with pytest.raises(LakeError, match="d’autres dépôts"):
            publish(write_package("a"))


# --- the catalogue --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "postgres:host=127.0.0.1 port={port} user=lac dbname=postgres password=faux-secret",
        "postgres://lac:faux-secret@127.0.0.1:{port}/postgres",
        "postgres:host=127.0.0.1 port={port} user=lac dbname=postgres",
    ],
)
def test_a_wrong_password_is_said_and_never_shown(
    lake, postgresql, package, address, monkeypatch, caplog, capsys
):
    monkeypatch.setenv("PGPASSWORD", "faux-secret")
    monkeypatch.setenv("STRATOSCOPE_LAKE", address.format(port=postgresql.port))
    assert main(["publish", str(package)]) == 2
    error = capsys.readouterr().err
    assert "le mot de passe est refusé" in error and "127.0.0.1" in error
    with pytest.raises(LakeError) as raised:
        publish(package)
    logging.getLogger("test").error("Échec", exc_info=raised.value)
    shown = error + caplog.text + "".join(traceback.format_exception(raised.value))
    assert "faux-secret" not in shown and PASSWORD not in shown


def test_without_a_lake_or_its_extensions_one_is_told_what_to_do(
    lake, package, monkeypatch, capsys
):
    monkeypatch.setattr(connection.importlib.util, "find_spec", lambda name: None)
    assert main(["snapshots"]) == 2
    error = capsys.readouterr().err
    assert "duckdb-extension-ducklake" in error and "pip install" in error
    monkeypatch.delenv("STRATOSCOPE_LAKE")
    assert main(["publish", str(package)]) == 2
    assert "STRATOSCOPE_LAKE" in capsys.readouterr().err


def test_a_catalogue_may_be_a_file(lake, package, write_package, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_LAKE", str(tmp_path / "catalogue.ducklake"))
    with pytest.raises(LakeError, match="n’existe pas encore"):
        snapshots.list_snapshots()
    assert publish_folders("moi", print).outcome == "fait"
    assert publish(write_package("a")).edition == 2
    assert list(snapshots.list_snapshots()["paquet"]) == ["exemple", "a"]
