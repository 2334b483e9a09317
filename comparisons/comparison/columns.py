"""Columns of a comparison: a territory and one of its documents."""

from collections.abc import Sequence

import pandas as pd

from comparisons import strategies, territories
from comparisons.territories import Territory, described
from comparisons.text import is_missing, typographic
from comparisons.view import MAX_COMPARED
from comparisons.warehouse import query


def columns(
    wanted: Sequence[Territory], chosen_ids: Sequence[str] = (), named_only: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Choose what stands in each column; give the columns and all the territories' documents.

    A territory without a chosen document has one column, for its document in force (else the most
    recent); one with several chosen has as many, in order of date. Unknown territories and
    documents are left out; no more than `MAX_COMPARED` columns are kept.

    The columns have the columns of `territoires`, `cle`, `libelle`, and: `colonne` (their key),
    `titre_colonne`, `strategie_id` (missing when none is known), `choisie` (by the reader),
    `strategie_lue` (the document whose priorities are read: the next one that has some, named by it
    if `named_only`, where the default one has none recorded).
    """
    rows = described(wanted)
    documents = strategies.documents(rows["cle"])
    found = []
    for row in rows.to_dict("records"):
        own = documents[documents["cle"] == row["cle"]]
        chosen = own[own["strategie_id"].isin(list(chosen_ids))].sort_values(
            ["annee_document", "rang"], na_position="first"
        )
        if chosen.empty:
            found.append(row | _default(own, row, named_only))
        for document in chosen.itertuples():
            several = len(chosen) > 1
            found.append(row | {
                "colonne": f"{row['cle']}@{document.strategie_id}",
                "titre_colonne": _edition_name(row, document) if several else row["libelle"],
                "strategie_id": document.strategie_id,
                "choisie": True,
                "strategie_lue": document.strategie_id,
            })  # fmt: skip
    names = [*rows.columns, "colonne", "titre_colonne", "strategie_id", "choisie", "strategie_lue"]
    return pd.DataFrame(found, columns=names).head(MAX_COMPARED), documents


def _default(own: pd.DataFrame, row: dict, named_only: bool) -> dict:
    first = None if own.empty else own.iloc[0]["strategie_id"]
    read = own[own["nb_priorites_nommees" if named_only else "nb_priorites"] > 0]
    return {
        "colonne": row["cle"],
        "titre_colonne": row["libelle"],
        "strategie_id": first,
        "choisie": False,
        "strategie_lue": first if read.empty else read.iloc[0]["strategie_id"],
    }


def _edition_name(row: dict, document: object) -> str:
    when = document.annee_document
    edition = typographic(document.titre) if is_missing(when) else str(int(when))
    return f"{row['libelle']}, {edition}"


# --- groups ready to be compared ------------------------------------------------------------------


def presets(key: str, basket: Sequence[str] = ()) -> dict[str, list[str]]:
    """Offer groups of up to six territories to put beside one, by name; empty ones are left out.

    `voisins` share a border, longest first; `region` are those of its région of the same level,
    neighbours first, then the most populous; `pairs` are alike in structure; `echelons` contain it.
    """
    others = {
        "voisins": territories.neighbours(key),
        "region": _siblings(key),
        "pairs": _peers(key),
        "echelons": list(territories.containing(key).query("part_population >= 0.5")["cle"]),
    }
    groups = {name: [key, *keys][:MAX_COMPARED] for name, keys in others.items() if keys}
    if len(basket) > 1:
        groups["panier"] = list(basket)
    return groups


def _siblings(key: str) -> list[str]:
    territory = territories.parse_key(key)
    rows = query(
        """
        SELECT t.territoire_niveau || '-' || t.territoire_code AS cle
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


def _peers(key: str) -> list[str]:
    territory = territories.parse_key(key)
    rows = query(
        """
        SELECT territoire_niveau || '-' || pair_code AS cle FROM pairs
        WHERE territoire_niveau = ? AND territoire_code = ? ORDER BY rang
        """,
        [territory.niveau, territory.code],
    )
    return list(rows["cle"])
