"""Which documents of a territory are generations of one another."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pandas as pd

from comparisons import strategies
from comparisons.text import enumeration, is_missing, typographic
from comparisons.warehouse import query

PARTIAL_LISTS = (
    "La liste relevée peut être partielle : « abandonnée » veut dire « pas dans les axes relevés "
    "de la nouvelle édition », « nouvelle » « pas dans ceux de la précédente »."
)


def editions(key: str) -> pd.DataFrame:
    """List the pairs of documents of a territory that can be compared as generations.

    First those that a source declares (`remplace`), then the other pairs of one type (but
    `autre`), of this territory or of its twins, whose dates tell which came first.

    Returns `avant` and `apres` (strategie_id), `titre_avant`, `titre_apres`, `annee_avant`,
    `annee_apres` (missing when unknown), `declaree`, `nb_priorites_avant`, `nb_priorites_apres`
    (0: none recorded).
    """
    documents = strategies.documents([key])
    rows = [
        {
            "avant": before.strategie_id,
            "apres": after.strategie_id,
            "titre_avant": before.titre,
            "titre_apres": after.titre,
            "annee_avant": before.annee_document,
            "annee_apres": after.annee_document,
            "declaree": after.remplace == before.strategie_id,
            "nb_priorites_avant": before.nb_priorites,
            "nb_priorites_apres": after.nb_priorites,
        }
        for before, after in _generations(documents)
    ]
    whole = ["annee_avant", "annee_apres", "nb_priorites_avant", "nb_priorites_apres"]
    columns = ["avant", "apres", "titre_avant", "titre_apres", *whole[:2], "declaree", *whole[2:]]
    table = pd.DataFrame(rows, columns=columns).astype(
        {"declaree": bool, **dict.fromkeys(whole, "Int64")}
    )
    order = ["declaree", "annee_apres", "annee_avant", "avant", "apres"]
    return table.sort_values(order, ascending=[False, True, True, True, True], ignore_index=True)


def unordered(key: str) -> str:
    """Name the documents of one type that no date puts in order; "" when there are none."""
    documents = strategies.documents([key])
    known = {frozenset((b.strategie_id, a.strategie_id)) for b, a in _generations(documents)}
    pairs = {
        frozenset((one.strategie_id, other.strategie_id)): (one, other)
        for one, other in permutations(documents.itertuples(), 2)
        if _of_one_kind(one, other)
    }
    left = [
        f"« {typographic(one.titre)} » et « {typographic(other.titre)} »"
        for pair, (other, one) in pairs.items()
        if pair not in known
    ]
    if not left:
        return ""
    return f"Documents dont les dates connues ne disent pas l’ordre : {' ; '.join(left)}."


def _generations(documents: pd.DataFrame) -> Iterator[tuple]:
    """Give the pairs (before, after) of rows of documents that are generations of one another."""
    replaced = dict(zip(documents["strategie_id"], documents["remplace"], strict=True))
    for before, after in permutations(documents.itertuples(), 2):
        if after.remplace == before.strategie_id:
            yield before, after
        elif _of_one_kind(before, after):
            if before.strategie_id in _ancestors(after.strategie_id, replaced):
                yield before, after
            elif after.strategie_id not in _ancestors(before.strategie_id, replaced) and _earlier(
                before, after
            ):
                yield before, after


def _ancestors(id_: str, replaced: dict[str, object]) -> set[str]:
    found: set[str] = set()
    while not is_missing(id_ := replaced.get(id_)) and id_ not in found:
        found.add(id_)
    return found


def _of_one_kind(one: object, other: object) -> bool:
    """Tell whether two documents have one type, and one lead (or leads that are twins).

    Documents of type `autre` have nothing in common but that.
    """
    if one.type == "autre":
        return False
    one_lead = (one.territoire_niveau, one.territoire_code) == (
        other.territoire_niveau,
        other.territoire_code,
    )
    twins = {one.lien, other.lien} <= {"propre", "jumeau"}
    return one.type == other.type and (one_lead or twins)


def _earlier(one: object, other: object) -> bool:
    """Tell whether the dates known say that a document is before another."""
    first, second = _date(one), _date(other)
    # 2018 and 2018-05 cannot be put in order
    return bool(first and second) and first < second and not second.startswith(first)


def _date(document: object) -> str:
    if not is_missing(document.date_adoption):
        return str(document.date_adoption)
    return "" if is_missing(document.annee_debut) else str(int(document.annee_debut))


def comparable(before: str, after: str, named_only: bool = False) -> str:
    """Say why the axes of two documents cannot be compared, or with what caution they can.

    With `named_only`, the axes that the documents name themselves. Raises `KeyError` when a
    document does not exist.
    """
    rows = described([before, after])
    for column, what in (("nb_priorites", "relevé"), ("nb_priorites_nommees", "nommé")):
        silent = rows.loc[rows[column] == 0, "titre"]
        if len(silent) and (named_only or column == "nb_priorites"):
            whose = enumeration((f"« {typographic(title)} »" for title in silent), "ni")
            return f"Pas de comparaison des axes : aucun axe n’est {what} pour {whose}."
    if rows["remplace"].iloc[1] == before:
        return PARTIAL_LISTS
    return (
        "Aucune source relevée ne dit que le second document remplace le premier : ils sont "
        f"rapprochés par leur type et leur date. {PARTIAL_LISTS}"
    )


def described(strategy_ids: Sequence[str]) -> pd.DataFrame:
    """Give some documents in the order asked.

    Returns the columns of `strategies` with `etat`, `etat_deduit`, `annee_document`,
    `remplacee_par`, `nb_priorites` and `nb_priorites_nommees` (recorded; named by the document),
    `territoire_nom` (of the lead), `population` and `nb_communes` (covered), `source_titre`,
    `source_editeur`, `source_url`. Raises `KeyError` for an unknown one.
    """
    rows = query(
        """
        SELECT s.*, e.etat, e.etat_deduit, e.annee_document, e.remplacee_par,
               t.nom AS territoire_nom, p.population, p.nb_communes,
               (SELECT count(*) FROM priorites x WHERE x.strategie_id = s.strategie_id)
                   AS nb_priorites,
               (SELECT count(*) FROM axes x WHERE x.strategie_id = s.strategie_id AND x.nomme)
                   AS nb_priorites_nommees,
               r.titre AS source_titre, r.editeur AS source_editeur, r.url AS source_url
        FROM strategies s
        JOIN etats_strategies e USING (strategie_id)
        JOIN territoires t ON t.territoire_niveau = s.territoire_niveau
                          AND t.territoire_code = s.territoire_code
        JOIN sources r ON r.source_id = s.source_id
        LEFT JOIN populations_strategies p USING (strategie_id)
        WHERE list_contains($ids, s.strategie_id)
        ORDER BY list_position($ids, s.strategie_id)
        """,
        {"ids": list(strategy_ids)},
    )
    unknown = set(strategy_ids) - set(rows["strategie_id"])
    if unknown:
        raise KeyError(enumeration(sorted(unknown)))
    return rows
