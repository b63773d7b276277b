"""Whatever is sent to the REST door, it answers with a sentence, and what it refuses has no effect."""

import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.hostile.mutating import mutated, written
from tests.hostile.world import BEACON, DISH, ID, NAMED, PROPERTIES, fill, opened, state
from weavelet.api.rest.app import create
from weavelet.app import App

REQUESTS = 250
FILLED_EVERY = 50

WHERE = {
    "operator": "And",
    "operands": [
        {"path": ["title"], "operator": "Equal", "valueText": "soup"},
        {"path": ["n"], "operator": "GreaterThan", "valueInt": 1},
        {"path": ["tags"], "operator": "ContainsAny", "valueTextArray": ["a"]},
        {"operator": "Not", "operands": [{"path": ["ref", "Dish", "title"], "operator": "Like", "valueText": "s*"}]},
        {
            "path": ["geo"],
            "operator": "WithinGeoRange",
            "valueGeoRange": {"geoCoordinates": {"latitude": 1, "longitude": 2}, "distance": {"max": 100}},
        },
    ],
}
OBJECT = {"class": "Dish", "properties": PROPERTIES}
WITH_VECTORS = {"class": "Named", "properties": {"title": "x"}, "vectors": {"a": [1, 2], "m": [[1, 2], [3, 4]]}}
NEW = {**DISH, "class": "New", "moduleConfig": {"reranker-dummy": {}}, "objectTtlConfig": {"enabled": True}}
TENANTS = [{"name": "t1", "activityStatus": "HOT"}, {"name": "t2"}]
TOKENIZED = {"text": "The Soup", "tokenization": "word", "analyzerConfig": {"asciiFold": True}}

CALLS: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/v1/schema", NEW),
    ("POST", "/v1/schema", {**NAMED, "class": "New"}),
    ("PUT", "/v1/schema/Dish", DISH),
    ("PUT", "/v1/schema/Named", NAMED),
    ("POST", "/v1/schema/Dish/properties", DISH["properties"][-2]),
    ("POST", "/v1/schema/Shared/tenants", TENANTS),
    ("PUT", "/v1/schema/Shared/tenants", TENANTS),
    ("DELETE", "/v1/schema/Shared/tenants", ["t1", "t2"]),
    ("PUT", "/v1/schema/Dish/shards/x", {"status": "READY"}),
    ("POST", "/v1/schema/Dish/properties/title/tokenize", {"text": "soup"}),
    ("POST", "/v1/objects", OBJECT),
    ("POST", "/v1/objects", WITH_VECTORS),
    ("POST", "/v1/objects", {"class": "Shared", "tenant": "t1", "properties": {"title": "x"}}),
    ("POST", "/v1/objects/validate", OBJECT),
    ("PUT", f"/v1/objects/Dish/{ID}", {**OBJECT, "id": ID}),
    ("PATCH", f"/v1/objects/Dish/{ID}", {"properties": PROPERTIES}),
    ("POST", f"/v1/objects/Dish/{ID}/references/ref", {"beacon": BEACON}),
    ("PUT", f"/v1/objects/Dish/{ID}/references/ref", [{"beacon": BEACON}]),
    ("DELETE", f"/v1/objects/Dish/{ID}/references/ref", {"beacon": BEACON}),
    ("POST", "/v1/batch/objects", {"objects": [OBJECT, WITH_VECTORS], "fields": ["ALL"]}),
    ("POST", "/v1/batch/references", [{"from": f"{BEACON}/ref", "to": BEACON}]),
    ("DELETE", "/v1/batch/objects", {"match": {"class": "Dish", "where": WHERE}, "dryRun": True, "output": "verbose"}),
    ("POST", "/v1/aliases", {"alias": "Meal", "class": "Dish"}),
    ("POST", "/v1/tokenize", TOKENIZED),
    ("POST", "/v1/graphql", {"query": "{Get{Dish{title}}}", "variables": {"a": 1}, "operationName": ""}),
    ("POST", "/v1/graphql/batch", [{"query": "{Get{Dish{title}}}"}]),
    ("POST", "/v1/backups/filesystem", {"id": "UPPER", "include": ["Dish"], "config": {"CPUPercentage": 50}}),
    ("POST", "/v1/backups/filesystem/none/restore", {"include": ["Dish"], "node_mapping": {"a": "b"}}),
    ("POST", "/v1/export/filesystem", {"id": "e1", "file_format": "parquet", "include": ["Dish"]}),
)
PLACES = ("Dish", "Named", "Shared", "Nope", "a b", "x-y", "A" * 300, "💥", "%00", "D%2Fx", ID, "abc", "title", "-1")
PARAMETERS = {
    "class": ("Dish", "dish", "Shared", "Nope", "", "💥"),
    "limit": ("0", "-1", "x", "10001", "9" * 30, "1.5", ""),
    "offset": ("1", "-1", "x", "9223372036854775807"),
    "after": ("", ID, "x"),
    "include": ("vector", "classification", "x", "vector,vector"),
    "sort": ("title", "n,title", "nope", "_id", "ref", ",,"),
    "order": ("asc", "x", "asc,,desc"),
    "tenant": ("t1", "nope", "x" * 80),
    "consistency_level": ("ONE", "x"),
    "output": ("verbose", "x"),
}
READS = (
    "/v1/objects",
    "/v1/objects/{}",
    "/v1/objects/{}/{}",
    "/v1/schema/{}",
    "/v1/schema/{}/shards",
    "/v1/schema/{}/tenants",
    "/v1/schema/{}/tenants/{}",
    "/v1/nodes",
    "/v1/nodes/{}",
    "/v1/aliases",
    "/v1/aliases/{}",
    "/v1/backups/filesystem/{}",
    "/v1/export/{}/{}",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened(tmp_path_factory.mktemp("rest")) as running:
        yield running


@pytest.fixture(scope="module")
def client(app: App) -> Iterator[TestClient]:
    with TestClient(create(app), follow_redirects=False) as started:
        yield started


SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))]


@pytest.mark.parametrize("seed", SEEDS)
def test_bad_bodies_get_a_sentence_and_have_no_effect(app: App, client: TestClient, seed: int) -> None:
    random = Random(seed)
    for number in range(REQUESTS):
        if not number % FILLED_EVERY:
            fill(app)
            client.delete("/v1/schema/New")
        method, path, document = random.choice(CALLS)
        body = written(mutated(document, random), random)
        before = state(app)
        answer = client.request(method, path, content=body, headers={"content-type": "application/json"})
        _check(answer, f"{method} {path} {body[:2000]!r}")
        if answer.status_code >= 400:
            assert state(app) == before, (method, path, body[:2000])


@pytest.mark.parametrize("seed", SEEDS)
def test_bad_paths_and_parameters_get_a_sentence(app: App, client: TestClient, seed: int) -> None:
    fill(app)
    random = Random(seed)
    for _ in range(REQUESTS):
        path = re.sub("{}", lambda _: random.choice(PLACES), random.choice(READS))
        chosen = random.sample(sorted(PARAMETERS), random.choice((0, 1, 2, 3)))
        query = "&".join(f"{name}={random.choice(PARAMETERS[name])}" for name in chosen)
        answer = client.request(random.choice(("GET", "GET", "GET", "HEAD", "DELETE")), f"{path}?{query}")
        _check(answer, f"{path}?{query}")


def _check(answer: Any, what: str) -> None:
    """Never a bug behind the answer, and a reason with every refusal that has a body."""
    assert "internal error" not in answer.text, what
    assert answer.status_code not in (502, 503), what
    if answer.status_code in (400, 422) and answer.content:
        document = answer.json()
        texts = [document.get("message")] if "code" in document else [each["message"] for each in document["error"]]
        assert all(texts), what
