"""Recorded answers of a real server, replayed at the engine: fixtures become objects, requests become engine values."""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from weavelet.engine.keyword import KeywordIndex
from weavelet.engine.properties import PropertyIndex
from weavelet.engine.query import (
    And,
    Compare,
    Filter,
    GeoRange,
    Internal,
    Not,
    OfLength,
    OfProperty,
    OfReferenced,
    Operator,
    Or,
    ValueKind,
)
from weavelet.schema.codec import parse_collection
from weavelet.schema.collection import Collection
from weavelet.schema.objects import Object
from weavelet.schema.rules import SchemaRules
from weavelet.schema.validate import canonical_properties

CASES = Path(__file__).parent.parent / "golden" / "cases"
SCIFACT = CASES / "scifact.jsonl.gz"
_MILLISECONDS = 1_700_000_000_000


@dataclass
class World:
    """A collection with its objects, indexed."""

    collection: Collection
    ids: dict[int, str] = field(default_factory=dict)
    objects: dict[int, Object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keyword = KeywordIndex(self.collection, lambda docs: (np.array([self.ids[doc] for doc in docs.tolist()]),))
        self.properties = PropertyIndex(self.collection, self.keyword)

    def put(self, id: str, properties: Mapping[str, Any]) -> None:
        canonical = canonical_properties(self.collection, properties)
        found = Object(
            collection=self.collection.name,
            id=id,
            properties=canonical,
            created_ms=_MILLISECONDS,
            updated_ms=_MILLISECONDS,
        )
        doc = len(self.ids)
        self.ids[doc], self.objects[doc] = id, found
        self.keyword.add([(doc, canonical)])
        self.properties.add([(doc, found)])


def cases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((CASES / f"{name}.json").read_text())
    return loaded


def worlds(fixture: str) -> dict[str, World]:
    """The collections that a recorded fixture builds, by name."""
    built: dict[str, World] = {}
    for step in json.loads((CASES / "fixtures" / f"{fixture}.json").read_text()):
        body = step["body"]
        if step["path"] == "/v1/schema":
            built[body["class"]] = World(parse_collection(body, SchemaRules(), lambda _: True))
        for new in body["objects"] if step["path"] == "/v1/batch/objects" else [body]:
            if step["path"] != "/v1/schema":
                built[new["class"]].put(new["id"], new["properties"])
    return built


def scifact() -> World:
    """The collection of the fixture of that name: 5,183 titles and abstracts."""
    (definition, _) = json.loads((CASES / "fixtures" / "scifact.json").read_text())
    world = World(parse_collection(definition["body"], SchemaRules(), lambda _: True))
    with gzip.open(SCIFACT, "rt") as lines:
        for line in lines:
            paper = json.loads(line)
            world.put(str(UUID(int=int(paper["_id"]))), {"title": paper["title"], "text": paper["text"]})
    return world


# --- GraphQL arguments -----------------------------------------------------------------------------------------------

_TOKENS = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+\.?\d*(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|([{}\[\]():]))[\s,]*')


def collection_in(query: str) -> str:
    match = re.match(r"\{\s*Get\s*\{\s*(\w+)", query)
    assert match is not None
    return match[1]


def arguments(query: str) -> dict[str, Any]:
    """The arguments of the first collection of a Get query; enum values are their names."""
    start = re.match(r"\{\s*Get\s*\{\s*\w+\s*\(", query)
    if start is None:
        return {}
    return _pairs(_tokens(query[start.end() :]), ")")


def _tokens(text: str) -> Iterator[Any]:
    place = 0
    while match := _TOKENS.match(text, place):
        place = match.end()
        quoted, number, name, sign = match.groups()
        if quoted is not None:
            yield ("value", json.loads(quoted))
        elif number is not None:
            yield ("value", json.loads(number))
        elif name is not None:
            yield ("name", name)
        else:
            yield ("sign", sign)


def _pairs(tokens: Iterator[Any], end: str) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for kind, name in tokens:
        if (kind, name) == ("sign", end):
            return pairs
        next(tokens)
        pairs[name] = _value(next(tokens), tokens)
    raise ValueError("unclosed argument list")


def _value(token: Any, tokens: Iterator[Any]) -> Any:
    kind, value = token
    if kind == "name":
        return {"true": True, "false": False, "null": None}.get(value, value)
    if kind == "value":
        return value
    if value == "{":
        return _pairs(tokens, "}")
    items = []
    while (item := next(tokens)) != ("sign", "]"):
        items.append(_value(item, tokens))
    return items


# --- Filters ---------------------------------------------------------------------------------------------------------

_KINDS = {kind.value: kind for kind in ValueKind}
_INTERNAL = {"id": Internal.ID, **{internal.value: internal for internal in Internal}}


def parsed_filter(where: Mapping[str, Any], collection: Collection) -> Filter:
    """The filter of a `where` argument. References are left to the caller."""
    operands = tuple(parsed_filter(operand, collection) for operand in where.get("operands", ()))
    match where["operator"]:
        case "And":
            return And(operands)
        case "Or":
            return Or(operands)
        case "Not":
            return Not(*operands)
    (field,) = (key for key in where if key in _KINDS)
    value = where[field]
    if field == "valueGeoRange":
        place = value["geoCoordinates"]
        value = GeoRange(place["latitude"], place["longitude"], value["distance"]["max"])
    value = tuple(value) if isinstance(value, list) else value
    path = where["path"] if isinstance(where["path"], list) else [where["path"]]
    return Compare(_path(path, collection), Operator(where["operator"]), value, _KINDS[field])


def _path(path: list[str], collection: Collection) -> Any:
    if len(path) > 1:
        return OfReferenced(path[0], path[1], _path(path[2:], collection))
    (name,) = path
    if name in _INTERNAL:
        return _INTERNAL[name]
    if name.startswith("len("):
        return OfLength(name[4:-1])
    return OfProperty(name)
