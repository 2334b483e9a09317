"""How alike two wordings are, and which wordings of two lists answer each other.

Likeness is the cosine of two vectors of TF-IDF weights over the 3- to 5-letter pieces of words
(scikit-learn, `analyzer="char_wb"`): « fracture » is near « fractures », and a word that every
strategy uses, such as « numérique », weighs little. Weights are those of all the wordings recorded
in the dataset, so a likeness belongs to a dataset version. Capitals, accents and apostrophes do
not matter; grammatical words and the territory's own name are set aside first.

Chosen on the corpus of 2026: two editions of a territory give 296 pairs of axes, 20 of them read
by hand as one priority in other words. Average precision is 0.65, against 0.47 at best for
rapidfuzz (`token_sort_ratio`), which finds up to 0.61 (`WRatio`: 0.85) between axes that share no
theme, where TF-IDF finds 0.29. Of the 20, 11 are found, and no wrong one: the 9 others share hardly
a word, and no wording can tell them.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "mt": "mont",
    "dept": "departement", "dpt": "departement", "agglo": "agglomeration", "comcom": "cc",
    "interco": "intercommunalite", "metro": "metropole", "codecom": "cc",
    "gd": "grand", "gde": "grande",
}  # fmt: skip

# Below, two axes are not put face to face. With a theme in common, 0.25: the 11 hand-read pairs
# that wording can find are above, and the best wrong one (0.35) loses to a right one (0.49).
MIN_SIMILARITY_SAME_THEME = 0.25
# Without, 0.60: of 122,515 pairs of axes of different territories and themes, 13 are above.
MIN_SIMILARITY = 0.60
# « Réduire la fracture numérique » and « les fractures numériques » are 0.91 alike;
# « e-administration » and « Services administratifs », 0.69.
NEAR_IDENTICAL = 0.75
# what a main theme in common is worth when several axes could answer one
THEME_BONUS = 0.1

# « sur » is not one of them: without its accent, « sûr » is the same
STOP_WORDS = frozenset(
    "a afin ainsi au aux avec c ce ces cette comme d dans de des du elle en entre es est et eux "
    "faire grace il ils j l la le les leur leurs lors mais n ne nos notre nous on ou par plus pour "
    "pres qu que qui s sa sans se ses son sont sous tous tout toute toutes un une vers y".split()
)
# words that many names of territories hold, and that say something in an axis
_COMMON_NOUNS = frozenset(
    "agglomeration commune communes communaute grand grande metropole pays region territoire "
    "urbaine ville".split()
)


def content_words(text: str, name: str = "") -> list[str]:
    """Return the words of a wording that say something, folded; all of them if none does.

    `name` is that of the territory: its words are set aside.
    """
    said = [word for word in tokenize(text) if word not in STOP_WORDS]
    names = set(tokenize(name)) - _COMMON_NOUNS
    return [word for word in said if word not in names] or said or tokenize(text)


def optimal_assignment(
    alike: np.ndarray,
    before: Sequence[tuple[str, Collection[str]]],
    after: Sequence[tuple[str, Collection[str]]],
) -> list[tuple[int, int]]:
    """Pair the axes of two lists one to one, so that the sum of likenesses is the greatest.

    `alike` has shape (before, after); an axis is its main theme and all its themes, lists are in
    the order of ranks. Pairs below the thresholds are never made. Of pairings worth the same, the
    one that keeps the order of ranks is taken, whichever list comes first.
    """
    shared = np.array([[bool(set(x) & set(y)) for _, y in after] for _, x in before])
    same = np.array([[x == y for y, _ in after] for x, _ in before])
    least = np.where(shared, MIN_SIMILARITY_SAME_THEME, MIN_SIMILARITY)
    possible = alike >= least
    if not possible.any():
        return []
    apart = np.subtract.outer(np.arange(len(before)), np.arange(len(after))) ** 2
    worth = np.where(possible, alike + THEME_BONUS * same - 1e-9 * apart, 0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if possible[i, j]]


def tokenize(text: str) -> list[str]:
    """Cut a text into plain words: small letters and digits, abbreviations written out."""
    folded = text.casefold().replace("œ", "oe").replace("æ", "ae")
    folded = unicodedata.normalize("NFKD", folded)
    folded = "".join(char for char in folded if not unicodedata.combining(char))
    return [ABBREVIATIONS.get(word, word) for word in re.findall(r"[a-z0-9]+", folded)]
