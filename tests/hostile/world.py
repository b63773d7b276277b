"""A real application with one collection of each sort, and what must not change when something is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from weavelet.app import App, open_app
from weavelet.modules.base import Call
from weavelet.schema.objects import NewObject
from weavelet.settings import Settings

ID = "00000000-0000-4000-8000-000000000001"
BEACON = f"weaviate://localhost/Dish/{ID}"

DISH: dict[str, Any] = {
    "class": "Dish",
    "vectorizer": "none",
    "invertedIndexConfig": {"indexTimestamps": True, "indexNullState": True, "indexPropertyLength": True},
    "properties": [
        {"name": "title", "dataType": ["text"], "tokenization": "word"},
        {"name": "n", "dataType": ["int"]},
        {"name": "f", "dataType": ["number"]},
        {"name": "b", "dataType": ["boolean"]},
        {"name": "d", "dataType": ["date"]},
        {"name": "u", "dataType": ["uuid"]},
        {"name": "tags", "dataType": ["text[]"]},
        {"name": "nn", "dataType": ["int[]"]},
        {"name": "ff", "dataType": ["number[]"]},
        {"name": "geo", "dataType": ["geoCoordinates"]},
        {"name": "phone", "dataType": ["phoneNumber"]},
        {"name": "blob", "dataType": ["blob"]},
        {
            "name": "obj",
            "dataType": ["object"],
            "nestedProperties": [{"name": "city", "dataType": ["text"]}, {"name": "zips", "dataType": ["int[]"]}],
        },
        {"name": "ref", "dataType": ["Dish"]},
    ],
}
PROPERTIES: dict[str, Any] = {
    "title": "hot soup",
    "n": 3,
    "f": 1.5,
    "b": True,
    "d": "2024-01-01T00:00:00Z",
    "u": ID,
    "tags": ["a", "b"],
    "nn": [1, 2],
    "ff": [1.5],
    "geo": {"latitude": 1.0, "longitude": 2.0},
    "phone": {"input": "0171 1234567", "defaultCountry": "DE"},
    "blob": "aGVsbG8=",
    "obj": {"city": "x", "zips": [1]},
    "ref": [{"beacon": BEACON}],
}
NAMED: dict[str, Any] = {
    "class": "Named",
    "vectorConfig": {
        "a": {"vectorizer": {"none": {}}, "vectorIndexType": "flat", "vectorIndexConfig": {"distance": "dot"}},
        "b": {"vectorizer": {"text2vec-bigram": {"properties": ["title"]}}},
        "m": {"vectorizer": {"none": {}}, "vectorIndexConfig": {"multivector": {"enabled": True}}},
    },
    "properties": [{"name": "title", "dataType": ["text"]}],
    "moduleConfig": {"reranker-dummy": {}, "generative-dummy": {}},
}
SHARED: dict[str, Any] = {
    "class": "Shared",
    "multiTenancyConfig": {"enabled": True},
    "properties": [{"name": "title", "dataType": ["text"]}],
}


@contextmanager
def opened(folder: Path, **variables: str) -> Iterator[App]:
    environment = {
        "PERSISTENCE_DATA_PATH": folder / "data",
        "BACKUP_FILESYSTEM_PATH": folder / "backups",
        "ENABLE_MODULES": "text2vec-bigram,reranker-dummy,generative-dummy",
        "WEAVELET_EMBEDDED_INFERENCE": "false",
        "AUTOSCHEMA_ENABLED": "false",
        **variables,
    }
    app = open_app(Settings.model_validate(environment))
    yield app
    app.close()


def fill(app: App) -> None:
    """The collections with a few objects; what is there stays."""
    for document in (DISH, NAMED, SHARED):
        if document["class"] not in app.catalog.collections():
            app.catalog.create(document)
    plain = {name: value for name, value in PROPERTIES.items() if name != "ref"}
    news = [NewObject(collection="Dish", id=_id(number), properties=plain) for number in range(1, 5)]
    for verdict in app.ingest.put_many(news, Call({})):
        assert verdict.error is None


def state(app: App) -> Any:
    """Everything a refused request leaves as it was."""
    database = app.database
    names = sorted(app.catalog.collections())
    tenants = {name: dict(database.tenants(name)) for name in names if _shared(app, name)}
    objects = {name: _objects(app, name) for name in names if not _shared(app, name)}
    return app.catalog.collections(), dict(app.catalog.aliases()), tenants, objects


def _shared(app: App, name: str) -> bool:
    return app.catalog.collection(name).multi_tenancy.enabled


def _objects(app: App, name: str) -> list[tuple[str, int, str]]:
    shard = app.database.shard(name)
    found = shard.get(shard.list_ids(None, 100), frozenset())
    return [(each.id, each.updated_ms, repr(each.properties)) for each in found if each is not None]


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"
