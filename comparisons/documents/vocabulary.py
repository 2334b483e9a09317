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
    """Return the compiled pattern of an entry, or of one key of it; case is ignored."""
    entry = words(name)
    text = entry[key] if key else entry
    return re.compile(rf"(?:{text})", re.IGNORECASE)


@cache
def coded_patterns(name: str) -> tuple[tuple[str, re.Pattern], ...]:
    """Return the (code, compiled pattern) of an entry, in its order; case is ignored."""
    entry = words(name)
    pairs = entry.items() if isinstance(entry, dict) else ((row[0], row[-1]) for row in entry)
    return tuple((code, re.compile(rf"(?:{text})", re.IGNORECASE)) for code, text in pairs)


@cache
def _load() -> dict:
    return json.loads(_FILE.read_text("utf-8"))
