"""When a shard's documents get new numbers, and that.

An update leaves a number behind. Every number ever given costs memory in the indexes, and there are four billion of
them; so where most belong to nothing any more, opening a shard gives its documents the numbers from 0 on. Nobody has
seen a number by then, and whatever on disk knows the old ones is removed first: the shard is indexed anew.
"""

import logging
import time
from pathlib import Path

from weavelet.engine.indexes import drop_numbering
from weavelet.engine.settings import EngineSettings
from weavelet.engine.store import ObjectStore

_log = logging.getLogger(__name__)

QUICK = 100_000
"""Objects up to which a shard is indexed anew within seconds."""
_WASTE, _WASTE_OF_MANY = 3, 10
"""Numbers left behind for each in use, from which on it is worth it; in shards that take long it has to be more."""


def is_wasteful(store: ObjectStore, count: int, settings: EngineSettings) -> bool:
    """Whether so many numbers belong to nothing that `count` objects had better get new ones."""
    wasted = store.last_doc + 1 - count
    share = _WASTE if count <= QUICK else _WASTE_OF_MANY
    return wasted > max(settings.spare_numbers, share * count) or wasted > settings.document_numbers // 2


def renumber(store: ObjectStore, count: int, folder: Path) -> None:
    """Give all documents of the store in this folder new numbers."""
    started, given = time.perf_counter(), store.last_doc + 1
    drop_numbering(folder)
    store.renumber()
    seconds = time.perf_counter() - started
    _log.info("%s: %d objects renumbered, %d numbers had been given, in %.2f s", folder.name, count, given, seconds)
