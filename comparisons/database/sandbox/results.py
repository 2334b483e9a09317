"""Convert the Arrow rows of a query to a DataFrame."""

import datetime
import json

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_PANDAS_TYPES = {
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
    """Build a DataFrame from an Arrow table; column names are made unique.

    Whole numbers and booleans keep their type beside unknown cells. Decimals become whole numbers
    if they have no decimals, else floating ones. Lists of plain values stay lists; records, maps
    and lists of lists are written in JSON, bytes in hexadecimal, moments with a time zone in UTC.
    """
    columns = [_simplify_column(column) for column in table.columns]
    simple_table = pa.table(columns, names=_unique_names(table.column_names))
    return simple_table.to_pandas(types_mapper=_PANDAS_TYPES.get, date_as_object=True)


def _unique_names(names: list[str]) -> list[str]:
    """Number repeated names (`nom`, `nom_2`)."""
    used_names: set[str] = set()
    unique_names = []
    for name in names:
        candidate, count = name, 1
        while candidate.casefold() in used_names or (count > 1 and candidate in names):
            count += 1
            candidate = f"{name}_{count}"
        used_names.add(candidate.casefold())
        unique_names.append(candidate)
    return unique_names


def _simplify_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    arrow_type = column.type
    if pa.types.is_dictionary(arrow_type):
        return column.cast(arrow_type.value_type)
    if pa.types.is_decimal(arrow_type):
        return _decimals_to_numbers(column)
    if pa.types.is_list(arrow_type) and not pa.types.is_nested(arrow_type.value_type):
        item_type = arrow_type.value_type
        is_decimal = pa.types.is_decimal(item_type)
        return column.cast(pa.list_(pa.float64())) if is_decimal else column
    if pa.types.is_timestamp(arrow_type) and arrow_type.tz:
        return _write_values(column, lambda moment: moment.isoformat())
    if pa.types.is_date(arrow_type) or pa.types.is_timestamp(arrow_type):
        return _check_dates(column)
    if pa.types.is_binary(arrow_type):
        return _write_values(column, bytes.hex)
    if pa.types.is_nested(arrow_type):
        return _write_values(column, _to_json)
    return column


def _decimals_to_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cast decimals to integers if they have no decimals and fit, else to floats."""
    if column.type.scale == 0:
        try:
            return column.cast(pa.int64())
        except pa.ArrowInvalid:  # beyond nine quintillions
            pass
    return column.cast(pa.float64())


def _check_dates(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return dates as they are, or as texts if a year is out of the range of Python."""
    try:
        column.to_pylist()
    except (ValueError, OverflowError):
        return _to_strings(column)
    return column


def _to_strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.string())


def _write_values(column: pa.ChunkedArray, writer: object) -> pa.ChunkedArray:
    texts = [None if value is None else writer(value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_json_default)


def _json_default(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
