"""Fetching model weights with a progress bar."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from weavelet.inference.sources import HubSettings, Report
from weavelet.inference.sources import Progress as Fetched
from weavelet.inference.weights import Weights, default_cache, ensure_all
from weavelet.settings import Settings


def models_folder(settings: Settings) -> Path:
    """Where weights are kept."""
    return settings.models_path or default_cache(settings.environment)


def fetch(names: Sequence[str], settings: Settings, console: Console) -> list[Weights]:
    """The models' weights, fetched unless they are here already. Raises `WeaveletError`."""
    with shown(console) as progress:
        return ensure_all(names, models_folder(settings), reported(progress), HubSettings.read(settings.environment))


def shown(console: Console) -> Progress:
    """The bars."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=console
    )


def reported(progress: Progress) -> Report:
    """What moves the bars, one for each file."""
    tasks: dict[str, TaskID] = {}

    def report(fetched: Fetched) -> None:
        if fetched.what not in tasks:
            tasks[fetched.what] = progress.add_task(fetched.what, total=fetched.total)
        progress.update(tasks[fetched.what], completed=fetched.done)

    return report
