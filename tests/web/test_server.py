"""The server and its deadlines: slow clients are closed, others answered; the log is short."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from comparisons.web import server
from comparisons.web.middleware import deadlines
from comparisons.web.middleware.deadlines import DeadlinesMiddleware

LARGE = b"x" * 5_000_000


async def application(scope, receive, send):
    """Answer what was sent or, at /large, more than a connection holds; keep a WebSocket open."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        return
    assert scope["type"] == "http"
    body, is_whole = b"", False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message["body"]
        is_whole = not message.get("more_body")
    content = LARGE if scope["path"] == "/large" else body or b"ok"
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", str(len(content)).encode())]})  # fmt: skip
    await send({"type": "http.response.body", "body": content})


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(deadlines, "RECEIVE_SECONDS", 0.5)
    monkeypatch.setattr(deadlines, "REQUEST_SECONDS", 1.5)
    monkeypatch.setattr(deadlines, "SEND_SECONDS", 0.5)
    listening = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(
        uvicorn.Config(
            DeadlinesMiddleware(application),
            lifespan="off",
            http=server.BoundedHttpProtocol,
            ws="websockets-sansio",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    running.should_exit = True
    thread.join(10)


def open_connection(port: int, content: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    connection.sendall(content)
    return connection


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes; fails if it does not within five seconds."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GET / HTTP/1.1\r\nHo",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
    ],
    ids=["nothing", "half a header", "half a body"],
)
def test_half_a_request_is_closed(port, content):
    assert b"200" not in read_all(open_connection(port, content))


def test_accents_of_an_address_are_read_as_curl_sends_them(port):
    request = "GET /?q=médiation HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert b" 200 " in read_all(open_connection(port, request.encode()))


def test_a_body_that_trickles_in_is_closed_too(port):
    connection = open_connection(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n")
    start = time.monotonic()
    with pytest.raises(OSError):
        while time.monotonic() - start < 10:
            connection.sendall(b"x")
            time.sleep(0.2)
    assert b"200" not in read_all(connection)


def test_a_second_request_that_does_not_end_is_closed_after_an_answer(port):
    connection = open_connection(port, GET)
    received = b""
    while not received.endswith(b"ok"):
        received += connection.recv(1000)
    connection.sendall(b"GET / HT")
    assert read_all(connection) == b""


@pytest.mark.parametrize("is_kept", [False, True], ids=["new", "kept by a proxy"])
def test_a_websocket_stays_open_on_a_connection(port, is_kept):
    connection = open_connection(port, GET if is_kept else b"")
    received = b""
    while is_kept and not received.endswith(b"ok"):
        received += connection.recv(1000)
    connection.sendall(
        GET.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                    b"AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
    )  # fmt: skip
    assert b" 101 " in connection.recv(1000)
    connection.settimeout(1)
    with pytest.raises(TimeoutError):  # nothing comes, not even the end
        connection.recv(1000)


def test_an_answer_that_is_not_read_is_dropped_without_a_word_in_the_log(port, caplog):
    deaf = open_connection(port, GET.replace(b"/ ", b"/large ", 1))
    time.sleep(1.5)
    assert len(read_all(deaf)) < len(LARGE)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_who_reads_slowly_but_reads_gets_all(port):
    connection = open_connection(port, GET.replace(b"/ ", b"/large ", 1))
    received = 0
    while received < len(LARGE):
        part = connection.recv(400_000)
        assert part
        received += len(part)
        time.sleep(0.05)


def test_beyond_so_many_connections_new_ones_are_closed(port, monkeypatch):
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(server, "HEADER_SECONDS", 5)
    opened = [open_connection(port, b"") for _ in range(3)]
    time.sleep(0.1)
    assert read_all(open_connection(port, b"")) == b""
    for connection in opened:
        connection.close()
    time.sleep(0.1)
    assert b"200" in open_connection(port, GET).recv(1000)


def test_the_log_repeats_a_record_so_many_times_a_minute(monkeypatch):
    now = 0.0
    monkeypatch.setattr(server.time, "monotonic", lambda: now)
    rate = server.LogRateFilter()

    def passes(line: int) -> bool:
        record = logging.LogRecord("a", logging.ERROR, "module.py", line, "Échec.", (), None)
        return rate.filter(record)

    assert sum(passes(1) for _ in range(1000)) == server.MAX_LOG_RECORDS
    assert passes(2)
    now = 61.0
    assert passes(1)


def test_the_rate_bounds_whatever_handler_a_library_has():
    lines: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = lines.append
    logger = logging.getLogger("a library")
    logger.addHandler(handler)
    try:
        server.bound_logs()
        for _ in range(100):
            logger.error("Échec.")
    finally:
        logger.removeHandler(handler)
        for other in logging.root.handlers:
            other.filters = [f for f in other.filters if not isinstance(f, server.LogRateFilter)]
    assert len(lines) == server.MAX_LOG_RECORDS


def test_a_page_that_is_not_read_ends_its_connection(monkeypatch):
    monkeypatch.setattr(deadlines, "SEND_SECONDS", 0.1)

    async def page(scope, receive, send):
        await send({"type": "websocket.send", "text": "a"})

    async def never(message=None):
        await asyncio.sleep(60)

    asyncio.run(DeadlinesMiddleware(page)({"type": "websocket"}, never, never))
