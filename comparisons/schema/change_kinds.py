"""Codes of the changes of a row between two editions of the dataset, and how its key is written."""

from collections.abc import Iterable

from comparisons.formatting import is_missing

KEY_SEPARATOR = " / "
ADDED, CHANGED, COMPLETED, REMOVED = "ajoute", "modifie", "complete", "retire"
# Codes of `nature`, in French.
CHANGE_KINDS = {CHANGED: "Corrigée", ADDED: "Ajoutée", REMOVED: "Retirée", COMPLETED: "Complétée"}


def join_key(values: Iterable[object]) -> str:
    """Return the key of a row as one text; a value that is not known is empty in it."""
    return KEY_SEPARATOR.join(map(_key_text, values))


def _key_text(value: object) -> str:
    # a year is a number with decimals in a table where some are missing
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if is_missing(value) else str(value)
