"""Helpers of this package: code order, certainty texts, search by words."""

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
    """Describe two counts that are never added.

    `7 territoires cités par une source, 57 déduits`.
    """
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


def format_share(share: float) -> str:
    """Write a share (0 to 1) so that a little is not read as nothing, nor nearly all as all."""
    if 0 < share < 0.01:
        return f"moins de 1{NBSP}%"
    return f"plus de 99{NBSP}%" if 0.99 < share < 1 else format_percent(share)


def weight_words(*parts: tuple[float, Iterable[str]]) -> dict[str, float]:
    """Return the words of texts with the weight of the heaviest text in which each is found.

    A text of several words is also one word, for who leaves spaces out.
    """
    weights: dict[str, float] = {}
    for weight, texts in parts:
        for text in texts:
            tokens = tokenize(text)
            for word in {*tokens, "".join(tokens)} - {""}:
                weights[word] = max(weight, weights.get(word, 0))
    return weights


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
        matches = [_matching_words(word, vocabulary, mistaken) for word in dict.fromkeys(typed)]
        scores = [_entry_score(entry, matches) for entry in entries]
        if any(scores):
            return scores
    return [0.0] * len(entries)


def _matching_words(word: str, vocabulary: Sequence[str], mistaken: bool) -> dict[str, float]:
    """Return the words that a typed one stands for, with how well."""
    prefix_matches = {
        candidate: 0.6 + 0.4 * len(word) / len(candidate)
        for candidate in vocabulary
        if candidate.startswith(word)
    }
    if not mistaken or len(word) < MIN_FUZZY_LENGTH or word.isdigit():
        return prefix_matches
    similar_words = process.extract(
        word,
        vocabulary,
        scorer=OSA.normalized_similarity,
        score_cutoff=MIN_SIMILARITY,
        limit=None,
    )
    return {
        vocabulary_word: 0.6 * likeness for vocabulary_word, likeness, _ in similar_words
    } | prefix_matches


def _entry_score(entry: Mapping[str, float], matches: Sequence[Mapping[str, float]]) -> float:
    best = [
        max(
            (entry[word] * quality for word, quality in word_matches.items() if word in entry),
            default=0,
        )
        for word_matches in matches
    ]
    return sum(best) / len(best) if best and all(best) else 0.0
