"""A database behind both doors: what each shows of the same answer, brought into one form."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf.json_format import ParseDict

from weavelet.api import auth
from weavelet.api.graphql import Endpoint
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.caller import identify
from weavelet.api.grpc.service import Service
from weavelet.app import App, open_app
from weavelet.catalog import TenantChange
from weavelet.modules.base import Call
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import NewObject, beacon
from weavelet.settings import Settings

TITLES = ("hot beetroot soup", "tomato soup", "cold tomato soup", "beetroot salad", "pancakes", "hot chocolate", "soup")
KINDS = ("soup", "soup", "soup", "salad", "dessert", "dessert", "soup")
SHOWN = "_additional {{ id distance score explainScore {} }}"
METADATA = ("uuid", "distance", "certainty", "score", "explain_score")

_DISH = {
    "class": "Dish",
    "vectorizer": "text2vec-bigram",
    "moduleConfig": {"text2vec-bigram": {"vectorizeClassName": False}, "reranker-dummy": {}},
    "invertedIndexConfig": {"indexNullState": True, "indexPropertyLength": True, "indexTimestamps": True},
    "properties": [
        {"name": "title", "dataType": ["text"]},
        {"name": "kind", "dataType": ["text"], "tokenization": "field"},
        {"name": "servings", "dataType": ["int"]},
        {"name": "price", "dataType": ["number"]},
        {"name": "vegan", "dataType": ["boolean"]},
        {"name": "made", "dataType": ["date"]},
        {"name": "tags", "dataType": ["text[]"]},
        {"name": "goesWith", "dataType": ["Dish"]},
    ],
}
_POINT = {
    "class": "Point",
    "vectorConfig": {
        "a": {"vectorizer": {"none": {}}},
        "b": {"vectorizer": {"none": {}}, "vectorIndexConfig": {"distance": "l2-squared"}},
    },
    "properties": [{"name": "title", "dataType": ["text"]}],
}
_NOTE = {
    "class": "Note",
    "vectorizer": "none",
    "multiTenancyConfig": {"enabled": True},
    "properties": [{"name": "title", "dataType": ["text"]}],
}


def id_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


class Doors:
    """`graphql` and `grpc` answer with rows of one form: what is shown of each object, floats as float32."""

    def __init__(self, app: App) -> None:
        self._endpoint = Endpoint(app)
        self._service = Service(app)
        self._caller = identify({}, auth.authenticator(app.settings), auth.guard(app.settings))

    def graphql(self, collection: str, arguments: str, shown: str, more: str = "certainty") -> list[dict[str, Any]]:
        answer = self._endpoint.execute(f"{{Get{{{collection}{arguments}{{{shown} {SHOWN.format(more)}}}}}}}")
        assert "errors" not in answer, answer["errors"]
        rows: list[dict[str, Any]] = answer["data"]["Get"][collection]
        return rows

    def figures(self, collection: str, arguments: str, shown: str) -> list[dict[str, Any]]:
        answer = self._endpoint.execute(f"{{Aggregate{{{collection}{arguments}{{{shown}}}}}}}")
        assert "errors" not in answer, answer["errors"]
        groups: list[dict[str, Any]] = answer["data"]["Aggregate"][collection]
        return groups

    def grpc(self, document: Mapping[str, Any]) -> pb.SearchReply:
        metadata = {**dict.fromkeys(METADATA, True), **document.get("metadata", {})}
        message = ParseDict({**document, "metadata": metadata}, pb.SearchRequest())
        return pb.SearchReply.FromString(self._service.search(message.SerializeToString(), self._caller))

    def aggregate(self, document: Mapping[str, Any]) -> pb.AggregateReply:
        message = ParseDict({"objects_count": True, **document}, pb.AggregateRequest())
        return pb.AggregateReply.FromString(self._service.aggregate(message.SerializeToString(), self._caller))


def from_graphql(row: Mapping[str, Any]) -> dict[str, Any]:
    """Scores and explanations are empty, not absent, where there is none."""
    more = row["_additional"]
    return {
        "id": more["id"],
        "title": row["title"],
        "distance": _float32(more["distance"]),
        "certainty": _float32(more.get("certainty")),
        "score": _float32(float(more["score"])),
        "explained": more["explainScore"],
        "goesWith": [each["title"] for each in row.get("goesWith") or ()],
        "rerank": [_float32(each["score"]) for each in more.get("rerank") or ()],
    }


def from_grpc(result: pb.SearchResult) -> dict[str, Any]:
    metadata, properties = result.metadata, result.properties
    references = [each for prop in properties.ref_props for each in prop.properties]
    return {
        "id": metadata.id,
        "title": properties.non_ref_props.fields["title"].text_value,
        "distance": _float32(metadata.distance) if metadata.distance_present else None,
        "certainty": _float32(metadata.certainty) if metadata.certainty_present else None,
        "score": _float32(metadata.score),
        "explained": metadata.explain_score,
        "goesWith": [each.non_ref_props.fields["title"].text_value for each in references],
        "rerank": [_float32(metadata.rerank_score)] if metadata.rerank_score_present else [],
    }


def _float32(number: float | None) -> float | None:
    return None if number is None else round(float(np.float32(number)), 6)


@contextmanager
def doors(folder: Path) -> Iterator[Doors]:
    environment = {
        "PERSISTENCE_DATA_PATH": folder / "data",
        "ENABLE_MODULES": "text2vec-bigram,reranker-dummy",
        "WEAVELET_EMBEDDED_INFERENCE": "false",
        "AUTOSCHEMA_ENABLED": "false",
    }
    app = open_app(Settings.model_validate(environment))
    _fill(app)
    yield Doors(app)
    app.close()


def _fill(app: App) -> None:
    for document in (_DISH, _POINT, _NOTE):
        app.catalog.create(document)
    app.catalog.add_tenants("Note", [TenantChange("one"), TenantChange("two")])
    news = [NewObject(collection="Dish", id=id_of(number), properties=_dish(number)) for number in range(len(TITLES))]
    news += [
        NewObject(
            collection="Point",
            id=id_of(number),
            properties={"title": f"soup number {number}"},
            vectors={"a": np.array([number, 1], np.float32), "b": np.array([1, number % 4], np.float32)},
        )
        for number in range(8)
    ]
    news += [
        NewObject(
            collection="Note",
            tenant=tenant,
            id=id_of(number),
            properties={"title": f"{tenant} {number}"},
            vectors={UNNAMED: np.array([number, 1], np.float32)},
        )
        for tenant in ("one", "two")
        for number in range(3)
    ]
    for new in news:
        (verdict,) = app.ingest.put_many([new], Call({}))
        assert verdict.error is None, verdict.error


def _dish(number: int) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": TITLES[number],
        "kind": KINDS[number],
        "servings": number % 4,
        "price": number * 1.25,
        "vegan": number % 3 == 0,
        "made": f"2024-01-0{1 + number}T00:00:00Z",
        "tags": TITLES[number].split(),
    }
    return properties | ({"goesWith": [{"beacon": beacon("Dish", id_of(number - 1))}]} if number else {})
