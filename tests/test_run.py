"""A server inside this process, and the command line around one."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import weaviate

import weavelet
from tests.processes import serving
from weavelet.errors import Unavailable
from weavelet.server import Server

pytest_plugins = ["weavelet.testing"]


def test_run_serves_rest_and_grpc_on_free_ports(tmp_path: Path) -> None:
    with (
        weavelet.run(data_path=tmp_path, enable_modules=("text2vec-bigram",)) as server,
        weaviate.connect_to_local(port=server.http_ports[0], grpc_port=server.grpc_port) as client,
    ):
        assert client.is_ready()


def test_the_fixture_gives_a_server_that_embeds_and_reranks(weavelet_server: Server) -> None:
    with urllib.request.urlopen(f"{weavelet_server.url}/v1/meta") as reply:
        modules = json.load(reply)["modules"]
    assert {"text2vec-bigram", "reranker-dummy"} <= modules.keys()


def test_a_data_directory_belongs_to_one_process(tmp_path: Path) -> None:
    with weavelet.run(data_path=tmp_path), pytest.raises(Unavailable, match=str(tmp_path)):
        weavelet.run(data_path=tmp_path)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with weavelet.run(data_path=tmp_path / "a") as server:
        port = server.http_ports[0]
        with pytest.raises(Unavailable, match=str(port)):
            weavelet.run(data_path=tmp_path / "b", port=port)


def test_what_could_not_start_leaves_the_data_directory_free(tmp_path: Path) -> None:
    with weavelet.run(data_path=tmp_path / "a") as server, pytest.raises(Unavailable):
        weavelet.run(data_path=tmp_path / "b", port=server.http_ports[0])
    weavelet.run(data_path=tmp_path / "b").stop()


def test_serve_says_where_it_listens_and_where_its_data_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "text2vec-bigram") as server:
        pass
    log = server.log.read_text()
    assert f"127.0.0.1:{server.port}" in log
    assert f"127.0.0.1:{server.grpc_port}" in log
    assert str(data) in log
    assert "text2vec-bigram" in log
    assert server.process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["--version"], 0, weavelet.__version__, id="version"),
        pytest.param(["--help"], 0, "serve", id="help"),
        pytest.param(["nonsense"], 2, "usage", id="unknown command"),
    ],
)
def test_the_command_explains_itself(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run([sys.executable, "-m", "weavelet", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stdout


def test_a_wrong_setting_is_one_sentence_and_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "weavelet", "serve", "--data", str(tmp_path)]
    environment = {"MODULES_CLIENT_TIMEOUT": "soon", "PATH": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "MODULES_CLIENT_TIMEOUT" in done.stderr
    assert "Traceback" not in done.stderr
