"""Where each word is: an inverted index in memory, and how much a document says of it (BM25).

Every word of every passage has a position; of each root, the positions are kept in order. One
position is left empty between passages, so that no phrase goes from one to the next.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from comparisons.search.stemming import COMPOUND, HYPHEN, WORD, folded, root

# How soon a word said again counts less, and how much a long document is held against (the usual
# values: Robertson and Zaragoza, « The Probabilistic Relevance Framework: BM25 and Beyond », 2009).
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
    # words of each document
    lengths: np.ndarray
    # folded word → as it is most often written, and how often it is
    spellings: Mapping[str, tuple[str, int]]
    # root of a word written in one piece → the same in several (« coconstruction »)
    parted: Mapping[str, frozenset[Phrase]]

    def where(self, phrase: Phrase) -> np.ndarray:
        """Return the positions at which a phrase, made of roots, begins."""
        first, *others = map(self._of_root, phrase)
        for step, following in enumerate(others, 1):
            wanted = first + step
            place = np.searchsorted(following, wanted)
            place[place == len(following)] = 0
            first = first[following[place] == wanted] if len(following) else first[:0]
        return first

    def _of_root(self, name: str) -> np.ndarray:
        place = self.roots.get(name)
        if place is None:
            return self.positions[:0]
        return self.positions[self.starts[place] : self.starts[place + 1]]

    def scores(self, phrases: Sequence[Phrase]) -> tuple[np.ndarray, np.ndarray]:
        """Return the documents that say one of some phrases, ascending, and the score of each."""
        found = [self.where(phrase) for phrase in phrases]
        places = np.unique(np.concatenate(found)) if len(found) > 1 else found[0]
        if not len(places):
            return np.zeros(0, np.int64), np.zeros(0)
        every = self.document_at[places]
        begins = np.flatnonzero(np.diff(every, prepend=-1))
        documents = every[begins]
        often = np.add.reduceat(self.weight_at[places], begins, dtype=float)
        total = len(self.lengths)
        rarity = math.log(1 + (total - len(documents) + 0.5) / (len(documents) + 0.5))
        longer = self.lengths[documents] / self.lengths.mean()
        return documents, rarity * often * (K1 + 1) / (often + K1 * (1 - B + B * longer))


class _Numbers(dict):
    """Number words in the order in which they come."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


def build(passages: pd.DataFrame, size: int) -> Index:
    """Return index passages (`document`, `texte`, `poids`, in the order of documents.

    Of which `size`).
    """
    forms, said, counts = _Numbers(), array("q"), array("q")
    for text in passages["texte"]:
        found = WORD.findall(text)
        said.extend(map(forms.__getitem__, found))
        counts.append(len(found))
    numbers, per_passage = np.array(said), np.array(counts)
    roots = _Numbers()
    root_of = np.array([roots[root(folded(form))] for form in forms], np.int32)
    passage = np.repeat(np.arange(len(per_passage)), per_passage)
    # the empty position after each passage
    position = np.arange(len(numbers)) + passage
    of_token = root_of[numbers]
    order = np.argsort(of_token, kind="stable")
    at = np.zeros(len(numbers) + len(per_passage), np.int32)
    at[position] = passage
    return Index(
        roots=roots,
        starts=np.searchsorted(of_token[order], np.arange(len(roots) + 1)),
        positions=position[order],
        document_at=passages["document"].to_numpy(np.int64)[at],
        weight_at=passages["poids"].to_numpy(np.float32)[at],
        lengths=np.bincount(passages["document"], per_passage, size),
        spellings=_spellings(forms, np.bincount(numbers, minlength=len(forms))),
        parted=_parted(passages["texte"]),
    )


def _spellings(forms: Mapping[str, int], counts: np.ndarray) -> dict[str, tuple[str, int]]:
    """Return how each folded word is most often written, in small letters."""
    ways: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for form, number in forms.items():
        ways[folded(form)][form.lower()] += int(counts[number])
    return {
        word: (max(sorted(written), key=written.__getitem__), sum(written.values()))
        for word, written in ways.items()
    }


def _parted(texts: pd.Series) -> dict[str, frozenset[Phrase]]:
    found: dict[str, set[Phrase]] = defaultdict(set)
    hyphened = {word for text in texts if HYPHEN.search(text) for word in COMPOUND.findall(text)}
    for word in hyphened:
        parts = [folded(part) for part in WORD.findall(word)]
        found[root("".join(parts))].add(tuple(map(root, parts)))
    return {joined: frozenset(phrases) for joined, phrases in found.items()}
