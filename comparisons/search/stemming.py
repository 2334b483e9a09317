"""Split French texts into words, and reduce words to the root that their forms share.

Accents, capitals and ligatures are ignored; apostrophes and hyphens separate words. The light
stemmer of this module removes the plural, the feminine and the most common endings of one family
(« accompagner », « accompagnement »). Snowball's French stemmer, which tantivy has, was tried on
the 4,036 words of the corpus: it merges 201 groups that are apart here (« commune » and
« communication », « Gers » and « gérer », « usage » and « usager »), separates 33 families
(« public » and « publique », « travail » and « travaux »), and 159 when accents are left out.
"""

import re
from functools import lru_cache

from comparisons.text_similarity import tokenize as plain_words

WORD = re.compile(r"[^\W_]+")
HYPHEN = re.compile("[-\N{HYPHEN}\N{NON-BREAKING HYPHEN}]")
COMPOUND = re.compile(rf"{WORD.pattern}(?:{HYPHEN.pattern}{WORD.pattern})+")

# Stages, applied in order: in each, the first ending that a word has is replaced, if enough
# letters remain (a shorter root would merge unrelated words).
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
# Singular words that the rules would separate from their family or merge with another.
_IRREGULAR_ROOTS = {
    "departement": "departement", "usager": "usager", "initiative": "initiative",
    "former": "form", "commune": "commune", "nouveau": "nouvel", "traval": "travail",
}  # fmt: skip


@lru_cache(maxsize=1 << 17)
def folded(word: str) -> str:
    """Return a word in lower-case ASCII and digits (`Égalité` → `egalite`, `cœur` → `coeur`)."""
    return "".join(plain_words(word)) or word.casefold()


@lru_cache(maxsize=1 << 17)
def root(word: str) -> str:
    """Return the root shared by the forms of a folded word (`connectees` → `connect`)."""
    plural_stage, *other_stages = _STAGES
    stem = _replace_ending(word, plural_stage)
    if stem in _IRREGULAR_ROOTS:
        return _IRREGULAR_ROOTS[stem]
    for stage in other_stages:
        stem = _replace_ending(stem, stage)
    return stem


def _replace_ending(word: str, stage: tuple[tuple[str, str, int], ...]) -> str:
    for ending, replacement, min_length in stage:
        if word.endswith(ending):
            stem = word.removesuffix(ending) + replacement
            return stem if len(stem) >= min_length else word
    return word


# labels, and the names of what is shared, come again and again
@lru_cache(maxsize=1 << 14)
def stem(text: str) -> str:
    """Return the roots of the words of a text, separated by spaces."""
    return " ".join(root(folded(word)) for word in WORD.findall(text))


def located(text: str) -> list[tuple[int, int, str]]:
    """Return the words of a text in order: start, end (in characters), root."""
    return [(*match.span(), root(folded(match[0]))) for match in WORD.finditer(text)]
