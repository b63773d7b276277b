"""The pages on modules and models say what they do and are; what they show of code runs."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from weavelet.modules.base import ModuleSettings
from weavelet.modules.testing import check_reranker

DOCS = Path(__file__).parents[2] / "docs"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize("name", ["modules", "models"])
def test_the_table_is_what_the_code_says_today(name: str) -> None:
    written = (DOCS / f"{name}.md").read_text()
    assert script(f"{name}_table").page(written) == written, f"run: python docs/{name}_table.py --write"


def test_the_module_that_the_page_shows_is_a_reranker() -> None:
    [code] = re.findall(r"```python\n(from weavelet.*?)```", (DOCS / "modules.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    check_reranker(names["RerankerCapitals"](ModuleSettings({})))
