"""One question, asked through GraphQL and through gRPC, is one request to the engine."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from google.protobuf.json_format import ParseDict

from tests.api.graphql_world import World, make_world
from tests.doors.cases import CASES, STEPS
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.search import parse_search
from weavelet.engine.query import SearchRequest
from weavelet.errors import CollectionNotFound
from weavelet.schema.collection import Collection


@pytest.fixture
def world() -> World:
    return make_world()


def over_grpc(document: dict[str, Any], world: World) -> SearchRequest:
    def find(name: str) -> Collection:
        found = world.catalog.find(name)
        if found is None:
            raise CollectionNotFound(name)
        return found

    message = ParseDict({"limit": 3, **document}, pb.SearchRequest())
    return parse_search(message, find, world.settings.query_defaults_limit, {}).request


def plain(value: Any) -> Any:
    """The same with arrays as lists and float32 numbers as such, so that requests can be compared."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"": type(value).__name__, **named}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return float(np.float32(value)) if isinstance(value, float) else value


def asked(request: SearchRequest) -> dict[str, Any]:
    """All of a request but what it shows and what it carries along."""
    document: dict[str, Any] = plain(request)
    for name in ("want", "headers"):
        document.pop(name)
    return document


@pytest.mark.parametrize("name", CASES)
def test_both_doors_ask_the_same(name: str, world: World) -> None:
    collection, arguments, document = CASES[name]

    assert asked(over_grpc({"collection": collection, **document}, world)) == asked(
        world.request(arguments, collection)
    )


@pytest.mark.parametrize("name", STEPS)
def test_both_doors_ask_for_the_same_steps_afterwards(name: str, world: World) -> None:
    collection, arguments, below, document = STEPS[name]

    assert asked(over_grpc({"collection": collection, **document}, world)) == asked(
        world.request(arguments, collection, below)
    )
