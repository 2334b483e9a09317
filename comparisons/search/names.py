"""Index of names in memory, with tantivy: whole words, their beginnings, spelling mistakes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tantivy import Occur, Query, Schema, Searcher

from comparisons.formatting import is_missing
from comparisons.search.engine import accepted_mistakes, find, write_documents
from comparisons.text_similarity import tokenize

# characters and words read of a typed text
MAX_QUERY_LENGTH, _MAX_WORDS = 120, 12
STOP_WORDS = frozenset(
    "a au aux d de des du en entre es et l la le les lez pres s sous sur un une".split()
)
# quality of the beginning of a word, and of a mistaken word, beside a whole word
_PREFIX_QUALITY, _MISTAKEN_QUALITY = 0.75, 0.6


@dataclass(frozen=True)
class NameIndex:
    """Names by number, each with words in several fields; `weights` are those of the fields."""

    searcher: Searcher
    schema: Schema
    weights: Mapping[str, float]

    def find(self, words: Iterable[str], fuzzy: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return the names that have every typed word, by number, and their quality (0 to 1).

        A word may be typed by its beginning; if `fuzzy`, with a wrong letter too.
        """
        clauses = [(Occur.Must, self._word_query(word, fuzzy)) for word in dict.fromkeys(words)]
        numbers, scores = find(self.searcher, Query.boolean_query(clauses))
        return numbers, (scores / max(len(clauses), 1)).round(4)

    def rank(self, text: str, among: Collection[int]) -> list[int]:
        """Return the names, among some, that have every word of a text, the best first.

        Only when none has them all is a wrong letter forgiven.
        """
        for fuzzy in (False, True):
            numbers, quality = self.find(typed_words(text), fuzzy)
            ranked = numbers[np.lexsort((numbers, -quality))]
            if answers := [number for number in ranked if number in among]:
                return answers
        return []

    def find_word(self, field: str, words: Sequence[str]) -> np.ndarray:
        """Return the names that have one of the words, whole, in a field."""
        return find(self.searcher, Query.term_set_query(self.schema, field, words))[0]

    def _word_query(self, word: str, fuzzy: bool) -> Query:
        return Query.disjunction_max_query(
            [
                Query.const_score_query(query, quality * weight)
                for field, weight in self.weights.items()
                for query, quality in self._field_queries(field, word, fuzzy)
            ]
        )

    def _field_queries(self, field: str, word: str, fuzzy: bool) -> Iterator[tuple[Query, float]]:
        yield Query.term_query(self.schema, field, word), 1.0
        # a word is made of letters and digits only
        yield Query.regex_query(self.schema, field, f"{word}.*"), _PREFIX_QUALITY
        # names are short: a letter may be wrong in three
        mistakes = max(accepted_mistakes(word), int(word.isalpha() and len(word) == 3))
        for distance in range(1, mistakes + 1 if fuzzy else 1):
            query = Query.fuzzy_term_query(self.schema, field, word, distance=distance)
            yield query, _MISTAKEN_QUALITY * (1 - distance / len(word))


def build_names(
    names: Iterable[Iterable[tuple[str, str]]], weights: Mapping[str, float]
) -> NameIndex:
    """Build the index of names, each of them pairs of a field and a word."""
    index = write_documents(weights, names)
    return NameIndex(index.searcher(), index.schema, weights)


def named_words(texts: Iterable[tuple[str, object]]) -> Iterator[tuple[str, str]]:
    """Return the words of texts, each with its field; a text is also one word, without spaces."""
    for field, text in texts:
        if not is_missing(text):
            words = tokenize(text)
            yield field, " ".join([*words, "".join(words)])


def typed_words(text: str) -> list[str]:
    """Return the words of a typed text without stop words, or all of them if nothing remains."""
    words = tokenize(text[:MAX_QUERY_LENGTH])[:_MAX_WORDS]
    return [word for word in words if word not in STOP_WORDS] or words
