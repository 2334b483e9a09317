"""Packages are layered: imports go to lower layers only, few packages import a library."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# modules of the lowest floor: each may import those before it
FLAT = ("settings", "errors", "concurrency", "processes", "rows", "formatting", "text_similarity",
        "tabular_files", "translation")  # fmt: skip
FLOORS = {
    **dict.fromkeys(FLAT, 1),
    "schema": 2,
    "parameters": 3,
    "database": 3,
    "datapackage": 3,
    "page_parameters": 4,
    "queries": 4,
    "search": 5,
    "analysis": 6,
    "documents": 4,
    "build": 7,
    "charts": 7,
    "lake": 8,
    "exports": 9,
    "web": 10,
    "cli": 10,
    "ui": 10,
    "__main__": 11,
    "pages": 12,
    "app": 12,
}
# what may import a library of the outside: packages, or modules
KNOWS = {
    "streamlit": ("comparisons.ui", "pages", "app"),
    "starlette": ("comparisons.web", "app"),
    "fastapi": ("comparisons.web", "app"),
    "duckdb": ("comparisons.database", "comparisons.build", "comparisons.lake.connection"),
    "plotly": ("comparisons.charts", "comparisons.ui.figures"),
}
# imports that still point upward, (importer, imported): to be ended, never added to
ALLOWED: set[tuple[str, str]] = set()


def name_of(path: Path) -> str:
    """Name a module as imports do."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = (*(ROOT / "comparisons").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py")
MODULES = {name_of(path): path for path in sorted(PATHS)}


@cache
def tree(name: str) -> ast.Module:
    """Read a module, once."""
    return ast.parse(MODULES[name].read_text("utf-8"))


def imports(name: str) -> Iterator[str]:
    """The modules that a module imports, wherever in it: whole names, of the project or not."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


@cache
def arrows() -> set[tuple[str, str]]:
    """Which module imports which, both of the project."""
    return {
        (name, imported)
        for name in MODULES
        for imported in imports(name)
        if imported in MODULES and imported != "comparisons"
    }


def package_of(name: str) -> str:
    """The package, or flat module, that a module belongs to."""
    first, *rest = name.split(".")
    return rest[0] if first == "comparisons" and rest else first


def goes_down(importer: str, imported: str) -> bool:
    """Tell whether an import goes to a lower floor, or stays in its package."""
    upper, lower = package_of(importer), package_of(imported)
    if upper in FLAT and lower in FLAT:
        return FLAT.index(lower) <= FLAT.index(upper)
    return upper == lower or FLOORS[lower] < FLOORS[upper]


def test_every_package_has_its_floor():
    assert len(MODULES) > 200
    packages = {package_of(name) for name in MODULES} - {"comparisons"}
    assert packages - set(FLOORS) == set()


def test_imports_go_down():
    upward = {arrow for arrow in arrows() if not goes_down(*arrow)}
    print(f"\n{len(ALLOWED)} imports upward are allowed:", *sorted(ALLOWED), sep="\n")
    assert sorted(upward - ALLOWED) == []
    assert sorted(ALLOWED - upward) == [], "ended: to be taken off the list"


def test_no_module_imports_itself_through_others():
    left = {name: {b for a, b in arrows() if a == name and a != b} for name in MODULES}
    while free := [name for name, below in left.items() if not below & left.keys()]:
        for name in free:
            del left[name]
    assert sorted(left) == []


def test_packages_of_the_analysis_do_not_import_one_another_in_a_circle():
    """Its parts are its packages, and the modules beside them."""

    def part(name: str) -> str:
        return ".".join(name.split(".")[:3])

    inside = [
        (part(a), part(b)) for a, b in arrows() if package_of(a) == package_of(b) == "analysis"
    ]
    left = {part: {b for a, b in inside if a == part and a != b} for part in {*sum(inside, ())}}
    while free := [name for name, below in left.items() if not below & left.keys()]:
        for name in free:
            del left[name]
    assert sorted(left) == []


@pytest.mark.parametrize("library", KNOWS)
def test_few_know_a_library(library):
    knowing = {name for name in MODULES if library in {i.split(".")[0] for i in imports(name)}}
    importers = [n for n in knowing if not any(f"{n}.".startswith(f"{a}.") for a in KNOWS[library])]
    assert sorted(importers) == []


def test_a_package_has_no_facade():
    """Check that an `__init__` only has a docstring: it defines nothing and exports nothing."""
    for name, path in MODULES.items():
        if path.name == "__init__.py" and name != "comparisons":
            (only,) = tree(name).body
            assert isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant), name


PAGES = [name for name in MODULES if name.startswith("pages.")]
LONGEST_PAGE = 160


def called_names(name: str) -> set[str]:
    """The names of all that a module calls."""
    calls = (node.func for node in ast.walk(tree(name)) if isinstance(node, ast.Call))
    return {getattr(call, "attr", getattr(call, "id", "")) for call in calls}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_no_sql_and_stays_short(name):
    text = MODULES[name].read_text("utf-8")
    assert not called_names(name) & {"query", "cursor", "execute", "sql"}
    assert not re.search(r"\bSELECT\b|\bFROM\s+\w+\s+WHERE\b", text)
    assert not {"duckdb", "sqlite3"} & set(imports(name))
    assert len(text.splitlines()) <= LONGEST_PAGE


def test_only_the_build_the_connections_and_the_sandbox_open_a_database():
    opening = [
        name.removeprefix("comparisons.")
        for name, path in MODULES.items()
        if "duckdb.connect" in path.read_text("utf-8")
    ]
    # a query of a reader's own has a process, and so a connection, of its own
    assert opening == [
        "build.build", "database.connection", "database.sandbox.process.executor", "lake.connection"
    ]  # fmt: skip


def test_no_page_writes_html_from_data():
    for name, path in MODULES.items():
        assert "unsafe_allow_html" not in path.read_text("utf-8"), name


def test_no_public_name_is_for_tests_alone():
    used = set()
    for name in MODULES:
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                used.add(node.id)
            elif isinstance(node, ast.Attribute):
                used.add(node.attr)
            elif isinstance(node, ast.alias) and node.asname:
                used.add(node.name)
    unused = {
        f"{name}.{node.name}"
        for name in MODULES
        for node in tree(name).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and node.name not in used
        # the router of the API calls them
        and not any("router." in ast.unparse(each) for each in node.decorator_list)
    }
    assert unused == set()
