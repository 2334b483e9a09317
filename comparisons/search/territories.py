"""Search for a territory by its name, as people type it.

Accents, hyphens, articles and capitals are ignored; « st » is « saint », « cc » a communauté de
communes, « mel » the initials of a name, « 35 » a département's number; one wrong letter in a
word is accepted.

Every word typed must match a word of the territory: of its name (which counts whole), or of what
it is and where (its type, level, département: which counts less). The order is that of a score:
mean quality of the matches, then how much of the name was typed, then population.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.datapackage.known_territories import load_territory_reference
from comparisons.datapackage.territory_aliases import bare_name, territories_meant
from comparisons.formatting import curly_apostrophes, is_missing
from comparisons.queries.territories import load_territories, successor_commune
from comparisons.rows import iterate_rows
from comparisons.search.names import (
    MAX_QUERY_LENGTH,
    STOP_WORDS,
    NameIndex,
    build_names,
    typed_words,
)
from comparisons.text_similarity import tokenize

MAX_RESULTS = 8
# letters from which the beginning of a name is that of a new intercommunalité
_MIN_NAME = 8
# words that say what a territory is rather than which one
GENERIC_WORDS = frozenset(
    "agglomeration communaute commune communes departement epci intercommunalite metropole "
    "metropolitaine region ville urbaine etablissement public territorial cc ca cu ept mairie "
    "conseil departemental regional collectivite".split()
)
# words that do not tell one territory from another
_COMMON_WORDS = STOP_WORDS | GENERIC_WORDS
# common names used in public instead of the legal one
_COMMON_NAMES = {
    "region-93": "Région Sud", "epci-200046977": "Grand Lyon", "epci-200058782": "SQY",
    "departement-67": "Alsace", "departement-68": "Alsace",
}  # fmt: skip
# what some are, beside their level and type
_STATUS_WORDS = dict.fromkeys(("departement-67", "departement-68"), "europeenne cea")
_TYPE_WORDS = {
    "CC": "cc communaute communes",
    "CA": "ca communaute agglomeration agglo",
    "CU": "cu communaute urbaine",
    "METRO": "metropole",
    "MET69": "metropole",
    "EPT": "ept etablissement public territorial",
}
_LEVEL_WORDS = {
    "region": "region conseil regional collectivite territoriale",
    "departement": "departement conseil departemental collectivite territoriale",
    "epci": "epci intercommunalite",
    "commune": "commune ville mairie",
}
# weights of words: of a name, of what stands for a whole name (the name in one word, a code), of
# initials, and of what the territory is and where
_WEIGHTS = {"nom": 1.0, "entier": 1.0, "initiales": 0.8, "autre": 0.6}
# from this mean quality on, matches are taken as exact: no spelling mistake is looked for
_CERTAIN_QUALITY = 0.8
# « 35000 Rennes »
_POSTAL_ADDRESS = re.compile(r"([0-9]{5}) +(\D+)")
_LEVEL_BONUS = {"region": 0.15, "departement": 0.12, "commune": 0.05, "epci": 0.0}


@dataclass(frozen=True)
class Index:
    """Territories and former names of communes (`ancien_nom`), in the order of `entries`.

    `lengths` are their numbers of significant words, `prior` what their level and population add
    to a score.
    """

    entries: pd.DataFrame
    names: NameIndex
    lengths: np.ndarray
    prior: np.ndarray


@cached(pinned=True, reference_only=True)
def _build_index() -> Index:
    entries = query(
        """
        WITH noms AS (
            SELECT territoire_niveau, territoire_code, nom AS nom_cherche, NULL AS ancien_nom
            FROM territoires
            UNION
            SELECT 'commune', commune_code, ancien_nom, ancien_nom FROM anciennes_communes
            WHERE ancien_nom IS NOT NULL
        )
        SELECT cle(t.territoire_niveau, t.territoire_code) AS cle, t.nom, territoire_niveau,
               territoire_code, t.departement_code, coalesce(d.nom, '') AS dans, t.type,
               t.population, t.siren, n.ancien_nom, n.nom_cherche
        FROM noms n
        JOIN territoires t USING (territoire_niveau, territoire_code)
        LEFT JOIN territoires d
          ON d.territoire_niveau = 'departement' AND d.territoire_code = t.departement_code
        WHERE n.ancien_nom IS NULL OR n.ancien_nom <> t.nom
        ORDER BY ALL
        """
    )
    bonus = entries["territoire_niveau"].map(_LEVEL_BONUS).to_numpy()
    population = entries["population"].fillna(1).clip(lower=1).to_numpy(dtype=float)
    is_former_name = entries["ancien_nom"].notna().to_numpy()
    return Index(
        entries,
        build_names(map(_entry_words, iterate_rows(entries)), _WEIGHTS),
        np.array([len(_name_words(name)) for name in entries["nom_cherche"]]),
        0.04 * np.log10(population) + bonus - 0.1 * is_former_name,
    )


def _name_words(name: str) -> list[str]:
    """Return the words of a name that distinguish it, or all of them if none does."""
    words = tokenize(name)
    return [word for word in words if word not in _COMMON_WORDS] or words


def _entry_words(row: object) -> Iterator[tuple[str, str]]:
    """Return the words of an entry, each with its field."""
    all_words, name_words = tokenize(row.nom_cherche), _name_words(row.nom_cherche)
    common_name = "" if isinstance(row.ancien_nom, str) else _COMMON_NAMES.get(row.cle, "")
    yield "nom", " ".join([*name_words, *tokenize(common_name)])
    yield "entier", f"{''.join(name_words)} {''.join(all_words)} {''.join(tokenize(common_name))}"
    code = row.territoire_code.lower()
    # a région's own number is less known than a département's
    yield "initiales" if row.cle[0] == "r" else "entier", code
    if row.cle[0] == "d":
        yield "entier", code.lstrip("0")
    if row.siren:
        yield "entier", row.siren
    if len(all_words) > 2:
        significant = [word for word in all_words if word not in STOP_WORDS]
        for words in (significant, all_words):
            yield "initiales", "".join(word[0] for word in words)
    yield "autre", " ".join(word for word in all_words if word not in name_words)
    kinds = (_TYPE_WORDS.get(str(row.type), ""), _LEVEL_WORDS[row.territoire_niveau])
    yield "autre", " ".join([*kinds, _STATUS_WORDS.get(row.cle, "")])
    if row.cle[0] in "ec":
        yield "autre", " ".join([str(row.departement_code).lower(), *tokenize(row.dans)])


def search_territories(text: str, limit: int = MAX_RESULTS, forgiving: bool = True) -> pd.DataFrame:
    """Find the territories that a text names, the most likely first.

    A wrong letter is accepted if `forgiving`, where few names have the words as they are typed.

    Returns `cle`, `nom`, `territoire_niveau`, `territoire_code`, `departement_code`, `dans` (name
    of the département), `type`, `population`, `ancien_nom` (the former name that was typed, else
    missing); no row when nothing is found.
    """
    index = _build_index()
    if address := _POSTAL_ADDRESS.fullmatch(text.strip()):
        namesakes = search_territories(address[2], 50, forgiving)
        communes = namesakes[namesakes["cle"].isin(_keys_meant(address[1]))]
        return communes.head(limit).reset_index(drop=True)
    words = typed_words(text)
    keys = _keys_meant(text)
    if keys:
        rows = index.entries[index.entries["cle"].isin(keys) & index.entries["ancien_nom"].isna()]
        rows = rows.sort_values("cle", key=lambda column: column.map(keys.index))
        return rows.drop(columns="nom_cherche").head(limit).reset_index(drop=True)
    numbers, quality = index.names.find(words, fuzzy=False)
    if forgiving and len(numbers) < 3 and not (quality >= _CERTAIN_QUALITY).any():
        numbers, quality = index.names.find(words, fuzzy=True)
    whole = [*index.names.find_word("entier", words), *index.names.find_word("initiales", words)]
    # of a name; a code has no shorter nor longer name
    word_count = sum(map(str.isalpha, words)) or np.inf
    share = np.minimum(word_count / index.lengths[numbers], 1)
    share[np.isin(numbers, whole)] = 1
    # nothing of the name is typed
    share[quality <= _WEIGHTS["autre"]] = 0
    score = quality * (1 + 0.5 * share) + index.prior[numbers]
    # the first of equals is the first of the entries
    best_entries = numbers[np.lexsort((numbers, -score))][: 4 * limit]
    rows = index.entries.iloc[best_entries].drop_duplicates("cle").head(limit)
    return rows.drop(columns="nom_cherche").reset_index(drop=True)


def _keys_meant(text: str) -> list[str]:
    """Return the keys of what people call otherwise: « 69M », « 35000 », a new intercommunalité."""
    written = text.strip()[:MAX_QUERY_LENGTH]
    if re.fullmatch(r"[0-9][0-9AB][0-9]{3}", code := written.upper()):
        return [f"commune-{commune}" for commune in _communes_of_code(code)]
    name = bare_name(written)
    for code, epci in load_territory_reference().new_epci.items():
        is_named = len(name) >= _MIN_NAME and bare_name(epci.name).startswith(name)
        if written == code or is_named:
            return [f"epci-{former}" for former in epci.former_codes]
    is_code = any(map(str.isdigit, written)) or " " in written
    return [f"{level}-{code}" for level, code in territories_meant(written)] if is_code else []


def _communes_of_code(code: str) -> list[str]:
    """Return the commune of an Insee code, of today or former, then those of a postal code."""
    reference = load_territory_reference()
    successor = successor_commune(code)
    own = [code] if ("commune", code) in reference.codes else [successor[0]] if successor else []
    return list(dict.fromkeys([*own, *reference.communes_by_postal_code.get(code, ())]))


def preload() -> None:
    """Build the index ahead of the first search."""
    _build_index()


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


def no_result_hint(text: str) -> str:
    """Return a French hint on what to try when nothing is found."""
    if text.strip().isdigit():
        return (
            f"Aucun territoire ne porte le numéro « {text.strip()} ». Essayez un numéro de "
            "département (35), un code postal (35000), un code Insee (35238), un numéro Siren ou "
            "un nom."
        )
    return (
        f"Rien pour « {text.strip()} ». Essayez le nom seul, sans le type (« Brocéliande »), le "
        "nom de la commune principale, ou le numéro du département (« 35 »)."
    )


def unknown_territory_reason(key: str) -> str:
    """Return in French why a key is no territory, with a suggestion; empty if it is one."""
    try:
        is_unknown = load_territories((key,)).empty
    except ValueError as error:
        return f"{error}{_suggest_territory(key)}"
    if is_unknown:
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
