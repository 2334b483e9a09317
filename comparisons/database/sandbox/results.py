"""Rows of a query as the rest of the site knows them."""

import datetime
import json

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_INTEGERS = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def to_dataframe(table: pa.Table) -> pd.DataFrame:
    """Build a DataFrame of what DuckDB gives; each column has a name of its own.

    Whole numbers and booleans keep their type beside unknown cells. Decimals become whole numbers
    if they have no decimals, else floating ones. Lists of plain values stay lists; records, maps
    and lists of lists are written in JSON, bytes in hexadecimal, moments with a time zone in UTC.
    """
    columns = [_plain(column) for column in table.columns]
    plain = pa.table(columns, names=_unique(table.column_names))
    return plain.to_pandas(types_mapper=_INTEGERS.get, date_as_object=True)


def _unique(names: list[str]) -> list[str]:
    """Number the names that come back (`nom`, `nom_2`)."""
    taken: set[str] = set()
    given = []
    for name in names:
        new, count = name, 1
        while new.casefold() in taken or (count > 1 and new in names):
            count += 1
            new = f"{name}_{count}"
        taken.add(new.casefold())
        given.append(new)
    return given


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_decimal(kind):
        return _number(column)
    if pa.types.is_list(kind) and not pa.types.is_nested(kind.value_type):
        inside = kind.value_type
        number = pa.types.is_decimal(inside)
        return column.cast(pa.list_(pa.float64())) if number else column
    if pa.types.is_timestamp(kind) and kind.tz:
        return _texts(column, lambda moment: moment.isoformat())
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _dates(column)
    if pa.types.is_binary(kind):
        return _texts(column, bytes.hex)
    if pa.types.is_nested(kind):
        return _texts(column, _json)
    return column


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write decimals as numbers that everything else can read."""
    if column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:  # beyond nine quintillions
            pass
    return column.cast(pa.float64())


def _dates(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Leave dates as they are, unless Python has no such year: then as DuckDB counts them."""
    try:
        column.to_pylist()
    except (ValueError, OverflowError):
        return _as_text(column)
    return column


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.string())


def _texts(column: pa.ChunkedArray, written: object) -> pa.ChunkedArray:
    texts = [None if value is None else written(value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_said)


def _said(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
