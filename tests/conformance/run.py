"""The official Python client's own integration suite, against our server.

    python -m tests.conformance.run [LIST ...]

Fetches the suite (the folder `integration/` of the client's source archive) into the cache, starts the servers each
list expects, runs the lists with pytest, and compares the outcome with `expected.json`: an item that fails or is
missing there without being expected to is a regression, and the exit code is 1. Ports are the suite's own, so
nothing else may listen on them.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "weavelet" / "conformance"
CLIENT = "weaviate-client==4.23.1"
PLUGINS = (
    "pytest==9.0.3",
    "pytest-asyncio==1.3.0",
    "pytest-benchmark==5.1.0",
    "pytest-profiling==1.8.1",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.7.0",
    "pytest-httpserver==1.1.3",
    "werkzeug==3.1.6",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "h5py",
    "flaky",
)
LIST_SECONDS = 1500

_COMMON = {
    "QUERY_DEFAULTS_LIMIT": "25",
    "GRPC_MAX_MESSAGE_SIZE": "100000000",
    "OBJECTS_TTL_DELETE_SCHEDULE": "@every 12h",
    "EXPORT_ENABLED": "true",
    "CLUSTER_HOSTNAME": "node1",
    "AUTOSCHEMA_ENABLED": "false",
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
    "ENABLE_MODULES": "backup-filesystem,generative-dummy,generative-anyscale,reranker-dummy,reranker-cohere,"
    "text2vec-transformers,text2vec-bigram",
    "MODULE_ALIASES": "text2vec-contextionary=text2vec-bigram",
    "LOG_LEVEL": "warning",
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
    "AUTHENTICATION_OIDC_ENABLED": "true",
    "AUTHENTICATION_OIDC_ISSUER": "https://localhost/auth",
    "AUTHENTICATION_OIDC_CLIENT_ID": "weavelet",
    "AUTHORIZATION_RBAC_ENABLED": "true",
    "AUTHORIZATION_RBAC_ROOT_USERS": "admin-user",
}


@dataclass(frozen=True)
class ServerPlan:
    port: int
    grpc_port: int
    extra_ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


SERVERS = {
    "main": ServerPlan(8080, 50051, (8087,)),
    "async": ServerPlan(8090, 50061, environment={"ASYNC_INDEXING": "true"}),
    "modules": ServerPlan(8086, 50057),
    "rbac": ServerPlan(8092, 50063, environment=_RBAC),
    "backup": ServerPlan(8093, 50065, environment=_RBAC),
    "keys": ServerPlan(
        8085,
        50056,
        environment={
            **_KEYS,
            "AUTHENTICATION_APIKEY_ALLOWED_KEYS": "my-secret-key",
            "AUTHENTICATION_APIKEY_USERS": "ms_2d0e007e7136de11d5f29fce7a53dae219a51458@existiert.net",
        },
    ),
}
LISTS = {
    "plain_8080": ("main",),
    "text_vectorizer": ("main",),
    "dummy_modules": ("main",),
    "port_8087": ("main",),
    "async_8090": ("main", "async"),
    "modules_8086": ("main", "modules"),
    "rbac_8092": ("rbac",),
    "backup_8093": ("backup",),
    "auth_oidc": ("main", "keys"),
}


@dataclass
class Outcome:
    passed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)


def suite() -> Path:
    """The folder to run the suite in, fetched once."""
    folder = CACHE / CLIENT.replace("==", "-")
    if (folder / "integration").is_dir():
        return folder
    with tempfile.TemporaryDirectory() as temporary:
        download = [
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            ":all:",
            "--dest",
            temporary,
            CLIENT,
        ]
        subprocess.run([sys.executable, *download], check=True)
        (archive,) = Path(temporary).glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            opened.extractall(temporary, filter="data")
        (source,) = (path for path in Path(temporary).iterdir() if path.is_dir())
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("conftest.py", "pytest.ini", "integration"):
            target = folder / name
            if (source / name).is_dir():
                shutil.copytree(source / name, target, dirs_exist_ok=True)
            elif (source / name).exists():
                shutil.copy(source / name, target)
    return folder


def interpreter() -> Path:
    """A Python with the client and the suite's plug-ins, in an environment of its own."""
    environment = CACHE / "venv"
    python = environment / "bin" / "python"
    stamp = environment / ".installed"
    wanted = "\n".join((CLIENT, *PLUGINS))
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", CLIENT, *PLUGINS], check=True)
        stamp.write_text(wanted)
    return python


@contextmanager
def server(plan: ServerPlan) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="weavelet-conformance-") as temporary:
        data = Path(temporary)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AUTH", "WEAVIATE"))},
            **_COMMON,
            **plan.environment,
            "WEAVELET_EXTRA_PORTS": ",".join(map(str, plan.extra_ports)),
            "BACKUP_FILESYSTEM_PATH": str(data / "backups"),
            "EXPORT_DEFAULT_PATH": str(data / "exports"),
        }
        command = [sys.executable, "-m", "weavelet", "serve", "--port", str(plan.port)]
        command += ["--grpc-port", str(plan.grpc_port), "--data", str(data / "data")]
        process = subprocess.Popen(command, env=environment, cwd=REPOSITORY)
        try:
            _wait_until_ready(process, plan.port)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/.well-known/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"the server for port {port} did not start")


def run_list(name: str, python: Path, folder: Path) -> Outcome:
    """Run one list; every item of it that has no result counts as failed."""
    items = (HERE / "lists" / f"{name}.txt").read_text().split("\n")
    items = [item for item in items if item]
    report = CACHE / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadgroup"]
    command += [f"--junit-xml={report}", "--tb=short", "-o", "junit_family=xunit1", f"@{HERE / 'lists' / name}.txt"]
    try:
        subprocess.run(command, cwd=folder, timeout=LIST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        print(f"{name}: stopped after {LIST_SECONDS} s")
    return _outcome(items, report)


def _outcome(items: Sequence[str], report: Path) -> Outcome:
    outcome = Outcome()
    results: dict[str, str] = {}
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            node = f"{case.get('file')}::{case.get('name')}"
            kinds = {child.tag for child in case}
            state = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
            results[node] = state if results.get(node) != "failed" else "failed"
    for item in items:
        getattr(outcome, results.get(item.split("@")[0], results.get(item, "failed"))).add(item)
    return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description="The official client's integration suite against weavelet.")
    parser.add_argument("lists", nargs="*", help=f"any of {', '.join(LISTS)}; none: those in expected.json")
    chosen = parser.parse_args().lists
    expected = json.loads((HERE / "expected.json").read_text())
    python, folder = interpreter(), suite()
    regressions = 0
    for name in chosen or list(expected):
        with ExitStack() as stack:
            for needed in LISTS[name]:
                stack.enter_context(server(SERVERS[needed]))
            outcome = run_list(name, python, folder)
        unexpected = sorted(outcome.failed - set(expected.get(name, {}).get("failed", ())))
        regressions += len(unexpected)
        print(f"{name}: {len(outcome.passed)} passed, {len(outcome.failed)} failed, {len(outcome.skipped)} skipped")
        for item in unexpected:
            print(f"  unexpected: {item}")
    return 1 if regressions else 0


if __name__ == "__main__":
    sys.exit(main())
