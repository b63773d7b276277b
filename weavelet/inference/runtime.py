"""Models run by ONNX Runtime: text vectors, pair scores, and late interaction.

A `Network` is tokenizer and session of one model; on top of it are the three kinds of model, each with a `prepare` that
makes token rows of texts and a `run` that takes a batch of them. Padding and truncation are set here, whatever the
tokenizer's own file says. Needs the `embedded` extra: onnxruntime and tokenizers.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from weavelet.inference.models import Kind, Model, Pooling, Weights

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
    """How sessions run. One thread each: several texts at once use the cores better than one text on all of them."""

    threads: int = 1
    cuda: bool = False


class Runner(Protocol):
    """What the models need of a network: stand-ins have it without ONNX."""

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """The texts as token rows, cut at the model's length."""

    def pair_rows(self, query: str, texts: Sequence[str]) -> list[Row]:
        """The query with each of the texts; of the two, the longer is cut."""

    def outputs(self, rows: Sequence[Row]) -> tuple[Floats, NDArray[np.bool_]]:
        """The network's first output for a padded batch, and which of its tokens are no padding `(b, n)`."""


class Network:
    """Tokenizer and session of one model."""

    def __init__(self, weights: Weights, options: Options | None = None) -> None:
        self._tokenizer = _tokenizer(weights.tokenizer, weights.model.max_length)
        self._session = _session(weights.network, options or Options())
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._output = self._session.get_outputs()[0].name

    def rows(self, texts: Sequence[str]) -> list[Row]:
        return [_row(encoding) for encoding in self._tokenizer.encode_batch(list(texts))]

    def pair_rows(self, query: str, texts: Sequence[str]) -> list[Row]:
        return [_row(encoding) for encoding in self._tokenizer.encode_batch([(query, text) for text in texts])]

    def outputs(self, rows: Sequence[Row]) -> tuple[Floats, NDArray[np.bool_]]:
        ids, mask, types = padded(rows)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        fed = {name: array for name, array in given.items() if name in self._inputs}
        [output] = self._session.run([self._output], fed)
        return np.asarray(output, np.float32), mask.astype(bool)


class BiEncoder:
    """One vector of length 1 for each text."""

    def __init__(self, model: Model, network: Runner) -> None:
        self._model = model
        self._network = network

    def prepare(self, texts: Sequence[str], is_query: bool) -> list[Row]:
        prefix = self._model.query_prefix if is_query else self._model.passage_prefix
        return self._network.rows([prefix + text for text in texts] if prefix else texts)

    def run(self, rows: Sequence[Row]) -> list[Floats]:
        output, real = self._network.outputs(rows)
        return list(normalised(pooled(output, real, self._model.pooling)))


class CrossEncoder:
    """One score for each pair of a query and a document."""

    def __init__(self, model: Model, network: Runner) -> None:
        self._model = model
        self._network = network

    def prepare(self, query: str, documents: Sequence[str]) -> list[Row]:
        return self._network.pair_rows(query, documents)

    def run(self, rows: Sequence[Row]) -> list[float]:
        output, _ = self._network.outputs(rows)
        logits = output.reshape(len(rows), -1)[:, 0].astype(np.float64)
        return [float(score) for score in (1 / (1 + np.exp(-logits)) if self._model.sigmoid else logits)]


@dataclass(frozen=True, slots=True)
class LatePair:
    """A document's tokens and the query's token vectors `(q, d)` to compare them with."""

    row: Row
    query: Floats

    def __len__(self) -> int:
        return len(self.row)


class LateInteraction:
    """A score for each document from the vectors of its tokens: for every token of the query the most similar one."""

    def __init__(self, network: Runner) -> None:
        self._network = network

    def query_vectors(self, query: str) -> Floats:
        """The vectors of the query's tokens `(q, d)`, each of length 1."""
        rows = self._network.rows([query])
        [vectors] = self._token_vectors(rows)
        return vectors

    def prepare(self, query: Floats, documents: Sequence[str]) -> list[LatePair]:
        return [LatePair(row, query) for row in self._network.rows(documents)]

    def run(self, pairs: Sequence[LatePair]) -> list[float]:
        vectors = self._token_vectors([pair.row for pair in pairs])
        return [max_sim(pair.query, tokens) for pair, tokens in zip(pairs, vectors, strict=True)]

    def _token_vectors(self, rows: Sequence[Row]) -> list[Floats]:
        """Of each row the vectors of its own tokens: the first ([CLS]) and the last ([SEP]) are no part of the text."""
        output, _ = self._network.outputs(rows)
        return [normalised(tokens[1 : len(row) - 1]) for row, tokens in zip(rows, output, strict=True)]


def max_sim(query: Floats, tokens: Floats) -> float:
    """The mean, over the query's token vectors, of the greatest similarity to a token; 0 where either has none."""
    if not len(query) or not len(tokens):
        return 0.0
    return float((query @ tokens.T).max(axis=1).mean())


def pooled(output: Floats, real: NDArray[np.bool_], pooling: Pooling) -> Floats:
    """`(b, n, d)` token vectors to `(b, d)`. An output that is pooled already passes through."""
    if output.ndim == 2:
        return output
    if pooling is Pooling.CLS:
        return output[:, 0]
    weights = real[..., None].astype(np.float32)
    mean: Floats = (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    return mean


def normalised(vectors: Floats) -> Floats:
    """The vectors at length 1; zero vectors stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled


def padded(rows: Sequence[Row]) -> tuple[Ids, Ids, Ids]:
    """Ids, mask and types of a batch, each `(b, n)` int64, filled up with zeros."""
    longest = max(map(len, rows))
    ids, mask, types = np.zeros((3, len(rows), longest), np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row.ids
        mask[place, : len(row)] = 1
        types[place, : len(row)] = row.types
    return ids, mask, types


def loaded(weights: Weights, options: Options | None = None) -> BiEncoder | CrossEncoder | LateInteraction:
    """The model, ready to run."""
    network = Network(weights, options)
    match weights.model.kind:
        case Kind.EMBEDDING:
            return BiEncoder(weights.model, network)
        case Kind.CROSS_ENCODER:
            return CrossEncoder(weights.model, network)
        case Kind.LATE_INTERACTION:
            return LateInteraction(network)


def _tokenizer(path: Path, longest: int) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest)
    return tokenizer


def _row(encoding: Encoding) -> Row:
    return Row(np.array(encoding.ids, np.int64), np.array(encoding.type_ids, np.int64))


def _session(path: Path, options: Options) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    settings.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(str(path), settings, providers=providers(options.cuda))


def providers(cuda: bool) -> list[str]:
    """The execution providers to ask for, the processor last: without CUDA the processor does it."""
    if not cuda:
        return [_CPU]
    if _CUDA in onnxruntime.get_available_providers():
        return [_CUDA, _CPU]
    log.warning("ENABLE_CUDA is on, but this onnxruntime has no CUDA (onnxruntime-gpu has): running on the processor")
    return [_CPU]
