"""Tokenizer and ONNX session of a model: texts to token rows, token rows to the network's output.

Padding and truncation are set here, whatever the tokenizer's own file says. Needs the `embedded` extra: onnxruntime and
tokenizers.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from weavelet.inference.text import Span
from weavelet.inference.weights import Weights

_CUDA, _CPU = "CUDAExecutionProvider", "CPUExecutionProvider"

log = logging.getLogger(__name__)

Floats: TypeAlias = NDArray[np.float32]
Ids: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """One text, or one pair, as token ids; `types` is 1 for the second of a pair."""

    ids: Ids
    types: Ids

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Options:
    """How sessions run. One thread each: several texts at once use the cores better than one text on all of them.

    `devices` are the numbers of the graphics processors, one session for each, which take turns; none: the processor.
    """

    threads: int = 1
    devices: tuple[int, ...] = ()


class Runner(Protocol):
    """What the models need of a network: stand-ins have it without ONNX."""

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """The texts as token rows, cut at the model's length."""

    def pair_rows(self, query: str, texts: Sequence[str]) -> list[Row]:
        """The query with each of the texts; of the two, the longer is cut."""

    def spans(self, text: str) -> list[Span]:
        """Where in the text its tokens are, those behind the model's length too and without the special ones."""

    def outputs(self, rows: Sequence[Row]) -> tuple[Floats, NDArray[np.bool_]]:
        """The network's first output for a padded batch, and which of its tokens are no padding `(b, n)`."""


class Network:
    """Tokenizer and session of one model."""

    def __init__(self, weights: Weights, options: Options | None = None) -> None:
        self._tokenizer = _tokenizer(weights.tokenizer, weights.model.max_length)
        sessions = _sessions(weights.network, options or Options())
        self._inputs = {entry.name for entry in sessions[0].get_inputs()}
        self._output = sessions[0].get_outputs()[0].name
        self._turn = cycle(sessions)

    def rows(self, texts: Sequence[str]) -> list[Row]:
        return [_row(encoding) for encoding in self._tokenizer.encode_batch(list(texts))]

    def pair_rows(self, query: str, texts: Sequence[str]) -> list[Row]:
        return [_row(encoding) for encoding in self._tokenizer.encode_batch([(query, text) for text in texts])]

    def spans(self, text: str) -> list[Span]:
        whole = self._tokenizer.encode(text)
        parts = (whole, *whole.overflowing)
        return [
            span
            for part in parts
            for span, special in zip(part.offsets, part.special_tokens_mask, strict=True)
            if not special
        ]

    def outputs(self, rows: Sequence[Row]) -> tuple[Floats, NDArray[np.bool_]]:
        ids, mask, types = padded(rows)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        fed = {name: array for name, array in given.items() if name in self._inputs}
        [output] = next(self._turn).run([self._output], fed)
        return np.asarray(output, np.float32), mask.astype(bool)


def padded(rows: Sequence[Row]) -> tuple[Ids, Ids, Ids]:
    """Ids, mask and types of a batch, each `(b, n)` int64, filled up with zeros."""
    longest = max(map(len, rows))
    ids, mask, types = np.zeros((3, len(rows), longest), np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row.ids
        mask[place, : len(row)] = 1
        types[place, : len(row)] = row.types
    return ids, mask, types


def _tokenizer(path: Path, longest: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return tokenizer


def _row(encoding: Encoding) -> Row:
    return Row(np.array(encoding.ids, np.int64), np.array(encoding.type_ids, np.int64))


def _sessions(path: Path, options: Options) -> list[Any]:
    """One session for each device, or one on the processor."""
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    settings.add_session_config_entry("session.force_spinning_stop", "1")
    return [
        onnxruntime.InferenceSession(str(path), settings, providers=chosen) for chosen in providers(options.devices)
    ]


def providers(devices: Sequence[int]) -> list[list[Any]]:
    """For each session the execution providers to ask for, the processor last: without CUDA the processor does it."""
    if not devices:
        return [[_CPU]]
    if _CUDA in onnxruntime.get_available_providers():
        return [[(_CUDA, {"device_id": device}), _CPU] for device in devices]
    log.warning("ENABLE_CUDA is on, but this onnxruntime has no CUDA (onnxruntime-gpu has): running on the processor")
    return [[_CPU]]
