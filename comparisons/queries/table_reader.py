"""Read the rows of a selection in one query, typed or as the texts of a CSV."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from comparisons.database.connection import cursor, query, use_source_type
from comparisons.queries.selection import Selection
from comparisons.schema.model import Field, load_format
from comparisons.tabular_files import FALSE_VALUE, LIST_SEPARATOR, TRUE_VALUE, escape_formula_sql

_BATCH_SIZE = 5000
# column added after the code of a territory, with the labels
NAME = "territoire_nom"
_NAME_SQL = (
    "(SELECT t.nom FROM territoires t WHERE t.territoire_niveau = source.territoire_niveau "
    "AND t.territoire_code = source.territoire_code)"
)
_PANDAS_TYPES = {
    pa.int32(): pd.Int64Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def count_rows(selection: Selection) -> int:
    """Count the rows that match the filters, on all pages."""
    where, values = _where_sql(selection)
    sql = f"SELECT count(*) FROM {selection.table.name}{where}"
    with use_source_type(selection.source_type):
        return int(query(sql, values).iat[0, 0])


def read_arrow(selection: Selection, labels: bool = False) -> pa.Table:
    """Read the rows with their types."""
    sql, values = _build_sql(selection, labels, as_text=False)
    with use_source_type(selection.source_type):
        return cursor().execute(sql, values).to_arrow_table()


def read_rows(selection: Selection, labels: bool = False) -> pd.DataFrame:
    """Read the rows with their types, nullable for integers and booleans."""
    return read_arrow(selection, labels).to_pandas(types_mapper=_PANDAS_TYPES.get)


def stream_text_rows(selection: Selection, labels: bool = False) -> Iterator[list[tuple]]:
    """Read the rows as the texts of a CSV, by batches of `_BATCH_SIZE`; None for missing values."""
    return _stream(selection, *_build_sql(selection, labels, as_text=True))


def stream_json_rows(selection: Selection, labels: bool = False) -> Iterator[list[str]]:
    """Read the rows as JSON objects, by batches of `_BATCH_SIZE`."""
    sql, values = _build_sql(selection, labels, as_text=False)
    for batch in _stream(selection, f"SELECT to_json(r)::VARCHAR FROM ({sql}) r", values):
        yield [text for (text,) in batch]


def _stream(selection: Selection, sql: str, values: list[object]) -> Iterator[list[tuple]]:
    """Run a query and yield its rows by batches."""
    with use_source_type(selection.source_type):
        result = cursor().execute(sql, values)
    while batch := result.fetchmany(_BATCH_SIZE):
        yield batch


def result_columns(selection: Selection, labels: bool = False) -> list[tuple[str, Field]]:
    """List the columns of the result as (name, field of the table it comes from)."""
    columns = []
    for name in selection.visible_columns:
        field = selection.table.field(name)
        columns.append((name, field))
        if labels and field.vocabulary and f"{name}_libelle" not in selection.table.columns:
            columns.append((f"{name}_libelle", field))
        if labels and name == "territoire_code" and _needs_names(selection):
            columns.append((NAME, field))
    return columns


def _needs_names(selection: Selection) -> bool:
    """Return whether a table identifies territories by level and code, without their name."""
    names = set(selection.table.columns)
    return {"territoire_niveau", "territoire_code"} <= names and not {"nom", NAME} & names


def _build_sql(selection: Selection, labels: bool, as_text: bool) -> tuple[str, list[object]]:
    expressions, values = [], []
    for name, field in result_columns(selection, labels):
        column = f'"{field.name}"'
        if name == NAME and field.name != NAME:
            expression = escape_formula_sql(_NAME_SQL) if as_text else _NAME_SQL
        elif name != field.name:
            expression, label_values = _label_sql(column, field)
            values += label_values
            # a list of labels is given as a list, or as a text of a CSV
            if field.type == "list" and as_text:
                expression = f"array_to_string({expression}, '{LIST_SEPARATOR}')"
        else:
            expression = _text_sql(column, field) if as_text else column
        expressions.append(f'{expression} AS "{name}"')
    where, filter_values = _where_sql(selection)
    order = [
        f'source."{name}" {"DESC" if descending else "ASC"} NULLS LAST'
        for name, descending in selection.order
    ]
    limit = "" if selection.limit is None else f" LIMIT {selection.limit:d}"
    # the order of the file decides between equals, so that pages never overlap
    sql = (
        f"SELECT {', '.join(expressions)} FROM {selection.table.name} AS source{where} "
        f"ORDER BY {', '.join([*order, 'source.rowid'])}{limit} OFFSET {selection.offset:d}"
    )
    return sql, [*values, *filter_values]


def _where_sql(selection: Selection) -> tuple[str, list[object]]:
    conditions = [filter_.sql() for filter_ in selection.filters]
    values = [value for _, parameters in conditions for value in parameters]
    return (
        f" WHERE {' AND '.join(condition for condition, _ in conditions)}" if conditions else ""
    ), values


def _label_sql(column: str, field: Field) -> tuple[str, list[object]]:
    """Return the SQL of the labels of a column of codes (or the codes), and its parameters."""
    vocabulary = load_format().vocabularies[field.vocabulary]
    codes_and_labels = [list(vocabulary["code"]), list(vocabulary["libelle"])]
    if field.type == "list":
        return f"list_transform({column}, lambda c: coalesce(map(?, ?)[c], c))", codes_and_labels
    return f"coalesce(map(?, ?)[{column}], {column})", codes_and_labels


def _text_sql(column: str, field: Field) -> str:
    """Return the SQL that writes a column as the texts of a CSV of the format."""
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
            is_integer = f"{column} = trunc({column}) AND abs({column}) < 1e15"
            return (
                f"CASE WHEN {is_integer} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
            )
        case _:
            return f"{column}::VARCHAR"
