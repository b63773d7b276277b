"""Replaying whole files: the server each profile was recorded with, and what came of every case."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.golden.comparing import Difference, differences, only_words
from tests.golden.replaying import CASES, Replay, load
from tests.golden.stub import containers
from tests.processes import serving

MODULES = (
    "text2vec-transformers,backup-filesystem,generative-dummy,generative-anyscale,reranker-dummy,reranker-cohere,"
    "reranker-transformers,reranker-nvidia"
)
_COMMON = {
    "QUERY_DEFAULTS_LIMIT": "25",
    "GRPC_MAX_MESSAGE_SIZE": "100000000",
    "CLUSTER_HOSTNAME": "node1",
    "EXPORT_ENABLED": "true",
    "WEAVELET_EMBEDDED_INFERENCE": "false",
}
_PROFILES: Mapping[str, Mapping[str, str]] = {
    "default": {"AUTOSCHEMA_ENABLED": "false"},
    "autoschema": {"AUTOSCHEMA_ENABLED": "true"},
    "auth": {
        "AUTOSCHEMA_ENABLED": "false",
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
        "AUTHENTICATION_APIKEY_ENABLED": "true",
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "admin-key,reader-key,nobody-key",
        "AUTHENTICATION_APIKEY_USERS": "admin,reader,nobody",
        "AUTHORIZATION_RBAC_ENABLED": "true",
        "AUTHORIZATION_RBAC_ROOT_USERS": "admin",
        "AUTHENTICATION_DB_USERS_ENABLED": "true",
    },
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """A running server like the recorded one, and the address of its containers."""

    url: str
    grpc_port: int
    containers: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case."""

    name: str
    differences: list[Difference] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.differences

    @property
    def worded(self) -> bool:
        """Right but for the text of an error message."""
        return only_words(self.differences)

    @property
    def failed(self) -> bool:
        return not self.passed and not self.worded


def profiles() -> dict[str, str]:
    """File -> the profile of the server it was recorded with."""
    files: dict[str, Any] = json.loads((CASES / "index.json").read_text())["files"]
    return {name: about["profile"] for name, about in files.items()}


@contextmanager
def server(profile: str, folder: Path) -> Iterator[Recorded]:
    """A server of its own, set up like the recorded one."""
    with containers() as address:
        environment = {
            **_COMMON,
            **_PROFILES[profile],
            "TRANSFORMERS_INFERENCE_API": address,
            "RERANKER_INFERENCE_API": address,
            "BACKUP_FILESYSTEM_PATH": str(folder / "backups"),
            "EXPORT_DEFAULT_PATH": str(folder / "exports"),
        }
        with serving(folder / "data", MODULES, environment) as started:
            yield Recorded(started.url, started.grpc_port, address)


def replay(recorded: Recorded, name: str, only: str = "") -> list[Result]:
    """Replay a file; with `only`, those of its cases that have this text in their names."""
    with Replay(recorded.url, f"127.0.0.1:{recorded.grpc_port}", recorded.containers) as replaying:
        clears = profiles()[name] != "auth"
        if clears:
            replaying.clear()
        results = [_replayed(replaying, case) for case in load(name) if only in case["name"]]
        if clears:
            replaying.clear()
        return results


def _replayed(replaying: Replay, case: Mapping[str, Any]) -> Result:
    return Result(case["name"], differences(case, replaying.run(case)))
