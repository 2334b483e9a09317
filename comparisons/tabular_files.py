"""CSV, sheets and zips: how any table is written, whatever it holds.

Cells that a spreadsheet would run as a formula are made harmless, and given back as they were.
A text that begins with `=`, `+`, `-`, `@`, a tab or a return gets an apostrophe before it. One that
has such apostrophes already gets one more: taking one away always gives the text back.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date

import pandas as pd
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from comparisons.formatting import is_missing

# from there on, a number is not exactly a whole one
_LARGEST_WHOLE = 1e15
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
LIST_SEPARATOR = "|"
TRUE_VALUE = "oui"
FALSE_VALUE = "non"
FORMULA_PATTERN = r"^'*[=+\-@\t\r]"
FORMULA_ESCAPE = "'"
_ARMOURED = re.compile(r"^'+[=+\-@\t\r]")
_DANGEROUS = re.compile(FORMULA_PATTERN)


def escape_formula(value: object) -> object:
    """Escape a text that a spreadsheet would run; return other values as they are."""
    return (
        f"{FORMULA_ESCAPE}{value}" if isinstance(value, str) and _DANGEROUS.match(value) else value
    )


def unescape_formula(text: str) -> str:
    """Return the text that `escape_formula` made harmless."""
    return text.removeprefix(FORMULA_ESCAPE) if _ARMOURED.match(text) else text


def escape_formula_sql(text: str) -> str:
    """Write the same as `escape_formula`, of an expression in SQL."""
    pattern, mark = FORMULA_PATTERN.replace("'", "''"), FORMULA_ESCAPE.replace("'", "''")
    return f"CASE WHEN regexp_matches({text}, '{pattern}') THEN '{mark}' || {text} ELSE {text} END"


def join_lists(rows: pd.DataFrame) -> pd.DataFrame:
    """Write lists in a cell with `|` between their items, as the format does."""
    flat = rows.copy()
    for column in flat.columns:
        if (
            flat[column]
            .map(lambda value: hasattr(value, "__len__") and not isinstance(value, str))
            .any()
        ):
            flat[column] = [
                "|".join(map(str, value)) if hasattr(value, "__len__") else None
                for value in flat[column]
            ]
    return flat


def to_csv(rows: pd.DataFrame) -> bytes:
    """Write a table as CSV: UTF-8, comma, dot for decimals, empty cell for what is unknown.

    Yes and no are `oui` and `non`, as the format reads them, and whole amounts have no decimals. A
    text cell that a spreadsheet would run as a formula is preceded by an apostrophe.
    """
    safe = join_lists(rows)
    for column, kind in zip(safe.columns, safe.dtypes, strict=True):
        if pd.api.types.is_bool_dtype(kind):
            safe[column] = safe[column].map({True: TRUE_VALUE, False: FALSE_VALUE})
        elif pd.api.types.is_float_dtype(kind):
            safe[column] = pd.Series([_whole(value) for value in safe[column]], safe.index, object)
        elif not pd.api.types.is_numeric_dtype(kind):
            safe[column] = [escape_formula(value) for value in safe[column]]
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _whole(value: float) -> object:
    """Write an amount without the decimals it has not; nothing for what is unknown."""
    if is_missing(value):
        return None
    is_whole = float(value).is_integer() and abs(value) < _LARGEST_WHOLE
    return int(value) if is_whole else float(value)


def zip_bytes(members: Mapping[str, bytes], day: date) -> bytes:
    """Write a zip of files, by name, dated that `day`: always the same."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            folder.writestr(info, content)
    return buffer.getvalue()


def header_format(book: Workbook, **more: object) -> Format:
    """Return the look of the first line of a table."""
    return book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, **more})


def sheet_name(name: str) -> str:
    """Return the name of a sheet as spreadsheets allow: 31 characters, none of theirs."""
    return _FORBIDDEN_IN_SHEET_NAME.sub(" ", name)[:31]
