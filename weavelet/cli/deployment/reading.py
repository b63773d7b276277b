"""Compose files and Helm values, as Weaviate's documentation has them, read into a `Deployment`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from weavelet.cli.deployment.plan import (
    PASSAGE,
    QUERY,
    RERANKER,
    VECTORIZER,
    Container,
    Deployment,
    model_of,
    module_and_role,
    module_of,
)
from weavelet.errors import InvalidInput

_SERVERS = frozenset({"weaviate", "weavelet"})
_ON = frozenset({"1", "true", "on", "enabled"})
_FULL_NAMES = {VECTORIZER: "transformers-inference", RERANKER: "reranker-transformers"}
_DEFAULT_TAGS = {
    VECTORIZER: "sentence-transformers-paraphrase-multilingual-MiniLM-L12-v2",
    RERANKER: "cross-encoder-ms-marco-MiniLM-L-6-v2",
}
_DPR_TAGS = {PASSAGE: "facebook-dpr-ctx_encoder-single-nq-base", QUERY: "facebook-dpr-question_encoder-single-nq-base"}
_READ = frozenset(
    {"modules", "env", "authentication", "authorization", "query_defaults", "backups", "clusterDomain", "image"}
)


def read_deployment(path: Path, namespace: str = "default") -> Deployment:
    """The deployment a compose file or a Helm values file describes. Raises `InvalidInput`."""
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidInput(f"{path}: {error}") from error
    if not isinstance(document, Mapping):
        raise InvalidInput(f"{path}: neither a compose file nor Helm values")
    if "services" in document:
        return from_compose(document)
    if _READ & document.keys():
        return from_helm(document, namespace)
    raise InvalidInput(f"{path}: no services, as a compose file has, and no modules, as Helm values have")


def from_compose(document: Mapping[str, Any]) -> Deployment:
    """The deployment of a compose file: its one server, and the containers that the server's variables address."""
    services = {name: service or {} for name, service in (document.get("services") or {}).items()}
    servers = [name for name, service in services.items() if _is_server(name, service)]
    if len(servers) != 1:
        raise InvalidInput(f"services: one must be a Weaviate server, found {', '.join(servers) or 'none'}")
    environment = _environment(services[servers[0]])
    containers, addressed = [], set()
    for variable, url in environment.items():
        which, host = module_and_role(variable), urlsplit(url).hostname or ""
        if which is not None and host in services:
            containers.append(_service(host, services[host], *which))
            addressed |= {variable}
    settings = {name: value for name, value in environment.items() if name not in addressed}
    return Deployment(_with_addressed_modules(settings), tuple(containers))


def from_helm(values: Mapping[str, Any], namespace: str = "default") -> Deployment:
    """The deployment of values for Weaviate's chart. Both modules may also be addressed by `inferenceUrl` alone."""
    modules = _mapping(values, "modules")
    domain = str(values.get("clusterDomain") or "cluster.local.").strip(".")
    suffix = f"{namespace}.svc.{domain}"
    containers = [container for module in _FULL_NAMES for container in _charted(modules, module, suffix)]
    settings = {**_identity(values), **_module_settings(modules), **_plain(_mapping(values, "env"))}
    return Deployment(_with_addressed_modules(settings), tuple(containers), tuple(_unread(values)))


def _is_server(name: str, service: Mapping[str, Any]) -> bool:
    repository = str(service.get("image", "")).rpartition("/")[2].partition(":")[0]
    return name in _SERVERS or repository in _SERVERS


def _environment(service: Mapping[str, Any]) -> dict[str, str]:
    """A service's variables, which may be a mapping or a list of `NAME=value`."""
    given = service.get("environment") or {}
    if isinstance(given, Mapping):
        return _plain(given)
    return {name: value for name, _, value in (str(entry).partition("=") for entry in given)}


def _service(name: str, service: Mapping[str, Any], module: str, role: str) -> Container:
    environment = _environment(service)
    image = str(service.get("image", ""))
    model = environment.get("MODEL_NAME") or (model_of(image) if module_of(image) else image)
    return Container(name, module, model, role, _is_on(environment.get("ENABLE_CUDA", "")))


def _with_addressed_modules(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings, with the modules enabled whose containers they address."""
    enabled = [name.strip() for name in settings.get("ENABLE_MODULES", "").split(",") if name.strip()]
    addressed = [which[0] for name, url in settings.items() if url and (which := module_and_role(name)) is not None]
    together = ",".join(dict.fromkeys([*enabled, *addressed]))
    return {**settings, **({"ENABLE_MODULES": together} if together else {})}


def _charted(modules: Mapping[str, Any], module: str, suffix: str) -> Iterator[Container]:
    entry = _mapping(modules, module)
    if entry.get("enabled"):
        yield _container(entry, module, "", suffix, _FULL_NAMES[module], _DEFAULT_TAGS[module])
        return
    for role, half in _mapping(entry, "passageQueryServices").items():
        if role in _DPR_TAGS and isinstance(half, Mapping) and half.get("enabled"):
            yield _container(half, module, role, suffix, f"{_FULL_NAMES[module]}-{role}", _DPR_TAGS[role])


def _container(entry: Mapping[str, Any], module: str, role: str, suffix: str, name: str, tag: str) -> Container:
    name = str(entry.get("fullnameOverride") or name)
    image = f"{entry.get('registry', '')}/{entry.get('repo', '')}:{entry.get('tag') or tag}"
    cuda = _is_on(str(_mapping(entry, "envconfig").get("enable_cuda", "")))
    return Container(name, module, model_of(image), role, cuda, f"{name}.{suffix}")


def _module_settings(modules: Mapping[str, Any]) -> dict[str, str]:
    """What `modules` says beside our containers: other modules, addresses of their own, the default vectorizer."""
    found: dict[str, str] = {}
    entries = {name: entry for name, entry in modules.items() if isinstance(entry, Mapping)}
    if enabled := [name for name, entry in entries.items() if entry.get("enabled")]:
        found["ENABLE_MODULES"] = ",".join(enabled)
    if default := modules.get("default_vectorizer_module"):
        found["DEFAULT_VECTORIZER_MODULE"] = str(default)
    halves = _mapping(_mapping(modules, VECTORIZER), "passageQueryServices")
    addressed = {
        "TRANSFORMERS_INFERENCE_API": _mapping(modules, VECTORIZER),
        "TRANSFORMERS_PASSAGE_INFERENCE_API": _mapping(halves, PASSAGE),
        "TRANSFORMERS_QUERY_INFERENCE_API": _mapping(halves, QUERY),
        "RERANKER_INFERENCE_API": _mapping(modules, RERANKER),
    }
    for variable, entry in addressed.items():
        if (url := entry.get("inferenceUrl")) and not entry.get("enabled"):
            found[variable] = str(url)
    return found


def _identity(values: Mapping[str, Any]) -> dict[str, str]:
    """Who may ask, and the other settings that values have a place of their own for."""
    authentication, authorization = _mapping(values, "authentication"), _mapping(values, "authorization")
    anonymous, keys = _mapping(authentication, "anonymous_access"), _mapping(authentication, "apikey")
    admins, roles = _mapping(authorization, "admin_list"), _mapping(authorization, "rbac")
    told = {
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": anonymous.get("enabled"),
        "AUTHENTICATION_APIKEY_ENABLED": keys.get("enabled"),
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": keys.get("allowed_keys"),
        "AUTHENTICATION_APIKEY_USERS": keys.get("users"),
        "AUTHORIZATION_ADMINLIST_ENABLED": admins.get("enabled"),
        "AUTHORIZATION_ADMINLIST_USERS": admins.get("users"),
        "AUTHORIZATION_ADMINLIST_READONLY_USERS": admins.get("read_only_users"),
        "AUTHORIZATION_RBAC_ENABLED": roles.get("enabled"),
        "AUTHORIZATION_RBAC_ROOT_USERS": roles.get("root_users"),
        "QUERY_DEFAULTS_LIMIT": _mapping(values, "query_defaults").get("limit"),
    }
    backup = _mapping(_mapping(values, "backups"), "filesystem")
    return {**_plain(told), **(_plain(_mapping(backup, "envconfig")) if backup.get("enabled") else {})}


def _unread(values: Mapping[str, Any]) -> Iterator[str]:
    if (replicas := values.get("replicas", 1)) != 1:
        yield f"replicas: {replicas} was not taken over, a server is one node"
    if other := ", ".join(sorted(values.keys() - _READ - {"replicas"})):
        yield f"not read, since a chart of our own has its place: {other}"


def _plain(given: Mapping[str, Any]) -> dict[str, str]:
    """Values as variables have them: no nulls, booleans in lower case, lists with commas."""
    return {str(name): _text(value) for name, value in given.items() if value is not None and value != {}}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_on(text: str) -> bool:
    return text.strip().lower() in _ON


def _mapping(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = entry.get(key)
    return value if isinstance(value, Mapping) else {}
