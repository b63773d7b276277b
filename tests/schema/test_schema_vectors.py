"""Vector index settings beyond the recorded cases, and vectors under the names they are kept by."""

import numpy as np
import pytest
from schema_replay import RULES

from weavelet.errors import DimensionMismatch, InvalidSchema, InvalidVector
from weavelet.schema import changes, codec, validate
from weavelet.schema.codec import ModuleRules, SchemaRules
from weavelet.schema.collection import UNNAMED
from weavelet.schema.datatypes import Distance

NONE = {"none": {}}
ASYNC = SchemaRules(async_indexing=True)


def _collection(rules=RULES, **document):
    return codec.parse_collection({"class": "Vec", **document}, rules, lambda _: False)


def _index(kind, settings=None, rules=ASYNC):
    return _collection(rules, vectorIndexType=kind, vectorIndexConfig=settings or {}).vectors[UNNAMED].index


def test_a_dynamic_index_holds_a_graph_and_a_flat_index():
    index = _index("dynamic", {"threshold": 50, "hnsw": {"ef": 7}, "flat": {"bq": {"enabled": True}}})
    assert list(index.document) == ["distance", "threshold", "hnsw", "flat"]
    assert (index.threshold, index.ef, index.quantizer, index.rescore_limit) == (50, 7, "bq", -1)


def test_an_hfresh_index_has_its_own_settings():
    index = _index("hfresh", {"searchProbe": 9})
    assert index.document == {
        "maxPostingSizeKB": 48,
        "replicas": 4,
        "searchProbe": 9,
        "distance": "cosine",
        "rq": {"enabled": True, "bits": 1, "rescoreLimit": 350},
        "postingRescoreLimit": 15,
    }


@pytest.mark.parametrize(
    ("kind", "settings", "problem"),
    [
        ("hfresh", {"distance": "dot"}, "unsupported distance type 'dot'"),
        ("hfresh", {"maxPostingSizeKB": 1}, "maxPostingSizeKB is '1' but must be at least 8"),
        ("hfresh", {"replicas": 11}, "replicas is '11' but must be less than 10"),
        ("hfresh", {"bq": {"enabled": True}}, "bq is not supported for hfresh index"),
        ("dynamic", {"hnsw": {"multivector": {"enabled": True}}}, "multi vector index is not supported"),
        ("dynamic", {"flat": {"pq": {"enabled": True}}}, "PQ is not currently supported for flat indices"),
        ("flat", {"bq": {"cache": True}}, "not possible to use the cache without compression"),
        ("hnsw", {"rq": {"enabled": True, "bits": 2}}, "RQ bits must be 8, 4 or 1"),
    ],
)
def test_index_settings_that_make_no_sense_are_refused(kind, settings, problem):
    with pytest.raises(InvalidSchema, match=problem):
        _index(kind, settings)


@pytest.mark.parametrize(
    ("preferred", "quantizer", "bits"),
    [("rq-8", "rq", 8), ("rq-1", "rq", 1), ("rq", "rq", 8), ("bq", "bq", None), ("", None, None), ("zz", None, None)],
)
def test_new_graphs_are_quantized_as_the_server_prefers(preferred, quantizer, bits):
    index = _index("hnsw", rules=SchemaRules(default_quantization=preferred))
    assert index.quantizer == quantizer
    assert index.document["trackDefaultQuantization"] is (quantizer is not None)
    assert bits is None or index.document["rq"]["bits"] == bits


def test_an_own_choice_of_quantizer_wins():
    rules = SchemaRules(default_quantization="rq-8")
    assert _index("hnsw", {"pq": {"enabled": True}}, rules).quantizer == "pq"
    skipping = _index("hnsw", {"skipDefaultQuantization": True}, rules)
    assert (skipping.quantizer, skipping.document["trackDefaultQuantization"]) == (None, True)


def test_server_defaults_apply_where_nothing_is_said():
    rules = SchemaRules(default_distance="dot", default_index_type="flat", sharding_count=3)
    collection = _collection(rules)
    assert collection.vectors[UNNAMED].index.kind == "flat"
    assert collection.vectors[UNNAMED].index.distance is Distance.DOT
    assert collection.sharding["desiredCount"] == 3


def test_a_module_of_several_vectors_switches_its_index_over():
    rules = SchemaRules(modules={"text2multivec-x": ModuleRules("multivectorizer")})
    collection = _collection(rules, vectorConfig={"m": {"vectorizer": {"text2multivec-x": {}}}})
    assert collection.vectors["m"].index.multivector


def _update(kind, before, after):
    document = {"class": "Vec", "vectorIndexType": kind, "vectorIndexConfig": after}
    return changes.updated(_collection(ASYNC, vectorIndexType=kind, vectorIndexConfig=before), document, ASYNC)


@pytest.mark.parametrize(
    ("kind", "before", "after", "problem"),
    [
        (
            "hnsw",
            {"rq": {"enabled": True}},
            {"rq": {"enabled": True, "bits": 1}},
            'rq bits is immutable: .* "8" to "1"',
        ),
        ("flat", {}, {"distance": "dot"}, 'distance is immutable: .* "cosine" to "dot"'),
        (
            "flat",
            {"rq": {"enabled": True}},
            {"rq": {"enabled": True, "bits": 1}},
            'rq.bits is immutable: .* "8" to "1"',
        ),
        ("dynamic", {}, {"hnsw": {"efConstruction": 64}}, 'efConstruction is immutable: .* "128" to "64"'),
        ("hfresh", {}, {"replicas": 5}, 'replicas is immutable: .* "4" to "5"'),
    ],
)
def test_settings_that_shape_an_index_cannot_change(kind, before, after, problem):
    with pytest.raises(InvalidSchema, match=problem):
        _update(kind, before, after)


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("hnsw", {"rq": {"bits": 1}}),
        ("flat", {"vectorCacheMaxObjects": 5}),
        ("dynamic", {"threshold": 5, "hnsw": {"ef": 9}}),
        ("hfresh", {"searchProbe": 5}),
    ],
)
def test_settings_of_a_search_can_change(kind, after):
    updated = _update(kind, {}, after)
    assert updated.vectors[UNNAMED].index.document != _index(kind).document


def _vector(*values):
    return np.array(values, dtype=np.float32)


LEGACY = _collection()
ONE = _collection(vectorConfig={"a": {"vectorizer": NONE}})
TWO = _collection(
    vectorConfig={
        "a": {"vectorizer": NONE},
        "m": {"vectorizer": NONE, "vectorIndexConfig": {"multivector": {"enabled": True}}},
    }
)


@pytest.mark.parametrize(
    ("collection", "given", "kept"),
    [
        pytest.param(LEGACY, UNNAMED, UNNAMED, id="unnamed"),
        pytest.param(LEGACY, "default", UNNAMED, id="default is the unnamed one"),
        pytest.param(ONE, UNNAMED, "a", id="the only named one"),
        pytest.param(TWO, "a", "a", id="one of two"),
    ],
)
def test_vectors_get_the_name_they_are_kept_by(collection, given, kept):
    assert list(validate.canonical_vectors(collection, {given: _vector(1, 2)})) == [kept]


def test_empty_vectors_are_none():
    assert validate.canonical_vectors(ONE, {"a": _vector()}) == {}


@pytest.mark.parametrize(
    ("collection", "vectors", "error", "problem"),
    [
        (LEGACY, {"a": _vector(1)}, InvalidVector, "collection Vec does not have configuration for vector a"),
        (ONE, {"default": _vector(1)}, InvalidVector, "collection Vec does not have configuration for vector default"),
        (TWO, {"": _vector(1)}, InvalidVector, "collection Vec configuration does not have single vector index"),
        (ONE, {"": _vector(1), "a": _vector(1)}, InvalidVector, "collection Vec: vector 'a' is given twice"),
        (ONE, {"a": _vector(float("nan"))}, InvalidVector, "not a finite number"),
        (ONE, {"a": _vector(float("inf"))}, InvalidVector, "not a finite number"),
        (ONE, {"a": _vector([1, 2])}, DimensionMismatch, "takes one vector, got a list of vectors"),
        (TWO, {"m": _vector(1, 2)}, DimensionMismatch, "takes a list of vectors, got one vector"),
    ],
)
def test_vectors_that_fit_no_index_are_refused(collection, vectors, error, problem):
    with pytest.raises(error, match=problem):
        validate.canonical_vectors(collection, vectors)
