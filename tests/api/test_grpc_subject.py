"""What a message looks for is found in its bytes just as the parser finds it, and messages of one shape differ in it
alone."""

import random
import struct
from typing import Any

import pytest
from google.protobuf.message import DecodeError

from tests.api.grpc_world import floats, search_message
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.subject import cut

VECTORS = [{"vector_bytes": floats(1, 2), "type": "VECTOR_TYPE_SINGLE_FP32"}]
LONG = "word " * 60
MESSAGES: dict[str, tuple[dict[str, Any], str, bool]] = {
    "listing": ({"limit": 300, "tenant": "t"}, "", False),
    "near vector": ({"near_vector": {"vectors": VECTORS, "distance": 0.5}, "uses_127_api": True}, "", True),
    "old vector bytes": ({"near_vector": {"vector_bytes": floats(1, 2)}}, "", True),
    "bm25": ({"bm25_search": {"query": "héllo", "properties": ["title"]}, "autocut": 1}, "héllo", False),
    "a long text": ({"bm25_search": {"query": LONG}, "uses_127_api": True}, LONG, False),
    "hybrid": ({"hybrid_search": {"query": "a", "alpha": 0.5, "vectors": VECTORS}}, "a", True),
    "hybrid near a vector": ({"hybrid_search": {"query": "a", "near_vector": {"vectors": VECTORS}}}, "a", True),
    "no text": ({"bm25_search": {"properties": ["title"]}}, "", False),
}
TWO: dict[str, dict[str, Any]] = {
    "vectors": {"near_vector": {"vectors": VECTORS * 2}},
    "texts": {"hybrid_search": {"query": "a"}, "bm25_search": {"query": "b"}},
}


def encoded(document: dict[str, Any]) -> bytes:
    data: bytes = search_message(document).SerializeToString()
    return data


def parsed(data: bytes) -> pb.SearchRequest | None:
    message = pb.SearchRequest()
    try:
        message.ParseFromString(data)
    except DecodeError:
        return None
    return message


def without_subject(message: pb.SearchRequest) -> tuple[set[str], set[bytes], bytes]:
    """The texts and vectors that are not empty, and the rest."""
    texts, vectors = set(), set()
    nears = [message.near_vector, message.hybrid_search.near_vector]
    for asked in (message.bm25_search, message.hybrid_search):
        texts.add(asked.query)
        if asked.query:
            asked.query = ""
    holders = [*nears, message.hybrid_search, *(one for near in nears for one in near.vectors)]
    for holder in (*holders, *message.hybrid_search.vectors):
        vectors.add(holder.vector_bytes)
        if holder.vector_bytes:
            holder.vector_bytes = b""
    return texts - {""}, vectors - {b""}, message.SerializeToString(deterministic=True)


@pytest.mark.parametrize(("document", "text", "has_vector"), MESSAGES.values(), ids=MESSAGES)
def test_the_text_and_the_vector_are_found(document: dict[str, Any], text: str, has_vector: bool) -> None:
    found = cut(encoded(document))
    assert found is not None
    assert (found.text, found.vector) == (text, struct.pack("<2f", 1, 2) if has_vector else b"")


@pytest.mark.parametrize("document", TWO.values(), ids=TWO)
def test_several_subjects_are_left_to_the_parser(document: dict[str, Any]) -> None:
    assert cut(encoded(document)) is None


@pytest.mark.parametrize("data", [b"\x80", b"\x0a\x05ab", b"\x0b\x0c", encoded(MESSAGES["bm25"][0])[:-1]])
def test_what_is_no_message_is_left_to_the_parser(data: bytes) -> None:
    assert cut(data) is None


def test_what_is_no_text_is_left_to_the_parser() -> None:
    assert cut(encoded({"bm25_search": {"query": "ab"}}).replace(b"ab", b"\xff\xff")) is None


def test_lengths_of_any_size_are_of_one_shape() -> None:
    sizes = (1, 60, 127, 128, 200, 20_000)
    shapes = {found.shape for n in sizes if (found := cut(encoded({"bm25_search": {"query": "a" * n}}))) is not None}
    assert len(shapes) == 1


def test_damaged_messages_are_understood_as_the_parser_understands_them() -> None:
    """Equal shapes have equal rests, whatever bytes they come in."""
    chance = random.Random(5)
    known: dict[Any, bytes | None] = {}
    originals = [encoded(document) for document, _, _ in MESSAGES.values()] + [encoded(two) for two in TWO.values()]
    understood = 0
    for _ in range(10_000):
        data = bytearray(chance.choice(originals))
        for _ in range(chance.randrange(3)):
            place = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    data[place] = min(255, max(0, data[place] + chance.choice((-1, 1))))
                case 2:
                    data.insert(place, chance.randrange(256))
                case _:
                    del data[place]
        found, message = cut(bytes(data)), parsed(bytes(data))
        if found is None:
            continue
        rest = None
        if message is not None:
            texts, vectors, rest = without_subject(message)
            assert texts == ({found.text} - {""})
            assert vectors == ({found.vector} - {b""})
            understood += 1
        assert known.setdefault(found.shape, rest) == rest
    assert understood > 1_000
