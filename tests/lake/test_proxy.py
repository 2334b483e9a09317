"""nginx as docs/deploiement configures it: readers stay on a replica, and leave one that dies."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.nginx import NGINX, serve_nginx


class Replica(BaseHTTPRequestHandler):
    """What answers on the port of a replica: its port, and the Host that it was asked for."""

    def do_GET(self) -> None:
        body = f"{self.server.server_port} {self.headers['Host']}".encode() + b" " * 2000
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def replicas() -> Iterator[dict[int, ThreadingHTTPServer]]:
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Replica) for _ in range(3)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield {server.server_port: server for server in servers}
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(replicas: dict, tmp_path: Path) -> Iterator[str]:
    """Start nginx before the replicas; return the address of the site."""
    if not NGINX.exists():
        pytest.skip("nginx is not installed")
    with serve_nginx(list(replicas), tmp_path) as port:
        yield f"http://127.0.0.1:{port}"


def replica_of(reader: httpx.Client, site: str) -> int:
    response = reader.get(f"{site}/territoire")
    assert response.status_code == 200 and response.headers["content-encoding"] == "gzip"
    replica, host = response.text.split()
    assert host == site.removeprefix("http://")
    return int(replica)


def test_readers_stay_on_a_replica_and_leave_one_that_dies(site, replicas):
    readers = [httpx.Client() for _ in range(24)]
    first = [replica_of(reader, site) for reader in readers]
    assert set(first) == set(replicas)
    assert [replica_of(reader, site) for reader in readers] == first
    dead = first[0]
    replicas[dead].shutdown()
    replicas[dead].server_close()
    after = [replica_of(reader, site) for reader in readers]
    assert dead not in after
    assert all(new == old for new, old in zip(after, first, strict=True) if old != dead)


def test_the_cookie_holds_a_number_and_files_are_bounded(site):
    cookie = httpx.get(site).headers["set-cookie"]
    assert re.fullmatch(r"repartition=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax", cookie)
    assert httpx.post(site, content=bytes(20_000_000)).status_code == 200
    assert httpx.post(site, content=bytes(22_100_000)).status_code == 413
