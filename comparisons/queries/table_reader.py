"""From a selection to its rows, in one query: typed for programs, or as the texts of a CSV."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from comparisons.database.connection import Cursor, cursor
from comparisons.queries.selection import Selection
from comparisons.schema.model import Field, load_format
from comparisons.tabular_files import FALSE_VALUE, LIST_SEPARATOR, TRUE_VALUE, escape_formula_sql

BATCH_SIZE = 5000
# beside the code of a territory, with the labels
NAME = "territoire_nom"
_NAME_OF = (
    "(SELECT t.nom FROM territoires t WHERE t.territoire_niveau = source.territoire_niveau "
    "AND t.territoire_code = source.territoire_code)"
)
_PANDAS = {
    pa.int32(): pd.Int64Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def count_rows(selection: Selection) -> int:
    """Count the rows that the filters keep, on all pages."""
    where, values = _where(selection)
    sql = f"SELECT count(*) FROM {selection.table.name}{where}"
    return cursor().execute(sql, values).fetchone()[0]


def read_arrow(selection: Selection, labels: bool = False) -> pa.Table:
    """Read the rows with their types."""
    return _executed(selection, labels, as_text=False).to_arrow_table()


def read_rows(selection: Selection, labels: bool = False) -> pd.DataFrame:
    """Read the rows with their types; whole numbers, and yes or no, may be missing."""
    return read_arrow(selection, labels).to_pandas(types_mapper=_PANDAS.get)


def stream_text_rows(selection: Selection, labels: bool = False) -> Iterator[list[tuple]]:
    """Read the rows as the texts of a CSV, some thousands at a time; None for what is unknown."""
    result = _executed(selection, labels, as_text=True)
    while some := result.fetchmany(BATCH_SIZE):
        yield some


def stream_json_rows(selection: Selection, labels: bool = False) -> Iterator[list[str]]:
    """Read the rows as JSON objects, some thousands at a time."""
    inner, values = _sql(selection, labels, as_text=False)
    result = cursor().execute(f"SELECT to_json(r)::VARCHAR FROM ({inner}) r", values)
    while some := result.fetchmany(BATCH_SIZE):
        yield [text for (text,) in some]


def result_columns(selection: Selection, labels: bool = False) -> list[tuple[str, Field]]:
    """List the columns of the result, each with the column of the table it comes from."""
    named = []
    for name in selection.kept_columns:
        field = selection.table.field(name)
        named.append((name, field))
        if labels and field.vocabulary and f"{name}_libelle" not in selection.table.columns:
            named.append((f"{name}_libelle", field))
        if labels and name == "territoire_code" and _has_names(selection):
            named.append((NAME, field))
    return named


def _has_names(selection: Selection) -> bool:
    """Return whether a table names territories by their level and code alone."""
    columns = set(selection.table.columns)
    return {"territoire_niveau", "territoire_code"} <= columns and not {"nom", NAME} & columns


def _executed(selection: Selection, labels: bool, as_text: bool) -> Cursor:
    sql, values = _sql(selection, labels, as_text)
    return cursor().execute(sql, values)


def _sql(selection: Selection, labels: bool, as_text: bool) -> tuple[str, list[object]]:
    chosen, values = [], []
    for name, field in result_columns(selection, labels):
        column = f'"{field.name}"'
        if name == NAME and field.name != NAME:
            expression = escape_formula_sql(_NAME_OF) if as_text else _NAME_OF
        elif name != field.name:
            expression, known = _label(column, field)
            values += known
            # a list of labels is given as a list, or as a text of a CSV
            if field.type == "list" and as_text:
                expression = f"array_to_string({expression}, '{LIST_SEPARATOR}')"
        else:
            expression = _text(column, field) if as_text else column
        chosen.append(f'{expression} AS "{name}"')
    where, tested = _where(selection)
    order = [
        f'source."{name}" {"DESC" if down else "ASC"} NULLS LAST' for name, down in selection.order
    ]
    limit = "" if selection.limit is None else f" LIMIT {selection.limit:d}"
    # the order of the file decides between equals, so that pages never overlap
    sql = (
        f"SELECT {', '.join(chosen)} FROM {selection.table.name} AS source{where} "
        f"ORDER BY {', '.join([*order, 'source.rowid'])}{limit} OFFSET {selection.offset:d}"
    )
    return sql, [*values, *tested]


def _where(selection: Selection) -> tuple[str, list[object]]:
    tests = [each.sql() for each in selection.filters]
    values = [value for _, some in tests for value in some]
    return (f" WHERE {' AND '.join(test for test, _ in tests)}" if tests else ""), values


def _label(column: str, field: Field) -> tuple[str, list[object]]:
    """Write the label of a code, or of each code of a list; the code itself if it has none."""
    vocabulary = load_format().vocabularies[field.vocabulary]
    known = [list(vocabulary["code"]), list(vocabulary["libelle"])]
    if field.type == "list":
        return f"list_transform({column}, lambda c: coalesce(map(?, ?)[c], c))", known
    return f"coalesce(map(?, ?)[{column}], {column})", known


def _text(column: str, field: Field) -> str:
    """Write a value as a CSV of the format does, in SQL."""
    match field.type:
        case "list":
            return escape_formula_sql(f"array_to_string({column}, '{LIST_SEPARATOR}')")
        case "string":
            return escape_formula_sql(column)
        case "boolean":
            return (
                f"CASE {column} WHEN true THEN '{TRUE_VALUE}' WHEN false THEN '{FALSE_VALUE}' END"
            )
        case "number":
            whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
            return f"CASE WHEN {whole} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
        case _:
            return f"{column}::VARCHAR"
