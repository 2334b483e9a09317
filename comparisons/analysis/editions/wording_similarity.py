"""How alike wordings are, by the weights of those recorded in the dataset."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from comparisons.database.connection import dataset_metadata, per_version, query
from comparisons.text_similarity import content_words, tokenize


def similarity_matrix(before: Sequence[str], after: Sequence[str], name: str = "") -> np.ndarray:
    """Return how alike the wordings of two lists are, from 0 to 1.

    Returns an array of shape (before, after). 1 is kept for the very same words: no other pair
    goes beyond 0.99.
    """
    if not len(before) or not len(after):
        return np.zeros((len(before), len(after)))
    weights = fit_vectorizer(str(dataset_metadata()["version"]))
    left, right = (
        weights.transform([" ".join(content_words(text, name)) for text in texts])
        for texts in (before, after)
    )
    alike = np.round((left @ right.T).toarray(), 4).clip(0, 0.99)
    same = [[tokenize(one) == tokenize(other) for other in after] for one in before]
    return np.where(same, 1.0, alike)


@per_version()
def fit_vectorizer(version: str) -> TfidfVectorizer:
    """Weigh the pieces of words by the wordings recorded in a dataset version."""
    said = query("SELECT intitule FROM priorites ORDER BY intitule")["intitule"]
    weights = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    return weights.fit([" ".join(content_words(text)) for text in said])
