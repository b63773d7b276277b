"""Compose files and Helm values: read, mapped to our settings, and written."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.seeds import PAIR_VALUES, RERANKER_COMPOSE, RERANKER_VALUES, VECTORS_COMPOSE, VECTORS_VALUES
from weavelet.cli.deployment.plan import RERANKER, VECTORIZER, Container, Deployment, planned
from weavelet.cli.deployment.reading import read_deployment
from weavelet.cli.deployment.writing import Format, Served, written
from weavelet.errors import InvalidInput

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "weavelet"


def read(folder: Path, text: str) -> Deployment:
    (folder / "given.yml").write_text(text)
    return read_deployment(folder / "given.yml", "search")


def test_a_compose_file_becomes_variables_and_containers(tmp_path: Path) -> None:
    deployment = read(tmp_path, VECTORS_COMPOSE)
    assert deployment.environment == {
        "ENABLE_MODULES": "text2vec-transformers",
        "TRANSFORMERS_INFERENCE_API": "http://text2vec-transformers:8080",
    }
    assert deployment.containers == (Container(VECTORIZER, VECTORIZER, "multi-qa-MiniLM-L6-cos-v1"),)


def test_an_address_enables_its_module(tmp_path: Path) -> None:
    environment = read(tmp_path, RERANKER_COMPOSE).environment
    assert environment["ENABLE_MODULES"] == RERANKER
    assert environment["RERANKER_INFERENCE_API"] == "http://reranker-transformers:8080"


def test_variables_may_be_a_list_and_addresses_may_be_elsewhere(tmp_path: Path) -> None:
    text = """
services:
  db:
    image: cr.weaviate.io/semitechnologies/weaviate:1.39.0
    environment: [ENABLE_MODULES=text2vec-openai, "TRANSFORMERS_INFERENCE_API=http://host.docker.internal:8000", X=a=b]
  other: {image: redis}
"""
    deployment = read(tmp_path, text)
    assert deployment.containers == ()
    assert deployment.environment == {
        "TRANSFORMERS_INFERENCE_API": "http://host.docker.internal:8000",
        "X": "a=b",
        "ENABLE_MODULES": "text2vec-openai,text2vec-transformers",
    }


@pytest.mark.parametrize("enabled", ["0", "1", "true", "false"])
def test_enable_cuda_is_taken_over(tmp_path: Path, enabled: str) -> None:
    deployment = read(tmp_path, RERANKER_COMPOSE.replace("ENABLE_CUDA: 0", f"ENABLE_CUDA: {enabled}"))
    assert deployment.containers[0].cuda is (enabled in ("1", "true"))


def test_helm_values_become_variables_and_containers(tmp_path: Path) -> None:
    deployment = read(tmp_path, RERANKER_VALUES)
    assert deployment.environment == {
        "ENABLE_MODULES": RERANKER,
        "RERANKER_INFERENCE_API": "http://reranker-transformers.search.svc.cluster.local:8080",
    }
    assert [(one.model, one.cuda) for one in deployment.containers] == [("ms-marco-MiniLM-L-6-v2", True)]
    assert read(tmp_path, VECTORS_VALUES).environment == {
        "ENABLE_MODULES": VECTORIZER,
        "TRANSFORMERS_INFERENCE_API": "http://transformers-inference.search.svc.cluster.local:8080",
    }


def test_an_inference_url_alone_enables_its_module_too(tmp_path: Path) -> None:
    values = "modules: {reranker-transformers: {enabled: false, inferenceUrl: 'http://elsewhere:8000'}}"
    deployment = read(tmp_path, values)
    assert deployment.containers == ()
    assert deployment.environment == {"RERANKER_INFERENCE_API": "http://elsewhere:8000", "ENABLE_MODULES": RERANKER}


def test_values_of_a_whole_server_are_taken_over(tmp_path: Path) -> None:
    values = """
replicas: 3
authentication:
  anonymous_access: {enabled: false}
  apikey: {enabled: true, allowed_keys: [a, b], users: [jane, ian]}
authorization:
  admin_list: {enabled: true, users: [jane], read_only_users: [ian]}
query_defaults: {limit: 100}
backups: {filesystem: {enabled: true, envconfig: {BACKUP_FILESYSTEM_PATH: /tmp/backups}}}
env: {QUERY_MAXIMUM_RESULTS: 100000, PROMETHEUS_MONITORING_ENABLED: false}
storage: {size: 1Gi}
modules:
  default_vectorizer_module: text2vec-openai
  text2vec-openai: {enabled: true}
"""
    deployment = read(tmp_path, values)
    assert deployment.environment == {
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
        "AUTHENTICATION_APIKEY_ENABLED": "true",
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "a,b",
        "AUTHENTICATION_APIKEY_USERS": "jane,ian",
        "AUTHORIZATION_ADMINLIST_ENABLED": "true",
        "AUTHORIZATION_ADMINLIST_USERS": "jane",
        "AUTHORIZATION_ADMINLIST_READONLY_USERS": "ian",
        "QUERY_DEFAULTS_LIMIT": "100",
        "BACKUP_FILESYSTEM_PATH": "/tmp/backups",
        "QUERY_MAXIMUM_RESULTS": "100000",
        "PROMETHEUS_MONITORING_ENABLED": "false",
        "DEFAULT_VECTORIZER_MODULE": "text2vec-openai",
        "ENABLE_MODULES": "text2vec-openai",
    }
    assert any("replicas: 3" in remark for remark in deployment.remarks)
    assert any("storage" in remark for remark in deployment.remarks)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "neither a compose file nor Helm values"),
        ("x: 1", "no services, as a compose file has"),
        ("services: {redis: {image: redis}}", "one must be a Weaviate server, found none"),
        ("services: {weaviate: {}, weavelet: {}}", "one must be a Weaviate server, found weaviate, weavelet"),
        ("{", "while parsing"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        read(tmp_path, text)


@pytest.mark.parametrize("text", [RERANKER_COMPOSE, VECTORS_COMPOSE], ids=["reranker", "vectors"])
def test_a_compose_file_comes_back_with_the_keys_it_had(tmp_path: Path, text: str) -> None:
    given = yaml.safe_load(text)["services"]
    for served in (Served.OWN, Served.WEAVIATE):
        services = yaml.safe_load(written(read(tmp_path, text), Format.COMPOSE, served))["services"]
        assert services.keys() == given.keys()
        for name, service in given.items():
            assert service["environment"].keys() <= services[name]["environment"].keys()
        images = {name: service.get("image") for name, service in services.items() if name != "weaviate"}
        if served is Served.WEAVIATE:
            assert images == {name: service["image"] for name, service in given.items() if name != "weaviate"}
        else:
            assert set(images.values()) == {"weavelet"}


def test_a_server_that_runs_the_models_itself_has_no_containers(tmp_path: Path) -> None:
    text = written(read(tmp_path, RERANKER_COMPOSE), Format.COMPOSE, Served.EMBEDDED)
    services = yaml.safe_load(text)["services"]
    assert services.keys() == {"weaviate"}
    assert services["weaviate"]["environment"]["WEAVELET_RERANKER_MODEL"] == "ms-marco-MiniLM-L-6-v2"
    assert "RERANKER_INFERENCE_API" not in services["weaviate"]["environment"]


def test_an_environment_file_has_the_commands_beside_it(tmp_path: Path) -> None:
    lines = written(read(tmp_path, VECTORS_COMPOSE), Format.ENV, Served.OWN).splitlines()
    assert lines == [
        "# the weights of multi-qa-MiniLM-L6-cos-v1 are fetched from the model hub",
        "# text2vec-transformers: MODEL_NAME=multi-qa-MiniLM-L6-cos-v1 weavelet inference --port 8001",
        "ENABLE_MODULES=text2vec-transformers",
        "TRANSFORMERS_INFERENCE_API=http://localhost:8001",
    ]


def test_a_model_that_cannot_be_run_is_replaced_and_told(tmp_path: Path) -> None:
    text = written(read(tmp_path, PAIR_VALUES), Format.HELM, Served.OWN)
    assert "# dpr-ctx_encoder-single-nq-base cannot be run:" in text
    services = yaml.safe_load(text)["modules"][VECTORIZER]["passageQueryServices"]
    assert {half: entry["model"] for half, entry in services.items()} == {
        "passage": "bge-small-en-v1.5",
        "query": "bge-small-en-v1.5",
    }


def test_the_command_prints_a_deployment() -> None:
    command = [sys.executable, "-m", "weavelet", "init", "--vectorizer", "none", "--reranker-model", "cross-encoder"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    services = yaml.safe_load(told.stdout)["services"]
    assert services.keys() == {"weaviate", RERANKER}
    assert services[RERANKER]["environment"]["MODEL_NAME"] == "ms-marco-MiniLM-L-12-v2"


# --- The chart ---


def valid(value: Any, schema: dict[str, Any], definitions: dict[str, Any], place: str = "values") -> None:
    """As much of JSON Schema as the chart's has."""
    if reference := schema.get("$ref"):
        schema = definitions[reference.rpartition("/")[2]]
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
    assert isinstance(value, kinds[schema["type"]]), f"{place}: {value!r} is no {schema['type']}"
    assert value in schema.get("enum", [value]), f"{place}: {value!r} is none of {schema['enum']}"
    for name in schema.get("required", ()):
        assert name in value, f"{place}: {name} is missing"
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            valid(value[name], inner, definitions, f"{place}.{name}")


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    inner = {name: merged(base[name], value) for name, value in over.items() if isinstance(base.get(name), dict)}
    return {**base, **over, **inner}


DEPLOYMENTS = {
    "both": planned(VECTORIZER, "bge-small-en-v1.5", RERANKER, "answerai-colbert-small-v1", cuda=True),
    "one hosted": planned("text2vec-openai", "", RERANKER, "cross-encoder", cuda=False),
    "none": planned("none", "", "none", "", cuda=False),
}


@pytest.mark.parametrize("served", Served)
@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_values_we_write_are_valid_for_our_chart(name: str, served: Served) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    ours = yaml.safe_load(written(DEPLOYMENTS[name], Format.HELM, served, "registry.example/weavelet:1.0"))
    valid(merged(values, ours), schema, schema["definitions"])


@pytest.mark.parametrize("text", [RERANKER_VALUES, VECTORS_VALUES, PAIR_VALUES], ids=["reranker", "vectors", "pair"])
def test_values_written_for_weaviates_chart_are_valid_for_ours(text: str) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = merged(yaml.safe_load((CHART / "values.yaml").read_text()), yaml.safe_load(text))
    valid(values, schema, schema["definitions"])


@pytest.mark.skipif(shutil.which("helm") is None, reason="helm is not here to render the chart")
@pytest.mark.parametrize("text", [RERANKER_VALUES, VECTORS_VALUES, PAIR_VALUES], ids=["reranker", "vectors", "pair"])
def test_the_chart_renders(text: str, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(text)
    command = ["helm", "template", "w", str(CHART), "--values", str(tmp_path / "values.yaml")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    kinds = [document["kind"] for document in yaml.safe_load_all(told.stdout) if document]
    assert "StatefulSet" in kinds
    assert "Deployment" in kinds


def test_every_template_closes_what_it_opens() -> None:
    for template in (CHART / "templates").iterdir():
        text = template.read_text()
        opened = sum(
            text.count(f"{{{{{dash} {word} ") for word in ("if", "range", "with", "define") for dash in ("", "-")
        )
        assert opened == text.count("{{- end }}") + text.count("{{ end }}") + text.count("{{- end -}}"), template.name
