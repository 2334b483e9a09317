"""The snapshots of the lake, and the facts of the edition that each made."""

import json

import pandas as pd

from comparisons.lake import tables
from comparisons.lake.connection import ALIAS, Lake, LakeError, open_lake
from comparisons.schema.model import load_format


def list_snapshots() -> pd.DataFrame:
    """Return the snapshots that published, oldest first.

    Columns: `instantane` (its number in DuckLake), `date` (UTC), `edition`, `paquet`, `auteur`,
    `message`. Raises `LakeError`.
    """
    with open_lake() as lake:
        return _published_snapshots(lake)


def _published_snapshots(lake: Lake) -> pd.DataFrame:
    rows = lake.execute(
        "SELECT snapshot_id, snapshot_time AT TIME ZONE 'UTC', commit_extra_info, author, "
        f"commit_message FROM {ALIAS}.snapshots() "
        "WHERE commit_extra_info IS NOT NULL ORDER BY snapshot_id"
    )
    columns = ["instantane", "date", "edition", "paquet", "auteur", "message"]
    details = [json.loads(extra) for _, _, extra, _, _ in rows]
    return pd.DataFrame(
        [
            (number, time, detail["edition"], detail["paquet"], author, message)
            for (number, time, _, author, message), detail in zip(rows, details, strict=True)
        ],
        columns=columns,
    )


def edition_tables(rank: int) -> dict[str, pd.DataFrame]:
    """Return the facts of an edition of the lake, as texts by table.

    Raises `LakeError`, also if its snapshot has been expired.
    """
    with open_lake() as lake:
        snapshots = _published_snapshots(lake)
        snapshots = snapshots[snapshots["edition"] == rank]
        if snapshots.empty:
            raise LakeError(f"L’instantané de l’édition {rank} n’est plus dans le lac.")
        version = int(snapshots["instantane"].iloc[-1])
        return {
            name: tables.merged_rows(lake, table, version)
            for name, table in load_format().tables.items()
        }
