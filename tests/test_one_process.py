"""Native libraries that get in each other's way would take the process down while they load."""

import subprocess
import sys

import pytest

pytest.importorskip("onnxruntime")


@pytest.mark.parametrize(
    "modules",
    ["weavelet.engine.vectors.graph, onnxruntime", "onnxruntime, weavelet.engine.vectors.graph"],
)
def test_the_engine_and_the_models_fit_into_one_process(modules: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)
