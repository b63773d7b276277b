"""GraphQL over HTTP: single queries and batches of them."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Context, Raw
from weavelet.api.rest.refusals import Refusal, after, refusal, wording
from weavelet.api.rest.render import answer
from weavelet.errors import Forbidden
from weavelet.schema.wording import type_name

router = APIRouter(prefix="/v1/graphql", tags=["graphql"])

_NO_QUERY = "422: The request is well-formed but was unable to be followed due to semantic errors."
_INTROSPECTION = (
    "due to GraphQL introspection, this role must have the permission to `read_collections` on `*` (all) collections: "
)


@router.post("", openapi_extra=body(documents.GRAPHQL))
def query_graphql(context: Asked, raw: Raw) -> Response:
    """Errors in the query are part of a 200 answer."""
    document = documents.read_graphql(raw)
    _check_may_query(context)
    variables = _variables(document)
    if not document.get("query"):
        raise refusal(422, "query cannot be empty")
    return answer(_executed(context, document, variables))


@router.post("/batch", openapi_extra=body(documents.GRAPHQL_BATCH))
def query_graphql_batch(context: Asked, raw: Raw) -> Response:
    """Queries one after the other; each has its own answer."""
    queries = documents.read_graphql_batch(raw)
    _check_may_query(context)
    if not queries:
        raise Refusal(422, {"error": None})
    return answer([None if query is None else _answered(context, query) for query in queries])


def _check_may_query(context: Context) -> None:
    if context.app.settings.disable_graphql:
        raise refusal(422, "graphql api is disabled")
    with wording({Forbidden: after(_INTROSPECTION)}):
        context.may(auth.collections(Verb.READ))


def _answered(context: Context, document: dict[str, Any]) -> Any:
    if not document.get("query"):
        return {"errors": [{"locations": None, "message": _NO_QUERY, "path": None}]}
    return _executed(context, document, _variables(document))


def _variables(document: dict[str, Any]) -> dict[str, Any]:
    variables = document.get("variables", {})
    if not isinstance(variables, dict):
        raise refusal(422, f"variables must be a JSON object, got {type_name(variables)}")
    return variables


def _executed(context: Context, document: dict[str, Any], variables: dict[str, Any]) -> Any:
    name = document.get("operationName")

    def may_read(collection: str, tenant: str) -> None:
        context.may(auth.data(Verb.READ, collection, tenant))

    return context.graphql().execute(document["query"], variables, name, context.headers, may_read)
