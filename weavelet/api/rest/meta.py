"""The roots, health, and what this server is."""

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api.core import WEAVIATE_VERSION
from weavelet.api.rest.door import Asked
from weavelet.api.rest.refusals import Refusal
from weavelet.api.rest.render import answer, empty

router = APIRouter(tags=["meta"])

_DOCUMENTATION = "https://weaviate.io/developers/weaviate"
_REFERENCE = f"{_DOCUMENTATION}/api/rest#tag"
_LINKS = (
    ("/v1/meta", "Meta information about this instance/cluster", None),
    ("/v1/schema", "view complete schema", "schema/get/schema"),
    ("/v1/schema{/:className}", "CRUD schema", "schema/put/schema/{className}"),
    ("/v1/objects{/:id}", "CRUD objects", "objects/"),
    ("/v1/classifications{/:id}", "trigger and view status of classifications", "classifications"),
    (
        "/v1/.well-known/live",
        "check if Weaviate is live (returns 200 on GET when live)",
        "well-known/get/.well-known/live",
    ),
    (
        "/v1/.well-known/ready",
        "check if Weaviate is ready (returns 200 on GET when ready)",
        "well-known/get/.well-known/ready",
    ),
    (
        "/v1/.well-known/openid-configuration",
        "view link to openid configuration (returns 404 on GET if no openid is configured)",
        "well-known/get/.well-known/openid-configuration",
    ),
)


def _link(href: str, name: str, tag: str | None) -> dict[str, str]:
    documentation = {"documentationHref": f"{_REFERENCE}/{tag}"} if tag else {}
    return {"href": href, "name": name, **documentation}


@router.get("/")
def get_root() -> Response:
    link = {"href": "/v1", "name": "api v1", "documentationHref": f"{_DOCUMENTATION}/current/"}
    return answer({"links": link}, 301, {"location": "/v1"})


@router.get("/v1")
def get_links() -> Response:
    return answer({"links": [_link(*link) for link in _LINKS]})


@router.get("/v1/.well-known/live")
def get_liveness() -> Response:
    return empty()


@router.get("/v1/.well-known/ready")
def get_readiness() -> Response:
    return empty()


@router.get("/v1/.well-known/openid-configuration")
def get_openid_configuration() -> Response:
    """Tells clients that there is no OpenID provider: they go on without."""
    raise Refusal(404)


@router.get("/v1/meta")
def get_meta(context: Asked) -> Response:
    settings = context.app.settings
    return answer(
        {
            "grpcMaxMessageSize": settings.grpc_max_message_size,
            "hostname": f"http://{settings.host}:{settings.port}",
            "modules": context.app.registry.meta(),
            "version": WEAVIATE_VERSION,
        }
    )
