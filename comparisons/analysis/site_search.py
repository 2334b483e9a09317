"""Search of the whole site as one types: territories, themes, organisations, documents, texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote_plus

import numpy as np

from comparisons.analysis.peers.group import OTHER
from comparisons.analysis.shared_services.organisations import list_organisations
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import NBSP, curly_apostrophes, is_missing, pluralize
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.search import territories
from comparisons.search.names import NameIndex, build_names, named_words, typed_words
from comparisons.search.search import count_texts

# letters of a text from which more than territories is looked for
_MIN_LETTERS = 3
# weights of the words of a name, of what it is, and of its definition
_WEIGHTS = {"nom": 1.0, "sorte": 0.8, "definition": 0.6}
# mean quality of a match from which it is shown: the beginning of a word of a name is enough, not
# that of a word of a definition; and the same where a wrong letter is forgiven
_MIN_QUALITY, _MIN_FORGIVING_QUALITY = 0.6, 0.45
_MAX_OTHERS = 4
TERRITORIES = "Territoires"


@dataclass(frozen=True)
class ResultGroup:
    """Results of one kind: their title, how many there are in words, and the rows to show.

    A row has `nom`, `precision` and either `cle` (of a territory) or `adresse` (of a page).
    """

    titre: str
    compte: str
    resultats: list[dict]


def search_site(text: str) -> list[ResultGroup]:
    """Find what a text names, by kind: territories, then themes, organisations, documents, texts.

    A wrong letter is accepted only when nothing is found as it is typed.
    """
    for is_forgiving in (False, True):
        groups = [
            territory_group(text, is_forgiving),
            *(_other_group(kind, text, is_forgiving) for kind in _KINDS),
        ]
        if any(group.resultats for group in groups):
            break
    return [group for group in (*groups, _text_group(text)) if group.resultats]


def preload() -> None:
    """Build the indexes ahead of the first search."""
    for kind in _KINDS:
        _build_index(kind)


def territory_group(text: str, is_forgiving: bool) -> ResultGroup:
    """Find the territories that a text names."""
    rows = territories.search_territories(text, territories.MAX_RESULTS + 1, is_forgiving)
    results = [
        {
            "cle": row.cle,
            "nom": curly_apostrophes(row.nom),
            "precision": territories.disambiguate(row),
            "territoire_niveau": row.territoire_niveau,
            "territoire_code": row.territoire_code,
            "population": None if is_missing(row.population) else row.population,
        }
        for row in iterate_rows(rows.head(territories.MAX_RESULTS))
    ]
    count = _describe_count(len(rows), territories.MAX_RESULTS, "territoires")
    return ResultGroup(TERRITORIES, count, results)


def _other_group(kind: str, text: str, is_forgiving: bool) -> ResultGroup:
    names, results = _build_index(kind)
    if len(text.strip()) < _MIN_LETTERS:
        return ResultGroup(kind, "", [])
    numbers, quality = names.find(typed_words(text), is_forgiving)
    is_good = quality >= (_MIN_FORGIVING_QUALITY if is_forgiving else _MIN_QUALITY)
    numbers, quality = numbers[is_good], quality[is_good]
    ranked = numbers[np.lexsort((numbers, -quality))]
    count = _describe_count(len(ranked), _MAX_OTHERS, kind.lower())
    return ResultGroup(kind, count, [results[number] for number in ranked[:_MAX_OTHERS]])


def _text_group(text: str) -> ResultGroup:
    """Return the link to the search in the texts of strategies, if one holds the words."""
    count = count_texts(text) if len(text.strip()) >= _MIN_LETTERS else 0
    result = {
        "nom": f"Chercher «{NBSP}{text.strip()}{NBSP}» dans les stratégies",
        "precision": f"{pluralize(count, 'texte')} →",
        "adresse": f"/themes?texte={quote_plus(text.strip())}",
    }
    return ResultGroup("Textes", pluralize(count, "texte"), [result] if count else [])


def _describe_count(count: int, limit: int, plural: str) -> str:
    """Say how many results are found, or that only the first are shown."""
    return f"{limit} premiers {plural}" if count > limit else pluralize(count, plural[:-1])


@cached(pinned=True)
def _build_index(kind: str) -> tuple[NameIndex, list[dict]]:
    """Build the index of the names of one kind, and the results that they lead to."""
    entries = list(_KINDS[kind]())
    words = (named_words(zip(_WEIGHTS, texts, strict=True)) for texts, _ in entries)
    return build_names(words, _WEIGHTS), [result for _, result in entries]


def _themes() -> Iterator[tuple[tuple, dict]]:
    rows = query("SELECT * FROM vocabulaires WHERE vocabulaire = 'themes' ORDER BY ordre")
    for row in iterate_rows(rows):
        address = f"/themes?partie=fiche&fiche={row.code}"
        result = {
            "nom": row.libelle,
            "precision": f"thème, {row.famille.lower()}",
            "adresse": address,
        }
        yield (f"{row.libelle} {row.code}", None, row.definition), result


def _organisations() -> Iterator[tuple[tuple, dict]]:
    for row in iterate_rows(list_organisations()):
        form = "organisme" if row.forme == OTHER else code_label("formes", row.forme).lower()
        place = "" if is_missing(row.siege_nom) else f", {curly_apostrophes(row.siege_nom)}"
        yield (
            (f"{row.nom} {'' if is_missing(row.sigle) else row.sigle}", None, None),
            {
                "nom": curly_apostrophes(row.nom),
                "precision": f"{form}{place}",
                "adresse": f"/mutualisation?organisme={row.partenaire_id}",
            },
        )


def _documents() -> Iterator[tuple[tuple, dict]]:
    """Return the documents, the latest first."""
    rows = query(
        """
        SELECT s.titre, s.type, t.nom, cle(territoire_niveau, territoire_code) AS cle,
               coalesce(left(s.date_adoption, 4), s.annee_debut::VARCHAR) AS annee
        FROM strategies s JOIN territoires t USING (territoire_niveau, territoire_code)
        ORDER BY annee DESC NULLS LAST, s.strategie_id
        """
    )
    for row in iterate_rows(rows):
        year = "" if is_missing(row.annee) else row.annee
        yield (
            (row.titre, f"{row.nom} {row.type} {year}", None),
            {
                "nom": curly_apostrophes(row.titre),
                "precision": ", ".join(filter(None, (curly_apostrophes(row.nom), year))),
                "adresse": f"/territoire?t={row.cle}",
            },
        )


_KINDS = {"Thèmes": _themes, "Organismes": _organisations, "Documents": _documents}
