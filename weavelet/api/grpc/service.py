"""The methods of the gRPC door, each from bytes to bytes.

`handlers` makes what a grpcio server needs: the `weaviate.v1.Weaviate` methods, the health check, and an answer for
everything else. A method parses its message, calls one use case, and serialises the reply; whatever it raises becomes
a status in one place. Nothing here knows how a search or a write is done.
"""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from weavelet.api.grpc import stream
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.aggregate import aggregate_reply, parse_aggregate
from weavelet.api.grpc.batch import merge_in_order, parse_objects, reference_beacon, write_errors
from weavelet.api.grpc.caller import Authenticate, Caller, anonymous, identify
from weavelet.api.grpc.errors import status
from weavelet.api.grpc.filters import parse_filter
from weavelet.api.grpc.replies import search_reply
from weavelet.api.grpc.search import parse_search
from weavelet.api.grpc.tenants import asked_names, tenants_reply
from weavelet.catalog import Catalog
from weavelet.errors import InvalidFilter, Unavailable, WeaveletError
from weavelet.ingest import Ingest
from weavelet.linking import Linking, NewReference
from weavelet.schema.objects import NewObject
from weavelet.search import Searcher
from weavelet.settings import Settings

_log = logging.getLogger(__name__)

SERVICE = "weaviate.v1.Weaviate"
HEALTH = "grpc.health.v1.Health"
MOST_STREAMS = 12
"""Open batch streams; each keeps one of the server's threads."""

_SERVING = b"\x08\x01"

Method: TypeAlias = Callable[[bytes, Caller], bytes]


class Application(Protocol):
    """What this door needs of the running app."""

    @property
    def settings(self) -> Settings: ...
    @property
    def catalog(self) -> Catalog: ...
    @property
    def searcher(self) -> Searcher: ...
    @property
    def ingest(self) -> Ingest: ...
    @property
    def linking(self) -> Linking: ...


def handlers(
    app: Application, authenticate: Authenticate = anonymous, stopping: threading.Event | None = None
) -> list[grpc.GenericRpcHandler]:
    """All handlers of the door, for a threaded server. Streams are told to come back later once `stopping` is set."""
    service = Service(app)
    unary: Mapping[str, Method] = {
        "Search": service.search,
        "Aggregate": service.aggregate,
        "BatchObjects": service.batch_objects,
        "BatchReferences": service.batch_references,
        "BatchDelete": service.batch_delete,
        "TenantsGet": service.tenants_get,
    }
    methods = {name: _unary(method, authenticate) for name, method in unary.items()}
    methods["BatchStream"] = _stream(service, authenticate, stopping or threading.Event())
    health = {"Check": grpc.unary_unary_rpc_method_handler(lambda _, __: _SERVING)}
    return [
        grpc.method_handlers_generic_handler(SERVICE, methods),
        grpc.method_handlers_generic_handler(HEALTH, health),
        _Unknown(),
    ]


class Service:
    """The methods, on parsed and serialised messages."""

    def __init__(self, app: Application) -> None:
        self._app = app

    def search(self, data: bytes, caller: Caller) -> bytes:
        message = pb.SearchRequest.FromString(data)
        limit = self._app.settings.query_defaults_limit
        search = parse_search(message, self._app.catalog.collection, limit, caller.headers)
        reply = self._app.searcher.execute(search.request)
        return _bytes(search_reply(reply, search.show, search.request))

    def aggregate(self, data: bytes, caller: Caller) -> bytes:
        message = pb.AggregateRequest.FromString(data)
        with _telling("parse params"):
            request = parse_aggregate(message, self._app.catalog.collection, caller.headers)
        with _telling("aggregate"):
            aggregation = self._app.searcher.aggregate(request)
        collection = self._app.catalog.collection(request.collection)
        return _bytes(aggregate_reply(aggregation, message, request, collection))

    def batch_objects(self, data: bytes, caller: Caller) -> bytes:
        started = time.perf_counter()
        message = pb.BatchObjectsRequest.FromString(data)
        reply = pb.BatchObjectsReply()
        write_errors(reply, self.store_objects(message.objects, caller))
        reply.took = time.perf_counter() - started
        return _bytes(reply)

    def batch_references(self, data: bytes, caller: Caller) -> bytes:
        started = time.perf_counter()
        message = pb.BatchReferencesRequest.FromString(data)
        reply = pb.BatchReferencesReply()
        write_errors(reply, self.store_references(message.references, caller))
        reply.took = time.perf_counter() - started
        return _bytes(reply)

    def batch_delete(self, data: bytes, caller: Caller) -> bytes:
        started = time.perf_counter()
        message = pb.BatchDeleteRequest.FromString(data)
        with _telling("batch delete params"):
            collection = self._app.catalog.collection(message.collection)
            if not message.HasField("filters"):
                raise InvalidFilter("no filters in batch delete request")
            where = parse_filter(message.filters, collection, self._app.catalog.collection)
        with _telling("batch delete"):
            deleted = self._app.ingest.delete_where(collection.name, where, message.tenant, message.dry_run)
        reply = pb.BatchDeleteReply()
        reply.matches = deleted.matches
        reply.failed = sum(row.error is not None for row in deleted.rows)
        reply.successful = len(deleted.rows) - reply.failed
        if message.verbose:
            for row in deleted.rows:
                entry = reply.objects.add()
                entry.uuid = uuid.UUID(row.id).bytes
                entry.successful = row.error is None
                entry.error = "" if row.error is None else str(row.error)
        reply.took = time.perf_counter() - started
        return _bytes(reply)

    def tenants_get(self, data: bytes, caller: Caller) -> bytes:
        started = time.perf_counter()
        message = pb.TenantsGetRequest.FromString(data)
        with _telling("get tenants"):
            names = asked_names(message)
            reply = tenants_reply(self._app.catalog.tenants(message.collection), names)
        reply.took = time.perf_counter() - started
        return _bytes(reply)

    def store_objects(self, messages: Sequence[pb.BatchObject], caller: Caller) -> Sequence[WeaveletError | None]:
        """What became of each object, in order."""

        def put(news: list[NewObject]) -> Sequence[WeaveletError | None]:
            return [verdict.error for verdict in self._app.ingest.put_many(news, caller.call)] if news else []

        return merge_in_order(parse_objects(messages, self._app.catalog.find), put)

    def store_references(self, messages: Sequence[pb.BatchReference], caller: Caller) -> Sequence[WeaveletError | None]:
        """What became of each reference, in order."""
        references = [
            NewReference(
                collection=message.from_collection,
                id=message.from_uuid,
                property=message.name,
                beacon=reference_beacon(message),
                tenant=message.tenant,
            )
            for message in messages
        ]
        return self._app.linking.add_many(references) if references else []


@contextmanager
def _telling(part: str) -> Iterator[None]:
    """Put in front of an error which part of the work it comes from."""
    try:
        yield
    except WeaveletError as error:
        raise type(error)(f"{part}: {error}") from error


def _bytes(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data


# --- From methods to what grpcio serves ---


def _unary(method: Method, authenticate: Authenticate) -> grpc.RpcMethodHandler:
    def handle(data: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            return method(data, identify(context.invocation_metadata(), authenticate))
        except Exception as error:
            code, details = _status(error)
        context.abort(code, details)
        raise AssertionError("abort raises")

    return grpc.unary_unary_rpc_method_handler(handle)


def _stream(service: Service, authenticate: Authenticate, stopping: threading.Event) -> grpc.RpcMethodHandler:
    room = threading.BoundedSemaphore(MOST_STREAMS)

    def handle(requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        if not room.acquire(blocking=False):
            context.abort(*_status(Unavailable(f"too many batch streams are open, at most {MOST_STREAMS} may be")))
        try:
            yield from _replies(service, requests, identify(context.invocation_metadata(), authenticate), stopping)
            return
        except grpc.RpcError:
            return  # The client is gone; there is nobody to answer.
        except Exception as error:
            code, details = _status(error)
        finally:
            room.release()
        context.abort(code, details)

    return grpc.stream_stream_rpc_method_handler(handle)


def _replies(service: Service, requests: Iterator[bytes], caller: Caller, stopping: threading.Event) -> Iterator[bytes]:
    """A stream's messages parsed, and its replies serialised. A batch that fails as a whole fails item by item."""

    def store_objects(messages: Sequence[pb.BatchObject]) -> Sequence[WeaveletError | None]:
        try:
            return service.store_objects(messages, caller)
        except WeaveletError as error:
            return [error] * len(messages)

    def store_references(messages: Sequence[pb.BatchReference]) -> Sequence[WeaveletError | None]:
        try:
            return service.store_references(messages, caller)
        except WeaveletError as error:
            return [error] * len(messages)

    parsed = map(pb.BatchStreamRequest.FromString, requests)
    for reply in stream.replies(parsed, store_objects, store_references, stopping):
        yield _bytes(reply)


def _status(error: Exception) -> tuple[grpc.StatusCode, str]:
    """Anything that is neither ours nor the parser's is a bug: logged here, and not told to the caller."""
    match error:
        case WeaveletError():
            return status(error)
        case DecodeError():
            return grpc.StatusCode.INTERNAL, "grpc: error unmarshalling request: the bytes are no such message"
        case _:
            _log.error("a request failed", exc_info=error)
            return grpc.StatusCode.INTERNAL, "internal error"


class _Unknown(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Says what it is that is not there."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        service, _, method = handler_call_details.method.removeprefix("/").rpartition("/")
        known = service in (SERVICE, HEALTH)
        text = f"unknown method {method} for service {service}" if known else f"unknown service {service}"

        def refuse(_: bytes, context: grpc.ServicerContext) -> bytes:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, text)
            raise AssertionError("abort raises")

        return grpc.unary_unary_rpc_method_handler(refuse)
