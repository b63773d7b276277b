"""Configuration files as LocalAI has them, and the variables of the usual containers."""

import logging
from pathlib import Path

import pytest

from weavelet.cli.inference import inference_settings
from weavelet.errors import InvalidInput, NotFound
from weavelet.inference.configured import Configured, read_configurations
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER, Chunking, Kind
from weavelet.inference.service import InferenceSettings
from weavelet.settings import Settings

JINA = """
name: jina-reranker-v1-base-en
backend: rerankers
parameters:
  model: cross-encoder

# optionally:
# type: flashrank
# diffusers:
#  pipeline_type: en # to specify the english language
"""
WHOLE = JINA.replace("# ", "").replace("optionally:", "").replace("to specify the english language", "")
VECTORS = """
- name: mine
  backend: sentencetransformers
  embeddings: true
  parameters: {model: all-MiniLM-L6-v2}
- name: other
  parameters: {model: colbert}
"""


def read(folder: Path, text: str) -> list[Configured]:
    (folder / "models.yaml").write_text(text)
    return read_configurations(folder / "models.yaml")


@pytest.mark.parametrize("text", [JINA, WHOLE])
def test_a_name_of_ones_own_stands_for_a_model(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == [Configured("jina-reranker-v1-base-en", "cross-encoder", Kind.CROSS_ENCODER)]


def test_a_file_may_hold_several_and_a_folder_is_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(VECTORS)
    (tmp_path / "b.yml").write_text(f"{JINA}---\nname: last\nparameters: {{model: cross-encoder}}\n")
    (tmp_path / "notes.txt").write_text("no configuration")
    names = [one.name for one in read_configurations(tmp_path)]
    assert names == ["mine", "other", "jina-reranker-v1-base-en", "last"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("just text", "a configuration is a mapping"),
        ("backend: rerankers", "name: a configuration needs one"),
        ("name: x", "x: parameters.model must name a model"),
        ("{name: x, parameters: 5}", "parameters must be a mapping"),
        ("{name: x, parameters: {model: nope}}", 'model "nope" not found'),
        ("{name: x, backend: rerankers, parameters: {model: all-MiniLM-L6-v2}}", "needs a model that reranks"),
        ("{name: x, parameters: {model: cross-encoder}, diffusers: {pipeline_type: fr}}", 'the language "fr"'),
        ("{", "while parsing"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as told:
        read(tmp_path, text)
    assert "models.yaml: " in str(told.value)


def chosen(environment: dict[str, str] | None = None, **options) -> InferenceSettings:
    return inference_settings(Settings(environment={"HOME": "/nowhere", **(environment or {})}), **options)


def test_where_nothing_is_named_the_defaults_are_served() -> None:
    settings = chosen()
    assert (settings.embeddings, settings.rerankers) == ((DEFAULT_EMBEDDING,), (DEFAULT_RERANKER,))


def test_options_win_and_a_dash_leaves_a_half_out() -> None:
    settings = chosen(embedding=["-"], reranker=["cross-encoder", "colbert", "colbert"])
    assert (settings.embeddings, settings.rerankers) == ((), ("cross-encoder", "colbert"))


def test_configurations_say_what_is_served(tmp_path: Path) -> None:
    (tmp_path / "jina.yaml").write_text(JINA)
    settings = chosen(configurations=[tmp_path])
    assert (settings.embeddings, settings.rerankers) == ((), ("cross-encoder",))
    assert settings.aliases == {"jina-reranker-v1-base-en": "cross-encoder"}


@pytest.mark.parametrize(
    ("model", "halves"),
    [
        ("sentence-transformers/all-MiniLM-L6-v2", (("sentence-transformers/all-MiniLM-L6-v2",), ())),
        ("cross-encoder-ms-marco-MiniLM-L-6-v2", ((), ("cross-encoder-ms-marco-MiniLM-L-6-v2",))),
    ],
)
def test_model_name_says_what_the_container_is(model: str, halves) -> None:
    settings = chosen({"MODEL_NAME": model})
    assert (settings.embeddings, settings.rerankers) == halves


def test_an_unknown_model_name_is_told() -> None:
    with pytest.raises(NotFound, match='model "some/model" not found'):
        chosen({"MODEL_NAME": "some/model"})


@pytest.mark.parametrize(
    ("environment", "devices"),
    [
        ({}, ()),
        ({"ENABLE_CUDA": "0", "CUDA_CORE": "cuda:1"}, ()),
        ({"ENABLE_CUDA": "1"}, (0,)),
        ({"ENABLE_CUDA": "true", "CUDA_CORE": "cuda:1"}, (1,)),
        ({"ENABLE_CUDA": "true", "CUDA_CORE": "cuda:0, cuda:1"}, (0, 1)),
        ({"ENABLE_CUDA": "1", "CUDA_CORE": "cuda"}, (0,)),
    ],
)
def test_which_graphics_processors_are_used(environment, devices) -> None:
    assert chosen(environment).devices == devices


def test_a_device_that_is_none_is_told() -> None:
    with pytest.raises(InvalidInput, match="CUDA_CORE must be like cuda:0"):
        chosen({"ENABLE_CUDA": "1", "CUDA_CORE": "gpu"})


def test_the_containers_other_variables() -> None:
    settings = chosen(
        {
            "T2V_TRANSFORMERS_DIRECT_TOKENIZE": "true",
            "USE_QUERY_PASSAGE_PREFIXES": "1",
            "AUTHENTICATION_ALLOWED_TOKENS": "a, b",
        }
    )
    assert (settings.chunking, settings.named_prefixes) == (Chunking.CUT, True)
    assert settings.tokens == {"a", "b"}


@pytest.mark.parametrize("chunking", list(Chunking))
def test_what_becomes_of_long_texts_can_be_said_in_a_variable(chunking: Chunking) -> None:
    settings = Settings.model_validate({"WEAVELET_CHUNKING": chunking.value, "environment": {}})
    assert inference_settings(settings).chunking is chunking
    assert chosen({}).chunking is None


def test_without_cuda_the_processor_does_it_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    runtime = pytest.importorskip("weavelet.inference.runtime")
    with caplog.at_level(logging.WARNING):
        assert runtime.providers((0, 1)) == [["CPUExecutionProvider"]]
    assert "ENABLE_CUDA is on, but this onnxruntime has no CUDA" in caplog.text
