"""What is embedded of an object, against texts recorded from Weaviate."""

import pytest

from weavelet.errors import InvalidSchema
from weavelet.modules.texts import PROPERTY_DEFAULTS, camel_words, check_sources, check_vectorizable, corpus_text
from weavelet.schema.collection import Collection, Property, Settings, VectorConfig, VectorIndex
from weavelet.schema.datatypes import DataType

MODULE = "text2vec-transformers"
TYPES = {
    "title": DataType.TEXT,
    "body": DataType.TEXT,
    "tags": DataType.TEXT_ARRAY,
    "myTitle": DataType.TEXT,
    "n": DataType.INT,
    "price": DataType.NUMBER,
    "prices": DataType.NUMBER_ARRAY,
    "sold": DataType.BOOLEAN,
    "day": DataType.DATE,
    "where": DataType.OBJECT,
    "all": DataType.OBJECT_ARRAY,
    "code": DataType.UUID,
    "place": DataType.GEO,
    "image": DataType.BLOB,
}
PLACE = {"latitude": 1.0, "longitude": 2.0}
DOCUMENT = {
    "title": "Hot Soup",
    "body": "with bread",
    "tags": ["a b", "c"],
    "n": 5,
    "price": 1000000.0,
    "prices": [1.5, 2.0],
    "sold": True,
    "day": "2026-11-21T10:00:00Z",
    "where": {"zip": 1, "city": "Oslo"},
    "all": [{"b": 1, "a": 2}],
    "place": PLACE,
    "image": "aGVsbG8=",
}


def collection(name: str, settings: Settings, **own: Settings) -> tuple[Collection, VectorConfig]:
    properties = tuple(
        Property(name=name, type=type, modules={MODULE: {**PROPERTY_DEFAULTS, **own.get(name, {})}})
        for name, type in TYPES.items()
    )
    vector = VectorConfig(name="", vectorizer=MODULE, settings=settings, index=VectorIndex(kind="hnsw"))
    return Collection(name=name, properties=properties, vectors={"": vector}), vector


BARE = {"vectorizeClassName": False}


@pytest.mark.parametrize(
    ("settings", "values", "text"),
    [
        pytest.param(BARE, ["title", "body", "tags", "n"], "with bread a b c Hot Soup", id="texts in order of names"),
        pytest.param({**BARE, "properties": ["body", "n"]}, ["title", "body", "n"], "with bread 5", id="sources"),
        pytest.param({**BARE, "properties": ["title"]}, ["title", "body"], "Hot Soup", id="one source"),
        pytest.param({}, ["title"], "Super Car Hot Soup", id="class name by default"),
        pytest.param({"vectorizeClassName": "false"}, ["title"], "Hot Soup", id="a flag written as text"),
        pytest.param(BARE, ["n", "price"], "Super Car", id="nothing to embed: the class name"),
        pytest.param({**BARE, "properties": ["title"]}, ["n"], None, id="no source present: nothing"),
        pytest.param({"properties": ["title"]}, ["n"], "Super Car", id="no source, but the class name"),
        pytest.param({**BARE, "properties": ["price"]}, ["price"], "1e+06", id="a million"),
        pytest.param({**BARE, "properties": ["prices"]}, ["prices"], "1.5 2", id="numbers one by one"),
        pytest.param({**BARE, "properties": ["sold"]}, ["sold"], "true", id="boolean"),
        pytest.param({**BARE, "properties": ["day"]}, ["day"], "2026-11-21T10:00:00Z", id="date"),
        pytest.param({**BARE, "properties": ["where"]}, ["where"], '{"city":"Oslo","zip":1}', id="object"),
        pytest.param({**BARE, "properties": ["all"]}, ["all"], '[{"a":2,"b":1}]', id="objects"),
        pytest.param({**BARE, "properties": ["place", "image"]}, ["place", "image"], None, id="geo and blob never"),
    ],
)
def test_the_text_of_an_object(settings: Settings, values: list[str], text: str | None) -> None:
    definition, vector = collection("SuperCar", settings)
    assert corpus_text(definition, vector, {name: DOCUMENT[name] for name in values}) == text


def test_an_empty_value_is_an_empty_part() -> None:
    definition, vector = collection("C", BARE)
    assert corpus_text(definition, vector, {"body": "", "title": "x"}) == " x"
    assert corpus_text(definition, vector, {"title": ""}) is None


def test_names_of_class_and_property_are_split_and_skipped_properties_left_out() -> None:
    definition, vector = collection("TxtName", {}, myTitle={"vectorizePropertyName": True}, body={"skip": True})
    values = {"myTitle": "Hot Soup", "body": "skipped", "tags": ["x"]}
    assert corpus_text(definition, vector, values) == "Txt Name my Title Hot Soup x"


def test_a_named_property_is_named_before_each_element_and_a_source_is_not_skipped() -> None:
    settings = {"vectorizeClassName": False, "properties": ["tags"]}
    definition, vector = collection("C", settings, tags={"vectorizePropertyName": True, "skip": True})
    assert corpus_text(definition, vector, {"tags": ["a b", "c"]}) == "tags a b tags c"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SuperCar", "Super Car"),
        ("PDFLoader", "PDF Loader"),
        ("my_prop2", "my _ prop 2"),
        ("Txt", "Txt"),
        ("HTML5Page", "HTML 5 Page"),
        ("ABC", "ABC"),
        ("ÄußereForm", "Äußere Form"),
    ],
)
def test_camel_case_is_split(name: str, words: str) -> None:
    assert camel_words(name) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1, "0.1"), (42.0, "42"), (999999.0, "999999"), (1234567.0, "1.234567e+06"), (1e-05, "1e-05"), (-2.5, "-2.5")],
)
def test_numbers_are_printed_as_weaviate_prints_them(value: float, text: str) -> None:
    definition, vector = collection("C", {**BARE, "properties": ["price"]})
    assert corpus_text(definition, vector, {"price": value}) == text


@pytest.mark.parametrize(
    ("listed", "problem"),
    [
        ([], "properties field needs to have at least 1 property defined"),
        ("t", "properties field needs to be of array type, got: string"),
        ([1], "properties field value: 1 must be a string"),
    ],
)
def test_source_properties_are_checked(listed: object, problem: str) -> None:
    with pytest.raises(InvalidSchema, match=f"^{problem}$"):
        check_sources({"properties": listed})


def test_a_collection_without_any_text_needs_auto_schema_or_the_class_name() -> None:
    vector = VectorConfig(name="", vectorizer=MODULE, settings=BARE, index=VectorIndex(kind="hnsw"))
    empty = Collection(name="C", properties=(Property(name="n", type=DataType.INT),))
    with pytest.raises(InvalidSchema, match=r"^invalid properties: didn't find a single property"):
        check_vectorizable(empty, vector, auto_schema=False)
    check_vectorizable(empty, vector, auto_schema=True)
    sourced = VectorConfig(name="", vectorizer=MODULE, settings={**BARE, "properties": ["n"]}, index=vector.index)
    check_vectorizable(empty, sourced, auto_schema=False)
