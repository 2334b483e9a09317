"""What several test files share: the real database, built once for the whole run."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from comparisons.build import build

# by hand, other examples each time; where a change waits for the answer, always the same
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def database(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """Build the database of the checkout; everything then reads it, whatever process it is in."""
    folder = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        folder = folder.parent  # the workers of pytest-xdist share it
    path = folder / "stratoscope.duckdb"
    _build_once(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STRATOSCOPE_DATABASE", str(path))
        yield path


def _build_once(path: Path) -> None:
    """Build it here, or wait for the worker that does; if that one fails, try in its place."""
    lock = path.with_suffix(".lock")
    while not path.exists():
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            time.sleep(0.1)
            continue
        try:
            if not path.exists():
                build(path)
        finally:
            lock.unlink()
