"""One server for all rows, behind it one container that speaks every shape."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
import weaviate

from tests.seeds.world import API_KEY, NVIDIA_KEY, World, add_films, for_films
from weavelet import run
from weavelet.cli.child import free_ports
from weavelet.modules.testing import FakeContainer, any_container

MODULES = (
    "text2vec-transformers, reranker-transformers,reranker-generic ,text2vec-model2vec, generative-dummy, "
    "generative-openai-compatible, reranker-transformerz"
)
START_SECONDS = 60.0


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    container = FakeContainer(any_container)
    (dead,) = free_ports(1)
    with container.serve() as url:
        environment = {
            "TRANSFORMERS_INFERENCE_API": url,
            "RERANKER_INFERENCE_API": url,
            "MODEL2VEC_INFERENCE_API": f"http://127.0.0.1:{dead}",
            "NVIDIA_APIKEY": NVIDIA_KEY,
        }
        settings = {
            "data_path": tmp_path_factory.mktemp("seeds") / "data",
            "enable_modules": MODULES,
            "environment": environment,
            "anonymous_access": True,
            "apikey_enabled": True,
            "apikey_keys": API_KEY,
            "apikey_users": "somebody",
        }
        with (
            run(**settings) as server,
            weaviate.connect_to_local(port=server.http_ports[0], grpc_port=server.grpc_port) as client,
        ):
            yield World(server, client, container, url)


@pytest.fixture
def world(shared: World) -> World:
    """The shared server; its container has forgotten what it was asked before."""
    shared.container.behaviour = any_container
    shared.container.asked.clear()
    return shared


@pytest.fixture(scope="session")
def inference_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our own inference container on a port of its own, as `weavelet inference` starts it, with real models."""
    (port,) = free_ports(1)
    log = tmp_path_factory.mktemp("inference") / "log"
    command = [sys.executable, "-m", "weavelet", "inference", "--port", str(port)]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait(f"http://127.0.0.1:{port}", process)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def real(inference_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[weaviate.WeaviateClient]:
    """A client of a server whose modules use that container, told so by the pages' own variables."""
    environment = {"TRANSFORMERS_INFERENCE_API": inference_url, "RERANKER_INFERENCE_API": inference_url}
    data = tmp_path_factory.mktemp("real") / "data"
    with (
        run(
            data_path=data, enable_modules="text2vec-transformers,reranker-transformers", environment=environment
        ) as server,
        weaviate.connect_to_local(port=server.http_ports[0], grpc_port=server.grpc_port) as client,
    ):
        yield client


@pytest.fixture
def films(world: World) -> Iterator[weaviate.collections.Collection]:
    """The five films in a collection with a vectorizer and a reranker."""
    collection = for_films(world.client)
    add_films(collection)
    world.container.asked.clear()
    yield collection
    world.client.collections.delete(collection.name)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/.well-known/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the inference container did not become ready")
