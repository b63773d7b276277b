"""Every recorded schema request whose answer is the schema room's: definitions are equal, refusals word by word."""

import json
from typing import Any

import pytest
from schema_replay import RULES, Schema, load

from weavelet.schema import codec

LOCAL_HOST = ("http://localhost:9", "http://<host>")

ELSEWHERE = {
    # The door refuses the body before the schema sees it.
    "class number",
    "properties not a list",
    "properties list of strings",
    "property dataType string",
    "tokenization unknown",
    "nested bad tokenization",
    "vectorIndexType number",
    "vectorConfig without vectorizer",
    "vectorConfig list",
    "cleanup interval string",
    "replication strategy unknown",
    "add property bad tokenization",
    "delete property index bad name",
    # The catalog knows which names are taken.
    "duplicate class",
    "duplicate class other case",
    "class equals alias",
    "class equals alias other case",
}
DEFECTS = {
    "class name Ünicode": "names are cut between bytes",
    "property name ü": "names are cut between bytes",
    "moduleConfig string": "nonsense is stored",
    "named put type": "the handler crashes",
    "after put vectorizer": "a refused update changes the module settings",
    "after put invertedIndexConfig invalid b": "a refused update reorders the properties",
    "after put property tokenization": "a refused update reorders the properties",
}


def _answers() -> list[Any]:
    """(case, the room's answer) in the order in which they were recorded: some build on the ones before."""
    answers = []
    for subject in ("schema-create", "schema-invalid", "schema-update"):
        schema = Schema()
        for case in load(subject):
            for step in case.get("setup", []):
                schema.answer(step)
            answer = schema.answer(case["request"])
            for step in case.get("cleanup", []):
                schema.answer(step)
            if answer is not None and case["name"] not in ELSEWHERE | DEFECTS.keys():
                answers.append(pytest.param(case, answer, id=f"{subject}: {case['name']}"))
    return answers


@pytest.mark.parametrize(("case", "answer"), _answers())
def test_recorded_schema_requests_are_answered_alike(case, answer):
    recorded = case["response"]
    assert answer.status == recorded["status"], answer.body
    if answer.status == 422:
        assert recorded["body"]["error"][0]["message"].endswith(answer.body)
        assert not answer.body.startswith(":")
    elif answer.body is not None:
        assert json.loads(json.dumps(answer.body).replace(*LOCAL_HOST)) == recorded["body"]


def _definitions() -> list[Any]:
    """Every different definition the recorded requests lead to."""
    schema = Schema()
    found: dict[str, Any] = {}
    for subject in ("schema-create", "schema-update"):
        for case in load(subject):
            for step in [*case.get("setup", []), case["request"]]:
                schema.answer(step)
            for collection in schema.collections.values():
                key = json.dumps(codec.render_collection(collection), sort_keys=True)
                found.setdefault(key, pytest.param(collection, id=f"{case['name']}: {collection.name}"))
            for step in case.get("cleanup", []):
                schema.answer(step)
    return list(found.values())


@pytest.mark.parametrize("collection", _definitions())
def test_what_is_stored_is_read_back_the_same(collection):
    document = json.loads(json.dumps(codec.render_collection(collection)))
    assert codec.parse_stored(document) == collection


@pytest.mark.parametrize("collection", _definitions())
def test_a_definition_is_accepted_as_its_own_update(collection):
    document = json.loads(json.dumps(codec.render_collection(collection)))
    assert codec.render_collection(codec.parse_update(collection, document, RULES)) == document
