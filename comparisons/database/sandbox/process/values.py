"""Make the Arrow rows of a query plain: numbers, texts, dates and lists of them.

What a value takes is counted once it is plain: an enumeration of long texts, or a record of long
names, takes a thousand times less before.
"""

import datetime
import json

import pyarrow as pa
import pyarrow.compute as pc


def decoded_bytes(column: pa.Array) -> int:
    """Return the bytes that a column takes once its dictionaries are decoded."""
    if not pa.types.is_dictionary(column.type):
        return column.nbytes
    lengths = pc.binary_length(column.dictionary.cast(pa.large_binary()))
    return pc.sum(pc.take(lengths, column.indices)).as_py() or 0


def decode(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch without dictionaries at the top of its columns."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in batch.columns
    ]
    return pa.record_batch(columns, names=batch.schema.names)


def to_plain(table: pa.Table, max_bytes: int) -> pa.Table | None:
    """Build a table of plain values, or None beyond `max_bytes`; column names are made unique.

    Decimals become whole numbers if they have no decimals, else floating ones. Lists of plain
    values stay lists; records, maps and lists of lists are written in JSON, bytes in hexadecimal,
    moments with a time zone in UTC, times of day as texts.
    """
    columns, size = [], 0
    for column in table.columns:
        columns.append(_to_plain_column(column))
        size += columns[-1].nbytes
        if size > max_bytes:
            return None
    return pa.table(columns, names=_unique_names(table.column_names))


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


def _to_plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    arrow_type = column.type
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
    if pa.types.is_time(arrow_type):  # DuckDB has 24:00:00, which neither Python nor Arrow write
        return _write_values(column.cast(pa.int64()), _format_time)
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


def _format_time(microseconds: int) -> str:
    seconds, fraction = divmod(microseconds, 1_000_000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:06}".rstrip("0") if fraction else text


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_json_default)


def _json_default(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
