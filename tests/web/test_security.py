"""Security headers of each response, requests refused, and secrets absent from the repository."""

import base64
import hashlib
import re
import runpy
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from anyio.from_thread import start_blocking_portal
from packaging.requirements import Requirement
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from comparisons.exports.table_files import MEDIA_TYPES
from comparisons.settings import PROJECT_DIR, site_address
from comparisons.ui import state
from comparisons.web.middleware.html_document import HtmlDocumentMiddleware
from comparisons.web.middleware.security_headers import (
    DENY_ALL_CSP,
    SANDBOX_CSP,
    SecurityHeadersMiddleware,
    content_security_policy,
)
from comparisons.web.middleware.websocket_guard import WebSocketGuardMiddleware

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
                Middleware(SecurityHeadersMiddleware),
                Middleware(
                    WebSocketGuardMiddleware,
                    kind_of=lambda message: message.decode(),
                    origins=["https://ami.example"],
                ),
                Middleware(HtmlDocumentMiddleware),
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
    response = site.request(method, path)
    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["cross-origin-opener-policy"] == "same-origin"
    # addresses are copied to the clipboard
    assert "camera=()" in response.headers["permissions-policy"]
    assert "clipboard" not in response.headers["permissions-policy"]
    assert "frame-ancestors" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/api/texte", SANDBOX_CSP),
        # a page that is none of ours may do nothing
        ("/static/page", SANDBOX_CSP),
        ("/api/fiche.pdf", DENY_ALL_CSP),
        ("/api/own", "default-src https:"),
    ],
)
def test_what_is_no_page_of_ours_is_sealed(site, path, policy):
    assert site.get(path).headers["content-security-policy"] == policy


def test_of_the_scripts_in_a_page_those_sent_may_run(site):
    response = site.get("/")
    scripts = SCRIPT.findall(response.text)
    assert len(scripts) == 2
    policy = response.headers["content-security-policy"]
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("'sha256-") == 2
    assert content_security_policy("<p>none</p>").count("'sha256-") == 0


def test_what_is_asked_of_a_document_by_head_is_said_as_by_get(site):
    for header in ("content-length", "content-security-policy"):
        assert site.head("/").headers[header] == site.get("/").headers[header]


def test_without_scripts_a_french_page_links_to_the_data(site):
    text = site.get("/").text
    assert "JavaScript" in text and "You need" not in text
    assert 'href="./api/v1/"' in text
    assert '<link rel="service-desc" href="./api/v1/openapi.json" />' in text


def test_an_internal_error_gives_a_french_message_without_details(site):
    response = site.get("/api/failing")
    assert response.text.startswith("Erreur inattendue")
    assert "secret" not in response.text and "Traceback" not in response.text


def test_a_stream_is_not_kept_back_and_its_failure_is_not_hidden():
    events = []

    async def stream(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for chunk in (b"un", b"deux"):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            events.append("next")
        raise OSError

    async def send(message):
        events.append(message.get("body", message["type"]))

    with pytest.raises(OSError):
        # in a thread of its own: a browser that is open keeps an event loop in this one
        with start_blocking_portal() as portal:
            portal.call(SecurityHeadersMiddleware(stream), {"type": "http"}, None, send)
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


# --- what the checkout must not hold -------------------------------------------------------------


@pytest.fixture(scope="module")
def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_DIR, capture_output=True, check=True, text=True
    )
    return [PROJECT_DIR / name for name in listed.stdout.split("\0") if name]


SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bglpat-[\w-]{20}|"
    rb"\bxox[baprs]-\w{10}|\bpypi-AgE\w{20}|\bsk-\w{32}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|://\w+:\w+@|"
    rb"(?i:(?:password|passwd|secret|api_?key|token|mot_de_passe)\w*[\"']?\s*[=:]\s*"
    rb"[\"'][^\"'\s{}<>]{8,}[\"'])"
)
# what a test of the sandbox for SQL hides in its surroundings
INVENTED = (b"quelque-chose-qui-ne-sort-pas", b"")


def test_no_secret_is_committed(files):
    assert len(files) > 300
    texts = [path for path in files if path.is_file() and path.suffix not in (".parquet", ".gz")]
    matches = {path.name: SECRETS.search(path.read_bytes().replace(*INVENTED)) for path in texts}
    assert {name: match[0] for name, match in matches.items() if match} == {}


def test_files_of_secrets_stay_where_they_are(files):
    assert not {"secrets.toml", ".env", "credentials.toml"} & {path.name for path in files}
    ignored = (PROJECT_DIR / ".gitignore").read_text("utf-8").split()
    assert {".streamlit/secrets.toml", ".env"} <= set(ignored)


def test_no_large_file_is_committed(files):
    assert [path.name for path in files if path.is_file() and path.stat().st_size > 5e6] == []


@pytest.mark.parametrize(
    "text",
    [
        b"-----BEGIN RSA " + b"PRIVATE KEY-----",
        b'api_key = "' + b'0123456789abcdef"',
        b"postgres://user:" + b"word@host/base",
    ],
)
def test_a_secret_would_be_seen(text):
    assert SECRETS.search(text)


# --- the address of the site ---------------------------------------------------------------------

ADDRESSES = [
    *(f"/api/v1/tables/budgets.{extension}?_limite=2&_decalage=2" for extension in MEDIA_TYPES),
    *(f"/api/v1/pairs.{extension}?t=departement-53" for extension in ("json", "xlsx", "zip")),
    *(
        f"/api/v1/comparaison.{extension}?t=region-53,region-52"
        for extension in ("json", "xlsx", "zip", "pdf")
    ),
    "/api/v1/",
    "/api/v1/openapi.json",
    "/api/v1/docs",
    "/api/v1/package.zip",
    "/api/v1/fiches/departement-53.pdf",
    "/api/v1/schemas/budgets.json",
    "/api/v1/textes?limite=1",
    "/api/v1/rien",
    "/api/v1/tables/budgets.csv?_version=rien",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_host_of_a_request_is_printed_nowhere(client, database, address):
    answer, invented = (
        client.get(address, headers={"Host": host})
        for host in ("stratoscope.example", "pirate.example/a/")
    )
    assert invented.content == answer.content
    assert invented.headers == answer.headers
    assert b"pirate.example" not in answer.content


def test_the_address_that_the_owner_names_is_printed(client, database, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE_ADDRESS", "https://donnees.example/carte")
    site = "https://donnees.example/carte/"
    query = "_limite=2&territoire_niveau=region"
    page = client.get(f"/api/v1/tables/strategies.geojson?{query}")
    address = f"{site}api/v1/tables/strategies.geojson?{query}"
    assert page.json()["metadonnees"]["adresse"] == address
    assert f'<{address}&_decalage=2>; rel="next"' in page.headers["link"]
    assert client.get("/api/v1/openapi.json").json()["servers"] == [{"url": site.rstrip("/")}]


def test_pages_print_the_address_that_the_owner_names(monkeypatch):
    browser = SimpleNamespace(url="http://ailleurs.example/territoire")
    monkeypatch.setattr(state.st, "context", browser)
    assert (state.base_url(), state.page_url()) == ("http://ailleurs.example/", browser.url)
    monkeypatch.setenv("STRATOSCOPE_ADDRESS", "https://donnees.example")
    assert state.base_url() == "https://donnees.example/"
    assert state.page_url() == "https://donnees.example/territoire"


@pytest.mark.parametrize("text", ["stratoscope.example", "javascript:alert(1)", "https://a b/"])
def test_what_is_no_address_of_a_site_names_none(monkeypatch, caplog, text):
    monkeypatch.setenv("STRATOSCOPE_ADDRESS", text)
    assert site_address() == "" and "STRATOSCOPE_ADDRESS" in caplog.text


# --- dependencies --------------------------------------------------------------------------------

LOCKS = {name: PROJECT_DIR / ".ci" / f"{name}.lock" for name in ("requirements", "tests", "tools")}
PIN = re.compile(r"^([a-z0-9-]+)==([^\s;]+)(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)


def requirements_of(file: Path) -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for line in file.read_text("utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def pins(name: str) -> dict[str, set[str]]:
    """Give the versions of each package in a lock: several, where they depend on Python's."""
    locked = {}
    for package, version, _ in PIN.findall(LOCKS[name].read_text("utf-8")):
        locked.setdefault(package, set()).add(version)
    return locked


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("requirements", "requirements.txt"),
        ("tests", "requirements.txt"),
        ("tests", "tests/requirements.txt"),
        ("tools", ".ci/tools.txt"),
    ],
)
def test_all_that_is_asked_is_locked_within_its_range(name, source):
    locked = pins(name)
    missing = [
        f"{requirement}: {versions or 'not locked'} (run `make lock`)"
        for requirement in requirements_of(PROJECT_DIR / source)
        if not (versions := locked.get(requirement.name.lower(), set()))
        or not all(requirement.specifier.contains(version) for version in versions)
    ]
    assert missing == []


def test_what_is_tested_is_what_is_run():
    tested = pins("tests")
    assert {name: tested.get(name) for name in pins("requirements")} == pins("requirements")


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_all_and_names_no_host(name):
    text = LOCKS[name].read_text("utf-8")
    assert len(pins(name)) > 20
    assert [package for package, _, rest in PIN.findall(text) if "--hash=sha256:" not in rest] == []
    assert not re.search(r"https?:|file:|--index-url|--find-links| /", text)


def test_what_could_not_be_checked_is_not_called_safe():
    audit = runpy.run_path(str(PROJECT_DIR / ".ci" / "audit.py"))
    safe = {"name": "a", "version": "1", "vulns": []}
    unknown = {"name": "b", "skip_reason": "not found"}
    vulnerable = {**safe, "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}
    assert audit["verdict"]([safe])[0] == 0
    assert audit["verdict"]([safe, unknown]) == (2, ["1 of 2 packages could not be checked."])
    assert audit["verdict"]([vulnerable, unknown])[0] == 1
    assert {requirement.name for requirement in audit["requirements"]()} >= {"streamlit", "pytest"}
