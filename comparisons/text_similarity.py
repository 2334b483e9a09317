"""Similarity of texts, and best one-to-one pairing of two lists of axes.

Similarity is the cosine of two vectors of TF-IDF weights over the 3- to 5-letter n-grams of words
(scikit-learn, `analyzer="char_wb"`): « fracture » is near « fractures », and a word that every
strategy uses, such as « numérique », weighs little. Weights are computed on all the texts of the
dataset, so a similarity belongs to a dataset version. Capitals, accents and apostrophes are
ignored; stop words and the name of the territory are removed first.

Chosen on the corpus of 2026: two editions of a territory give 296 pairs of axes, 20 of them read
by hand as one priority worded differently. Average precision is 0.65, against 0.47 at best for
rapidfuzz (`token_sort_ratio`), which finds up to 0.61 (`WRatio`: 0.85) between axes that share no
theme, where TF-IDF finds 0.29. Of the 20, 11 are found, and no wrong one: the 9 others share hardly
a word.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

_ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "mt": "mont",
    "dept": "departement", "dpt": "departement", "agglo": "agglomeration", "comcom": "cc",
    "interco": "intercommunalite", "metro": "metropole", "codecom": "cc",
    "gd": "grand", "gde": "grande",
}  # fmt: skip

# Below, two axes are not paired. With a theme in common, 0.25: the 11 hand-read pairs that share
# words are above, and the best wrong one (0.35) loses to a right one (0.49).
MIN_SIMILARITY_SAME_THEME = 0.25
# Without, 0.60: of 122,515 pairs of axes of different territories and themes, 13 are above.
MIN_SIMILARITY = 0.60
# « Réduire la fracture numérique » and « les fractures numériques » are 0.91 alike;
# « e-administration » and « Services administratifs », 0.69.
NEAR_IDENTICAL = 0.75
# bonus of a common main theme when several axes could be paired with one
_THEME_BONUS = 0.1

# « sur » is not one of them: without its accent, « sûr » is the same
STOP_WORDS = frozenset(
    "a afin ainsi au aux avec c ce ces cette comme d dans de des du elle en entre es est et eux "
    "faire grace il ils j l la le les leur leurs lors mais n ne nos notre nous on ou par plus pour "
    "pres qu que qui s sa sans se ses son sont sous tous tout toute toutes un une vers y".split()
)
# words that many names of territories hold, but that are meaningful in an axis
_COMMON_NOUNS = frozenset(
    "agglomeration commune communes communaute grand grande metropole pays region territoire "
    "urbaine ville".split()
)


def content_words(text: str, name: str = "") -> list[str]:
    """Return the folded words of a text without stop words, or all of them if nothing remains.

    `name` is that of the territory: its words are removed.
    """
    significant = [word for word in tokenize(text) if word not in STOP_WORDS]
    names = set(tokenize(name)) - _COMMON_NOUNS
    return [word for word in significant if word not in names] or significant or tokenize(text)


def optimal_assignment(
    similarities: np.ndarray,
    before: Sequence[tuple[str, Collection[str]]],
    after: Sequence[tuple[str, Collection[str]]],
) -> list[tuple[int, int]]:
    """Pair the axes of two lists one to one, so that the sum of similarities is the greatest.

    `similarities` has shape (before, after); an axis is (main theme, all themes), lists are in the
    order of ranks. Pairs below the thresholds are excluded; of equal pairings, the one closest to
    the order of ranks is taken. Returns pairs of indices (before, after).
    """
    shares_theme = np.array(
        [
            [bool(set(themes_before) & set(themes_after)) for _, themes_after in after]
            for _, themes_before in before
        ]
    )
    same_main_theme = np.array(
        [
            [themes_before == themes_after for themes_after, _ in after]
            for themes_before, _ in before
        ]
    )
    minimums = np.where(shares_theme, MIN_SIMILARITY_SAME_THEME, MIN_SIMILARITY)
    allowed = similarities >= minimums
    if not allowed.any():
        return []
    rank_gaps = np.subtract.outer(np.arange(len(before)), np.arange(len(after))) ** 2
    scores = np.where(allowed, similarities + _THEME_BONUS * same_main_theme - 1e-9 * rank_gaps, 0)
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j]]


def tokenize(text: str) -> list[str]:
    """Split a text into folded words: lower-case letters and digits, abbreviations expanded."""
    folded = text.casefold()
    if not folded.isascii():
        folded = folded.replace("œ", "oe").replace("æ", "ae")
        folded = unicodedata.normalize("NFKD", folded)
        folded = "".join(character for character in folded if not unicodedata.combining(character))
    return [_ABBREVIATIONS.get(word, word) for word in re.findall(r"[a-z0-9]+", folded)]
