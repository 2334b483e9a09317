"""Parse the query of a reader: words, quoted phrases, exclusions, spelling mistakes.

Every word is searched in all its forms; one that no text holds is replaced by the nearest word of
the texts (one wrong letter, or two in a long word). An acronym and its expansion are equivalent;
no other synonyms are used.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from comparisons.formatting import curly_apostrophes
from comparisons.search.engine import Index, accepted_mistakes
from comparisons.search.stemming import HYPHEN, WORD, folded, root, stem
from comparisons.text_similarity import STOP_WORDS

# characters and words read of a typed text
MAX_QUERY_LENGTH, MAX_WORDS = 300, 16
# a word in capitals up to that length is an acronym, which must match exactly
_MAX_ACRONYM = 6
# each is its own root
_ACRONYMS = {
    "dsp": "délégation de service public",
    "ent": "espace numérique de travail",
    "epn": "espace public numérique",
    "gip": "groupement d’intérêt public",
    "grc": "gestion de la relation citoyen",
    "gru": "gestion de la relation usager",
    "ia": "intelligence artificielle",
    "rgpd": "règlement général sur la protection des données",
    "rip": "réseau d’initiative publique",
    "sdtan": "schéma directeur territorial d’aménagement numérique",
    "sdusn": "schéma directeur des usages et services numériques",
    "sig": "système d’information géographique",
    "thd": "très haut débit",
}
_TOKEN = re.compile(
    r"""(?P<without>(?<!\S)-)?
    (?: «(?P<guillemets>[^»]*)» | "(?P<straight>[^"]*)" | “(?P<curly>[^”]*)”
      | (?P<word>[^\s«»"“”]+) )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class QueryTerm:
    """A term of a query, matched by any of its phrases; a quoted phrase is `required`."""

    text: str
    phrases: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class ParsedQuery:
    """Terms to find and to exclude, and French notes on the words that were replaced.

    `side_by_side` is the phrase of all words as typed, outside quotes; empty for a single word.
    """

    terms: tuple[QueryTerm, ...] = ()
    excluded: tuple[QueryTerm, ...] = ()
    notes: tuple[str, ...] = ()
    side_by_side: str = ""

    @property
    def is_empty(self) -> bool:
        """Return whether there is no term to find nor to exclude."""
        return not self.terms and not self.excluded


def parse_query(text: str, index: Index) -> ParsedQuery:
    """Parse a typed text (its first `MAX_QUERY_LENGTH` characters and `MAX_WORDS` words)."""
    words: list[str] = []
    terms, excluded = [], []
    for token in _TOKEN.finditer(unicodedata.normalize("NFC", text[:MAX_QUERY_LENGTH])):
        word, is_excluded = token["word"], bool(token["without"])
        if word and not is_excluded:
            words.append(word)
            continue
        quoted = next(filter(None, token.group("guillemets", "straight", "curly")), "")
        phrases = _word_phrases(word, index) if word else (stem(quoted),)
        if any(phrases):
            term = QueryTerm(_quote(word or quoted.strip()), phrases, required=not word)
            (excluded if is_excluded else terms).append(term)
    word_terms, notes = _word_terms(words, index)
    phrase = stem(" ".join(words))
    return ParsedQuery(
        (*terms, *word_terms)[:MAX_WORDS],
        tuple(excluded),
        notes,
        phrase if len(word_terms) > 1 else "",
    )


def _quote(text: str) -> str:
    return f"« {curly_apostrophes(text)} »"


def _word_terms(words: Sequence[str], index: Index) -> tuple[list[QueryTerm], tuple[str, ...]]:
    """Return a term for each word that is not a stop word (for all if all are), and notes."""
    parts = list(_split_words(words, index))
    significant = [part for part in parts if folded(part) not in STOP_WORDS] or parts
    shorter_forms = list(_shorter_forms(parts, significant, index))
    notes = [note for _, _, note in shorter_forms]
    terms: dict[tuple[str, ...], QueryTerm] = {}
    for part in significant:
        shorter = [form for roots, form, _ in shorter_forms if stem(part) in roots.split()]
        phrases = tuple(dict.fromkeys((*_word_phrases(part, index), *shorter)))
        if not index.holds(phrases):
            nearest = _nearest_word(part, index)
            note = f"Rien pour {_quote(part)}."
            notes.append(f"{note} Voici {_quote(nearest)}." if nearest else note)
            if nearest:
                part, phrases = nearest, _word_phrases(nearest, index)
        elif (meaning := _ACRONYMS.get(stem(part))) and index.holds([stem(meaning)]):
            notes.append(f"« {stem(part).upper()} » est aussi cherché comme « {meaning} ».")
        terms.setdefault(phrases, QueryTerm(_quote(part), phrases))
    return list(terms.values()), tuple(dict.fromkeys(notes))


def _shorter_forms(
    parts: Sequence[str], significant: Sequence[str], index: Index
) -> Iterator[tuple[str, str, str]]:
    """Return the phrases that texts also write as one word: roots, root of that word, note.

    They are the meanings of acronyms, and pairs of words (« cyber sécurité »).
    """
    for acronym, meaning in _ACRONYMS.items():
        if f" {stem(meaning)} " in f" {stem(' '.join(parts))} " and index.holds([acronym]):
            yield stem(meaning), acronym, f"Cherché aussi sous le sigle « {acronym.upper()} »."
    for pair in pairwise(parts):
        joined = "".join(pair)
        if set(pair) <= set(significant) and index.holds([stem(joined)]):
            yield stem(" ".join(pair)), stem(joined), f"Cherché aussi en un mot : « {joined} »."


def _split_words(words: Sequence[str], index: Index) -> Iterator[str]:
    """Split words, except those with hyphens that texts hold as they are."""
    for word in words:
        is_compound = HYPHEN.search(word) and index.holds(_word_phrases(word, index))
        yield from [word] if is_compound else WORD.findall(word)


def _word_phrases(word: str, index: Index) -> tuple[str, ...]:
    """Return the phrases equivalent to a word: in one piece or several, an acronym or its words."""
    if not (parts := WORD.findall(word)):
        return ()
    joined = root("".join(map(folded, parts)))
    meaning = [stem(_ACRONYMS[joined])] if joined in _ACRONYMS else []
    hyphenated = sorted(index.hyphenated.get(joined, ()))
    return tuple(dict.fromkeys((stem(word), joined, *hyphenated, *meaning)))


def _nearest_word(word: str, index: Index) -> str:
    """Return the nearest word of the texts, the most frequent of equals; empty if none is near."""
    typed = folded(word)
    mistakes = accepted_mistakes(typed)
    if not mistakes or (word.isupper() and len(word) <= _MAX_ACRONYM):
        return ""
    near = process.extract(
        typed, list(index.spellings), scorer=OSA.distance, score_cutoff=mistakes, limit=None
    )
    best = min(
        near, key=lambda match: (match[1], -index.spellings[match[0]][1], match[0]), default=None
    )
    return index.spellings[best[0]][0] if best else ""
