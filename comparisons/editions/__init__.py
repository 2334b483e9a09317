"""Editions of the dataset: which there are, what changed from one to another, how to cite one.

(An edition of a *strategy*, a document that replaces an earlier one, is in `generations`.)
`history` tells at build time what each package changed; `changes` composes that between any two
editions, with words for each row from `labels`; `citation` writes what a reader cites.
"""

from comparisons.editions.changes import NATURES, changes, editions, summary
from comparisons.editions.citation import citations

__all__ = ["NATURES", "changes", "citations", "editions", "summary"]
