"""Files of the API: made once, in bounds, sent whole, in part or compressed."""

import gzip
import hashlib
import io
import threading
import time

import pandas as pd
import pyarrow.parquet as pq
import pytest

from comparisons.concurrency import ConcurrencyLimiter, Interruption, interrupted_by
from comparisons.database.connection import query
from comparisons.errors import InterruptedRequestError
from comparisons.exports import table_process
from comparisons.exports.file_store import FileStore
from comparisons.queries.selection import MAX_FILTERS, MAX_SEARCHED_TEXTS, MAX_SORTS
from comparisons.web import responses, tables_api

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def empty_store(monkeypatch) -> FileStore:
    store = FileStore(10_000_000)
    monkeypatch.setattr(responses, "_FILES", store)
    return store


def test_a_head_request_makes_no_file(client, empty_store, monkeypatch):
    monkeypatch.setattr(FileStore, "file", None)
    for path, disposition in (
        ("tables/budgets.json", "attachment"),
        ("comparaison.pdf?t=departement-35,departement-29", "inline"),
    ):
        response = client.head(f"/api/v1/{path}")
        assert response.status_code == 200 and "Content-Length" not in response.headers
        assert response.headers["Content-Disposition"].startswith(f"{disposition}; filename=")


def test_a_browser_of_another_site_may_read_parts_of_a_file(client):
    address = "/api/v1/tables/strategies.parquet"
    asked = {"Origin": "https://exemple.fr", "Access-Control-Request-Headers": "range"}
    allowed = client.options(address, headers=asked).headers["Access-Control-Allow-Headers"]
    head = client.head(address).headers
    assert "Range" in allowed and "Content-Range" in head["Access-Control-Expose-Headers"]
    assert head["Accept-Ranges"] == "bytes" and int(head["Content-Length"]) > 1000


def test_a_part_of_a_file_is_one_of_its_plain_bytes(client):
    address = "/api/v1/tables/strategies.parquet"
    whole = client.get(address).content
    part = client.get(address, headers={"Range": "bytes=-8", "Accept-Encoding": "gzip"})
    assert part.status_code == 206 and part.content == whole[-8:]
    assert part.headers["Content-Range"].endswith(f"/{len(whole)}")
    assert "Content-Encoding" not in part.headers
    table = "/api/v1/tables/strategies.csv"
    assert client.get(table, headers={"Range": "bytes=0-3"}).content == b"stra"


@pytest.mark.parametrize("extension", ["csv", "json", "parquet"])
def test_a_process_writes_what_a_thread_writes(client, empty_store, monkeypatch, extension):
    address = f"/api/v1/tables/budgets.{extension}"
    in_thread = client.get(address).content
    monkeypatch.setattr(tables_api, "_MAX_CELLS_IN_THREAD", 0)
    monkeypatch.setattr(responses, "_FILES", FileStore(10_000_000))
    in_process = client.get(address)
    assert in_process.content == in_thread
    assert (in_process.headers.get("Content-Encoding") == "gzip") == (extension != "parquet")
    if extension == "parquet":
        rows = pq.read_table(io.BytesIO(in_process.content)).num_rows
    else:
        read = {"csv": pd.read_csv, "json": pd.read_json}[extension]
        rows = len(read(io.BytesIO(in_process.content)))
    assert rows == query("SELECT count(*) AS n FROM budgets")["n"].iloc[0]


def test_a_process_that_fails_leaves_no_file(client, empty_store, monkeypatch):
    monkeypatch.setattr(tables_api, "_MAX_CELLS_IN_THREAD", 0)
    monkeypatch.setattr(table_process, "__name__", "comparisons.nothing")
    response = client.get("/api/v1/tables/budgets.csv")
    assert response.status_code == 413 and "trop de temps" in response.json()["erreur"]
    monkeypatch.undo()
    assert client.get("/api/v1/tables/budgets.csv").status_code == 200


def test_many_who_ask_for_a_file_get_the_one_that_was_made(empty_store):
    made = []

    def write(output) -> None:
        made.append(1)
        time.sleep(0.2)
        output.write(b"content")

    paths = []
    threads = [
        threading.Thread(target=lambda: paths.append(empty_store.file("name", write)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(set(paths)) == 1 and paths[0].read_bytes() == b"content"


def test_the_store_keeps_the_last_files_up_to_its_size():
    store = FileStore(100)
    paths = [store.file(f"f{i}", lambda output: output.write(b"x" * 40)) for i in range(3)]
    assert [path.exists() for path in paths] == [False, True, True]
    assert "f0" not in store and "f2" in store


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("&".join(f"a{i}=1" for i in range(MAX_FILTERS + 1)), f"{MAX_FILTERS} au plus"),
        (
            "&".join(f"nom__contains={i}" for i in range(MAX_SEARCHED_TEXTS + 1)),
            f"{MAX_SEARCHED_TEXTS} au plus",
        ),
        (
            "_tri=nom,population,densite,superficie_km2,territoire_code,territoire_niveau",
            f"{MAX_SORTS} au plus",
        ),
    ],
)
def test_a_selection_is_no_longer_than_a_person_writes(client, address, words):
    response = client.get(f"/api/v1/tables/territoires.csv?{address}")
    assert response.status_code == 400 and words in response.json()["erreur"]


@pytest.mark.parametrize(
    ("module", "limiter"), [(tables_api, "FILE_LIMITER"), (responses, "ANSWER_LIMITER")]
)
def test_when_too_many_wait_the_next_is_told_to_come_back(
    client, empty_store, monkeypatch, module, limiter
):
    monkeypatch.setattr(module, limiter, ConcurrencyLimiter(0, queued=0))
    response = client.get("/api/v1/tables/budgets.csv")
    assert response.status_code == 503 and int(response.headers["Retry-After"]) > 0
    assert client.get("/healthz").status_code == 200


def test_texts_are_compressed_for_those_who_read_it(client):
    address = "/api/v1/openapi.json"
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    with client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as response:
        raw = b"".join(response.iter_raw())
    assert response.headers["Content-Encoding"] == "gzip"
    assert int(response.headers["Content-Length"]) == len(raw)
    digest = hashlib.sha256(plain.content).hexdigest()
    assert hashlib.sha256(gzip.decompress(raw)).hexdigest() == digest


# --- interruption ---------------------------------------------------------------------------------


def interrupt_soon(interruption: Interruption) -> None:
    threading.Timer(0.3, interruption.request).start()


def test_an_interruption_ends_a_query_and_what_would_come_after():
    interruption = Interruption()
    interrupt_soon(interruption)
    for sql in ("SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 8", "SELECT 1 AS a"):
        with pytest.raises(InterruptedRequestError), interrupted_by(interruption):
            query(sql)
