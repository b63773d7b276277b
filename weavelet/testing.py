"""A pytest plug-in: a real server for the tests of anything that talks to Weaviate.

Activate it with `pytest_plugins = ["weavelet.testing"]`, and ask for the fixture:

    def test_something(weavelet_server):
        client = weaviate.connect_to_local(port=weavelet_server.http_ports[0], grpc_port=weavelet_server.grpc_port)

The server keeps its data in a temporary folder, listens on free ports of 127.0.0.1, embeds with the deterministic
`text2vec-bigram`, reranks with `reranker-dummy`, and needs no model and no network.
"""

from collections.abc import Iterator

import pytest

from weavelet import run
from weavelet.server import Server

MODULES = ("text2vec-bigram", "reranker-dummy", "generative-dummy")


@pytest.fixture(scope="session")
def weavelet_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the whole test session."""
    with run(data_path=tmp_path_factory.mktemp("weavelet"), enable_modules=MODULES) as server:
        yield server
