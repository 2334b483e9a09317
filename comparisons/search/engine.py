"""Inverted index of words, in memory, and scores of documents (BM25).

Every word of every passage has a position; the positions of each root are stored in order. One
position is left empty between passages, so that no phrase spans two of them.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from comparisons.search.stemming import COMPOUND, HYPHEN, WORD, folded, root

# Saturation of repeated words and penalty of long documents (Robertson and Zaragoza, « The
# Probabilistic Relevance Framework: BM25 and Beyond », 2009).
K1, B = 1.2, 0.3
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """Positions of root `i` of `roots` are `positions[starts[i]:starts[i + 1]]`, ascending."""

    roots: Mapping[str, int]
    starts: np.ndarray
    positions: np.ndarray
    document_at: np.ndarray
    weight_at: np.ndarray
    # number of words of each document
    lengths: np.ndarray
    # folded word → its most frequent spelling, and its number of occurrences
    spellings: Mapping[str, tuple[str, int]]
    # root of a word in one piece → the phrases of the same word with hyphens (« coconstruction »)
    parted: Mapping[str, frozenset[Phrase]]

    def where(self, phrase: Phrase) -> np.ndarray:
        """Return the positions at which a phrase (a sequence of roots) begins."""
        starts, *other_positions = map(self._root_positions, phrase)
        for offset, positions in enumerate(other_positions, 1):
            wanted = starts + offset
            indices = np.searchsorted(positions, wanted)
            indices[indices == len(positions)] = 0
            starts = starts[positions[indices] == wanted] if len(positions) else starts[:0]
        return starts

    def _root_positions(self, root_name: str) -> np.ndarray:
        number = self.roots.get(root_name)
        if number is None:
            return self.positions[:0]
        return self.positions[self.starts[number] : self.starts[number + 1]]

    def scores(self, phrases: Sequence[Phrase]) -> tuple[np.ndarray, np.ndarray]:
        """Return the documents that hold one of the phrases, ascending, and their scores."""
        positions_by_phrase = [self.where(phrase) for phrase in phrases]
        positions = (
            np.unique(np.concatenate(positions_by_phrase))
            if len(positions_by_phrase) > 1
            else positions_by_phrase[0]
        )
        if not len(positions):
            return np.zeros(0, np.int64), np.zeros(0)
        documents_at = self.document_at[positions]
        first_indices = np.flatnonzero(np.diff(documents_at, prepend=-1))
        documents = documents_at[first_indices]
        weighted_count = np.add.reduceat(self.weight_at[positions], first_indices, dtype=float)
        document_count = len(self.lengths)
        rarity = math.log(1 + (document_count - len(documents) + 0.5) / (len(documents) + 0.5))
        relative_length = self.lengths[documents] / self.lengths.mean()
        return documents, rarity * weighted_count * (K1 + 1) / (
            weighted_count + K1 * (1 - B + B * relative_length)
        )


class _WordNumbers(dict):
    """Mapping that numbers new words in order of appearance."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


def build(passages: pd.DataFrame, size: int) -> Index:
    """Build the index of passages (`document`, `texte`, `poids`, sorted by document).

    `size` is the number of documents.
    """
    forms, word_numbers, counts = _WordNumbers(), array("q"), array("q")
    for text in passages["texte"]:
        words = WORD.findall(text)
        word_numbers.extend(map(forms.__getitem__, words))
        counts.append(len(words))
    form_numbers, passage_lengths = np.array(word_numbers), np.array(counts)
    roots = _WordNumbers()
    root_of = np.array([roots[root(folded(form))] for form in forms], np.int32)
    passage_by_token = np.repeat(np.arange(len(passage_lengths)), passage_lengths)
    # the empty position after each passage
    positions = np.arange(len(form_numbers)) + passage_by_token
    root_by_token = root_of[form_numbers]
    order = np.argsort(root_by_token, kind="stable")
    passage_at = np.zeros(len(form_numbers) + len(passage_lengths), np.int32)
    passage_at[positions] = passage_by_token
    return Index(
        roots=roots,
        starts=np.searchsorted(root_by_token[order], np.arange(len(roots) + 1)),
        positions=positions[order],
        document_at=passages["document"].to_numpy(np.int64)[passage_at],
        weight_at=passages["poids"].to_numpy(np.float32)[passage_at],
        lengths=np.bincount(passages["document"], passage_lengths, size),
        spellings=_count_spellings(forms, np.bincount(form_numbers, minlength=len(forms))),
        parted=_find_compounds(passages["texte"]),
    )


def _count_spellings(forms: Mapping[str, int], counts: np.ndarray) -> dict[str, tuple[str, int]]:
    """Return the most frequent lower-case spelling of each folded word, and its occurrences."""
    counts_by_spelling: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for form, number in forms.items():
        counts_by_spelling[folded(form)][form.lower()] += int(counts[number])
    return {
        word: (max(sorted(spellings), key=spellings.__getitem__), sum(spellings.values()))
        for word, spellings in counts_by_spelling.items()
    }


def _find_compounds(texts: pd.Series) -> dict[str, frozenset[Phrase]]:
    phrases_by_root: dict[str, set[Phrase]] = defaultdict(set)
    compounds = {word for text in texts if HYPHEN.search(text) for word in COMPOUND.findall(text)}
    for word in compounds:
        parts = [folded(part) for part in WORD.findall(word)]
        phrases_by_root[root("".join(parts))].add(tuple(map(root, parts)))
    return {joined: frozenset(phrases) for joined, phrases in phrases_by_root.items()}
