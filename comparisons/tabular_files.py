"""Write tables as CSV, sheets and zips.

Cells and column names that a spreadsheet would run as a formula are escaped, reversibly: a text
that begins with `=`, `+`, `-`, `@`, a tab or a return, with or without apostrophes before, gets one
more apostrophe; removing one always gives the text back.
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

# from there on, a float no longer holds every integer exactly
_MAX_EXACT_NUMBER = 1e15
_FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# apostrophes, which a spreadsheet refuses there, and what begins a formula
_FORBIDDEN_AT_START = "'=+-@ "
LIST_SEPARATOR = "|"
TRUE_VALUE = "oui"
FALSE_VALUE = "non"
FORMULA_PATTERN = r"^'*[=+\-@\t\r]"
_FORMULA_ESCAPE = "'"
_ESCAPED = re.compile(r"^'+[=+\-@\t\r]")
_DANGEROUS = re.compile(FORMULA_PATTERN)


def escape_formula(value: object) -> object:
    """Escape a text that a spreadsheet would run; return other values as they are."""
    return (
        f"{_FORMULA_ESCAPE}{value}" if isinstance(value, str) and _DANGEROUS.match(value) else value
    )


def unescape_formula(text: str) -> str:
    """Return the text before `escape_formula`."""
    return text.removeprefix(_FORMULA_ESCAPE) if _ESCAPED.match(text) else text


def escape_formula_sql(text: str) -> str:
    """Return an SQL expression that escapes the text expression as `escape_formula` does."""
    pattern = FORMULA_PATTERN.replace("'", "''")
    prefix = _FORMULA_ESCAPE.replace("'", "''")
    return (
        f"CASE WHEN regexp_matches({text}, '{pattern}') THEN '{prefix}' || {text} ELSE {text} END"
    )


def join_lists(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with lists joined by `|`, as the format writes them."""
    joined = rows.copy()
    for column in joined.columns:
        if (
            joined[column]
            .map(lambda value: hasattr(value, "__len__") and not isinstance(value, str))
            .any()
        ):
            joined[column] = [
                "|".join(map(str, value)) if hasattr(value, "__len__") else None
                for value in joined[column]
            ]
    return joined


def to_csv(rows: pd.DataFrame) -> bytes:
    """Write a table as CSV bytes: UTF-8, comma, decimal point, empty cells for missing values.

    Booleans are `oui` and `non`, whole amounts have no decimals, formulas are escaped, in names of
    columns (an alias of a query, a header of a stranger) as in cells.
    """
    escaped_rows = join_lists(rows)
    for column, dtype in zip(escaped_rows.columns, escaped_rows.dtypes, strict=True):
        if pd.api.types.is_bool_dtype(dtype):
            escaped_rows[column] = escaped_rows[column].map({True: TRUE_VALUE, False: FALSE_VALUE})
        elif pd.api.types.is_float_dtype(dtype):
            escaped_rows[column] = pd.Series(
                [_drop_zero_decimals(value) for value in escaped_rows[column]],
                escaped_rows.index,
                object,
            )
        elif not pd.api.types.is_numeric_dtype(dtype):
            escaped_rows[column] = [escape_formula(value) for value in escaped_rows[column]]
    header = [escape_formula(str(name)) for name in rows.columns]
    return escaped_rows.to_csv(index=False, lineterminator="\n", header=header).encode("utf-8")


def _drop_zero_decimals(value: float) -> object:
    """Return a whole amount as an integer, another as a float, None for a missing one."""
    if is_missing(value):
        return None
    is_full_table = float(value).is_integer() and abs(value) < _MAX_EXACT_NUMBER
    return int(value) if is_full_table else float(value)


def zip_bytes(members: Mapping[str, bytes], day: date) -> bytes:
    """Write a zip of files (name → content) dated `day`: the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def header_format(workbook: Workbook, **properties: object) -> Format:
    """Return the cell format of the header of a table."""
    return workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, **properties})


def sheet_name(name: str) -> str:
    """Return a valid sheet name: 31 characters at most, without those that are forbidden."""
    allowed = _FORBIDDEN_IN_SHEET_NAME.sub(" ", name).lstrip(_FORBIDDEN_AT_START)
    return allowed[:31].rstrip("' ") or "feuille"
