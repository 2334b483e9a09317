"""Access to the application: the only module here that imports its parts.

Whoever moves or renames modules changes this file alone. It starts at what should stay: `app.py`,
`pages/navigation.py` and `python -m comparisons`. The clock of the application is stopped.
"""

import importlib
import io
import logging
import os
import pkgutil
import runpy
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from starlette.testclient import TestClient
from streamlit.components.v2 import manifest_scanner
from streamlit.elements.widgets import button
from streamlit.testing.v1 import AppTest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = "comparisons"
SITE = "http://localhost:8501"
NAVIGATION = PROJECT / "pages" / "navigation.py"
DATABASE_VARIABLE = "STRATOSCOPE_DATABASE"
PACKAGES_VARIABLE = "STRATOSCOPE_PACKAGES"
# where `import` adds a package
PUBLISHED = "data/strategies"
# keys of the session state
WINDOW_KEY, OPENED_KEY, SEARCH_RESULT_KEY = "fenetre_connue", "page_ouverte", "recherche:trouve"
# later than all data
TODAY = datetime(2027, 1, 4, 12, 0, 0)
_PAGE_SECONDS, _COMMAND_SECONDS = 120, 300
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", "*.duckdb*", ".texts", ".*cache"
)


class Ran(NamedTuple):
    """What a command did."""

    code: int
    output: bytes
    errors: str


def prepare(folder: Path) -> None:
    """Build the database with the code as it is, in a folder, and have everything read it."""
    os.chdir(PROJECT)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.environ |= {"COLUMNS": "100", "LINES": "24", "NO_COLOR": "1"}
    os.environ.pop(PACKAGES_VARIABLE, None)
    os.environ[DATABASE_VARIABLE] = str(folder / "golden.duckdb")
    # each run of AppTest would look through all that is installed
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    # the components of pages are declared in the first run of one: here, before there is a database
    open_session().run()
    _import_all()
    built = run_command(["build", "--database", os.environ[DATABASE_VARIABLE]])
    if built.code:
        raise SystemExit(f"The database cannot be built.\n{built.errors}")


def client() -> TestClient:
    """Return a client of the whole site, as `streamlit run app.py` serves it."""
    site = importlib.import_module("app").app
    _stop_clock()
    return TestClient(site, SITE, raise_server_exceptions=False, follow_redirects=False)


# --- pages ---------------------------------------------------------------------------------------


def open_session(window: str = "wide", theme: str = "light") -> AppTest:
    """Return the session of a new reader, who has seen nothing yet."""
    session = AppTest.from_file(NAVIGATION, default_timeout=_PAGE_SECONDS)
    session.context = {"url": f"{SITE}/", "theme": theme, "locale": "fr-FR"}
    session.session_state[WINDOW_KEY] = window
    return session


def open_page(session: AppTest, page: str, query: dict[str, list[str]]) -> None:
    """Open an address in a session; its first page is always the map (a limit of AppTest)."""
    _stop_clock()
    if OPENED_KEY not in session.session_state:
        session.run()
    session.switch_page(f"{page}.py")
    session.query_params = query
    session.run()


def find_territory(session: AppTest, key: str) -> None:
    """Choose a territory in the search field of a session, which AppTest cannot run."""
    session.session_state[SEARCH_RESULT_KEY] = key
    session.run()


@contextmanager
def offered_files() -> Iterator[dict[str, object]]:
    """Yield the files that pages offer inside the block, by name: contents or functions."""
    offered: dict[str, object] = {}
    marshalled = button.marshall_file

    def record(coordinates, data, proto, mimetype, file_name=None, **options) -> None:
        offered[str(file_name)] = data
        marshalled(coordinates, data, proto, mimetype, file_name, **options)

    with mock.patch.object(button, "marshall_file", record):
        yield offered


# --- commands ------------------------------------------------------------------------------------


def run_command(arguments: Sequence[str], typed: str = "") -> Ran:
    """Return what `python -m comparisons …` does, run in this process; `typed` is its input."""
    _stop_clock()
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        mock.patch.object(sys, "argv", [PACKAGE, *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO(typed)),
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        try:
            runpy.run_module(PACKAGE, run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        output.flush()
        errors.flush()
    return Ran(code, output.buffer.getvalue(), errors.buffer.getvalue().decode("utf-8"))


def run_command_in_copy(arguments: Sequence[str], typed: str, copy: Path) -> Ran:
    """Return what a command does in a copy of the checkout; of its packages, only new ones stay.

    The clock of the copy runs.
    """
    shutil.copytree(PROJECT, copy, ignore=_NOT_COPIED, symlinks=True)
    process = subprocess.run(
        [sys.executable, "-m", PACKAGE, *arguments],
        cwd=copy,
        input=typed.encode("utf-8"),
        capture_output=True,
        timeout=_COMMAND_SECONDS,
        check=False,
    )
    for package in (PROJECT / PUBLISHED).iterdir():
        _remove_if_unchanged(package, copy / PUBLISHED / package.name)
    return Ran(process.returncode, process.stdout, process.stderr.decode("utf-8"))


def _remove_if_unchanged(original: Path, copied: Path) -> None:
    """Remove the files of a folder that are as they were, so that only what was written is left."""
    for path in filter(Path.is_file, original.rglob("*")):
        same = copied / path.relative_to(original)
        if same.exists() and same.read_bytes() == path.read_bytes():
            same.unlink()


# --- the clock -----------------------------------------------------------------------------------


class _Stopped(type):
    """Check subclasses against the class of dates that this one replaces."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__base__)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.__base__)


class _Date(date, metaclass=_Stopped):
    """`datetime.date`, whose today is always the same; its instances are true dates."""

    def __new__(cls, *parts: int) -> date:
        return date(*parts)

    @classmethod
    def today(cls) -> date:
        return TODAY.date()


class _Datetime(datetime, metaclass=_Stopped):
    """`datetime.datetime`, whose now is always the same; its instances are true ones."""

    def __new__(cls, *parts: int, **keywords: object) -> datetime:
        return datetime(*parts, **keywords)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return TODAY.replace(tzinfo=tz)


def _stop_clock() -> None:
    """Write a stopped clock into all modules of the application that are loaded."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == PACKAGE:
            for attribute, value in list(vars(module).items()):
                if value is date or value is datetime:
                    setattr(module, attribute, _Date if value is date else _Datetime)


def _import_all() -> None:
    """Load all modules, so that none gets the true clock later."""
    package = importlib.import_module(PACKAGE)
    for name in _modules(package.__path__, f"{PACKAGE}."):
        try:
            importlib.import_module(name)
        except ImportError:  # runs in a process of its own
            continue


def _modules(path: Sequence[str], prefix: str) -> list[str]:
    """Return the names of all modules of a package, except `__main__`."""
    names = (
        module.name for module in pkgutil.walk_packages(path, prefix, onerror=lambda name: None)
    )
    return [name for name in names if not name.endswith("__main__")]
