"""The tables of the lake: each of the format, as texts by package, and what is known of packages.

`paquets` has a row per package, with its descriptor; `editions` and `changements` are those of the
database, a row of `editions` for each snapshot that publishes.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import ExitStack

import pandas as pd

from comparisons.build.history import CHANGE_COLUMNS, COUNT_COLUMNS, EDITION_COLUMNS
from comparisons.datapackage.merge import creation_date
from comparisons.datapackage.reader import Package
from comparisons.lake.connection import ALIAS, Lake
from comparisons.schema.model import Table, load_format

# the sum of the hashes of all rows of the edition, as digits: it makes the next fingerprint
_SUM = "somme"
_NUMBERS = {"rang", "edition", "nb_lignes", "nb_avertissements", *COUNT_COLUMNS.values()}
_OWN_TABLES = {
    "paquets": ("paquet", "cree_le", "descripteur", "nb_avertissements", "empreinte"),
    "editions": (*EDITION_COLUMNS, _SUM),
    "changements": CHANGE_COLUMNS,
}
# The packages in their order, and the last one that has each strategy.
_ORDER_SQL = """
WITH ordre AS (
    SELECT paquet, row_number() OVER (ORDER BY cree_le, paquet) AS rang_paquet
    FROM {lake}.paquets {at} WHERE {chosen}
),
dernieres AS (
    SELECT strategie_id, max(rang_paquet) AS rang_strategie
    FROM {lake}.strategies {at} JOIN ordre USING (paquet) GROUP BY strategie_id
)
"""
# A row falls if a later package has its strategy, or a row of the same key.
_MERGED_SQL = """
SELECT * EXCLUDE (paquet, rang_paquet, ligne{rank}) FROM (
    SELECT * FROM {lake}.{table} {at} JOIN ordre USING (paquet) {strategies}
    QUALIFY rang_paquet = max(rang_paquet) OVER (PARTITION BY {key}) {in_force}
)
WHERE {condition} ORDER BY rang_paquet, ligne
"""


def create_tables(lake: Lake) -> None:
    """Create the tables that the lake lacks, and the columns that the format got since."""
    tables = {name: ("paquet", "ligne", *t.columns) for name, t in load_format().tables.items()}
    present = set(
        lake.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ?", [ALIAS]
        )
    )
    for name, columns in (tables | _OWN_TABLES).items():
        types = {column: "BIGINT" if _is_number(name, column) else "VARCHAR" for column in columns}
        if not any(table == name for table, _ in present):
            described = ", ".join(f'"{column}" {type_}' for column, type_ in types.items())
            lake.execute(f"CREATE TABLE {ALIAS}.{name} ({described})")
            continue
        for column in columns:
            if (name, column) not in present:
                lake.execute(f'ALTER TABLE {ALIAS}.{name} ADD COLUMN "{column}" {types[column]}')


def _is_number(table: str, column: str) -> bool:
    return column == "ligne" if table in load_format().tables else column in _NUMBERS


def is_empty(lake: Lake) -> bool:
    """Return whether nobody has published in the lake yet."""
    tables = lake.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = ?", [ALIAS])
    return ("editions",) not in tables or not lake.execute(f"FROM {ALIAS}.editions LIMIT 1")


def insert(lake: Lake, table: str, rows: pd.DataFrame) -> None:
    """Insert rows into a table of the lake, by the names of their columns."""
    if len(rows):
        names = ", ".join(f'"{name}"' for name in rows.columns)
        with lake.registered("lignes_ajoutees", rows):
            lake.execute(
                f"INSERT INTO {ALIAS}.{table} ({names}) SELECT {names} FROM lignes_ajoutees"
            )


def merged_rows(
    lake: Lake,
    table: Table,
    version: int | None = None,
    before: tuple[str, str] | None = None,
    condition: str = "true",
) -> pd.DataFrame:
    """Return the rows of a table in force, as texts in the order of a build.

    `version` is that of a snapshot (None: the last); `before`, the date and name of a package, are
    those that precede it; `condition` selects rows in force.
    """
    at = "" if version is None else f"AT (VERSION => {version:d})"
    has_strategy = "strategie_id" in table.columns
    sql = (_ORDER_SQL + _MERGED_SQL).format(
        lake=ALIAS,
        table=table.name,
        at=at,
        chosen="(cree_le, paquet) < (?, ?)" if before else "true",
        key=", ".join(f'"{column}"' for column in table.primary_key),
        rank=", rang_strategie" if has_strategy else "",
        strategies="LEFT JOIN dernieres USING (strategie_id)" if has_strategy else "",
        in_force="AND rang_paquet >= coalesce(rang_strategie, 0)" if has_strategy else "",
        condition=condition,
    )
    return _as_texts(lake.query(sql, before or ()), table)


def _as_texts(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return rows as a package has them; columns that are younger than the snapshot are empty."""
    return rows.reindex(columns=list(table.columns)).astype("str").fillna("")


def rows_touching(lake: Lake, package: Package, is_published: bool) -> list[Package]:
    """Return the rows that may decide of those of a package, its earlier state or both.

    Packages of a part of their rows, oldest first: to merge them, with the package or without,
    tells what changes with it. They hold the rows with a strategy or a key of either;
    `is_published` says that it has an earlier state.
    """
    keys = {
        name: _keys_of(lake, table, package, is_published)
        for name, table in load_format().tables.items()
    }
    with ExitStack() as stack:
        for name, rows in keys.items():
            stack.enter_context(lake.registered(f"cles_{name}", rows))
        is_replacing = bool(
            lake.execute(
                f"FROM {ALIAS}.strategies SEMI JOIN cles_strategies USING (strategie_id) LIMIT 1"
            )
        )
        parts = {
            name: _touching_rows(lake, table)
            for name, table in load_format().tables.items()
            if len(keys[name]) or (is_replacing and "strategie_id" in table.columns)
        }
        others = [rows["strategie_id"] for rows in parts.values() if "strategie_id" in rows]
        if any(map(len, others)):
            strategies = pd.DataFrame({"strategie_id": pd.concat(others).unique()})
            stack.enter_context(lake.registered("strategies_en_jeu", strategies))
            parts["strategies"] = lake.query(
                f"FROM {ALIAS}.strategies SEMI JOIN strategies_en_jeu USING (strategie_id)"
            )
    return _split_by_package(
        parts, dict(lake.execute(f"SELECT paquet, cree_le FROM {ALIAS}.paquets"))
    )


def _split_by_package(parts: Mapping[str, pd.DataFrame], dates: Mapping[str, str]) -> list[Package]:
    """Return the packages of rows of many, oldest first; `dates` has that of each."""
    tables_by_package: dict[str, dict[str, pd.DataFrame]] = {}
    for table, rows in parts.items():
        texts = _as_texts(rows, load_format().tables[table])
        for name, rows_of_package in texts.groupby(rows["paquet"], sort=False):
            tables_by_package.setdefault(name, {})[table] = rows_of_package
    return [
        Package(name, tables_by_package[name], {"created": dates[name]})
        for name in sorted(tables_by_package, key=lambda name: (dates[name], name))
    ]


def _keys_of(lake: Lake, table: Table, package: Package, is_published: bool) -> pd.DataFrame:
    """Return the keys of the rows of a package, in its new state and in the lake."""
    key = list(table.primary_key)
    states = [package.tables[table.name][key]] if table.name in package.tables else []
    if is_published:
        columns = ", ".join(f'"{column}"' for column in key)
        sql = f"SELECT {columns} FROM {ALIAS}.{table.name} WHERE paquet = ?"
        states.append(lake.query(sql, [package.name]))
    return pd.concat([pd.DataFrame(columns=key, dtype="str"), *states]).drop_duplicates()


def _touching_rows(lake: Lake, table: Table) -> pd.DataFrame:
    key = ", ".join(f'"{column}"' for column in table.primary_key)
    condition = f"({key}) IN (SELECT ({key}) FROM cles_{table.name})"
    if "strategie_id" in table.columns:
        condition += " OR strategie_id IN (SELECT strategie_id FROM cles_strategies)"
    return lake.query(f"FROM {ALIAS}.{table.name} WHERE {condition} ORDER BY ligne")


def write_package(lake: Lake, package: Package, warnings: int, digest: str) -> None:
    """Replace the rows of a package in the lake by those that it has now."""
    replaced = lake.execute(f"FROM {ALIAS}.paquets WHERE paquet = ?", [package.name])
    for name in (*load_format().tables, "paquets") if replaced else ():
        lake.execute(f"DELETE FROM {ALIAS}.{name} WHERE paquet = ?", [package.name])
    for name, rows in package.tables.items():
        insert(lake, name, rows.assign(paquet=package.name, ligne=range(len(rows))))
    values = (
        package.name,
        creation_date(package),
        json.dumps(dict(package.descriptor), ensure_ascii=False),
        warnings,
        digest,
    )
    insert(lake, "paquets", pd.DataFrame([values], columns=list(_OWN_TABLES["paquets"])))


def last_edition(lake: Lake) -> dict[str, object]:
    """Return the last edition with its `somme`, an integer; an empty mapping if there is none."""
    rows = lake.query(f"FROM {ALIAS}.editions ORDER BY rang DESC LIMIT 1")
    return {} if rows.empty else rows.iloc[0].to_dict() | {_SUM: int(rows[_SUM].iloc[0])}


def write_edition(lake: Lake, edition: pd.DataFrame, changes: pd.DataFrame, total: int) -> None:
    """Add an edition and its changes."""
    served = [
        json.dumps(versions) if versions else None for versions in edition["versions_servies"]
    ]
    insert(lake, "editions", edition.assign(versions_servies=served, **{_SUM: str(total)}))
    insert(lake, "changements", changes)


def read_editions(lake: Lake) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables `editions` and `changements` of the database."""
    editions = lake.query(f"FROM {ALIAS}.editions ORDER BY rang")
    served = [json.loads(text) if isinstance(text, str) else None
              for text in editions["versions_servies"]]  # fmt: skip
    counts = {name: editions[name].astype("Int64") for name in COUNT_COLUMNS.values()}
    changes = lake.query(f"FROM {ALIAS}.changements ORDER BY edition")
    return (
        editions.assign(versions_servies=served, **counts)[list(EDITION_COLUMNS)],
        changes[list(CHANGE_COLUMNS)],
    )


def removed_keys(lake: Lake, keys: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Return those of some keys, by table, that an edition removed once."""
    asked = pd.DataFrame(
        [(name, key) for name, some in keys.items() for key in some],
        columns=["table_nom", "cle"],
        dtype="str",
    )
    with lake.registered("cles_ajoutees", asked):
        rows = lake.execute(
            f"SELECT DISTINCT table_nom, cle FROM {ALIAS}.changements "
            "SEMI JOIN cles_ajoutees USING (table_nom, cle) WHERE nature = 'retire'"
        )
    found: dict[str, set[str]] = {name: set() for name in load_format().tables}
    for name, key in rows:
        found[name].add(key)
    return found
