"""OpenAPI description of the filters of tables.

`colonne=valeur` is a parameter of its own. The two thousand others (`colonne__operateur=valeur`)
are properties of one object per table, which an address spreads into as many parameters: their
names are those of the table, what they take is described once for all.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from comparisons.queries.filters import (
    BOOLEANS,
    DATES,
    FLAG_WORDS,
    MAX_NUMBER,
    MAX_VALUE_LENGTH,
    MAX_VALUES,
    NUMBER_PATTERN,
    NUMBERS,
    OPERATOR_SEPARATOR,
    WHOLE_NUMBER_PATTERN,
    column_kind,
    operators_for,
)
from comparisons.queries.selection import MAX_SEARCHED_TEXTS
from comparisons.schema.model import Field, Table, vocabulary_codes
from comparisons.schema.registry import tables

# the component, and the parameter; its name, which no address holds, says how to write one
FILTERS = "filtres"
_PARAMETER = f"colonne{OPERATOR_SEPARATOR}operateur"
_TEXT, _FLAG = "texte", "oui_non"
# how components are named after that of one value: several, and several separated by commas
_MANY, _SEPARATED = "_n", "_in"
_BOUNDS = {"minimum": -MAX_NUMBER, "maximum": MAX_NUMBER}
_MONTH = "-(0[1-9]|1[0-2])"
_VALUES = {
    _TEXT: {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_LENGTH},
    _FLAG: {"type": "string", "enum": list(FLAG_WORDS)},
    "date": {
        "type": "string",
        "anyOf": [{"pattern": f"^(?!0000)[0-9]{{4}}({_MONTH})?$"}, {"format": "date"}],
    },
    # numbers of JSON, or texts: as one writes them in French
    "nombre": {"type": ["number", "string"], "pattern": f"^{NUMBER_PATTERN}$", **_BOUNDS},
    "entier": {"type": ["integer", "string"], "pattern": f"^{WHOLE_NUMBER_PATTERN}$", **_BOUNDS},
}
# the same between commas, as patterns
_BETWEEN_COMMAS = {
    _TEXT: r"[^,\s][^,]*",
    _FLAG: "|".join(FLAG_WORDS),
    "date": rf"[0-9]{{4}}({_MONTH}(-(0[1-9]|[12][0-9]|3[01]))?)?",
    "nombre": NUMBER_PATTERN.replace("[.,]", r"\."),
    "entier": WHOLE_NUMBER_PATTERN.replace("[.,]", r"\."),
}


def reference(kind: str, name: str) -> dict[str, str]:
    """Return the reference to a component of the document."""
    return {"$ref": f"#/components/{kind}/{name}"}


def order_schema(table: Table) -> dict:
    """Return the JSON Schema of columns, each after an optional sign."""
    column = {"type": "string", "pattern": f"^-?{_either(table.columns)}$"}
    return {"type": "array", "items": column, "minItems": 1, "uniqueItems": True}


def value_schemas() -> dict[str, dict]:
    """Return the JSON Schemas of the values that filters take, by name of component."""
    schemas = dict(_VALUES)
    for name, item in _BETWEEN_COMMAS.items():
        schemas[name + _MANY] = _array(reference("schemas", name))
        schemas[name + _SEPARATED] = _array(_separated(item))
    for field in (field for table in tables().values() for field in table.fields):
        if field.vocabulary:
            codes = list(vocabulary_codes(field.vocabulary))
            one = {"type": "string", "enum": codes}
            schemas[field.vocabulary + _MANY] = {"type": "array", "items": one}
            some = _separated("|".join(codes))
            schemas[field.vocabulary + _SEPARATED] = {"type": "array", "items": some}
    return schemas


def filters_schema() -> dict:
    """Return the JSON Schema of what operators take in all tables, by column and operator.

    What depends on the table is left to `filters_parameter`.
    """
    fields = {field.name: field for table in tables().values() for field in table.fields}
    ambiguous = _ambiguous_columns()
    numbers = [name for name, field in fields.items() if column_kind(field) == NUMBERS]
    patterns = {
        "isnull$": reference("schemas", _FLAG),
        "(contains|startswith)$": reference("schemas", _TEXT + _MANY)
        | {"maxItems": MAX_SEARCHED_TEXTS},
        "in$": reference("schemas", _TEXT + _SEPARATED),
    }
    return {
        "type": "object",
        "patternProperties": {
            **{f"{OPERATOR_SEPARATOR}{end}": schema for end, schema in patterns.items()},
            f"^(?!{_either(numbers)}{OPERATOR_SEPARATOR}).*{OPERATOR_SEPARATOR}ne$": reference(
                "schemas", _TEXT + _MANY
            ),
            f"^{_either(sorted(ambiguous))}{OPERATOR_SEPARATOR}[gl]te?$": {},
            **_value_patterns(field for name, field in fields.items() if name not in ambiguous),
        },
        "additionalProperties": False,
    }


def column_parameters(table: Table) -> list[dict]:
    """Return the parameters that filter columns by their values, one per column."""
    return [
        {
            "name": field.name,
            "in": "query",
            "description": field.title,
            "schema": reference("schemas", _value_name(field) + _MANY),
        }
        for field in table.fields
    ]


def filters_parameter(table: Table) -> dict:
    """Return the parameter whose properties are the other filters of a table.

    Their names are those of `filters_schema`, of these columns: initials tell operators apart.
    """
    columns: dict[str, list[str]] = {}
    for field in table.fields:
        initials = sorted({operator.name[:1] for operator in operators_for(field)})
        columns.setdefault("".join(initials), []).append(field.name)
    names = "|".join(
        f"{_either(group)}{OPERATOR_SEPARATOR}[{initials}]" for initials, group in columns.items()
    )
    own = [field for field in table.fields if field.name in _ambiguous_columns()]
    return {
        "name": _PARAMETER,
        "in": "query",
        "example": {},
        "schema": {
            **reference("schemas", FILTERS),
            "propertyNames": {"pattern": f"^({names})"},
            **({"patternProperties": _value_patterns(own)} if own else {}),
        },
    }


def _value_patterns(fields: Iterable[Field]) -> dict[str, dict]:
    """Return the schemas of values that are not any text, by the pattern of filters' names."""
    columns: dict[tuple[str, str], list[str]] = {}
    for field in fields:
        value = _value_name(field)
        if value == _TEXT:
            continue
        taken = {"in": value + _SEPARATED, "ne": value + _MANY}
        if column_kind(field) in (NUMBERS, DATES):
            taken["[gl]te?"] = value
        for operator, schema in taken.items():
            columns.setdefault((operator, schema), []).append(field.name)
    return {
        f"^{_either(names)}{OPERATOR_SEPARATOR}{operator}$": reference("schemas", schema)
        for (operator, schema), names in columns.items()
    }


@cache
def _ambiguous_columns() -> frozenset[str]:
    """Return the columns that do not hold the same values in all tables."""
    values: dict[str, set] = {}
    for field in (field for table in tables().values() for field in table.fields):
        values.setdefault(field.name, set()).add((_value_name(field), column_kind(field)))
    return frozenset(name for name, kinds in values.items() if len(kinds) > 1)


def _either(words: Iterable[str]) -> str:
    """Return the pattern of any of some words, their common beginnings written once."""
    endings: dict[str, list[str]] = {}
    for word in words:
        start, mark, end = word.partition("_")
        endings.setdefault(start, []).append(mark + end)
    parts = [
        start + (ends[0] if len(ends) == 1 else f"({'|'.join(ends)})")
        for start, ends in endings.items()
    ]
    return f"({'|'.join(parts)})"


def _value_name(field: Field) -> str:
    """Return the name of the component of one value of a column."""
    if field.vocabulary:
        return field.vocabulary
    number = "nombre" if field.type == "number" else "entier"
    return {BOOLEANS: _FLAG, DATES: "date", NUMBERS: number}.get(column_kind(field), _TEXT)


def _separated(value: str) -> dict:
    """Return the JSON Schema of values of a pattern, separated by commas."""
    return {"type": "string", "pattern": rf"^[\s,]*(({value})\s*(,[\s,]*|$))+$"}


def _array(item: Mapping[str, object]) -> dict:
    return {"type": "array", "items": item, "maxItems": MAX_VALUES}
