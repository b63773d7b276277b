"""Pages spliced from bytes hold what the message of the same rows holds."""

from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from tests.api.grpc_world import find, search_message
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.replies import search_reply
from weavelet.api.grpc.search import parse_search
from weavelet.api.grpc.wire import VARINT, tag
from weavelet.engine.hits import Hits
from weavelet.engine.query import Reply
from weavelet.engine.rows import Rows
from weavelet.engine.store import Record
from weavelet.schema.objects import Object

DOCS = np.array([4, 5], np.uint32)
FIGURES = np.array([0.25, 0.0], np.float32)
FOUND = {
    "a listing": Hits(DOCS),
    "scores": Hits(DOCS, scores=FIGURES, explains=("why", "")),
    "distances": Hits(DOCS, distances=FIGURES),
}
EVERYTHING = {
    "title": "Grüße " * 60,
    "tags": ["a", "b"],
    "pages": -3,
    "price": 0.0,
    "sold": False,
    "printed": "2024-05-01T10:00:00Z",
    "isbn": "00000000-0000-4000-8000-00000000000a",
    "shop": {"latitude": 1.5, "longitude": 2.5},
    "address": {"city": "Kyiv", "flat": {"floor": 3}},
    "addresses": [{"zip": 5}],
}
FLAGS = ("uuid", "creation_time_unix", "last_update_time_unix", "distance", "certainty", "score")
METADATA: dict[str, dict[str, Any]] = {
    "nothing": {},
    "everything": dict.fromkeys(FLAGS, True),
    "explanations": {"explain_score": True, "score": True},
}


def record(number: int, properties: dict[str, Any]) -> Record:
    return Record(number, bytes(15) + bytes([number]), 1_700_000_000_000, 0, b"", orjson.dumps(properties))


def as_object(record: Record) -> Object:
    return Object(
        collection="Book",
        id=f"00000000-0000-0000-0000-{record.id[-1]:012x}",
        properties=orjson.loads(record.properties),
        created_ms=record.created_ms,
        updated_ms=record.updated_ms,
    )


@pytest.mark.parametrize("hits", FOUND.values(), ids=FOUND)
@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
@pytest.mark.parametrize("properties", [{}, {"return_all_nonref_properties": True}, {"non_ref_properties": ["pages"]}])
def test_a_spliced_page_is_the_message_of_its_rows(
    hits: Hits, metadata: dict[str, Any], properties: dict[str, Any]
) -> None:
    message = search_message({"properties": properties, "metadata": metadata})
    search = parse_search(message, find, 25, {})
    rows = Rows(hits, [record(4, EVERYTHING), record(5, {})], as_object, certain=True)

    spliced = pb.SearchReply.FromString(search_reply(Reply(rows=rows), search))
    built = pb.SearchReply.FromString(search_reply(Reply(rows=list(rows)), replace(search, splicer=None)))

    assert len(spliced.results) == 2
    assert spliced == built


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 4095, 4096, 2**31, 2**63 - 1, -1, -(2**63)])
def test_numbers_are_written_as_the_serialiser_writes_them(number: int) -> None:
    assert tag(pb.Value, "int_value") + VARINT[number] == pb.Value(int_value=number).SerializeToString()
