"""`Filters` messages into filters."""

from typing import Any

import pytest
from google.protobuf.json_format import ParseDict

from tests.api.grpc_world import BOOK, find
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.filters import parse_filter
from weavelet.engine.query import (
    And,
    Compare,
    Filter,
    GeoRange,
    Internal,
    Not,
    OfLength,
    OfProperty,
    OfReferenceCount,
    OfReferenced,
    Operator,
    Or,
    ValueKind,
)
from weavelet.errors import CollectionNotFound, InvalidFilter, WeaveletError

AUTHOR_NAME = OfReferenced("author", "Author", OfProperty("name"))


def parsed(document: dict[str, Any]) -> Filter:
    return parse_filter(ParseDict(document, pb.Filters()), BOOK, find)


def equal(target: dict[str, Any], **value: Any) -> dict[str, Any]:
    return {"operator": "OPERATOR_EQUAL", "target": target, **value}


@pytest.mark.parametrize(
    ("target", "value", "path"),
    [
        ({"property": "title"}, {"value_text": "x"}, OfProperty("title")),
        ({"property": "_id"}, {"value_text": "x"}, Internal.ID),
        ({"property": "_creationTimeUnix"}, {"value_text": "1"}, Internal.CREATED),
        ({"property": "_lastUpdateTimeUnix"}, {"value_text": "1"}, Internal.UPDATED),
        ({"property": "len(title)"}, {"value_int": 1}, OfLength("title")),
        ({"property": "address.city"}, {"value_text": "x"}, OfProperty("address.city")),
        ({"property": "addresses[0].flat.floor"}, {"value_int": 1}, OfProperty("addresses[0].flat.floor")),
        ({"count": {"on": "author"}}, {"value_int": 1}, OfReferenceCount("author")),
        ({"single_target": {"on": "author", "target": {"property": "name"}}}, {"value_text": "x"}, AUTHOR_NAME),
        (
            {"multi_target": {"on": "related", "target_collection": "author", "target": {"property": "len(name)"}}},
            {"value_int": 1},
            OfReferenced("related", "Author", OfLength("name")),
        ),
        (
            {
                "single_target": {
                    "on": "author",
                    "target": {"single_target": {"on": "friend", "target": {"property": "_id"}}},
                }
            },
            {"value_text": "x"},
            OfReferenced("author", "Author", OfReferenced("friend", "Author", Internal.ID)),
        ),
    ],
    ids=lambda case: str(case)[:60],
)
def test_targets_become_paths(target: dict[str, Any], value: dict[str, Any], path: object) -> None:
    found = parsed(equal(target, **value))

    assert isinstance(found, Compare)
    assert found.path == path


@pytest.mark.parametrize(
    ("on", "path"),
    [
        (["pages"], OfProperty("pages")),
        (["author"], OfReferenceCount("author")),
        (["author", "Author", "age"], OfReferenced("author", "Author", OfProperty("age"))),
    ],
)
def test_the_older_path_form_is_understood(on: list[str], path: object) -> None:
    found = parsed({"operator": "OPERATOR_EQUAL", "on": on, "value_int": 3})

    assert found == Compare(path, Operator.EQUAL, 3, ValueKind.INT)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "sent", "value", "kind"),
    [
        ("pages", {"value_int": 2}, 2, ValueKind.INT),
        ("pages", {"value_number": 2.0}, 2, ValueKind.INT),
        ("pages", {"value_text": "2"}, 2, ValueKind.INT),
        ("runs", {"value_text": "2.0"}, 2, ValueKind.INT),
        ("price", {"value_int": 2}, 2.0, ValueKind.NUMBER),
        ("price", {"value_text": "1e3"}, 1000.0, ValueKind.NUMBER),
        ("title", {"value_int": 2}, 2, ValueKind.INT),
        ("sold", {"value_boolean": True}, True, ValueKind.BOOLEAN),
        ("printed", {"value_text": "2024-01-01T00:00:00Z"}, "2024-01-01T00:00:00Z", ValueKind.DATE),
        ("isbn", {"value_text": "x"}, "x", ValueKind.TEXT),
    ],
    ids=str,
)
def test_values_are_made_to_fit_the_property(name: str, sent: dict[str, Any], value: object, kind: ValueKind) -> None:
    found = parsed(equal({"property": name}, **sent))

    assert isinstance(found, Compare)
    assert (found.value, type(found.value), found.kind) == (value, type(value), kind)


@pytest.mark.parametrize(
    ("name", "sent", "value", "kind"),
    [
        ("pages", {"value_number_array": {"values": [1.0, 2.0]}}, (1, 2), ValueKind.INT),
        ("prices", {"value_int_array": {"values": [1]}}, (1.0,), ValueKind.NUMBER),
        ("tags", {"value_text_array": {"values": ["a", "b"]}}, ("a", "b"), ValueKind.TEXT),
        ("sales", {"value_boolean_array": {"values": [True]}}, (True,), ValueKind.BOOLEAN),
        ("tags", {"value_text_array": {}}, (), ValueKind.TEXT),
    ],
    ids=str,
)
def test_lists_are_made_to_fit_item_by_item(name: str, sent: dict[str, Any], value: object, kind: ValueKind) -> None:
    found = parsed({"operator": "OPERATOR_CONTAINS_ANY", "target": {"property": name}, **sent})

    assert found == Compare(OfProperty(name), Operator.CONTAINS_ANY, value, kind)  # type: ignore[arg-type]


def test_a_geo_range_is_latitude_longitude_and_metres() -> None:
    found = parsed(
        {
            "operator": "OPERATOR_WITHIN_GEO_RANGE",
            "target": {"property": "shop"},
            "value_geo": {"latitude": 1.5, "longitude": 2.5, "distance": 2000},
        }
    )

    assert found == Compare(OfProperty("shop"), Operator.WITHIN_GEO_RANGE, GeoRange(1.5, 2.5, 2000.0), ValueKind.GEO)


def test_and_or_and_not_hold_other_filters() -> None:
    leaf = equal({"property": "pages"}, value_int=1)
    compare = parsed(leaf)

    assert parsed({"operator": "OPERATOR_AND", "filters": [leaf, leaf]}) == And((compare, compare))
    assert parsed({"operator": "OPERATOR_OR", "filters": [leaf]}) == Or((compare,))
    assert parsed({"operator": "OPERATOR_NOT", "filters": [leaf]}) == Not(compare)


@pytest.mark.parametrize(
    ("document", "kind", "text"),
    [
        (equal({"property": "zz"}, value_int=1), InvalidFilter, "no such prop with name 'zz' found in class 'Book'"),
        (equal({"property": "Title"}, value_text="x"), InvalidFilter, "no such prop with name 'Title'"),
        (equal({"property": "address.zz"}, value_text="x"), InvalidFilter, "no such prop with name 'address.zz'"),
        (equal({"property": "pages"}, value_number=2.5), InvalidFilter, "received a floating point number 2.5"),
        (equal({"property": "pages"}, value_number="NaN"), InvalidFilter, "received a floating point number nan"),
        (equal({"property": "pages"}, value_number=1e19), InvalidFilter, "received a floating point number 1e+19"),
        (equal({"property": "pages"}, value_text="x"), InvalidFilter, "could not parse string 'x' as int"),
        (equal({"property": "price"}, value_text="1_0"), InvalidFilter, "could not parse string '1_0' as float"),
        (equal({"property": "pages"}), InvalidFilter, "filter with operator 'Equal' has no value"),
        (equal({"property": "pages"}, value_int_array={}), InvalidFilter, "operator 'Equal' takes one value"),
        (
            {"operator": "OPERATOR_CONTAINS_ANY", "target": {"property": "pages"}, "value_int": 1},
            InvalidFilter,
            "operator 'ContainsAny' takes a list of values",
        ),
        ({"target": {"property": "pages"}, "value_int": 1}, InvalidFilter, "unknown filter operator OPERATOR_UNSPEC"),
        ({}, InvalidFilter, "uneven number of components: property, class, property, ...., got []"),
        ({"operator": "OPERATOR_EQUAL", "on": ["author", "Author"]}, InvalidFilter, "got [author Author]"),
        ({"operator": "OPERATOR_EQUAL", "target": {}}, InvalidFilter, "empty target"),
        ({"operator": "OPERATOR_AND"}, InvalidFilter, 'no children for operator "And"'),
        ({"operator": "OPERATOR_NOT"}, InvalidFilter, 'no children for operator "Not"'),
        (
            {"operator": "OPERATOR_NOT", "filters": [equal({"property": "pages"}, value_int=1)] * 2},
            InvalidFilter,
            'too many children for operator "Not". Expected 1, given 2',
        ),
        (
            equal({"single_target": {"on": "title", "target": {"property": "name"}}}, value_text="x"),
            InvalidFilter,
            "property 'title' of class 'Book' is no reference",
        ),
        (
            equal({"single_target": {"on": "related", "target": {"property": "name"}}}, value_text="x"),
            InvalidFilter,
            "points at several classes [Author Book]",
        ),
        (
            equal({"multi_target": {"on": "author", "target_collection": "Nope", "target": {}}}, value_text="x"),
            CollectionNotFound,
            "could not find class Nope in schema",
        ),
    ],
    ids=lambda case: str(case)[:60],
)
def test_filters_that_make_no_sense_say_why(document: dict[str, Any], kind: type[WeaveletError], text: str) -> None:
    with pytest.raises(kind) as caught:
        parsed(document)

    assert text in str(caught.value)
