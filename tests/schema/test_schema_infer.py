"""Auto-schema: the recorded definitions, and what JSON cannot ask for."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from schema_replay import RULES, load

from weavelet.errors import InvalidObject, InvalidSchema
from weavelet.schema import codec, names
from weavelet.schema.infer import InferOptions, Integers, inferred
from weavelet.schema.objects import NewObject

NOW = datetime(2026, 11, 2, 8, 50, 7, tzinfo=UTC)
TIME = "Mon Nov  2 08:50:07 2026"
AUTHOR = "00000000-0000-4000-8000-000000009001"

ELSEWHERE = {"named vectors", "other type for an existing property", "bad class name", "empty class", "no class"}


def _fit(collection, body, **more):
    name = names.upper_first(body["class"])
    new = NewObject(collection=name, properties=body.get("properties"))
    locate = {AUTHOR: "Author"}.get
    return inferred(collection, name, [new], RULES, InferOptions(), NOW, locate=locate, **more) or collection


def _recorded() -> list[Any]:
    """(objects that led to it, recorded class) for every class that was asked for after a write."""
    parameters = []
    written: list[Any] = []
    for case in load("autoschema"):
        request, body = case["request"], case["request"].get("body")
        if any(step.get("path") == "/v1/schema/Auto" for step in case.get("setup", [])):
            written = []
        stored = request.get("method") in ("POST", "PATCH", "PUT") and case["response"]["status"] in (200, 204)
        if stored and isinstance(body, dict) and "properties" in body and str(body.get("class")).lower() == "auto":
            written = [*written, body]
        if request.get("path") == "/v1/schema/Auto" and case["response"]["status"] == 200 and written:
            parameters.append(pytest.param(written, case["response"]["body"], id=case["name"]))
    return parameters


@pytest.mark.parametrize(("written", "recorded"), _recorded())
def test_recorded_objects_get_the_recorded_definition(written, recorded):
    collection = None
    for body in written:
        collection = _fit(collection, body)
    document = json.loads(json.dumps(codec.render_collection(collection)).replace(TIME, "<time>"))
    assert _ordered(document) == _ordered(recorded)


def _ordered(value: Any) -> Any:
    """Properties by name: the recorded order is random."""
    match value:
        case {"properties": _} | {"nestedProperties": _}:
            key = "properties" if "properties" in value else "nestedProperties"
            return {**value, key: sorted(map(_ordered, value[key]), key=lambda prop: prop["name"])}
    return value


def _refusals() -> list[Any]:
    return [
        pytest.param(case["request"]["body"], case["response"]["body"]["error"][0]["message"], id=case["name"])
        for case in load("autoschema")
        if case["request"].get("path") == "/v1/objects"
        and case["response"]["status"] in (422, 500)
        and case["name"] not in ELSEWHERE
    ]


@pytest.mark.parametrize(("body", "text"), _refusals())
def test_recorded_objects_that_fit_no_type_are_refused_alike(body, text):
    with pytest.raises((InvalidObject, InvalidSchema)) as refusal:
        _fit(None, body)
    assert f"invalid object: {refusal.value}" == text


def _types(*objects, options=None, collection=None):
    news = [NewObject(collection="Auto", properties=properties) for properties in objects]
    fitted = inferred(collection, "Auto", news, RULES, options or InferOptions(), NOW)
    return {prop.name: prop.targets or prop.type.value for prop in fitted.properties}


@pytest.mark.parametrize(
    ("objects", "types"),
    [
        pytest.param([{"a": None}, {"a": 5}], {"a": "number"}, id="a number tells more than null"),
        pytest.param([{"a": []}, {"a": [True]}], {"a": "boolean[]"}, id="an element tells more than an empty list"),
        pytest.param([{"a": 5}, {"a": "x"}], {"a": "number"}, id="the first of two types counts"),
        pytest.param([{"a": Integers([1])}], {"a": "int[]"}, id="typed integers"),
        pytest.param([{"a": Integers()}], {"a": "int[]"}, id="typed integers, none of them"),
        pytest.param([{"a": {"a": 1}}, {"b": 1}], {"a": "object", "b": "number"}, id="properties of several objects"),
    ],
)
def test_a_batch_is_looked_at_as_a_whole(objects, types):
    assert _types(*objects) == types


def test_the_default_types_can_be_chosen():
    options = InferOptions(default_number="int", default_date="text")
    assert _types({"n": 5, "d": "2024-05-01T10:00:00Z"}, options=options) == {"n": "int", "d": "text"}


def test_objects_that_fit_change_nothing():
    collection = _fit(None, {"class": "Auto", "properties": {"o": {"x": 1}}})
    new = NewObject(collection="Auto", properties={"o": {"x": 2}, "O": {"x": None}})
    assert inferred(collection, "Auto", [new], RULES, InferOptions(), NOW) is None


def test_beacons_of_several_collections_make_one_reference_to_all_of_them():
    beacons = [{"beacon": f"weaviate://localhost/{name}/{AUTHOR}"} for name in ("Author", "Paper", "Author")]
    assert _types({"to": beacons}) == {"to": ("Author", "Paper")}
