"""A real PostgreSQL on loopback, for the tests and measures of a lake."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.ports import free_port

PASSWORD = "quelque-chose-qui-ne-sort-pas-très"
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


class PostgreSQL:
    """A server of PostgreSQL on loopback, that needs a password."""

    def __init__(self) -> None:
        """Start a server in a folder of its own."""
        self._folder = Path(tempfile.mkdtemp(prefix="stratoscope-postgresql-"))
        self._databases = 0
        # it refuses to run as root
        self._user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self._user:
            shutil.chown(self._folder, **self._user)
        self.port = free_port()
        password = self._folder / "mot-de-passe"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self._run("initdb", "-U", "lac", "--auth=scram-sha-256", f"--pwfile={password}",
                  "--no-sync", "--locale=C.UTF-8")  # fmt: skip
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [PROGRAMS / program, "-D", self._folder / "base", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **self._user)

    def start(self) -> None:
        """Start the server."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", str(self._folder / "journal"))

    def stop(self) -> None:
        """Stop the server, whoever uses it."""
        self._run("pg_ctl", "stop", "-m", "immediate")

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def create_database(self) -> str:
        """Create an empty database; return the address of a lake in it."""
        self._databases += 1
        name = f"lac{self._databases}"
        command = [
            PROGRAMS / "createdb",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "lac",
            name,
        ]
        subprocess.run(command, check=True, env=os.environ | {"PGPASSWORD": PASSWORD})
        return f"postgres:host=127.0.0.1 port={self.port} user=lac dbname={name}"
