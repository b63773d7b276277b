"""Weaviate's environment variables, and ours, as one frozen value.

The only place that reads the process's environment. A flag is true for `on`, `enabled`, `1` and `true` in any case,
and false for everything else, as in Weaviate; durations are written the Go way (`50s`, `1m30s`). Our own variables
begin with `WEAVELET_`. Imports nothing of ours.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_TRUE = frozenset({"on", "enabled", "1", "true"})
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_MODULE_TIMEOUT = "MODULES_CLIENT_TIMEOUT_"
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")


def _flag(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).strip().lower() in _TRUE


def _unless_false(value: Any) -> bool:
    """For the one variable that only the literal `false` switches off."""
    return value if isinstance(value, bool) else str(value).strip().lower() != "false"


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(name for part in value.split(",") if (name := part.strip()))
    return tuple(value)


def _pairs(value: Any) -> dict[str, str]:
    """`a=b,c=d` as a mapping."""
    if isinstance(value, Mapping):
        return dict(value)
    return {left.strip(): right.strip() for left, _, right in (part.partition("=") for part in _names(value))}


def duration_seconds(text: str | float) -> float:
    """The seconds of a Go duration such as `50s` or `1m30s`. Raises ValueError naming what is allowed."""
    if isinstance(text, int | float):
        return float(text)
    parts = _DURATION_PART.findall(text.strip())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise ValueError(f"{text!r} is not a duration: write for example 500ms, 50s or 1m30s")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


Flag = Annotated[bool, BeforeValidator(_flag)]
FlagUnlessFalse = Annotated[bool, BeforeValidator(_unless_false)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
Ports = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_names)]
Pairs = Annotated[Mapping[str, str], NoDecode, BeforeValidator(_pairs)]
Seconds = Annotated[float, BeforeValidator(duration_seconds)]


class Settings(BaseSettings):
    """What the server is told from outside. Each field names its variable; the command line overrides some."""

    model_config = SettingsConfigDict(frozen=True, populate_by_name=True, extra="ignore", env_ignore_empty=True)

    # Where to listen and where to keep things.
    host: str = Field(default="127.0.0.1", validation_alias="WEAVELET_HOST")
    port: int = Field(default=8080, validation_alias="WEAVELET_PORT")
    extra_ports: Ports = Field(default=(), validation_alias="WEAVELET_EXTRA_PORTS")
    grpc_port: int = Field(default=50051, validation_alias="GRPC_PORT")
    extra_grpc_ports: Ports = Field(default=(), validation_alias="WEAVELET_EXTRA_GRPC_PORTS")
    grpc_max_message_size: int = Field(default=104_858_000, validation_alias="GRPC_MAX_MESSAGE_SIZE")
    data_path: Path = Field(default=Path("./data"), validation_alias="PERSISTENCE_DATA_PATH")
    origin: str = Field(default="", validation_alias="ORIGIN")
    node_name: str = Field(default="node1", validation_alias="CLUSTER_HOSTNAME")
    log_level: str = Field(default="info", validation_alias="LOG_LEVEL")
    cors_allow_origin: str = Field(default="*", validation_alias="CORS_ALLOW_ORIGIN")
    cors_allow_methods: str = Field(default="*", validation_alias="CORS_ALLOW_METHODS")
    cors_allow_headers: str = Field(default="", validation_alias="CORS_ALLOW_HEADERS")

    # Who may ask.
    anonymous_access: Flag | None = Field(default=None, validation_alias="AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED")
    apikey_enabled: Flag = Field(default=False, validation_alias="AUTHENTICATION_APIKEY_ENABLED")
    apikey_keys: Names = Field(default=(), validation_alias="AUTHENTICATION_APIKEY_ALLOWED_KEYS", repr=False)
    apikey_users: Names = Field(default=(), validation_alias="AUTHENTICATION_APIKEY_USERS")
    db_users_enabled: Flag = Field(default=False, validation_alias="AUTHENTICATION_DB_USERS_ENABLED")
    oidc_enabled: Flag = Field(default=False, validation_alias="AUTHENTICATION_OIDC_ENABLED")
    oidc_issuer: str = Field(default="", validation_alias="AUTHENTICATION_OIDC_ISSUER")
    oidc_client_id: str = Field(default="", validation_alias="AUTHENTICATION_OIDC_CLIENT_ID")
    oidc_scopes: Names = Field(default=(), validation_alias="AUTHENTICATION_OIDC_SCOPES")
    oidc_username_claim: str = Field(default="", validation_alias="AUTHENTICATION_OIDC_USERNAME_CLAIM")
    adminlist_enabled: Flag = Field(default=False, validation_alias="AUTHORIZATION_ADMINLIST_ENABLED")
    adminlist_users: Names = Field(default=(), validation_alias="AUTHORIZATION_ADMINLIST_USERS")
    adminlist_readonly_users: Names = Field(default=(), validation_alias="AUTHORIZATION_ADMINLIST_READONLY_USERS")
    rbac_enabled: Flag = Field(default=False, validation_alias="AUTHORIZATION_RBAC_ENABLED")
    rbac_root_users: Names = Field(default=(), validation_alias="AUTHORIZATION_RBAC_ROOT_USERS")

    # Modules.
    enable_modules: Names = Field(default=(), validation_alias="ENABLE_MODULES")
    api_based_modules_disabled: Flag = Field(default=False, validation_alias="API_BASED_MODULES_DISABLED")
    default_vectorizer_module: str = Field(default="none", validation_alias="DEFAULT_VECTORIZER_MODULE")
    modules_client_timeout: Seconds = Field(default=50.0, validation_alias="MODULES_CLIENT_TIMEOUT")
    module_aliases: Pairs = Field(default={}, validation_alias="MODULE_ALIASES")
    embedded_inference: Flag = Field(default=True, validation_alias="WEAVELET_EMBEDDED_INFERENCE")
    models_path: Path | None = Field(default=None, validation_alias="WEAVELET_MODELS_DIR")
    embedding_model: str = Field(default="", validation_alias="WEAVELET_EMBEDDING_MODEL")
    reranker_model: str = Field(default="", validation_alias="WEAVELET_RERANKER_MODEL")
    chunking: Literal["", "cut", "windows", "sentences"] = Field(default="", validation_alias="WEAVELET_CHUNKING")

    # What new collections get.
    auto_schema: FlagUnlessFalse = Field(default=True, validation_alias="AUTOSCHEMA_ENABLED")
    auto_schema_string: str = Field(default="text", validation_alias="AUTOSCHEMA_DEFAULT_STRING")
    auto_schema_number: str = Field(default="number", validation_alias="AUTOSCHEMA_DEFAULT_NUMBER")
    auto_schema_date: str = Field(default="date", validation_alias="AUTOSCHEMA_DEFAULT_DATE")
    default_distance: str = Field(default="", validation_alias="DEFAULT_VECTOR_DISTANCE_METRIC")
    default_vector_index: str = Field(default="", validation_alias="DEFAULT_VECTOR_INDEX")
    default_quantization: str = Field(default="", validation_alias="DEFAULT_QUANTIZATION")
    default_tokenization: str = Field(default="word", validation_alias="DEFAULT_TOKENIZATION")
    default_sharding_count: int = Field(default=0, validation_alias="DEFAULT_SHARDING_COUNT")
    replication_minimum_factor: int = Field(default=1, validation_alias="REPLICATION_MINIMUM_FACTOR")
    replication_maximum_factor: int = Field(default=0, validation_alias="REPLICATION_MAXIMUM_FACTOR")
    maximum_collections: int = Field(default=-1, validation_alias="MAXIMUM_ALLOWED_COLLECTIONS_COUNT")
    async_indexing: Flag = Field(default=False, validation_alias="ASYNC_INDEXING")
    object_ttl_schedule: str = Field(default="@every 1h", validation_alias="OBJECTS_TTL_DELETE_SCHEDULE")

    # How queries behave.
    query_defaults_limit: int = Field(default=10, validation_alias="QUERY_DEFAULTS_LIMIT")
    query_defaults_limit_graphql: int = Field(default=100, validation_alias="QUERY_DEFAULTS_LIMIT_GRAPHQL")
    query_maximum_results: int = Field(default=10_000, validation_alias="QUERY_MAXIMUM_RESULTS")
    query_hybrid_maximum_results: int = Field(default=100, validation_alias="QUERY_HYBRID_MAXIMUM_RESULTS")
    query_reference_depth: int = Field(default=5, validation_alias="QUERY_CROSS_REFERENCE_DEPTH_LIMIT")
    nested_filters: Flag = Field(default=False, validation_alias="WEAVIATE_PREVIEW_NESTED_FILTERING")
    disable_graphql: Flag = Field(default=False, validation_alias="DISABLE_GRAPHQL")

    # Backups and exports.
    backup_path: Path | None = Field(default=None, validation_alias="BACKUP_FILESYSTEM_PATH")
    export_enabled: Flag = Field(default=False, validation_alias="EXPORT_ENABLED")
    export_path: Path | None = Field(default=None, validation_alias="EXPORT_DEFAULT_PATH")

    # What others may see of it.
    monitoring: Flag = Field(default=False, validation_alias="PROMETHEUS_MONITORING_ENABLED")
    monitoring_port: int = Field(default=2112, validation_alias="PROMETHEUS_MONITORING_PORT")
    monitoring_grouped: Flag = Field(default=False, validation_alias="PROMETHEUS_MONITORING_GROUP")

    # The engine.
    graph: Literal["usearch", "hnswlib"] = Field(default="usearch", validation_alias="WEAVELET_GRAPH")
    graph_threshold: int = Field(default=250_000, validation_alias="WEAVELET_GRAPH_THRESHOLD")
    quantised_threshold: int = Field(default=4_000, validation_alias="WEAVELET_QUANTISED_THRESHOLD")
    snapshot_changes: int = Field(default=10_000, validation_alias="WEAVELET_SNAPSHOT_CHANGES")
    open_tenants: int = Field(default=256, gt=0, validation_alias="WEAVELET_OPEN_TENANTS")
    tenant_idle: Seconds = Field(default=300.0, validation_alias="WEAVELET_TENANT_IDLE")
    synchronous_full: Flag = Field(default=True, validation_alias="WEAVELET_SYNC_FULL")

    environment: Mapping[str, str] = Field(default_factory=lambda: dict(os.environ), exclude=True, repr=False)
    """Every variable of the process, for modules, which read their own."""

    @model_validator(mode="after")
    def _keys_and_users_fit(self) -> "Settings":
        if not self.apikey_enabled:
            return self
        if not self.apikey_keys:
            raise ValueError("AUTHENTICATION_APIKEY_ALLOWED_KEYS: need at least one valid allowed key")
        if len(set(self.apikey_keys)) != len(self.apikey_keys):
            raise ValueError("AUTHENTICATION_APIKEY_ALLOWED_KEYS: keys must be unique")
        if len(self.apikey_users) not in (1, len(self.apikey_keys)):
            raise ValueError(
                "AUTHENTICATION_APIKEY_USERS: length of users and keys must match, "
                "alternatively provide single user for all keys"
            )
        return self

    @model_validator(mode="after")
    def _timeouts_are_durations(self) -> "Settings":
        for name, seconds in self.module_timeouts.items():
            if seconds <= 0:
                raise ValueError(f"{name}: a time limit must be longer than nothing")
        return self

    @property
    def module_timeouts(self) -> Mapping[str, float]:
        """The time limits in seconds of single modules, by variable: MODULES_CLIENT_TIMEOUT_ and the module's name."""
        return {
            name: duration_seconds(text)
            for name, text in self.environment.items()
            if name.startswith(_MODULE_TIMEOUT) and text
        }

    @property
    def anonymous_allowed(self) -> bool:
        """As told; untold, only while no other way of authenticating is on."""
        if self.anonymous_access is not None:
            return self.anonymous_access
        return not (self.apikey_enabled or self.oidc_enabled or self.db_users_enabled)


def one_thread_per_product() -> None:
    """Tell the linear algebra library to use one thread a call; to be called before numpy is first imported.

    Parallelism comes from requests: several threads for one product would only fight those of the next request. The
    library that scans quantised vectors has one pool for all calls, which gets half of the cores.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("RAYON_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))
