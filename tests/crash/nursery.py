"""Starts servers quickly: everything is imported once, and each server is a fork of this process.

`python -m tests.crash.nursery`: for each line of JSON on its input, the environment of a server, it starts that server
and answers with its process id; for an empty line it answers `dead` when the last one is.
"""

import logging
import os
import sys
from typing import TextIO

import orjson

from weavelet.settings import Settings, one_thread_per_product

one_thread_per_product()

import weavelet.server  # noqa: E402


def start(environment: dict[str, str]) -> int:
    """A server of this environment in a process of its own."""
    pid = os.fork()
    if pid:
        return pid
    log = os.open(environment["LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        os.environ.update(environment)
        weavelet.server.serve(Settings())
    finally:
        os._exit(1)


def main(commands: TextIO) -> None:
    pid = 0
    for line in commands:
        if line.strip():
            pid = start(orjson.loads(line))
            print(pid, flush=True)
        else:
            os.waitpid(pid, 0)
            print("dead", flush=True)


if __name__ == "__main__":
    main(sys.stdin)
