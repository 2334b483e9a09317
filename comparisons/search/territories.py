"""Search for a territory by its name, as people type it.

Accents, hyphens, articles and capitals are ignored; « st » is « saint », « cc » a communauté de
communes, « mel » the initials of a name, « 35 » a département's number; one wrong letter in a
word is accepted.

Every word typed must match a word of the territory: of its name (which counts whole), or of what
it is and where (its type, level, département: which counts less). The order is that of a score:
mean quality of the matches, then how much of the name was typed, then population.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA

from comparisons.database.connection import dataset_metadata, per_version, query
from comparisons.formatting import curly_apostrophes, is_missing
from comparisons.queries.territories import load_territories, successor_commune
from comparisons.schema.territory import parse_key
from comparisons.text_similarity import tokenize

_LIMIT = 8
# characters read of a typed text
MAX_QUERY_LENGTH = 120
# below this length, another letter makes another word
MIN_FUZZY_LENGTH, MIN_SIMILARITY = 3, 0.74
STOP_WORDS = frozenset(
    "a au aux d de des du en entre es et l la le les lez pres s sous sur un une".split()
)
# words that say what a territory is rather than which one
GENERIC_WORDS = frozenset(
    "agglomeration communaute commune communes departement epci intercommunalite metropole "
    "metropolitaine region ville urbaine etablissement public territorial cc ca cu ept mairie "
    "conseil departemental regional collectivite".split()
)
# common names used in public instead of the legal one
_COMMON_NAMES = {
    "region-93": "Région Sud", "epci-200046977": "Grand Lyon", "epci-200058782": "SQY",
    "departement-67": "Alsace", "departement-68": "Alsace",
}  # fmt: skip
_TYPE_WORDS = {
    "CC": "cc communaute communes",
    "CA": "ca communaute agglomeration agglo",
    "CU": "cu communaute urbaine",
    "METRO": "metropole",
    "MET69": "metropole",
    "EPT": "ept etablissement public territorial",
}
_LEVEL_WORDS = {
    "region": "region conseil regional",
    "departement": "departement conseil departemental",
    "epci": "epci intercommunalite",
    "commune": "commune ville mairie",
}
# a région's own number is less known than a département's
_NAME_WEIGHT, _INITIALS_WEIGHT, _OTHER_WEIGHT, _REGION_CODE_WEIGHT = 1.0, 0.8, 0.6, 0.5
# from this mean quality on, matches are taken as exact: no spelling mistake is looked for
_CERTAIN_QUALITY = 0.8
_LEVEL_BONUS = {"region": 0.15, "departement": 0.12, "commune": 0.05, "epci": 0.0}


@dataclass(frozen=True)
class Index:
    """Inverted index of names: word `i` is in the entries of slice `starts[i]:starts[i + 1]`.

    An entry is a territory or the former name of a commune (`ancien_nom`).
    """

    entries: pd.DataFrame
    vocabulary: list[str]
    starts: np.ndarray
    entry: np.ndarray
    weight: np.ndarray
    # share of the name that the word is
    share: np.ndarray
    prior: np.ndarray

    def matches(self, word: str, fuzzy: bool) -> Iterator[tuple[int, float]]:
        """Return the numbers of the words that a typed word matches, each with its quality."""
        first = bisect_left(self.vocabulary, word)
        last = bisect_left(self.vocabulary, f"{word}\uffff")
        for index in range(first, last):
            word_found = self.vocabulary[index]
            yield index, 1.0 if word_found == word else 0.6 + 0.3 * len(word) / len(word_found)
        if fuzzy and len(word) >= MIN_FUZZY_LENGTH and not word.isdigit():
            similar_words = process.extract(
                word,
                self.vocabulary,
                # letters added, left out, changed or swapped
                scorer=OSA.normalized_similarity,
                score_cutoff=MIN_SIMILARITY,
                limit=30,
            )
            for _, similarity, index in similar_words:
                if not first <= index < last:
                    yield index, 0.6 * similarity


@per_version(reference_only=True)
def _build_index(version: str) -> Index:
    """Build the index of the territories of a dataset version."""
    entries = query(
        """
        WITH noms AS (
            SELECT territoire_niveau, territoire_code, nom AS nom_cherche, NULL AS ancien_nom
            FROM territoires
            UNION
            SELECT 'commune', commune_code, ancien_nom, ancien_nom FROM anciennes_communes
            WHERE ancien_nom IS NOT NULL
        )
        SELECT t.territoire_niveau || '-' || t.territoire_code AS cle, t.nom, territoire_niveau,
               territoire_code, t.departement_code, coalesce(d.nom, '') AS dans, t.type,
               t.population, n.ancien_nom, n.nom_cherche
        FROM noms n
        JOIN territoires t USING (territoire_niveau, territoire_code)
        LEFT JOIN territoires d
          ON d.territoire_niveau = 'departement' AND d.territoire_code = t.departement_code
        WHERE n.ancien_nom IS NULL OR n.ancien_nom <> t.nom
        ORDER BY ALL
        """
    )
    postings = [
        (word, entry_number, weight, share)
        for entry_number, row in enumerate(entries.itertuples())
        for word, weight, share in _entry_words(row)
    ]
    postings.sort()
    words, entries_of_words, weights, shares = zip(*postings, strict=True)
    vocabulary = list(dict.fromkeys(words))
    starts = np.searchsorted(np.array(words), np.array([*vocabulary]))
    bonus = entries["territoire_niveau"].map(_LEVEL_BONUS).to_numpy()
    population = entries["population"].fillna(1).clip(lower=1).to_numpy(dtype=float)
    is_former_name = entries["ancien_nom"].notna().to_numpy()
    return Index(
        entries,
        vocabulary,
        np.append(starts, len(words)),
        np.array(entries_of_words, dtype=np.int32),
        np.array(weights, dtype=np.float32),
        np.array(shares, dtype=np.float32),
        0.04 * np.log10(population) + bonus - 0.1 * is_former_name,
    )


def _entry_words(row: object) -> Iterator[tuple[str, float, float]]:
    """Return the words of an entry, each as (word, weight, share of the name)."""
    all_words = tokenize(row.nom_cherche)
    name_words = [word for word in all_words if word not in STOP_WORDS | GENERIC_WORDS] or all_words
    for word in name_words:
        yield word, _NAME_WEIGHT, 1 / len(name_words)
    if len(all_words) > 1:
        yield from {
            ("".join(name_words), _NAME_WEIGHT, 1.0),
            ("".join(all_words), _NAME_WEIGHT, 1.0),
        }
    if row.cle in _COMMON_NAMES and not isinstance(row.ancien_nom, str):
        common_words = tokenize(_COMMON_NAMES[row.cle])
        yield from ((word, _NAME_WEIGHT, 1 / len(common_words)) for word in common_words)
    yield (
        row.territoire_code.lower(),
        _REGION_CODE_WEIGHT if row.cle[0] == "r" else _NAME_WEIGHT,
        1.0,
    )
    if row.territoire_niveau == "departement":
        yield row.territoire_code.lstrip("0").lower(), _NAME_WEIGHT, 1.0
    if len(all_words) > 2:
        significant = [word for word in all_words if word not in STOP_WORDS]
        for initials in {"".join(word[0] for word in words) for words in (significant, all_words)}:
            yield initials, _INITIALS_WEIGHT, 1.0
    other_words = [
        *(word for word in all_words if word not in name_words),
        *_TYPE_WORDS.get(str(row.type), "").split(),
        *_LEVEL_WORDS[row.territoire_niveau].split(),
        *([str(row.departement_code).lower()] if row.cle[0] in "ec" else ()),
        *(tokenize(row.dans) if row.cle[0] in "ec" and row.dans else ()),
    ]
    for word in dict.fromkeys(other_words):
        yield word, _OTHER_WEIGHT, 0.0


def search_territories(text: str, limit: int = _LIMIT) -> pd.DataFrame:
    """Find the territories that a text names, the most likely first.

    Returns `cle`, `nom`, `territoire_niveau`, `territoire_code`, `departement_code`, `dans` (name
    of the département), `type`, `population`, `ancien_nom` (the former name that was typed, else
    missing); no row when nothing is found.
    """
    index = _build_index(str(dataset_metadata()["version"]))
    typed_words = tokenize(text)[:12]
    typed_words = [word for word in typed_words if word not in STOP_WORDS] or typed_words
    scores = _score_entries(index, typed_words, fuzzy=False)
    if len(scores) < 3 and not (scores["quality"] >= _CERTAIN_QUALITY).any():
        scores = _score_entries(index, typed_words, fuzzy=True)
    best_entries = scores.sort_values("score", ascending=False, kind="stable").head(4 * limit).index
    rows = index.entries.iloc[best_entries].drop_duplicates("cle").head(limit)
    return rows.drop(columns="nom_cherche").reset_index(drop=True)


def preload() -> None:
    """Build the index ahead of the first search."""
    _build_index(str(dataset_metadata()["version"]))


def disambiguate(row: object) -> str:
    """Return the kind and location of a territory, which distinguish it from its namesakes.

    `commune, Morbihan (56)`.
    """
    location = f", {curly_apostrophes(row.dans)} ({row.departement_code})" if row.dans else ""
    match row.territoire_niveau:
        case "region":
            kind = "région"
        case "departement":
            kind = f"département {row.territoire_code}"
        case "epci":
            kind = f"intercommunalité{location}"
        case _:
            kind = f"commune{location}"
    is_current_name = is_missing(row.ancien_nom)
    return kind if is_current_name else f"{kind}, avec {curly_apostrophes(row.ancien_nom)}"


def _score_entries(index: Index, typed_words: list[str], fuzzy: bool) -> pd.DataFrame:
    """Return `quality` and `score` of the entries that match every word, by entry number."""
    entry_count = len(index.entries)
    quality, name_share = np.zeros(entry_count), np.zeros(entry_count)
    matches_all = np.full(entry_count, bool(typed_words))
    for word in typed_words:
        best, share = np.zeros(entry_count), np.zeros(entry_count)
        for word_number, match_quality in index.matches(word, fuzzy):
            entry_slice = slice(index.starts[word_number], index.starts[word_number + 1])
            value = match_quality * index.weight[entry_slice]
            np.maximum.at(best, index.entry[entry_slice], value)
            np.maximum.at(share, index.entry[entry_slice], match_quality * index.share[entry_slice])
        matches_all &= best > 0
        quality += best
        name_share += share
    matching_entries = np.flatnonzero(matches_all)
    quality /= max(len(typed_words), 1)
    score = quality + 0.5 * np.minimum(name_share, 1) + index.prior
    return pd.DataFrame(
        {"quality": quality[matching_entries], "score": score[matching_entries]},
        index=matching_entries,
    )


def no_result_hint(text: str) -> str:
    """Return a French hint on what to try when nothing is found."""
    if text.strip().isdigit():
        return (
            f"Aucun territoire ne porte le numéro « {text.strip()} ». Essayez un numéro de "
            "département (35), un code Insee (35238), un numéro Siren ou un nom ; les codes "
            "postaux ne sont pas connus."
        )
    return (
        f"Rien pour « {text.strip()} ». Essayez le nom seul, sans le type (« Brocéliande »), le "
        "nom de la commune principale, ou le numéro du département (« 35 »)."
    )


def unknown_territory_reason(key: str) -> str:
    """Return in French why a key is no territory, with a suggestion; empty if it is one."""
    try:
        territory = parse_key(key)
    except ValueError as error:
        return f"{error}{_suggest_territory(key)}"
    if load_territories([territory]).empty:
        return f"Aucun territoire n’a le code « {key} ».{_suggest_territory(key)}"
    return ""


def _suggest_territory(key: str) -> str:
    """Return a French suggestion for a key: the successor commune, or a territory of that name."""
    successor = successor_commune(key.removeprefix("commune-")[:MAX_QUERY_LENGTH])
    if successor:
        code, name = successor
        return f" C’est aujourd’hui {curly_apostrophes(name)} : commune-{code}."
    suggestions = search_territories(key[:MAX_QUERY_LENGTH].replace("-", " "))
    if suggestions.empty:
        return " Tous les codes : /api/v1/tables/territoires.csv."
    best = suggestions.iloc[0]
    return f" Voulez-vous dire {best['cle']} ({curly_apostrophes(best['nom'])}) ?"
