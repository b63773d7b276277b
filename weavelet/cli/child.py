"""A weavelet server in a process of its own, for commands that show or measure one."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 30.0


@contextmanager
def server(folder: Path, modules: str, keep: bool = False) -> Iterator[tuple[int, int]]:
    """Start one on free ports, and stop it at the end; its data and its log are kept in the folder.

    Gives the ports for REST and gRPC. With `keep` it is left running where nothing went wrong.
    """
    port, grpc_port = _free_ports(2)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    command = [sys.executable, "-m", "weavelet", "serve", "--port", str(port), "--grpc-port", str(grpc_port)]
    command += ["--data", str(folder / "server"), "--modules", modules]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=keep)
    finished = False
    try:
        _wait_until_ready(process, port, log)
        yield port, grpc_port
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


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for opened in sockets:
            opened.bind(("127.0.0.1", 0))
        return [opened.getsockname()[1] for opened in sockets]
    finally:
        for opened in sockets:
            opened.close()
