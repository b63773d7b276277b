"""A restore that is cancelled at any moment before its collections are seen leaves none of them behind."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from weavelet.app import App, open_app
from weavelet.backup import Backups
from weavelet.catalog import Catalog
from weavelet.jobs import Job, Status
from weavelet.modules.base import Call
from weavelet.schema.collection import Collection
from weavelet.schema.objects import NewObject
from weavelet.settings import Settings

WAIT_SECONDS = 10.0


class Interrupted(Catalog):
    """Somebody calls when the named step is done."""

    def __init__(self, app: App, after: int) -> None:
        super().__init__(app.database, app.catalog.rules)
        self._left = after
        self.then: Callable[[], None] = lambda: None

    def add(self, collection: Collection, **how: Any) -> Collection:
        made = super().add(collection, **how)
        self._left -= 1
        if not self._left:
            self.then()
        return made

    def reveal(self, names: Sequence[str]) -> None:
        raise AssertionError("a cancelled restore shows nothing")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    environment = {"PERSISTENCE_DATA_PATH": tmp_path / "data", "WEAVELET_EMBEDDED_INFERENCE": "false"}
    opened = open_app(Settings.model_validate(environment))
    for name in ("First", "Last"):
        opened.catalog.create({"class": name, "vectorizer": "none"})
        opened.ingest.put_many([NewObject(collection=name, properties={})], Call({}))
    yield opened
    opened.close()


@pytest.mark.parametrize("after", [1, 2], ids=["amid its collections", "behind the last"])
def test_a_cancelled_restore_leaves_nothing_behind(app: App, tmp_path: Path, after: int) -> None:
    catalog = Interrupted(app, after)
    backups = Backups(app.database, catalog, app.access, tmp_path / "backups", lambda: datetime.now(UTC))
    catalog.then = lambda: backups.cancel("b")
    backups.create("b", [], [])
    assert _ended(backups.backup).status is Status.SUCCESS
    for name in ("First", "Last"):
        catalog.drop(name)
    backups.restore("b", [], [])
    assert _ended(backups.restored).status is Status.CANCELED
    assert not catalog.collections()


def _ended(job: Callable[[str], Job]) -> Job:
    deadline = time.monotonic() + WAIT_SECONDS
    while not job("b").ended and time.monotonic() < deadline:
        time.sleep(0.005)
    return job("b")
