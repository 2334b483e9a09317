"""Pairs of documents of a territory of which one replaces the other."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, join_words
from comparisons.queries import strategies
from comparisons.rows import iterate_rows

PARTIAL_LISTS = (
    "Une liste relevée peut être partielle : « plus relevé » ne veut pas dire abandonné, ni "
    "« relevé ensuite » nouveau."
)


@cached
def edition_pairs(key: str) -> pd.DataFrame:
    """List the pairs of documents of a territory that a source says to replace one another.

    (`remplace`; two documents of one type are not editions of one another for that.) Returns
    `avant` and `apres` (strategie_id), `titre_avant`, `titre_apres`, `annee_avant`, `annee_apres`
    (missing when unknown), `nb_priorites_avant`, `nb_priorites_apres` (0: none recorded).
    """
    documents = strategies.strategies_of([key])
    rows = [
        {
            "avant": before.strategie_id,
            "apres": after.strategie_id,
            "titre_avant": before.titre,
            "titre_apres": after.titre,
            "annee_avant": before.annee_document,
            "annee_apres": after.annee_document,
            "nb_priorites_avant": before.nb_priorites,
            "nb_priorites_apres": after.nb_priorites,
        }
        for before, after in _replacement_pairs(documents)
    ]
    integer_columns = ["annee_avant", "annee_apres", "nb_priorites_avant", "nb_priorites_apres"]
    columns = ["avant", "apres", "titre_avant", "titre_apres", *integer_columns]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(integer_columns, "Int64"))
    return table.sort_values(["annee_apres", "annee_avant", "avant", "apres"], ignore_index=True)


def _replacement_pairs(documents: pd.DataFrame) -> Iterator[tuple]:
    """Return the pairs (before, after) of rows of documents of which one replaces the other."""
    for before, after in permutations(iterate_rows(documents), 2):
        if after.remplace == before.strategie_id:
            yield before, after


@cached
def comparability_note(before: str, after: str, named_only: bool = False) -> str:
    """Describe why the axes of two documents cannot be compared, or with what caution they can.

    With `named_only`, the axes that the documents name themselves. Raises `KeyError` when a
    document does not exist.
    """
    rows = load_strategies([before, after])
    for column, participle in (("nb_priorites", "relevé"), ("nb_priorites_nommees", "nommé")):
        titles_without_axes = rows.loc[rows[column] == 0, "titre"]
        if len(titles_without_axes) and (named_only or column == "nb_priorites"):
            titles_text = join_words(
                (f"« {curly_apostrophes(title)} »" for title in titles_without_axes), "ni"
            )
            return f"Pas de comparaison des axes : aucun axe n’est {participle} pour {titles_text}."
    if rows["remplace"].iloc[1] != before:
        return (
            "Aucune source relevée ne dit que le second document remplace le premier : ils se "
            "lisent côte à côte, sans dire ce qui a été gardé ou ajouté."
        )
    return PARTIAL_LISTS


def load_strategies(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Return some documents in the order asked.

    Returns the columns of `strategies` with `etat`, `etat_deduit`, `dans_aire`, `annee_document`,
    `remplacee_par`, `nb_priorites` and `nb_priorites_nommees` (recorded; named by the document),
    `territoire_nom` (of the lead), `population` and `nb_communes` (covered), `source_titre`,
    `source_editeur`, `source_url`. Raises `KeyError` for an unknown one.
    """
    rows = query(
        """
        SELECT s.*, e.etat, e.etat_deduit, e.dans_aire, e.annee_document, e.remplacee_par,
               t.nom AS territoire_nom, p.population, p.nb_communes,
               (SELECT count(*) FROM priorites x WHERE x.strategie_id = s.strategie_id)
                   AS nb_priorites,
               (SELECT count(*) FROM axes x WHERE x.strategie_id = s.strategie_id AND x.nomme)
                   AS nb_priorites_nommees, source_titre, source_editeur, source_url
        FROM strategies s
        JOIN etats_strategies e USING (strategie_id)
        JOIN territoires t ON t.territoire_niveau = s.territoire_niveau
                          AND t.territoire_code = s.territoire_code
        JOIN sources_citees() r ON r.source_id = s.source_id
        LEFT JOIN populations_strategies p USING (strategie_id)
        WHERE list_contains($ids, s.strategie_id)
        ORDER BY list_position($ids, s.strategie_id)
        """,
        {"ids": list(strategy_ids)},
    )
    unknown = set(strategy_ids) - set(rows["strategie_id"])
    if unknown:
        raise KeyError(join_words(sorted(unknown)))
    return rows
