"""Words of French texts: where each one is, and the root that its forms share.

Accents, capitals and ligatures do not matter; apostrophes and hyphens part words. A root is made
by a light stemmer of our own, which takes off the plural, the feminine and the commonest endings of
one family (« accompagner », « accompagnement »), and no more. Snowball's French stemmer was tried
on the corpus: it makes one word of « commune » and « communication », two of « public » and
« publique », and goes astray without accents.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from comparisons.text_similarity import tokenize as plain_words

WORD = re.compile(r"[^\W_]+")
HYPHEN = re.compile("[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}]")
COMPOUND = re.compile(rf"{WORD.pattern}(?:{HYPHEN.pattern}{WORD.pattern})+")

# Stages, one after the other: of each, the first ending that a word has is replaced, if enough
# letters are left (a shorter root would bring together words that have nothing in common).
_STAGES = (
    # number
    (("eaux", "eau", 3), ("oux", "ou", 3), ("eux", "eu", 3), ("aux", "al", 4), ("ss", "ss", 3),
     ("s", "", 3)),
    # gender, and verbs
    (("trice", "teur", 6), ("euse", "eur", 5), ("tive", "tif", 5), ("sive", "sif", 5),
     ("ique", "ic", 5), ("enne", "en", 5), ("onne", "on", 5), ("elle", "el", 5), ("ere", "er", 5),
     ("ee", "e", 4)),
    (("er", "e", 4),),
    (("e", "", 5),),
    # families
    (("ication", "iqu", 5), ("ation", "", 4), ("atif", "", 4), ("ement", "", 5), ("ant", "", 5)),
    (("oy", "oi", 5),),
)  # fmt: skip
# Words (without their plural) that the rules would part from their kin, or take for others'.
_IRREGULAR = {
    "departement": "departement", "usager": "usager", "initiative": "initiative",
    "former": "form", "commune": "commune", "nouveau": "nouvel", "traval": "travail",
}  # fmt: skip


@lru_cache(maxsize=1 << 17)
def folded(word: str) -> str:
    """Write a word in plain small letters and digits (`Égalité` → `egalite`, `cœur` → `coeur`)."""
    return "".join(plain_words(word)) or word.casefold()


@lru_cache(maxsize=1 << 17)
def root(word: str) -> str:
    """Return what the forms of a word, already folded, share (`connectees` → `connect`)."""
    number, *others = _STAGES
    single = _replaced(word, number)
    if single in _IRREGULAR:
        return _IRREGULAR[single]
    for stage in others:
        single = _replaced(single, stage)
    return single


def _replaced(word: str, stage: tuple[tuple[str, str, int], ...]) -> str:
    for ending, instead, least in stage:
        if word.endswith(ending):
            shorter = word.removesuffix(ending) + instead
            return shorter if len(shorter) >= least else word
    return word


def located(text: str) -> Iterator[tuple[int, int, str]]:
    """Return the words of a text in order: start, end (in characters), root."""
    for found in WORD.finditer(text):
        yield found.start(), found.end(), root(folded(found[0]))
