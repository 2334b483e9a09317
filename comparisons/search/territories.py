"""Search for a territory by its name, as people type it.

Accents, hyphens, articles and capitals do not matter; « st » is « saint », « cc » a communauté de
communes, « mel » the initials of a name, « 35 » a département's number; one letter wrong in a word
is forgiven.

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

LIMIT = 8
# what is read of a text typed
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
# names that some bear in public rather than their legal one
COMMON_NAMES = {
    "region-93": "Région Sud", "epci-200046977": "Grand Lyon", "epci-200058782": "SQY",
    "departement-67": "Alsace", "departement-68": "Alsace",
}  # fmt: skip
_TYPES = {
    "CC": "cc communaute communes",
    "CA": "ca communaute agglomeration agglo",
    "CU": "cu communaute urbaine",
    "METRO": "metropole",
    "MET69": "metropole",
    "EPT": "ept etablissement public territorial",
}
_LEVELS = {
    "region": "region conseil regional",
    "departement": "departement conseil departemental",
    "epci": "epci intercommunalite",
    "commune": "commune ville mairie",
}
# a région's own number is less known than a département's
_NAME, _INITIALS, _OTHER, _REGION_CODE = 1.0, 0.8, 0.6, 0.5
# from this mean quality on, what was found is what was meant: no spelling mistake is supposed
_SURE = 0.8
_LEVEL_BONUS = {"region": 0.15, "departement": 0.12, "commune": 0.05, "epci": 0.0}


@dataclass(frozen=True)
class Index:
    """Words of all territories: word `i` is in the entries of slice `starts[i]:starts[i + 1]`.

    An entry is a territory or the former name of a commune (`ancien_nom`).
    """

    entries: pd.DataFrame
    vocabulary: list[str]
    starts: np.ndarray
    entry: np.ndarray
    weight: np.ndarray
    # how much of the name the word is
    share: np.ndarray
    prior: np.ndarray

    def matches(self, word: str, mistaken: bool) -> Iterator[tuple[int, float]]:
        """Return the words of the index that a typed word stands for, with the quality of each."""
        first = bisect_left(self.vocabulary, word)
        last = bisect_left(self.vocabulary, f"{word}\uffff")
        for place in range(first, last):
            found = self.vocabulary[place]
            yield place, 1.0 if found == word else 0.6 + 0.3 * len(word) / len(found)
        if mistaken and len(word) >= MIN_FUZZY_LENGTH and not word.isdigit():
            alike = process.extract(
                word,
                self.vocabulary,
                # letters added, left out, changed or swapped
                scorer=OSA.normalized_similarity,
                score_cutoff=MIN_SIMILARITY,
                limit=30,
            )
            for _, likeness, place in alike:
                if not first <= place < last:
                    yield place, 0.6 * likeness


@per_version(reference_only=True)
def _index(version: str) -> Index:
    """Return index the territories of a dataset version."""
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
        (word, place, weight, share)
        for place, row in enumerate(entries.itertuples())
        for word, weight, share in _words_of(row)
    ]
    postings.sort()
    found, places, weights, shares = zip(*postings, strict=True)
    vocabulary = list(dict.fromkeys(found))
    starts = np.searchsorted(np.array(found), np.array([*vocabulary]))
    bonus = entries["territoire_niveau"].map(_LEVEL_BONUS).to_numpy()
    people = entries["population"].fillna(1).clip(lower=1).to_numpy(dtype=float)
    former = entries["ancien_nom"].notna().to_numpy()
    return Index(
        entries,
        vocabulary,
        np.append(starts, len(found)),
        np.array(places, dtype=np.int32),
        np.array(weights, dtype=np.float32),
        np.array(shares, dtype=np.float32),
        0.04 * np.log10(people) + bonus - 0.1 * former,
    )


def _words_of(row: object) -> Iterator[tuple[str, float, float]]:
    """Return the words by which an entry is found: word, weight, share of the name."""
    all_words = tokenize(row.nom_cherche)
    own = [word for word in all_words if word not in STOP_WORDS | GENERIC_WORDS] or all_words
    for word in own:
        yield word, _NAME, 1 / len(own)
    if len(all_words) > 1:
        yield from {("".join(own), _NAME, 1.0), ("".join(all_words), _NAME, 1.0)}
    if row.cle in COMMON_NAMES and not isinstance(row.ancien_nom, str):
        usual = tokenize(COMMON_NAMES[row.cle])
        yield from ((word, _NAME, 1 / len(usual)) for word in usual)
    yield row.territoire_code.lower(), _REGION_CODE if row.cle[0] == "r" else _NAME, 1.0
    if row.territoire_niveau == "departement":
        yield row.territoire_code.lstrip("0").lower(), _NAME, 1.0
    if len(all_words) > 2:
        significant = [word for word in all_words if word not in STOP_WORDS]
        for initials in {"".join(word[0] for word in each) for each in (significant, all_words)}:
            yield initials, _INITIALS, 1.0
    about = [
        *(word for word in all_words if word not in own),
        *_TYPES.get(str(row.type), "").split(),
        *_LEVELS[row.territoire_niveau].split(),
        *([str(row.departement_code).lower()] if row.cle[0] in "ec" else ()),
        *(tokenize(row.dans) if row.cle[0] in "ec" and row.dans else ()),
    ]
    for word in dict.fromkeys(about):
        yield word, _OTHER, 0.0


def search_territories(text: str, limit: int = LIMIT) -> pd.DataFrame:
    """Find the territories that a text names, the likeliest first.

    Returns `cle`, `nom`, `territoire_niveau`, `territoire_code`, `departement_code`, `dans` (name
    of the département), `type`, `population`, `ancien_nom` (the former name that was typed, else
    missing); no row when nothing is found.
    """
    index = _index(str(dataset_metadata()["version"]))
    typed = tokenize(text)[:12]
    typed = [word for word in typed if word not in STOP_WORDS] or typed
    found = _scores(index, typed, mistaken=False)
    if len(found) < 3 and not (found["quality"] >= _SURE).any():
        found = _scores(index, typed, mistaken=True)
    best = found.sort_values("score", ascending=False, kind="stable").head(4 * limit).index
    rows = index.entries.iloc[best].drop_duplicates("cle").head(limit)
    return rows.drop(columns="nom_cherche").reset_index(drop=True)


def preload() -> None:
    """Build the index before someone waits for it."""
    _index(str(dataset_metadata()["version"]))


def disambiguate(row: object) -> str:
    """Describe what a territory found is, so that no other could be meant.

    `commune, Morbihan (56)`.
    """
    where = f", {curly_apostrophes(row.dans)} ({row.departement_code})" if row.dans else ""
    match row.territoire_niveau:
        case "region":
            what = "région"
        case "departement":
            what = f"département {row.territoire_code}"
        case "epci":
            what = f"intercommunalité{where}"
        case _:
            what = f"commune{where}"
    former = is_missing(row.ancien_nom)
    return what if former else f"{what}, avec {curly_apostrophes(row.ancien_nom)}"


def _scores(index: Index, typed: list[str], mistaken: bool) -> pd.DataFrame:
    """Return `quality` and `score` of the entries in which every word is found, by their place."""
    size = len(index.entries)
    quality, complete = np.zeros(size), np.zeros(size)
    everywhere = np.full(size, bool(typed))
    for word in typed:
        best, share = np.zeros(size), np.zeros(size)
        for place, how_well in index.matches(word, mistaken):
            part = slice(index.starts[place], index.starts[place + 1])
            value = how_well * index.weight[part]
            np.maximum.at(best, index.entry[part], value)
            np.maximum.at(share, index.entry[part], how_well * index.share[part])
        everywhere &= best > 0
        quality += best
        complete += share
    found = np.flatnonzero(everywhere)
    quality /= max(len(typed), 1)
    score = quality + 0.5 * np.minimum(complete, 1) + index.prior
    return pd.DataFrame({"quality": quality[found], "score": score[found]}, index=found)


def no_result_hint(text: str) -> str:
    """Describe what to try when nothing is found."""
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
    """Describe why a key names no territory, and which it may have meant.

    Nothing if it names one.
    """
    try:
        territory = parse_key(key)
    except ValueError as error:
        return f"{error}{_nearest(key)}"
    if load_territories([territory]).empty:
        return f"Aucun territoire n’a le code « {key} ».{_nearest(key)}"
    return ""


def _nearest(key: str) -> str:
    """Suggest the territory that a key may have meant: today's commune, or one of that name."""
    former = successor_commune(key.removeprefix("commune-")[:MAX_QUERY_LENGTH])
    if former:
        code, name = former
        return f" C’est aujourd’hui {curly_apostrophes(name)} : commune-{code}."
    found = search_territories(key[:MAX_QUERY_LENGTH].replace("-", " "))
    if found.empty:
        return " Tous les codes : /api/v1/tables/territoires.csv."
    return f" Voulez-vous dire {found['cle'].iloc[0]} ({curly_apostrophes(found['nom'].iloc[0])}) ?"
