"""Files of a result: JSON, CSV, XLSX, Parquet, each with what it takes to cite it and run it again.

A CSV holds rows only.
"""

import datetime
import io
import json
import math
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from comparisons import tabular_files
from comparisons.database.sandbox.runner import QueryResult
from comparisons.errors import BadRequestError
from comparisons.exports import tables
from comparisons.formatting import format_number, is_missing

MEDIA_TYPES = {
    "json": "application/json",
    "csv": tables.MEDIA_TYPES["csv"],
    "xlsx": tables.MEDIA_TYPES["xlsx"],
    "parquet": "application/vnd.apache.parquet",
}
SHEET = "resultat"
# What a cell of a workbook can hold; more would be left out without a word.
MAX_IN_CELL = 32_767


def encode(result: QueryResult, query: str, extension: str) -> bytes:
    """Write a result in one of `MEDIA_TYPES`.

    Raise `BadRequestError` if this format cannot hold it.
    """
    writers: dict[str, Callable[[], bytes]] = {
        "json": lambda: _json(result, query),
        "csv": lambda: tabular_files.to_csv(_without_holes(result.rows)),
        "xlsx": lambda: _xlsx(result, query),
        "parquet": lambda: _parquet(result, query),
    }
    return writers[extension]()


def truncation_notice(result: QueryResult) -> str:
    """Describe that a result is cut, and how to have less; nothing when it is whole."""
    if not result.truncated:
        return ""
    return (
        f"Résultat coupé aux {format_number(len(result.rows))} premières lignes : "
        "filtrez, agrégez ou ajoutez LIMIT pour tout lire."
    )


def _about(result: QueryResult, query: str) -> str:
    """Describe what a file holds: whether it is whole, and the query."""
    return " ".join(
        filter(None, (truncation_notice(result), f"Résultat de la requête SQL : {query}"))
    )


def _json(result: QueryResult, query: str) -> bytes:
    columns = zip(result.rows.columns, result.types, strict=True)
    said = {
        "version": result.version,
        "requete": query,
        "citation": tables.citation_sentence(),
        "colonnes": [{"nom": name, "type": kind} for name, kind in columns],
        "nombre": len(result.rows),
        "tronque": result.truncated,
        "lignes": [
            {name: _plain(value) for name, value in row.items()}
            for row in result.rows.astype(object).to_dict("records")
        ],
    }
    return json.dumps(said, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _plain(value: object) -> object:
    """Return a value as JSON knows it: nothing for what is unknown, words for what is endless."""
    if hasattr(value, "__len__") and not isinstance(value, str):
        return [_plain(item) for item in value]
    if is_missing(value):
        return None
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return getattr(value, "item", lambda: value)()


def _xlsx(result: QueryResult, query: str) -> bytes:
    rows = _without_holes(result.rows)
    for column, kind in zip(rows.columns, rows.dtypes, strict=True):
        if pd.api.types.is_object_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind):
            rows[column] = pd.Series([_dated(value) for value in rows[column]], rows.index, object)
    texts = (
        tabular_files.join_lists(rows).select_dtypes(exclude=["number", "bool"]).to_numpy().ravel()
    )
    if any(len(value) > MAX_IN_CELL for value in texts if isinstance(value, str)):
        raise BadRequestError(
            f"Un tableur ne tient pas plus de {format_number(MAX_IN_CELL)} caractères par cellule "
            ": "
            "demandez CSV, JSON ou Parquet."
        )
    return tables.to_labelled_xlsx({SHEET: rows}, _about(result, query))


def _dated(value: object) -> object:
    """Write as a text a date that is older than spreadsheets count."""
    old = isinstance(value, datetime.date) and value is not pd.NaT and value.year < 1900
    return value.isoformat() if old else value


def _without_holes(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave unknown items of lists empty, as unknown cells are."""
    plain = rows.copy()
    for column, kind in zip(plain.columns, plain.dtypes, strict=True):
        if pd.api.types.is_object_dtype(kind):
            plain[column] = pd.Series([_listed(v) for v in plain[column]], plain.index, object)
    return plain


def _listed(value: object) -> object:
    if not hasattr(value, "__len__") or isinstance(value, str):
        return value
    return ["" if is_missing(item) else item for item in value]


def _parquet(result: QueryResult, query: str) -> bytes:
    table = pa.Table.from_pandas(result.rows, preserve_index=False)
    about = {
        "Contenu": _about(result, query),
        "Citation": tables.citation_sentence(),
        "Licence": tables.LICENCE,
        "Version": result.version,
        tables.EMPTY_CELL[0]: tables.EMPTY_CELL[1],
    }
    buffer = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({**(table.schema.metadata or {}), **about}),
        buffer,
        compression="zstd",
    )
    return buffer.getvalue()
