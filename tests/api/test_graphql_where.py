"""The `where` argument: its form, its paths, and the values it may hold."""

import pytest

from tests.api.graphql_world import AGG, PERSON, World, make_world
from weavelet.api.graphql.where import parse_path, parse_where
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
    Path,
    ValueKind,
)
from weavelet.errors import InvalidFilter

KNOWN = {"Person": PERSON, "Agg": AGG}
I_IS_1 = Compare(OfProperty("i"), Operator.EQUAL, 1, ValueKind.INT)

PATHS: dict[str, tuple[list[str], Path]] = {
    "property": (["t"], OfProperty("t")),
    "nested property": (["addr.city"], OfProperty("addr.city")),
    "property of a class that is not there": (["ref", "Nope", "x"], OfReferenced("ref", "Nope", OfProperty("x"))),
    "unknown property": (["zz"], OfProperty("zz")),
    "length": (["len(tt)"], OfLength("tt")),
    "id": (["id"], Internal.ID),
    "internal": (["_lastUpdateTimeUnix"], Internal.UPDATED),
    "number of references": (["ref"], OfReferenceCount("ref")),
    "behind a reference": (["ref", "Person", "name"], OfReferenced("ref", "Person", OfProperty("name"))),
    "far behind": (
        ["refs", "Person", "knows", "Person", "knows"],
        OfReferenced("refs", "Person", OfReferenced("knows", "Person", OfReferenceCount("knows"))),
    ),
}


@pytest.mark.parametrize(("steps", "path"), PATHS.values(), ids=PATHS.keys())
def test_a_path_leads_to_a_property_or_behind_references(steps: list[str], path: Path) -> None:
    assert parse_path(steps, AGG, KNOWN.get) == path


FILTERS: dict[str, tuple[str, Filter]] = {
    "int": ('{path:["i"] operator:Equal valueInt:1}', I_IS_1),
    "path as text": ('{path:"i" operator:Equal valueInt:1}', I_IS_1),
    "number written as int": (
        '{path:["f"] operator:LessThan valueNumber:1}',
        Compare(OfProperty("f"), Operator.LESS_THAN, 1.0, ValueKind.NUMBER),
    ),
    "date": (
        '{path:["d"] operator:GreaterThan valueDate:"2024-05-01T00:00:00Z"}',
        Compare(OfProperty("d"), Operator.GREATER_THAN, "2024-05-01T00:00:00Z", ValueKind.DATE),
    ),
    "boolean": (
        '{path:["b"] operator:IsNull valueBoolean:false}',
        Compare(OfProperty("b"), Operator.IS_NULL, False, ValueKind.BOOLEAN),
    ),
    "a reference that is not there": (
        '{path:["ref"] operator:IsNull valueBoolean:true}',
        Compare(OfProperty("ref"), Operator.IS_NULL, True, ValueKind.BOOLEAN),
    ),
    "a list": (
        '{path:["tt"] operator:ContainsAny valueText:["a","b"]}',
        Compare(OfProperty("tt"), Operator.CONTAINS_ANY, ("a", "b"), ValueKind.TEXT),
    ),
    "a long list": (
        f'{{path:["ii"] operator:ContainsAny valueInt:{list(range(20))}}}',
        Compare(OfProperty("ii"), Operator.CONTAINS_ANY, tuple(range(20)), ValueKind.INT),
    ),
    "geo": (
        '{path:["geo"] operator:WithinGeoRange valueGeoRange:{geoCoordinates:{latitude:1 longitude:2.5} '
        "distance:{max:100}}}",
        Compare(OfProperty("geo"), Operator.WITHIN_GEO_RANGE, GeoRange(1.0, 2.5, 100.0), ValueKind.GEO),
    ),
    "and, or, not": (
        '{operator:And operands:[{path:"i" operator:Equal valueInt:1} {operator:Or operands:[{operator:Not '
        'operands:{path:"i" operator:Equal valueInt:1}}]}]}',
        And((I_IS_1, Or((Not(I_IS_1),)))),
    ),
}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.mark.parametrize(("clause", "where"), FILTERS.values(), ids=FILTERS.keys())
def test_a_clause_becomes_a_filter(world: World, clause: str, where: Filter) -> None:
    assert world.request(f"(where:{clause})").where == where


def test_a_whole_filter_may_come_in_a_variable(world: World) -> None:
    query = "query($w:GetObjectsAggWhereInpObj){Get{Agg(where:$w){t}}}"
    clause = {"path": ["tt"], "operator": "ContainsAny", "valueText": ["a", "b"]}
    assert "errors" not in world.ask(query, {"w": {"operator": "And", "operands": [clause]}})
    contains = Compare(OfProperty("tt"), Operator.CONTAINS_ANY, ("a", "b"), ValueKind.TEXT)
    assert world.searcher.asked[-1].where == And((contains,))


def test_a_value_may_come_in_a_variable_of_the_class(world: World) -> None:
    query = 'query($v:IntGetObjectsAgg){Get{Agg(where:{path:"i" operator:Equal valueInt:$v}){t}}}'
    assert "errors" not in world.ask(query, {"v": 1})
    assert world.searcher.asked[-1].where == I_IS_1


SWITCH = "or switch to compare operator (eg. Equal, NotEqual, etc.)"
REFUSED: dict[str, tuple[str, str]] = {
    "no operands": (
        "{operator:And operands:[]}",
        "invalid where filter: operator 'And', but no operands set - add at least one operand",
    ),
    "And with a path": (
        '{operator:And path:["i"] operands:[{path:"i" operator:Equal valueInt:1}]}',
        f"invalid where filter: operator 'And' not compatible with field 'path', remove 'path' {SWITCH}",
    ),
    "And with a value": (
        '{operator:And valueInt:1 operands:[{path:"i" operator:Equal valueInt:1}]}',
        f"invalid where filter: operator 'And' not compatible with field 'value<Type>', remove value field {SWITCH}",
    ),
    "Not with two": (
        '{operator:Not operands:[{path:"i" operator:Equal valueInt:1} {path:"i" operator:Equal valueInt:2}]}',
        'too many children for operator "Not". Expected 1, given 2',
    ),
    "no value": (
        '{path:["i"] operator:Equal}',
        "invalid where filter: got operator 'Equal', but no value<Type> field set",
    ),
    "an empty list": (
        '{path:["tt"] operator:ContainsAny valueText:[]}',
        "invalid where filter: got operator 'ContainsAny', but no value<Type> field set",
    ),
    "two values": (
        '{path:["i"] operator:Equal valueInt:1 valueText:"x"}',
        "invalid where filter: found more than one values the clause "
        '\'{"operands":null,"operator":"Equal","path":["i"],"valueInt":1,"valueText":"x"}\'',
    ),
    "no operator": ('{path:["i"] valueInt:1}', "unrecognized operator: "),
    "no path": ("{operator:Equal valueInt:1}", "invalid where filter: field 'path': must have at least one element"),
    "a negative distance": (
        '{path:["geo"] operator:WithinGeoRange valueGeoRange:{geoCoordinates:{latitude:1 longitude:2} '
        "distance:{max:-5}}}",
        "invalid where filter: valueGeoRange: field 'distance.max' must be a positive number",
    ),
}


@pytest.mark.parametrize(("clause", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_a_clause_of_the_wrong_form_is_refused(world: World, clause: str, text: str) -> None:
    assert world.failure(f"(where:{clause})") == f"could not extract filters: {text}"


def test_an_even_path_is_refused() -> None:
    with pytest.raises(InvalidFilter, match="missing an argument after 'Person'"):
        parse_where({"operator": "Equal", "path": ["ref", "Person"], "valueInt": 1}, AGG, KNOWN.get)


UNFIT: dict[str, tuple[str, str]] = {
    "unknown property": (
        '{path:["zz"] operator:Equal valueInt:1}',
        "no such prop with name 'zz' found in class 'Agg' in the schema. "
        "Check your schema files for which properties in this class are available",
    ),
    "another type": (
        '{path:["i"] operator:Equal valueText:"x"}',
        'data type filter cannot use "valueText" on type "int", use "valueInt" instead',
    ),
    "unknown property behind a reference": (
        '{path:["ref","Person","zz"] operator:Equal valueInt:1}',
        "no such prop with name 'zz' found in class 'Person' in the schema. "
        "Check your schema files for which properties in this class are available",
    ),
    "unknown class": (
        '{operator:Or operands:[{path:["ref","Nope","x"] operator:Equal valueInt:1}]}',
        'class "Nope" does not exist in schema',
    ),
}


@pytest.mark.parametrize(("clause", "text"), UNFIT.values(), ids=UNFIT.keys())
def test_a_clause_that_does_not_fit_the_class_is_refused(world: World, clause: str, text: str) -> None:
    assert world.failure(f"(where:{clause})") == f"invalid 'where' filter: {text}"
