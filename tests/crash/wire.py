"""Plain clients of a server under torture: REST and gRPC without retries, so that a kill shows at once.

`Refused` is an answer that says no; everything that happens to a connection is `Lost`.
"""

import http.client
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
import orjson

from tests.engine.shard_world import id_of
from weavelet.api.grpc import weavelet_pb2 as pb

EVERYTHING = 10_000
DIMENSIONS = 16
_SERVICE = "/weaviate.v1.Weaviate/"


class Refused(AssertionError):
    """The server answered, and not as hoped."""


class Lost(Exception):
    """No answer came: what was asked for may have happened or not."""


def vector_of(version: int) -> np.ndarray:
    """A vector no other version has."""
    return np.random.default_rng(version).standard_normal(DIMENSIONS).astype(np.float32)


def properties_of(number: int, version: int) -> dict[str, Any]:
    """Found by the word `v<version>`, which is its own, and together with all others by `note`."""
    return {"text": f"note v{version}", "number": number, "version": version}


@dataclass(frozen=True)
class Found:
    """One object as a search showed it."""

    id: str
    version: int
    distance: float


class Rest:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        try:
            headers = {"content-type": "application/json"}
            self._connection.request(method, path, None if body is None else orjson.dumps(body), headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost from error
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {content[:300]!r}")
        return orjson.loads(content) if content else None

    def close(self) -> None:
        self._connection.close()


class Grpc:
    def __init__(self, port: int) -> None:
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_retries", 0)])
        call, stream = self._channel.unary_unary, self._channel.stream_stream
        self._search = call(_SERVICE + "Search", pb.SearchRequest.SerializeToString, pb.SearchReply.FromString)
        self._many = call(
            _SERVICE + "BatchObjects", pb.BatchObjectsRequest.SerializeToString, pb.BatchObjectsReply.FromString
        )
        self._delete = call(
            _SERVICE + "BatchDelete", pb.BatchDeleteRequest.SerializeToString, pb.BatchDeleteReply.FromString
        )
        self._stream = stream(
            _SERVICE + "BatchStream", pb.BatchStreamRequest.SerializeToString, pb.BatchStreamReply.FromString
        )

    def close(self) -> None:
        self._channel.close()

    def put(self, objects: Sequence[tuple[int, int]], collection: str = "Note", tenant: str = "") -> None:
        reply = _asked(lambda: self._many(pb.BatchObjectsRequest(objects=_messages(objects, collection, tenant))))
        if reply.errors:
            raise Refused(str(reply.errors))

    def delete_versions(self, versions: Sequence[int]) -> None:
        request = pb.BatchDeleteRequest(collection="Note", filters=_one_of(versions))
        if _asked(lambda: self._delete(request)).failed:
            raise Refused("a delete failed")

    def stream(self, batches: Iterator[Sequence[tuple[int, int]]]) -> Iterator[None]:
        """Sends a batch whenever the one before has been answered; gives None at each answer."""

        def sent() -> Iterator[pb.BatchStreamRequest]:
            yield pb.BatchStreamRequest(start=pb.BatchStreamRequest.Start())
            for batch in batches:
                values = pb.BatchStreamRequest.Data.Objects(values=_messages(batch, "Note", ""))
                yield pb.BatchStreamRequest(data=pb.BatchStreamRequest.Data(objects=values))

        try:
            for reply in self._stream(sent()):
                if reply.HasField("results"):
                    if reply.results.errors:
                        raise Refused(str(reply.results.errors))
                    yield
        except grpc.RpcError as error:
            raise Lost from error

    def all_by_vector(self, version: int, **more: Any) -> list[Found]:
        return self._found(near_vector=_near(version), **more)

    def all_by_keyword(self, query: str, **more: Any) -> list[Found]:
        return self._found(bm25_search=pb.BM25(query=query, properties=["text"]), **more)

    def all_by_filter(self, versions: Sequence[int] = (), **more: Any) -> list[Found]:
        least = pb.Filters(
            operator=pb.Filters.OPERATOR_GREATER_THAN_EQUAL, target=pb.FilterTarget(property="version"), value_int=0
        )
        return self._found(filters=_one_of(versions) if versions else least, **more)

    def all_by_hybrid(self, query: str, version: int, **more: Any) -> list[Found]:
        near = {"near_vector": _near(version), "alpha_param": 0.5, "use_alpha_param": True}
        return self._found(hybrid_search=pb.Hybrid(query=query, properties=["text"], **near), **more)

    def _found(self, collection: str = "Note", limit: int = EVERYTHING, tenant: str = "", **target: Any) -> list[Found]:
        request = pb.SearchRequest(
            collection=collection,
            limit=limit,
            tenant=tenant,
            properties=pb.PropertiesRequest(non_ref_properties=["version"]),
            metadata=pb.MetadataRequest(uuid=True, distance=True),
            uses_127_api=True,
            **target,
        )
        return [
            Found(row.metadata.id, row.properties.non_ref_props.fields["version"].int_value, row.metadata.distance)
            for row in _asked(lambda: self._search(request)).results
        ]


def _asked(call: Any) -> Any:
    try:
        return call()
    except grpc.RpcError as error:
        if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED) and _is_gone(error):
            raise Lost from error
        raise Refused(f"{error.code()}: {error.details()}") from error


def _is_gone(error: Any) -> bool:
    """The server answers UNAVAILABLE as well, in words of its own."""
    return any(word in error.details().lower() for word in ("connect", "socket", "stream removed", "goaway", "reset"))


def _messages(objects: Sequence[tuple[int, int]], collection: str, tenant: str) -> list[pb.BatchObject]:
    messages = []
    for number, version in objects:
        message = pb.BatchObject(uuid=id_of(number), collection=collection, tenant=tenant)
        message.vectors.add(vector_bytes=vector_of(version).tobytes(), type=pb.Vectors.VECTOR_TYPE_SINGLE_FP32)
        message.properties.non_ref_properties.update(properties_of(number, version))
        messages.append(message)
    return messages


def _near(version: int) -> pb.NearVector:
    vector = pb.Vectors(vector_bytes=vector_of(version).tobytes(), type=pb.Vectors.VECTOR_TYPE_SINGLE_FP32)
    return pb.NearVector(vectors=[vector])


def _one_of(versions: Sequence[int]) -> pb.Filters:
    return pb.Filters(
        operator=pb.Filters.OPERATOR_CONTAINS_ANY,
        target=pb.FilterTarget(property="version"),
        value_int_array=pb.IntArray(values=versions),
    )


def wait_until_ready(port: int, seconds: float = 30.0) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + seconds
    while True:
        rest = Rest(port)
        try:
            rest("GET", "/v1/.well-known/ready")
            return
        except (Lost, Refused):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        finally:
            rest.close()


def object_document(number: int, version: int, collection: str = "Note", **more: Any) -> dict[str, Any]:
    """An object as REST takes it."""
    vector = vector_of(version).tolist()
    return {
        "class": collection,
        "id": id_of(number),
        "properties": {**properties_of(number, version), **more},
        "vector": vector,
    }


def schema_document(collection: str, **more: Any) -> Mapping[str, Any]:
    properties = [
        {"name": "text", "dataType": ["text"]},
        {"name": "number", "dataType": ["int"]},
        {"name": "version", "dataType": ["int"]},
    ]
    return {"class": collection, "vectorizer": "none", "properties": properties, **more}
