"""Streamlit's own files, compressed once and the same for everybody."""

import gzip

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from comparisons.web.middleware.compression import CompressedAssets

PROGRAM, FONT = b"const answer = 42;\n" * 1000, bytes(range(256)) * 40


@pytest.fixture
def requested_paths() -> list[str]:
    """List the addresses that reach the server behind."""
    return []


@pytest.fixture
def client(requested_paths: list[str]) -> TestClient:
    """Serve a program and a font as Streamlit does."""

    async def file(request):
        requested_paths.append(request.url.path)
        headers = {"etag": '"1"', "cache-control": "public, immutable"}
        if request.headers.get("if-none-match") == '"1"':
            return Response(None, 304, headers)
        if request.url.path.endswith(".js"):
            return Response(PROGRAM, 200, headers, "application/javascript")
        if request.url.path.endswith(".woff2"):
            return Response(FONT, 200, headers, "font/woff2")
        return Response("absent", 404)

    application = Starlette(routes=[Route("/{path:path}", file)])
    return TestClient(CompressedAssets(application))


def raw(client: TestClient, path: str, **headers: str) -> tuple[bytes, dict]:
    with client.stream("GET", path, headers=headers) as response:
        return b"".join(response.iter_raw()), dict(response.headers)


def test_a_program_is_compressed_once_for_those_who_can_read_it(client, requested_paths):
    for _ in range(2):
        content, headers = raw(client, "/static/a.js", **{"accept-encoding": "gzip, br"})
        assert gzip.decompress(content) == PROGRAM
        assert headers["content-encoding"] == "gzip"
        assert int(headers["content-length"]) == len(content) < len(PROGRAM) / 10
        assert headers["vary"] == "Accept-Encoding"
        assert headers["cache-control"] == "public, immutable"
    assert requested_paths == ["/static/a.js"]
    content, headers = raw(client, "/static/a.js", **{"accept-encoding": "identity"})
    assert content == PROGRAM and "content-encoding" not in headers


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/static/a.woff2", {}),
        ("/static/absent", {}),
        ("/elsewhere/a.js", {}),
        ("/static//a.js", {}),
        ("/static/a.js", {"range": "bytes=0-9"}),
        ("/static/a.js", {"if-none-match": '"1"'}),
    ],
)
def test_what_is_not_a_whole_program_is_let_through(client, requested_paths, path, headers):
    content, response_headers = raw(client, path, **{"accept-encoding": "gzip"}, **headers)
    again, _ = raw(client, path, **{"accept-encoding": "gzip"}, **headers)
    assert "content-encoding" not in response_headers
    assert content == again
    assert len(requested_paths) == 2


def test_a_program_of_the_page_on_the_api_is_not_compressed_twice(client):
    """Check that the server behind, which compresses what is not under `static`, does not."""
    behind = TestClient(CompressedAssets(GZipMiddleware(client.app.app)))
    content, headers = raw(behind, "/api/v1/docs/a.js", **{"accept-encoding": "gzip"})
    assert headers["content-encoding"] == "gzip" and gzip.decompress(content) == PROGRAM
