"""The routes, in the shapes of all the servers this one stands in for."""

import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest

from tests.inference.conftest import WordNetwork, fake_model
from weavelet.errors import Unavailable
from weavelet.inference.app import create_app
from weavelet.inference.encoders import BiEncoder
from weavelet.inference.models import Kind, Model
from weavelet.inference.service import InferenceSettings
from weavelet.modules.asgi import AsgiServer

RERANKERS = ("cross-encoder", "answerai-colbert-small-v1")
DOCUMENTS = ["mountain", "apple cake", "cake"]
LOGITS = [-4.0, 4.0, 0.0]


def serving(load=fake_model, **changes) -> Iterator[httpx2.Client]:
    settings = InferenceSettings(**{"cache": Path("/nowhere"), "rerankers": RERANKERS, **changes})
    server = AsgiServer(lambda: create_app(settings, load))
    with httpx2.Client(transport=server.transport(), base_url="http://inference") as client:
        yield client
    server.close()


def until_ready(client: httpx2.Client) -> None:
    for _ in range(200):
        if client.get("/.well-known/ready").status_code == 204:
            break


@pytest.fixture
def client():
    for client in serving():
        until_ready(client)
        yield client


def post(client: httpx2.Client, path: str, body) -> httpx2.Response:
    return client.post(path, json=body)


@pytest.mark.parametrize("path", ["/.well-known/live", "/healthz", "/v1/health/live", "/.well-known/ready", "/readyz"])
def test_health(client, path: str) -> None:
    assert client.get(path).status_code == 204


def test_a_text_becomes_a_vector(client) -> None:
    body = {"text": "apple cake", "dims": 0, "vector": None, "error": "", "config": {"pooling_strategy": "masked_mean"}}
    answer = post(client, "/vectors", body).json()
    assert (answer["text"], answer["dim"], answer["dims"]) == ("apple cake", 16, 16)
    assert np.linalg.norm(answer["vector"]) == pytest.approx(1)
    assert post(client, "/vectors/", body).json() == answer


def test_no_content_type_is_needed(client) -> None:
    assert client.post("/vectors", content=b'{"text": "x"}').status_code == 200


def test_a_query_is_embedded_as_one(client) -> None:
    def vector(task: str) -> list[float]:
        return post(client, "/vectors", {"text": "apple", "config": {"task_type": task}}).json()["vector"]

    assert len(vector("query")) == 16
    assert vector("passage") == vector("other")


def test_several_texts_and_fewer_dimensions(client) -> None:
    answer = post(client, "/vectors", {"texts": ["a", "b"], "config": {"dimensions": 4}}).json()
    assert answer["dim"] == 4
    assert [np.linalg.norm(vector) for vector in answer["vectors"]] == pytest.approx([1, 1])


def test_openais_shape(client) -> None:
    answer = post(client, "/v1/embeddings", {"input": ["a b", "c"], "model": "bge-small-en-v1.5"}).json()
    assert [item["index"] for item in answer["data"]] == [0, 1]
    assert answer["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    assert answer["model"] == "bge-small-en-v1.5"
    assert post(client, "/v1/embeddings", {"input": "a b"}).json()["data"][0] == answer["data"][0]


def test_openais_clients_ask_for_base64(client) -> None:
    [plain] = post(client, "/v1/embeddings", {"input": "a b"}).json()["data"]
    [packed] = post(client, "/v1/embeddings", {"input": "a b", "encoding_format": "base64"}).json()["data"]
    assert np.frombuffer(b64decode(packed["embedding"]), "<f4").tolist() == pytest.approx(plain["embedding"])


def test_teis_embedding_shape(client) -> None:
    assert len(post(client, "/embed", {"inputs": ["a", "b"]}).json()) == 2


def test_weaviates_reranker_shape_keeps_the_order(client) -> None:
    answer = post(client, "/rerank", {"query": "apple cake", "documents": DOCUMENTS, "property": ""}).json()
    assert answer["scores"] == [{"document": d, "score": s} for d, s in zip(DOCUMENTS, LOGITS, strict=True)]
    assert (answer["query"], answer["property"], answer["score"]) == ("apple cake", None, None)
    single = post(client, "/rerank", {"query": "apple cake", "property": "cake"}).json()
    assert single == {"query": "apple cake", "property": "cake", "score": 0.0, "scores": None}
    assert post(client, "/rerank", {"query": "x", "documents": []}).json()["scores"] == []


@pytest.mark.parametrize("path", ["/rerank", "/v1/rerank"])
def test_jinas_shape_is_sorted_and_cut(client, path: str) -> None:
    body = {"model": "jina-reranker-v1-base-en", "query": "apple cake", "documents": [*DOCUMENTS[:2], {"text": "cake"}]}
    answer = post(client, path, {**body, "top_n": 2}).json()
    assert answer["model"] == "jina-reranker-v1-base-en"
    assert answer["results"] == [
        {"index": 1, "relevance_score": 4.0, "document": {"text": "apple cake"}},
        {"index": 2, "relevance_score": 0.0, "document": {"text": "cake"}},
    ]
    assert answer["usage"] == {"prompt_tokens": 2, "total_tokens": 6}
    assert len(post(client, path, body).json()["results"]) == 3
    assert len(post(client, path, {**body, "top_n": 9}).json()["results"]) == 3
    assert "document" not in post(client, path, {**body, "return_documents": False}).json()["results"][0]
    refused = post(client, path, {**body, "top_n": 0})
    assert refused.status_code == 422
    assert "top_n - should be greater than or equal to 1" in refused.text


def test_coheres_shape(client) -> None:
    answer = post(client, "/v2/rerank", {"query": "apple cake", "documents": DOCUMENTS, "top_n": 1}).json()
    assert answer["results"] == [{"index": 1, "relevance_score": 4.0}]
    assert answer["id"]


@pytest.mark.parametrize("path", ["/v1/ranking", "/v1/retrieval/nvidia/reranking", "/v1/retrieval/nvidia/m/reranking"])
def test_nvidias_shape(client, path: str) -> None:
    passages = [{"text": text} for text in DOCUMENTS]
    answer = post(client, path, {"query": {"text": "apple cake"}, "passages": passages}).json()
    assert answer == {"rankings": [{"index": 1, "logit": 4.0}, {"index": 2, "logit": 0.0}, {"index": 0, "logit": -4.0}]}


def test_teis_shape_is_a_bare_list(client) -> None:
    body = {"query": "apple cake", "texts": DOCUMENTS}
    assert post(client, "/rerank", {**body, "raw_scores": True}).json()[0] == {"index": 1, "score": 4.0}
    answer = post(client, "/rerank", {**body, "return_text": True}).json()
    assert answer[0] == {"index": 1, "score": pytest.approx(0.982, abs=1e-3), "text": "apple cake"}


def test_a_further_reranker_is_loaded_when_it_is_asked_for() -> None:
    def slowly(model: Model):
        time.sleep(0.05 if model.kind is Kind.LATE_INTERACTION else 0)
        return fake_model(model)

    for client in serving(slowly):
        until_ready(client)
        answer = post(client, "/v1/rerank", {"model": "colbert", "query": "apple cake", "documents": DOCUMENTS})
        assert [item["index"] for item in answer.json()["results"]] == [1, 2, 0]
        assert answer.json()["results"][0]["relevance_score"] == pytest.approx(1, abs=1e-2)


def test_a_further_model_that_cannot_be_had_is_told_at_once() -> None:
    def refuse(model: Model):
        if model.kind is Kind.LATE_INTERACTION:
            raise Unavailable("no network")
        return fake_model(model)

    for client in serving(refuse):
        until_ready(client)
        answer = post(client, "/v1/rerank", {"model": "colbert", "query": "apple cake", "documents": DOCUMENTS})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["error"]["message"] == "answerai-colbert-small-v1: no network"


@pytest.mark.parametrize(
    ("path", "body", "status", "problem"),
    [
        ("/v2/rerank", {"query": "x"}, 422, "{'message': 'documents: Field required'}"),
        ("/vectors", {}, 422, "text: Field required"),
        ("/vectors", {"text": 5}, 422, "text: Input should be a valid string"),
        ("/vectors", {"text": "x", "config": {"pooling_strategy": "max"}}, 422, "config.pooling_strategy: "),
        ("/rerank", {"documents": []}, 422, "query: Field required"),
        ("/rerank", {"query": "x"}, 422, "documents: Field required"),
        ("/v1/ranking", {"query": {"text": "x"}, "passages": []}, 422, "passages: "),
        (
            "/v1/rerank",
            {"model": "nope", "query": "x", "documents": []},
            404,
            'model "nope" not found. To see available models, call GET /v1/models',
        ),
    ],
)
def test_what_is_wrong_is_told(client, path: str, body, status: int, problem: str) -> None:
    answer = post(client, path, body)
    assert answer.status_code == status
    assert problem in str(answer.json())


def test_a_body_that_is_no_json_is_told(client) -> None:
    answer = client.post("/rerank", content=b"{")
    assert answer.status_code == 422
    assert "JSON" in answer.json()["error"]


def test_what_the_server_says_of_itself(client) -> None:
    meta = client.get("/meta").json()
    assert meta["model"]["model_name"] == "bge-small-en-v1.5"
    assert meta["reranker"]["model_name"] == "ms-marco-MiniLM-L-12-v2"
    names = [model["id"] for model in client.get("/v1/models").json()["data"]]
    assert names == ["bge-small-en-v1.5", "ms-marco-MiniLM-L-12-v2", "answerai-colbert-small-v1"]


def test_a_server_may_have_only_one_half() -> None:
    for client in serving(embeddings=()):
        answer = post(client, "/vectors", {"text": "x"})
        assert answer.status_code == 404
        assert answer.json() == {"error": "this server has no embedding model"}
        assert client.get("/meta").json()["model"]["model_name"] == "ms-marco-MiniLM-L-12-v2"


def test_several_embedding_models_are_asked_by_name() -> None:
    names = ("bge-small-en-v1.5", "all-MiniLM-L6-v2")
    for client in serving(embeddings=names, rerankers=(), aliases={"mine": "all-MiniLM-L6-v2"}):
        assert [model["id"] for model in client.get("/v1/models").json()["data"]] == [*names, "mine"]
        for name in (*names, "mine", "sentence-transformers-all-MiniLM-L6-v2-onnx"):
            for _ in range(200):
                answer = post(client, "/v1/embeddings", {"input": "x", "model": name})
                if answer.status_code != 503:
                    break
            assert (answer.status_code, answer.json()["model"]) == (200, name)


def test_a_full_queue_says_when_to_come_back() -> None:
    go = threading.Event()

    class Slow(BiEncoder):
        def run(self, pieces):
            go.wait(5)
            return super().run(pieces)

    def slowly(model: Model):
        return Slow(model, WordNetwork())

    answers = []
    for client in serving(slowly, rerankers=(), capacity=2, workers=1):
        until_ready(client)

        def ask(client=client):
            answers.append(post(client, "/vectors", {"text": "c", "config": {}}))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 4
        while not any(found.status_code == 429 for found in answers) and time.monotonic() < deadline:
            time.sleep(0.01)
        go.set()
        for thread in threads:
            thread.join()
    refused = next(found for found in answers if found.status_code == 429)
    assert refused.headers["retry-after"] == "1"
    assert "texts are waiting already" in refused.json()["error"]
    assert any(found.status_code == 200 for found in answers)


def test_what_the_server_does_is_measured(client) -> None:
    post(client, "/rerank", {"query": "apple", "documents": DOCUMENTS})
    post(client, "/rerank", {"query": "apple", "documents": DOCUMENTS})
    post(client, "/rerank", {})
    told = client.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = told.text.splitlines()
    assert 'weavelet_inference_requests_total{route="/rerank",status="200"} 2' in lines
    assert 'weavelet_inference_requests_total{route="/rerank",status="422"} 1' in lines
    assert 'weavelet_inference_request_seconds_count{route="/rerank"} 3' in lines
    assert 'weavelet_inference_request_seconds_bucket{route="/rerank",le="+Inf"} 3' in lines
    assert 'weavelet_inference_texts_total{model="ms-marco-MiniLM-L-12-v2"} 3' in lines
    assert 'weavelet_inference_remembered_hits_total{model="ms-marco-MiniLM-L-12-v2"} 3' in lines
    assert 'weavelet_inference_model_ready{model="bge-small-en-v1.5"} 1' in lines


def test_the_api_is_described_with_its_bodies(client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    body = paths["/rerank"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"query", "documents", "texts", "top_n"} <= set(body["properties"])
    assert "$ref" not in str(body)


def test_the_page_about_the_api_needs_no_network(client) -> None:
    told = client.get("/docs")
    assert told.headers["content-type"].startswith("text/html")
    assert "POST /v2/rerank" in told.text
    assert "list of string or {text}" in told.text
    assert "http" not in told.text.replace("http://localhost:8000", "")


def test_until_the_models_are_there_the_server_is_not_ready() -> None:
    go = threading.Event()

    def slowly(model: Model):
        go.wait(5)
        return fake_model(model)

    for client in serving(slowly):
        assert client.get("/.well-known/live").status_code == 204
        ready = client.get("/.well-known/ready")
        assert ready.status_code == 503
        assert ready.headers["retry-after"] == "1"
        assert "loading bge-small-en-v1.5" in ready.json()["error"]
        work = post(client, "/vectors", {"text": "x"})
        assert (work.status_code, work.json()["error"]) == (503, "the model bge-small-en-v1.5 is being loaded")
        go.set()


def test_weights_that_cannot_be_had_are_told_and_the_server_stays_up() -> None:
    def refuse(model: Model):
        raise Unavailable("no network")

    for client in serving(refuse):
        for _ in range(200):
            work = post(client, "/vectors", {"text": "x"})
            if "being loaded" not in work.text:
                break
        assert (work.status_code, work.json()["error"]) == (503, "bge-small-en-v1.5: no network")


def test_a_key_is_asked_for_work_and_not_for_health() -> None:
    for client in serving(tokens=frozenset({"secret", "other"})):
        assert client.get("/.well-known/live").status_code == 204
        for key in ("", "Bearer wrong", "Basic secret"):
            refused = client.post("/vectors", json={"text": "x"}, headers={"Authorization": key})
            assert (refused.status_code, refused.json()) == (401, {"error": "Unauthorized"})
        assert client.get("/meta", headers={"Authorization": "Bearer secret"}).status_code == 200


def test_many_callers_share_the_model(client) -> None:
    found: dict[int, list[float]] = {}

    def ask(number: int) -> None:
        found[number] = post(client, "/vectors", {"text": f"text {number % 4}"}).json()["vector"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.allclose(found[number], found[number % 4]) for number in range(16))
