"""The schema room alone behind the schema requests of the golden cases: no wire, no database.

`Schema.answer(request)` gives what the room would have the doors answer: the definition with status 200, the text of
a refusal with 422, or None for a request that is none of the room's business.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weavelet.errors import InvalidSchema
from weavelet.schema import changes, codec, names
from weavelet.schema.codec import ModuleRules, SchemaRules
from weavelet.schema.collection import UNNAMED, Collection, VectorConfig

CASES = Path(__file__).parent.parent / "golden" / "cases"

TRANSFORMERS = "text2vec-transformers"


def _check_transformers(collection: Collection, vector: VectorConfig) -> None:
    """What the real module refuses, as far as the golden cases ask."""
    settings = vector.settings
    if "properties" in settings:
        _check_sources(settings["properties"])
    one, passage, query = (settings.get(f"{kind}nferenceUrl") for kind in ("i", "passageI", "queryI"))
    if one and (passage or query):
        raise InvalidSchema(
            "either inferenceUrl or passageInferenceUrl together with queryInferenceUrl needs to be set, not both"
        )
    if query and not passage:
        raise InvalidSchema("queryInferenceUrl is set but passageInferenceUrl is empty, both needs to be set")
    if passage and not query:
        raise InvalidSchema("passageInferenceUrl is set but queryInferenceUrl is empty, both needs to be set")
    if vector.name == UNNAMED and not settings["vectorizeClassName"] and not _has_source(collection):
        raise InvalidSchema(
            "invalid properties: didn't find a single property which is vectorizable and is not excluded from "
            "indexing. To fix this add a vectorizable property which is not excluded from indexing"
        )


def _check_sources(properties: Any) -> None:
    if not isinstance(properties, list):
        raise InvalidSchema("properties field needs to be of array type, got: string")
    if not properties:
        raise InvalidSchema("properties field needs to have at least 1 property defined")


def _has_source(collection: Collection) -> bool:
    return any(prop.is_text and not prop.modules[TRANSFORMERS]["skip"] for prop in collection.properties)


RULES = SchemaRules(
    modules={
        TRANSFORMERS: ModuleRules(
            "vectorizer",
            {"vectorizeClassName": True, "poolingStrategy": "masked_mean"},
            {"skip": False, "vectorizePropertyName": False},
            _check_transformers,
        ),
        **{name: ModuleRules("reranker") for name in ("reranker-dummy", "reranker-transformers", "reranker-nvidia")},
        "reranker-cohere": ModuleRules("reranker"),
        "generative-dummy": ModuleRules("generative"),
    },
    auto_schema=False,
)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    """The JSON for 200, the text for 422."""


@dataclass
class Schema:
    """Some collections, changed by requests."""

    collections: dict[str, Collection] = field(default_factory=dict)

    def answer(self, request: Mapping[str, Any]) -> Answer | None:
        path = request.get("path", "").split("?")[0].strip("/").split("/")
        body = request.get("body")
        if path[:2] != ["v1", "schema"]:
            return None
        try:
            match request["method"], path[2:]:
                case "POST", [] if isinstance(body, dict):
                    return Answer(200, self._create(body))
                case "GET", [name]:
                    return self._get(name)
                case "PUT", [name] if isinstance(body, dict):
                    return self._put(name, body)
                case "POST", [name, "properties"] if isinstance(body, dict) and name in self.collections:
                    return Answer(200, self._add_property(name, body))
                case "DELETE", [name]:
                    self.collections.pop(names.upper_first(name), None)
                    return Answer(200)
                case "DELETE", [name, "properties", prop, "index", index] if name in self.collections:
                    current = self.collections[name]
                    self.collections[name] = changes.without_property_index(current, prop, index)
                    return Answer(200)
        except InvalidSchema as error:
            return Answer(422, str(error))
        return None

    def _create(self, body: Mapping[str, Any]) -> Any:
        collection = codec.parse_collection(body, RULES, self.collections.__contains__)
        self.collections[collection.name] = collection
        return codec.render_collection(collection)

    def _get(self, name: str) -> Answer:
        found = self.collections.get(names.upper_first(name))
        return Answer(404) if found is None else Answer(200, codec.render_collection(found))

    def _put(self, name: str, body: Mapping[str, Any]) -> Answer:
        current = self.collections.get(names.upper_first(name))
        if current is None:
            return Answer(404)
        proposed = codec.parse_update(current, body, RULES)
        self.collections[current.name] = changes.merged(current, proposed, RULES, ["<shard>"])
        return Answer(200, codec.render_collection(proposed))

    def _add_property(self, name: str, body: Mapping[str, Any]) -> Any:
        current = self.collections[name]
        prop = codec.parse_property(body, current, RULES, self.collections.__contains__)
        self.collections[name] = changes.with_property(current, prop)
        return codec.render_property(prop)


def load(subject: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((CASES / f"{subject}.json").read_text())
    return cases
