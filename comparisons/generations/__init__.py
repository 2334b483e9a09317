"""Generations: what an edition of a strategy kept, dropped and added from the one before it.

`documents` says which documents follow one another, `wordings` how alike two axes are, `axes` what
became of each, `facts` what else changed (calendar, governance, money), `words` all this in French.

Axes are put face to face by wording, helped by their themes, one to one; every match bears its
likeness. An axis that answers none is `plus_relevee` or `relevee_ensuite` *among the axes
recorded*, which may not be all those of the document; whether another axis of the other edition
bears its theme is told beside.
"""

from comparisons.generations.axes import EVOLUTIONS, changes, matched
from comparisons.generations.documents import (
    PARTIAL_LISTS,
    comparable,
    described,
    editions,
)
from comparisons.generations.facts import facts_between
from comparisons.generations.words import facts_table, generation_table, sentences

__all__ = [
    "EVOLUTIONS",
    "PARTIAL_LISTS",
    "changes",
    "comparable",
    "described",
    "editions",
    "facts_between",
    "facts_table",
    "generation_table",
    "matched",
    "sentences",
]
