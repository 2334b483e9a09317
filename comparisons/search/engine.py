"""Index of the texts in memory, with tantivy: the words of documents, phrases and scores (BM25).

tantivy reads the roots of the words (see `stemming`), separated by spaces. Its field `texte` has
all texts of a document, each on positions of its own, so that no phrase spans two of them; `titre`
has again those that name it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from tantivy import Document, Query, Schema, SchemaBuilder, Searcher
from tantivy import Index as TantivyIndex

from comparisons.search.stemming import COMPOUND, HYPHEN, WORD, folded, root, stem

# weight from which a text names its document, and how much the text that scores less counts
_NAME_WEIGHT, _TIE_BREAKER = 0.8, 0.5
# how much a synonym counts of a word that is typed
_SYNONYM_WEIGHT = 0.05
# lengths of a word from which one wrong letter is accepted, and two
_FUZZY_LENGTHS = (4, 8)
# the least that tantivy accepts
_WRITER_BYTES = 15_000_000
_FIELDS = ("texte", "titre")
# The words of a text are already roots, separated by spaces.
_ANALYSER = "whitespace"


@dataclass(frozen=True)
class Index:
    """Documents by number; a phrase is the roots of its words, separated by spaces."""

    searcher: Searcher
    schema: Schema
    # folded word → its most frequent spelling, and its number of occurrences
    spellings: Mapping[str, tuple[str, int]]
    # root of a word in one piece → the phrases of the same word with hyphens (« coconstruction »)
    hyphenated: Mapping[str, frozenset[str]]

    def any_phrase(self, phrases: Iterable[str]) -> Query:
        """Build the query of the documents that hold one of the phrases."""
        queries = [
            Query.phrase_query(self.schema, field, roots)
            if len(roots) > 1
            else Query.term_query(self.schema, field, roots[0])
            for roots in map(str.split, phrases)
            for field in _FIELDS
        ]
        return Query.disjunction_max_query(queries, tie_breaker=_TIE_BREAKER)

    def any_of(self, phrases: Iterable[str], synonyms: Sequence[str]) -> Query:
        """Build the query of the documents that hold a phrase or, for less, a synonym."""
        query = self.any_phrase(phrases)
        if not synonyms:
            return query
        others = Query.boost_query(self.any_phrase(synonyms), _SYNONYM_WEIGHT)
        return Query.disjunction_max_query([query, others])

    def holds(self, phrases: Iterable[str]) -> bool:
        """Return whether a document holds one of the phrases."""
        return self.searcher.search(self.any_phrase(phrases), limit=1).count > 0


def build(documents: Iterable[Sequence[tuple[str, float]]]) -> Index:
    """Build the index of documents, each of them its texts with their weights."""
    occurrences: Counter[str] = Counter()

    def document_fields() -> Iterator[Iterator[tuple[str, str]]]:
        for texts in documents:
            occurrences.update(text for text, _ in texts)
            yield _document_fields(texts)

    index = write_documents(_FIELDS, document_fields())
    return Index(
        index.searcher(), index.schema, _count_spellings(occurrences), _find_compounds(occurrences)
    )


def _document_fields(texts: Iterable[tuple[str, float]]) -> Iterator[tuple[str, str]]:
    for text, weight in texts:
        roots = stem(text)
        yield "texte", roots
        if weight >= _NAME_WEIGHT:
            yield "titre", roots


def write_documents(
    fields: Iterable[str], documents: Iterable[Iterable[tuple[str, str]]]
) -> TantivyIndex:
    """Write documents, each of them pairs of a field and words, into a new index in memory."""
    builder = SchemaBuilder().add_integer_field("numero", fast=True)
    for field in fields:
        builder = builder.add_text_field(field, tokenizer_name=_ANALYSER)
    index = TantivyIndex(builder.build())
    with index.writer(heap_size=_WRITER_BYTES, num_threads=1) as writer:
        for number, texts in enumerate(documents):
            document = Document()
            document.add_integer("numero", number)
            for field, words in texts:
                document.add_text(field, words)
            writer.add_document(document)
    index.reload()
    return index


def find(searcher: Searcher, query: Query) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of all the documents that answer a query, and their scores."""
    hits = searcher.search(query, limit=max(searcher.num_docs, 1)).hits
    numbers = searcher.fast_field_values("numero", [address for _, address in hits])
    return np.array(numbers, np.int64), np.array([score for score, _ in hits], float)


def accepted_mistakes(word: str) -> int:
    """Return how many letters of a folded word may be wrong: none if it has a digit or is short."""
    return sum(len(word) >= length for length in _FUZZY_LENGTHS) if word.isalpha() else 0


def _count_spellings(texts: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    """Return the most frequent lower-case spelling of each folded word, and its occurrences.

    `texts` has the number of occurrences of each text.
    """
    counts: Counter[str] = Counter()
    for text, occurrences in texts.items():
        for word in WORD.findall(text.lower()):
            counts[word] += occurrences
    spellings: dict[str, tuple[str, int]] = {}
    for spelling, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        most_frequent, total = spellings.get(folded(spelling), (spelling, 0))
        spellings[folded(spelling)] = most_frequent, total + count
    return spellings


def _find_compounds(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    phrases_by_root = defaultdict(set)
    compounds = (COMPOUND.findall(text) for text in texts if HYPHEN.search(text))
    for word in set(chain.from_iterable(compounds)):
        joined = root("".join(map(folded, WORD.findall(word))))
        phrases_by_root[joined].add(stem(word))
    return {joined: frozenset(phrases) for joined, phrases in phrases_by_root.items()}
