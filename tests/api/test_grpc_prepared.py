"""A search of a known shape is parsed as if it were new."""

from dataclasses import replace
from typing import Any

import pytest

from tests.api.grpc_world import BOOK, COLLECTIONS, find, floats, rows, search_message
from weavelet.api.grpc.prepared import Searches
from weavelet.api.grpc.search import Search, parse_search
from weavelet.engine.query import Hybrid, Keyword, NearVector, SearchRequest
from weavelet.errors import Forbidden, InvalidQuery
from weavelet.schema.collection import Collection

FILTER = {"operator": "OPERATOR_LESS_THAN", "target": {"property": "pages"}, "value_int": "5"}


def near(*values: float) -> dict[str, Any]:
    return {"near_vector": {"vectors": [{"vector_bytes": floats(*values), "type": "VECTOR_TYPE_SINGLE_FP32"}]}}


def matrix(*row: float) -> dict[str, Any]:
    sent = {"vector_bytes": rows(row), "type": "VECTOR_TYPE_MULTI_FP32"}
    return {"collection": "Named", "near_vector": {"targets": {"target_vectors": ["m"]}, "vectors": [sent]}}


def per_target(a: float, b: float) -> dict[str, Any]:
    vectors = {"a": floats(a), "b": floats(b)}
    targets = {"target_vectors": ["a", "b"]}
    return {"collection": "Named", "near_vector": {"targets": targets, "vector_per_target": vectors}}


SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "near vector": (near(1, 2), near(3, 4)),
    "old vector bytes": ({"near_vector": {"vector_bytes": floats(1)}}, {"near_vector": {"vector_bytes": floats(2)}}),
    "filtered": ({**near(1), "filters": FILTER, "limit": 3}, {**near(2), "filters": FILTER, "limit": 3}),
    "bm25": (
        {"bm25_search": {"query": "a", "properties": ["title"]}},
        {"bm25_search": {"query": "b", "properties": ["title"]}},
    ),
    "hybrid": (
        {"hybrid_search": {"query": "a", "alpha": 0.5, **near(1)}},
        {"hybrid_search": {"query": "b", "alpha": 0.5, **near(2)}},
    ),
    "hybrid by text alone": ({"hybrid_search": {"query": "a"}}, {"hybrid_search": {"query": "b"}}),
    "listing": ({"limit": 7}, {"limit": 7}),
    "near object": ({"near_object": {"id": "x"}}, {"near_object": {"id": "y"}}),
    "matrix": (matrix(1, 2), matrix(3, 4)),
    "several vectors": (per_target(1, 2), per_target(3, 4)),
}


def message(document: dict[str, Any]) -> bytes:
    data: bytes = search_message(document).SerializeToString()
    return data


def parsed(document: dict[str, Any], headers: dict[str, str]) -> SearchRequest:
    return parse_search(search_message(document), find, 25, headers).request


def meant(search: Search) -> SearchRequest:
    """The request with the subject it has this time."""
    request, subject = search.request, search.subject
    if subject is None:
        return request
    target = request.target
    vectors = () if subject.vector is None else (subject.vector,)
    match target:
        case NearVector():
            target = replace(target, vectors=vectors)
        case Keyword():
            target = replace(target, query=subject.text)
        case Hybrid(near=NearVector() as near):
            target = replace(target, query=subject.text, near=replace(near, vectors=vectors))
        case _:
            assert target is None
    return replace(request, target=target, headers=subject.headers)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_known_shape_is_parsed_like_a_new_one(shape: tuple[dict[str, Any], dict[str, Any]]) -> None:
    searches = Searches(25)
    for document, headers in ((shape[0], {"a": "1"}), (shape[1], {"b": "2"}), (shape[0], {})):
        found = searches.parse(message(document), lambda _: find, headers)
        assert repr(meant(found)) == repr(parsed(document, headers))


def test_the_vector_counts_although_it_is_not_part_of_the_shape() -> None:
    searches = Searches(25)
    searches.parse(message({"near_vector": {"vector_bytes": floats(1)}}), lambda _: find, {})
    with pytest.raises(InvalidQuery, match="vector is required"):
        searches.parse(message({"near_vector": {}}), lambda _: find, {})


def test_a_shape_is_parsed_anew_when_its_collection_has_changed() -> None:
    searches = Searches(25)
    asked = {"properties": {"return_all_nonref_properties": True}}
    searches.parse(message(asked), lambda _: find, {})
    smaller = Collection(name="Book", properties=BOOK.properties[:1], vectors=BOOK.vectors)
    found = searches.parse(message(asked), lambda _: {**COLLECTIONS, "Book": smaller}.__getitem__, {})
    assert [name for name, _ in found.show.fields] == ["title"]


def test_who_may_read_is_asked_every_time() -> None:
    def refuse(name: str) -> Collection:
        raise Forbidden(f"not {name}")

    searches = Searches(25)
    searches.parse(message(near(1)), lambda _: find, {})
    with pytest.raises(Forbidden):
        searches.parse(message(near(2)), lambda _: refuse, {})
