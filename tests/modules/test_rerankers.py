"""Rerankers: what each shape of server is asked, and that scores come back in the order of the documents."""

import pytest

from weavelet.errors import InvalidSchema, ModuleError
from weavelet.modules.base import Call, ModuleSettings
from weavelet.modules.reranker_cohere import RerankerCohere
from weavelet.modules.reranker_contextualai import RerankerContextual
from weavelet.modules.reranker_dummy import RerankerDummy
from weavelet.modules.reranker_generic import RerankerGeneric
from weavelet.modules.reranker_http import read_scores
from weavelet.modules.reranker_jinaai import RerankerJina
from weavelet.modules.reranker_nvidia import RerankerNvidia, model_named, ranking_urls
from weavelet.modules.reranker_transformers import RerankerTransformers
from weavelet.modules.reranker_voyageai import RerankerVoyage
from weavelet.modules.testing import (
    Asked,
    Told,
    check_reranker,
    failing_container,
    jina_container,
    ranking_container,
    scoring_container,
    tei_container,
)

URL = {"RERANKER_INFERENCE_API": "http://reranker:8080"}
DOCUMENTS = ["cold beer", "hot soup", "soup"]
SCORES = [0.125, 2.125, 1.125]
KEYS = {"COHERE_APIKEY": "k", "JINAAI_APIKEY": "k", "VOYAGEAI_APIKEY": "k", "CONTEXTUALAI_APIKEY": "k"}


def test_each_reranker_keeps_to_the_protocol(start) -> None:
    check_reranker(start(RerankerTransformers, scoring_container, URL)[0])
    check_reranker(start(RerankerNvidia, ranking_container, {"NVIDIA_APIKEY": "k"})[0])
    for factory in (RerankerCohere, RerankerJina, RerankerVoyage, RerankerContextual):
        check_reranker(start(factory, jina_container, KEYS)[0])
    check_reranker(start(RerankerGeneric, jina_container)[0], {"baseURL": "http://any/v1/rerank"})
    check_reranker(RerankerDummy(ModuleSettings({})))


def test_the_containers_request_is_weaviates_byte_for_byte(start) -> None:
    module, container = start(RerankerTransformers, scoring_container, URL)
    module.rerank("my query", ["hot cabbage rice", "hot honey lemon", "hot honey stew"], {}, Call())
    [asked] = container.posts
    assert asked.url == "http://reranker:8080/rerank"
    assert asked.content == (
        b'{"query":"my query","documents":["hot cabbage rice","hot honey lemon","hot honey stew"],"property":""}'
    )


def test_documents_go_out_in_chunks_of_32(start) -> None:
    module, container = start(RerankerTransformers, scoring_container, URL)
    scores = module.rerank("q", [f"q {number}" if number % 3 else "x" for number in range(70)], {}, Call())
    assert sorted(len(asked.body["documents"]) for asked in container.posts) == [6, 32, 32]
    assert scores == [1.125 if number % 3 else 0.125 for number in range(70)]


def test_no_documents_no_call(start) -> None:
    module, container = start(RerankerTransformers, scoring_container, URL)
    assert module.rerank("q", [], {}, Call()) == []
    assert container.posts == []


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (failing_container(500, {"error": "out of memory"}), "fail with status 500: out of memory"),
        (failing_container(500, {}), "fail with status 500"),
        (failing_container(200, b"nonsense"), r"failed to parse reranker response \(status 200\)"),
        (
            failing_container(200, {"scores": [{"score": 1}]}),
            "reranker-transformers: http://reranker:8080/rerank: reranker returned 1 scores for 3 documents",
        ),
        (failing_container(200, {"scores": [{"score": "high"}] * 3}), "a score that is not a number: 'high'"),
        (failing_container(200, {"ok": True}), "the reply has no scores"),
    ],
)
def test_a_containers_failure_is_told(start, behaviour, problem: str) -> None:
    module, _ = start(RerankerTransformers, behaviour, URL)
    with pytest.raises(ModuleError, match=problem):
        module.rerank("q", DOCUMENTS, {}, Call())


def test_without_a_container_the_variable_is_named(start) -> None:
    module, _ = start(RerankerTransformers, scoring_container)
    with pytest.raises(ModuleError, match=r"^required variable RERANKER_INFERENCE_API is not set$"):
        module.rerank("q", DOCUMENTS, {}, Call())
    assert module.rerank("hot soup", DOCUMENTS, {"inferenceUrl": "http://own/"}, Call()) == SCORES


@pytest.mark.parametrize(
    ("reply", "count", "scores"),
    [
        ({"scores": [{"document": "a", "score": 1}, {"document": "b", "score": 2.5}]}, 2, [1.0, 2.5]),
        ({"scores": [1, 2]}, 2, [1.0, 2.0]),
        ({"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]}, 2, [0.1, 0.9]),
        ({"data": [{"index": 0, "relevance_score": 1}]}, 1, [1.0]),
        ({"rankings": [{"index": 1, "logit": 3.0}, {"index": 0, "logit": -3}]}, 2, [-3.0, 3.0]),
        ([{"index": 1, "score": 0.9}, {"index": 0, "score": 0.2}], 2, [0.2, 0.9]),
        ({"scores": []}, 0, []),
    ],
)
def test_scores_are_read_from_every_shape(reply, count: int, scores: list[float]) -> None:
    assert read_scores(reply, count) == scores


@pytest.mark.parametrize(
    "reply",
    [
        {"results": [{"index": 2, "relevance_score": 1}, {"index": 0, "relevance_score": 1}]},
        {"results": [{"index": 0, "relevance_score": 1}]},
        {"results": [{"index": 0, "relevance_score": 1}] * 2},
        {"results": [{"relevance_score": 1}] * 2},
        {"rankings": [{"index": 0}, {"index": 1}]},
        {"scores": [True, False]},
        "no",
        None,
    ],
)
def test_a_reply_that_does_not_score_every_document_is_refused(reply) -> None:
    with pytest.raises(ValueError, match=r"reply|scores"):
        read_scores(reply, 2)


def only(path: str, behaviour):
    """A server with one route."""

    def behave(asked: Asked) -> Told:
        if asked.method == "POST" and asked.path != path:
            return Told({"detail": "Not Found"}, 404)
        return behaviour(asked)

    return behave


@pytest.mark.parametrize(
    ("environment", "behaviour", "path"),
    [
        pytest.param({}, only("/v1/rerank", jina_container), "/v1/rerank", id="LocalAI, by trying"),
        pytest.param({}, only("/v2/rerank", jina_container), "/v2/rerank", id="Cohere, by trying"),
        pytest.param({}, only("/v1/ranking", ranking_container), "/v1/ranking", id="NIM, by trying"),
        pytest.param({}, tei_container, "/rerank", id="TEI, by what it misses"),
        pytest.param({"RERANKER_API_STYLE": "tei"}, tei_container, "/rerank", id="TEI, told"),
        pytest.param({"RERANKER_API_STYLE": "jina"}, jina_container, "/v1/rerank", id="Jina, told"),
        pytest.param({"RERANKER_API_STYLE": "nim"}, ranking_container, "/v1/ranking", id="NIM, told"),
        pytest.param(
            {"RERANKER_INFERENCE_API": "http://r/api/v1/rerank"}, jina_container, "/api/v1/rerank", id="Jina, by URL"
        ),
        pytest.param(
            {"RERANKER_INFERENCE_API": "http://r/v1/ranking"}, ranking_container, "/v1/ranking", id="NIM, by URL"
        ),
    ],
)
def test_other_makes_of_servers_are_understood(start, environment, behaviour, path: str) -> None:
    module, container = start(RerankerTransformers, behaviour, {**URL, "RERANKER_MODEL": "m", **environment})
    for _ in range(2):
        assert module.rerank("hot soup", DOCUMENTS, {}, Call()) == SCORES
    assert container.posts[-1].path == path
    if behaviour is not tei_container:
        assert container.posts[-1].body["model"] == "m"


@pytest.mark.parametrize("status", [413, 422])
def test_what_a_server_finds_too_much_is_sent_in_halves(start, status: int) -> None:
    def small(asked: Asked) -> Told:
        count = len(asked.body["documents"]) if asked.body else 0
        return Told({"error": f"batch size {count} > 2"}, status) if count > 2 else jina_container(asked)

    module, container = start(RerankerJina, small, KEYS)
    assert module.rerank("hot soup", [*DOCUMENTS, *DOCUMENTS], {}, Call()) == [*SCORES, *SCORES]
    assert sorted(len(asked.body["documents"]) for asked in container.posts) == [1, 1, 2, 2, 3, 3, 6]


def test_what_a_server_speaks_is_learned_once(start) -> None:
    module, container = start(RerankerTransformers, only("/v1/rerank", jina_container), URL)
    for _ in range(3):
        module.rerank("q", DOCUMENTS, {}, Call())
    assert [asked.path for asked in container.posts] == ["/rerank", "/v1/rerank", "/v1/rerank", "/v1/rerank"]


@pytest.mark.parametrize(
    ("settings", "behaviour", "url"),
    [
        pytest.param({"baseURL": "http://tei:81/"}, tei_container, "http://tei:81/rerank", id="TEI"),
        pytest.param(
            {"baseURL": "http://localai:8080", "model": "m"},
            only("/v1/rerank", jina_container),
            "http://localai:8080/v1/rerank",
            id="LocalAI",
        ),
        pytest.param(
            {"baseURL": "http://vllm:8000", "style": "cohere", "model": "m"},
            jina_container,
            "http://vllm:8000/v2/rerank",
            id="vLLM",
        ),
        pytest.param(
            {"baseURL": "http://infinity:7997/rerank", "style": "jina"},
            jina_container,
            "http://infinity:7997/rerank",
            id="Infinity",
        ),
        pytest.param({"baseURL": "http://nim/v1/ranking"}, ranking_container, "http://nim/v1/ranking", id="NIM"),
    ],
)
def test_the_generic_reranker_asks_any_server_where_the_collection_says(start, settings, behaviour, url: str) -> None:
    module, container = start(RerankerGeneric, behaviour, {"RERANKER_GENERIC_APIKEY": "for the variable's address"})
    for _ in range(2):
        assert module.rerank("hot soup", DOCUMENTS, settings, Call({"x-reranker-api-key": "given"})) == SCORES
    assert container.posts[-1].url == url
    assert {asked.headers["authorization"] for asked in container.posts} == {"Bearer given"}


def test_the_key_of_a_variable_goes_to_the_address_of_a_variable_and_nowhere_else(start) -> None:
    generic = {"RERANKER_GENERIC_URL": "http://configured/v1/rerank", "RERANKER_GENERIC_APIKEY": "secret"}
    transformers = {"RERANKER_INFERENCE_API": "http://configured/v1/rerank", "RERANKER_API_KEY": "secret"}
    for factory, environment, setting in (
        (RerankerGeneric, generic, "baseURL"),
        (RerankerTransformers, transformers, "inferenceUrl"),
    ):
        module, container = start(factory, jina_container, environment)
        module.rerank("q", DOCUMENTS, {}, Call())
        module.rerank("q", DOCUMENTS, {setting: "http://elsewhere/v1/rerank"}, Call())
        assert [asked.headers.get("authorization") for asked in container.posts] == ["Bearer secret", None]


def test_without_an_address_the_generic_reranker_says_where_to_put_one(start) -> None:
    module, _ = start(RerankerGeneric, jina_container)
    with pytest.raises(ModuleError, match="no address: set baseURL in the collection's settings of this module, or th"):
        module.rerank("q", DOCUMENTS, {}, Call())
    with pytest.raises(InvalidSchema, match="style must be one of auto, weaviate, jina, cohere, tei, nim, got 'soap'"):
        module.check_settings({"style": "soap"})
    module.check_settings({"style": "tei"})


def test_another_server_behind_the_same_address_is_found_out_again(start) -> None:
    module, container = start(RerankerTransformers, only("/v1/rerank", jina_container), URL)
    nvidia, nim = start(RerankerNvidia, ranking_container)
    for reranker, of, behaviours in (
        (module, container, [tei_container, scoring_container, only("/v2/rerank", jina_container)]),
        (nvidia, nim, [only("/v1/ranking", ranking_container), ranking_container]),
    ):
        reranker.rerank("hot soup", DOCUMENTS, {"baseURL": "http://nim"}, Call())
        for behaviour in behaviours:
            of.behaviour = behaviour
            assert reranker.rerank("hot soup", DOCUMENTS, {"baseURL": "http://nim"}, Call()) == SCORES


def test_an_unknown_style_is_refused_at_the_start() -> None:
    with pytest.raises(ModuleError, match="RERANKER_API_STYLE must be one of auto, weaviate, jina, cohere, tei, nim"):
        RerankerTransformers(ModuleSettings({"RERANKER_API_STYLE": "soap"}))


def test_meta_is_the_containers(start) -> None:
    module, _ = start(RerankerTransformers, scoring_container, URL)
    assert module.meta() == {"model": "fake"}


def test_cohere_is_asked_in_its_shape(start) -> None:
    module, container = start(RerankerCohere, jina_container, {"COHERE_APIKEY": "stored"})
    call = Call({"x-cohere-api-key": "given", "x-cohere-baseurl": "http://vllm:8000/"})
    assert module.rerank("hot soup", DOCUMENTS, {"model": "own", "baseURL": "http://not-this"}, call) == SCORES
    [asked] = container.posts
    assert asked.url == "http://vllm:8000/v2/rerank"
    assert asked.headers["authorization"] == "Bearer given"
    assert asked.body == {"documents": DOCUMENTS, "query": "hot soup", "model": "own", "return_documents": False}


def test_jina_prefers_the_stored_key_and_may_be_another_server(start) -> None:
    module, container = start(RerankerJina, jina_container, {"JINAAI_APIKEY": "stored"})
    module.rerank("q", DOCUMENTS, {"baseURL": "http://localai:8080/"}, Call({"x-jinaai-api-key": "given"}))
    module.rerank("q", DOCUMENTS, {}, Call())
    assert [asked.url for asked in container.posts] == [
        "http://localai:8080/v1/rerank",
        "https://api.jina.ai/v1/rerank",
    ]
    assert container.posts[0].headers["authorization"] == "Bearer stored"
    assert container.posts[1].body["model"] == "jina-reranker-v2-base-multilingual"


def test_contextual_sends_an_instruction_and_never_a_shorter_ranking(start) -> None:
    module, container = start(RerankerContextual, jina_container, {"CONTEXTUALAI_APIKEY": "k"})
    module.rerank("q", DOCUMENTS, {"instruction": "prefer new", "topN": 1}, Call())
    assert container.posts[0].body["instruction"] == "prefer new"
    assert container.posts[0].body["metadata"] == ["", "", ""]
    assert "top_n" not in container.posts[0].body


@pytest.mark.parametrize(
    ("factory", "problem"),
    [
        (
            RerankerCohere,
            "Cohere API Key: no api key found neither in request header: X-Cohere-Api-Key nor in environment "
            "variable under COHERE_APIKEY",
        ),
        (
            RerankerNvidia,
            "Nvidia API Key: no api key found neither in request header: X-Nvidia-Api-Key nor in environment "
            "variable under NVIDIA_APIKEY",
        ),
    ],
)
def test_a_missing_key_is_told_with_both_places(start, factory, problem: str) -> None:
    module, container = start(factory, jina_container)
    with pytest.raises(ModuleError) as caught:
        module.rerank("q", DOCUMENTS, {}, Call())
    assert str(caught.value) == problem
    assert container.posts == []


def test_a_services_failure_is_told(start) -> None:
    module, _ = start(RerankerCohere, failing_container(401, {"message": "invalid api token"}), KEYS)
    with pytest.raises(ModuleError, match=r"^connection to Cohere API failed with status 401: invalid api token$"):
        module.rerank("q", DOCUMENTS, {}, Call())
    with pytest.raises(ModuleError, match=r"invalid api token \(http://own:1/v2/rerank\)$"):
        module.rerank("q", DOCUMENTS, {"baseURL": "http://own:1"}, Call())


def test_nvidia_is_asked_as_weaviate_asks_it(start) -> None:
    module, container = start(RerankerNvidia, ranking_container, {"NVIDIA_APIKEY": "stored"})
    call = Call({"x-nvidia-api-key": "k1", "x-nvidia-baseurl": "http://127.0.0.1:9011"})
    module.rerank("soup", ["spicy pie soup", "light honey soup"], {"model": "nvidia/some-model"}, call)
    [asked] = container.posts
    assert asked.path == "/v1/retrieval/nvidia/reranking"
    assert asked.headers["authorization"] == "Bearer k1"
    assert asked.headers["accept"] == "application/json"
    assert asked.content == (
        b'{"model":"nvidia/some-model","query":{"text":"soup"},'
        b'"passages":[{"text":"spicy pie soup"},{"text":"light honey soup"}]}'
    )


def test_a_nim_container_is_found_at_its_own_path_and_needs_no_key(start) -> None:
    module, container = start(RerankerNvidia, only("/v1/ranking", ranking_container))
    for _ in range(2):
        assert module.rerank("hot soup", DOCUMENTS, {"baseURL": "http://nim:8000/v1/"}, Call()) == SCORES
    assert [asked.url for asked in container.posts] == [
        "http://nim:8000/v1/retrieval/nvidia/reranking",
        "http://nim:8000/v1/ranking",
        "http://nim:8000/v1/ranking",
    ]


def test_a_whole_address_ends_all_guessing_and_long_passages_are_cut(start) -> None:
    module, container = start(RerankerNvidia, ranking_container)
    module.rerank("q", DOCUMENTS, {"url": "http://nim/deep/down/ranking"}, Call())
    module.rerank("q", DOCUMENTS, {"url": "http://nim/deep/down/ranking", "truncate": "NONE"}, Call())
    assert {asked.url for asked in container.posts} == {"http://nim/deep/down/ranking"}
    assert [asked.body["truncate"] for asked in container.posts] == ["END", "NONE"]


def test_empty_documents_are_not_sent_and_come_last(start) -> None:
    module, container = start(RerankerNvidia, ranking_container, {"NVIDIA_APIKEY": "k"})
    assert module.rerank("hot soup", ["", "hot soup", " ", "x"], {}, Call()) == [-0.875, 2.125, -0.875, 0.125]
    assert len(container.posts[0].body["passages"]) == 2
    assert module.rerank("hot soup", ["", ""], {}, Call()) == [0.0, 0.0]
    assert len(container.posts) == 1


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (402, {"detail": "Credits expired"}, "connection to NVIDIA API failed with status: 402 error: Credits expired"),
        (422, {"detail": [{"msg": "a"}, {"msg": "b"}]}, "connection to NVIDIA API failed with status: 422 error: a b"),
        (404, {}, "connection to NVIDIA API failed with status: 404"),
    ],
)
def test_nvidias_failures_are_told(start, status: int, body, problem: str) -> None:
    module, _ = start(RerankerNvidia, failing_container(status, body), {"NVIDIA_APIKEY": "k"})
    with pytest.raises(ModuleError) as caught:
        module.rerank("q", DOCUMENTS, {}, Call())
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("base", "model", "urls"),
    [
        (
            "https://ai.api.nvidia.com",
            "nvidia/rerank-qa-mistral-4b",
            ["https://ai.api.nvidia.com/v1/retrieval/nvidia/reranking"],
        ),
        (
            "https://integrate.api.nvidia.com",
            "nvidia/llama-3.2-nv-rerankqa-1b-v2",
            ["https://ai.api.nvidia.com/v1/retrieval/nvidia/llama-3_2-nv-rerankqa-1b-v2/reranking"],
        ),
        ("http://nim/v1/ranking", "m", ["http://nim/v1/ranking"]),
    ],
)
def test_each_hosted_model_has_its_path(base: str, model: str, urls: list[str]) -> None:
    assert ranking_urls(base, model) == urls


def test_the_misprint_of_the_documentation_is_understood(caplog) -> None:
    assert model_named("nnvidia/rerank-qa-mistral-4b") == "nvidia/rerank-qa-mistral-4b"
    assert "nnvidia" in caplog.text


def test_the_dummy_scores_by_length() -> None:
    dummy = RerankerDummy(ModuleSettings({}))
    assert dummy.rerank("q", ["sweet tomato soup", "light honey soup", ""], {}, Call()) == [17.0, 16.0, 0.0]
    assert dummy.meta() == {"name": "Reranker - Dummy"}
