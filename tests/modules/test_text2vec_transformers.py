"""text2vec-transformers: the requests Weaviate sends, and what becomes of the answers."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from weavelet.errors import InvalidSchema, ModuleError, ModuleTimeout
from weavelet.modules.base import Call, ModuleSettings, Task
from weavelet.modules.testing import (
    Asked,
    FakeContainer,
    Told,
    check_vectorizer,
    failing_container,
    transformers_container,
)
from weavelet.modules.text2vec_bigram import hashed
from weavelet.modules.text2vec_model2vec import Text2VecModel2Vec
from weavelet.modules.text2vec_transformers import Text2VecTransformers
from weavelet.schema.collection import Collection, Property, VectorConfig, VectorIndex
from weavelet.schema.datatypes import DataType

URL = {"TRANSFORMERS_INFERENCE_API": "http://t2v:8080"}
PAIR = {
    "TRANSFORMERS_PASSAGE_INFERENCE_API": "http://passage:8080",
    "TRANSFORMERS_QUERY_INFERENCE_API": "http://query:8080/",
}
DEFAULTS = Text2VecTransformers.class_defaults


def test_it_keeps_to_the_protocol(start) -> None:
    module, _ = start(Text2VecTransformers, transformers_container, URL)
    check_vectorizer(module)


@pytest.mark.parametrize(
    ("task", "text", "sent"),
    [
        (
            Task.PASSAGE,
            "with bread a b c Hot Soup",
            '{"text":"with bread a b c Hot Soup","dims":0,"vector":null,"error":"",'
            '"config":{"pooling_strategy":"masked_mean","task_type":"passage"}}',
        ),
        (
            Task.QUERY,
            "Hot Soup",
            '{"text":"Hot Soup","dims":0,"vector":null,"error":"",'
            '"config":{"pooling_strategy":"masked_mean","task_type":"query"}}',
        ),
    ],
)
def test_the_request_is_weaviates_byte_for_byte(start, task: Task, text: str, sent: str) -> None:
    module, container = start(Text2VecTransformers, transformers_container, URL)
    module.vectorize([text], task, DEFAULTS, Call())
    [asked] = container.posts
    assert asked.url == "http://t2v:8080/vectors"
    assert asked.content == sent.encode()


def test_settings_travel_and_empty_ones_do_not(start) -> None:
    module, container = start(Text2VecTransformers, transformers_container, URL)
    module.vectorize(["x"], Task.PASSAGE, {"poolingStrategy": "cls", "dimensions": "128"}, Call())
    module.vectorize(["x"], Task.PASSAGE, {"poolingStrategy": ""}, Call())
    assert [asked.body["config"] for asked in container.posts] == [
        {"pooling_strategy": "cls", "task_type": "passage", "dimensions": 128},
        {"task_type": "passage"},
    ]


def test_equal_texts_are_sent_once_and_vectors_come_back_in_order(start) -> None:
    module, container = start(Text2VecTransformers, transformers_container, URL)
    texts = ["a", "b", "a", "c", "b"] * 10
    vectors = module.vectorize(texts, Task.PASSAGE, DEFAULTS, Call())
    assert sorted(asked.body["text"] for asked in container.posts) == ["a", "b", "c"]
    [alone] = module.vectorize(["c"], Task.PASSAGE, DEFAULTS, Call())
    assert np.array_equal(vectors[3], alone)
    assert vectors[0].dtype == np.float32


def test_recent_queries_are_remembered_and_passages_are_not(start) -> None:
    module, container = start(Text2VecTransformers, transformers_container, URL)
    for task, calls in ((Task.QUERY, 1), (Task.PASSAGE, 3)):
        container.asked.clear()
        for _ in range(3):
            module.vectorize(["x"], task, DEFAULTS, Call())
        assert len(container.posts) == calls


def test_texts_of_a_batch_are_under_way_side_by_side(start) -> None:
    together = threading.Barrier(4, timeout=5)

    def behave(asked: Asked) -> Told:
        if asked.method == "POST" and asked.body["text"] != "the first":
            together.wait()
        return transformers_container(asked)

    module, _ = start(Text2VecTransformers, behave, URL)
    assert len(module.vectorize(["the first", "a", "b", "c", "d"], Task.PASSAGE, DEFAULTS, Call())) == 5


def batching(asked: Asked) -> Told:
    """A container that takes several texts at once and says so, as ours does; it refuses one of them."""
    if asked.path != "/vectors":
        return transformers_container(asked)
    texts = asked.body.get("texts")
    if "bad" in (texts or [asked.body.get("text")]):
        return Told({"error": "cannot embed bad"}, 422)
    if texts is None:
        return Told({"vector": hashed(asked.body["text"]), "dim": 256, "batch": 100})
    return Told({"vectors": [hashed(text) for text in texts], "dim": 256})


def test_a_container_that_takes_several_texts_at_once_is_sent_several(start) -> None:
    module, container = start(Text2VecTransformers, batching, URL)
    check_vectorizer(module)
    texts = [f"text {number}" for number in range(40)]
    container.asked.clear()
    vectors = module.vectorize(texts, Task.PASSAGE, DEFAULTS, Call())
    assert sorted(len(asked.body["texts"]) for asked in container.posts) == [8, 16, 16]
    assert container.posts[0].body["config"] == {"pooling_strategy": "masked_mean", "task_type": "passage"}
    assert all(np.array_equal(vector, hashed(text)) for text, vector in zip(texts, vectors, strict=True))


def test_of_several_texts_sent_at_once_only_the_bad_one_fails(start) -> None:
    module, _ = start(Text2VecTransformers, batching, URL)
    module.vectorize(["one"], Task.PASSAGE, DEFAULTS, Call())
    found = module.vectorize(["a", "bad", "c"], Task.PASSAGE, DEFAULTS, Call())
    assert [isinstance(vector, ModuleError) for vector in found] == [False, True, False]
    assert str(found[1]) == "fail with status 422: cannot embed bad"


def test_a_container_that_says_nothing_of_batches_gets_one_text_a_request(start) -> None:
    module, container = start(Text2VecTransformers, transformers_container, URL)
    module.vectorize([f"text {number}" for number in range(20)], Task.PASSAGE, DEFAULTS, Call())
    assert len(container.posts) == 20
    assert all(isinstance(asked.body["text"], str) for asked in container.posts)


def test_a_text_that_fails_has_its_error_in_its_place(start) -> None:
    def behave(asked: Asked) -> Told:
        bad = asked.method == "POST" and asked.body["text"] == "bad"
        return Told({"error": "no sentences"}, 500) if bad else transformers_container(asked)

    module, _ = start(Text2VecTransformers, behave, URL)
    first, bad, last = module.vectorize(["good", "bad", "fine"], Task.PASSAGE, DEFAULTS, Call())
    assert isinstance(first, np.ndarray)
    assert isinstance(last, np.ndarray)
    assert str(bad) == "fail with status 500: no sentences"


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (failing_container(422, {"detail": [{"msg": "text too long"}]}), "fail with status 422: text too long"),
        (failing_container(200, b"<html>"), "failed to parse vectorization response (status 200): "),
        (
            failing_container(502, b"Bad Gateway", {"Retry-After": "0.01"}),
            "failed to parse vectorization response (status 502): ",
        ),
        (failing_container(200, {"vector": []}), "answered with an empty vector"),
        (failing_container(200, {"vector": ["x"]}), "answered with a vector that is not all numbers"),
        (failing_container(200, {"vector": [[1.0]]}), "answered with a vector of vectors"),
        (failing_container(200, [1]), "answered with a vector of vectors"),
        (failing_container(200, {"vector": [1.0, None]}), "answered with a vector that is not all numbers"),
    ],
)
def test_a_containers_failure_is_told(start, behaviour, problem: str) -> None:
    module, _ = start(Text2VecTransformers, behaviour, URL)
    [error] = module.vectorize(["x"], Task.QUERY, DEFAULTS, Call())
    assert isinstance(error, ModuleError)
    assert str(error).startswith("remote client vectorize: ")
    assert problem in str(error)


def test_after_a_time_out_the_rest_of_the_batch_is_not_waited_for(start) -> None:
    gone = threading.Event()

    def behave(asked: Asked) -> Told:
        if asked.method == "POST":
            gone.wait(5)
        return transformers_container(asked)

    container_url = {"TRANSFORMERS_WAIT_FOR_STARTUP": "false"}
    with FakeContainer(behave).serve() as url:
        module = Text2VecTransformers(
            ModuleSettings({**container_url, "TRANSFORMERS_INFERENCE_API": url}, timeout_seconds=0.3)
        )
        found = module.vectorize([str(number) for number in range(40)], Task.PASSAGE, DEFAULTS, Call())
        gone.set()
        module.close()
    assert all(isinstance(error, ModuleTimeout) for error in found)


def test_passages_and_queries_may_have_containers_of_their_own(start) -> None:
    module, container = start(Text2VecTransformers, transformers_container, PAIR)
    module.vectorize(["x"], Task.PASSAGE, DEFAULTS, Call())
    module.vectorize(["x"], Task.QUERY, DEFAULTS, Call())
    assert [asked.url for asked in container.posts] == ["http://passage:8080/vectors", "http://query:8080/vectors"]
    assert module.meta() == {"passage": {"model": "fake"}, "query": {"model": "fake"}}


@pytest.mark.parametrize(
    ("settings", "task", "url"),
    [
        ({"inferenceUrl": "http://own:1/"}, Task.PASSAGE, "http://own:1/vectors"),
        ({"passageInferenceUrl": "http://p", "queryInferenceUrl": "http://q"}, Task.PASSAGE, "http://p/vectors"),
        ({"passageInferenceUrl": "http://p", "queryInferenceUrl": "http://q"}, Task.QUERY, "http://q/vectors"),
        ({}, Task.QUERY, "http://t2v:8080/vectors"),
    ],
)
def test_a_collections_own_container_goes_first(start, settings, task: Task, url: str) -> None:
    module, container = start(Text2VecTransformers, transformers_container, URL)
    module.vectorize(["x"], task, settings, Call())
    assert container.posts[0].url == url


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        (
            {**URL, **PAIR},
            "either variable TRANSFORMERS_INFERENCE_API or both variables TRANSFORMERS_PASSAGE_INFERENCE_API and "
            "TRANSFORMERS_QUERY_INFERENCE_API should be set",
        ),
        (
            {"TRANSFORMERS_PASSAGE_INFERENCE_API": "x"},
            "required variable TRANSFORMERS_QUERY_INFERENCE_API is not set",
        ),
        (
            {"TRANSFORMERS_QUERY_INFERENCE_API": "x"},
            "required variable TRANSFORMERS_PASSAGE_INFERENCE_API is not set",
        ),
    ],
)
def test_contradicting_variables_are_refused_at_the_start(environment, problem: str) -> None:
    with pytest.raises(ModuleError) as caught:
        Text2VecTransformers(ModuleSettings(environment))
    assert str(caught.value) == problem


def test_without_any_container_only_collections_with_their_own_are_served(start) -> None:
    module, _ = start(Text2VecTransformers, transformers_container)
    [own] = module.vectorize(["x"], Task.PASSAGE, {"inferenceUrl": "http://own"}, Call())
    [none] = module.vectorize(["x"], Task.PASSAGE, {}, Call())
    assert isinstance(own, np.ndarray)
    assert "required variable TRANSFORMERS_INFERENCE_API" in str(none)
    with pytest.raises(ModuleError):
        module.meta()


def test_a_container_that_is_not_up_yet_is_named_in_the_error(start) -> None:
    module, _ = start(Text2VecTransformers, lambda asked: Told(status=503), URL)
    [error] = module.vectorize(["x"], Task.PASSAGE, DEFAULTS, Call())
    assert str(error).startswith(
        "text2vec-transformers: the inference container at http://t2v:8080 is not ready after 1 s: status 503"
    )
    assert module.state().startswith("starting: ")


def ready_at_the_third_question() -> Callable[[Asked], Told]:
    ups = iter([503, 503])

    def behave(asked: Asked) -> Told:
        if asked.path == "/.well-known/ready":
            return Told(status=next(ups, 204))
        return transformers_container(asked)

    return behave


def test_a_container_that_is_up_in_a_moment_is_waited_for(start) -> None:
    module, _ = start(Text2VecTransformers, ready_at_the_third_question(), URL)
    [found] = module.vectorize(["x"], Task.PASSAGE, DEFAULTS, Call())
    assert isinstance(found, np.ndarray)


def test_a_container_is_used_as_soon_as_it_is_up(start) -> None:
    module, _ = start(Text2VecTransformers, ready_at_the_third_question(), URL)
    found = None
    for _ in range(4):
        [found] = module.vectorize(["x"], Task.PASSAGE, DEFAULTS, Call())
        if isinstance(found, np.ndarray):
            break
    assert isinstance(found, np.ndarray)
    assert module.state() == "ready"


def test_the_lowercase_variable_lowers_what_is_sent(start) -> None:
    module, container = start(
        Text2VecTransformers, transformers_container, {**URL, "LOWERCASE_VECTORIZATION_INPUT": "on"}
    )
    module.vectorize(["Hot SOUP"], Task.PASSAGE, DEFAULTS, Call())
    assert container.posts[0].body["text"] == "hot soup"


def test_the_servers_key_goes_to_its_own_container_and_the_callers_to_any(start) -> None:
    module, container = start(
        Text2VecTransformers, transformers_container, {**URL, "TRANSFORMERS_INFERENCE_API_KEY": "k"}
    )
    own = {**DEFAULTS, "inferenceUrl": "http://own"}
    given = Call({"x-transformers-api-key": "given"})
    for settings, call in ((DEFAULTS, Call()), (DEFAULTS, given), (own, Call()), (own, given)):
        module.vectorize(["x"], Task.PASSAGE, settings, call)
    assert [asked.headers.get("authorization") for asked in container.posts] == [
        "Bearer k",
        "Bearer given",
        None,
        "Bearer given",
    ]


def checked(settings, auto_schema: bool = True) -> None:
    vector = VectorConfig(
        name="", vectorizer="text2vec-transformers", settings=settings, index=VectorIndex(kind="hnsw")
    )
    collection = Collection(name="C", properties=(Property(name="t", type=DataType.TEXT),), vectors={"": vector})
    module = Text2VecTransformers(ModuleSettings({}, auto_schema=auto_schema))
    try:
        module.check(collection, vector)
    finally:
        module.close()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {"inferenceUrl": "http://a", "passageInferenceUrl": "http://b", "queryInferenceUrl": "http://c"},
            "either inferenceUrl or passageInferenceUrl together with queryInferenceUrl needs to be set, not both",
        ),
        (
            {"queryInferenceUrl": "http://c"},
            "queryInferenceUrl is set but passageInferenceUrl is empty, both needs to be set",
        ),
        (
            {"passageInferenceUrl": "http://c"},
            "passageInferenceUrl is set but queryInferenceUrl is empty, both needs to be set",
        ),
        ({"properties": []}, "properties field needs to have at least 1 property defined"),
        ({"poolingStrategy": "max"}, "poolingStrategy must be one of [masked_mean cls], got 'max'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, problem: str) -> None:
    with pytest.raises(InvalidSchema) as caught:
        checked({**DEFAULTS, **settings})
    assert str(caught.value) == problem


def test_three_times_the_same_address_contradicts_nothing() -> None:
    same = dict.fromkeys(("inferenceUrl", "passageInferenceUrl", "queryInferenceUrl"), "<custom_transformers_url>")
    checked({**DEFAULTS, **same})
    checked(DEFAULTS, auto_schema=False)


def test_the_server_in_this_process_does_not_stand_in_for_a_collections_own_container() -> None:
    """With our own inference server behind the module, a collection's `inferenceUrl` still goes over the network."""
    inside, outside = FakeContainer(transformers_container), FakeContainer(transformers_container)
    module = Text2VecTransformers(ModuleSettings({}, transport=inside.transport, network=outside.transport()))
    module.vectorize(["x"], Task.PASSAGE, DEFAULTS, Call())
    module.vectorize(["y"], Task.PASSAGE, {**DEFAULTS, "inferenceUrl": "http://own"}, Call())
    module.close()
    assert [asked.body["text"] for asked in inside.posts] == ["x"]
    assert [asked.url for asked in outside.posts] == ["http://own/vectors"]


def test_model2vec_speaks_the_same_protocol_at_its_own_address(start) -> None:
    module, container = start(Text2VecModel2Vec, transformers_container, {"MODEL2VEC_INFERENCE_API": "http://m2v"})
    module.vectorize(["x"], Task.PASSAGE, Text2VecModel2Vec.class_defaults, Call())
    assert container.posts[0].url == "http://m2v/vectors"
    assert container.posts[0].body["config"] == {"task_type": "passage"}
    check_vectorizer(module)
