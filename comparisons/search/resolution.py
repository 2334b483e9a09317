"""Resolve a text typed in an address or a command to one territory."""

from collections.abc import Sequence

import pandas as pd

from comparisons import text_similarity
from comparisons.errors import BadRequestError
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.rows import iterate_rows
from comparisons.schema.territory import parse_key
from comparisons.search import territories


def require_territories(keys: Sequence[str]) -> None:
    """Raise `BadRequestError`, with suggestions, if a key is not a territory."""
    errors = [reason for key in keys if (reason := territories.unknown_territory_reason(key))]
    if errors:
        raise BadRequestError(" ".join(errors))


def resolve_territory(text: str) -> tuple[str, str]:
    """Return the key of the territory that a text names, and a French note (if not a key).

    Raises `BadRequestError` when it names none, or several.
    """
    try:
        key = parse_key(text).key
    except ValueError:
        pass
    else:
        require_territories([key])
        return key, ""
    matches = territories.search_territories(text[: territories.MAX_QUERY_LENGTH])
    if matches.empty:
        raise BadRequestError(territories.no_result_hint(text))
    exact = _exact_matches(text, matches)
    if len(exact) > 1:
        several = join_words((_describe_match(row) for row in iterate_rows(exact.head(5))), "ou")
        raise BadRequestError(
            f"« {text} » peut désigner {several} : donnez l’identifiant entre crochets."
        )
    row = next(iterate_rows(exact))
    return row.cle, f"« {text} » : {_describe_match(row)}."


def _exact_matches(text: str, matches: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose name or code is exactly the text, else all of them.

    Names are compared whole, then without generic words.
    """
    for generic_words in (frozenset(), territories.GENERIC_WORDS):
        ignored_words = territories.STOP_WORDS | generic_words
        typed_words = _name_words(text, ignored_words)
        is_same = [
            typed_words
            in (_name_words(row.nom, ignored_words), _name_words(row.territoire_code, frozenset()))
            for row in iterate_rows(matches)
        ]
        if typed_words and any(is_same):
            return matches[is_same]
    return matches


def _name_words(text: str, ignored_words: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        sorted(word for word in text_similarity.tokenize(text) if word not in ignored_words)
    )


def _describe_match(row: object) -> str:
    return f"{curly_apostrophes(row.nom)}, {territories.disambiguate(row)} [{row.cle}]"
