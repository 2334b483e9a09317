"""A site that is asked to stop does, whatever its clients do."""

import os
import signal
import socket
import time

from browsing import serve


def test_a_site_with_slow_clients_stops_in_ten_seconds(database, tmp_path):
    with serve(database, tmp_path / "server.log") as server:
        connections = []
        for content in (b"GET / HT", b"POST /api/v1/sql HTTP/1.1\r\nContent-Length: 90\r\n\r\n"):
            for _ in range(10):
                connections.append(socket.create_connection(("localhost", server.port)))
                connections[-1].sendall(content)
        os.kill(server.pid, signal.SIGTERM)
        start = time.monotonic()
        while time.monotonic() - start < 30:
            try:
                if os.waitpid(server.pid, os.WNOHANG)[0]:
                    break
            except ChildProcessError:
                break
            time.sleep(0.1)
        assert time.monotonic() - start < 11
        for connection in connections:
            connection.close()
