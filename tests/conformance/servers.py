"""The servers the suite expects, on the ports it has them on.

Each is a process of its own with data of its own, and is stopped again by whoever started it. A port that is taken is
an error: whatever listens there is not ours to test, or to stop.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

REPOSITORY = Path(__file__).parents[2]
_START_SECONDS = 60
_STOP_SECONDS = 30

_COMMON = {
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
    "AUTOSCHEMA_ENABLED": "false",
    "CLUSTER_HOSTNAME": "node1",
    "ENABLE_MODULES": "backup-filesystem,generative-anyscale,generative-dummy,reranker-cohere,reranker-dummy,"
    "text2vec-bigram,text2vec-transformers",
    "EXPORT_ENABLED": "true",
    "GRPC_MAX_MESSAGE_SIZE": "100000000",
    "LOG_LEVEL": "error",
    "MODULE_ALIASES": "text2vec-contextionary=text2vec-bigram",
    "OBJECTS_TTL_DELETE_SCHEDULE": "@every 12h",
    "QUERY_DEFAULTS_LIMIT": "25",
}
_KEYS = {
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
    "AUTHENTICATION_APIKEY_ENABLED": "true",
}
_RBAC = {
    **_KEYS,
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "admin-key,custom-key",
    "AUTHENTICATION_APIKEY_USERS": "admin-user,custom-user",
    "AUTHENTICATION_DB_USERS_ENABLED": "true",
    "AUTHENTICATION_OIDC_CLIENT_ID": "weavelet",
    "AUTHENTICATION_OIDC_ENABLED": "true",
    "AUTHENTICATION_OIDC_ISSUER": "https://localhost/auth",
    "AUTHORIZATION_RBAC_ENABLED": "true",
    "AUTHORIZATION_RBAC_ROOT_USERS": "admin-user",
}


@dataclass(frozen=True)
class Plan:
    port: int
    grpc_port: int
    extra_port: str = ""
    extra_grpc_port: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


SERVERS = {
    "main": Plan(8080, 50051, extra_port="8087", extra_grpc_port="50058"),
    "async": Plan(8090, 50061, environment={"ASYNC_INDEXING": "true"}),
    "modules": Plan(8086, 50057),
    "rbac": Plan(8092, 50063, environment=_RBAC),
    "backup": Plan(8093, 50065, environment=_RBAC),
    "keys": Plan(
        8085,
        50056,
        environment={
            **_KEYS,
            "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "my-secret-key",
            "AUTHENTICATION_APIKEY_USERS": "ms_2d0e007e7136de11d5f29fce7a53dae219a51458@existiert.net",
        },
    ),
}


@contextmanager
def running(name: str, log: IO[str]) -> Iterator[None]:
    """Serve until the end of the block. What the server has to say goes to the log."""
    plan = SERVERS[name]
    with tempfile.TemporaryDirectory(prefix="weavelet-conformance-") as folder:
        command = [sys.executable, "-m", "weavelet", "serve", "--port", str(plan.port)]
        command += ["--grpc-port", str(plan.grpc_port), "--data", f"{folder}/data"]
        process = subprocess.Popen(command, env=_environment(plan, folder), cwd=REPOSITORY, stdout=log, stderr=log)
        try:
            _wait_until_ready(process, plan.port)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_STOP_SECONDS)


def _environment(plan: Plan, folder: str) -> dict[str, str]:
    """The caller's own settings of a server do not reach it."""
    inherited = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "PATH")}
    return {
        **inherited,
        **_COMMON,
        **plan.environment,
        "BACKUP_FILESYSTEM_PATH": f"{folder}/backups",
        "EXPORT_DEFAULT_PATH": f"{folder}/exports",
        "WEAVELET_EXTRA_GRPC_PORTS": plan.extra_grpc_port,
        "WEAVELET_EXTRA_PORTS": plan.extra_port,
    }


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/.well-known/ready", timeout=1):
                pass
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(0.1)  # a process that finds its port taken is gone by then
            if process.poll() is None:
                return
    raise SystemExit(f"the server for port {port} did not start")
