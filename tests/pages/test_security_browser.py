"""The site as it is served: what a browser lets its pages do, and what its server refuses."""

import re
from collections.abc import Iterator

import duckdb
import httpx
import pytest
from browsing import settle
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from visits import MARKUP
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from comparisons.settings import PROJECT_DIR
from comparisons.web.middleware.security_headers import DENY_ALL_CSP

pytestmark = pytest.mark.browser

MEGABYTE = 1024 * 1024


def test_a_map_of_communes_breaks_no_policy_and_asks_no_other_host(reader):
    # the fixture hears what is broken or asked; every other page is looked at for everyone's sake
    reader.open("/?niveau=commune&question=theme&theme=donnees&t=departement-35")


def test_pages_and_data_say_what_a_browser_may_do(server):
    page = httpx.get(server.url).headers
    policy = dict(rule.split(" ", 1) for rule in page["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'" and policy["connect-src"] == "'self' data:"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    responses = [
        httpx.get(f"{server.url}{path}").headers
        for path in ("/api/v1/", "/api/v1/fiches/departement-53.pdf", "/static/rien", "/media/rien")
    ]
    assert all(headers["content-security-policy"].startswith(DENY_ALL_CSP) for headers in responses)
    for headers in (page, *responses):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


# --- uploads -------------------------------------------------------------------------------------


@pytest.fixture
def session(server):
    """Open a page without a browser; give its connection and its session's name."""
    with connected(server) as connection:
        connection.send(run_of(server, ""))
        yield connection, received(connection)[0].new_session.initialize.session_id


@pytest.fixture
def token(server):
    return httpx.get(f"{server.url}/_stcore/health").cookies["_streamlit_xsrf"]


def connected(server, origin: str | None = None) -> ClientConnection:
    return connect(
        server.url.replace("http", "ws") + "/_stcore/stream",
        subprotocols=["streamlit"],
        origin=origin or server.url,
        max_size=None,
    )


def run_of(server, page: str, query: str = "") -> bytes:
    """Write what a browser sends to see a page."""
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    message.rerun_script.context_info.url = f"{server.url}/{page}"
    return message.SerializeToString()


def received(connection: ClientConnection) -> list[ForwardMsg]:
    """Read until the page is whole."""
    messages = []
    while not messages or messages[-1].WhichOneof("type") != "script_finished":
        messages.append(ForwardMsg.FromString(connection.recv(timeout=30)))
    return messages


def upload(server, session_id: str, token: str, cookie: str, content: bytes | Iterator) -> int:
    """Send a file as a browser does; give the answer's status."""
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "Cookie": f"_streamlit_xsrf={cookie}",
        "X-Xsrftoken": token,
    }
    address = f"{server.url}/_stcore/upload_file/{session_id}/fichier"
    return httpx.put(address, headers=headers, content=content, timeout=30).status_code


def file_of(size: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="modele.xlsx"\r\n\r\n'
    return head + bytes(size) + b"\r\n--x--\r\n"


def test_the_server_refuses_a_file_that_is_too_large(server, session, token):
    _, session_id = session
    assert upload(server, session_id, token, token, file_of(1000)) == 204
    too_large = file_of(22 * MEGABYTE)
    assert upload(server, session_id, token, token, too_large) == 413
    # sent piece by piece, its size is not known before
    chunks = (too_large[at : at + MEGABYTE] for at in range(0, len(too_large), MEGABYTE))
    assert upload(server, session_id, token, token, chunks) == 413


def test_a_file_from_elsewhere_is_refused(server, session, token):
    _, session_id = session
    other_token = httpx.get(f"{server.url}/_stcore/health").cookies["_streamlit_xsrf"]
    for sent, cookie in (("", ""), ("", token), (token, ""), (other_token, token)):
        assert upload(server, session_id, sent, cookie, file_of(10)) == 403
    assert upload(server, "no-session", token, token, file_of(10)) == 400


def test_nothing_else_takes_what_is_sent(server):
    for path in ("/", "/contribuer", "/api/v1/tables/budgets.csv", "/api/v1/package.zip"):
        assert httpx.post(server.url + path, content=bytes(MEGABYTE)).status_code == 405
    too_long = httpx.post(
        f"{server.url}/api/v1/sql", content=b"1" * MEGABYTE, headers={"content-type": "text/plain"}
    )
    assert too_long.status_code == 413


# --- connections ---------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["https://ailleurs.example", "null"])
def test_a_page_of_another_site_cannot_connect(server, origin):
    with pytest.raises(InvalidStatus) as refused, connected(server, origin):
        pass
    assert refused.value.response.status_code == 403


def test_a_message_that_is_too_large_ends_the_connection(server, session):
    connection, _ = session
    message = BackMsg()
    message.rerun_script.query_string = "x" * 3 * MEGABYTE
    connection.send(message.SerializeToString())
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            connection.recv(timeout=30)
    assert closed.value.rcvd.code == 1009


# a page with an answer that Streamlit keeps for all readers
QUERY = ("donnees", "partie=requetes&requete=SELECT+1")


def test_a_reader_cannot_ask_about_the_checkout(server, session):
    connection, _ = session
    connection.send(run_of(server, *QUERY))
    received(connection)
    for message in (BackMsg(clear_cache=True), BackMsg(load_git_info=True)):
        connection.send(message.SerializeToString())
    connection.send(run_of(server, *QUERY))
    assert "git_info_changed" not in {m.WhichOneof("type") for m in received(connection)}


def test_server_metrics_are_local_only(server):
    metrics = f"{server.url}/_stcore/metrics"
    assert httpx.get(metrics).status_code == 200
    assert httpx.get(metrics, headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403
    # nor may pages of Streamlit's own hosting steer this one
    assert httpx.get(f"{server.url}/_stcore/host-config").json()["allowedOrigins"] == []
    assert httpx.post(f"{server.url}/_stcore/agent/interact", json={}).status_code == 403


# --- data that bites -----------------------------------------------------------------------------


def test_markup_in_the_data_is_read_not_obeyed_and_a_failure_tells_no_detail(
    new_reader, serving, database, tmp_path
):
    path = tmp_path / "hostile.duckdb"
    path.write_bytes(database.read_bytes())
    with duckdb.connect(str(path)) as connection:
        for table, column in (
            ("strategies", "titre"),
            ("strategies", "resume"),
            ("priorites", "intitule"),
            ("partenaires", "nom"),
            ("sources", "editeur"),
            ("territoires", "nom"),
        ):
            connection.execute(f"UPDATE {table} SET {column} = {column} || ?", [f" {MARKUP}"])
    with serving(path, tmp_path / "server.log") as site:
        with new_reader(site) as reader:
            read_hostile_pages(reader)
        faulty = tmp_path / "faulty.duckdb"
        faulty.write_bytes(path.read_bytes())
        with duckdb.connect(str(faulty)) as writable:
            writable.execute("UPDATE jeu_de_donnees SET annee = NULL")
        faulty.replace(path)
        with connected(site) as connection:
            connection.send(run_of(site, "territoire", "t=region-44"))
            # the first message is Streamlit's: it always names the script
            messages = [str(message) for message in received(connection)[1:]]
        assert any("Cette page a rencontré une erreur inattendue" in text for text in messages)
        for secret in ("Traceback", "TypeError", "NAType", str(PROJECT_DIR), "site-packages"):
            assert not any(secret in text for text in messages)
        assert any("Traceback" in line for line in site.errors)


def read_hostile_pages(reader):
    """Look at pages whose texts have markup: it is shown, never obeyed."""
    page = reader.context().new_page()
    # the others are looked at without a browser
    for where in (
        "/territoire?t=region-53",
        "/comparer?t=departement-35&t=departement-22&t=region-53",
        "/themes?partie=fiche&fiche=donnees",
    ):
        page.goto(where)
        settle(page)
        expect(page.get_by_text("onerror").first).to_be_attached()
        obeyed = page.locator("img[src=x], strong, a, span")
        expect(obeyed.filter(has_text=re.compile("^(gras|lien|rouge)$"))).to_have_count(0)
        expect(page.locator("img[src=x]")).to_have_count(0)
