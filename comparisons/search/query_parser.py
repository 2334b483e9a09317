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
from comparisons.search.engine import Index, Phrase
from comparisons.search.stemming import HYPHEN, WORD, folded, root
from comparisons.text_similarity import STOP_WORDS

# characters and words read of a typed text
MAX_QUERY_LENGTH, MAX_WORDS = 300, 16
# (minimal length of a word, accepted wrong letters), the longest first
_FUZZY_DISTANCES = ((8, 2), (4, 1))
# a word in capitals up to that length is an acronym, which must match exactly
_MAX_ACRONYM = 6
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
    phrases: tuple[Phrase, ...]
    required: bool = False


@dataclass(frozen=True)
class ParsedQuery:
    """Terms to find and to exclude, and French notes on the words that were replaced."""

    terms: tuple[QueryTerm, ...] = ()
    excluded: tuple[QueryTerm, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Return whether there is no term to find nor to exclude."""
        return not self.terms and not self.excluded


def _phrase_terms(text: str) -> Phrase:
    """Return the roots of the words of a text."""
    return tuple(root(folded(word)) for word in WORD.findall(text))


# root of an acronym → (the acronym, its words)
_ACRONYM_BY_ROOT = {root(acronym): (acronym.upper(), words) for acronym, words in _ACRONYMS.items()}


def parse_query(text: str, index: Index) -> ParsedQuery:
    """Parse a typed text (its first `MAX_QUERY_LENGTH` characters and `MAX_WORDS` words)."""
    words: list[str] = []
    terms, excluded = [], []
    for token in _TOKEN.finditer(unicodedata.normalize("NFC", text[:MAX_QUERY_LENGTH])):
        word = token["word"]
        if word is None:
            quoted = next(filter(None, token.group("guillemets", "straight", "curly")), "")
            if roots := _phrase_terms(quoted):
                term = QueryTerm(
                    f"« {curly_apostrophes(quoted.strip())} »", (roots,), required=True
                )
                (excluded if token["without"] else terms).append(term)
        elif token["without"]:
            if phrases := _word_phrases(word, index):
                excluded.append(QueryTerm(f"« {curly_apostrophes(word)} »", phrases))
        else:
            words.append(word)
    word_terms, notes = _word_terms(words, index)
    return ParsedQuery((*terms, *word_terms)[:MAX_WORDS], tuple(excluded), notes)


def _word_terms(words: Sequence[str], index: Index) -> tuple[list[QueryTerm], tuple[str, ...]]:
    """Return a term for each word that is not a stop word (for all if all are), and notes."""
    parts = list(_split_words(words, index))
    significant = [part for part in parts if folded(part) not in STOP_WORDS] or parts
    joined_pairs = _joined_pairs(parts, significant, index)
    typed_roots = _phrase_terms(" ".join(parts))
    expanded_acronyms = {
        (acronym,): _phrase_terms(meaning)
        for acronym, (_, meaning) in _ACRONYM_BY_ROOT.items()
        if _contains(typed_roots, _phrase_terms(meaning)) and _has_match([(acronym,)], index)
    }
    terms: dict[tuple[Phrase, ...], QueryTerm] = {}
    notes = [
        f"Cherché aussi sous le sigle « {_ACRONYM_BY_ROOT[name][0]} »."
        for (name,) in expanded_acronyms
    ]
    notes += [
        f"Cherché aussi en un mot : « {first_word}{second_word} »."
        for first_word, second_word in joined_pairs
    ]
    for part in significant:
        acronym_phrases = [
            phrase
            for phrase, meaning in expanded_acronyms.items()
            if _phrase_terms(part)[0] in meaning
        ]
        joined_phrases = [
            _phrase_terms(f"{first_word}{second_word}")
            for first_word, second_word in joined_pairs
            if part in (first_word, second_word)
        ]
        phrases = tuple(
            dict.fromkeys((*_word_phrases(part, index), *acronym_phrases, *joined_phrases))
        )
        if not _has_match(phrases, index):
            nearest = _nearest_word(part, index)
            prefix = (
                f"Résultats pour « {curly_apostrophes(nearest)} » : aucun" if nearest else "Aucun"
            )
            notes.append(f"{prefix} texte ne contient « {curly_apostrophes(part)} ».")
            if nearest:
                part, phrases = nearest, _word_phrases(nearest, index)
        elif abbreviation := _ACRONYM_BY_ROOT.get(_phrase_terms(part)[0]):
            if _has_match([_phrase_terms(abbreviation[1])], index):
                notes.append(
                    f"« {abbreviation[0]} » est aussi cherché comme « {abbreviation[1]} »."
                )
        terms.setdefault(phrases, QueryTerm(f"« {curly_apostrophes(part)} »", phrases))
    return list(terms.values()), tuple(dict.fromkeys(notes))


def _joined_pairs(
    parts: Sequence[str], significant: Sequence[str], index: Index
) -> list[tuple[str, str]]:
    """Return the pairs of adjacent words that texts write as one (« cyber sécurité »)."""
    return [
        (first_word, second_word)
        for first_word, second_word in pairwise(parts)
        if first_word in significant
        and second_word in significant
        and _has_match([_phrase_terms(f"{first_word}{second_word}")], index)
    ]


def _split_words(words: Sequence[str], index: Index) -> Iterator[str]:
    """Split words, except those with hyphens that texts hold as they are."""
    for word in words:
        is_compound = HYPHEN.search(word) and _has_match(_word_phrases(word, index), index)
        yield from [word] if is_compound else WORD.findall(word)


def _word_phrases(word: str, index: Index) -> tuple[Phrase, ...]:
    """Return the phrases equivalent to a word: in one piece or several, an acronym or its words."""
    parts = [folded(part) for part in WORD.findall(word)]
    if not parts:
        return ()
    joined = root("".join(parts))
    phrases = [tuple(map(root, parts)), (joined,), *sorted(index.parted.get(joined, ()))]
    if joined in _ACRONYM_BY_ROOT:
        phrases.append(_phrase_terms(_ACRONYM_BY_ROOT[joined][1]))
    return tuple(dict.fromkeys(phrases))


def _has_match(phrases: Sequence[Phrase], index: Index) -> bool:
    return any(len(index.where(phrase)) for phrase in phrases)


def _contains(words: Phrase, phrase: Phrase) -> bool:
    starts = range(len(words) - len(phrase) + 1)
    return any(words[start : start + len(phrase)] == phrase for start in starts)


def _nearest_word(word: str, index: Index) -> str:
    """Return the nearest word of the texts, the most frequent of equals; empty if none is near."""
    folded_word = folded(word)
    max_distance = next(
        (distance for min_length, distance in _FUZZY_DISTANCES if len(folded_word) >= min_length), 0
    )
    is_acronym = word.isupper() and len(word) <= _MAX_ACRONYM
    if not max_distance or is_acronym or not folded_word.isalpha():
        return ""
    candidates = process.extract(
        folded_word,
        list(index.spellings),
        scorer=OSA.distance,
        score_cutoff=max_distance,
        limit=None,
    )
    best = min(
        candidates,
        key=lambda candidate: (candidate[1], -index.spellings[candidate[0]][1], candidate[0]),
        default=None,
    )
    return index.spellings[best[0]][0] if best else ""
