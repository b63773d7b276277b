"""`weavelet init`: a compose file, an environment file or Helm values for a server with the modules one wants.

With `--from`, the modules and settings of a compose file or of Helm values made for Weaviate are taken over.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from weavelet.cli.deployment.plan import planned
from weavelet.cli.deployment.reading import read_deployment
from weavelet.cli.deployment.writing import IMAGE, Format, Served, written
from weavelet.errors import WeaveletError
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER

_RERANKERS = {
    Served.OWN: DEFAULT_RERANKER,
    Served.EMBEDDED: DEFAULT_RERANKER,
    Served.WEAVIATE: "ms-marco-MiniLM-L-6-v2",
}
"""What is taken where nobody says; Weaviate has no images of late-interaction models."""


def run(
    vectorizer: Annotated[str, typer.Option(help="Module that makes vectors, or none")] = "text2vec-transformers",
    model: Annotated[str, typer.Option(help="Its model, by name or image tag")] = "",
    reranker: Annotated[str, typer.Option(help="Module that reranks, or none")] = "reranker-transformers",
    reranker_model: Annotated[str, typer.Option(help="Its model, by name or image tag")] = "",
    cuda: Annotated[bool, typer.Option(help="Run models on the graphics processor")] = False,
    source: Annotated[Path | None, typer.Option("--from", help="Compose file or Helm values to take over")] = None,
    namespace: Annotated[str, typer.Option(help="Kubernetes namespace of such values")] = "default",
    served: Annotated[Served, typer.Option(help="By what the models are served")] = Served.OWN,
    form: Annotated[Format, typer.Option("--format", help="What to print")] = Format.COMPOSE,
    image: Annotated[str, typer.Option(help="Image of weavelet")] = IMAGE,
) -> None:
    """Print a deployment: weavelet init > docker-compose.yml"""
    try:
        deployment = (
            read_deployment(source, namespace)
            if source is not None
            else planned(vectorizer, model or DEFAULT_EMBEDDING, reranker, reranker_model or _RERANKERS[served], cuda)
        )
        print(written(deployment, form, served, image), end="")
    except WeaveletError as error:
        sys.exit(f"weavelet: {error}")


def main() -> None:
    typer.run(run)
