"""Time what a choice costs the server, and count the bytes it sends to the browser.

Run by hand, on a quiet machine: `python tests/benchmarks/reruns.py`. A session is opened on the
site over its websocket, as a browser does, and asked for one view after another by its address; in
the same run the same is asked of an empty Streamlit page: what counts is the ratio. The time is
that between the message that asks for a run and the one that says it is finished; the bytes are
those on the wire, compressed if the server does so. Each view is asked for several times; the
first fills the caches and is not kept.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

PROJECT = Path(__file__).parents[2]
REPEATS = 10
EMPTY = "import streamlit as st\nst.button('Encore')\n"
COMPARED = "&".join(f"t=departement-{code}" for code in ("22", "29", "35", "44", "53", "56"))
# page, and two addresses between which one goes back and forth
STEPS = {
    "carte, question": ("", "", "question=theme"),
    "carte, thème": ("", "question=theme&theme=donnees", "question=theme"),
    "carte, année": ("", "annee=2014", "annee=2018"),
    "carte, niveau": ("", "niveau=epci", "niveau=region"),
    "carte, argent": ("", "question=budget", "question=budget&methode=naturelles"),
    "carte, deux cartes": ("", "deux=oui&annee=2014", "deux=oui&annee=2018"),
    "carte des communes": ("", "niveau=commune", "niveau=commune&question=theme"),
    "carte des communes, deux": (
        "",
        "niveau=commune&deux=oui",
        "niveau=commune&deux=oui&larges=oui",
    ),
    "territoire": ("territoire", "t=region-53", "t=departement-53"),
    "comparer, six": ("comparer", COMPARED, f"{COMPARED}&x=1"),
    "recherche": ("themes", "texte=inclusion", "texte=archivage"),
    "un thème": ("themes", "partie=fiche&fiche=donnees", "partie=fiche&fiche=services_usagers"),
    "fréquence": ("themes", "partie=frequence", "partie=frequence&echelon=region"),
    "table, filtre": ("donnees", "table=budgets", "table=budgets&filtre=perimetre:usages"),
    "représentativité": (
        "donnees",
        "partie=representativite",
        "partie=representativite&niveau=region",
    ),
}


@contextmanager
def served(script: Path, folder: Path) -> Iterator[str]:
    """Serve a Streamlit script; give its host and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    environment = os.environ | {"STRATOSCOPE_DATABASE": str(folder / "bench.duckdb")}
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for _ in range(600):
                with (
                    suppress(OSError),
                    urlopen(f"http://localhost:{port}/_stcore/health") as answer,
                ):
                    if answer.status == 200:
                        break
                time.sleep(0.2)
            yield f"localhost:{port}"
        finally:
            process.terminate()


class Session:
    """One reader's connection."""

    def __init__(self, host: str) -> None:
        self.connection = connect(
            f"ws://{host}/_stcore/stream",
            subprotocols=["streamlit"],
            origin=f"http://{host}",
            max_size=None,
            legacy=True,
        )
        self.received = 0
        read = self.connection.protocol.receive_data

        def counted(data: bytes) -> None:
            self.received += len(data)
            read(data)

        self.connection.protocol.receive_data = counted

    def run(self, page: str, query: str) -> tuple[float, int]:
        """Ask for a view; give the milliseconds until it is whole, and the bytes received."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_name = page
        start, self.received = time.perf_counter(), 0
        self.connection.send(asked.SerializeToString())
        while True:
            payload = self.connection.recv(timeout=60)
            if ForwardMsg.FromString(payload).HasField("script_finished"):
                return (time.perf_counter() - start) * 1000, self.received

    def measure(self, page: str, *queries: str) -> tuple[float, int]:
        """Go back and forth between views; give the median time and the largest size."""
        for query in queries:
            self.run(page, query)
        results = []
        for turn in range(REPEATS):
            results.append(self.run(page, queries[turn % len(queries)]))
        return statistics.median(ms for ms, _ in results), max(size for _, size in results)


def main() -> None:
    """Print one line per step, with its ratio to the empty page."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "empty.py").write_text(EMPTY, encoding="utf-8")
        with (
            served(folder / "empty.py", folder) as empty,
            served(PROJECT / "app.py", folder) as app,
        ):
            base, size = Session(empty).measure("", "", "x=1")
            print(f"{'page vide':26} {base:6.1f} ms    1,0 × {size / 1000:8.1f} ko")
            for name, (page, *queries) in STEPS.items():
                spent, size = Session(app).measure(page, *queries)
                print(f"{name:26} {spent:6.1f} ms {spent / base:6.1f} × {size / 1000:8.1f} ko")


if __name__ == "__main__":
    main()
