"""A vectorizer's model may move to another address; it may not become another model."""

import pytest
from schema_replay import RULES, TRANSFORMERS

from weavelet.errors import InvalidSchema
from weavelet.schema import changes, codec
from weavelet.schema.collection import UNNAMED


def _named(**settings):
    return {"vectorConfig": {"v": {"vectorizer": {TRANSFORMERS: settings}}}}


def _unnamed(**settings):
    return {"vectorizer": TRANSFORMERS, "moduleConfig": {TRANSFORMERS: settings}}


def _updated(document, after):
    current = codec.parse_collection({"class": "Book", **document}, RULES, lambda _: False)
    return changes.updated(current, {**codec.render_collection(current), **after}, RULES)


@pytest.mark.parametrize(("shape", "name"), [(_named, "v"), (_unnamed, UNNAMED)])
def test_the_address_of_a_model_may_change(shape, name):
    moved = _updated(shape(inferenceUrl="http://old"), shape(inferenceUrl="http://new"))
    assert moved.vectors[name].settings["inferenceUrl"] == "http://new"
    assert _updated(shape(inferenceUrl="http://old"), shape()).vectors[name].settings.get("inferenceUrl") is None


@pytest.mark.parametrize("shape", [_named, _unnamed])
def test_what_the_model_does_may_not(shape):
    with pytest.raises(InvalidSchema, match=r"immutable for class|can only update generative and reranker"):
        _updated(shape(inferenceUrl="http://a"), shape(inferenceUrl="http://b", poolingStrategy="cls"))
