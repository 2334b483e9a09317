"""The invented network of organisations, built once, which several test files read."""

from functools import partial
from pathlib import Path

import pytest
from package_files import build_database
from pooling_network import INVENTED


@pytest.fixture(scope="session")
def network_database(built_once) -> Path:
    return built_once("reseau.duckdb", partial(build_database, tables=INVENTED))


@pytest.fixture
def invented_network(network_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everything read the invented network."""
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(network_database))
