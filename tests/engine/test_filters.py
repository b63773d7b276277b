"""Filters: recorded answers of a real server, complaints, and objects nested in objects."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.engine.golden import World, arguments, cases, collection_in, parsed_filter, worlds
from weavelet.engine import filters
from weavelet.engine.like import matcher, matching
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
    PointsAt,
    ValueKind,
)
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, InvertedIndex, Property
from weavelet.schema.datatypes import DataType, Tokenization
from weavelet.schema.objects import beacon

_ASKED_OF_THE_DOOR = ("could not extract filters", 'Argument "where"', 'Variable "', "unrecognized operator")
_OTHER_WORDS = {
    "gql d bad date",
    "gql ds bad date",
    "gql geo Equal",
    "gql list value with Equal",
    "gql scalar with ContainsAny",
    "gql Like on int",
    'gql reference author.Nope.name Equal valueText:"x"',
}
"""Cases whose recorded text speaks of the original's insides; ours says what is wrong in its own words."""


def text(name: str, operator: Operator, value: Any) -> Compare:
    return Compare(OfProperty(name), operator, value, ValueKind.TEXT)


def passing(world: World, where: Filter) -> list[str]:
    """The ids that pass, by index; every object on its own says the same."""
    found = filters.allowed(where, world.properties, world.collection)
    rows = [doc for doc, one in world.objects.items() if filters.matches(where, one, world.collection)]
    assert list(found) == rows
    return [world.ids[doc] for doc in found]


# --- Recorded answers ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recorded() -> dict[str, World]:
    return worlds("filters")


def _message(case: Mapping[str, Any]) -> str | None:
    errors = case["response"]["body"].get("errors")
    return str(errors[0]["message"]) if errors else None


def _is_ours(case: Mapping[str, Any]) -> bool:
    """Whether the case is about one filter of a listing that a door can read."""
    if "grpc" in case["request"] or (_message(case) or "").startswith(_ASKED_OF_THE_DOOR):
        return False
    if case["name"] in ("gql Not two operands", "gql ContainsAny mixed", "gql where as variable"):
        return False
    return set(arguments(case["request"]["body"]["query"])) == {"where"}


def resolved(where: Filter, known: Mapping[str, World], collection: Collection) -> Filter:
    """References looked up in the other collections."""
    filters.check(where, collection)
    match where:
        case And(operands):
            return And(tuple(resolved(operand, known, collection) for operand in operands))
        case Or(operands):
            return Or(tuple(resolved(operand, known, collection) for operand in operands))
        case Not(operand):
            return Not(resolved(operand, known, collection))
        case Compare(OfReferenced(name, target, path), operator, value, kind):
            other = known.get(target)
            if other is None:
                raise InvalidFilter(f'class "{target}" does not exist in schema')
            inner = resolved(Compare(path, operator, value, kind), known, other.collection)
            return PointsAt(name, frozenset(beacon(target, id) for id in passing(other, inner)))
        case _:
            return where


@pytest.mark.parametrize("case", [c for c in cases("filters") if _is_ours(c)], ids=lambda case: case["name"])
def test_recorded_filters(recorded: dict[str, World], case: dict[str, Any]) -> None:
    query = case["request"]["body"]["query"]
    world = recorded[collection_in(query)]
    where = parsed_filter(arguments(query)["where"], world.collection)
    message = _message(case)
    if message is None:
        (rows,) = case["response"]["body"]["data"]["Get"].values()
        found = passing(world, resolved(where, recorded, world.collection))
        assert found == [row["_additional"]["id"] for row in rows]
        return
    with pytest.raises(InvalidFilter) as caught:
        passing(world, resolved(where, recorded, world.collection))
    assert case["name"] in _OTHER_WORDS or message.endswith(str(caught.value))


# --- Corners ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def library() -> World:
    properties = (
        Property(name="title", type=DataType.TEXT, tokenization=Tokenization.FIELD, searchable=True),
        Property(name="pages", type=DataType.INT),
        Property(name="places", type=DataType.GEO),
        Property(name="author", type=DataType.REFERENCE, targets=("Author",)),
    )
    collection = Collection(name="Book", properties=properties, inverted=InvertedIndex(index_timestamps=True))
    world = World(collection)
    for number, values in enumerate(
        (
            {"title": "a*b", "pages": 2**62, "places": {"latitude": 89.9, "longitude": 0.0}},
            {"title": "two\nlines", "pages": -1, "places": {"latitude": 89.9, "longitude": 180.0}},
            {"author": [{"beacon": beacon("Author", f"00000000-0000-4000-8000-00000000000{n}")} for n in (1, 2)]},
        )
    ):
        world.put(f"00000000-0000-4000-8000-{number:012}", values)
    return world


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (text("title", Operator.LIKE, "*"), {0}),
        (text("title", Operator.LIKE, "two?lines"), set()),
        (Compare(OfProperty("pages"), Operator.GREATER_THAN, 2**62 - 1, ValueKind.INT), {0}),
        (Compare(OfProperty("pages"), Operator.CONTAINS_ANY, (2**62, 5), ValueKind.INT), {0}),
        (Compare(OfProperty("places"), Operator.WITHIN_GEO_RANGE, GeoRange(90, 77, 11_200), ValueKind.GEO), {0, 1}),
        (Compare(OfReferenceCount("author"), Operator.NOT_EQUAL, 2, ValueKind.INT), {0, 1}),
        (Compare(OfProperty("author"), Operator.EQUAL, 2, ValueKind.INT), {2}),
        (PointsAt("author", frozenset({beacon("Author", "00000000-0000-4000-8000-000000000002")})), {2}),
        (PointsAt("title", frozenset({"x"})), set()),
        (Compare(Internal.CREATED, Operator.EQUAL, "1700000000000", ValueKind.TEXT), {0, 1, 2}),
        (Compare(Internal.UPDATED, Operator.CONTAINS_ANY, ("2023-11-14T22:13:20Z",), ValueKind.DATE), {0, 1, 2}),
        (Compare(Internal.ID, Operator.LIKE, "*1", ValueKind.TEXT), {1}),
        (Compare(Internal.ID, Operator.NOT_EQUAL, "no id", ValueKind.TEXT), {0, 1, 2}),
        (Compare(Internal.ID, Operator.GREATER_THAN, "00000000-0000-4000-8000-1", ValueKind.TEXT), set()),
        (
            Compare(Internal.ID, Operator.LESS_THAN_EQUAL, "00000000-0000-4000-8000-000000000001", ValueKind.TEXT),
            {0, 1},
        ),
    ],
)
def test_corners_of_comparing(library: World, where: Filter, expected: set[int]) -> None:
    filters.check(where, library.collection)
    assert passing(library, where) == [library.ids[doc] for doc in sorted(expected)]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (text("zz", Operator.EQUAL, "x"), "no such prop with name 'zz' found in class 'Book' in the schema"),
        (text("pages", Operator.EQUAL, "x"), 'cannot use "valueText" on type "int", use "valueInt" instead'),
        (
            Not(And((text("zz", Operator.EQUAL, "x"),))),
            "child operand at position 0: child operand at position 0: no such",
        ),
        (Compare(OfLength("title"), Operator.EQUAL, 1.5, ValueKind.NUMBER), 'requires IntValue, got "valueNumber"'),
        (text("author", Operator.EQUAL, "Ada"), 'Property "author" is a ref prop to the class "Author"'),
        (text("title.x", Operator.EQUAL, "x"), "filtering on nested properties is a preview feature"),
        (Compare(Internal.ID, Operator.EQUAL, 5, ValueKind.INT), 'must use "valueText" to specify the id'),
    ],
)
def test_filters_that_do_not_fit_are_refused_before_looking(library: World, where: Filter, message: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        filters.check(where, library.collection)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (And(()), 'no children for operator "And"'),
        (Compare(OfProperty("pages"), Operator.CONTAINS_ANY, (), ValueKind.INT), "invalid search term"),
        (Compare(OfProperty("pages"), Operator.LIKE, 1, ValueKind.INT), "operator Like cannot be used on 'pages'"),
        (Compare(OfProperty("pages"), Operator.EQUAL, "1", ValueKind.INT), "cannot be compared with str '1'"),
        (Compare(OfReferenced("author", "", OfProperty("x")), Operator.EQUAL, 1, ValueKind.INT), "not looked up"),
        (Compare(OfReferenceCount("title"), Operator.EQUAL, 1, ValueKind.INT), "holds no references to count"),
        (
            Compare(OfProperty("places"), Operator.WITHIN_GEO_RANGE, GeoRange(0, 0, -1), ValueKind.GEO),
            "field 'distance.max' must be a positive number",
        ),
    ],
)
def test_filters_that_make_no_sense_say_why(library: World, where: Filter, message: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        filters.allowed(where, library.properties, library.collection)
    assert message in str(caught.value)


# --- Patterns ---


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("so*", ("so", "soup"), ("aso", "s")),
        ("*p", ("p", "soup"), ("pa",)),
        ("s?up", ("soup", "süup"), ("sup", "soupp")),
        ("*a*b*", ("ab", "xaxbx", "aab"), ("ba", "a")),
        ("a*b*b", ("abb", "axbxb"), ("ab",)),
        ("a.c[d]", ("a.c[d]",), ("abcd",)),
        ("*", ("", "x"), ("a\nb",)),
        ("?", ("é",), ("", "ab")),
    ],
)
def test_patterns_cover_whole_terms(pattern: str, fits: tuple[str, ...], fails: tuple[str, ...]) -> None:
    assert all(map(matcher(pattern), fits))
    assert not any(map(matcher(pattern), fails))
    assert matching(pattern, (*fits, *fails)) == list(fits)


def test_many_wildcards_stay_quick() -> None:
    assert not matcher("*a" * 30 + "*b")("a" * 5_000)


# --- Objects in objects ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def garages() -> World:
    def field(name: str) -> Property:
        return Property(name=name, type=DataType.TEXT, tokenization=Tokenization.FIELD)

    tires = Property(
        name="tires", type=DataType.OBJECT_ARRAY, nested=(field("brand"), Property(name="width", type=DataType.INT))
    )
    cars = Property(name="cars", type=DataType.OBJECT_ARRAY, nested=(field("make"), field("color"), tires))
    owner = Property(name="owner", type=DataType.OBJECT, nested=(field("name"),))
    world = World(Collection(name="Garage", properties=(field("title"), cars, owner)))
    wide = [{"brand": "Michelin", "width": 250}, {"brand": "Michelin", "width": 250}]
    for number, values in enumerate(
        (
            {
                "title": "mixed",
                "cars": [
                    {"make": "Toyota", "color": "red", "tires": [{"brand": "Bridgestone", "width": 215}]},
                    {"make": "Honda", "color": "blue", "tires": [{"brand": "Pirelli", "width": 205}]},
                ],
                "owner": {"name": "Ada"},
            },
            {"title": "bare", "cars": [{"make": "Toyota", "color": "blue"}]},
            {"title": "wide", "cars": [{"make": "Honda", "color": "red", "tires": wide}]},
            {"title": "empty", "cars": []},
            {"title": "none"},
        )
    ):
        world.put(f"00000000-0000-4000-8000-{number:012}", values)
    return world


def at(name: str, operator: Operator, value: Any) -> Compare:
    kind = {bool: ValueKind.BOOLEAN, int: ValueKind.INT, str: ValueKind.TEXT}[type(value)]
    return Compare(OfProperty(name), operator, value, kind)


TOYOTA = at("cars.make", Operator.EQUAL, "Toyota")
RED = at("cars.color", Operator.EQUAL, "red")
BLUE = at("cars.color", Operator.EQUAL, "blue")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        pytest.param(TOYOTA, {0, 1}, id="any element"),
        pytest.param(at("cars[1].make", Operator.EQUAL, "Honda"), {0}, id="by place"),
        pytest.param(And((TOYOTA, RED)), {0}, id="same element"),
        pytest.param(And((TOYOTA, BLUE)), {1}, id="not two elements"),
        pytest.param(And((TOYOTA, BLUE, at("title", Operator.NOT_EQUAL, "bare"))), set(), id="beside a flat property"),
        pytest.param(And((TOYOTA, at("cars.tires.width", Operator.GREATER_THAN, 210))), {0}, id="deeper, same car"),
        pytest.param(at("cars.tires.width", Operator.GREATER_THAN, 210), {0, 2}, id="through two lists"),
        pytest.param(at("cars[0].tires[1].brand", Operator.EQUAL, "Michelin"), {2}, id="places all the way"),
        pytest.param(at("cars[0].tires", Operator.IS_NULL, True), {1}, id="first car without tires"),
        pytest.param(at("cars", Operator.IS_NULL, True), {3, 4}, id="no cars"),
        pytest.param(at("owner", Operator.IS_NULL, False), {0}, id="an owner"),
        pytest.param(at("owner.name", Operator.LIKE, "A*"), {0}, id="a single object"),
        pytest.param(Not(TOYOTA), {0, 2}, id="some other car"),
        pytest.param(at("cars.make", Operator.NOT_EQUAL, "Toyota"), {0, 2}, id="a car of another make"),
        pytest.param(And((Not(TOYOTA), RED)), {2}, id="a red car of another make"),
        pytest.param(
            And((Or((TOYOTA, at("cars.make", Operator.EQUAL, "Kia"))), RED)), {0}, id="Or inside the same car"
        ),
        pytest.param(Or((RED, at("title", Operator.EQUAL, "none"))), {0, 2, 4}, id="Or with a flat property"),
        pytest.param(
            And((at("cars[0].make", Operator.EQUAL, "Toyota"), at("cars[1].make", Operator.EQUAL, "Honda"))),
            {0},
            id="two places",
        ),
    ],
)
def test_nested_properties(garages: World, where: Filter, expected: set[int]) -> None:
    filters.check(where, garages.collection, nested=True)
    assert passing(garages, where) == [garages.ids[doc] for doc in sorted(expected)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("title.x", "goes through 'title', which is no object property"),
        ("owner[0].name", "counts the elements of 'owner', which is no list of objects"),
        ("cars.wheels", "no such prop with name 'cars.wheels'"),
        ("cars", "holds objects: only operator IsNull can be used on it"),
    ],
)
def test_nested_paths_that_lead_nowhere(garages: World, name: str, message: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        filters.check(at(name, Operator.EQUAL, "x"), garages.collection, nested=True)
    assert message in str(caught.value)


def test_objects_inside_removed_objects_are_gone(garages: World) -> None:
    world = World(garages.collection)
    for doc, found in garages.objects.items():
        world.put(found.id, found.properties)
        if doc == 0:
            world.properties.remove([(0, found)])
            del world.objects[0]
    assert passing(world, TOYOTA) == [world.ids[1]]
    assert passing(world, Not(TOYOTA)) == [world.ids[2]]
