"""Editions of the dataset: which there are, what changed from one to another, how to cite one.

(An edition of a *strategy*, a document that replaces an earlier one, is in `generations`.)
`history` tells at build time what each package changed; `changes` composes that between any two
editions, with words for each row from `labels`; `citation` writes what a reader cites.
"""

from comparisons.editions.changes import NATURES, before_the_last, changes, editions, summary
from comparisons.editions.citation import citations
from comparisons.editions.labels import cell_words

__all__ = [
    "NATURES",
    "before_the_last",
    "cell_words",
    "changes",
    "citations",
    "editions",
    "summary",
]
