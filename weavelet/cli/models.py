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
console = Console(highlight=False)

_Names = Annotated[list[str] | None, typer.Argument(help="Models, by name or alias; none: the defaults")]


@commands.command("list")
def list_models() -> None:
    """The models in the catalogue, and which of them are here."""
    folder = models_folder(Settings())
    table = Table("model", "kind", "licence", "here", "also known as")
    for model in models.catalogue():
        here = "yes" if weights.is_present(model, folder) else ""
        table.add_row(model.name, model.kind, model.licence, here, ", ".join(model.aliases[:3]))
    console.print(table)


@commands.command()
def pull(names: _Names = None) -> None:
    """Fetch weights and check every byte."""
    for found in fetch(_chosen(names), Settings(), console):
        console.print(f"{found.model.name}: {found.folder}")


@commands.command()
def path(name: str) -> None:
    """Where a model's files are; fails where they are not here."""
    model = models.find(name)
    folder = models_folder(Settings())
    if not weights.is_present(model, folder):
        sys.exit(f"weavelet: {model.name} is not here, fetch it with: weavelet models pull {model.name}")
    print(model.folder or folder / model.name)


@commands.command()
def verify(names: _Names = None) -> None:
    """Check the bytes of weights that are here."""
    folder = models_folder(Settings())
    damaged = [name for name in _chosen(names) if not weights.is_present(models.find(name), folder)]
    if damaged:
        sys.exit(f"weavelet: missing or damaged: {', '.join(damaged)}")
    console.print("all bytes are as they should be")


def _chosen(names: list[str] | None) -> list[str]:
    return names or [models.DEFAULT_EMBEDDING, models.DEFAULT_RERANKER]


def main() -> None:
    try:
        commands()
    except WeaveletError as error:
        sys.exit(f"weavelet: {error}")
