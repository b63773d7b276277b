"""The row about JavaScript: the pages' snippets with the official client, where Node is installed.

Without Node, or where the client cannot be fetched, the test is skipped.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.javascript import client_folder
from tests.seeds.world import FILMS, World

SCRIPT = Path(__file__).with_name("snippets.mjs")


@pytest.mark.timeout(240)
def test_row_47_the_pages_snippets_in_javascript(world: World) -> None:
    script = shutil.copy(SCRIPT, client_folder())
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
