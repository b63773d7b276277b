"""The server that is measured: one of our own in a process of its own, or any that is up already.

Figures of a process are read from Linux's /proc; where there is none, or the process is unknown, they are missing.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from weavelet.cli.child import free_ports

HOST = "127.0.0.1"
_PATIENCE_SECONDS = 120.0
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Address:
    host: str
    port: int
    grpc_port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """`host:port/grpc_port`."""
        host, _, ports = text.rpartition(":")
        port, _, grpc_port = ports.partition("/")
        return cls(host or HOST, int(port), int(grpc_port))


@dataclass
class Process:
    """What a server uses."""

    pid: int | None

    def cpu_seconds(self) -> float:
        """User and system time so far; NaN where nobody knows."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_mb(self) -> float:
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return float("nan")
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


class Weavelet:
    """Our server over one data directory, started, stopped and killed at will."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = Address(HOST, *free_ports(2))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> Process:
        """The one that was started last."""
        return Process(None if self._process is None else self._process.pid)

    def start(self) -> Process:
        """Returns at once; `wait` says when it answers."""
        command = [sys.executable, "-m", "weavelet", "serve", "--data", str(self.folder), "--modules", ""]
        command += ["--port", str(self.address.port), "--grpc-port", str(self.address.grpc_port)]
        # As everywhere after the first start, modules are there in compiled form.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        with (self.folder.parent / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        return Process(self._process.pid)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_SECONDS)
            self._process = None

    def disk_mb(self) -> float:
        return sum(file.stat().st_blocks * 512 for file in self.folder.rglob("*") if file.is_file()) / 2**20


def wait(address: Address) -> None:
    """Return when the server says that it is ready."""
    url = f"http://{address.host}:{address.port}/v1/.well-known/ready"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.01)
    raise TimeoutError(f"{url} does not answer")
