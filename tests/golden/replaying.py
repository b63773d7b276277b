"""Recorded requests, sent again to a running server.

`Replay` keeps a server in the state the cases expect: fixtures are built once per file unless a case wants them
fresh, a case's own set-up and clean-up requests may fail, and everything is removed between files. gRPC requests are
made with the official client's message classes, not with ours.
"""

import base64
import gzip
import importlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import google.protobuf
import grpc
import httpx
import weaviate  # noqa: F401  (registers the messages)
from google.protobuf.json_format import MessageToDict, ParseDict

CASES = Path(__file__).parent / "cases"
TIMEOUT_SECONDS = 60.0

_MESSAGES = {
    "Aggregate": ("AggregateRequest", "AggregateReply"),
    "BatchDelete": ("BatchDeleteRequest", "BatchDeleteReply"),
    "BatchObjects": ("BatchObjectsRequest", "BatchObjectsReply"),
    "BatchReferences": ("BatchReferencesRequest", "BatchReferencesReply"),
    "Search": ("SearchRequest", "SearchReply"),
    "TenantsGet": ("TenantsGetRequest", "TenantsGetReply"),
}
_MODULES = ("search_get", "batch", "batch_delete", "tenants", "aggregate", "base")
_BATCH = 500
_RECORDED_CONTAINERS = "http://127.0.0.1:9011"


def load(name: str) -> list[dict[str, Any]]:
    """The cases of a file."""
    cases: list[dict[str, Any]] = json.loads((CASES / name).read_text())
    return cases


def _message_classes() -> dict[str, Any]:
    major = int(google.protobuf.__version__.split(".")[0])
    generated = next(name for name in ("v6300", "v5261", "v4216") if int(name[1]) <= major)
    classes: dict[str, Any] = {}
    for module in _MODULES:
        found = vars(importlib.import_module(f"weaviate.proto.v1.{generated}.v1.{module}_pb2"))
        classes |= {name: value for name, value in found.items() if isinstance(value, type)}
    return classes


class Replay:
    """One running server, asked over HTTP and gRPC."""

    def __init__(self, url: str, grpc_target: str, containers: str) -> None:
        """`containers`: where the stub is, wherever it was when the cases were recorded."""
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS)
        self._containers = containers
        size = 1 << 28
        options = [("grpc.max_receive_message_length", size), ("grpc.max_send_message_length", size)]
        self._channel = grpc.insecure_channel(grpc_target, options=options)
        self._classes = _message_classes()
        self._built: set[str] = set()

    def __enter__(self) -> "Replay":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()
        self._http.close()

    def run(self, case: Mapping[str, Any]) -> dict[str, Any]:
        """Set up, ask, clean up; the answer."""
        for step in case.get("setup") or ():
            if isinstance(step, str):
                self._build(step)
            else:
                self._run_all([step])
        try:
            return self.call(case["request"])
        finally:
            self._run_all(case.get("cleanup") or ())

    def clear(self) -> None:
        """Remove every collection and alias."""
        self._built = set()
        for found in (self._get("/v1/schema") or {}).get("classes") or ():
            self.call({"method": "DELETE", "path": f"/v1/schema/{found['class']}"})
        aliases = self._get("/v1/aliases")
        for found in (aliases.get("aliases") or ()) if isinstance(aliases, dict) else ():
            self.call({"method": "DELETE", "path": f"/v1/aliases/{found['alias']}"})

    def call(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self._grpc(request) if "grpc" in request else self._rest(request)

    def _get(self, path: str) -> Any:
        return self._rest({"method": "GET", "path": path})["body"]

    # --- Fixtures ---

    def _build(self, step: str) -> None:
        kind, name = step.split(":", 1)
        if name in self._built and kind != "fresh":
            return
        requests = json.loads((CASES / "fixtures" / f"{name}.json").read_text())
        classes = [request["body"]["class"] for request in requests if request.get("path") == "/v1/schema"]
        for made in reversed(classes):
            self.call({"method": "DELETE", "path": f"/v1/schema/{made}"})
        self._run_all(requests, must=True)
        self._built.add(name)

    def _run_all(self, requests: Iterable[Mapping[str, Any]], *, must: bool = False) -> None:
        for request in requests:
            if "load_scifact" in request:
                self._run_all(_scifact(request["load_scifact"]), must=must)
                continue
            answer = self.call(request)
            if must and answer["status"] not in (200, 204, "OK"):
                raise AssertionError(
                    f"a fixture was refused: {json.dumps(request)[:300]} -> {json.dumps(answer)[:500]}"
                )

    # --- Wires ---

    def _rest(self, request: Mapping[str, Any]) -> dict[str, Any]:
        headers = self._headers(request)
        content: bytes | None = None
        if "raw" in request:
            content = request["raw"].encode()
        elif "body" in request:
            content = json.dumps(request["body"]).encode()
        if content is not None:
            headers.setdefault("content-type", "application/json")
        response = self._http.request(request["method"], request["path"], headers=headers, content=content)
        answer: dict[str, Any] = {"status": response.status_code, "body": _body(response)}
        if wanted := request.get("want_headers"):
            answer["headers"] = {name: response.headers.get(name) for name in wanted}
        return answer

    def _headers(self, request: Mapping[str, Any]) -> dict[str, str]:
        given = request.get("headers") or {}
        return {name: value.replace(_RECORDED_CONTAINERS, self._containers) for name, value in given.items()}

    def _grpc(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = request["grpc"]
        metadata = [(key.lower(), value) for key, value in self._headers(request).items()]
        try:
            if "/" in name:
                raw = self._unary(name, base64.b64decode(request.get("request_bytes", "")), bytes, bytes, metadata)
                return {"status": "OK", "body_bytes": base64.b64encode(raw).decode()}
            asked, replied = (self._classes[kind] for kind in _MESSAGES[name])
            message = ParseDict(request.get("request") or {}, asked())
            path = f"/weaviate.v1.Weaviate/{name}"
            reply = self._unary(path, message, asked.SerializeToString, replied.FromString, metadata)
            return {"status": "OK", "body": MessageToDict(reply, preserving_proto_field_name=True)}
        except grpc.RpcError as error:
            return {"status": error.code().name, "details": error.details()}

    def _unary(self, path: str, message: Any, write: Any, read: Any, metadata: list[tuple[str, str]]) -> Any:
        method = self._channel.unary_unary(path, request_serializer=write, response_deserializer=read)
        return method(message, timeout=TIMEOUT_SECONDS, metadata=metadata)


def _body(response: httpx.Response) -> Any:
    if not response.content:
        return None
    try:
        return json.loads(response.content)
    except ValueError:
        return response.text


def _scifact(collection: str) -> Iterator[dict[str, Any]]:
    """The corpus in batches, ids being the numbers of the documents."""
    objects: list[dict[str, Any]] = []
    with gzip.open(CASES / "scifact.jsonl.gz", "rt") as lines:
        for line in lines:
            document = json.loads(line)
            objects.append(
                {
                    "class": collection,
                    "id": str(uuid.UUID(int=int(document["_id"]))),
                    "properties": {"title": document["title"], "text": document["text"]},
                }
            )
    for start in range(0, len(objects), _BATCH):
        body = {"objects": objects[start : start + _BATCH]}
        yield {"method": "POST", "path": "/v1/batch/objects", "body": body}
