"""The invented network of organisations, built once, which several test files read."""

from pathlib import Path

import pytest
from package_files import build_database
from pooling_network import INVENTED


@pytest.fixture(scope="session")
def network_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_database(tmp_path_factory.mktemp("reseau"), INVENTED)


@pytest.fixture
def invented_network(network_database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everything read the invented network."""
    monkeypatch.setenv("STRATOSCOPE_DATABASE", str(network_database))
