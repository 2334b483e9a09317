"""Ports for the servers of tests and benchmarks."""

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """Return a port that nothing listens on, nor any connection of a client is given."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
