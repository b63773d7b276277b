"""What Prometheus is told agrees with what was done, and what is built in the background can be watched."""

import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

import weavelet
from weavelet.engine.query import (
    AggregateRequest,
    Compare,
    Hybrid,
    Keyword,
    NearVector,
    OfProperty,
    Operator,
    Page,
    SearchRequest,
    Target,
    ValueKind,
)
from weavelet.errors import Unavailable
from weavelet.modules.base import Call
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import NewObject
from weavelet.server import Server

COUNT = 1_200
KINDS = ("list", "bm25", "hybrid", "vector", "aggregate")
NEAR = NearVector(vectors=(np.ones(8, np.float32),))
Opened = Callable[..., Server]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    servers: list[Server] = []

    def open_server(**settings: Any) -> Server:
        servers.append(
            weavelet.run(data_path=tmp_path / "data", **{"monitoring": True, "monitoring_port": 0} | settings)
        )
        return servers[-1]

    yield open_server
    for server in servers:
        server.stop()


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
        return content


def scraped(server: Server) -> dict[str, float]:
    """Every sample by its name and labels."""
    text = read(f"http://127.0.0.1:{server.monitoring_port}/metrics").decode()
    samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in samples}


def fill(server: Server, count: int, name: str = "Note") -> None:
    app = server._app
    app.catalog.create({"class": name, "vectorizer": "none", "properties": [{"name": "text", "dataType": ["text"]}]})
    vectors = np.random.default_rng(1).standard_normal((count, 8)).astype(np.float32)
    news = [
        NewObject(
            collection=name,
            id=f"00000000-0000-4000-8000-{number:012x}",
            properties={"text": "note"},
            vectors={UNNAMED: vector},
        )
        for number, vector in enumerate(vectors)
    ]
    assert all(verdict.error is None for verdict in app.ingest.put_many(news, Call()))


def ask(server: Server, target: Target) -> None:
    server._app.searcher.execute(SearchRequest(collection="Note", target=target, page=Page(limit=3)))


def test_objects_queries_and_batches_are_counted(opened: Opened) -> None:
    server = opened()
    fill(server, 20)
    for target in (None, Keyword("note"), Keyword("x"), Hybrid("note", alpha=0.5, near=NEAR), NEAR):
        ask(server, target)
    server._app.searcher.aggregate(AggregateRequest(collection="Note"))
    before = scraped(server)
    server._app.ingest.delete_where("Note", Compare(OfProperty("text"), Operator.EQUAL, "note", ValueKind.TEXT))
    after = scraped(server)

    (shard,) = server._app.database.shards("Note")
    where = f'{{class_name="Note",shard_name="{shard.name}"}}'
    there = [[found[f"{name}{where}"] for name in ("object_count", "vector_index_size")] for found in (before, after)]
    assert there == [[20, 20], [0, 0]]
    assert after[f"queue_size{where}"] == 0
    assert (after["shards_loaded"], after["shards_unloaded"]) == (1, 0)
    asked = {kind: after[f'queries_durations_ms_count{{class_name="Note",query_type="{kind}"}}'] for kind in KINDS}
    assert asked == {"list": 1, "bm25": 2, "hybrid": 1, "vector": 1, "aggregate": 1}
    labels = 'operation="object",class_name="Note",shard_name="n/a"'
    assert after[f"batch_durations_ms_count{{{labels}}}"] == 1
    assert after[f'batch_durations_ms_bucket{{{labels},le="+Inf"}}'] == 1
    assert after[f"batch_delete_durations_ms_count{{{labels}}}"] == 1
    assert after['batch_objects_processed_total{class_name="Note",shard_name="n/a"}'] == 20
    assert after['concurrent_queries_count{class_name="Note",query_type="bm25"}'] == 0
    assert after["process_cpu_seconds_total"] > 0


def test_collections_can_be_grouped(opened: Opened) -> None:
    server = opened(monitoring_grouped=True)
    fill(server, 3)
    fill(server, 4, "Other")
    assert scraped(server)['object_count{class_name="n/a",shard_name="n/a"}'] == 7


def test_nothing_but_metrics_is_served_there(opened: Opened) -> None:
    server = opened()
    with pytest.raises(urllib.error.HTTPError) as refused:
        read(f"http://127.0.0.1:{server.monitoring_port}/v1/schema")
    refused.value.close()
    assert refused.value.code == 404


def test_without_the_setting_there_are_no_metrics(opened: Opened) -> None:
    server = opened(monitoring=False)
    assert (server.monitoring_port, server._app.metrics) == (0, None)


def test_a_taken_port_for_metrics_is_named(opened: Opened, tmp_path: Path) -> None:
    port = opened().monitoring_port
    with pytest.raises(Unavailable, match=f"{port} for metrics"):
        weavelet.run(data_path=tmp_path / "other", monitoring=True, monitoring_port=port)


def test_a_graph_being_built_is_seen_in_nodes_metrics_and_log(opened: Opened, caplog: pytest.LogCaptureFixture) -> None:
    server = opened(graph_threshold=COUNT)
    with caplog.at_level(logging.INFO):
        fill(server, COUNT)
        seen = [shard_state(server)]
        queued = [number for name, number in scraped(server).items() if name.startswith("queue_size")]
        deadline = time.monotonic() + 30
        while seen[-1] != ("READY", 0) and time.monotonic() < deadline:
            time.sleep(0.02)
            seen.append(shard_state(server))
    assert seen[0][0] == "INDEXING"
    assert seen[0][1] > 0
    assert queued[0] > 0
    assert seen[-1] == ("READY", 0)
    assert all((status == "INDEXING") == (queue > 0) for status, queue in seen)
    told = [record.getMessage() for record in caplog.records if "graph" in record.getMessage()]
    assert [f"adding {COUNT} vectors to a graph of 0" in told[0], f"the graph has {COUNT}" in told[1]] == [True, True]


def shard_state(server: Server) -> tuple[str, int]:
    nodes = orjson.loads(read(f"{server.url}/v1/nodes?output=verbose"))
    (shard,) = nodes["nodes"][0]["shards"]
    return shard["vectorIndexingStatus"], shard["vectorQueueLength"]
