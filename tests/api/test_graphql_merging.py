"""The argument `group`: rows that resemble each other become one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.api.graphql_world import World, id_of, make_world, row
from weavelet.engine.query import Row
from weavelet.schema.collection import UNNAMED


def at(number: int, angle: float, properties: Mapping[str, Any], **rest: Any) -> Row:
    """A row whose vector points in that direction, in degrees."""
    made = row(number, properties, **rest)
    radians = np.deg2rad(angle)
    vector = np.array([np.cos(radians), np.sin(radians)], dtype=np.float32)
    return replace(made, object=replace(made.object, vectors={UNNAMED: vector}))


ROWS = (
    at(1, 0, {"t": "a", "i": 14, "f": 1.0, "b": True, "geo": {"latitude": 1.0, "longitude": 2.0}}),
    at(2, 170, {"t": "b", "i": 3}),
    at(3, 20, {"t": "c", "i": 13, "f": 2.0, "b": False, "geo": {"latitude": 2.0, "longitude": 4.0}}),
    at(4, 40, {"t": "a", "i": 14}),
)


@pytest.fixture
def world() -> World:
    return make_world()


def test_closest_shows_the_first_of_each_group(world: World) -> None:
    shown = world.rows(*ROWS, below="t _additional{id}", arguments="(group:{type:closest force:0.05})")
    assert [each["_additional"]["id"] for each in shown] == [id_of(1), id_of(2)]


def test_merge_shows_one_row_made_of_all(world: World) -> None:
    merged, alone = world.rows(
        *ROWS,
        below="t i f b geo{latitude longitude} _additional{id}",
        arguments="(group:{type:merge force:0.05})",
    )
    assert merged == {
        "_additional": {"id": ""},
        "b": True,
        "f": 1.5,
        "geo": {"latitude": 1.5, "longitude": 3.0},
        "i": 13,
        "t": "a (c)",
    }
    assert alone["t"] == "b"


def test_merge_unites_references_and_vectors(world: World) -> None:
    ada, bob = row(7, {"name": "Ada"}, "Person"), row(8, {"name": "Bob"}, "Person")
    rows = (at(1, 0, {}, references={"ref": (ada,)}), at(2, 0, {}, references={"ref": (bob, ada)}))
    below = "ref{... on Person{name}} _additional{vector}"
    (merged,) = world.rows(*rows, below=below, arguments="(group:{type:merge force:0.1})")
    assert merged["ref"] == [{"name": "Ada"}, {"name": "Bob"}]
    assert merged["_additional"]["vector"].tolist() == [1.0, 0.0]


def test_grouping_fetches_the_vector(world: World) -> None:
    assert world.request("(group:{type:closest force:0.1})").want.vectors == frozenset({UNNAMED})


def test_force_zero_merges_nothing(world: World) -> None:
    assert len(world.rows(*ROWS, below="t", arguments="(group:{type:merge force:0})")) == 4


def test_a_group_needs_a_type(world: World) -> None:
    assert world.failure("(group:{force:0.1})") == "group: 'type' is needed, one of closest, merge"
