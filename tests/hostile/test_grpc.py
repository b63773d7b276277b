"""Messages with random fields, behind the wire: a method answers them or raises an error with a sentence."""

import threading
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from google.protobuf.message import DecodeError

from tests.hostile.messages import Filler
from tests.hostile.world import fill, opened, state
from weavelet.api import auth
from weavelet.api.grpc import stream
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.caller import Caller, identify
from weavelet.api.grpc.service import Service
from weavelet.app import App
from weavelet.errors import WeaveletError

MESSAGES = 1_200

REQUESTS: dict[str, Any] = {
    "search": pb.SearchRequest,
    "aggregate": pb.AggregateRequest,
    "batch_objects": pb.BatchObjectsRequest,
    "batch_references": pb.BatchReferencesRequest,
    "batch_delete": pb.BatchDeleteRequest,
    "tenants_get": pb.TenantsGetRequest,
}
OFTEN = ("search", "search", "search", "search", "aggregate", "aggregate", *REQUESTS)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened(tmp_path_factory.mktemp("grpc")) as running:
        yield running


@pytest.fixture(scope="module")
def caller(app: App) -> Caller:
    return identify({}, auth.authenticator(app.settings), auth.guard(app.settings))


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_every_message_is_answered_or_refused_with_a_sentence(app: App, caller: Caller, seed: int) -> None:
    service, filler = Service(app), Filler(Random(seed))
    fill(app)
    for _ in range(MESSAGES):
        method = filler.random.choice(OFTEN)
        message = filler.fill(REQUESTS[method]())
        before = state(app) if method == "batch_delete" else None
        refused = _refusal(service, method, message, caller)
        assert refused != "", message
        assert refused is None or before is None or state(app) == before, message


def _refusal(service: Service, method: str, message: Any, caller: Caller) -> str | None:
    try:
        getattr(service, method)(message.SerializeToString(), caller)
    except WeaveletError as error:
        return str(error)
    return None


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_every_item_of_a_stream_is_answered(app: App, caller: Caller, seed: int) -> None:
    service, filler = Service(app), Filler(Random(seed))
    fill(app)
    for _ in range(40):
        data = pb.BatchStreamRequest()
        data.data.SetInParent()
        filler.fill(data.data, 1)
        asked = [pb.BatchStreamRequest(start=pb.BatchStreamRequest.Start()), data]
        replies = list(
            stream.replies(
                iter(asked),
                lambda objects: service.store_objects(objects, caller),
                lambda references: service.store_references(references, caller),
                threading.Event(),
            )
        )
        results = [reply.results for reply in replies if reply.HasField("results")]
        told = sum(len(result.successes) + len(result.errors) for result in results)
        assert told == len(data.data.objects.values) + len(data.data.references.values)
        assert all(error.error for result in results for error in result.errors)


@pytest.mark.parametrize("method", REQUESTS)
def test_bytes_that_are_no_message_are_refused(app: App, caller: Caller, method: str) -> None:
    with pytest.raises(DecodeError):
        getattr(Service(app), method)(b"\xff" * 7, caller)
