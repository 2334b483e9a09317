"""Columns of a comparison: a territory and one of its documents."""

from collections.abc import Sequence

import pandas as pd

from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import curly_apostrophes, first_few, is_missing
from comparisons.page_parameters import ANY_FAMILY, MAX_COMPARED
from comparisons.queries import strategies, territories
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema import territory as schema_territory
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import Territory


def build_columns(
    requested_territories: Sequence[Territory],
    chosen_ids: Sequence[str] = (),
    named_only: bool = True,
    family: str = "",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Build the columns of a comparison; return them with all the territories' documents.

    A territory without a chosen document has one column, for the document that speaks for it in
    `family` (`ANY_FAMILY`: in the first family that it has; empty: in the one that most of the
    territories have with axes), the first of those whose axes are recorded (named by it if
    `named_only`) where one is; none in that family leaves the column without a document. One with
    several chosen has as many columns, in order of date. Unknown territories and documents are left
    out; no more than `MAX_COMPARED` columns are kept.

    The columns have the columns of `territoires`, `cle`, `libelle`, and: `colonne` (their key),
    `titre_colonne`, `famille` (of the document), `strategie_id` (missing when none is known),
    `choisie` (by the reader), `strategie_lue` (the document whose priorities are read: always that
    of the column).
    """
    rows = load_territories([territory.key for territory in requested_territories])
    documents = strategies.strategies_of(rows["cle"])
    family = family or usual_family(documents, named_only)
    column_rows = []
    for row in rows.to_dict("records"):
        own_documents = documents[documents["cle"] == row["cle"]]
        chosen_documents = own_documents[
            own_documents["strategie_id"].isin(list(chosen_ids))
        ].sort_values(["annee_document", "rang"], na_position="first")
        if chosen_documents.empty:
            column_rows.append(row | _default_column(own_documents, row, named_only, family))
        for document in iterate_rows(chosen_documents):
            has_several = len(chosen_documents) > 1
            column_rows.append(row | {
                "colonne": f"{row['cle']}@{document.strategie_id}",
                "titre_colonne": _edition_name(row, document) if has_several else row["libelle"],
                "famille": document.famille,
                "strategie_id": document.strategie_id,
                "choisie": True,
                "strategie_lue": document.strategie_id,
            })  # fmt: skip
    names = [
        *rows.columns, "colonne", "titre_colonne", "famille", "strategie_id", "choisie",
        "strategie_lue",
    ]  # fmt: skip
    return pd.DataFrame(column_rows, columns=names).head(MAX_COMPARED), documents


@cached
def board(documents: pd.DataFrame, named_only: bool = True) -> pd.DataFrame:
    """Count what is known of each territory by family: a row per family that one of them has.

    `documents` is what `strategies.strategies_of` gives. Returns, in the order of the families,
    `famille` and, a column per territory (its key), the number of documents; then `nb_territoires`
    (that have one) and `nb_avec_axes` (that have one whose axes are recorded, named by it with
    `named_only`).
    """
    with_axes = documents[documents[_axes_column(named_only)] > 0]
    counts = documents.groupby(["famille", "cle"])["strategie_id"].nunique().unstack(fill_value=0)
    families = [code for code in vocabulary_codes("familles_strategie") if code in counts.index]
    table = counts.reindex(index=families, columns=list(dict.fromkeys(documents["cle"])))
    axes = with_axes.groupby("famille")["cle"].nunique().reindex(families, fill_value=0)
    return table.assign(nb_territoires=(table > 0).sum(axis=1), nb_avec_axes=axes).reset_index()


def usual_family(documents: pd.DataFrame, named_only: bool = True) -> str:
    """Return the name of the family that most territories have with axes.

    Else that most have; "" without any.
    """
    if documents.empty:
        return ""
    table = board(documents, named_only)
    # what one territory alone has is compared with nothing
    table = table.assign(
        read=table["nb_avec_axes"].where(table["nb_avec_axes"] > 1, 0),
        shared=table["nb_territoires"].where(table["nb_territoires"] > 1, 0),
    ).sort_values(["read", "shared", "nb_avec_axes"], ascending=False, kind="stable")
    return table["famille"].iloc[0]


def _axes_column(named_only: bool) -> str:
    return "nb_priorites_nommees" if named_only else "nb_priorites"


def _default_column(own_documents: pd.DataFrame, row: dict, named_only: bool, family: str) -> dict:
    """Return the document of a column: the first of the family with axes, else the first."""
    family_documents = (
        own_documents if family == ANY_FAMILY else own_documents[own_documents["famille"] == family]
    )
    if family == ANY_FAMILY and len(family_documents):
        # axes choose a document of the family that speaks first, never another family
        first_family = family_documents["famille"].iloc[0]
        family_documents = family_documents[family_documents["famille"] == first_family]
    with_axes = family_documents[family_documents[_axes_column(named_only)] > 0]
    candidates = family_documents if with_axes.empty else with_axes
    document = None if candidates.empty else candidates.iloc[0]
    strategy_id = None if document is None else document["strategie_id"]
    return {
        "colonne": row["cle"],
        "titre_colonne": row["libelle"],
        "famille": None if document is None else document["famille"],
        "strategie_id": strategy_id,
        "choisie": False,
        "strategie_lue": strategy_id,
    }


def _edition_name(row: dict, document: object) -> str:
    year = document.annee_document
    edition = curly_apostrophes(document.titre) if is_missing(year) else str(int(year))
    return f"{row['libelle']}, {edition}"


# --- groups ready to be compared ------------------------------------------------------------------


def column_presets(key: str, basket: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return groups of up to six territories to compare with one, by name; empty ones left out.

    `voisins` share a border, longest first; `region` are those of its région of the same level,
    neighbours first, then the most populous; `pairs` are alike in structure; `echelons` contain it.
    """
    keys_by_group = {
        "voisins": territories.neighbours(key),
        "region": _sibling_keys(key),
        "pairs": _peer_keys(key),
        "echelons": list(territories.enclosing(key).query("part_population >= 0.5")["cle"]),
    }
    groups = {name: [key, *keys][:MAX_COMPARED] for name, keys in keys_by_group.items() if keys}
    if len(basket) > 1:
        groups["panier"] = list(basket)
    return groups


def describe_neighbours_left_out(keys: Sequence[str]) -> str:
    """Describe which neighbours of the first territory are not compared, when the others all are.

    "" when none is left out, or the other territories are not its main neighbours.
    """
    neighbours = territories.neighbours(keys[0]) if len(keys) == MAX_COMPARED else []
    taken, left_out = neighbours[: MAX_COMPARED - 1], neighbours[MAX_COMPARED - 1 :]
    if not left_out or list(keys[1:]) != taken:
        return ""
    names = load_territories(left_out)["nom"].map(curly_apostrophes)
    return (
        f"Voisins retenus : les {len(taken)} aux frontières les plus longues, sur "
        f"{len(neighbours)}. Non retenus, faute de place : {first_few(list(names), 8)}."
    )


def _sibling_keys(key: str) -> list[str]:
    territory = schema_territory.parse_key(key)
    rows = query(
        """
        SELECT cle(t.territoire_niveau, t.territoire_code) AS cle
        FROM territoires t
        JOIN territoires i ON i.territoire_niveau = t.territoire_niveau
         AND i.territoire_code = $code AND i.region_code = t.region_code
        LEFT JOIN voisins v ON v.territoire_niveau = t.territoire_niveau
         AND v.territoire_code = $code AND v.voisin_code = t.territoire_code
        WHERE t.territoire_niveau = $level AND t.territoire_niveau <> 'region'
          AND t.territoire_code <> $code
        ORDER BY v.longueur_km DESC NULLS LAST, t.population DESC LIMIT $limit
        """,
        {"level": territory.niveau, "code": territory.code, "limit": MAX_COMPARED},
    )
    return list(rows["cle"])


def _peer_keys(key: str) -> list[str]:
    territory = schema_territory.parse_key(key)
    rows = query(
        """
        SELECT cle(territoire_niveau, pair_code) AS cle FROM pairs
        WHERE territoire_niveau = ? AND territoire_code = ? ORDER BY rang
        """,
        [territory.niveau, territory.code],
    )
    return list(rows["cle"])
