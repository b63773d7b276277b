"""The example of a module of one's own: installed like any package, found by its entry point, used by a client."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import weaviate
from weaviate.classes.config import Configure, DataType, Property
from weaviate.classes.query import Rerank

from tests.processes import Serving, serving
from weavelet.modules.testing import FakeContainer, tei_container

EXAMPLE = Path(__file__).parents[2] / "examples" / "reranker-tei"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, installed into a folder of its own from a copy of its sources."""
    folder = tmp_path_factory.mktemp("example")
    sources = shutil.copytree(EXAMPLE, folder / "sources")
    target = folder / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*command, "--disable-pip-version-check", "--target", str(target), str(sources)], check=True)
    return target


@pytest.fixture(scope="module")
def container() -> FakeContainer:
    return FakeContainer(tei_container)


@pytest.fixture(scope="module")
def server(installed: Path, container: FakeContainer) -> Iterator[Serving]:
    with container.serve() as url:
        environment = {"PYTHONPATH": str(installed), "RERANKER_TEI_URL": url}
        with serving(installed.parent / "data", "reranker-tei", environment) as running:
            yield running


def test_its_own_test_is_one_line_and_passes(installed: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]
    subprocess.run([*command, "test_reranker_tei.py"], cwd=installed.parent / "sources", check=True)


def test_a_client_reranks_with_it(server: Serving, container: FakeContainer) -> None:
    with weaviate.connect_to_local(port=server.port, grpc_port=server.grpc_port) as client:
        assert client.get_meta()["modules"]["reranker-tei"] == {"name": "Reranker - Text Embeddings Inference"}
        dishes = client.collections.create(
            "Dish",
            properties=[Property(name="title", data_type=DataType.TEXT)],
            reranker_config=Configure.Reranker.custom("reranker-tei"),
        )
        dishes.data.insert_many([{"title": title} for title in ("cold soup", "bread", "hot lentil soup")])
        reply = dishes.query.bm25("soup", limit=2, rerank=Rerank(prop="title", query="hot soup"))
    assert [found.properties["title"] for found in reply.objects] == ["hot lentil soup", "cold soup"]
    assert [found.metadata.rerank_score for found in reply.objects] == [2.125, 1.125]
    [asked] = container.posts
    assert (asked.path, asked.body["query"], sorted(asked.body["texts"])) == (
        "/rerank",
        "hot soup",
        ["cold soup", "hot lentil soup"],
    )
