"""Changes between two versions of the dataset."""

import pandas as pd

from comparisons.analysis.dataset_row_labels import add_row_labels
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import join_words
from comparisons.schema.change_kinds import ADDED, CHANGE_KINDS, CHANGED, COMPLETED, REMOVED
from comparisons.schema.model import load_format

_REVERSED_KINDS = {ADDED: REMOVED, REMOVED: ADDED}


def list_versions() -> pd.DataFrame:
    """List the editions, oldest first: the columns of the table `list_versions`."""
    return query("SELECT * FROM editions ORDER BY rang")


def before_the_last(versions: pd.DataFrame) -> int:
    """Return the rank of the edition to compare the last one with.

    It is the last one of an earlier day: packages published together are told together.
    """
    earlier = versions[versions["date"] < versions["date"].iloc[-1]]
    return int((versions["rang"].head(1) if earlier.empty else earlier["rang"]).iloc[-1])


@cached
def changes_between(old: int, new: int) -> pd.DataFrame:
    """Return what changed from one edition to another, whatever lies between them.

    One row per cell corrected (`modifie`), filled where it was empty (`complete`) or gone with its
    row (`retire`), one per row added (`ajoute`, without `colonne`); what comes and goes in between
    leaves no trace. With `old` after `new`, it is told the other way round: what was added is
    removed.

    Returns `table_nom`, `cle`, `libelle` (the row in French words), `nature`, `colonne`, `avant`,
    `apres`. Raises `ValueError` (in French) for an edition that does not exist.
    """
    known_ranks = [str(rank) for rank in list_versions()["rang"]]
    for rank in (old, new):
        if str(rank) not in known_ranks:
            raise ValueError(
                f"Il n’y a pas d’édition {rank}. Éditions : {join_words(known_ranks)}."
            )
    if old > new:
        return _reverse_changes(changes_between(new, old))
    tables = load_format().tables
    changes = query(
        """
        WITH periode AS (FROM changements WHERE edition > $old AND edition <= $new),
        lignes AS (
            SELECT table_nom, cle,
                   first(nature ORDER BY edition) = 'ajoute' AS nouvelle,
                   last(nature ORDER BY edition) = 'retire' AS disparue
            FROM periode GROUP BY table_nom, cle
        ),
        cellules AS (
            SELECT table_nom, cle, colonne, first(avant ORDER BY edition) AS avant,
                   last(apres ORDER BY edition) AS apres
            FROM periode WHERE colonne IS NOT NULL GROUP BY table_nom, cle, colonne
        ),
        composes AS (
            SELECT table_nom, cle, 'ajoute' AS nature, NULL AS colonne, NULL AS avant, NULL AS apres
            FROM lignes WHERE nouvelle AND NOT disparue
            UNION ALL
            SELECT table_nom, cle,
                   CASE WHEN disparue THEN 'retire' WHEN avant IS NULL THEN 'complete'
                        ELSE 'modifie' END, colonne, avant, apres
            FROM cellules JOIN lignes USING (table_nom, cle)
            WHERE NOT nouvelle AND avant IS DISTINCT FROM apres
        )
        FROM composes
        ORDER BY list_position($tables, table_nom), cle,
                 list_position($columns, table_nom || '.' || colonne)
        """,
        {
            "old": old,
            "new": new,
            "tables": list(tables),
            "columns": [
                f"{table.name}.{column}" for table in tables.values() for column in table.columns
            ],
        },
    )
    return add_row_labels(changes)


def _reverse_changes(changes: pd.DataFrame) -> pd.DataFrame:
    swapped = changes.rename(columns={"avant": "apres", "apres": "avant"})[changes.columns]
    cells = swapped["avant"].isna().map({True: COMPLETED, False: CHANGED})
    return swapped.assign(nature=changes["nature"].map(_REVERSED_KINDS).fillna(cells))


def summarise_changes(changes: pd.DataFrame) -> pd.DataFrame:
    """Count what `changes_between` gives: rows and cells touched, by table and nature.

    A row that is both corrected and completed counts as corrected. Returns `table_nom`,
    `table_titre`, `nature`, `nature_libelle`, `nb_lignes`, `nb_cellules` (missing for rows told
    whole), in the order of the format.
    """
    is_correction = changes["nature"] == CHANGED
    corrected = is_correction.groupby([changes["table_nom"], changes["cle"]]).transform("any")
    counts = (
        changes.assign(nature=changes["nature"].mask(corrected, CHANGED))
        .groupby(["table_nom", "nature"], sort=False)
        .agg(nb_lignes=("cle", "nunique"), nb_cellules=("colonne", "count"))
        .reset_index()
    )
    cells = counts["nb_cellules"].astype("Int64")
    counts["nb_cellules"] = cells.mask(cells == 0)
    titles = {table.name: table.title for table in load_format().tables.values()}
    counts.insert(1, "table_titre", counts["table_nom"].map(titles))
    counts.insert(3, "nature_libelle", counts["nature"].map(CHANGE_KINDS))
    table_order = counts["table_nom"].map({name: index for index, name in enumerate(titles)})
    nature_order = counts["nature"].map({code: index for index, code in enumerate(CHANGE_KINDS)})
    order = pd.DataFrame({"table": table_order, "nature": nature_order}).sort_values(
        ["table", "nature"]
    )
    return counts.loc[order.index].reset_index(drop=True)
