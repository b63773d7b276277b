"""`weavelet inference`: our inference server on its own, speaking the HTTP shapes of the usual containers."""

import logging
import sys
from typing import Annotated

import typer
import uvicorn

from weavelet.cli.fetching import models_folder
from weavelet.errors import WeaveletError
from weavelet.inference import is_installed
from weavelet.settings import Settings, one_thread_per_product


def run(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
    embedding: Annotated[str, typer.Option(help="Model that makes vectors: a name, or a folder; none: -")] = "",
    reranker: Annotated[list[str] | None, typer.Option(help="Model that reranks, may be repeated; none: -")] = None,
) -> None:
    """Serve embeddings and reranking from ONNX models: /vectors, /rerank, /v1/embeddings, /v1/rerank and others."""
    if not is_installed():
        sys.exit('weavelet: running models needs the extra "embedded": pip install "weavelet[embedded]"')
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
    one_thread_per_product()

    from weavelet.inference.app import create_app
    from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER
    from weavelet.inference.service import InferenceSettings
    from weavelet.inference.sources import HubSettings

    settings = Settings()
    chosen = reranker or [settings.reranker_model or DEFAULT_RERANKER]
    tokens = settings.environment.get("AUTHENTICATION_ALLOWED_TOKENS", "")
    inference = InferenceSettings(
        cache=models_folder(settings),
        embeddings=(_named(embedding or settings.embedding_model or DEFAULT_EMBEDDING),),
        rerankers=tuple(name for name in map(_named, chosen) if name),
        tokens=frozenset(token.strip() for token in tokens.split(",") if token.strip()),
        hub=HubSettings.read(settings.environment),
    )
    try:
        uvicorn.run(create_app(inference), host=host, port=port, log_config=None, access_log=False)
    except WeaveletError as error:
        sys.exit(f"weavelet: {error}")


def _named(model: str) -> str:
    """`-` stands for no model."""
    return "" if model == "-" else model


def main() -> None:
    typer.run(run)
