"""The composition root: settings in, a running `App` out.

The only file that knows every room. It opens the database, starts the modules (with our own inference server behind
those that have no container), and hands the doors one frozen value with everything they may call.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from weavelet.autoschema import AutoSchema
from weavelet.catalog import Catalog
from weavelet.embedding import QueryVectors
from weavelet.engine.database import Database
from weavelet.engine.plan import Limits
from weavelet.engine.settings import EngineSettings
from weavelet.ingest import Ingest
from weavelet.linking import Linking
from weavelet.modules.base import ModuleSettings
from weavelet.modules.registry import Registry
from weavelet.schema.codec import SchemaRules
from weavelet.schema.infer import InferOptions
from weavelet.search import Searcher
from weavelet.settings import Settings
from weavelet.stages import Stages
from weavelet.vectorizing import ObjectVectors
from weavelet.workers import Workers

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """What the doors are given."""

    settings: Settings
    database: Database
    registry: Registry
    workers: Workers
    catalog: Catalog
    searcher: Searcher
    ingest: Ingest
    linking: Linking

    def close(self) -> None:
        """Stop in order: no more work, modules let go, indexes saved, files closed."""
        self.workers.close()
        self.registry.close()
        self.database.close()


def open_app(settings: Settings) -> App:
    """Open the data directory and start everything in it. Raises `WeaveletError`."""
    workers = Workers()
    database = Database(settings.data_path, _engine_settings(settings))
    registry = Registry.start(_module_settings(settings), settings)
    rules = _schema_rules(settings, registry)
    catalog = Catalog(database, rules)
    limits = Limits(settings.query_maximum_results, settings.query_hybrid_maximum_results)
    auto_schema = AutoSchema(catalog, _infer_options(settings), _now) if settings.auto_schema else None
    ingest = Ingest(
        database, catalog, ObjectVectors(registry), auto_schema, settings.query_maximum_results, _now_ms
    )
    searcher = Searcher(database, catalog, QueryVectors(registry, database), Stages(registry), workers, limits)
    return App(
        settings=settings,
        database=database,
        registry=registry,
        workers=workers,
        catalog=catalog,
        searcher=searcher,
        ingest=ingest,
        linking=Linking(database, catalog, ingest),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
