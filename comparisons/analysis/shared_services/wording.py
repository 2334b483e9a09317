"""Helpers of this package: code order, certainty texts."""

from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from comparisons.formatting import NBSP, format_percent, is_missing, pluralize
from comparisons.schema.model import code_label, vocabulary_codes

STATED = "explicite"


def sort_codes(vocabulary: str, codes: object) -> list[str]:
    """Return distinct codes in the order of their vocabulary; an empty list when missing."""
    if is_missing(codes):
        return []
    order = _vocabulary_order(vocabulary)
    return sorted((code for code in set(codes) if code in order), key=order.__getitem__)


@lru_cache(maxsize=16)
def _vocabulary_order(vocabulary: str) -> dict[str, int]:
    return {code: index for index, code in enumerate(vocabulary_codes(vocabulary))}


def code_labels(vocabulary: str, codes: Iterable[str]) -> list[str]:
    """Return the labels of codes, in the order of the vocabulary."""
    return [code_label(vocabulary, code) for code in sort_codes(vocabulary, list(codes))]


def unambiguous(certainties: Iterable[str]) -> str:
    """Return how sure several links are together: stated only when all of them are."""
    return "explicite" if set(certainties) == {STATED} else "deduit"


def format_doubt(certainties: Iterable[str]) -> str:
    """Describe `lien déduit`, or `en partie déduit` of several; nothing when all are stated."""
    distinct = set(certainties)
    if distinct == {STATED}:
        return ""
    return "en partie déduit" if STATED in distinct else "lien déduit"


def count_by_certainty(links: pd.DataFrame) -> tuple[int, int]:
    """Count the territories (`cle`) of some links: stated by a source, then only deduced."""
    stated = set(links.loc[links["certitude"] == STATED, "cle"])
    return len(stated), len(set(links["cle"]) - stated)


def format_certainty_counts(stated: object, deduced: object) -> str:
    """Describe two counts, never added: `7 territoires cités par une source, 57 déduits`."""
    stated = 0 if is_missing(stated) else int(stated)
    deduced = 0 if is_missing(deduced) else int(deduced)
    if not stated and not deduced:
        return "aucun territoire connu"
    stated_text = (
        pluralize(stated, "territoire cité", "territoires cités")
        if stated
        else "aucun territoire cité"
    )
    deduced_text = f", {pluralize(deduced, 'déduit')}" if deduced else ""
    return f"{stated_text} par une source{deduced_text}"


def format_short_counts(stated: object, deduced: object) -> str:
    """Describe the same two counts in a cell: `7 cités, 57 déduits`."""
    counts = ((stated, "cité"), (deduced, "déduit"))
    known = [
        pluralize(int(count), word) for count, word in counts if not is_missing(count) and count
    ]
    return ", ".join(known) or "aucun connu"


def format_share(share: float) -> str:
    """Write a share (0 to 1) so that a little is not read as nothing, nor nearly all as all."""
    if 0 < share < 0.01:
        return f"moins de 1{NBSP}%"
    return f"plus de 99{NBSP}%" if 0.99 < share < 1 else format_percent(share)
