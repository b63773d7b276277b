"""A weavelet server in a process of its own, for commands that show or measure one."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 30.0
_USER_TIME = 11
"""Where the ticks in user mode are, among the fields of `stat` behind the name; those in the kernel follow."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running server: its ports for REST and gRPC, and its process."""

    port: int
    grpc_port: int
    process: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float | None:
        """What it used of all processors so far; None where the system does not tell in `/proc`."""
        try:
            fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return sum(map(int, fields[_USER_TIME : _USER_TIME + 2])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(folder: Path, modules: str, keep: bool = False) -> Iterator[Child]:
    """Start one on free ports, and stop it at the end; its data and its log are kept in the folder.

    With `keep` it is left running where nothing went wrong.
    """
    port, grpc_port = free_ports(2)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    command = [sys.executable, "-m", "weavelet", "serve", "--port", str(port), "--grpc-port", str(grpc_port)]
    command += ["--data", str(folder / "server"), "--modules", modules]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=keep)
    finished = False
    try:
        _wait_until_ready(process, port, log)
        yield Child(port, grpc_port, process.pid)
        finished = True
    finally:
        if not (keep and finished):
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/.well-known/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"the server did not start; its log says:\n{log.read_text()}")


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on right now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()
