"""A weavelet server in a process of its own, for tests that need one to be killed, restarted or just real."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from weavelet.cli.child import free_ports

START_SECONDS = 30.0
STOP_SECONDS = 30.0


@dataclass
class Serving:
    """A running server. `kill` is the hard end; leaving the context is the orderly one."""

    process: "subprocess.Popen[bytes]"
    port: int
    grpc_port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(STOP_SECONDS)


@contextmanager
def serving(data: Path, modules: str = "", environment: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """Start a server on free ports with this data directory, and stop it at the end."""
    port, grpc_port = free_ports(2)
    log = data.parent / f"{data.name}-{port}.log"
    command = [sys.executable, "-m", "weavelet", "serve", "--port", str(port), "--grpc-port", str(grpc_port)]
    command += ["--data", str(data), "--modules", modules]
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env={**_clean_environment(), **(environment or {})}, stdout=output, stderr=output
        )
    server = Serving(process, port, grpc_port, log)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise AssertionError(f"the server did not stop; its log:\n{log.read_text()}") from None


def _clean_environment() -> dict[str, str]:
    ours = ("TRANSFORMERS_", "RERANKER_", "AUTHENTICATION_", "AUTHORIZATION_", "ENABLE_MODULES", "WEAVELET_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _wait_until_ready(server: Serving) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/v1/.well-known/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not start; its log:\n{server.log.read_text()}")
