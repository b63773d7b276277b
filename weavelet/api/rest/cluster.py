"""The node, its shards, and what a cluster of one says about itself."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.core import WEAVIATE_VERSION
from weavelet.api.rest.door import Asked, Context
from weavelet.api.rest.refusals import instead, refusal, wording
from weavelet.api.rest.render import answer
from weavelet.engine.database import ShardInfo
from weavelet.engine.shard import Shard
from weavelet.errors import CollectionNotFound
from weavelet.schema.collection import Collection, TenantStatus

router = APIRouter(prefix="/v1", tags=["cluster"])

Output = Annotated[str, Query(description="`minimal`, or `verbose` to see every shard.")]

_HEALTHY = "HEALTHY"


@router.get("/nodes")
def list_nodes(context: Asked, output: Output = "minimal") -> Response:
    _check_output(output)
    seen = context.app.catalog.collections()
    if output == "minimal":
        context.may(auth.nodes(output))
    else:
        seen = {name: each for name, each in seen.items() if context.permits(auth.nodes(output, name))}
    return _answered(context, output, list(seen.values()), "")


@router.get("/nodes/{collection}")
def list_nodes_of_collection(
    context: Asked,
    collection: str,
    output: Output = "minimal",
    shard: Annotated[str, Query(alias="shardName")] = "",
) -> Response:
    _check_output(output)
    context.may(auth.nodes(output, collection))
    with wording({CollectionNotFound: instead(f'class "{collection}" not found')}):
        found = context.app.catalog.collection(collection)
    return _answered(context, output, [found], shard)


def _check_output(output: str) -> None:
    if output not in ("minimal", "verbose"):
        raise refusal(422, f'invalid output: "{output}", possible values are: "minimal", "verbose"')


def _answered(context: Context, output: str, collections: list[Collection], only: str) -> Response:
    node: dict[str, Any] = {
        "batchStats": _batch_stats(context),
        "name": context.app.settings.node_name,
        "operationalMode": "ReadWrite",
        "shards": None,
        "status": _HEALTHY,
        "version": WEAVIATE_VERSION,
    }
    if output == "verbose":
        shards = [shard for collection in collections for shard in _shards(context, collection, only)]
        counted = {"objectCount": sum(shard["objectCount"] for shard in shards), "shardCount": len(shards)}
        node |= {"shards": shards or None, "stats": counted}
    return answer({"nodes": [node]})


def _batch_stats(context: Context) -> dict[str, int]:
    """With asynchronous indexing there is no queue of batches to speak of."""
    stats = {"ratePerSecond": 0}
    return stats if context.app.settings.async_indexing else {**stats, "queueLength": 0}


def _shards(context: Context, collection: Collection, only: str) -> list[dict[str, Any]]:
    """The shards in use, closed tenants left out. A tenant nobody asked for since the start is not loaded."""
    infos = context.app.database.shards(collection.name)
    wanted = [info for info in infos if info.status is TenantStatus.HOT and only in ("", info.name)]
    return [_shard(collection, info, _opened(context, collection, info)) for info in wanted]


def _opened(context: Context, collection: Collection, info: ShardInfo) -> Shard | None:
    return info.shard if collection.multi_tenancy.enabled else context.app.database.shard(collection.name)


def _shard(collection: Collection, info: ShardInfo, shard: Shard | None) -> dict[str, Any]:
    queued = 0 if shard is None else shard.queue_length
    return {
        "asyncReplicationStatus": [],
        "class": collection.name,
        "compressed": any(config.index.quantizer is not None for config in collection.vectors.values()),
        "loaded": shard is not None,
        "name": info.name,
        "numberOfReplicas": 1,
        "objectCount": 0 if shard is None else shard.count,
        "replicationFactor": collection.replication.get("factor", 1),
        "vectorIndexingStatus": "INDEXING" if queued else "READY",
        "vectorQueueLength": queued,
    }


@router.get("/cluster/statistics")
def get_cluster_statistics(context: Asked) -> Response:
    """A cluster of one, which leads itself."""
    context.may(auth.cluster())
    name = context.app.settings.node_name
    applied = str(context.app.catalog.version)
    address = f"{context.app.settings.host}:{context.app.settings.port}"
    statistics = {
        "bootstrapped": True,
        "candidates": {},
        "dbLoaded": True,
        "isVoter": True,
        "leaderAddress": address,
        "leaderId": name,
        "name": name,
        "open": True,
        "raft": {
            "appliedIndex": applied,
            "commitIndex": applied,
            "latestConfiguration": [{"address": address, "id": name, "suffrage": 0}],
            "numPeers": "0",
            "state": "Leader",
            "term": "1",
        },
        "ready": True,
        "status": _HEALTHY,
    }
    return answer({"statistics": [statistics], "synchronized": True})


@router.get("/tasks")
def list_tasks(context: Asked) -> Response:
    """Work spread over a cluster, of which there is none."""
    context.may(auth.cluster())
    return answer({})
