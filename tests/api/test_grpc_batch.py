"""Objects and references out of batch messages."""

import base64
import struct
from typing import Any

import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from tests.api.grpc_world import COLLECTIONS, floats, rows
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.batch import merge_in_order, parse_objects, parse_references, source_beacon, write_errors
from weavelet.errors import InvalidObject, InvalidVector, WeaveletError
from weavelet.linking import NewReference
from weavelet.schema.collection import UNNAMED
from weavelet.schema.infer import Integers
from weavelet.schema.objects import NewObject

ID = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"


def parsed(document: dict[str, Any]) -> NewObject | WeaveletError:
    message = ParseDict({"uuid": ID, "collection": "Book", **document}, pb.BatchObject())
    (found,) = parse_objects([message], COLLECTIONS.get)
    return found


def properties(document: dict[str, Any]) -> dict[str, Any]:
    found = parsed({"properties": document})
    assert isinstance(found, NewObject)
    assert found.properties is not None
    return dict(found.properties)


def doubles(*values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}d", *values)).decode()


def test_an_object_without_anything() -> None:
    assert parsed({"tenant": "t"}) == NewObject(collection="Book", id=ID, tenant="t")


def test_scalars_travel_in_a_struct() -> None:
    sent = {"t": "x", "i": 5, "f": 1.5, "b": True, "n": None, "geo": {"latitude": 1, "longitude": 2.5}, "l": [1, "a"]}
    found = properties({"non_ref_properties": sent})

    assert found == sent
    assert type(found["i"]) is int
    assert type(found["b"]) is bool


@pytest.mark.parametrize("number", [2.0**53, -(2.0**53), 0.0])
def test_whole_numbers_become_ints(number: float) -> None:
    assert type(properties({"non_ref_properties": {"i": number}})["i"]) is int


@pytest.mark.parametrize("number", [2.0**60, 0.5])
def test_other_numbers_stay_floats(number: float) -> None:
    assert type(properties({"non_ref_properties": {"i": number}})["i"]) is float


def test_lists_travel_outside_it() -> None:
    found = properties(
        {
            "text_array_properties": [{"prop_name": "tags", "values": ["a"]}],
            "int_array_properties": [{"prop_name": "runs", "values": [1, 2]}],
            "number_array_properties": [
                {"prop_name": "prices", "values_bytes": doubles(0.5, 2)},
                {"prop_name": "old", "values": [0.5]},
            ],
            "boolean_array_properties": [{"prop_name": "sales", "values": [True]}],
            "empty_list_props": ["isbns"],
        }
    )

    assert found == {"tags": ["a"], "runs": [1, 2], "prices": [0.5, 2], "old": [0.5], "sales": [True], "isbns": []}


def test_a_list_of_ints_says_that_it_is_one() -> None:
    found = properties({"int_array_properties": [{"prop_name": "runs", "values": [1]}]})

    assert isinstance(found["runs"], Integers)


def test_objects_hold_the_same_again() -> None:
    inner = {"non_ref_properties": {"floor": 3}, "text_array_properties": [{"prop_name": "x", "values": ["y"]}]}
    found = properties(
        {
            "object_properties": [
                {"prop_name": "address", "value": {"object_properties": [{"prop_name": "flat", "value": inner}]}}
            ],
            "object_array_properties": [{"prop_name": "addresses", "values": [{"non_ref_properties": {"zip": 5}}, {}]}],
        }
    )

    assert found == {"address": {"flat": {"floor": 3, "x": ["y"]}}, "addresses": [{"zip": 5}, {}]}


def test_references_get_their_collection_from_the_schema_or_the_message() -> None:
    found = properties(
        {
            "single_target_ref_props": [{"prop_name": "author", "uuids": [ID]}],
            "multi_target_ref_props": [
                {"prop_name": "related", "uuids": [ID], "target_collection": "Author"},
                {"prop_name": "related", "uuids": [f"weaviate://localhost/Book/{OTHER}"], "target_collection": "Book"},
            ],
        }
    )

    assert found == {
        "author": [{"beacon": f"weaviate://localhost/Author/{ID}"}],
        "related": [
            {"beacon": f"weaviate://localhost/Author/{ID}"},
            {"beacon": f"weaviate://localhost/Book/{OTHER}"},
        ],
    }


def test_a_reference_the_schema_does_not_know_is_left_to_the_writer() -> None:
    found = properties({"single_target_ref_props": [{"prop_name": "zz", "uuids": [ID]}]})

    assert found == {"zz": [{"beacon": f"weaviate://localhost/{ID}"}]}


def test_vectors_in_all_their_forms() -> None:
    found = parsed(
        {
            "vector_bytes": floats(1, 2),
            "vectors": [
                {"name": "a", "vector_bytes": floats(3)},
                {"name": "m", "vector_bytes": rows((4, 5)), "type": 2},
            ],
        }
    )

    assert isinstance(found, NewObject)
    assert {name: vector.tolist() for name, vector in found.vectors.items()} == {
        UNNAMED: [1.0, 2.0],
        "a": [3.0],
        "m": [[4.0, 5.0]],
    }
    assert all(vector.dtype == np.float32 for vector in found.vectors.values())


def test_the_vector_list_of_older_clients_is_understood() -> None:
    found = parsed({"vector": [1, 2]})

    assert isinstance(found, NewObject)
    assert found.vectors[UNNAMED].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"uuid": ""}, InvalidObject),
        ({"vectors": [{"name": "m", "vector_bytes": "AgA=", "type": 2}]}, InvalidVector),
        ({"properties": {"single_target_ref_props": [{"prop_name": "related", "uuids": [ID]}]}}, InvalidObject),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_an_error_of_its_own(document: dict[str, Any], kind: type[WeaveletError]) -> None:
    assert isinstance(parsed(document), kind)


def test_errors_stand_beside_the_messages_they_are_about() -> None:
    unreadable, refused = InvalidObject("unreadable"), InvalidObject("refused")
    one, two = (NewObject(collection="Book", id=id) for id in (ID, OTHER))
    errors = merge_in_order([one, unreadable, two], lambda news: [None, refused] if news == [one, two] else [])
    reply = pb.BatchObjectsReply()
    write_errors(reply, errors)

    assert MessageToDict(reply) == {
        "errors": [{"index": 1, "error": "unreadable"}, {"index": 2, "error": "refused"}],
    }


SOURCE = {"name": "author", "from_collection": "book", "from_uuid": ID}


@pytest.mark.parametrize(
    ("document", "target"),
    [
        ({"to_uuid": OTHER}, f"weaviate://localhost/{OTHER}"),
        ({"to_uuid": OTHER, "to_collection": "Author"}, f"weaviate://localhost/Author/{OTHER}"),
    ],
    ids=["no collection", "collection"],
)
def test_a_reference_has_a_source_and_a_target(document: dict[str, Any], target: str) -> None:
    message = ParseDict({**SOURCE, **document, "tenant": "t"}, pb.BatchReference())
    (found,) = parse_references([message])

    assert found == NewReference(collection="Book", id=ID, property="author", beacon=target, tenant="t")
    assert source_beacon(message) == f"weaviate://localhost/book/{ID}/author"


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"from_uuid": "abc"}, "invalid cref URI: 2nd path segment must be uuid"),
        ({"name": ""}, "invalid cref URI"),
    ],
    ids=str,
)
def test_a_reference_from_nowhere_is_an_error_of_its_own(document: dict[str, Any], text: str) -> None:
    message = ParseDict({**SOURCE, "to_uuid": OTHER, **document}, pb.BatchReference())
    (found,) = parse_references([message])

    assert isinstance(found, WeaveletError)
    assert text in str(found)
