"""Routes of the API that one node without these features answers as the original does when they are off."""

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api.rest import bodies
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Raw, missing
from weavelet.api.rest.refusals import Refusal, refusal, required

router = APIRouter(prefix="/v1", tags=["unsupported"])

_REPLICATE = bodies.Struct(
    "models.ReplicationReplicateReplicaRequest",
    {name: bodies.Text("*string") for name in ("collection", "shard", "sourceNode", "targetNode", "type")},
)


@router.post("/replication/replicate", openapi_extra=body(_REPLICATE))
def replicate(context: Asked, raw: Raw) -> Response:
    document = bodies.read(raw, _REPLICATE)
    for name in ("collection", "shard", "sourceNode", "targetNode"):
        if name not in document:
            raise required(name)
    raise Refusal(501)


@router.delete("/replication/replicate")
@router.get("/replication/replicate/list")
@router.post("/replication/replicate/force-delete")
@router.get("/replication/replicate/{operation}")
@router.delete("/replication/replicate/{operation}")
@router.post("/replication/replicate/{operation}/cancel")
@router.get("/replication/sharding-state")
@router.get("/replication/scale")
@router.post("/replication/scale")
def move_replicas(context: Asked, operation: str = "") -> Response:
    raise Refusal(501)


@router.post("/classifications")
def classify(context: Asked) -> Response:
    raise refusal(501, "classifications are not available")


@router.get("/classifications/{id}")
def get_classification(context: Asked, id: str) -> Response:
    raise missing()


@router.get("/namespaces")
@router.get("/namespaces/{namespace}")
def get_namespaces(context: Asked, namespace: str = "") -> Response:
    raise refusal(404, "namespaces are not enabled")
