"""Convert the plain Arrow rows of a query to a DataFrame."""

import pandas as pd
import pyarrow as pa

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
    """Build a DataFrame; whole numbers and booleans keep their type beside unknown cells."""
    return table.to_pandas(types_mapper=_PANDAS_TYPES.get, date_as_object=True)
