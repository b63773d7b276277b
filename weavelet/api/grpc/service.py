"""The methods of the gRPC door, each from bytes to bytes.

`methods` makes what the listener serves: the `weaviate.v1.Weaviate` methods, the health check, and an answer for
everything else. A method parses its message, calls one use case, and serialises the reply; whatever it raises becomes
a status in one place. Nothing here knows how a search or a write is done.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, TypeAlias, TypeVar

from google.protobuf.message import DecodeError

from weavelet.api import auth
from weavelet.api.auth import Authenticator, Guard, Verb
from weavelet.api.core import App
from weavelet.api.errors import INTERNAL_ERROR, StatusCode, outcome
from weavelet.api.grpc import stream
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.aggregate import aggregate_reply, check_ends, parse_aggregate
from weavelet.api.grpc.batch import merge_in_order, parse_objects, parse_references, write_errors
from weavelet.api.grpc.caller import Caller, identify
from weavelet.api.grpc.calls import Gone, Metadata, Methods, Refusal, Streaming, Unary
from weavelet.api.grpc.filters import Find, parse_filter
from weavelet.api.grpc.prepared import Searches
from weavelet.api.grpc.replies import id_bytes, search_reply
from weavelet.api.grpc.tenants import asked_names, tenants_reply
from weavelet.errors import Forbidden, InvalidFilter, Unavailable, WeaveletError
from weavelet.handlers import waiting
from weavelet.linking import NewReference
from weavelet.schema.collection import Collection
from weavelet.schema.names import upper_first
from weavelet.schema.objects import NewObject

_log = logging.getLogger(__name__)

SERVICE = "weaviate.v1.Weaviate"
HEALTH = "grpc.health.v1.Health"
MOST_STREAMS = 12
"""Open batch streams; each keeps one of the server's threads."""

_WRITES = frozenset({"BatchObjects", "BatchReferences", "BatchDelete"})

_SERVING = b"\x08\x01"

_MOST_DETAILS = 4_000
"""Bytes of details. They travel in a header, and clients begin to refuse headers at 8 KiB."""

_Work: TypeAlias = Callable[[bytes, Caller], bytes]
_Written = TypeVar("_Written", NewObject, NewReference)


def methods(
    app: App,
    authenticator: Authenticator | None = None,
    guard: Guard | None = None,
    stopping: threading.Event | None = None,
) -> Methods:
    """All methods of the door. Streams are told to come back later once `stopping` is set.

    Who may do what is as the settings say, unless an authenticator and a guard are given.
    """
    service = Service(app)
    door = _Door(
        authenticator or auth.authenticator(app.settings, app.access), guard or auth.guard(app.settings, app.access)
    )
    unary: Mapping[str, _Work] = {
        "Search": service.search,
        "Aggregate": service.aggregate,
        "BatchObjects": service.batch_objects,
        "BatchReferences": service.batch_references,
        "BatchDelete": service.batch_delete,
        "TenantsGet": service.tenants_get,
    }
    return Methods(
        {
            **{f"/{SERVICE}/{name}": door.unary(work, writes=name in _WRITES) for name, work in unary.items()},
            f"/{SERVICE}/BatchStream": door.stream(service, stopping or threading.Event()),
            f"/{HEALTH}/Check": Unary(lambda _, __: _SERVING),
        },
        _unknown,
    )


class Service:
    """The methods, on parsed and serialised messages."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._searches = Searches(app.settings.query_defaults_limit)

    def search(self, data: bytes, caller: Caller) -> bytes:
        search = self._searches.parse(data, partial(self._readable, caller), caller.headers)
        reply = self._app.searcher.execute(search.request, search.subject)
        return search_reply(reply, search)

    def aggregate(self, data: bytes, caller: Caller) -> bytes:
        message = pb.AggregateRequest.FromString(data)
        with _telling("parse params"):
            request = parse_aggregate(message, self._readable(caller, message.tenant), caller.headers)
        with _telling("aggregate"):
            check_ends(request)
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
        caller.check(auth.data(Verb.DELETE, self._canonical(message.collection), message.tenant))
        with _telling("batch delete params"):
            collection = self._app.catalog.collection(message.collection)
            if not message.HasField("filters"):
                raise InvalidFilter("no filters in batch delete request")
            where = parse_filter(message.filters, collection, self._readable(caller, message.tenant))
        with _telling("batch delete: cannot find objects"):
            deleted = self._app.ingest.delete_where(collection.name, where, message.tenant, message.dry_run)
        reply = pb.BatchDeleteReply()
        reply.matches = deleted.matches
        reply.failed = sum(row.error is not None for row in deleted.rows)
        reply.successful = len(deleted.rows) - reply.failed
        if message.verbose:
            for row in deleted.rows:
                entry = reply.objects.add()
                entry.uuid = id_bytes(row.id)
                entry.successful = row.error is None
                entry.error = "" if row.error is None else str(row.error)
        reply.took = time.perf_counter() - started
        return _bytes(reply)

    def tenants_get(self, data: bytes, caller: Caller) -> bytes:
        started = time.perf_counter()
        message = pb.TenantsGetRequest.FromString(data)
        with _telling("get tenants"):
            names = asked_names(message)
            with _telling("failed to execute query: could not get tenants: could not get tenants"):
                tenants = self._app.catalog.tenants(message.collection)
            caller.check(auth.tenants(Verb.READ, self._canonical(message.collection)))
            reply = tenants_reply(tenants, names)
        reply.took = time.perf_counter() - started
        return _bytes(reply)

    def store_objects(self, messages: Sequence[pb.BatchObject], caller: Caller) -> Sequence[WeaveletError | None]:
        """What became of each object, in order."""

        def put(news: list[NewObject]) -> Sequence[WeaveletError | None]:
            return [verdict.error for verdict in self._app.ingest.put_many(news, caller.call)]

        return merge_in_order(self._permitted(parse_objects(messages, self._app.catalog.find), caller), put)

    def store_references(self, messages: Sequence[pb.BatchReference], caller: Caller) -> Sequence[WeaveletError | None]:
        """What became of each reference, in order."""

        parsed = self._permitted(parse_references(messages), caller)
        return merge_in_order(parsed, self._app.linking.add_many)

    def _canonical(self, name: str) -> str:
        """The collection's own name, or how a collection of that name would be called."""
        found = self._app.catalog.find(name) if name else None
        return upper_first(name) if found is None else found.name

    def _readable(self, caller: Caller, tenant: str) -> Find:
        """Finds collections, those that the caller may read."""

        def find(name: str) -> Collection:
            found = self._app.catalog.find(name) if name else None
            caller.check(auth.data(Verb.READ, upper_first(name) if found is None else found.name, tenant))
            return self._app.catalog.collection(name) if found is None else found

        return find

    def _permitted(self, items: Sequence[_Written | WeaveletError], caller: Caller) -> list[_Written | WeaveletError]:
        """The items with an error in place of each that the caller may not write."""

        @cache
        def refusal(collection: str, tenant: str) -> WeaveletError | None:
            try:
                caller.check(auth.data(Verb.UPDATE, self._canonical(collection), tenant))
            except Forbidden as error:
                return error
            return None

        return [
            item if isinstance(item, WeaveletError) else refusal(item.collection, item.tenant) or item for item in items
        ]


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


# --- From methods to what the listener serves ---


@dataclass(frozen=True, slots=True)
class _Door:
    """Finds out who calls before a method works, and makes what it raises a refusal."""

    authenticator: Authenticator
    guard: Guard

    def unary(self, work: _Work, *, writes: bool) -> Unary:
        """Writes take long and mostly wait for the disk, so searches may begin meanwhile."""

        def handle(data: bytes, metadata: Metadata) -> bytes:
            try:
                if not writes:
                    return work(data, self._caller(metadata))
                with waiting():
                    return work(data, self._caller(metadata))
            except Exception as error:
                raise _refusal(error) from error

        return Unary(handle)

    def stream(self, service: Service, stopping: threading.Event) -> Streaming:
        room = threading.BoundedSemaphore(MOST_STREAMS)

        def handle(requests: Iterator[bytes], metadata: Metadata) -> Iterator[bytes]:
            if not room.acquire(blocking=False):
                raise _refusal(Unavailable(f"too many batch streams are open, at most {MOST_STREAMS} may be"))
            try:
                with waiting():
                    yield from _replies(service, requests, self._caller(metadata), stopping)
            except (Gone, Refusal):
                raise
            except Exception as error:
                raise _refusal(error) from error
            finally:
                room.release()

        return Streaming(handle)

    def _caller(self, metadata: Metadata) -> Caller:
        return identify(metadata, self.authenticator, self.guard)


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


def _refusal(error: Exception) -> Refusal:
    """Anything that is neither ours nor the parser's is a bug: logged here, and not told to the caller."""
    match error:
        case WeaveletError():
            return Refusal(outcome(error).code, _details(str(error)))
        case DecodeError():
            text = "grpc: error unmarshalling request: the bytes are no such message"
            return Refusal(StatusCode.INTERNAL, text)
        case _:
            _log.error("a request failed", exc_info=error)
            return Refusal(StatusCode.INTERNAL, INTERNAL_ERROR)


def _details(text: str) -> str:
    """The text as far as it fits: on the way, each byte that is not printable ASCII becomes three."""
    size = 0
    for position, character in enumerate(text):
        size += 1 if " " <= character <= "~" else 3 * len(character.encode("utf-8", "replace"))
        if size > _MOST_DETAILS:
            return text[:position] + "…"
    return text


def _unknown(path: str) -> Refusal:
    """Says what it is that is not there."""
    service, _, method = path.removeprefix("/").rpartition("/")
    known = service in (SERVICE, HEALTH)
    text = f"unknown method {method} for service {service}" if known else f"unknown service {service}"
    return Refusal(StatusCode.UNIMPLEMENTED, _details(text))
