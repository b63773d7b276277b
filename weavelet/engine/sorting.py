"""Sorting by property values.

Nulls and empty arrays come first in ascending order and last in descending order. Text is compared without case,
dates as instants, arrays element by element and then by length, places by longitude and then latitude, phone numbers
by country code and then number; objects are all equal, there or not. Rows equal in every column keep their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weavelet.schema.datatypes import DataType
from weavelet.schema.dates import epoch_ns

_NULL = -1


@dataclass(frozen=True, slots=True)
class Column:
    """What one sort clause compares: a value for each row. `type` TEXT stands for ids, INT for internal times."""

    values: Sequence[Any]
    type: DataType
    ascending: bool = True


def sort_order(columns: Sequence[Column]) -> NDArray[np.intp]:
    """The positions of the rows in sorted order; the first column matters most. There is at least one."""
    keys = [_ranks(column) if column.ascending else -_ranks(column) for column in columns]
    return np.lexsort(keys[::-1])


def first_in_order(keys: Sequence[NDArray[Any]], count: int) -> NDArray[np.intp]:
    """The positions of the `count` first rows in order of their keys, of which the first matters most.

    Rows equal in every key keep their order. Only what could be among the first is sorted.
    """
    certain, pool, missing = [], np.arange(len(keys[0])), count
    for key in keys:
        if len(pool) <= missing or not missing:
            break
        values = key[pool]
        limit = np.partition(values, missing - 1)[missing - 1]
        before = pool[values < limit]
        certain.append(before)
        pool, missing = pool[values == limit], missing - len(before)
    rows = np.sort(np.concatenate((*certain, pool[:missing])))
    return rows[np.lexsort([key[rows] for key in reversed(keys)])]


def column_keys(values: NDArray[Any], present: NDArray[np.bool_], *, ascending: bool) -> tuple[NDArray[Any], ...]:
    """What orders rows by numbers that some of them have: nulls first, or last where it goes down."""
    if ascending:
        return present, np.where(present, values, 0)
    down = ~values if values.dtype.kind in "ib" else -values
    return ~present, np.where(present, down, 0)


def _ranks(column: Column) -> NDArray[np.int64]:
    """A number for each row that compares like its value, _NULL for nulls."""
    keys = [_key(value, column.type) for value in column.values]
    distinct = sorted({key for key in keys if key is not None})
    rank_of = {key: rank for rank, key in enumerate(distinct)}
    return np.array([_NULL if key is None else rank_of[key] for key in keys], np.int64)


def _key(value: Any, type: DataType) -> Any:
    if type.element in (DataType.OBJECT, DataType.REFERENCE):
        return 0
    if value is None or value == []:
        return None
    if type.is_array and isinstance(value, list):
        return tuple(_key(one, type.element) for one in value)
    match type:
        case DataType.TEXT | DataType.BLOB | DataType.BLOB_HASH | DataType.UUID:
            return value.lower()
        case DataType.DATE:
            return epoch_ns(value)
        case DataType.GEO:
            return (value["longitude"], value["latitude"])
        case DataType.PHONE:
            return (value.get("countryCode", 0), value.get("national", 0))
        case _:
            return value
