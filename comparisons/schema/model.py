"""The format « stratégie numérique territoriale », read once from its own descriptor.

The descriptor and its Table Schemas are the one source of truth: validation, database
tables, template, dictionary and exports all ask this module what a table holds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from comparisons.settings import FORMAT_DIR

_DUCKDB_TYPES = {
    "string": "VARCHAR",
    "integer": "INTEGER",
    "year": "INTEGER",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "list": "VARCHAR[]",
}


@dataclass(frozen=True)
class Field:
    """One column of a table: its type, title and description in French, unit and vocabulary.

    `kind` is what a text stands for (identifiant, date, adresse, territoire, siren).
    `empty_means` is the meaning of an empty cell, where it is not only « not known ».
    """

    name: str
    type: str
    title: str
    description: str
    example: str
    unit: str = ""
    required: bool = False
    vocabulary: str = ""
    kind: str = ""
    pattern: str = ""
    minimum: float | None = None
    empty_means: str = ""


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a table that name a row of another one (or of the same one)."""

    fields: tuple[str, ...]
    table: str
    reference: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table; `primary_key` identifies a row (an empty cell of it counts as a value)."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return names of all the columns, in the order of the format."""
        return tuple(field.name for field in self.fields)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Return names of the columns without which a row means nothing."""
        return tuple(field.name for field in self.fields if field.required)

    def field(self, name: str) -> Field:
        """Return the column of that name (`KeyError` if the table has none)."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def located(self) -> bool:
        """Return whether each row is about a territory (`territoire_code` is required)."""
        return "territoire_code" in self.required_columns

    @property
    def coded_fields(self) -> tuple[Field, ...]:
        """Return columns whose values come from a vocabulary."""
        return tuple(field for field in self.fields if field.vocabulary)


@dataclass(frozen=True)
class Format:
    """The whole format: its tables in publication order and its vocabularies."""

    version: str
    created: date
    title: str
    tables: Mapping[str, Table]
    vocabularies: Mapping[str, pd.DataFrame]


@lru_cache(maxsize=1)
def load_format() -> Format:
    """Read the descriptor, the schemas and the vocabularies (once per process)."""
    descriptor = _read_json(FORMAT_DIR / "datapackage.json")
    tables = {
        resource["name"]: read_table_schema(FORMAT_DIR / resource["schema"])
        for resource in descriptor["resources"]
    }
    vocabularies = {
        path.stem: _read_vocabulary(path)
        for path in sorted((FORMAT_DIR / "vocabulaires").glob("*.csv"))
    }
    return Format(
        version=descriptor["version"],
        created=date.fromisoformat(descriptor["created"]),
        title=descriptor["title"],
        tables=MappingProxyType(tables),
        vocabularies=MappingProxyType(vocabularies),
    )


def read_table_schema(path: Path) -> Table:
    """Read one Table Schema file."""
    return _parse_table(_read_json(path))


def duckdb_type(field: Field) -> str:
    """Return the name of the DuckDB type that holds a column."""
    return _DUCKDB_TYPES[field.type]


def vocabulary_codes(vocabulary: str) -> tuple[str, ...]:
    """Return the codes of a vocabulary, in their order."""
    return tuple(load_format().vocabularies[vocabulary]["code"])


def family_codes(vocabulary: str, family: str) -> tuple[str, ...]:
    """Return the codes of a family of a vocabulary, in their order."""
    rows = load_format().vocabularies[vocabulary]
    return tuple(rows.loc[rows["famille"] == family, "code"])


def source_families() -> tuple[str, ...]:
    """Return the families of types of sources that readers may keep alone."""
    families = load_format().vocabularies["types_source"]["famille"].dropna()
    return tuple(family for family in families.unique() if family)


@lru_cache(maxsize=64)
def family_of(strategy_type: str) -> str:
    """Return the family of a type of strategy; an unknown one is given back as it is."""
    types = load_format().vocabularies["types_strategie"].set_index("code")["famille"]
    return types.get(strategy_type, strategy_type)


def code_label(vocabulary: str, code: str) -> str:
    """Return the French label of a code; an unknown code is given back as it is."""
    return _labels_by_code(vocabulary).get(code, code)


def code_definition(vocabulary: str, code: str) -> str:
    """Return the French definition of a code; raises `KeyError` for an unknown one."""
    return load_format().vocabularies[vocabulary].set_index("code")["definition"][code]


@lru_cache(maxsize=64)
def _labels_by_code(vocabulary: str) -> dict[str, str]:
    table = load_format().vocabularies[vocabulary]
    return dict(zip(table["code"], table["libelle"], strict=True))


def _parse_table(schema: dict) -> Table:
    # A primary key forbids empty cells; where one may be empty (the year of an indicator),
    # the schema declares a unique key instead, which identifies a row just as well. Columns that
    # are joined to any table have none.
    key = schema.get("primaryKey") or next(iter(schema.get("uniqueKeys", [])), ())
    return Table(
        name=schema["name"],
        title=schema["title"],
        description=schema["description"],
        fields=tuple(_parse_field(field) for field in schema["fields"]),
        primary_key=tuple(key),
        foreign_keys=tuple(
            ForeignKey(
                fields=tuple(foreign_key["fields"]),
                # The standard leaves the resource out when a table refers to itself.
                table=foreign_key["reference"].get("resource", schema["name"]),
                reference=tuple(foreign_key["reference"]["fields"]),
            )
            for foreign_key in schema.get("foreignKeys", [])
        ),
    )


def _parse_field(field: dict) -> Field:
    constraints = field.get("constraints", {})
    return Field(
        name=field["name"],
        type=field["type"],
        title=field["title"],
        description=field["description"],
        example=str(field["example"]),
        unit=field.get("unite", ""),
        required=constraints.get("required", False),
        vocabulary=field.get("vocabulaire", ""),
        kind=field.get("sorte", ""),
        pattern=constraints.get("pattern", ""),
        minimum=constraints.get("minimum"),
        empty_means=field.get("videSignifie", ""),
    )


def _read_json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def _read_vocabulary(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    return table.astype({"ordre": int})
