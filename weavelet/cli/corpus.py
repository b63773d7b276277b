"""Judged texts: documents, questions, and which documents answer which question."""

import gzip
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CORPORA = Path(__file__).parent / "corpora"


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Judged:
    """`relevant`: question id -> document id -> how relevant (1 and up)."""

    documents: tuple[Text, ...]
    questions: tuple[Text, ...]
    relevant: Mapping[str, Mapping[str, int]]


def load(folder: Path) -> Judged:
    """Read a folder with `corpus.jsonl[.gz]`, `queries.jsonl[.gz]` and `qrels.tsv` (the BEIR layout)."""
    documents = tuple(_texts(folder, "corpus"))
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        question, document, score = line.split("\t")
        relevant.setdefault(question, {})[document] = int(score)
    questions = tuple(text for text in _texts(folder, "queries") if text.id in relevant)
    return Judged(documents, questions, relevant)


def ndcg(found: Sequence[str], relevant: Mapping[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain: how near the top the relevant documents are, from 0 to 1.

    Gain is the judgment, discount log2(rank + 1) (Järvelin and Kekäläinen, 2002).
    """
    gained = sum(relevant.get(id, 0) / math.log2(rank + 2) for rank, id in enumerate(found[:depth]))
    best = sorted(relevant.values(), reverse=True)[:depth]
    ideal = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(best))
    return gained / ideal if ideal else 0.0


def _texts(folder: Path, name: str) -> Iterator[Text]:
    packed, plain = folder / f"{name}.jsonl.gz", folder / f"{name}.jsonl"
    with gzip.open(packed, "rt") if packed.exists() else plain.open() as lines:
        for line in lines:
            row = json.loads(line)
            yield Text(row["_id"], row.get("title", ""), row["text"])
