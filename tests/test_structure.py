"""The shape of the code holds: who may write SQL, what is documented."""

import ast
import json
import re
from pathlib import Path

import pytest

from comparisons.database.connection import cursor
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.registry import DERIVED_DIR
from comparisons.settings import FORMAT_DIR, PROJECT_DIR

LIBRARY = PROJECT_DIR / "comparisons"
PAGES = sorted((PROJECT_DIR / "pages").glob("*.py"))
MODULES = sorted(LIBRARY.rglob("*.py"))
LONGEST_PAGE = 160


def imported(path: Path) -> set[str]:
    """The packages that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def called(path: Path) -> set[str]:
    """The names of all that a module calls."""
    calls = (
        n.func for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)
    )
    return {getattr(call, "attr", getattr(call, "id", "")) for call in calls}


# --- code -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_holds_no_sql_and_stays_short(path):
    text = path.read_text("utf-8")
    assert not called(path) & {"query", "cursor", "execute", "sql"}
    assert not re.search(r"\bSELECT\b|\bFROM\s+\w+\s+WHERE\b", text)
    assert not imported(path) & {"duckdb", "sqlite3"}
    assert len(text.splitlines()) <= LONGEST_PAGE


def test_only_the_build_and_the_warehouse_open_a_database():
    opening = [
        path.name for path in MODULES if re.search(r"duckdb\.connect", path.read_text("utf-8"))
    ]
    # a query of a reader's own has a process, and so a connection, of its own
    assert sorted(opening) == ["build.py", "connection.py", "executor.py"]


def test_no_page_writes_html_from_data():
    for path in (*MODULES, *PAGES, PROJECT_DIR / "app.py"):
        assert "unsafe_allow_html" not in path.read_text("utf-8"), path.name


# --- dictionaries ---------------------------------------------------------------------------------


def dictionaries() -> dict[str, dict]:
    paths = (*(FORMAT_DIR / "schemas").glob("*.json"), *DERIVED_DIR.glob("*.json"))
    return {path.stem: json.loads(path.read_text("utf-8")) for path in paths}


def test_every_table_of_the_database_has_its_dictionary(database):
    held = {name for (name,) in cursor(database).execute("SHOW TABLES").fetchall()}
    assert held == set(dictionaries())


@pytest.mark.parametrize("name", sorted(dictionaries()))
def test_a_dictionary_says_what_the_table_holds(database, name):
    described = dictionaries()[name]
    assert described["name"] == name and described["title"] and described["description"]
    held = [row[:2] for row in cursor(database).execute(f'DESCRIBE "{name}"').fetchall()]
    types = {"string": "VARCHAR", "integer": "INTEGER", "year": "INTEGER", "number": "DOUBLE"}
    types |= {"boolean": "BOOLEAN", "list": "VARCHAR[]"}
    assert held == [(field["name"], types[field["type"]]) for field in described["fields"]]
    for field in described["fields"]:
        for word in ("title", "description", "example"):
            assert str(field.get(word, "")).strip(), (name, field["name"], word)
        if field.get("vocabulaire"):
            assert set(field["example"].split("|")) <= set(vocabulary_codes(field["vocabulaire"]))


@pytest.mark.parametrize("name", sorted(dictionaries()))
def test_codes_of_a_table_are_in_its_vocabularies(database, name):
    for field in dictionaries()[name]["fields"]:
        vocabulary, column = field.get("vocabulaire"), field["name"]
        if vocabulary:
            values = f'unnest("{column}")' if field["type"] == "list" else f'"{column}"'
            sql = f'SELECT DISTINCT {values} FROM "{name}" WHERE "{column}" IS NOT NULL'
            found = {code for (code,) in cursor(database).execute(sql).fetchall()}
            assert found <= set(vocabulary_codes(vocabulary)), (name, column)


@pytest.mark.parametrize("name", sorted(dictionaries()))
def test_keys_are_unique_and_required_columns_filled(database, name):
    described = dictionaries()[name]
    key = described.get("primaryKey") or described.get("uniqueKeys", [None])[0]
    reader = cursor(database)
    total, *filled = reader.execute(
        f'SELECT count(*), {", ".join(f"count({c})" for c in required(described))} FROM "{name}"'
    ).fetchone()
    assert filled == [total] * len(filled)
    if key:
        # an empty cell of a key counts as a value
        quoted = ", ".join(f'"{column}"' for column in key)
        sql = f'SELECT count(*) FROM (SELECT DISTINCT {quoted} FROM "{name}")'
        assert reader.execute(sql).fetchone()[0] == total


def required(described: dict) -> list[str]:
    fields = described["fields"]
    named = [f["name"] for f in fields if f.get("constraints", {}).get("required")]
    return [f'"{column}"' for column in named] or ["*"]
