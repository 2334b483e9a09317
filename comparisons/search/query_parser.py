"""What a reader types, understood: words, phrases in quotes, what is left out, mistakes forgiven.

Every word is looked for in all its forms; one that no text holds is taken for the nearest that one
does (a letter wrong, or two in a long word). An acronym and the words that it abbreviates are one;
nothing else is taken for another.
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

# what is read of a text typed
MAX_TYPED, MAX_WORDS = 300, 16
# (letters of a word, letters that may be wrong), the longest first
FUZZY_DISTANCES = ((8, 2), (4, 1))
# capitals up to that length are an acronym: exact, or nothing
MAX_ACRONYM = 6
ACRONYMS = {
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
_TYPED = re.compile(
    r"""(?P<without>(?<!\S)-)?
    (?: «(?P<guillemets>[^»]*)» | "(?P<straight>[^"]*)" | “(?P<curly>[^”]*)”
      | (?P<word>[^\s«»"“”]+) )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class QueryTerm:
    """Something to find: any of its phrases will do; a phrase typed in quotes is `required`."""

    said: str
    phrases: tuple[Phrase, ...]
    required: bool = False


@dataclass(frozen=True)
class ParsedQuery:
    """What is looked for and left out, and sentences on what was not taken as typed."""

    units: tuple[QueryTerm, ...] = ()
    without: tuple[QueryTerm, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Return whether nothing was typed that one can look for."""
        return not self.units and not self.without


def phrase_terms(text: str) -> Phrase:
    """Return the roots of the words of a text."""
    return tuple(root(folded(word)) for word in WORD.findall(text))


# root of an acronym → (the acronym, its words)
_ABBREVIATED = {root(acronym): (acronym.upper(), words) for acronym, words in ACRONYMS.items()}


def parse_query(text: str, index: Index) -> ParsedQuery:
    """Understand what is typed (`MAX_TYPED` characters, `MAX_WORDS` words of it)."""
    words: list[str] = []
    units, without = [], []
    for found in _TYPED.finditer(unicodedata.normalize("NFC", text[:MAX_TYPED])):
        word = found["word"]
        if word is None:
            quoted = next(filter(None, found.group("guillemets", "straight", "curly")), "")
            if roots := phrase_terms(quoted):
                unit = QueryTerm(
                    f"« {curly_apostrophes(quoted.strip())} »", (roots,), required=True
                )
                (without if found["without"] else units).append(unit)
        elif found["without"]:
            if ways := _ways(word, index):
                without.append(QueryTerm(f"« {curly_apostrophes(word)} »", ways))
        else:
            words.append(word)
    plain, notes = _plain(words, index)
    return ParsedQuery((*units, *plain)[:MAX_WORDS], tuple(without), notes)


def _plain(words: Sequence[str], index: Index) -> tuple[list[QueryTerm], tuple[str, ...]]:
    """Build a unit of each word that says something (of all, if none does)."""
    parts = list(_parts(words, index))
    said = [part for part in parts if folded(part) not in STOP_WORDS] or parts
    in_one = _in_one(parts, said, index)
    sequence = phrase_terms(" ".join(parts))
    written_out = {
        (acronym,): phrase_terms(meaning)
        for acronym, (_, meaning) in _ABBREVIATED.items()
        if _holds(sequence, phrase_terms(meaning)) and _found([(acronym,)], index)
    }
    units: dict[tuple[Phrase, ...], QueryTerm] = {}
    notes = [f"Cherché aussi sous le sigle « {_ABBREVIATED[name][0]} »." for (name,) in written_out]
    notes += [f"Cherché aussi en un mot : « {one}{two} »." for one, two in in_one]
    for part in said:
        short = [way for way, meaning in written_out.items() if phrase_terms(part)[0] in meaning]
        whole = [phrase_terms(f"{one}{two}") for one, two in in_one if part in (one, two)]
        ways = tuple(dict.fromkeys((*_ways(part, index), *short, *whole)))
        if not _found(ways, index):
            nearest = _nearest(part, index)
            instead = (
                f"Résultats pour « {curly_apostrophes(nearest)} » : aucun" if nearest else "Aucun"
            )
            notes.append(f"{instead} texte ne contient « {curly_apostrophes(part)} ».")
            if nearest:
                part, ways = nearest, _ways(nearest, index)
        elif meant := _ABBREVIATED.get(phrase_terms(part)[0]):
            if _found([phrase_terms(meant[1])], index):
                notes.append(f"« {meant[0]} » est aussi cherché comme « {meant[1]} ».")
        units.setdefault(ways, QueryTerm(f"« {curly_apostrophes(part)} »", ways))
    return list(units.values()), tuple(dict.fromkeys(notes))


def _in_one(parts: Sequence[str], said: Sequence[str], index: Index) -> list[tuple[str, str]]:
    """Find the words side by side that texts write as one (« cyber sécurité »)."""
    return [
        (one, two)
        for one, two in pairwise(parts)
        if one in said and two in said and _found([phrase_terms(f"{one}{two}")], index)
    ]


def _parts(words: Sequence[str], index: Index) -> Iterator[str]:
    """Split words, but those with hyphens that texts hold as they are."""
    for word in words:
        compound = HYPHEN.search(word) and _found(_ways(word, index), index)
        yield from [word] if compound else WORD.findall(word)


def _ways(word: str, index: Index) -> tuple[Phrase, ...]:
    """Return the phrases that stand for a word.

    In one piece or several, an acronym or its words.
    """
    parts = [folded(part) for part in WORD.findall(word)]
    if not parts:
        return ()
    joined = root("".join(parts))
    ways = [tuple(map(root, parts)), (joined,), *sorted(index.parted.get(joined, ()))]
    if joined in _ABBREVIATED:
        ways.append(phrase_terms(_ABBREVIATED[joined][1]))
    return tuple(dict.fromkeys(ways))


def _found(ways: Sequence[Phrase], index: Index) -> bool:
    return any(len(index.where(way)) for way in ways)


def _holds(sequence: Phrase, part: Phrase) -> bool:
    starts = range(len(sequence) - len(part) + 1)
    return any(sequence[place : place + len(part)] == part for place in starts)


def _nearest(word: str, index: Index) -> str:
    """Find the word of the texts that another may stand for: few letters apart, then frequent."""
    typed = folded(word)
    letters = next((wrong for length, wrong in FUZZY_DISTANCES if len(typed) >= length), 0)
    acronym = word.isupper() and len(word) <= MAX_ACRONYM
    if not letters or acronym or not typed.isalpha():
        return ""
    alike = process.extract(
        typed, list(index.spellings), scorer=OSA.distance, score_cutoff=letters, limit=None
    )
    best = min(alike, key=lambda one: (one[1], -index.spellings[one[0]][1], one[0]), default=None)
    return index.spellings[best[0]][0] if best else ""
