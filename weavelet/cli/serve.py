"""`weavelet serve`: start the server and run until it is told to stop."""

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from weavelet.cli.loading import without_collecting
from weavelet.errors import WeaveletError
from weavelet.settings import Settings, one_thread_per_product

_LEVELS = {"trace": "DEBUG", "debug": "DEBUG", "info": "INFO", "warning": "WARNING", "error": "ERROR"}


def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on [WEAVELET_HOST, 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="REST and GraphQL port, 0 for any [WEAVELET_PORT, 8080]")] = None,
    grpc_port: Annotated[int | None, typer.Option(help="gRPC port, 0 for any [GRPC_PORT, 50051]")] = None,
    data: Annotated[Path | None, typer.Option(help="Where data is kept [PERSISTENCE_DATA_PATH, ./data]")] = None,
    modules: Annotated[str | None, typer.Option(help="Modules to enable, with commas [ENABLE_MODULES]")] = None,
) -> None:
    """Start the server. Every Weaviate environment variable that weavelet knows is honoured; options win over them."""
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "grpc_port": grpc_port,
        "data_path": data,
        "enable_modules": modules,
    }
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        sys.exit(f"weavelet: {problems}")
    _log_to_stderr(settings.log_level)
    one_thread_per_product()

    with without_collecting():
        from weavelet.server import serve

    try:
        serve(settings)
    except WeaveletError as error:
        sys.exit(f"weavelet: {error}")


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        level=_LEVELS.get(level.lower(), "INFO"),
        format="%(asctime)s %(levelname)-7s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )
    for noisy in ("httpx2", "httpcore", "httpcore2", "uvicorn.error"):
        logging.getLogger(noisy).setLevel("WARNING")


def main() -> None:
    typer.run(run)
