"""The notebook and the R script of `docs/` run on addresses of the site, and find its numbers."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator

import matplotlib
import pytest
import uvicorn
from starlette.applications import Starlette

from comparisons.settings import PROJECT_DIR
from comparisons.web.api import routes
from tests.ports import free_port

matplotlib.use("Agg")
NOTEBOOK, R_SCRIPT = PROJECT_DIR / "docs" / "carte.ipynb", PROJECT_DIR / "docs" / "carte.R"


@pytest.fixture(scope="module")
def site(database) -> Iterator[str]:
    port = free_port()
    config = uvicorn.Config(Starlette(routes=routes()), port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_the_notebook_goes_from_an_address_to_the_number_of_the_site(site, tmp_path, monkeypatch):
    monkeypatch.setenv("STRATOSCOPE", site)
    monkeypatch.chdir(tmp_path)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # its last cell compares
    assert "ont une stratégie numérique" in names["phrase"]
    assert (tmp_path / "carte.svg").read_text(encoding="utf-8").count("<path") > 90
    assert not any(cell.get("outputs") for cell in notebook["cells"])


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
def test_the_r_script_finds_the_number_of_the_site(site, tmp_path):
    figure = tmp_path / "carte.pdf"
    command = ["Rscript", str(R_SCRIPT), site, str(figure)]
    run = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"LANG": "C.UTF-8"}, timeout=60
    )
    if "jsonlite" in run.stderr:
        pytest.skip("jsonlite is not installed")
    assert run.returncode == 0, run.stderr
    assert "ont une stratégie numérique" in run.stdout
    assert figure.read_bytes().startswith(b"%PDF")
