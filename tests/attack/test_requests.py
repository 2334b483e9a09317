"""What one stranger asks of the API stays within its bounds, and others are answered meanwhile."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from comparisons.database.sandbox.limits import MAX_QUEUED, MAX_SLOW
from comparisons.web.middleware.deadlines import SEND_SECONDS
from comparisons.web.server import HEADER_SECONDS

# The site may grow by as much, whatever is asked: buffers, threads, answers that are kept.
GROWTH = 150
LONG = "A" * 9000
SLOW = "SELECT count(*) FROM range(1000000000000) WHERE range % 7 = 8"
MILLION_CELLS = "SELECT * FROM couverture LIMIT 10000"


def ask(server, query: str, extension: str = "json", **headers: str) -> httpx.Response:
    return httpx.post(
        f"{server.url}/api/v1/sql",
        data={"q": query, "format": extension},
        headers=headers,
        timeout=120,
    )


EXPANDING = {
    "enumeration": f"WITH t AS (SELECT '{LONG}'::ENUM('{LONG}') AS c) "
    f"SELECT {', '.join(f'c AS c{i}' for i in range(120))} FROM t, range(4100)",
    "names": f'SELECT {", ".join(f"""a."{LONG}" AS "{LONG[:150]}{i}" """ for i in range(50))} '
    f'FROM (SELECT 1 AS "{LONG}") a, range(10000)',
    "joined_names": f'WITH t AS (SELECT 1 AS "{LONG}") SELECT * FROM '
    f"{', '.join(f't t{i}' for i in range(60))}, range(10000)",
    "fields": f"SELECT [{{'{LONG}': 1}}, {{'{LONG}': 2}}] AS f, * FROM range(10000)",
    "lists": "SELECT list_transform(range(50), lambda i: repeat('x', 1000)) FROM range(1000)",
}


@pytest.mark.parametrize("extension", ["json", "csv", "xlsx", "parquet"])
@pytest.mark.parametrize("kind", EXPANDING)
def test_what_expands_does_so_in_its_own_process(server, watch, kind, extension):
    before = watch.megabytes
    with watch.over():
        response = ask(server, EXPANDING[kind], extension)
    assert response.status_code in (200, 400, 413, 504), response.text[:300]
    assert len(response.content) < 70_000_000
    assert watch.peak - before < GROWTH


def test_large_answers_do_not_stop_the_site(server, watch, quiet_delay):
    before = watch.megabytes
    with watch.over(), ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda i: (
                    ask(
                        server,
                        f"SELECT repeat(md5(range::VARCHAR), 60) AS a, {i} AS b FROM range(9000)",
                        **{"Accept-Encoding": "gzip", "X-Forwarded-For": f"192.0.2.{i}"},
                    ).status_code
                ),
                range(6),
            )
        )
    assert set(answers) <= {200, 503} and 200 in answers
    assert watch.peak - before < GROWTH
    assert watch.worst_delay < 5 * quiet_delay + 2


def leave(server, path: str, after: float) -> None:
    """Ask for a file, and leave before it comes."""
    with suppress(httpx.TimeoutException):
        httpx.get(f"{server.url}{path}", timeout=after)


def test_who_leaves_takes_the_work_along(server, watch, quiet_delay):
    before = watch.megabytes
    with watch.over(), ThreadPoolExecutor(12) as pool:
        list(
            pool.map(
                lambda i: leave(server, f"/api/v1/tables/voisins.xlsx?_decalage={i}", 1.5),
                range(12),
            )
        )
        assert watch.wait_until_idle(3)
    assert watch.peak - before < GROWTH
    assert watch.worst_delay < 5 * quiet_delay + 2


def test_a_crowd_for_large_files_is_told_to_come_back(server, watch):
    def status(number: int) -> int:
        path = f"/api/v1/tables/couverture.csv?_decalage={number}"
        return httpx.get(f"{server.url}{path}", timeout=120).status_code

    with ThreadPoolExecutor(10) as pool:
        crowd = pool.map(status, range(10))
        time.sleep(0.5)
        small = httpx.get(f"{server.url}/api/v1/tables/strategies.csv?_limite=5", timeout=20)
        assert small.status_code == 200
        statuses = list(crowd)
    assert set(statuses) == {200, 503}


def test_a_file_is_made_once(server):
    address = f"{server.url}/api/v1/tables/voisins.parquet"
    first = httpx.get(address, timeout=60)
    start = time.monotonic()
    again = httpx.get(address, timeout=60)
    assert again.content == first.content and time.monotonic() - start < 1


def test_two_slow_readers_leave_the_console_to_others(server):
    def ask_as(client: str, query: str) -> httpx.Response:
        return ask(server, query, **{"X-Forwarded-For": client})

    with ThreadPoolExecutor(8) as pool:
        slow = [pool.submit(ask_as, f"198.51.100.{i % 2}", SLOW) for i in range(8)]
        time.sleep(3)
        quick = [ask_as("203.0.113.9", f"SELECT {i}").status_code for i in range(3)]
        statuses = [future.result().status_code for future in slow]
    assert quick == [200, 200, 200]
    # one query of each client, of which one after the other is stopped; the rest are refused
    assert sorted(statuses) == [503] * 6 + [504] * 2
    assert MAX_SLOW < 2 <= MAX_QUEUED


def is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.2)
    try:
        return connection.recv(65536) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_half_requests_and_readers_who_do_not_read_are_closed(server, watch):
    before = watch.megabytes
    httpx.get(f"{server.url}/api/v1/tables/voisins.csv", timeout=60)
    half, deaf = [], []
    for _ in range(60):
        half.append(socket.create_connection(("localhost", server.port)))
        half[-1].sendall(b"POST /api/v1/sql HTTP/1.1\r\nHost: a\r\nContent-Le")
        unread = socket.socket()
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        unread.connect(("127.0.0.1", server.port))
        unread.sendall(b"GET /api/v1/tables/voisins.csv HTTP/1.1\r\nHost: a\r\n\r\n")
        deaf.append(unread)
    with watch.over():
        time.sleep(HEADER_SECONDS + 3)
        assert all(map(is_closed, half))
        time.sleep(SEND_SECONDS)
    open_connections = [
        pair
        for pair in watch.process.net_connections("tcp")
        if pair.status == "ESTABLISHED" and pair.laddr.port == server.port
    ]
    assert len(open_connections) < 10
    assert watch.peak - before < GROWTH
    for connection in (*half, *deaf):
        connection.close()


def test_too_many_connections_are_closed_and_the_log_stays_short(server):
    connections = []
    with suppress(OSError):
        for _ in range(2300):
            connections.append(socket.create_connection(("localhost", server.port), timeout=5))
    time.sleep(1)
    for connection in connections:
        connection.close()
    time.sleep(1)
    assert httpx.get(f"{server.url}/healthz", timeout=10).status_code == 200
    assert server.log.stat().st_size < 200_000
