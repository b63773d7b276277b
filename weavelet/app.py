"""The composition root: settings in, a running `App` out.

The only file that knows every room. It opens the database, starts the modules (with our own inference server behind
those that have no container), and hands the doors one frozen value with everything they may call.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from weavelet.access.book import Book, StaticUsers
from weavelet.autoschema import AutoSchema
from weavelet.catalog import Catalog
from weavelet.embedding import QueryVectors
from weavelet.engine.database import Database
from weavelet.engine.plan import Limits
from weavelet.engine.settings import EngineSettings
from weavelet.engine.vectors import graph
from weavelet.errors import InvalidInput, WeaveletError
from weavelet.expiry import Expiry
from weavelet.inference import is_installed
from weavelet.ingest import Ingest
from weavelet.linking import Linking
from weavelet.metrics import MeteredIngest, MeteredSearcher, Metrics
from weavelet.modules.asgi import Application, AsgiServer
from weavelet.modules.registry import Registry, RegistrySettings
from weavelet.schedule import Schedule, parse_schedule
from weavelet.schema.datatypes import Distance
from weavelet.schema.infer import InferOptions
from weavelet.schema.rules import SchemaRules
from weavelet.search import Searcher
from weavelet.settings import Settings
from weavelet.stages import Stages
from weavelet.vectorizing import ObjectVectors
from weavelet.workers import Workers

_UPKEEP_SECONDS = 0.5
_EXPIRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class App:
    """What the doors are given."""

    settings: Settings
    database: Database
    registry: Registry
    inference: AsgiServer | None
    workers: Workers
    catalog: Catalog
    metrics: Metrics | None
    searcher: Searcher
    ingest: Ingest
    linking: Linking
    access: Book

    def close(self) -> None:
        """Stop in order: no more work, modules let go, indexes saved, files closed."""
        self.workers.close()
        self.access.close()
        self.registry.close()
        if self.inference is not None:
            self.inference.close()
        self.database.close()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def open_app(settings: Settings, now_ms: Callable[[], int] = _now_ms) -> App:
    """Open the data directory and start everything in it. Raises `WeaveletError`."""
    schedule = _expiry_schedule(settings)
    database = Database(settings.data_path, _engine_settings(settings))
    try:
        access = _access(settings)
        inference = _embedded_inference(settings)
        registry = Registry.start(_registry_settings(settings, inference))
    except WeaveletError:
        database.close()
        raise
    workers = Workers()
    workers.background.every(_UPKEEP_SECONDS, database.upkeep)
    catalog = Catalog(database, _schema_rules(settings, registry))
    maximum = settings.query_maximum_results
    metrics = Metrics(grouped=settings.monitoring_grouped) if settings.monitoring else None
    make_ingest = Ingest if metrics is None else partial(MeteredIngest, metrics)
    make_searcher = Searcher if metrics is None else partial(MeteredSearcher, metrics)
    ingest = make_ingest(database, catalog, ObjectVectors(registry), _auto_schema(settings, catalog), maximum, now_ms)
    workers.background.every(_EXPIRY_SECONDS, Expiry(database, ingest, schedule, now_ms).work)
    return App(
        settings=settings,
        database=database,
        registry=registry,
        inference=inference,
        workers=workers,
        catalog=catalog,
        metrics=metrics,
        searcher=make_searcher(
            database,
            catalog,
            QueryVectors(registry, database),
            Stages(registry),
            workers,
            Limits(maximum, settings.query_hybrid_maximum_results),
            settings.node_name,
            now_ms,
        ),
        ingest=ingest,
        linking=Linking(database, catalog, ingest),
        access=access,
    )


def _access(settings: Settings) -> Book:
    names = frozenset(settings.apikey_users if settings.apikey_enabled else ())
    return Book(settings.data_path, StaticUsers(names, frozenset(settings.rbac_root_users)), lambda: datetime.now(UTC))


def _engine_settings(settings: Settings) -> EngineSettings:
    if not graph.is_installed(settings.graph):
        raise InvalidInput(f"WEAVELET_GRAPH={settings.graph} needs a package: pip install 'weavelet[{settings.graph}]'")
    return EngineSettings(
        graph=settings.graph,
        graph_threshold=settings.graph_threshold,
        quantised_threshold=settings.quantised_threshold,
        snapshot_changes=settings.snapshot_changes,
        open_tenants=settings.open_tenants,
        tenant_idle_seconds=settings.tenant_idle,
        synchronous_full=settings.synchronous_full,
        async_indexing=settings.async_indexing,
        nested_filters=settings.nested_filters,
    )


def _registry_settings(settings: Settings, inference: AsgiServer | None) -> RegistrySettings:
    return RegistrySettings(
        enabled=settings.enable_modules,
        api_based=not settings.api_based_modules_disabled,
        aliases=settings.module_aliases,
        default_vectorizer=settings.default_vectorizer_module,
        environment=settings.environment,
        timeout_seconds=settings.modules_client_timeout,
        timeouts=settings.module_timeouts,
        auto_schema=settings.auto_schema,
        transport=inference.transport if inference is not None else None,
    )


def _embedded_inference(settings: Settings) -> AsgiServer | None:
    """Our own inference server, started when the first module asks for it; None where there is no need of it."""
    embeds = _has_no_container(settings, "text2vec-transformers", "TRANSFORMERS_")
    reranks = _has_no_container(settings, "reranker-transformers", "RERANKER_")
    if not settings.embedded_inference or not (embeds or reranks) or not is_installed():
        return None

    def create() -> Application:
        from weavelet.inference.app import create_app
        from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER, Chunking, rerankers_with
        from weavelet.inference.service import InferenceSettings
        from weavelet.inference.sources import HubSettings
        from weavelet.inference.weights import default_cache

        embedding = settings.embedding_model or DEFAULT_EMBEDDING
        return create_app(
            InferenceSettings(
                cache=settings.models_path or default_cache(settings.environment),
                embeddings=(embedding,) if embeds else (),
                rerankers=rerankers_with(settings.reranker_model or DEFAULT_RERANKER) if reranks else (),
                chunking=Chunking(settings.chunking) if settings.chunking else None,
                hub=HubSettings.read(settings.environment),
            )
        )

    return AsgiServer(create)


def _has_no_container(settings: Settings, module: str, prefix: str) -> bool:
    """Whether a module is enabled and none of its variables says where its container is."""
    configured = any(
        name.startswith(prefix) and name.endswith("INFERENCE_API") and value
        for name, value in settings.environment.items()
    )
    served = {*settings.enable_modules, *(settings.module_aliases.get(name) for name in settings.enable_modules)}
    return module in served and not configured


def _schema_rules(settings: Settings, registry: Registry) -> SchemaRules:
    return SchemaRules(
        modules=registry.rules(),
        default_vectorizer=settings.default_vectorizer_module,
        default_distance=settings.default_distance or Distance.COSINE,
        default_index_type=settings.default_vector_index or "hnsw",
        default_quantization=settings.default_quantization,
        default_tokenization=settings.default_tokenization,
        async_indexing=settings.async_indexing,
        minimum_replication=settings.replication_minimum_factor,
        maximum_replication=settings.replication_maximum_factor,
        sharding_count=settings.default_sharding_count,
        auto_schema=settings.auto_schema,
        maximum_collections=settings.maximum_collections,
    )


def _expiry_schedule(settings: Settings) -> Schedule:
    try:
        return parse_schedule(settings.object_ttl_schedule)
    except InvalidInput as error:
        raise InvalidInput(f"OBJECTS_TTL_DELETE_SCHEDULE: {error}") from None


def _auto_schema(settings: Settings, catalog: Catalog) -> AutoSchema | None:
    if not settings.auto_schema:
        return None
    options = InferOptions(settings.auto_schema_string, settings.auto_schema_number, settings.auto_schema_date)
    return AutoSchema(catalog, catalog.locate, options, lambda: datetime.now(UTC))
