"""Which models there are: those of the catalogue, and any folder with an ONNX file and a tokenizer.

`catalogue.toml` lists the known ones; `weights.py` has their files. Stands alone: imports nothing of ours but errors.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from weavelet.errors import NotFound, StorageError
from weavelet.inference.sources import Hub, Package, WeightFile

DEFAULT_EMBEDDING = "bge-small-en-v1.5"
DEFAULT_RERANKER = "answerai-colbert-small-v1"

MODEL_FILES = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
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


class Chunking(StrEnum):
    """What becomes of texts.

    `cut`: what is longer than the model reads is left out, as in the ONNX images of Weaviate's container. `windows`: a
    longer text is read in several pieces, which end with sentences, and gets their mean. `sentences`: each sentence is
    a piece, and the text gets the plain mean of them, as in the images that run on transformers.
    """

    CUT = "cut"
    WINDOWS = "windows"
    SENTENCES = "sentences"


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
    chunking: Chunking = Chunking.CUT
    query_prefix: str = ""
    passage_prefix: str = ""
    batch: int = 1
    """How many texts run together. 1 for dynamically quantised networks: they scale all of a batch by its largest
    number, so that a text's vector would depend on its neighbours, and side by side they are as fast."""
    sigmoid: bool = False
    """Whether a cross-encoder's logit is squeezed into 0..1, as some models want."""
    files: tuple[WeightFile, ...] = ()
    folder: Path | None = None
    """Where the files are, for a model that is a folder of one's own."""
    missing: str = ""
    """Why there is no source of its files, for a model that people know by name and that cannot be run here."""
    nearest: str = ""
    """The model in a package archive that comes nearest to this one."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    @property
    def packages(self) -> frozenset[Package]:
        """The archives that hold files of it."""
        return frozenset(file.source for file in self.files if isinstance(file.source, Package))

    @property
    def is_at_hand(self) -> bool:
        """Whether a package index is enough to fetch it."""
        return bool(self.files) and all(isinstance(file.source, Package) for file in self.files)


@cache
def catalogue() -> tuple[Model, ...]:
    """The known models, in the order of `catalogue.toml`."""
    document = tomllib.loads(files("weavelet.inference").joinpath("catalogue.toml").read_text("utf-8"))
    packages = {name: Package(**entry) for name, entry in document["package"].items()}
    return tuple(_model(entry, packages) for entry in document["model"])


def find(name: str, cache: Path | None = None) -> Model:
    """The model of that name, alias or image tag, in any case, or that in a folder, or fetched to the cache before.

    Raises `NotFound` with what there is instead.
    """
    if known := _known(name):
        return known
    if name and Path(name).is_dir():
        return in_folder(Path(name))
    if cache is not None and (cache / repository_folder(name)).is_dir():
        return in_folder(cache / repository_folder(name), name)
    hint = f", fetch it from the hub with: weavelet models pull {name}" if name.count("/") == 1 else ""
    at_hand = ", ".join(model.name for model in catalogue() if model.is_at_hand)
    raise NotFound(
        f'model "{name}" not found: give the path of a folder with an ONNX model{hint}, or see `weavelet models list`; '
        f"from the package index there are {at_hand}"
    )


def rerankers_with(first: str) -> tuple[str, ...]:
    """That reranker, and behind it those at hand, which collections may name."""
    others = (model.name for model in catalogue() if model.kind.reranks and model.is_at_hand)
    known = _known(first)
    return (first, *(name for name in others if known is None or name != known.name))


def repository_folder(repository: str) -> str:
    """What the folder of a hub repository that is not in the catalogue is called."""
    return repository.replace("/", "--")


def tag_of(image: str) -> str:
    """The part of a container image's name that names the model."""
    _, _, tag = image.rpartition("/")[2].partition(":")
    return tag


def in_folder(folder: Path, name: str = "") -> Model:
    """The model in a folder: an ONNX file, `tokenizer.json`, and what the settings beside them say."""
    if not (folder / "tokenizer.json").is_file() or not any((folder / file).is_file() for file in MODEL_FILES):
        raise StorageError(f"{folder} holds no model: tokenizer.json and one of {', '.join(MODEL_FILES)} are needed")
    config = _json(folder / "config.json")
    pooling = _json(folder / "1_Pooling" / "config.json")
    prompts = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
    return Model(
        name=name or folder.name,
        kind=_kind(config),
        title=str(config.get("_name_or_path") or name or folder.name),
        max_length=_max_length(config, _json(folder / "sentence_bert_config.json")),
        pooling=Pooling.CLS if pooling.get("pooling_mode_cls_token") else Pooling.MASKED_MEAN,
        query_prefix=str(prompts.get("query") or ""),
        passage_prefix=str(prompts.get("document") or prompts.get("passage") or ""),
        sigmoid=_wants_sigmoid(config),
        folder=folder,
    )


def _known(name: str) -> Model | None:
    wanted = name.casefold()
    found = (model for model in catalogue() if wanted in (known.casefold() for known in model.names))
    return next(found, None)


def _model(entry: Mapping[str, Any], packages: Mapping[str, Package]) -> Model:
    source: Package | Hub | None = packages[entry["package"]] if "package" in entry else None
    if "hub" in entry:
        source = Hub(**entry["hub"])
    return Model(
        name=entry["name"],
        kind=Kind(entry["kind"]),
        title=entry.get("title") or entry["repository"],
        licence=entry["licence"],
        aliases=(*_image_tags(entry.get("repository", "")), *entry.get("aliases", ())),
        max_length=entry["max_length"],
        dimensions=entry.get("dimensions"),
        pooling=Pooling(entry.get("pooling", Pooling.MASKED_MEAN)),
        query_prefix=entry.get("query_prefix", ""),
        passage_prefix=entry.get("passage_prefix", ""),
        batch=entry.get("batch", 1),
        sigmoid=entry.get("sigmoid", False),
        files=tuple(_file(file, entry.get("folder", ""), source, packages) for file in entry.get("files", ())),
        missing=entry.get("missing", ""),
        nearest=entry.get("nearest", ""),
    )


def _image_tags(repository: str) -> tuple[str, ...]:
    """The names that the model of a hub repository has: its own, and those of Weaviate's images of it."""
    if not repository:
        return ()
    tag = repository.replace("/", "-")
    return tuple(dict.fromkeys((repository, tag, f"{tag}-onnx")))


def _file(
    entry: Mapping[str, Any], folder: str, source: Package | Hub | None, packages: Mapping[str, Package]
) -> WeightFile:
    folder = entry.get("folder", folder)
    path = entry.get("path", entry["name"])
    return WeightFile(
        name=entry["name"],
        path=f"{folder}/{path}" if folder else path,
        size=entry.get("size", 0),
        sha256=entry.get("sha256", ""),
        source=packages[entry["package"]] if "package" in entry else source,
    )


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


def _max_length(config: Mapping[str, Any], beside: Mapping[str, Any]) -> int:
    said = (config.get("max_position_embeddings"), beside.get("max_seq_length"), _OWN_MAX_LENGTH)
    return min(length for length in said if isinstance(length, int))


def _wants_sigmoid(config: Mapping[str, Any]) -> bool:
    """A cross-encoder with one label gives probabilities unless its configuration names the identity."""
    nested = config.get("sentence_transformers")
    named = config.get("sbert_ce_default_activation_function")
    named = named or (nested.get("activation_fn") if isinstance(nested, Mapping) else None)
    return _kind(config) is Kind.CROSS_ENCODER and "Identity" not in str(named)
