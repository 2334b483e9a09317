"""Cells that a spreadsheet would run as a formula, made harmless, and given back as they were.

A text that begins with `=`, `+`, `-`, `@`, a tab or a return gets an apostrophe before it. One that
has such apostrophes already gets one more: taking one away always gives the text back.
"""

import re

PATTERN = r"^'*[=+\-@\t\r]"
MARK = "'"
_ARMOURED = re.compile(r"^'+[=+\-@\t\r]")
_DANGEROUS = re.compile(PATTERN)


def armoured(value: object) -> object:
    """Make a text harmless; other values are given back as they are."""
    return f"{MARK}{value}" if isinstance(value, str) and _DANGEROUS.match(value) else value


def unarmoured(text: str) -> str:
    """Give back the text that `armoured` made harmless."""
    return text.removeprefix(MARK) if _ARMOURED.match(text) else text


def armoured_sql(text: str) -> str:
    """Write the same as `armoured`, of an expression in SQL."""
    pattern, mark = PATTERN.replace("'", "''"), MARK.replace("'", "''")
    return f"CASE WHEN regexp_matches({text}, '{pattern}') THEN '{mark}' || {text} ELSE {text} END"
