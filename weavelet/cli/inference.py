"""`weavelet inference`: our inference server on its own, speaking the HTTP shapes of the usual containers.

The variables of those containers hold here too: MODEL_NAME, ENABLE_CUDA, CUDA_CORE, T2V_TRANSFORMERS_DIRECT_TOKENIZE,
USE_QUERY_PASSAGE_PREFIXES, AUTHENTICATION_ALLOWED_TOKENS.
"""

import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weavelet.errors import InvalidInput, WeaveletError
from weavelet.inference import is_installed
from weavelet.inference.configured import read_configurations
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER, Chunking, find
from weavelet.inference.sources import HubSettings
from weavelet.inference.weights import default_cache
from weavelet.settings import Settings, one_thread_per_product

if TYPE_CHECKING:
    from weavelet.inference.service import InferenceSettings

_NONE = "-"
_TRUE = frozenset({"1", "true", "on", "enabled"})
_MEGABYTE = 1 << 20

Named = Annotated[list[str] | None, typer.Option(help="Model that makes vectors, may be repeated: a name, or a folder")]
Reranking = Annotated[list[str] | None, typer.Option(help="Model that reranks, may be repeated; none: -")]
Files = Annotated[list[Path] | None, typer.Option(help="LocalAI's model files, or a folder of them", exists=True)]
Cut = Annotated[Chunking | None, typer.Option(help="What becomes of texts: see docs/models.md")]


def run(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
    embedding: Named = None,
    reranker: Reranking = None,
    config: Files = None,
    chunking: Cut = None,
    workers: Annotated[int, typer.Option(help="Texts that run side by side, 0: one for each core")] = 0,
    queue: Annotated[int, typer.Option(help="Texts that may wait; more are turned away with 429")] = 4096,
    remember: Annotated[int, typer.Option(help="MB of memory for documents that were reranked")] = 256,
) -> None:
    """Serve embeddings and reranking from ONNX models: /vectors, /rerank, /v1/embeddings, /v1/rerank and others."""
    if not is_installed():
        sys.exit('weavelet: running models needs the extra "embedded": pip install "weavelet[embedded]"')
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
    one_thread_per_product()

    import uvicorn

    from weavelet.inference.app import create_app

    try:
        inference = inference_settings(
            Settings(), embedding, reranker, config or (), chunking, workers, queue, remember * _MEGABYTE
        )
        uvicorn.run(create_app(inference), host=host, port=port, log_config=None, access_log=False)
    except WeaveletError as error:
        sys.exit(f"weavelet: {error}")


def inference_settings(
    settings: Settings,
    embedding: Sequence[str] | None = None,
    reranker: Sequence[str] | None = None,
    configurations: Sequence[Path] = (),
    chunking: Chunking | None = None,
    workers: int = 0,
    capacity: int = 4096,
    remembered_bytes: int = 256 * _MEGABYTE,
) -> "InferenceSettings":
    """What the command's options and the environment say together. Raises `WeaveletError`."""
    from weavelet.inference.service import InferenceSettings

    environment = settings.environment
    cache = settings.models_path or default_cache(environment)
    found = [one for path in configurations for one in read_configurations(path, cache)]
    named = [one.model for one in found if not one.kind.reranks]
    ranking = [one.model for one in found if one.kind.reranks]
    if model := environment.get("MODEL_NAME"):
        (ranking if find(model, cache).kind.reranks else named).append(model)
    if not (named or ranking):
        named = [settings.embedding_model or DEFAULT_EMBEDDING]
        ranking = [settings.reranker_model or DEFAULT_RERANKER]
    tokens = environment.get("AUTHENTICATION_ALLOWED_TOKENS", "")
    return InferenceSettings(
        cache=cache,
        embeddings=_distinct(embedding or named),
        rerankers=_distinct(reranker or ranking),
        aliases={one.name: one.model for one in found},
        workers=workers,
        capacity=capacity,
        chunking=chunking or _chunking(settings),
        named_prefixes=_on(environment, "USE_QUERY_PASSAGE_PREFIXES"),
        devices=_devices(environment),
        remembered_bytes=remembered_bytes,
        tokens=frozenset(token.strip() for token in tokens.split(",") if token.strip()),
        hub=HubSettings.read(environment),
    )


def _chunking(settings: Settings) -> Chunking | None:
    """As the variables say; None where they say nothing."""
    if _on(settings.environment, "T2V_TRANSFORMERS_DIRECT_TOKENIZE"):
        return Chunking.CUT
    return Chunking(settings.chunking) if settings.chunking else None


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Each once; `-` stands for no model."""
    return tuple(dict.fromkeys(name for name in names if name != _NONE))


def _devices(environment: Mapping[str, str]) -> tuple[int, ...]:
    """The graphics processors of CUDA_CORE (`cuda:0,cuda:1`), where ENABLE_CUDA is on."""
    if not _on(environment, "ENABLE_CUDA"):
        return ()
    numbers = [
        part.strip().removeprefix("cuda").removeprefix(":") or "0"
        for part in (environment.get("CUDA_CORE") or "cuda:0").split(",")
    ]
    if not all(number.isdigit() for number in numbers):
        raise InvalidInput(f"CUDA_CORE must be like cuda:0 or cuda:0,cuda:1, got {environment['CUDA_CORE']!r}")
    return tuple(map(int, numbers))


def _on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").strip().lower() in _TRUE


def main() -> None:
    typer.run(run)
