"""Fetching model weights with a progress bar."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from weavelet.errors import NotFound, StorageError
from weavelet.inference.models import find
from weavelet.inference.sources import HubSettings, Report
from weavelet.inference.sources import Progress as Fetched
from weavelet.inference.weights import Weights, default_cache, ensure_all, is_present, pull
from weavelet.settings import Settings


def models_folder(settings: Settings) -> Path:
    """Where weights are kept."""
    return settings.models_path or default_cache(settings.environment)


def fetch(names: Sequence[str], settings: Settings, console: Console) -> list[Weights]:
    """The models' weights, fetched unless they are here already. Raises `WeaveletError`.

    OWNER/NAME, or OWNER/NAME@REVISION, may also be a hub repository that the catalogue does not know.
    """
    cache, hub = models_folder(settings), HubSettings.read(settings.environment)
    with _bars(console) as progress:
        report = _reported(progress)
        for name in names:
            if name.count("/") == 1 and not Path(name).is_dir() and not _is_here(name, cache):
                pull(name, cache, report, hub)
        return ensure_all(names, cache, report, hub)


def _is_here(name: str, cache: Path) -> bool:
    """Whether the catalogue has the model, or an earlier fetch brought all of it."""
    try:
        model = find(name, cache)
    except (NotFound, StorageError):
        return False
    return model.folder is None or is_present(model, cache)


def _bars(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console)


def _reported(progress: Progress) -> Report:
    """What moves the bars, one for each file."""
    tasks: dict[str, TaskID] = {}

    def report(fetched: Fetched) -> None:
        if fetched.what not in tasks:
            tasks[fetched.what] = progress.add_task(fetched.what, total=fetched.total)
        progress.update(tasks[fetched.what], completed=fetched.done)

    return report
