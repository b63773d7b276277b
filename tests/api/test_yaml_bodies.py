"""Bodies in YAML: read as the JSON they stand for, and nothing that JSON could not say."""

import json

import pytest

from weavelet.api.rest.refusals import Refusal
from weavelet.api.rest.yaml_bodies import as_json


def test_a_definition_may_be_written_in_yaml() -> None:
    raw = b"class: Dish\nproperties:\n- name: title\n  dataType: [text]\n  indexFilterable: false\nvectorizer: none\n"
    prop = {"name": "title", "dataType": ["text"], "indexFilterable": False}
    assert json.loads(as_json(raw)) == {"class": "Dish", "properties": [prop], "vectorizer": "none"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("'5'", "5"),
        ("5", 5),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        (".nan", None),
        ("{1: a}", {"1": "a"}),
        ('{"a": [1]}', {"a": [1]}),
    ],
)
def test_values_are_those_of_json(written: str, read: object) -> None:
    assert json.loads(as_json(f"a: {written}".encode()))["a"] == read


def test_no_body_stays_none() -> None:
    assert as_json(b" \n") == b" \n"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"a: &x [1]\nb: *x", "aliases are not taken"),
        (b"a: !!binary aGk=", "tag tag:yaml.org,2002:binary is not taken"),
        (b"a: !!python/object:os.system {}", "is not taken"),
        (b"[" * 5_000, "more than 100 levels"),
        (b"a: [1", "while parsing a flow sequence"),
        (b"a: 1\n--- \nb: 2", "expected a single document"),
        (b"\xff\xfe\xff", "yaml"),
        (b"{[1]: 2}", "unhashable"),
    ],
)
def test_what_json_cannot_say_is_refused_with_the_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        as_json(raw)
    assert caught.value.status == 400
    assert reason in str(caught.value.body)
