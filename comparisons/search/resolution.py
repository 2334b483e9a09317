"""The territory that a text names, as programs and terminals ask for it."""

from collections.abc import Sequence

import pandas as pd

from comparisons import text_similarity
from comparisons.errors import Refused
from comparisons.formatting import enumeration, typographic
from comparisons.schema.territory import parse_key
from comparisons.search import territories


def check_territories(keys: Sequence[str]) -> None:
    """Raise `Refused` when some are no territories; it says which they may have meant."""
    wrong = [why for key in keys if (why := territories.why_unknown(key))]
    if wrong:
        raise Refused(" ".join(wrong))


def understood(text: str) -> tuple[str, str]:
    """Find the territory that a text names: its key, and what was understood (if not a key).

    Raises `Refused` when it names none, or several.
    """
    try:
        key = parse_key(text).key
    except ValueError:
        pass
    else:
        check_territories([key])
        return key, ""
    found = territories.find(text[: territories.MAX_TYPED])
    if found.empty:
        raise Refused(territories.advice(text))
    meant = _meant(text, found)
    if len(meant) > 1:
        several = enumeration((_named(row) for row in meant.head(5).itertuples()), "ou")
        raise Refused(f"« {text} » peut désigner {several} : donnez l’identifiant entre crochets.")
    row = next(meant.itertuples())
    return row.cle, f"« {text} » : {_named(row)}."


def _meant(text: str, found: pd.DataFrame) -> pd.DataFrame:
    """Keep what bears exactly the name (or number) typed, whole then without its kind; else all."""
    for generic in (frozenset(), territories.GENERIC):
        left_out = territories.SMALL_WORDS | generic
        typed = _name(text, left_out)
        same = [
            typed in (_name(row.nom, left_out), _name(row.territoire_code, frozenset()))
            for row in found.itertuples()
        ]
        if typed and any(same):
            return found[same]
    return found


def _name(text: str, left_out: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in text_similarity.words(text) if word not in left_out))


def _named(row: object) -> str:
    return f"{typographic(row.nom)}, {territories.precision(row)} [{row.cle}]"
