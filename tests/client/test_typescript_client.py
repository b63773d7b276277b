"""The official TypeScript client, unmodified, against a real server process: the calls people make first."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.javascript import client_folder
from tests.processes import serving
from weavelet.modules.testing import FakeContainer, scoring_container, transformers_container

SCRIPT = Path(__file__).with_name("smoke.mjs")
TITLES = ("beetroot soup", "tomato soup", "beetroot salad", "pancakes with honey", "hot chocolate")


@pytest.mark.timeout(240)
def test_what_the_client_is_answered(tmp_path: Path) -> None:
    script = shutil.copy(SCRIPT, client_folder())
    embedder, reranker = FakeContainer(transformers_container), FakeContainer(scoring_container)
    with embedder.serve() as embedder_url, reranker.serve() as reranker_url:
        environment = {"TRANSFORMERS_INFERENCE_API": embedder_url, "RERANKER_INFERENCE_API": reranker_url}
        with serving(tmp_path / "data", "text2vec-transformers,reranker-transformers", environment) as server:
            command = ["node", str(script), str(server.port), str(server.grpc_port)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.strip().splitlines()[-1]) == {
        "ready": True,
        "version": "1.39.0",
        "exists": True,
        "properties": ["title", "kind", "servings"],
        "errors": False,
        "length": 5,
        "nearText": ["beetroot soup"],
        "bm25": ["tomato soup"],
        "hybrid": ["pancakes with honey"],
        "reranked": "beetroot salad",
        "rerankScores": ["number"] * 5,
        "filtered": ["tomato soup"],
        "sorted": ["tomato soup", "pancakes with honey"],
        "aggregate": [5, {"maximum": 4, "mean": 2, "sum": 10}],
        "groups": [["chocolate", 1], ["honey", 1], ["salad", 1], ["soup", 2]],
        "updated": 12,
        "vector": True,
        "goesWith": ["tomato soup"],
        "groupedBy": 2,
        "iterated": sorted(TITLES),
        "deleted": [2, 2, 3],
        "tenants": [["one", "ACTIVE"], ["two", "INACTIVE"]],
        "inTenant": 1,
        "refused": True,
        "throughAlias": 3,
        "left": 0,
    }
