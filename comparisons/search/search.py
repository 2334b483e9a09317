"""Full-text search in all territories: hits, facets and a French summary of the query."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from tantivy import Occur, Query

from comparisons.database.cache import cached
from comparisons.database.connection import use_source_type
from comparisons.formatting import join_words, pluralize
from comparisons.search import documents, engine, facets, query_parser
from comparisons.search.documents import Passage
from comparisons.search.engine import Index
from comparisons.search.facets import FacetFilters
from comparisons.search.query_parser import ParsedQuery
from comparisons.search.snippets import match_ranges, snippet

_LIMIT = 200
RANKING_NOTE = (
    "Les textes sont rangés par leur score (BM25) : un mot compte d’autant plus qu’il est rare "
    "dans le corpus et que le texte est court, un peu plus dans un titre ou un intitulé que dans "
    "un résumé, et des mots côte à côte, comme ils sont tapés, plus que dispersés ; à égalité, les "
    "territoires les plus peuplés viennent d’abord. Sans mot cherché, l’ordre est celui des "
    "populations, puis des noms. Ce n’est pas un classement des territoires."
)
_COLUMNS = (
    "cle", "nom", "territoire_niveau", "territoire_code", "region_code", "partenaire_id", "aussi",
    "table", "identifiant", "strategie_id", "strategie_titre", "champ", "texte", "trouve_par",
    "extrait", "trouves", "theme", "themes", "type", "etat", "annee_document", "annee_debut",
    "annee_fin", "certitude", "source_id", "source_titre", "source_url", "localisation", "score",
)  # fmt: skip


@dataclass(frozen=True)
class SearchResults:
    """Results of a search.

    `nombre`: documents found. `hits`: the best of them (`limit` of `search_texts`; `_COLUMNS`);
    `champ` is the column of the text displayed, `trouve_par` that of the text that matches (they
    differ when only the label of a theme or service matches, which is not a text of the source);
    `trouves` are the ranges of characters of `extrait` that match; `aussi` names the other
    territories that share the strategy, or those to which an organisation offers a service; for an
    organisation, `cle` is `organisme-` and its identifier, the territory is missing. `territoires`:
    all those of the documents found, the best first: `cle`, `nom`, `territoire_niveau`,
    `partenaire_id`, `nb`, `score` (of the best document; missing for a search without words).
    `facettes`: see `facets.apply_filters`. `comprises`: French sentences on the query.
    `including`: terms searched besides those typed, because they say the same.
    """

    nombre: int
    hits: pd.DataFrame
    territoires: pd.DataFrame
    facettes: pd.DataFrame
    comprises: str
    including: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Corpus(documents.Corpus):
    index: Index
    facets: dict[str, pd.Series]

    def about(self, keys: Sequence[str]) -> np.ndarray:
        """Return which documents are about some territories, or bind them."""
        numbers = [self.numbers_by_territory.get(key, ()) for key in keys]
        is_about = np.zeros(len(self.documents), bool)
        is_about[np.concatenate(numbers).astype(int)] = True
        return is_about


@cached(pinned=True)
def _load_corpus() -> _Corpus:
    """Build the index of the texts."""
    corpus = documents.load_documents()
    index = engine.build([passage[1:] for passage in passages] for passages in corpus.passages())
    return _Corpus(
        corpus.documents,
        corpus.texts,
        corpus.numbers_by_territory,
        index,
        facets.load_facets(corpus.documents),
    )


def preload() -> None:
    """Build the index ahead of the first search."""
    _load_corpus()


def facet_options() -> dict[str, dict[str, str]]:
    """Return the codes of each facet with their labels."""
    with use_source_type(""):
        all_facets = _load_corpus().facets
    return {name: dict(facet.attrs["labels"]) for name, facet in all_facets.items()}


def count_texts(text: str) -> int:
    """Return how many documents hold all the words of a text."""
    corpus = _load_corpus()
    parsed_query = query_parser.parse_query(text, corpus.index)
    scores, required_terms = _score_documents(corpus, parsed_query)
    has_all = 0 < len(parsed_query.terms) == required_terms
    return int((~np.isnan(scores)).sum()) if has_all else 0


def results_table(hits: pd.DataFrame) -> pd.DataFrame:
    """Return hits as a table for files, without the columns for screens (`extrait`, `trouves`)."""
    return hits.drop(columns=["extrait", "trouves"])


@cached
def search_texts(
    text: str = "",
    filters: FacetFilters | None = None,
    limit: int | None = _LIMIT,
    exact: bool = False,
    within: Sequence[str] = (),
) -> SearchResults:
    """Find the documents that match a text and filters; without a text, all that pass the filters.

    All typed words must be in a document; if none has them all, those that have the most of them
    (half at least) are returned, and `comprises` says so. `limit` is the number of rows of `hits`
    (None: all); `nombre`, `territoires` and `facettes` always cover all documents found. `exact`
    leaves synonyms and acronyms out; `within` keeps the texts about some territories (keys).
    """
    corpus = _load_corpus()
    parsed_query = query_parser.parse_query(text, corpus.index, exact)
    scores, required_terms = _score_documents(corpus, parsed_query)
    matching = ~np.isnan(scores)
    kept = matching & corpus.about(within) if within else matching
    passes, counts = facets.apply_filters(corpus.facets, filters or FacetFilters(), kept)
    numbers = np.flatnonzero(passes)
    if parsed_query.terms:
        numbers = numbers[np.argsort(-scores[numbers], kind="stable")]
    else:
        scores[:] = np.nan
    return SearchResults(
        len(numbers),
        _build_hits(corpus, parsed_query, numbers[:limit], scores),
        _count_by_territory(corpus, numbers, scores),
        counts,
        _describe_query(parsed_query, required_terms, int(matching.sum()), len(numbers)),
        parsed_query.including,
    )


def _score_documents(corpus: _Corpus, parsed_query: ParsedQuery) -> tuple[np.ndarray, int]:
    """Return the score of each document (missing if it does not match), and the terms required."""
    any_phrase, terms = corpus.index.any_phrase, parsed_query.terms
    clauses = [(Occur.MustNot, any_phrase(term.phrases)) for term in parsed_query.excluded]
    clauses += [
        (Occur.Must, Query.const_score_query(any_phrase(term.phrases), 0))
        for term in terms
        if term.required
    ]
    if parsed_query.side_by_side:
        clauses.append((Occur.Should, any_phrase([parsed_query.side_by_side])))
    optional = [(Occur.Should, corpus.index.any_of(term.phrases, term.synonyms)) for term in terms]
    scores = np.full(len(corpus.documents), np.nan)
    for required_terms in range(len(terms), (len(terms) + 1) // 2 - 1, -1):
        query = (
            Query.boolean_query(optional, minimum_number_should_match=required_terms)
            if terms
            else Query.all_query()
        )
        numbers, values = engine.find(
            corpus.index.searcher, Query.boolean_query([(Occur.Must, query), *clauses])
        )
        if len(numbers):
            scores[numbers] = values
            break
    return scores, required_terms


def _build_hits(
    corpus: _Corpus, parsed_query: ParsedQuery, numbers: np.ndarray, scores: np.ndarray
) -> pd.DataFrame:
    hits = corpus.documents.iloc[numbers].reset_index(drop=True)
    texts = [_choose_text(passages, parsed_query) for passages in corpus.passages(numbers)]
    columns = ("champ", "texte", "trouve_par", "extrait", "trouves")
    text_columns = pd.DataFrame(texts, columns=columns, index=hits.index)
    return hits.assign(**text_columns, score=scores[numbers].round(4))[list(_COLUMNS)]


def _count_by_territory(corpus: _Corpus, numbers: np.ndarray, scores: np.ndarray) -> pd.DataFrame:
    """Return the territories and organisations of documents, which are in order."""
    columns = ["cle", "nom", "territoire_niveau", "partenaire_id"]
    rows = corpus.documents[columns].iloc[numbers]
    counts = rows["cle"].map(rows["cle"].value_counts())
    rows = rows.assign(nb=counts.astype(int), score=scores[numbers].round(4))
    return rows.drop_duplicates("cle", ignore_index=True)


def _choose_text(
    passages: Sequence[Passage], parsed_query: ParsedQuery
) -> tuple[str, str, str, str, tuple]:
    """Return the displayed text of a document: field, text, matched field, excerpt, ranges.

    It is the text that matches the most terms, then the weightiest; where that is the label of a
    theme or service, the best of the other texts.
    """
    candidates = [
        (match_ranges(text, parsed_query.terms), weight, name, text)
        for name, text, weight in passages
    ]

    def answers(candidate: tuple) -> tuple[int, float]:
        return len({term for _, _, term in candidate[0]}), candidate[1]

    best = max(candidates, key=answers)
    own_texts = [candidate for candidate in candidates if candidate[2] not in documents.LABELS]
    matches, _, name, text = max(own_texts, key=answers, default=best)
    return name, text, best[2], *snippet(text, matches)


def _describe_query(
    parsed_query: ParsedQuery, required_terms: int, match_count: int, result_count: int
) -> str:
    """Describe in French the query as understood, and the effect of the filters."""
    sentences = []
    if parsed_query.is_empty:
        sentences.append("Tous les textes, des territoires les plus peuplés aux moins peuplés.")
    # a note on the only word names it
    if len(parsed_query.terms) > bool(parsed_query.notes):
        sentences.append(f"Cherché : {join_words(term.text for term in parsed_query.terms)}.")
    if parsed_query.excluded:
        sentences.append(f"Sans {join_words((term.text for term in parsed_query.excluded), 'ni')}.")
    sentences += parsed_query.notes
    if parsed_query.including:
        sentences.append(f"Y compris : {join_words(parsed_query.including)}.")
    if not match_count:
        sentences.append("Rien n’est trouvé : essayez moins de mots, ou d’autres.")
    elif 0 < required_terms < len(parsed_query.terms):
        sentences.append(
            f"Aucun texte ne réunit tous ces mots : voici ceux qui en ont {required_terms} sur "
            f"{len(parsed_query.terms)}."
        )
    if match_count and not result_count:
        sentences.append(
            f"Les filtres écartent tout : sans eux, {pluralize(match_count, 'texte')}."
        )
    return " ".join(sentences)
