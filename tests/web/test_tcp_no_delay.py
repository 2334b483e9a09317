"""Small messages leave at once, on a connection like those that Streamlit accepts."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from websockets.sync.client import connect

from comparisons.web.middleware.tcp_nodelay import TcpNoDelayMiddleware


async def send_option(scope, receive, send):
    """Tell whether small messages may leave on this connection."""
    if scope["type"] == "lifespan":
        return
    connection = receive.__self__.transport.get_extra_info("socket")
    option_bytes = bytes([connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)])
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": option_bytes})
    else:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "bytes": option_bytes})


@contextmanager
def serve_port(application) -> Iterator[int]:
    listening = socket.socket()  # of no named protocol, which Python takes for TCP all the same
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(application, lifespan="off", log_level="error", ws="websockets-sansio")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(
    ("application", "at_once"), [(send_option, False), (TcpNoDelayMiddleware(send_option), True)]
)
def test_small_messages_are_not_held_back(application, at_once):
    with serve_port(application) as port:
        with connect(f"ws://127.0.0.1:{port}/") as page:
            assert page.recv() == bytes([at_once])
        with socket.create_connection(("127.0.0.1", port)) as file:
            file.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            received = b"".join(iter(lambda: file.recv(4096), b""))
            assert received.endswith(bytes([at_once])) or bytes([at_once]) in received.split(
                b"\r\n"
            )
