"""What the recorded server asked its containers, and what ours asks for the same requests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.golden.replaying import Replay, load
from tests.golden.running import MODULES
from tests.golden.stub import answered
from weavelet import run
from weavelet.modules.testing import Asked, FakeContainer, Told

CASES = {case["name"]: case for case in load("containers.json")}


def ours(name: str, **body: Any) -> list[dict[str, Any]]:
    """The recorded calls with other values in their bodies."""
    return [{**call, "body": {**call["body"], **body}} for call in CASES[name]["calls"]]


OURS: dict[str, list[dict[str, Any]]] = {
    "hybrid two named targets": [],
    "rerank without query": ours("rerank without query", query="hot"),
    "rerank of a text array and an int": ours(
        "rerank of a text array and an int", documents=["soup bread pie", "salt"]
    ),
}
"""Where ours differ on purpose: the text of a query is remembered from the case before, a rerank without a query asks
the search's own, and an array is a document like a text."""


def behave(asked: Asked) -> Told:
    if asked.method != "POST":
        return Told({"model": "stub"}) if asked.path == "/meta" else Told(status=204)
    return Told(answered(asked.path, asked.body))


@pytest.fixture(scope="module")
def container() -> FakeContainer:
    return FakeContainer(behave)


@pytest.fixture(scope="module")
def replaying(container: FakeContainer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    with container.serve() as url:
        environment = {"TRANSFORMERS_INFERENCE_API": url, "RERANKER_INFERENCE_API": url}
        data = tmp_path_factory.mktemp("calls") / "data"
        with (
            run(
                data_path=data,
                enable_modules=MODULES,
                environment=environment,
                auto_schema=False,
                embedded_inference=False,
            ) as server,
            Replay(server.url, f"127.0.0.1:{server.grpc_port}", url) as opened,
        ):
            opened.run({"setup": ["fixture:hybrid"], "request": {"method": "GET", "path": "/v1/meta"}})
            yield opened


@pytest.mark.parametrize("name", CASES)
def test_the_containers_are_asked_the_same(replaying: Replay, container: FakeContainer, name: str) -> None:
    case = CASES[name]
    container.asked.clear()
    assert [replaying.call(request)["status"] for request in case["requests"]] == case["status"]
    asked = [{"method": one.method, "path": one.path, "body": one.body} for one in container.asked]
    recorded = [{part: call[part] for part in ("method", "path", "body")} for call in OURS.get(name, case["calls"])]
    assert sorted(asked, key=str) == sorted(recorded, key=str)
