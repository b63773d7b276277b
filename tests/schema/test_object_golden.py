"""Recorded writes of objects: the canonical properties and vectors are equal, refusals word by word."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from schema_replay import CASES, RULES, load

from weavelet.errors import DimensionMismatch, InvalidObject, InvalidVector
from weavelet.schema import codec, validate
from weavelet.schema.collection import UNNAMED

PREFIX = "invalid object: "

ELSEWHERE = {
    # Existence of what is referred to is the use case's to check.
    'create author = [{"beacon": "weaviate://localhost/Author/00000000-0000-4000-8000-000000000077"}]',
    'create author = [{"beacon": "weaviate://localhost/Nope/00000000-0000-4000-8000-000000000001"}]',
    "create duplicate id",
    "validate no id",
    "create tenant on plain class",
    # The index knows the length of its vectors.
    "create vector wrong length",
    "create named wrong length",
    "create named multi ragged",
    "create named multi wrong dims",
}
DEFECTS = {"create author = [5]": "the text names the wrong type"}


def _collections() -> dict[str, Any]:
    fixture = json.loads((CASES / "fixtures" / "things.json").read_text())
    collections: dict[str, Any] = {}
    for step in fixture:
        if step["path"] == "/v1/schema":
            collection = codec.parse_collection(step["body"], RULES, collections.__contains__)
            collections[collection.name] = collection
    return collections


COLLECTIONS = _collections()


def _writes() -> list[Any]:
    parameters = []
    for case in load("objects-rest"):
        request, recorded = case["request"], case["response"]
        known = isinstance(request.get("body"), dict) and str(request["body"].get("class")).title() in COLLECTIONS
        ours = request["method"] == "POST" and known and case["name"] not in ELSEWHERE | DEFECTS.keys()
        if ours and recorded["body"] is not None and "code" not in recorded["body"] and recorded["status"] != 400:
            parameters.append(pytest.param(request["body"], recorded, id=case["name"]))
    return parameters


@pytest.mark.parametrize(("body", "recorded"), _writes())
def test_recorded_objects_are_checked_alike(body, recorded):
    collection = COLLECTIONS[body["class"].title()]
    if recorded["status"] != 200:
        with pytest.raises((InvalidObject, InvalidVector)) as refusal:
            _canonical(collection, body)
        if not isinstance(refusal.value, DimensionMismatch):
            assert PREFIX + str(refusal.value) == recorded["body"]["error"][0]["message"]
        return
    properties, vectors = _canonical(collection, body)
    assert properties == _without_links(recorded["body"]["properties"])
    assert {name: vector.tolist() for name, vector in vectors.items()} == _recorded_vectors(recorded["body"])


def _canonical(collection, body: Mapping[str, Any]):
    given = {UNNAMED: body["vector"]} if "vector" in body else {}
    vectors = {
        name: np.array(values, dtype=np.float32) for name, values in {**given, **body.get("vectors", {})}.items()
    }
    return (
        validate.canonical_properties(collection, body["properties"] or {}),
        validate.canonical_vectors(collection, vectors),
    )


def _recorded_vectors(body: Mapping[str, Any]) -> dict[str, Any]:
    return body.get("vectors", {}) | ({UNNAMED: body["vector"]} if "vector" in body else {})


def _without_links(value: Any) -> Any:
    match value:
        case {"beacon": beacon}:
            return {"beacon": beacon}
        case list():
            return [_without_links(item) for item in value]
        case dict():
            return {key: _without_links(inner) for key, inner in value.items()}
    return value
