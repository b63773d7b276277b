"""Ids in their two forms, and the tables that hold them by document number."""

import uuid

import numpy as np

from weavelet.engine.ids import IdTable, RowTable, id_bytes, id_text


def test_both_forms_of_an_id_say_the_same() -> None:
    for n in range(100):
        text = str(uuid.uuid5(uuid.NAMESPACE_OID, str(n)))
        assert id_text(id_bytes(text)) == text
        assert id_bytes(text) == uuid.UUID(text).bytes


def test_both_forms_sort_alike() -> None:
    texts = [str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))) for n in range(100)]
    assert [id_text(id) for id in sorted(map(id_bytes, texts))] == sorted(texts)


def test_a_table_gives_every_id_back() -> None:
    table, ids = IdTable(), [uuid.uuid5(uuid.NAMESPACE_OID, str(n)) for n in range(1000)]
    for start in range(0, 1000, 70):
        docs = range(start, min(start + 70, 1000))
        table.put(docs, [ids[doc].bytes for doc in docs])
    assert [table.text_of(doc) for doc in range(1000)] == [str(id) for id in ids]
    copy = IdTable()
    copy.restore(table.array(1000))
    assert copy.text_of(999) == str(ids[999])
    copy.put([5000], [ids[0].bytes])
    assert copy.text_of(5000) == str(ids[0])


def test_a_row_table_gives_pairs_in_order() -> None:
    table = RowTable()
    table.put([], [])
    table.put([7, 2, 900], [1, 0, 5])
    table.forget([7, 100_000])
    docs, rows = table.pairs()
    assert (docs.tolist(), rows.tolist()) == ([2, 900], [0, 5])
    assert docs.dtype == np.uint32
