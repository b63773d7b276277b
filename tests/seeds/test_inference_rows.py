"""What Weaviate's, LocalAI's and NVIDIA's pages promise of inference containers, kept by our own.

One test for each row of the acceptance list that is about containers, their models and their deployment. Models are
real ones, from the cache; the processes are `weavelet inference` and `weavelet serve` as anybody starts them.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
import weaviate
import yaml
from weaviate.classes.config import Configure
from weaviate.classes.query import Rerank

from tests.cli.seeds import (
    IMAGE_TAGS,
    LOCALAI_MODEL,
    LOCALAI_MODEL_WHOLE,
    LOCALAI_REQUEST,
    PAIR_VALUES,
    RERANKER_COMPOSE,
    RERANKER_VALUES,
    VECTORS_COMPOSE,
)
from tests.processes import serving
from weavelet.cli.child import free_ports
from weavelet.cli.deployment.plan import planned
from weavelet.cli.deployment.reading import read_deployment
from weavelet.cli.deployment.writing import Format, Served, written
from weavelet.cli.inference import inference_settings
from weavelet.errors import ModuleError, NotFound, Unavailable
from weavelet.inference import is_installed
from weavelet.modules.registry import Registry, RegistrySettings
from weavelet.settings import Settings

if not is_installed():
    pytest.skip("the extra `embedded` is not installed", allow_module_level=True)

from weavelet.inference.app import create_app
from weavelet.inference.encoders import normalised
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER, Chunking, Kind, catalogue, find, tag_of
from weavelet.inference.runtime import Network
from weavelet.inference.service import InferenceSettings
from weavelet.inference.weights import Weights, default_cache, ensure_all
from weavelet.modules.asgi import AsgiServer

CACHE = default_cache(os.environ)
CROSS_ENCODER = "ms-marco-MiniLM-L-12-v2"
QUESTION = "How many people live in Berlin?"
ANSWER = "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers."
NOISE = "Bananas ripen faster next to apples."
START_SECONDS = 30.0


@pytest.fixture(scope="module", autouse=True)
def weights() -> None:
    try:
        ensure_all([DEFAULT_EMBEDDING, DEFAULT_RERANKER, CROSS_ENCODER], CACHE)
    except Unavailable as error:
        pytest.skip(f"no weights here and none to be had: {error}")


@contextmanager
def answering(settings: InferenceSettings) -> Iterator[httpx2.Client]:
    """An inference server in this process, ready."""
    server = AsgiServer(lambda: create_app(settings))
    with httpx2.Client(transport=server.transport(), base_url="http://inference") as client:
        wait_for(lambda: client.get("/.well-known/ready").status_code == 204)
        yield client
    server.close()


@pytest.fixture(scope="module")
def reranking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A server with LocalAI's configuration of a reranker, and nothing else."""
    folder = tmp_path_factory.mktemp("localai")
    (folder / "reranker.yaml").write_text(LOCALAI_MODEL)
    with answering(inference_settings(settings_of(), configurations=[folder])) as client:
        yield client


@contextmanager
def container(environment: Mapping[str, str]) -> Iterator[str]:
    """`weavelet inference` in a process of its own, ready; gives its URL."""
    [port] = free_ports(1)
    command = [sys.executable, "-m", "weavelet", "inference", "--port", str(port)]
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: process.poll() is not None or answers(f"{url}/.well-known/ready"))
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)


def wait_for(condition) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False


def settings_of(**environment: str) -> Settings:
    return Settings(environment={**os.environ, **environment})


def ask(client: httpx2.Client, path: str, body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def vector(client: httpx2.Client, text: str, **config: Any) -> np.ndarray:
    return np.array(ask(client, "/vectors", {"text": text, "config": config})["vector"])


def test_row_04_the_compose_file_of_the_page_runs_with_our_container(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(RERANKER_COMPOSE)
    deployment = read_deployment(tmp_path / "docker-compose.yml")
    [reranker] = deployment.containers
    assert (reranker.model, reranker.cuda) == ("ms-marco-MiniLM-L-6-v2", False)
    with container({"MODEL_NAME": find(reranker.model).nearest, "ENABLE_CUDA": "0"}) as url:
        environment = {**deployment.environment, reranker.variable: url}
        with (
            serving(tmp_path / "data", environment["ENABLE_MODULES"], environment) as server,
            weaviate.connect_to_local(port=server.port, grpc_port=server.grpc_port) as client,
        ):
            collection = client.collections.create("Texts", reranker_config=Configure.Reranker.transformers())
            collection.data.insert_many([{"text": NOISE}, {"text": ANSWER}])
            found = collection.query.bm25("Berlin bananas", rerank=Rerank(prop="text", query=QUESTION))
            assert [row.properties["text"] for row in found.objects] == [ANSWER, NOISE]
            assert found.objects[0].metadata.rerank_score > 8
            described = client.get_meta()["modules"]["reranker-transformers"]["model"]
            assert described["model_name"] == CROSS_ENCODER


@pytest.mark.parametrize(
    ("text", "module", "model"),
    [
        (VECTORS_COMPOSE, "text2vec-transformers", "sentence-transformers/multi-qa-MiniLM-L6-cos-v1"),
        (RERANKER_COMPOSE, "reranker-transformers", "cross-encoder/ms-marco-MiniLM-L-6-v2"),
    ],
    ids=["vectors", "reranker"],
)
def test_row_05_the_configurator_prints_the_pages_compose_file(text: str, module: str, model: str) -> None:
    given = yaml.safe_load(text)["services"]
    vectors = module.startswith("text2vec")
    deployment = planned(module if vectors else "none", model, "none" if vectors else module, model, cuda=False)
    services = yaml.safe_load(written(deployment, Format.COMPOSE, Served.WEAVIATE))["services"]
    assert services.keys() == given.keys()
    assert services[module] == given[module]
    assert given["weaviate"]["environment"].items() <= services["weaviate"]["environment"].items()


def test_row_06_helm_values_are_mapped_to_our_settings(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(RERANKER_VALUES)
    deployment = read_deployment(tmp_path / "values.yaml", "ns")
    assert deployment.environment == {
        "ENABLE_MODULES": "reranker-transformers",
        "RERANKER_INFERENCE_API": "http://reranker-transformers.ns.svc.cluster.local:8080",
    }
    assert "ENABLE_CUDA: 1" in written(deployment, Format.COMPOSE, Served.OWN)
    values = RERANKER_VALUES.replace("enabled: true", "enabled: false\n    inferenceUrl: http://elsewhere:8000")
    (tmp_path / "values.yaml").write_text(values)
    assert read_deployment(tmp_path / "values.yaml").environment["ENABLE_MODULES"] == "reranker-transformers"


def test_row_13_the_cross_encoders_of_the_page_are_known_and_scores_are_raw_logits(reranking: httpx2.Client) -> None:
    for model in ("ms-marco-MiniLM-L-6-v2", "ms-marco-MiniLM-L-2-v2", "ms-marco-TinyBERT-L-2-v2", CROSS_ENCODER):
        for name in (f"cross-encoder/{model}", f"cross-encoder-{model}"):
            assert (find(name).name, find(name).sigmoid) == (model, False)
    [answer, noise] = ask(reranking, "/rerank", {"query": QUESTION, "documents": [ANSWER, NOISE]})["scores"]
    assert answer["score"] >= 8
    assert noise["score"] < 0


def own_reranker(folder: Path, config: Mapping[str, Any]) -> Path:
    """A cross-encoder in a folder of one's own, as it comes from a hub."""
    shutil.copytree(CACHE / CROSS_ENCODER, folder)
    (folder / "config.json").write_text(json.dumps({"architectures": ["BertForSequenceClassification"], **config}))
    return folder


def test_row_15_any_cross_encoder_in_a_folder_is_served_with_the_activation_it_names(tmp_path: Path) -> None:
    identity = {"sbert_ce_default_activation_function": "torch.nn.modules.linear.Identity"}
    raw, squeezed = own_reranker(tmp_path / "raw", identity), own_reranker(tmp_path / "squeezed", {})
    settings = InferenceSettings(cache=CACHE, embeddings=(), rerankers=(str(raw), str(squeezed)))
    with answering(settings) as client:
        body = {"query": QUESTION, "documents": [ANSWER, NOISE]}
        wait_for(lambda: client.post("/rerank", json={**body, "model": "squeezed"}).status_code == 200)
        logits = [found["relevance_score"] for found in ask(client, "/v1/rerank", body)["results"]]
        chances = [
            found["relevance_score"] for found in ask(client, "/v1/rerank", {**body, "model": "squeezed"})["results"]
        ]
    assert logits[0] > 8 > 0 > logits[1]
    assert 1 > chances[0] > 0.99 > 0.01 > chances[1] > 0
    with pytest.raises(NotFound, match="weavelet models pull BAAI/bge-reranker-v2-gemma"):
        find("BAAI/bge-reranker-v2-gemma")


def test_row_17_two_commands_start_a_server_and_its_container(tmp_path: Path) -> None:
    modules = "text2vec-transformers,reranker-transformers"
    with container({}) as url:
        addresses = {"TRANSFORMERS_INFERENCE_API": url, "RERANKER_INFERENCE_API": url}
        with (
            serving(tmp_path / "data", modules, addresses) as server,
            weaviate.connect_to_local(port=server.port, grpc_port=server.grpc_port) as client,
        ):
            collection = client.collections.create(
                "Texts",
                vector_config=Configure.Vectors.text2vec_transformers(),
                reranker_config=Configure.Reranker.transformers(),
            )
            collection.data.insert_many([{"text": NOISE}, {"text": ANSWER}])
            found = collection.query.near_text(QUESTION, rerank=Rerank(prop="text", query="fruit"))
            assert [row.properties["text"] for row in found.objects] == [NOISE, ANSWER]
            assert collection.query.near_text(QUESTION, limit=1).objects[0].properties["text"] == ANSWER


def test_row_26_localais_request_is_answered_in_localais_shape(reranking: httpx2.Client) -> None:
    answer = ask(reranking, "/v1/rerank", LOCALAI_REQUEST)
    assert answer["model"] == "jina-reranker-v1-base-en"
    words = sum(len(document.split()) for document in LOCALAI_REQUEST["documents"])
    assert answer["usage"] == {"prompt_tokens": 6, "total_tokens": 6 + words}
    scores = [found["relevance_score"] for found in answer["results"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    for found in answer["results"]:
        assert found["document"]["text"] == LOCALAI_REQUEST["documents"][found["index"]]
    assert answer["results"][0]["index"] == 3
    assert {found["index"] for found in answer["results"]} == {3, 6, 2}


@pytest.mark.parametrize(("top", "count"), [(None, 10), (1, 1), (10, 10), (99, 10)])
def test_row_27_top_n_says_how_many(reranking: httpx2.Client, top: int | None, count: int) -> None:
    body = {**LOCALAI_REQUEST, "top_n": top}
    assert len(ask(reranking, "/v1/rerank", body)["results"]) == count
    refused = reranking.post("/v1/rerank", json={**body, "top_n": 0})
    assert refused.status_code == 422
    assert "top_n - should be greater than or equal to 1" in refused.text


@pytest.mark.parametrize("text", [LOCALAI_MODEL, LOCALAI_MODEL_WHOLE], ids=["as printed", "with everything"])
def test_row_28_localais_model_file_loads_word_for_word(tmp_path: Path, text: str) -> None:
    (tmp_path / "reranker.yaml").write_text(text)
    settings = inference_settings(settings_of(), configurations=[tmp_path / "reranker.yaml"])
    assert settings.aliases == {"jina-reranker-v1-base-en": "cross-encoder"}
    assert settings.embeddings == ()
    [served] = map(find, settings.rerankers)
    assert (served.name, served.kind) == (CROSS_ENCODER, Kind.CROSS_ENCODER)


def test_row_31_where_models_cannot_be_run_the_missing_extra_is_told() -> None:
    code = "import sys; sys.modules['onnxruntime'] = None; sys.argv = ['weavelet', 'inference']\n"
    code += "from weavelet.cli import main; main()"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert 'needs the extra "embedded": pip install "weavelet[embedded]"' in told.stderr
    with answering(InferenceSettings(cache=CACHE, rerankers=())) as client:
        refused = client.post("/v1/rerank", json=LOCALAI_REQUEST)
    assert (refused.status_code, refused.json()["error"]["message"]) == (404, "this server has no rerank model")


def test_row_34_a_pair_of_models_in_helm_values_is_a_pair_of_addresses(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(PAIR_VALUES)
    environment = read_deployment(tmp_path / "values.yaml", "ns").environment
    assert environment == {
        "ENABLE_MODULES": "text2vec-transformers",
        "TRANSFORMERS_PASSAGE_INFERENCE_API": "http://transformers-inference-passage.ns.svc.cluster.local:8080",
        "TRANSFORMERS_QUERY_INFERENCE_API": "http://transformers-inference-query.ns.svc.cluster.local:8080",
    }
    del environment["TRANSFORMERS_QUERY_INFERENCE_API"]
    with pytest.raises(ModuleError, match="required variable TRANSFORMERS_QUERY_INFERENCE_API is not set"):
        Registry.start(RegistrySettings(enabled=("text2vec-transformers",), api_based=False, environment=environment))


def test_row_37_the_container_pools_as_it_is_asked(tmp_path: Path) -> None:
    """A real network in a folder that says nothing of pooling: the mean of its token vectors, or that of [CLS]."""
    folder = tmp_path / "my-model"
    shutil.copytree(CACHE / DEFAULT_EMBEDDING, folder)
    network = Network(Weights(find(str(folder)), folder))
    rows = network.rows(["Berlin is a city of museums."])
    [tokens], _ = network.outputs(rows)
    with answering(inference_settings(settings_of(MODEL_NAME=str(folder)))) as client:
        mean, first = (
            vector(client, "Berlin is a city of museums.", pooling_strategy=name) for name in ("masked_mean", "cls")
        )
        unsaid = vector(client, "Berlin is a city of museums.")
        refused = client.post("/vectors", json={"text": "x", "config": {"pooling_strategy": "max"}})
    assert np.allclose(mean, normalised(tokens.mean(axis=0)), atol=1e-5)
    assert np.allclose(first, normalised(tokens[0]), atol=1e-5)
    assert mean @ first < 0.99
    assert np.array_equal(unsaid, mean)
    assert (refused.status_code, "'cls' or 'masked_mean'" in refused.json()["error"]) == (422, True)


@pytest.mark.parametrize(("kind", "count"), [("single", 15), ("pair", 6), ("snowflake", 4), ("onnx", 8)])
def test_row_41_every_image_of_the_page_has_its_model(kind: str, count: int) -> None:
    tags = IMAGE_TAGS[kind]
    assert len(tags) == count
    for tag in tags:
        model = find(tag_of(f"cr.weaviate.io/semitechnologies/transformers-inference:{tag}"))
        assert (model.kind, tag.casefold().removesuffix("-onnx").endswith(model.name.casefold())) == (
            Kind.EMBEDDING,
            True,
        )
        assert model.is_at_hand or find(model.nearest).is_at_hand


def test_row_41_an_onnx_image_is_an_int8_model_with_vectors_of_length_one() -> None:
    with answering(inference_settings(settings_of(MODEL_NAME="baai-bge-small-en-v1.5-onnx"))) as client:
        found = vector(client, "foo bar")
        assert client.get("/meta").json()["model"]["_name_or_path"] == "BAAI/bge-small-en-v1.5, int8"
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


def test_row_42_a_graphics_processor_is_asked_for_and_its_absence_told(caplog: pytest.LogCaptureFixture) -> None:
    settings = inference_settings(settings_of(ENABLE_CUDA="1", CUDA_CORE="cuda:1"), embedding=["-"])
    assert settings.devices == (1,)
    with answering(settings) as client:
        assert ask(client, "/rerank", {"query": QUESTION, "documents": [ANSWER]})["scores"]
    assert "ENABLE_CUDA is on, but this onnxruntime has no CUDA" in caplog.text


def test_row_43_a_folder_is_a_custom_image(tmp_path: Path) -> None:
    folder = tmp_path / "my-model"
    shutil.copytree(CACHE / DEFAULT_EMBEDDING, folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    settings = inference_settings(settings_of(MODEL_NAME=str(folder)))
    assert (settings.embeddings, settings.rerankers) == ((str(folder),), ())
    known = InferenceSettings(cache=CACHE, rerankers=())
    with answering(settings) as own, answering(known) as ours:
        assert np.array_equal(vector(own, "foo bar"), vector(ours, "foo bar"))
        assert own.get("/meta").json()["model"]["model_name"] == "my-model"


def test_row_45_a_text_is_the_mean_of_its_sentences() -> None:
    settings = InferenceSettings(cache=CACHE, rerankers=(), chunking=Chunking.SENTENCES)
    sentences = ["Berlin is a city.", "Its museums are well known!", "Do people like it there?"]
    with answering(settings) as client:
        for pooling in ("masked_mean", "cls"):
            expected = np.mean([vector(client, text, pooling_strategy=pooling) for text in sentences], axis=0)
            found = vector(client, "  \n".join(sentences), pooling_strategy=pooling)
            assert np.allclose(found, expected, atol=1e-5)
        mean, first = (vector(client, sentences[0], pooling_strategy=name) for name in ("masked_mean", "cls"))
        assert not np.allclose(mean, first, atol=1e-2)
        many = [f"This is sentence number {number}." for number in range(30)]
        expected = np.mean([vector(client, text) for text in many], axis=0)
        assert np.allclose(vector(client, " ".join(many)), expected, atol=1e-5)


def test_row_45_a_text_of_ten_thousand_words_has_a_vector() -> None:
    with answering(InferenceSettings(cache=CACHE, rerankers=())) as client:
        found = vector(client, "A sentence of seven words, counted twice. " * 1430)
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


def test_row_46_the_licences_of_models_and_data_are_in_the_notice() -> None:
    notice = (Path(__file__).parents[2] / "NOTICE").read_text()
    for model in catalogue():
        assert model.licence
        if model.is_at_hand:
            spelt = model.licence.replace("Apache-2.0", "Apache License 2.0").replace("MIT", "MIT licence")
            assert spelt in notice.partition(model.name)[2][:120], model.name
    assert "PubMedQA" in notice
