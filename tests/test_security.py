"""What every answer says to a browser, who is not let in, and what the checkout must not hold."""

import asyncio
import base64
import hashlib
import re

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from comparisons.guard import Guard
from comparisons.headers import SANDBOX, SEALED, SecurityHeaders, document_policy
from comparisons.shell import FrenchShell

DOCUMENT = (
    '<!DOCTYPE html><html lang="en"><head><title>Streamlit</title>\n<script>\n  window.x = "é"\n'
    '</script><script type="module" src="./static/a.js"></script>'
    '<link rel="service-desc" href="./_stcore/agent/openapi.json" /></head>'
    "<body><noscript><p>You need to enable JavaScript</p></noscript></body></html>"
)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


async def echo(websocket):
    await websocket.accept()
    while True:
        try:
            await websocket.send_bytes(await websocket.receive_bytes())
        except WebSocketDisconnect:
            return


def own_policy(request):
    return Response("x", headers={"Content-Security-Policy": "default-src https:"})


def failing(request):
    raise ValueError("/secret/path.py")


@pytest.fixture(scope="module")
def site() -> TestClient:
    return TestClient(
        Starlette(
            routes=[
                Route("/", lambda request: HTMLResponse(DOCUMENT)),
                Route("/api/texte", lambda request: PlainTextResponse("x")),
                Route(
                    "/api/fiche.pdf",
                    lambda request: Response(b"%PDF", media_type="application/pdf"),
                ),
                Route("/api/own", own_policy),
                Route("/api/failing", failing),
                Route("/static/page", lambda request: HTMLResponse(DOCUMENT)),
                Route("/_stcore/metrics", lambda request: PlainTextResponse("figures")),
                WebSocketRoute("/_stcore/stream", echo),
            ],
            middleware=[
                Middleware(SecurityHeaders),
                Middleware(
                    Guard, kind_of=lambda message: message.decode(), origins=["https://ami.example"]
                ),
                Middleware(FrenchShell),
            ],
        ),
        raise_server_exceptions=False,
    )


# --- headers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("POST", "/", 405),
        ("GET", "/api/texte", 200),
        ("GET", "/rien", 404),
        ("GET", "/api/failing", 500),
        ("GET", "/_stcore/metrics", 403),
    ],
)
def test_every_answer_has_the_headers(site, method, path, status):
    answer = site.request(method, path)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    # addresses are copied to the clipboard
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "clipboard" not in answer.headers["permissions-policy"]
    assert "frame-ancestors" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/api/texte", SANDBOX),
        # a page that is none of ours may do nothing
        ("/static/page", SANDBOX),
        ("/api/fiche.pdf", SEALED),
        ("/api/own", "default-src https:"),
    ],
)
def test_what_is_no_page_of_ours_is_sealed(site, path, policy):
    assert site.get(path).headers["content-security-policy"] == policy


def test_of_the_scripts_in_a_page_those_sent_may_run(site):
    answer = site.get("/")
    scripts = SCRIPT.findall(answer.text)
    assert len(scripts) == 2
    policy = answer.headers["content-security-policy"]
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("'sha256-") == 2
    assert document_policy("<p>none</p>").count("'sha256-") == 0


def test_what_is_asked_of_a_document_by_head_is_said_as_by_get(site):
    for header in ("content-length", "content-security-policy"):
        assert site.head("/").headers[header] == site.get("/").headers[header]


def test_without_scripts_a_reader_is_told_in_french_where_the_data_are(site):
    text = site.get("/").text
    assert "JavaScript" in text and "You need" not in text
    assert 'href="./api/v1/"' in text
    assert '<link rel="service-desc" href="./api/v1/openapi.json" />' in text


def test_a_failure_is_told_in_french_without_details(site):
    answer = site.get("/api/failing")
    assert answer.text.startswith("Erreur inattendue")
    assert "secret" not in answer.text and "Traceback" not in answer.text


def test_a_stream_is_not_kept_back_and_its_failure_is_not_hidden():
    events = []

    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in (b"un", b"deux"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            events.append("next")
        raise OSError

    async def send(message):
        events.append(message.get("body", message["type"]))

    with pytest.raises(OSError):
        asyncio.run(SecurityHeaders(stream)({"type": "http"}, None, send))
    assert events == ["http.response.start", b"un", "next", b"deux", "next"]


# --- who is not let in ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://testserver"}, {"origin": "https://ami.example"}],
    ids=["program", "this site", "a site named by the operator"],
)
def test_this_site_its_friends_and_programs_connect(site, headers):
    with site.websocket_connect("/_stcore/stream", headers=headers) as connection:
        connection.send_bytes(b"rerun_script")
        assert connection.receive_bytes() == b"rerun_script"


@pytest.mark.parametrize(
    "origin",
    ["https://ailleurs.example", "null", "http://testserver.ailleurs.example", "http://localhost"],
)
def test_another_site_does_not(site, origin):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        site.websocket_connect("/_stcore/stream", headers={"origin": origin}),
    ):
        pass
    assert refused.value.code == 1008


def test_messages_for_developers_are_dropped(site):
    with site.websocket_connect("/_stcore/stream") as connection:
        for message in (b"clear_cache", b"load_git_info", b"\xff no message", b"rerun_script"):
            connection.send_bytes(message)
        assert connection.receive_bytes() == b"\xff no message"
        assert connection.receive_bytes() == b"rerun_script"
