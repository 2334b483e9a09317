"""What several test files share: the real database, built once for the whole run; a small world."""

import csv
import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from effort import THOROUGH
from hypothesis import settings
from starlette.applications import Starlette
from starlette.testclient import TestClient

from comparisons.build import build
from comparisons.database import connection
from comparisons.datapackage import merge
from comparisons.settings import FORMAT_DIR, REFERENCE_DIR
from comparisons.web.api import routes

# where a change waits for the answer, always the same examples; others each time in a thorough run
settings.register_profile("quick", derandomize=True)
if not THOROUGH:
    settings.load_profile("quick")
# the sites of the tests compute what they are asked
os.environ["STRATOSCOPE_AHEAD"] = "0"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser tests first: one worker takes them all while others do the rest."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_collection_finish() -> None:
    """Have the collector look seldom, and never again at what all tests share."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def built_once(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str, Callable[[Path], object]], Path]:
    """Return a function that has a file built by the first worker that asks for its name."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # the workers of pytest-xdist share it

    def built(name: str, make: Callable[[Path], object]) -> Path:
        _build_once(folder / name, make)
        return folder / name

    return built


@pytest.fixture(scope="session")
def database(built_once: Callable[[str, Callable[[Path], object]], Path]) -> Iterator[Path]:
    """Build the database of the checkout; everything then reads it, whatever process it is in."""
    path = built_once("stratoscope.duckdb", build.build)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATOSCOPE_DATABASE", str(path))
        yield path


def _build_once(path: Path, make: Callable[[Path], object]) -> None:
    """Build it here, or wait for the worker that does; if that one fails, build it instead."""
    lock = path.with_suffix(".lock")
    while not path.exists():
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            time.sleep(0.1)
            continue
        try:
            if not path.exists():
                make(path)
        finally:
            lock.unlink()


@pytest.fixture(scope="session")
def client() -> TestClient:
    """Return a client of the API, which reads the database of the test that uses it."""
    return TestClient(Starlette(routes=routes()))


@pytest.fixture
def forget_answers() -> Callable[[], None]:
    """Return a function that forgets all that was computed from the database."""
    return connection._open_edition.cache_clear


# --- a small world: the valid example, in its département -----------------------------------------

REGION, DEPARTEMENT = "52", "53"  # those of the valid example


@pytest.fixture(scope="session")
def small_reference(tmp_path_factory) -> Path:
    """Return the reference data of one département: a build takes half a second."""
    folder = tmp_path_factory.mktemp("reference")
    with (REFERENCE_DIR / "territoires.csv").open(encoding="utf-8", newline="") as file:
        rows_of_departement = [
            row
            for row in csv.DictReader(file)
            if row["departement_code"] == DEPARTEMENT
            or (row["territoire_niveau"], row["territoire_code"]) == ("region", REGION)
        ]
    pd.DataFrame(rows_of_departement).to_csv(folder / "territoires.csv", index=False)
    codes = {row["territoire_code"] for row in rows_of_departement}
    for name, column in (("jumeaux", "jumeau_code"), ("anciennes_communes", "commune_code")):
        rows = pd.read_csv(REFERENCE_DIR / f"{name}.csv", dtype=str, keep_default_na=False)
        rows[rows[column].isin(codes)].to_csv(folder / f"{name}.csv", index=False)
    for name in ("questions", "competences", "ruptures"):
        shutil.copy(REFERENCE_DIR / f"{name}.csv", folder)
    borders = pd.read_parquet(REFERENCE_DIR / "voisins.parquet")
    borders[borders["territoire_code"].isin(codes)].to_parquet(folder / "voisins.parquet")
    return folder


@pytest.fixture
def package(tmp_path, monkeypatch, small_reference) -> Path:
    """Return a copy of the valid example as the only package, which a test may change."""
    folder = tmp_path / "strategies" / "exemple"
    shutil.copytree(FORMAT_DIR / "exemples" / "valide", folder)
    monkeypatch.setattr(merge, "STRATEGIES_DIR", folder.parent)
    monkeypatch.setattr(build, "REFERENCE_DIR", small_reference)
    return folder
