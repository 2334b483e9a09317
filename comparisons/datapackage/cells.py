"""Parse the text of one cell to the value that its column expects.

Validation and loading share these parsers, so that a valid cell can always be loaded.
"""

import datetime as dt
import json
import math
import re
from collections.abc import Callable
from functools import lru_cache

import pandas as pd

from comparisons.schema.model import Field, Table
from comparisons.settings import FORMAT_DIR
from comparisons.tabular_files import LIST_SEPARATOR

# Text → (value, fault); a fault is the name of a Table Schema constraint, or "type".
CellParser = Callable[[str], tuple[object, str]]

# Python reads « 1_000 », « NaN » or Arabic digits as numbers; spreadsheets and SQL do not.
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_PLAIN_INTEGER = re.compile(r"-?[0-9]{1,18}")
# An address without blanks, nor another address after it; that of an archive holds one.
_SINGLE_ADDRESS = re.compile(r"(?:(?![|;,]https?://)\S)*", re.IGNORECASE)
_LARGEST_INTEGER = 2**31 - 1


@lru_cache(maxsize=256)
def cell_parser(table: str, column: str) -> CellParser:
    """Return the function that turns a text into (value, fault); "" is no fault."""
    field = _load_schema(table).get_field(column)
    kind = field.custom.get("sorte", "")
    read_cell = field.create_cell_reader()

    def reader(text: str) -> tuple[object, str]:
        if text and not _is_plain(text, field.type):
            return None, "type"
        value, errors = read_cell(text)
        if errors:
            return None, next(iter(errors))
        if value is None:
            return None, ""
        return _check_value(value, field.type, kind)

    return reader


def split_codes(text: str) -> list[str]:
    """Split the text of a cell into its codes, without blanks."""
    return [item.strip() for item in text.split(LIST_SEPARATOR) if item.strip()]


def to_typed_frame(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Convert a table of texts to typed columns, in the order of the format.

    An empty cell becomes a missing value, never zero; so does a cell of the wrong type.
    """
    return pd.DataFrame(
        {field.name: _typed_column(frame, table.name, field) for field in table.fields},
        index=frame.index,
    )


def _typed_column(frame: pd.DataFrame, table: str, field: Field) -> pd.Series:
    if field.name not in frame:
        texts = pd.Series("", index=frame.index, dtype="str")
    else:
        texts = frame[field.name]
    if field.type == "string":
        return texts.where(texts != "")
    reader = cell_parser(table, field.name)
    values = {text: reader(text)[0] for text in texts.unique()}
    column = pd.Series([values[text] for text in texts], index=frame.index, dtype=object)
    match field.type:
        case "integer" | "year":
            return column.astype("Int64")
        case "number":
            return column.astype("float64")
        case "boolean":
            return column.astype("boolean")
    return column


def _is_plain(text: str, type_: str) -> bool:
    match type_:
        case "number":
            return _PLAIN_NUMBER.fullmatch(text) is not None
        case "integer" | "year":
            return _PLAIN_INTEGER.fullmatch(text) is not None
    return True


def _check_value(value: object, type_: str, kind: str) -> tuple[object, str]:
    """Check what Table Schema does not: limits of numbers, the calendar, addresses in a list."""
    match type_:
        case "number":
            number = float(value)
            return (number, "") if math.isfinite(number) else (None, "maximum")
        case "integer":
            return (value, "") if abs(value) <= _LARGEST_INTEGER else (None, "maximum")
        case "list":
            return split_codes(LIST_SEPARATOR.join(value)) or None, ""
    if kind == "date" and not _is_in_calendar(value):
        return None, "pattern"
    if kind == "adresse" and not _SINGLE_ADDRESS.fullmatch(value):
        return None, "pattern"
    return value, ""


def _is_in_calendar(text: str) -> bool:
    year, month, day = [*map(int, text.split("-")), 1, 1][:3]
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=32)
def _load_schema(table: str):
    import frictionless  # slow to import, and not needed to show a page

    path = FORMAT_DIR / "schemas" / f"{table}.json"
    return frictionless.Schema.from_descriptor(json.loads(path.read_text(encoding="utf-8")))
