"""Similarity of wordings, with TF-IDF weights fitted on the dataset."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.text_similarity import content_words, tokenize

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer


def similarity_matrix(before: Sequence[str], after: Sequence[str], name: str = "") -> np.ndarray:
    """Return how alike the wordings of two lists are, from 0 to 1.

    Returns an array of shape (before, after). 1 is kept for the very same words: no other pair
    goes beyond 0.99.
    """
    if not len(before) or not len(after):
        return np.zeros((len(before), len(after)))
    vectorizer = fit_vectorizer()
    left, right = (
        vectorizer.transform([" ".join(content_words(text, name)) for text in texts])
        for texts in (before, after)
    )
    similarities = np.round((left @ right.T).toarray(), 4).clip(0, 0.99)
    is_identical = [
        [tokenize(before_text) == tokenize(after_text) for after_text in after]
        for before_text in before
    ]
    return np.where(is_identical, 1.0, similarities)


@cached(pinned=True)
def fit_vectorizer() -> "TfidfVectorizer":
    """Fit TF-IDF weights on all the recorded wordings."""
    # scikit-learn is slow to import, and few pages compare wordings
    from sklearn.feature_extraction.text import TfidfVectorizer

    wordings = query("SELECT intitule FROM priorites ORDER BY intitule")["intitule"]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    return vectorizer.fit([" ".join(content_words(text)) for text in wordings])
