"""Parquet files, read back by another library."""

import io

import pyarrow.parquet
import pytest

from weavelet.parquet import Column, Kind, parquet

COLUMNS = (Column("id", Kind.TEXT), Column("time", Kind.INTEGER), Column("extra", Kind.BYTES, optional=True))

ROWS = [
    [],
    [("a", 0, None)],
    [("é", -(2**63), b""), ("b", 2**63 - 1, b"\x00\xff")],
    [(str(number), number, None if number % 3 else b"x" * number) for number in range(300)],
]


def _read(groups, metadata=None):
    file = io.BytesIO(b"".join(parquet(COLUMNS, groups, metadata or {})))
    return pyarrow.parquet.ParquetFile(file)


@pytest.mark.parametrize("rows", ROWS, ids=len)
@pytest.mark.parametrize("groups", [1, 20])
def test_what_is_written_is_read_back(rows, groups):
    cells = [list(zip(*rows, strict=True))] * groups if rows else []
    read = _read(cells).read().to_pylist()
    assert [tuple(row.values()) for row in read] == rows * groups


def test_the_columns_say_what_they_hold():
    schema = _read([]).schema_arrow
    assert [(field.name, str(field.type), field.nullable) for field in schema] == [
        ("id", "string", False),
        ("time", "int64", False),
        ("extra", "binary", True),
    ]


def test_a_file_tells_what_it_is_about():
    assert _read([], {"collection": "Dish", "tenant": "t"}).schema_arrow.metadata == {
        b"collection": b"Dish",
        b"tenant": b"t",
    }
