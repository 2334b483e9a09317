"""Parse the query of a reader: words, quoted phrases, exclusions, spelling mistakes.

Every word is searched in all its forms; one that no text holds is replaced by the nearest word of
the texts (one wrong letter, or two in a long word). An acronym and its expansion are equivalent;
so are the terms of a set of `synonyms`, which weigh less. An exact query has neither.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import OSA

from comparisons.formatting import curly_apostrophes
from comparisons.search.engine import Index, accepted_mistakes
from comparisons.search.stemming import HYPHEN, WORD, folded, root, stem
from comparisons.search.synonyms import equivalents
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
    """A term of a query, matched by any of its phrases; a quoted phrase is `required`.

    `word` is that of a term of one word; `synonyms` are phrases that match it, too, but weigh less.
    """

    text: str
    phrases: tuple[str, ...]
    required: bool = False
    word: str = ""
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParsedQuery:
    """Terms to find and to exclude, and French notes on the words that were replaced.

    `side_by_side` is the phrase of all words as typed, outside quotes; empty for a single word.
    `including` are the terms that the texts hold and that say the same.
    """

    terms: tuple[QueryTerm, ...] = ()
    excluded: tuple[QueryTerm, ...] = ()
    notes: tuple[str, ...] = ()
    side_by_side: str = ""
    including: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether there is no term to find nor to exclude."""
        return not self.terms and not self.excluded


def parse_query(text: str, index: Index, exact: bool = False) -> ParsedQuery:
    """Parse a typed text (its first `MAX_QUERY_LENGTH` characters and `MAX_WORDS` words).

    An `exact` query is that of these words, in all their forms.
    """
    acronyms = {} if exact else _ACRONYMS
    words: list[str] = []
    terms, excluded = [], []
    for token in _TOKEN.finditer(unicodedata.normalize("NFC", text[:MAX_QUERY_LENGTH])):
        word, is_excluded = token["word"], bool(token["without"])
        if word and not is_excluded:
            words.append(word)
            continue
        quoted = next(filter(None, token.group("guillemets", "straight", "curly")), "")
        phrases = _word_phrases(word, index, acronyms) if word else (stem(quoted),)
        if any(phrases):
            term = QueryTerm(_quote(word or quoted.strip()), phrases, required=not word)
            (excluded if is_excluded else terms).append(term)
    word_terms, notes = _word_terms(words, index, acronyms)
    phrase = stem(" ".join(words))
    including: dict[str, str] = {}
    if not exact:
        word_terms, including = _add_synonyms(word_terms, index)
    return ParsedQuery(
        (*terms, *word_terms)[:MAX_WORDS],
        tuple(excluded),
        notes,
        phrase if len(word_terms) > 1 else "",
        tuple(including.values()),
    )


def _add_synonyms(
    terms: Sequence[QueryTerm], index: Index
) -> tuple[list[QueryTerm], dict[str, str]]:
    """Return terms with the synonyms that texts hold, and these, as written, by their roots."""
    by_root: dict[str, dict[str, str]] = defaultdict(dict)
    including: dict[str, str] = {}
    for roots, others in equivalents([term.word for term in terms]):
        held = {other: text for other, text in others.items() if index.holds([other])}
        including |= held
        for root_ in roots:
            by_root[root_] |= held
    completed = [
        replace(term, synonyms=tuple(
            dict.fromkeys(other for root_ in stem(term.word).split() for other in by_root[root_])
        ))
        for term in terms
    ]  # fmt: skip
    return completed, including


def _quote(text: str) -> str:
    return f"« {curly_apostrophes(text)} »"


def _word_terms(
    words: Sequence[str], index: Index, acronyms: Mapping[str, str]
) -> tuple[list[QueryTerm], tuple[str, ...]]:
    """Return a term for each word that is not a stop word (for all if all are), and notes."""
    parts = list(_split_words(words, index, acronyms))
    significant = [part for part in parts if folded(part) not in STOP_WORDS] or parts
    shorter_forms = list(_shorter_forms(parts, significant, index, acronyms))
    notes = [note for _, _, note in shorter_forms]
    terms: dict[tuple[str, ...], QueryTerm] = {}
    # words that no text holds, but which say what others do, are not mistakes
    known = {root_ for roots, _ in equivalents(significant) if acronyms for root_ in roots}
    for part in significant:
        shorter = [form for roots, form, _ in shorter_forms if stem(part) in roots.split()]
        phrases = tuple(dict.fromkeys((*_word_phrases(part, index, acronyms), *shorter)))
        if not index.holds(phrases) and stem(part) not in known:
            nearest = _nearest_word(part, index)
            note = f"Rien pour {_quote(part)}."
            notes.append(f"{note} Voici {_quote(nearest)}." if nearest else note)
            if nearest:
                part, phrases = nearest, _word_phrases(nearest, index, acronyms)
        elif (meaning := acronyms.get(stem(part))) and index.holds([stem(meaning)]):
            notes.append(f"« {stem(part).upper()} » est aussi cherché comme « {meaning} ».")
        terms.setdefault(phrases, QueryTerm(_quote(part), phrases, word=part))
    return list(terms.values()), tuple(dict.fromkeys(notes))


def _shorter_forms(
    parts: Sequence[str], significant: Sequence[str], index: Index, acronyms: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Return the phrases that texts also write as one word: roots, root of that word, note.

    They are the meanings of acronyms, and pairs of words (« cyber sécurité »).
    """
    for acronym, meaning in acronyms.items():
        if f" {stem(meaning)} " in f" {stem(' '.join(parts))} " and index.holds([acronym]):
            yield stem(meaning), acronym, f"Cherché aussi sous le sigle « {acronym.upper()} »."
    for pair in pairwise(parts):
        joined = "".join(pair)
        if set(pair) <= set(significant) and index.holds([stem(joined)]):
            yield stem(" ".join(pair)), stem(joined), f"Cherché aussi en un mot : « {joined} »."


def _split_words(words: Sequence[str], index: Index, acronyms: Mapping[str, str]) -> Iterator[str]:
    """Split words, except those with hyphens that texts hold as they are."""
    for word in words:
        is_compound = HYPHEN.search(word) and index.holds(_word_phrases(word, index, acronyms))
        yield from [word] if is_compound else WORD.findall(word)


def _word_phrases(word: str, index: Index, acronyms: Mapping[str, str]) -> tuple[str, ...]:
    """Return the phrases equivalent to a word: in one piece or several, an acronym or its words."""
    if not (parts := WORD.findall(word)):
        return ()
    joined = root("".join(map(folded, parts)))
    meaning = [stem(acronyms[joined])] if joined in acronyms else []
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
