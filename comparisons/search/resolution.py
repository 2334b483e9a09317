"""The territory that a text names, as programs and terminals ask for it."""

from collections.abc import Sequence

import pandas as pd

from comparisons import text_similarity
from comparisons.errors import BadRequestError
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.schema.territory import parse_key
from comparisons.search import territories


def require_territories(keys: Sequence[str]) -> None:
    """Raise `BadRequestError` when some are no territories; it says which they may have meant."""
    wrong = [why for key in keys if (why := territories.unknown_territory_reason(key))]
    if wrong:
        raise BadRequestError(" ".join(wrong))


def resolve_territory(text: str) -> tuple[str, str]:
    """Find the territory that a text names: its key, and what was understood (if not a key).

    Raises `BadRequestError` when it names none, or several.
    """
    try:
        key = parse_key(text).key
    except ValueError:
        pass
    else:
        require_territories([key])
        return key, ""
    found = territories.search_territories(text[: territories.MAX_QUERY_LENGTH])
    if found.empty:
        raise BadRequestError(territories.no_result_hint(text))
    meant = _meant(text, found)
    if len(meant) > 1:
        several = join_words((_named(row) for row in meant.head(5).itertuples()), "ou")
        raise BadRequestError(
            f"« {text} » peut désigner {several} : donnez l’identifiant entre crochets."
        )
    row = next(meant.itertuples())
    return row.cle, f"« {text} » : {_named(row)}."


def _meant(text: str, found: pd.DataFrame) -> pd.DataFrame:
    """Keep what bears exactly the name (or number) typed, whole then without its kind; else all."""
    for generic in (frozenset(), territories.GENERIC_WORDS):
        left_out = territories.STOP_WORDS | generic
        typed = _name(text, left_out)
        same = [
            typed in (_name(row.nom, left_out), _name(row.territoire_code, frozenset()))
            for row in found.itertuples()
        ]
        if typed and any(same):
            return found[same]
    return found


def _name(text: str, left_out: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(word for word in text_similarity.tokenize(text) if word not in left_out))


def _named(row: object) -> str:
    return f"{curly_apostrophes(row.nom)}, {territories.disambiguate(row)} [{row.cle}]"
