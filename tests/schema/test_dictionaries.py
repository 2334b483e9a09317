"""Every table of the database is described, and matches its description."""

import json

import pytest

from comparisons.database.connection import cursor
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.registry import TABLES_DIR
from comparisons.settings import FORMAT_DIR


def dictionaries() -> dict[str, dict]:
    paths = (*(FORMAT_DIR / "schemas").glob("*.json"), *(TABLES_DIR / "derived").glob("*.json"))
    return {path.stem: json.loads(path.read_text("utf-8")) for path in paths}


def test_every_table_of_the_database_has_its_dictionary(database):
    table_names = {name for (name,) in cursor(database).execute("SHOW TABLES").fetchall()}
    assert table_names == set(dictionaries())


@pytest.mark.parametrize("name", sorted(dictionaries()))
def test_a_dictionary_says_what_the_table_holds(database, name):
    described = dictionaries()[name]
    assert described["name"] == name and described["title"] and described["description"]
    columns_held = [row[:2] for row in cursor(database).execute(f'DESCRIBE "{name}"').fetchall()]
    types = {"string": "VARCHAR", "integer": "INTEGER", "year": "INTEGER", "number": "DOUBLE"}
    types |= {"boolean": "BOOLEAN", "list": "VARCHAR[]"}
    assert columns_held == [(field["name"], types[field["type"]]) for field in described["fields"]]
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
            codes = {code for (code,) in cursor(database).execute(sql).fetchall()}
            assert codes <= set(vocabulary_codes(vocabulary)), (name, column)


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
    required_names = [f["name"] for f in fields if f.get("constraints", {}).get("required")]
    return [f'"{column}"' for column in required_names] or ["*"]
