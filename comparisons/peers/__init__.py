"""Peers: territories of the same level whose *structure* is alike.

`structure` says what enters the distance and computes the table `pairs`, `choice` what one may ask
for, `finding` finds the peers of one territory in the way asked, `bands` gives the size bands,
`reasons` says in a sentence what a territory is and why another is its peer, `stability` how much
the answer hangs on the weights, `words` what was done. `study` gathers what the page tells, and
`files`, `request`, `http`, `terminal` write it for programs (import them by their names: positions
and gaps rest on views, which rest on this package).
"""

from comparisons.peers import structure
from comparisons.peers.choice import MAX_COUNT, MAX_WEIGHT, REGION_CHOICES, WAYS, Choice
from comparisons.peers.finding import Peers, find
from comparisons.peers.reasons import distribution, inhabitants, portrait, why
from comparisons.peers.stability import (
    stability,
    stability_sentence,
    stability_words,
    untold_sentence,
)
from comparisons.peers.structure import (
    BY_CODE,
    CEILING,
    DEFAULT_COUNT,
    NOT_FOR_COMMUNES,
    VARIABLES,
    Variable,
    nearest,
    standardised,
    variables,
)
from comparisons.peers.tables import contributions_table, peers_table, variables_table

__all__ = [
    "BY_CODE",
    "CEILING",
    "DEFAULT_COUNT",
    "MAX_COUNT",
    "MAX_WEIGHT",
    "NOT_FOR_COMMUNES",
    "REGION_CHOICES",
    "VARIABLES",
    "WAYS",
    "Choice",
    "Peers",
    "Variable",
    "contributions_table",
    "distribution",
    "find",
    "inhabitants",
    "nearest",
    "peers_table",
    "portrait",
    "stability",
    "stability_sentence",
    "stability_words",
    "standardised",
    "structure",
    "untold_sentence",
    "variables",
    "variables_table",
    "why",
]
