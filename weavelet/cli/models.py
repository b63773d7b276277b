"""`weavelet models`: which model weights there are, and getting them here ahead of time."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from weavelet.cli.fetching import fetch, models_folder
from weavelet.errors import WeaveletError
from weavelet.inference import models, weights
from weavelet.settings import Settings

commands = typer.Typer(help="Model weights: list, fetch, find, check.", no_args_is_help=True)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)

_Names = Annotated[list[str] | None, typer.Argument(help="Models, by name, image tag or folder; none: the defaults")]


@commands.command("list")
def list_models() -> None:
    """The models in the catalogue, which of them are here, and where the others come from."""
    folder = models_folder(Settings())
    table = Table("model", "kind", "licence", "here", "from", "image tag")
    for model in models.catalogue():
        here = "yes" if weights.is_present(model, folder) else ""
        tags = [alias for alias in model.aliases if "/" not in alias]
        table.add_row(model.name, model.kind, model.licence, here, _source(model), *tags[:1])
    console.print(table)
    console.print(
        "Any other repository with an ONNX file can be fetched too: weavelet models pull OWNER/NAME[@REVISION]",
        markup=False,
    )


@commands.command()
def pull(names: _Names = None) -> None:
    """Fetch weights and check every byte. OWNER/NAME[@REVISION] may be a hub repository outside of the catalogue."""
    for found in fetch(_chosen(names), Settings(), console):
        console.print(f"{found.model.name}: {found.folder}", soft_wrap=True)


@commands.command()
def path(name: str) -> None:
    """Where a model's files are; fails where they are not here."""
    folder = models_folder(Settings())
    model = models.find(name, folder)
    if not weights.is_present(model, folder):
        sys.exit(f"weavelet: {model.name} is not here, fetch it with: weavelet models pull {model.name}")
    print(model.folder or folder / model.name)


@commands.command()
def verify(names: _Names = None) -> None:
    """Check the bytes of weights that are here."""
    folder = models_folder(Settings())
    damaged = [name for name in _chosen(names) if not weights.is_present(models.find(name, folder), folder)]
    if damaged:
        sys.exit(f"weavelet: missing or damaged: {', '.join(damaged)}")
    console.print("all bytes are as they should be")


def _chosen(names: list[str] | None) -> list[str]:
    return names or [models.DEFAULT_EMBEDDING, models.DEFAULT_RERANKER]


def _source(model: models.Model) -> str:
    if model.missing:
        return f"cannot be run; nearest: {model.nearest}"
    return "package index" if model.is_at_hand else "model hub"


def main() -> None:
    try:
        commands()
    except WeaveletError as error:
        sys.exit(f"weavelet: {error}")
