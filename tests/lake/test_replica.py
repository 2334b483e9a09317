"""Replicas of a lake: the database that folders give, served while the lake is away."""

import contextlib
import io
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from comparisons.build import build
from comparisons.build.preview import Preview
from comparisons.database.connection import dataset_metadata, query
from comparisons.datapackage.merge import creation_date, merge_packages
from comparisons.datapackage.reader import Package, read_package
from comparisons.datapackage.short_form.partners import load_partner_index
from comparisons.datapackage.validation.validator import validate
from comparisons.lake import replica, tables
from comparisons.lake.connection import LakeError, open_lake
from comparisons.lake.publishing import publish, publish_folders
from comparisons.lake.snapshots import edition_tables
from comparisons.schema.model import load_format
from tests.ports import free_port


def test_a_lake_gives_the_database_that_its_packages_give(
    lake, package, write_package, tmp_path, monkeypatch
):
    later = write_package("suite", "2026-11-25")
    later.rename(package.parent / "suite")
    assert publish_folders("", print).outcome == "fait"
    replica.build_from_lake()
    monkeypatch.delenv("STRATOSCOPE_LAKE")
    build.build(tmp_path / "dossiers.duckdb")
    with duckdb.connect() as both:
        both.execute(f"ATTACH '{tmp_path / 'dossiers.duckdb'}' AS dossiers (READ_ONLY)")
        both.execute(f"ATTACH '{tmp_path / 'replique' / 'base.duckdb'}' AS lac (READ_ONLY)")
        names = both.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'lac'")
        names = {name for (name,) in names.fetchall()} - {"jeu_de_donnees"}
        assert {"changements", "editions", "paquets", "strategies", "couverture"} < names
        for name in names:
            fingerprint = f"SELECT count(*), sum(hash(t)::HUGEINT) FROM {{}}.{name} t"
            expected = both.execute(fingerprint.format("dossiers")).fetchone()
            assert both.execute(fingerprint.format("lac")).fetchone() == expected, name


def test_the_lake_merges_packages_as_a_build_does(lake, package):
    """Rows of a strategy published again fall with it, others with a row of their key."""
    whole, chance = read_package(package), random.Random(20)
    packages, strategies = [], [*whole.tables["strategies"]["strategie_id"]]
    for number in range(8):
        parts = {
            name: rows.sample(frac=chance.random(), random_state=number)
            for name, rows in whole.tables.items()
        }
        parts["priorites"]["intitule"] = f"Intitulé {number}"
        parts["indicateurs"]["strategie_id"] = chance.choice(strategies)
        descriptor = {"created": f"2026-11-{10 + chance.randrange(4)}"}
        packages.append(Package(f"p{number}", parts, descriptor))
    with open_lake(for_writing=True) as opened, opened.transaction():
        tables.create_tables(opened)
        for each in packages:
            tables.write_package(opened, each, 0, "")
        packages.sort(key=lambda each: (creation_date(each), each.name))
        expected, _ = merge_packages(packages)
        for name, table in load_format().tables.items():
            rows = tables.merged_rows(opened, table)
            assert rows.to_dict("records") == expected[name].to_dict("records"), name


def test_a_newer_snapshot_is_served_and_the_one_before_stays_readable(
    lake, package, write_package, client, monkeypatch
):
    monkeypatch.setattr(replica, "_build_apart", replica.build_from_lake)
    publish(package)
    assert replica.refresh() and not replica.refresh()
    before = str(dataset_metadata()["version"])
    strategies = query("SELECT count(*) AS n FROM strategies")["n"].iloc[0]
    publish(write_package("suite", "2026-11-25"))
    replica.follow()
    assert query("SELECT count(*) AS n FROM strategies")["n"].iloc[0] == 2 * strategies
    assert str(dataset_metadata()["version"]) != before
    assert len(query("FROM changements")) > 0
    # what checks and previews compare with
    assert "suite-exemple-numerique" in load_partner_index().by_id
    preview = Preview.from_package(validate(read_package(write_package("nouveau"))))
    assert len(preview.strategies) == strategies and preview.replaced == ()
    preview.close()
    gone = client.get(f"/api/v1/tables/strategies.csv?_version={before}")
    assert gone.status_code == 410 and "édition 1" in gone.json()["erreur"]
    past = client.get(f"/api/v1/package.zip?_version={before}")
    rows = zipfile.ZipFile(io.BytesIO(past.content)).read("strategies.csv").decode()
    assert len(rows.splitlines()) == strategies + 1 and "suite-" not in rows
    assert len(edition_tables(1)["strategies"]) == strategies


# --- when something is wrong ----------------------------------------------------------------------


def test_while_the_lake_is_away_the_site_serves_what_it_has_and_says_so(
    lake, package, postgresql, client
):
    publish(package)
    replica.refresh()
    health = client.get("/healthz").json()
    assert health["lac"]["joignable"] and health["lac"]["age_secondes"] < 60
    postgresql.stop()
    try:
        replica.follow()
        health = client.get("/healthz")
        assert health.status_code == 200 and not health.json()["lac"]["joignable"]
        assert "rien n’écoute" in health.json()["lac"]["message"]
        assert client.get("/api/v1/tables/strategies.csv").status_code == 200
    finally:
        postgresql.start()
    replica.follow()
    assert client.get("/healthz").json()["lac"]["joignable"]


def with_zeros(content: bytes) -> bytes:
    start = len(content) // 3
    return content[:start] + bytes(200) + content[start + 200 :]


@pytest.mark.usefixtures("parquet")
def test_a_corrupted_file_is_refused_and_the_database_before_stays(lake, package):
    publish(package)
    replica.refresh()
    before = dataset_metadata()["version"]
    (file,) = lake.rglob("sources/*.parquet")
    whole = file.read_bytes()
    for content in (with_zeros(whole), whole[:-100]):
        file.write_bytes(content)
        with pytest.raises(LakeError):
            replica.build_from_lake()
    file.write_bytes(whole)
    # a file that reads well, of a row that nobody published
    rows = duckdb.sql(f"SELECT * REPLACE (reverse(titre) AS titre) FROM '{file}'")
    rows.write_parquet(f"{file}.autre")
    Path(f"{file}.autre").replace(file)
    with pytest.raises(LakeError):
        replica.build_from_lake()
    assert dataset_metadata()["version"] == before


@pytest.fixture
def storage(monkeypatch) -> Iterator[str]:
    """Return the address of a bucket of a storage that speaks S3, which the environment names."""
    program = Path(sys.prefix) / "s3" / "bin" / "moto_server"
    if not program.exists():
        pytest.skip("« make test » installs the storage")
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    values = {
        "ACCESS_KEY_ID": "cle",
        "SECRET_ACCESS_KEY": "quelque-chose-qui-ne-sort-pas",
        "REGION": "us-east-1",
    }
    for name, value in (values | {"ENDPOINT_URL": endpoint}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    command = [program, "-p", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                if httpx.put(f"{endpoint}/strategies").status_code == 200:
                    break
            time.sleep(0.1)
        yield f"{endpoint}/strategies"
        server.terminate()


@pytest.mark.usefixtures("parquet")
def test_files_may_be_in_a_storage_that_speaks_s3(lake, package, storage, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_LAKE_DATA", "s3://strategies/lac/")
    assert publish(package).outcome == "fait"
    assert ".parquet</Key>" in httpx.get(storage).text
    assert replica.refresh()
    httpx.post(f"{storage.rpartition('/')[0]}/moto-api/reset")  # it loses everything
    with pytest.raises(LakeError) as raised:
        replica.build_from_lake()
    assert "quelque-chose-qui-ne-sort-pas" not in str(raised.value)
