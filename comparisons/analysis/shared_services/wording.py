"""Small words of this package: codes in their order, words typed found in words written."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA

from comparisons.formatting import NBSP, format_percent, is_missing, pluralize
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.search.territories import (
    MAX_QUERY_LENGTH,
    MIN_FUZZY_LENGTH,
    MIN_SIMILARITY,
    STOP_WORDS,
)
from comparisons.text_similarity import tokenize

STATED = "explicite"


def sort_codes(vocabulary: str, found: object) -> list[str]:
    """Place codes in the order of their vocabulary, each once; nothing gives an empty list."""
    if is_missing(found):
        return []
    order = _order(vocabulary)
    return sorted((code for code in set(found) if code in order), key=order.__getitem__)


@lru_cache(maxsize=16)
def _order(vocabulary: str) -> dict[str, int]:
    return {code: place for place, code in enumerate(vocabulary_codes(vocabulary))}


def code_labels(vocabulary: str, found: Iterable[str]) -> list[str]:
    """Return the labels of codes, in the order of the vocabulary."""
    return [code_label(vocabulary, code) for code in sort_codes(vocabulary, list(found))]


def unambiguous(certainties: Iterable[str]) -> str:
    """Return how sure several links are together: stated only when all of them are."""
    return "explicite" if set(certainties) == {STATED} else "deduit"


def doubt(certainties: Iterable[str]) -> str:
    """Describe `lien déduit`, or `en partie déduit` of several; nothing when all are stated."""
    told = set(certainties)
    if told == {STATED}:
        return ""
    return "en partie déduit" if STATED in told else "lien déduit"


def told_apart(links: pd.DataFrame) -> tuple[int, int]:
    """Count the territories (`cle`) of some links: stated by a source, then only deduced."""
    stated = set(links.loc[links["certitude"] == STATED, "cle"])
    return len(stated), len(set(links["cle"]) - stated)


def told_words(stated: object, deduced: object) -> str:
    """Describe two counts that are never added.

    `7 territoires cités par une source, 57 déduits`.
    """
    stated = 0 if is_missing(stated) else int(stated)
    deduced = 0 if is_missing(deduced) else int(deduced)
    if not stated and not deduced:
        return "aucun territoire connu"
    first = (
        pluralize(stated, "territoire cité", "territoires cités")
        if stated
        else "aucun territoire cité"
    )
    rest = f", {pluralize(deduced, 'déduit')}" if deduced else ""
    return f"{first} par une source{rest}"


def format_share(part: float) -> str:
    """Write a share (0 to 1) so that a little is not read as nothing, nor nearly all as all."""
    if 0 < part < 0.01:
        return f"moins de 1{NBSP}%"
    return f"plus de 99{NBSP}%" if 0.99 < part < 1 else format_percent(part)


def weight_words(*parts: tuple[float, Iterable[str]]) -> dict[str, float]:
    """Return the words of texts with the weight of the heaviest text in which each is found.

    A text of several words is also one word, for who leaves spaces out.
    """
    found: dict[str, float] = {}
    for weight, texts in parts:
        for text in texts:
            own = tokenize(text)
            for word in {*own, "".join(own)} - {""}:
                found[word] = max(weight, found.get(word, 0))
    return found


def rank_by_words(entries: Sequence[Mapping[str, float]], text: str) -> list[float]:
    """Return how well each entry (words and their weights) answers a text: 0 when it does not.

    Every word typed must be in the entry, whole or by its beginning, in any order. Only when no
    entry has them all is one letter wrong, missing, added or swapped forgiven. A text without any
    letter or digit is found nowhere.
    """
    typed = tokenize(text[:MAX_QUERY_LENGTH])[:12]
    typed = [word for word in typed if word not in STOP_WORDS] or typed
    vocabulary = sorted({word for entry in entries for word in entry})
    for mistaken in (False, True):
        found = [_alike(word, vocabulary, mistaken) for word in dict.fromkeys(typed)]
        scores = [_quality(entry, found) for entry in entries]
        if any(scores):
            return scores
    return [0.0] * len(entries)


def _alike(word: str, vocabulary: Sequence[str], mistaken: bool) -> dict[str, float]:
    """Return the words that a typed one stands for, with how well."""
    begun = {w: 0.6 + 0.4 * len(word) / len(w) for w in vocabulary if w.startswith(word)}
    if not mistaken or len(word) < MIN_FUZZY_LENGTH or word.isdigit():
        return begun
    close = process.extract(
        word,
        vocabulary,
        scorer=OSA.normalized_similarity,
        score_cutoff=MIN_SIMILARITY,
        limit=None,
    )
    return {found: 0.6 * likeness for found, likeness, _ in close} | begun


def _quality(entry: Mapping[str, float], found: Sequence[Mapping[str, float]]) -> float:
    best = [max((entry[w] * q for w, q in one.items() if w in entry), default=0) for one in found]
    return sum(best) / len(best) if best and all(best) else 0.0
