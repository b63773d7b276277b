"""Definitions beyond the recorded cases: migration, modules, clusters, expiry, and what the official client reads."""

import json

import pytest
from schema_replay import RULES, TRANSFORMERS
from weaviate.collections.classes.config_methods import _collection_config_from_json

from weavelet.errors import InvalidSchema
from weavelet.schema import changes, codec
from weavelet.schema.codec import ModuleRules, SchemaRules
from weavelet.schema.collection import UNNAMED, TextAnalyzer
from weavelet.schema.datatypes import Tokenization

RERANKERS = SchemaRules(modules={**RULES.modules, "generative-other": ModuleRules("generative")})


def _parse(rules=RULES, exists=lambda _: False, **document):
    return codec.parse_collection({"class": "Book", **document}, rules, exists)


def _property(rules=RULES, **document):
    return _parse(rules, properties=[{"name": "p", "dataType": ["text"], **document}]).properties[0]


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({}, id="minimal"),
        pytest.param({"vectorizer": TRANSFORMERS}, id="vectorizer"),
        pytest.param({"multiTenancyConfig": {"enabled": True}}, id="tenants"),
        pytest.param({"vectorConfig": {"a": {"vectorizer": {"none": None}, "vectorIndexType": "hfresh"}}}, id="hfresh"),
        pytest.param({"vectorConfig": {"a": {"vectorizer": {TRANSFORMERS: {"properties": ["p"]}}}}}, id="named"),
        pytest.param({"moduleConfig": {"reranker-dummy": {}, "generative-dummy": {}}}, id="modules"),
        pytest.param({"replicationConfig": {"asyncConfig": {"maxWorkers": 2}}}, id="replication"),
    ],
)
def test_the_official_client_reads_every_definition(document):
    properties = [
        {"name": "p", "dataType": ["text"], "textAnalyzer": {"asciiFold": True}},
        {"name": "o", "dataType": ["object"], "nestedProperties": [{"name": "x", "dataType": ["int"]}]},
        {"name": "next", "dataType": ["Book"]},
    ]
    rendered = codec.render_collection(_parse(properties=properties, **document))
    config = _collection_config_from_json(json.loads(json.dumps(rendered)))
    assert [prop.name for prop in config.properties] == ["p", "o"]
    assert [reference.name for reference in config.references] == ["next"]


@pytest.mark.parametrize(
    ("asked", "kept"), [("", Tokenization.WHITESPACE), ("word", Tokenization.WHITESPACE), ("field", Tokenization.FIELD)]
)
def test_strings_become_texts(asked, kept):
    prop = _property(dataType=["string"], tokenization=asked)
    assert (prop.type.value, prop.tokenization) == ("text", kept)


def test_strings_know_only_their_own_tokenizations():
    with pytest.raises(InvalidSchema, match="tokenization 'trigram' is not allowed for data type 'string'"):
        _property(dataType=["string"], tokenization="trigram")


def test_the_default_tokenization_is_for_top_level_texts():
    rules = SchemaRules(default_tokenization="trigram")
    nested = [{"name": "x", "dataType": ["text"]}]
    assert _property(rules).tokenization is Tokenization.TRIGRAM
    outer = _property(rules, dataType=["object"], nestedProperties=nested)
    assert outer.nested[0].tokenization is Tokenization.WORD


def test_tokenizers_with_a_dictionary_can_be_there():
    rules = SchemaRules(tokenizers=frozenset({Tokenization.GSE}))
    assert _property(rules, tokenization="gse").tokenization is Tokenization.GSE


def test_an_analyzer_that_changes_nothing_is_none():
    assert _property(textAnalyzer={"asciiFold": False}).analyzer is None
    assert _property(textAnalyzer={"asciiFold": True}).analyzer == TextAnalyzer(ascii_fold=True)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"dataType": ["object"], "tokenization": "word"}, "At least one nested property is required"),
        ({"dataType": ["Book"], "tokenization": "word"}, "tokenization is not allowed for reference data type"),
        ({"textAnalyzer": {"asciiFold": True, "asciiFoldIgnore": ["ab"]}}, 'must be a single character, got "ab"'),
        (
            {"textAnalyzer": {"asciiFold": True}, "indexFilterable": False, "indexSearchable": False},
            "property 'p': processing options are only allowed for properties with an inverted index",
        ),
        ({"moduleConfig": {TRANSFORMERS: {}}}, f'vectorizer "{TRANSFORMERS}" not configured'),
        ({"dataType": ["Nope"]}, "bad request: reference property to nonexistent class"),
        ({"dataType": "text"}, r"properties\.dataType must be a list, got string"),
    ],
)
def test_properties_that_make_no_sense_are_refused(document, problem):
    with pytest.raises(InvalidSchema, match=problem):
        _property(**document)


@pytest.mark.parametrize(
    ("rules", "factor", "problem"),
    [
        (SchemaRules(minimum_replication=3), 2, "requires a minimum replication factor of 3: got 2"),
        (SchemaRules(maximum_replication=2, nodes=5), 3, "caps replication at 2: got 3"),
        (SchemaRules(), 2, "could not find enough weaviate nodes for replication: 1 available, 2 requested"),
    ],
)
def test_copies_need_nodes(rules, factor, problem):
    with pytest.raises(InvalidSchema, match=problem):
        _parse(rules, replicationConfig={"factor": factor})


def test_more_copies_need_nodes_for_the_shards_there_are():
    collection, more = _parse(), {"class": "Book", "replicationConfig": {"factor": 2}}
    assert changes.updated(collection, more, SchemaRules()).replication["factor"] == 2
    with pytest.raises(InvalidSchema, match='not enough replicas in shard "s1" to increase replication factor to 2'):
        changes.updated(collection, more, SchemaRules(), ["s1"])


@pytest.mark.parametrize(("given", "kept"), [({"hashtreeHeight": 20}, {"hashtreeHeight": 20}), ({}, None)])
def test_how_copies_are_kept_alike_is_remembered(given, kept):
    assert _parse(replicationConfig={"asyncConfig": given}).replication.get("asyncConfig") == kept


def test_how_copies_are_kept_alike_has_its_bounds():
    with pytest.raises(InvalidSchema, match="hashtreeHeight: value 21 out of range: min 0, max 20"):
        _parse(replicationConfig={"asyncConfig": {"hashtreeHeight": 21}})


def test_a_nested_property_has_the_stop_words_of_its_collection():
    nested = {"name": "body", "dataType": ["text"], "textAnalyzer": {"stopwordPreset": "fr"}}
    properties = [{"name": "doc", "dataType": ["object"], "nestedProperties": [nested]}]
    collection = _parse(properties=properties, invertedIndexConfig={"stopwordPresets": {"fr": ["le"]}})
    assert collection.properties[0].nested[0].analyzer.stopword_preset == "fr"
    with pytest.raises(InvalidSchema, match=r"property 'doc\.body': unknown stopword preset"):
        _parse(properties=properties)


def test_a_cluster_fills_in_its_own_numbers():
    collection = _parse(SchemaRules(nodes=3, minimum_replication=2))
    assert collection.replication == {"asyncEnabled": True, "deletionStrategy": "TimeBasedResolution", "factor": 2}
    assert collection.sharding["desiredCount"] == 3


DATE = [{"name": "until", "dataType": ["date"]}, {"name": "n", "dataType": ["int"]}]


@pytest.mark.parametrize(
    ("ttl", "problem"),
    [
        ({"deleteOn": "n"}, 'property "n" set as "deleteOn" should have "date" data type, "int" given'),
        ({"deleteOn": "_creationTimeUnix", "defaultTtl": 59}, 'Required minimum "60" seconds, given "59" seconds'),
        ({}, 'missing value for "deleteOn"'),
    ],
)
def test_expiry_that_makes_no_sense_is_refused(ttl, problem):
    with pytest.raises(InvalidSchema, match=problem):
        _parse(properties=DATE, objectTtlConfig={"enabled": True, **ttl})


def test_expiry_by_age_needs_indexed_times():
    ttl = {"enabled": True, "deleteOn": "_creationTimeUnix", "defaultTtl": 60}
    assert _parse(objectTtlConfig=ttl).inverted.index_timestamps
    with pytest.raises(InvalidSchema, match="requires indexed timestamps"):
        _updated({}, {"objectTtlConfig": ttl})


def test_expiry_by_a_date_or_not_at_all():
    assert _parse(properties=DATE, objectTtlConfig={"enabled": True, "deleteOn": "until"}).ttl.seconds == 0
    assert _parse(objectTtlConfig={"enabled": False, "deleteOn": "zzz"}).ttl.enabled is False


def test_two_vectorizers_in_the_module_settings_are_one_too_many():
    rules = SchemaRules(modules={"a2v": ModuleRules("vectorizer"), "b2v": ModuleRules("vectorizer")})
    with pytest.raises(
        InvalidSchema, match=r"multiple vectorizers .*: \[a2v b2v\]\. class.vectorizer is set to \"a2v\""
    ):
        _parse(rules, vectorizer="a2v", moduleConfig={"b2v": {}})


def test_named_vectors_know_every_module_named():
    with pytest.raises(InvalidSchema, match="module with name nope doesn't exist"):
        _parse(vectorConfig={"a": {"vectorizer": {"none": {}}}}, moduleConfig={"nope": {}})


def _updated(before, after, rules=RERANKERS):
    return changes.updated(_parse(rules, **before), {"class": "Book", **after}, rules)


def test_a_new_generator_takes_the_place_of_the_old_one():
    updated = _updated(
        {"moduleConfig": {"generative-dummy": {}, "reranker-dummy": {"a": 1}}},
        {"moduleConfig": {"generative-other": {"b": 2}}},
    )
    assert updated.modules == {"reranker-dummy": {"a": 1}, "generative-other": {"b": 2}}


def test_settings_of_the_vectorizer_stay():
    with pytest.raises(InvalidSchema, match=f"can only update .* Got: {TRANSFORMERS} for class: Book"):
        _updated(
            {"vectorizer": TRANSFORMERS},
            {"vectorizer": TRANSFORMERS, "moduleConfig": {TRANSFORMERS: {"poolingStrategy": "cls"}}},
        )


def test_settings_of_the_vectorizer_may_be_left_out():
    settings = {TRANSFORMERS: {"poolingStrategy": "cls"}}
    updated = _updated({"vectorizer": TRANSFORMERS, "moduleConfig": settings}, {"vectorizer": TRANSFORMERS})
    assert updated.modules[TRANSFORMERS]["poolingStrategy"] == "cls"
    assert updated.vectors[UNNAMED].settings["poolingStrategy"] == "cls"


@pytest.mark.parametrize(
    ("moduleConfig", "problem"),
    [
        ({TRANSFORMERS: {"skip": True}}, f'property "p": module "{TRANSFORMERS}" configuration cannot be updated'),
        ({TRANSFORMERS: {"skip": False}}, None),
    ],
)
def test_settings_of_a_property_stay(moduleConfig, problem):  # noqa: N803
    before = {"vectorizer": TRANSFORMERS, "properties": [{"name": "p", "dataType": ["text"]}]}
    after = {
        "vectorizer": TRANSFORMERS,
        "properties": [{"name": "p", "dataType": ["text"], "description": "new", "moduleConfig": moduleConfig}],
    }
    if problem is None:
        assert _updated(before, after).properties[0].description == "new"
    else:
        with pytest.raises(InvalidSchema) as refusal:
            _updated(before, after)
        assert str(refusal.value).endswith(problem)


def test_an_index_of_a_property_can_be_dropped():
    collection = _parse(properties=[{"name": "n", "dataType": ["int"], "indexRangeFilters": True}])
    for index in ("rangeFilters", "filterable", "searchable"):
        collection = changes.without_property_index(collection, "n", index)
    prop = collection.properties[0]
    assert (prop.filterable, prop.range_filters, prop.searchable) == (False, False, False)
    with pytest.raises(InvalidSchema, match="property name zz: not found"):
        changes.without_property_index(collection, "zz", "filterable")
