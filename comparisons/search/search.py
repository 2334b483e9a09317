"""Search in the texts of all territories, with what was understood and how it could be narrowed."""

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

LIMIT = 200
RANKING_NOTE = (
    "Les textes sont rangés par leur score (BM25) : un mot compte d’autant plus qu’il est rare "
    "dans le corpus, et un peu plus dans un titre ou un intitulé que dans un résumé ; à égalité, "
    "les territoires les plus peuplés viennent d’abord. Sans mot cherché, l’ordre est celui des "
    "populations, puis des noms. Ce n’est pas un classement des territoires."
)
COLUMNS = (
    "cle", "nom", "territoire_niveau", "territoire_code", "region_code", "partenaire_id", "aussi",
    "table", "identifiant", "strategie_id", "strategie_titre", "champ", "texte", "trouve_par",
    "extrait", "trouves", "theme", "themes", "type", "etat", "annee_document", "annee_debut",
    "annee_fin", "certitude", "source_id", "source_titre", "source_url", "localisation", "score",
)  # fmt: skip


@dataclass(frozen=True)
class SearchResults:
    """What a search gives.

    `nombre`: documents found. `hits`: the best of them (`search_texts` says how many), the columns
    of `COLUMNS`; `champ` is the column of the text shown, `trouve_par` that of the one that answers
    (another one when only our label of its theme or service does: a label is nobody's words);
    `trouves` are the ranges of characters of `extrait` that answer; `aussi` names the other
    territories that share the strategy, or those to which a body offers a service; of what is said
    of a body, `cle` is `organisme-` and its identifier, the territory is missing. `territoires`:
    all whose documents are found, the best first: `cle`, `nom`, `territoire_niveau`,
    `partenaire_id`, `nb`, `score` (of the best document; missing when no word is looked for).
    `facettes`: see `facets.apply_filters`. `comprises`: a French sentence, or several.
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
    # territory (or body) of each document, numbered as they come
    groups: np.ndarray


@per_version()
def _corpus(version: str) -> _Corpus:
    """Return index the texts of a dataset version."""
    read = documents.load_documents()
    size = len(read.documents)
    return _Corpus(
        read.documents,
        read.passages,
        np.searchsorted(read.passages["document"], np.arange(size + 1)),
        engine.build(read.passages, size),
        facets.load_facets(read.documents),
        pd.factorize(read.documents["cle"])[0],
    )


def warm_up() -> None:
    """Build the index before someone waits for it."""
    _corpus(str(dataset_metadata()["version"]))


def facet_options() -> dict[str, dict[str, str]]:
    """Return the codes that filters may have, facet by facet, with their labels."""
    facets_ = _corpus(str(dataset_metadata()["version"])).facets
    return {name: dict(facet.labels) for name, facet in facets_.items()}


def results_table(hits: pd.DataFrame) -> pd.DataFrame:
    """Return hits as a table for files: without what only a screen shows (`extrait`, `trouves`)."""
    return hits.drop(columns=["extrait", "trouves"])


def search_texts(
    text: str = "", filters: FacetFilters | None = None, limit: int | None = LIMIT
) -> SearchResults:
    """Find the texts that say something, narrowed by filters; all that pass them without a text.

    All words typed must be in a document; if none has them all, those that have the most of them
    (half at least) are given, and `comprises` says so. `limit` is how many hits are described
    (None: all); `nombre`, `territoires` and `facettes` are always of all.
    """
    corpus = _corpus(str(dataset_metadata()["version"]))
    asked = query_parser.parse_query(text, corpus.index)
    scores, matching, needed = _scores(corpus, asked)
    kept, counts = facets.apply_filters(corpus.facets, filters or FacetFilters(), matching)
    found = np.flatnonzero(kept)
    ordered = found[np.argsort(-scores[found], kind="stable")] if asked.units else found
    return SearchResults(
        len(found),
        _hits(corpus, asked, ordered[:limit], scores),
        _territories(corpus, asked, found, scores),
        counts,
        _understood(asked, needed, int(matching.sum()), len(found)),
    )


def _scores(corpus: _Corpus, asked: ParsedQuery) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the score of each document, whether it matches, and how many units that took."""
    size = len(corpus.documents)
    scores, answered = np.zeros(size), np.zeros(size, np.int16)
    possible = np.ones(size, bool)
    for unit in asked.units:
        places, values = corpus.index.scores(unit.phrases)
        scores[places] += values
        answered[places] += 1
        if unit.required:
            possible &= _marked(places, size)
    for unit in asked.without:
        possible &= ~_marked(corpus.index.scores(unit.phrases)[0], size)
    most = int(answered[possible].max(initial=0))
    needed = most if 2 * most >= len(asked.units) else len(asked.units)
    return scores, possible & (answered >= needed), needed


def _marked(places: np.ndarray, size: int) -> np.ndarray:
    mask = np.zeros(size, bool)
    mask[places] = True
    return mask


def _hits(
    corpus: _Corpus, asked: ParsedQuery, rows: np.ndarray, scores: np.ndarray
) -> pd.DataFrame:
    hits = corpus.documents.iloc[rows].reset_index(drop=True)
    told = [_told(corpus, asked, row) for row in rows]
    columns = ("champ", "texte", "trouve_par", "extrait", "trouves")
    shown = pd.DataFrame(told, columns=columns, index=hits.index)
    score = scores[rows].round(4) if asked.units else np.nan
    return hits.assign(**shown, score=score)[list(COLUMNS)]


def _told(corpus: _Corpus, asked: ParsedQuery, row: int) -> tuple[str, str, str, str, tuple]:
    """Choose the text of a document that answers the most units, the weightiest, the first.

    Where that is our label of a theme or service, the best of its own texts is shown instead.
    """
    part = corpus.passages.iloc[corpus.starts[row] : corpus.starts[row + 1]]
    texts = list(zip(part["champ"], part["texte"], part["poids"], strict=True))
    found = [match_ranges(text, asked.units) for _, text, _ in texts]

    def answers(place: int) -> tuple[int, float]:
        return len({unit for _, _, unit in found[place]}), texts[place][2]

    best = max(range(len(texts)), key=answers)
    own = [place for place, (name, _, _) in enumerate(texts) if name not in documents.LABELS]
    shown = max(own, key=answers, default=best)
    name, text, _ = texts[shown]
    return name, text, texts[best][0], *snippet(text, found[shown])


def _territories(
    corpus: _Corpus, asked: ParsedQuery, found: np.ndarray, scores: np.ndarray
) -> pd.DataFrame:
    groups = corpus.groups[found]
    count = np.bincount(groups)
    best = np.zeros(len(count))
    np.maximum.at(best, groups, scores[found])
    present = np.flatnonzero(count)
    present = present[np.argsort(-best[present], kind="stable")]
    first = np.full(len(count), -1)
    first[groups[::-1]] = found[::-1]
    columns = ["cle", "nom", "territoire_niveau", "partenaire_id"]
    rows = corpus.documents.iloc[first[present]][columns].reset_index(drop=True)
    return rows.assign(nb=count[present], score=best[present].round(4) if asked.units else np.nan)


def _understood(asked: ParsedQuery, needed: int, everywhere: int, found: int) -> str:
    """Describe what was looked for, what was not taken as typed, and what filters leave out."""
    said = []
    if asked.empty:
        said.append("Tous les textes, des territoires les plus peuplés aux moins peuplés.")
    if asked.units:
        said.append(f"Cherché : {join_words(unit.said for unit in asked.units)}.")
    if asked.without:
        said.append(f"Sans {join_words((unit.said for unit in asked.without), 'ni')}.")
    said += asked.notes
    if not everywhere:
        said.append("Rien n’est trouvé : essayez moins de mots, ou d’autres.")
    elif 0 < needed < len(asked.units):
        said.append(
            f"Aucun texte ne réunit tous ces mots : voici ceux qui en ont {needed} sur "
            f"{len(asked.units)}."
        )
    if everywhere and not found:
        said.append(f"Les filtres écartent tout : sans eux, {pluralize(everywhere, 'texte')}.")
    return " ".join(said)
