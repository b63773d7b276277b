"""What was found, rendered into messages."""

import base64
import struct
from typing import Any

import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict

from tests.api.grpc_world import BOOK, find, floats, rows, search_message
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.replies import search_reply
from weavelet.api.grpc.search import parse_search
from weavelet.api.grpc.values import default_fields, write_fields, writer
from weavelet.engine.query import Generated, Group, Profile, Reply, Row
from weavelet.errors import ModuleError
from weavelet.schema.collection import UNNAMED, Collection
from weavelet.schema.objects import Object

ID = "00000000-0000-4000-8000-00000000000a"
ID_BYTES = base64.b64encode(bytes.fromhex("0000000000004000800000000000000a")).decode()


def book(**properties: Any) -> Object:
    return Object(collection="Book", id=ID, properties=properties, created_ms=5, updated_ms=7)


def rendered(request: dict[str, Any], reply: Reply) -> dict[str, Any]:
    search = parse_search(search_message(request), find, 25, {})
    message = pb.SearchReply.FromString(search_reply(reply, search))
    return dict(MessageToDict(message, preserving_proto_field_name=True))


def rendered_row(request: dict[str, Any], row: Row) -> dict[str, Any]:
    (result,) = rendered(request, Reply(rows=(row,)))["results"]
    return dict(result)


def fields(properties: dict[str, Any]) -> dict[str, Any]:
    """What a row with these properties shows of exactly them."""
    row = rendered_row({"properties": {"non_ref_properties": list(properties)}}, Row(object=book(**properties)))
    return dict(row["properties"]["non_ref_props"]["fields"])


def packed(form: str, *values: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}{form}", *values)).decode()


# --- Values ---


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("title", "soup", {"text_value": "soup"}),
        ("title", "", {"text_value": ""}),
        ("pages", 0, {"int_value": "0"}),
        ("pages", -(2**63), {"int_value": str(-(2**63))}),
        ("price", 1.5, {"number_value": 1.5}),
        ("sold", False, {"bool_value": False}),
        ("printed", "2024-05-01T10:00:00Z", {"date_value": "2024-05-01T10:00:00Z"}),
        ("isbn", ID, {"uuid_value": ID}),
        ("cover", "aGVsbG8=", {"blob_value": "aGVsbG8="}),
        ("shop", {"latitude": 1.5, "longitude": 2.5}, {"geo_value": {"longitude": 2.5, "latitude": 1.5}}),
        ("shop", {"latitude": 0.0, "longitude": 0.0}, {"geo_value": {}}),
        (
            "phone",
            {
                "countryCode": 49,
                "defaultCountry": "DE",
                "input": "0171 1234567",
                "internationalFormatted": "+49 171 1234567",
                "national": 1711234567,
                "nationalFormatted": "0171 1234567",
                "valid": True,
            },
            {
                "phone_value": {
                    "country_code": "49",
                    "default_country": "DE",
                    "input": "0171 1234567",
                    "international_formatted": "+49 171 1234567",
                    "national": "1711234567",
                    "national_formatted": "0171 1234567",
                    "valid": True,
                }
            },
        ),
        ("tags", ["a", "b"], {"list_value": {"text_values": {"values": ["a", "b"]}}}),
        ("runs", [1, -2], {"list_value": {"int_values": {"values": packed("q", 1, -2)}}}),
        ("prices", [0.5, 2.0], {"list_value": {"number_values": {"values": packed("d", 0.5, 2.0)}}}),
        ("sales", [True, False], {"list_value": {"bool_values": {"values": [True, False]}}}),
        ("reprints", ["2024-05-01T10:00:00Z"], {"list_value": {"date_values": {"values": ["2024-05-01T10:00:00Z"]}}}),
        ("isbns", [ID], {"list_value": {"uuid_values": {"values": [ID]}}}),
        ("tags", [], {"list_value": {"text_values": {}}}),
        ("runs", [], {"list_value": {"int_values": {}}}),
        ("prices", [], {"list_value": {"number_values": {}}}),
        ("sales", [], {"list_value": {"bool_values": {}}}),
        ("reprints", [], {"list_value": {"date_values": {}}}),
        ("isbns", [], {"list_value": {"uuid_values": {}}}),
        ("addresses", [], {"list_value": {"object_values": {}}}),
        ("title", None, {"null_value": None}),
    ],
    ids=str,
)
def test_each_type_has_its_own_coding(name: str, value: Any, shown: dict[str, Any]) -> None:
    assert fields({name: value}) == {name: shown}


def test_a_missing_value_is_null_and_present() -> None:
    message = pb.Properties()
    write_fields(message.fields, (("title", writer(BOOK.properties[0])),), {})

    assert message.fields["title"].HasField("null_value")
    assert message.fields["title"].SerializeToString() == b"\x60\x00"


def test_objects_are_shown_with_what_they_have_but_their_blobs() -> None:
    shown = fields({"address": {"city": "Kyiv", "flat": {"floor": 3}, "photo": "aGVsbG8="}})

    assert shown["address"]["object_value"]["fields"] == {
        "city": {"text_value": "Kyiv"},
        "flat": {"object_value": {"fields": {"floor": {"int_value": "3"}}}},
    }


def test_only_the_chosen_part_of_an_object_is_shown() -> None:
    asked = {"properties": {"object_properties": [{"prop_name": "addresses", "primitive_properties": ["zip"]}]}}
    row = rendered_row(asked, Row(object=book(addresses=[{"city": "Kyiv", "zip": 5}, {"zip": 6}])))

    assert row["properties"]["non_ref_props"]["fields"]["addresses"]["list_value"]["object_values"]["values"] == [
        {"fields": {"zip": {"int_value": "5"}}},
        {"fields": {"zip": {"int_value": "6"}}},
    ]


def test_all_properties_are_all_but_references_and_blobs() -> None:
    names = [name for name, _ in default_fields(BOOK.properties)]

    assert set(names) == {prop.name for prop in BOOK.properties} - {"cover", "author", "related"}


def test_no_properties_are_no_properties() -> None:
    assert rendered_row({"properties": {}}, Row(object=book(title="x"))) == {
        "properties": {"target_collection": "Book"},
        "metadata": {},
    }


# --- References ---


def test_references_are_followed_to_the_asked_collection() -> None:
    author = Row(object=Object(collection="Author", id=ID, properties={"name": "Ada"}))
    other = Row(object=book(title="y"))
    row = Row(object=book(title="x", related=[{}, {}]), references={"related": (author, other)})
    asked = {
        "reference_property": "related",
        "target_collection": "Author",
        "properties": {"non_ref_properties": ["name"]},
        "metadata": {"uuid": True},
    }

    assert rendered_row({"properties": {"ref_properties": [asked]}}, row)["properties"] == {
        "target_collection": "Book",
        "ref_props_requested": True,
        "ref_props": [
            {
                "prop_name": "related",
                "properties": [
                    {
                        "target_collection": "Author",
                        "metadata": {"id": ID, "id_as_bytes": ID_BYTES},
                        "non_ref_props": {"fields": {"name": {"text_value": "Ada"}}},
                    }
                ],
            }
        ],
    }


def test_references_to_two_collections_are_one_list() -> None:
    author = Row(object=Object(collection="Author", id=ID, properties={"name": "Ada"}))
    row = Row(object=book(related=[{}, {}]), references={"related": (author, Row(object=book(title="y")))})
    asked = [
        {"reference_property": "related", "target_collection": target, "properties": {}}
        for target in ("Book", "Author")
    ]
    (shown,) = rendered_row({"properties": {"ref_properties": asked}}, row)["properties"]["ref_props"]

    assert [pointed["target_collection"] for pointed in shown["properties"]] == ["Book", "Author"]


@pytest.mark.parametrize(
    ("properties", "shown"),
    [({}, {}), ({"author": []}, {"ref_props": [{"prop_name": "author"}]})],
    ids=["no reference", "an empty one"],
)
def test_a_reference_to_nothing_is_told_from_none(properties: dict[str, Any], shown: dict[str, Any]) -> None:
    asked = {"properties": {"ref_properties": [{"reference_property": "author"}]}}

    assert rendered_row(asked, Row(object=book(**properties), references={"author": ()}))["properties"] == {
        "target_collection": "Book",
        "ref_props_requested": True,
        **shown,
    }


# --- Metadata ---

EVERYTHING = {
    "uuid": True,
    "creation_time_unix": True,
    "last_update_time_unix": True,
    "distance": True,
    "certainty": True,
    "score": True,
    "explain_score": True,
    "is_consistent": True,
}


def metadata(asked: dict[str, Any], row: Row) -> dict[str, Any]:
    return dict(rendered_row({"properties": {}, "metadata": asked}, row)["metadata"])


def test_scores_are_present_even_where_there_are_none() -> None:
    assert metadata(EVERYTHING, Row(object=book())) == {
        "id": ID,
        "id_as_bytes": ID_BYTES,
        "creation_time_unix": "5",
        "creation_time_unix_present": True,
        "last_update_time_unix": "7",
        "last_update_time_unix_present": True,
        "score_present": True,
        "explain_score_present": True,
    }


def test_distances_are_present_where_there_is_one() -> None:
    row = Row(object=book(), distance=0.0, certainty=1.0, score=0.5, explain="because", rerank_score=2.0)
    asked = {"distance": True, "certainty": True, "score": True, "explain_score": True}

    assert metadata(asked, row) == {
        "distance_present": True,
        "certainty": 1.0,
        "certainty_present": True,
        "score": 0.5,
        "score_present": True,
        "explain_score": "because",
        "explain_score_present": True,
        "rerank_score": 2.0,
        "rerank_score_present": True,
    }


def test_what_is_not_asked_for_is_not_shown() -> None:
    row = Row(object=book(), distance=0.5, certainty=1.0, score=0.5, explain="because")

    assert metadata({}, row) == {}


@pytest.mark.parametrize("length", [1, 31, 32, 768])
def test_an_unnamed_vector_comes_as_bytes_and_as_floats(length: int) -> None:
    values = np.arange(length, dtype=np.float32)
    stored = Object(collection="Book", id=ID, properties={}, vectors={UNNAMED: values})
    shown = metadata({"vector": True}, Row(object=stored))

    assert shown == {"vector": values.tolist(), "vector_bytes": floats(*values)}


def test_named_vectors_say_what_they_are() -> None:
    vectors = {"a": np.array([1, 2], np.float32), "m": np.array([[1, 2], [3, 4]], np.float32)}
    stored = Object(collection="Named", id=ID, properties={}, vectors=vectors)
    row = rendered_row({"collection": "Named", "properties": {}, "metadata": {"vector": True}}, Row(object=stored))

    assert row["metadata"]["vectors"] == [
        {"name": "a", "vector_bytes": floats(1, 2), "type": "VECTOR_TYPE_SINGLE_FP32"},
        {"name": "m", "vector_bytes": rows((1, 2), (3, 4)), "type": "VECTOR_TYPE_MULTI_FP32"},
    ]


# --- The whole reply ---


def test_an_empty_result_still_has_the_older_generative_field() -> None:
    assert rendered({}, Reply()) == {"generative_grouped_result": ""}


def test_groups_carry_distances_and_no_scores() -> None:
    request = {
        "properties": {},
        "metadata": EVERYTHING,
        "near_vector": {"vector_bytes": floats(1)},
        "group_by": {"path": ["title"], "number_of_groups": 1, "objects_per_group": 1},
    }
    row = Row(object=book(title="x"), distance=0.25, certainty=0.5, score=1.0)
    group = Group(
        index=0, value="x", path=("title",), rows=(row,), min_distance=0.25, max_distance=0.5, rerank_score=3.0
    )
    (shown,) = rendered(request, Reply(groups=(group,)))["group_by_results"]

    assert shown["name"] == "x"
    assert shown["number_of_objects"] == "1"
    assert (shown["min_distance"], shown["max_distance"]) == (0.25, 0.5)
    assert shown["rerank"] == {"score": 3.0}
    assert set(shown["objects"][0]["metadata"]) == {
        "id",
        "id_as_bytes",
        "creation_time_unix",
        "creation_time_unix_present",
        "last_update_time_unix",
        "last_update_time_unix_present",
        "distance",
        "distance_present",
    }


def test_generated_text_is_beside_its_row_and_for_all_rows() -> None:
    request = {"properties": {}, "generative": {"single": {"prompt": "p", "debug": True}, "grouped": {"task": "t"}}}
    row = Row(object=book(), generated=Generated("one", prompt="p"))
    shown = rendered(request, Reply(rows=(row,), generated=Generated("all")))

    assert shown["results"][0]["generative"] == {"values": [{"result": "one", "debug": {"full_prompt": "p"}}]}
    assert shown["generative_grouped_results"] == {"values": [{"result": "all"}]}
    assert shown["generative_grouped_result"] == ""


def test_what_the_provider_told_is_beside_the_text() -> None:
    request = {"properties": {}, "generative": {"single": {"prompt": "p"}}}
    told = {"usage": {"total_tokens": 5, "new_field": 1}, "id": "x"}
    row = Row(object=book(), generated=Generated("one", provider="openai", metadata=told))
    stranger = Row(object=book(), generated=Generated("two", provider="openai-compatible", metadata=told))
    first, second = rendered(request, Reply(rows=(row, stranger)))["results"]
    assert first["generative"]["values"][0]["metadata"] == {"openai": {"usage": {"total_tokens": "5"}}}
    assert second["generative"]["values"] == [{"result": "two"}]


def test_rows_without_text_have_an_empty_answer_where_text_was_asked_for() -> None:
    request = {"properties": {}, "generative": {"grouped": {"task": "t"}}}

    assert rendered(request, Reply(rows=(Row(object=book()),)))["results"][0]["generative"] == {"values": [{}]}


def test_beside_groups_the_older_fields_hold_the_text() -> None:
    request = {"bm25_search": {"query": "q"}, "group_by": {"path": ["title"]}, "generative": {"grouped": {"task": "t"}}}
    group = Group(
        index=0, value="x", path=(), rows=(), min_distance=0.0, max_distance=0.0, generated=Generated("of the group")
    )
    shown = rendered(request, Reply(groups=(group,), generated=Generated("all")))

    assert shown["generative_grouped_result"] == "all"
    assert shown["group_by_results"][0]["generative"] == {"result": "of the group"}


def test_a_language_model_that_failed_fails_the_search() -> None:
    request = {"generative": {"single": {"prompt": "p"}}}

    with pytest.raises(ModuleError, match="no key"):
        rendered(request, Reply(rows=(Row(object=book(), generated=Generated("", error="no key")),)))


def test_a_profile_is_shown_shard_by_shard() -> None:
    profile = Profile("s1", "node1", {"vector": {"took": "1ms"}})

    assert rendered({"metadata": {"query_profile": True}}, Reply(profile=profile))["query_profile"] == {
        "shards": [{"name": "s1", "node": "node1", "searches": {"vector": {"details": {"took": "1ms"}}}}]
    }


def test_a_writer_is_found_for_every_property_of_a_collection() -> None:
    collection: Collection = BOOK

    assert all(writer(prop) for prop in collection.properties if not prop.is_reference)
