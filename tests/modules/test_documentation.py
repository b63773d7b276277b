"""The page on modules says what the modules do."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("modules_table", DOCS / "modules_table.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_table_is_what_the_modules_send_today(script: ModuleType) -> None:
    written = (DOCS / "modules.md").read_text()
    assert script.page(written) == written, "run: python docs/modules_table.py --write"
