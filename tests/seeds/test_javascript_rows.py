"""The row about JavaScript: the pages' snippets with the official client, where Node is installed.

The client comes from the npm registry once and is kept in the user's cache; without Node, or where it cannot be
fetched, the test is skipped.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.seeds.world import FILMS, World

CLIENT = "weaviate-client@3.14.0"
SCRIPT = Path(__file__).with_name("snippets.mjs")
FETCH_SECONDS = 60


@pytest.fixture(scope="session")
def node_folder() -> Path:
    """A folder whose scripts can import the client."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    folder = Path.home() / ".cache" / "weavelet" / CLIENT
    if not (folder / "node_modules" / "weaviate-client").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--fetch-retries", "0", CLIENT]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=FETCH_SECONDS)
        except (subprocess.SubprocessError, OSError) as error:
            shutil.rmtree(folder)
            pytest.skip(f"the client cannot be fetched: {error}")
    return folder


def test_row_47_the_pages_snippets_in_javascript(world: World, node_folder: Path) -> None:
    script = shutil.copy(SCRIPT, node_folder)
    films = json.dumps([{"title": title, "description": description} for title, description in FILMS.items()])
    ports = [str(world.server.http_ports[0]), str(world.server.grpc_port)]
    done = subprocess.run(["node", str(script), *ports, films], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])
    carol = "A Christmas Carol"
    assert found == {
        "ready": True,
        "config": "reranker-transformers",
        "errors": 0,
        "nearText": [carol],
        "hybrid": ["The Godfather"],
        "reranked": [[carol, 3.125], ["Jingle All the Way", found["reranked"][1][1]]],
        "withoutQuery": ["Jingle All the Way", carol],
        "exchanged": "reranker-nvidia",
    }
    assert [asked.body["query"] for asked in world.asked("/rerank")] == [carol, "a toy for Christmas"]
