"""Serve the site, with bounds on its connections, its log, and the time that it takes to stop.

What one client may send and read, and in which time, is bounded by `middleware.deadlines`.
"""

import asyncio
import ctypes
import logging
import os
import re
import socket
import sys
import threading
import time
from contextlib import suppress
from types import FrameType

import h11
import pyarrow as pa
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

# Open at once, pages and requests alike; a thousand readers, and a few files each.
MAX_CONNECTIONS = 2000
# From the opening of a connection, or the end of an answer, to the last header of the next request.
HEADER_SECONDS = 15.0
# Descriptors that are not connections: the database, processes, files.
_OTHER_DESCRIPTORS = 256
_STOP_SECONDS = 8
_EXIT_SECONDS = 10.0
# Records of one place in the code per minute; the rest are counted.
MAX_LOG_RECORDS = 30
_LOG_PERIOD = 60.0
_RAW_BYTES = re.compile(rb"[\x80-\xff]")
# Of glibc: areas of memory that threads allocate from.
_M_ARENA_MAX = -8
_MAX_ARENAS = 2
_LAST_RECORD = " (the next ones of this minute are left out)"


class BoundedHttpProtocol(H11Protocol):
    """Connection that is closed if its request does not come, or if too many are open."""

    _header_clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Accept a connection, or close it at once if too many are open."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Receive bytes; the accents that curl leaves as they are in an address are encoded."""
        if self.conn.their_state is h11.IDLE:
            line, end, rest = data.partition(b"\r\n")
            data = _RAW_BYTES.sub(lambda byte: b"%%%02X" % ord(byte[0]), line) + end + rest
        super().data_received(data)

    def handle_events(self) -> None:
        """Handle what has come; the clock stops when a request is whole."""
        super().handle_events()
        if self.scope is not None and (self.cycle is None or not self.cycle.response_complete):
            self._stop_clock()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Become a WebSocket, perhaps after other requests: proxies keep their connections."""
        self._stop_clock()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Wait for the next request on this connection, but not for ever."""
        self._start_clock()
        super().on_response_complete()

    def _start_clock(self) -> None:
        self._stop_clock()
        self._header_clock = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def _stop_clock(self) -> None:
        if self._header_clock is not None:
            self._header_clock.cancel()
            self._header_clock = None


class LogRateFilter(logging.Filter):
    """Filter that lets only so many records of one place in the code pass per minute."""

    def __init__(self) -> None:
        """Build a filter that has seen nothing."""
        super().__init__()
        self._counts: dict[tuple[str, int], int] = {}
        self._period_start = time.monotonic()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record passes; the last one that does says that others will not."""
        now = time.monotonic()
        if now - self._period_start > _LOG_PERIOD:
            self._counts.clear()
            self._period_start = now
        origin = (record.pathname, record.lineno)
        self._counts[origin] = count = self._counts.get(origin, 0) + 1
        if count == MAX_LOG_RECORDS and not str(record.msg).endswith(_LAST_RECORD):
            record.msg = f"{record.msg}{_LAST_RECORD}"
        return count <= MAX_LOG_RECORDS


def bound_logs() -> None:
    """Bound all that is written to logs, by whatever logger, with a filter per handler."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    for handler in {handler for logger in (logging.root, *loggers) for handler in logger.handlers}:
        handler.addFilter(LogRateFilter())


class _Server(uvicorn.Server):
    """Server that ends some seconds after it is asked to, whatever its clients do."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and bound the logs once the application, at its start, has set them up."""
        await super().startup(sockets)
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        bound_logs()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, and end the process if that takes too long."""
        if not self.should_exit:
            clock = threading.Timer(_EXIT_SECONDS, os._exit, [0])
            clock.daemon = True
            clock.start()
        super().handle_exit(sig, frame)


def serve(app: ASGIApp, address: str, port: int, max_message_bytes: int) -> None:
    """Serve an application at an address (all of this machine if empty) until it is stopped.

    `max_message_bytes` is the largest message that a page may send.
    """
    _share_memory()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _allow_descriptors(MAX_CONNECTIONS + _OTHER_DESCRIPTORS)
    config = uvicorn.Config(
        app,
        host=address,
        port=port,
        http=BoundedHttpProtocol,
        ws="websockets-sansio",
        ws_max_size=max_message_bytes,
        ws_per_message_deflate=True,
        ws_ping_interval=30,
        ws_ping_timeout=30,
        timeout_graceful_shutdown=_STOP_SECONDS,
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
    )
    print(f"Site : http://{address or 'localhost'}:{port}", flush=True)
    _Server(config).run()


def _share_memory() -> None:
    """Have all threads allocate from the same few areas of memory, as far as the system can.

    Each thread that runs a page would have one of its own, and keep there what it has freed; so
    would the pool of Arrow.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform == "linux":
        with suppress(AttributeError):  # another library than glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _MAX_ARENAS)


def _allow_descriptors(count: int) -> None:
    """Raise the number of files and connections that this process may open, where it is lower."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
