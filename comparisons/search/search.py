"""Full-text search in all territories: hits, facets and a French summary of the query."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from comparisons.database.connection import dataset_metadata, per_version
from comparisons.formatting import join_words, pluralize
from comparisons.search import documents, engine, facets, query_parser
from comparisons.search.engine import Index
from comparisons.search.facets import Facet, FacetFilters
from comparisons.search.query_parser import ParsedQuery
from comparisons.search.snippets import match_ranges, snippet

_LIMIT = 200
RANKING_NOTE = (
    "Les textes sont rangés par leur score (BM25) : un mot compte d’autant plus qu’il est rare "
    "dans le corpus, et un peu plus dans un titre ou un intitulé que dans un résumé ; à égalité, "
    "les territoires les plus peuplés viennent d’abord. Sans mot cherché, l’ordre est celui des "
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
    """

    nombre: int
    hits: pd.DataFrame
    territoires: pd.DataFrame
    facettes: pd.DataFrame
    comprises: str


@dataclass(frozen=True)
class _Corpus:
    documents: pd.DataFrame
    passages: pd.DataFrame
    # passages of document i are those from starts[i] to starts[i + 1]
    starts: np.ndarray
    index: Index
    facets: dict[str, Facet]
    # number of the territory (or organisation) of each document
    groups: np.ndarray


@per_version()
def _load_corpus(version: str) -> _Corpus:
    """Build the index of the texts of a dataset version."""
    corpus = documents.load_documents()
    size = len(corpus.documents)
    return _Corpus(
        corpus.documents,
        corpus.passages,
        np.searchsorted(corpus.passages["document"], np.arange(size + 1)),
        engine.build(corpus.passages, size),
        facets.load_facets(corpus.documents),
        pd.factorize(corpus.documents["cle"])[0],
    )


def preload() -> None:
    """Build the index ahead of the first search."""
    _load_corpus(str(dataset_metadata()["version"]))


def facet_options() -> dict[str, dict[str, str]]:
    """Return the codes of each facet with their labels."""
    all_facets = _load_corpus(str(dataset_metadata()["version"])).facets
    return {name: dict(facet.labels) for name, facet in all_facets.items()}


def results_table(hits: pd.DataFrame) -> pd.DataFrame:
    """Return hits as a table for files, without the columns for screens (`extrait`, `trouves`)."""
    return hits.drop(columns=["extrait", "trouves"])


def search_texts(
    text: str = "", filters: FacetFilters | None = None, limit: int | None = _LIMIT
) -> SearchResults:
    """Find the documents that match a text and filters; without a text, all that pass the filters.

    All typed words must be in a document; if none has them all, those that have the most of them
    (half at least) are returned, and `comprises` says so. `limit` is the number of rows of `hits`
    (None: all); `nombre`, `territoires` and `facettes` always cover all documents found.
    """
    corpus = _load_corpus(str(dataset_metadata()["version"]))
    parsed_query = query_parser.parse_query(text, corpus.index)
    scores, matching, required_terms = _score_documents(corpus, parsed_query)
    passes, counts = facets.apply_filters(corpus.facets, filters or FacetFilters(), matching)
    document_numbers = np.flatnonzero(passes)
    ordered_numbers = (
        document_numbers[np.argsort(-scores[document_numbers], kind="stable")]
        if parsed_query.terms
        else document_numbers
    )
    return SearchResults(
        len(document_numbers),
        _build_hits(corpus, parsed_query, ordered_numbers[:limit], scores),
        _count_by_territory(corpus, parsed_query, document_numbers, scores),
        counts,
        _describe_query(parsed_query, required_terms, int(matching.sum()), len(document_numbers)),
    )


def _score_documents(
    corpus: _Corpus, parsed_query: ParsedQuery
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the score of each document, whether it matches, and the number of terms required."""
    size = len(corpus.documents)
    scores, matched_terms = np.zeros(size), np.zeros(size, np.int16)
    allowed = np.ones(size, bool)
    for term in parsed_query.terms:
        document_numbers, values = corpus.index.scores(term.phrases)
        scores[document_numbers] += values
        matched_terms[document_numbers] += 1
        if term.required:
            allowed &= _to_mask(document_numbers, size)
    for term in parsed_query.excluded:
        allowed &= ~_to_mask(corpus.index.scores(term.phrases)[0], size)
    most_terms = int(matched_terms[allowed].max(initial=0))
    required_terms = (
        most_terms if 2 * most_terms >= len(parsed_query.terms) else len(parsed_query.terms)
    )
    return scores, allowed & (matched_terms >= required_terms), required_terms


def _to_mask(indices: np.ndarray, size: int) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[indices] = True
    return mask


def _build_hits(
    corpus: _Corpus, parsed_query: ParsedQuery, rows: np.ndarray, scores: np.ndarray
) -> pd.DataFrame:
    hits = corpus.documents.iloc[rows].reset_index(drop=True)
    texts = [_choose_text(corpus, parsed_query, row) for row in rows]
    columns = ("champ", "texte", "trouve_par", "extrait", "trouves")
    text_columns = pd.DataFrame(texts, columns=columns, index=hits.index)
    score = scores[rows].round(4) if parsed_query.terms else np.nan
    return hits.assign(**text_columns, score=score)[list(_COLUMNS)]


def _choose_text(
    corpus: _Corpus, parsed_query: ParsedQuery, document_number: int
) -> tuple[str, str, str, str, tuple]:
    """Return the displayed text of a document: field, text, matched field, excerpt, ranges.

    It is the text that matches the most terms, then the weightiest; where that is the label of a
    theme or service, the best of the other texts.
    """
    passages = corpus.passages.iloc[
        corpus.starts[document_number] : corpus.starts[document_number + 1]
    ]
    texts = list(zip(passages["champ"], passages["texte"], passages["poids"], strict=True))
    matches = [match_ranges(text, parsed_query.terms) for _, text, _ in texts]

    def answers(index: int) -> tuple[int, float]:
        return len({term for _, _, term in matches[index]}), texts[index][2]

    best_index = max(range(len(texts)), key=answers)
    own_indices = [
        number for number, (name, _, _) in enumerate(texts) if name not in documents.LABELS
    ]
    displayed = max(own_indices, key=answers, default=best_index)
    name, text, _ = texts[displayed]
    return name, text, texts[best_index][0], *snippet(text, matches[displayed])


def _count_by_territory(
    corpus: _Corpus, parsed_query: ParsedQuery, document_numbers: np.ndarray, scores: np.ndarray
) -> pd.DataFrame:
    groups = corpus.groups[document_numbers]
    count = np.bincount(groups)
    best = np.zeros(len(count))
    np.maximum.at(best, groups, scores[document_numbers])
    present = np.flatnonzero(count)
    present = present[np.argsort(-best[present], kind="stable")]
    first = np.full(len(count), -1)
    first[groups[::-1]] = document_numbers[::-1]
    columns = ["cle", "nom", "territoire_niveau", "partenaire_id"]
    rows = corpus.documents.iloc[first[present]][columns].reset_index(drop=True)
    return rows.assign(
        nb=count[present], score=best[present].round(4) if parsed_query.terms else np.nan
    )


def _describe_query(
    parsed_query: ParsedQuery, required_terms: int, match_count: int, result_count: int
) -> str:
    """Describe in French the query as understood, and the effect of the filters."""
    sentences = []
    if parsed_query.is_empty:
        sentences.append("Tous les textes, des territoires les plus peuplés aux moins peuplés.")
    if parsed_query.terms:
        sentences.append(f"Cherché : {join_words(term.text for term in parsed_query.terms)}.")
    if parsed_query.excluded:
        sentences.append(f"Sans {join_words((term.text for term in parsed_query.excluded), 'ni')}.")
    sentences += parsed_query.notes
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
