"""Models named by configuration files as LocalAI has them: a name of one's own for a model that is there.

    name: my-reranker
    backend: rerankers
    parameters:
      model: cross-encoder

A file holds one configuration, several documents, or a list; a folder is all its files. Only what says which model is
meant is read; everything else in them is about other engines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from weavelet.errors import InvalidInput, WeaveletError
from weavelet.inference.models import Kind, find

_RERANKERS = "rerankers"
_SHORTHAND = "cross-encoder"
"""What configurations say for the default reranker of a language; here there is one for English."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A name, and the model it stands for."""

    name: str
    model: str
    kind: Kind


def read_configurations(path: Path, cache: Path | None = None) -> list[Configured]:
    """The models that a file or the files of a folder name. Raises `InvalidInput` naming the file and the fault."""
    files = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
    found = []
    for file in files:
        try:
            found += [_configured(entry, cache) for entry in _entries(file)]
        except (OSError, yaml.YAMLError, WeaveletError) as error:
            raise InvalidInput(f"{file}: {error}") from error
    return found


def _entries(file: Path) -> Iterator[Mapping[str, Any]]:
    for document in yaml.safe_load_all(file.read_text("utf-8")):
        for entry in document if isinstance(document, list) else [document]:
            if not isinstance(entry, Mapping):
                raise InvalidInput("a configuration is a mapping with name, backend and parameters")
            yield entry


def _configured(entry: Mapping[str, Any], cache: Path | None) -> Configured:
    name, model = entry.get("name"), _mapping(entry, "parameters").get("model")
    if not isinstance(name, str) or not name:
        raise InvalidInput("name: a configuration needs one")
    if not isinstance(model, str) or not model:
        raise InvalidInput(f"{name}: parameters.model must name a model")
    if model == _SHORTHAND:
        _check_language(name, _mapping(entry, "diffusers").get("pipeline_type"))
    kind = find(model, cache).kind
    if entry.get("backend") == _RERANKERS and not kind.reranks:
        raise InvalidInput(f"{name}: backend {_RERANKERS} needs a model that reranks, and {model} makes vectors")
    return Configured(name, model, kind)


def _check_language(name: str, language: Any) -> None:
    if language not in (None, "", "en"):
        raise InvalidInput(f'{name}: {_SHORTHAND} is English here; name a model for the language "{language}"')


def _mapping(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = entry.get(key) or {}
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{key} must be a mapping")
    return value
