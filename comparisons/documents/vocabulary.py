"""The words by which facts are recognised, read from the one file that a person reviews."""

import json
import re
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("vocabulary.json")


@cache
def words(name: str) -> object:
    """Return an entry of the vocabulary: a pattern, a mapping or a list of them."""
    return _load()[name]


@cache
def pattern(name: str, key: str = "") -> re.Pattern:
    """Return the compiled pattern of an entry, or of one key of it: whole words, any case."""
    entry = words(name)
    return _compile(entry[key] if key else entry)


@cache
def coded_patterns(name: str) -> tuple[tuple[str, re.Pattern], ...]:
    """Return the (code, compiled pattern) of an entry, in its order: whole words, any case."""
    entry = words(name)
    pairs = entry.items() if isinstance(entry, dict) else ((row[0], row[-1]) for row in entry)
    return tuple((code, _compile(text)) for code, text in pairs)


def _compile(text: str) -> re.Pattern:
    # « prises » is no part of « entreprises »
    return re.compile(rf"(?<!\w)(?:{text})", re.IGNORECASE)


@cache
def _load() -> dict:
    return json.loads(_FILE.read_text("utf-8"))
