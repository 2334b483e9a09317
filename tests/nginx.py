"""nginx before replicas, as docs/deploiement configures it."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from comparisons.settings import PROJECT_DIR
from tests.ports import free_port

NGINX = Path("/usr/sbin/nginx")
_SITE = PROJECT_DIR / "docs" / "deploiement" / "nginx.conf"
_WRITTEN_SERVERS = tuple(
    f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;\n" for port in (8501, 8502, 8503)
)


@contextmanager
def serve_nginx(replica_ports: Sequence[int], folder: Path) -> Iterator[int]:
    """Serve replicas on one port of loopback until the end of the block; return the port."""
    port = free_port()
    text = _SITE.read_text("utf-8").replace("listen 80;", f"listen 127.0.0.1:{port};")
    servers = (_WRITTEN_SERVERS[0].replace("8501", str(replica)) for replica in replica_ports)
    text = text.replace("".join(_WRITTEN_SERVERS), "".join(servers))
    folders = " ".join(
        f"{name}_temp_path {folder / name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; user root; pid {folder / 'pid'}; error_log {folder / 'erreurs'};"
        f"worker_rlimit_nofile 8192; events {{ worker_connections 4096; }}"
        f"http {{ access_log off; {folders} {text} }}",
        "utf-8",
    )
    with subprocess.Popen([NGINX, "-c", configuration]) as process:
        for _ in range(100):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        yield port
        process.terminate()
