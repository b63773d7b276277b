"""`weavelet eval FOLDER`: how good and how fast every kind of search is on texts of one's own, judged in BEIR's layout.

Starts a server with the embedded models, or asks the one at `--url`, which may be any that speaks Weaviate's API. What
was imported is kept for the next run.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from weavelet.cli.child import server
from weavelet.cli.corpus import Judged, Text, load, ndcg
from weavelet.cli.fetching import fetch
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER
from weavelet.settings import Settings

_VECTORIZER, _RERANKER = "text2vec-transformers", "reranker-transformers"
_DATA = Path.home() / ".cache" / "weavelet" / "eval"
_BATCH = 50
_SECONDS = 600.0
_DEPTH = 10

CpuSeconds = Callable[[], float | None]

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@dataclass(frozen=True, slots=True)
class Mode:
    """A kind of search: its GraphQL argument for a query, and how what it finds is reranked, if it is."""

    name: str
    search: str
    reranker: Mapping[str, Any] | None = None

    @property
    def reranks(self) -> bool:
        return self.reranker is not None

    def argument(self, query: str) -> str:
        return self.search.replace("$query", json.dumps(query))


def modes(candidates: int, mix: float) -> tuple[Mode, ...]:
    """Everything that is measured. The settings of a reranker are its collection's."""
    hybrid = "hybrid: {query: $query}"
    pool = {"rerankCandidates": candidates}
    return (
        Mode("near text", "nearText: {concepts: [$query]}"),
        Mode("bm25", "bm25: {query: $query}"),
        Mode("hybrid", hybrid),
        Mode(f"hybrid, these {_DEPTH} reranked", hybrid, {}),
        Mode(f"hybrid, {candidates} reranked", hybrid, pool),
        Mode(f"hybrid, {candidates} reranked, mixed", hybrid, {**pool, "rerankMix": mix}),
    )


class Client:
    """As much of Weaviate's API as it takes, over one connection."""

    def __init__(self, url: str, key: str = "") -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname or "localhost", parts.port, timeout=_SECONDS)
        self._headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The parsed answer; None for 404. Ends the program where the server refuses."""
        try:
            content = None if body is None else json.dumps(body).encode()
            self._connection.request(method, path, content, self._headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, HTTPException) as error:
            sys.exit(f"weavelet eval: the server cannot be asked: {error!r}")
        if response.status == 404:
            return None
        if response.status >= 400:
            sys.exit(f"weavelet eval: {method} {path} answered {response.status}: {text.decode()[:500]}")
        return json.loads(text) if text else None

    def graphql(self, query: str) -> Any:
        """The data of the answer; ends the program with its errors."""
        answer = self.ask("POST", "/v1/graphql", {"query": query})
        if errors := answer.get("errors"):
            sys.exit(f"weavelet eval: {errors[0]['message']}")
        return answer["data"]


def run(
    folder: Annotated[Path, typer.Argument(help="Holds corpus.jsonl, queries.jsonl and qrels.tsv", exists=True)],
    url: Annotated[str, typer.Option(help="A running server; without it, one is started")] = "",
    key: Annotated[str, typer.Option(help="API key for that server")] = "",
    data: Annotated[Path, typer.Option(help="Where the started server keeps its data")] = _DATA,
    questions: Annotated[int, typer.Option(help="How many questions to ask, 0 for all")] = 0,
    candidates: Annotated[int, typer.Option(help="How many hits are reranked")] = 30,
    mix: Annotated[float, typer.Option(help="How much the search's own order counts beside the reranker's")] = 0.5,
    only: Annotated[str, typer.Option(help="Measure only the modes whose name has this in it")] = "",
) -> None:
    """Measure near text, BM25, hybrid and reranking on judged texts."""
    judged = load(folder)
    collection = "Eval" + "".join(part.capitalize() for part in folder.resolve().name.split("-") if part.isalnum())
    chosen = [mode for mode in modes(candidates, mix) if only in mode.name]
    if url:
        with Client(url, key) as client:
            _evaluate(client, collection, judged, chosen, questions, lambda: None)
        return
    fetch((DEFAULT_EMBEDDING, DEFAULT_RERANKER), Settings(), console)
    with server(data, f"{_VECTORIZER},{_RERANKER}") as child, Client(child.url) as client:
        _evaluate(client, collection, judged, chosen, questions, child.cpu_seconds)


def main() -> None:
    typer.run(run)


def _evaluate(
    client: Client, collection: str, judged: Judged, chosen: Sequence[Mode], count: int, used: CpuSeconds
) -> None:
    _import(client, collection, judged.documents)
    asked = judged.questions[: count or None]
    table = Table(title=f"{collection}: {len(asked):,} questions, {len(judged.documents):,} documents")
    for heading in ("search", f"nDCG@{_DEPTH}", "median ms", "95 % ms", "CPU ms"):
        table.add_column(heading, justify="left" if heading == "search" else "right")
    with _bars() as progress:
        for mode in chosen:
            before = used()
            gains, times = _measured(client, collection, judged, mode, progress.track(asked, description=mode.name))
            slow = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
            figures = (f"{statistics.median(times):.1f}", f"{slow:.1f}", _each(before, used(), len(times)))
            table.add_row(mode.name, f"{statistics.fmean(gains):.4f}", *figures)
    console.print(table)


def _each(before: float | None, after: float | None, count: int) -> str:
    """The milliseconds of the processors that each question took; "" where nobody knows."""
    return "" if before is None or after is None else f"{(after - before) * 1000 / count:.1f}"


def _measured(
    client: Client, collection: str, judged: Judged, mode: Mode, asked: Iterator[Text] | Any
) -> tuple[list[float], list[float]]:
    """The gain of each question, and the milliseconds it took."""
    if mode.reranker is not None:
        _set_reranker(client, collection, mode.reranker)
    gains, times = [], []
    for question in asked:
        query = _query(collection, mode, question.text)
        started = time.perf_counter()
        rows = client.graphql(query)["Get"][collection]
        times.append((time.perf_counter() - started) * 1000)
        gains.append(ndcg([row["key"] for row in rows], judged.relevant[question.id], _DEPTH))
    return gains, times


def _query(collection: str, mode: Mode, text: str) -> str:
    rerank = (
        ""
        if mode.reranker is None
        else f'_additional {{rerank(property: "text", query: {json.dumps(text)}) {{score}}}}'
    )
    return f"{{Get {{{collection}({mode.argument(text)}, limit: {_DEPTH}) {{key {rerank}}}}}}}"


def _set_reranker(client: Client, collection: str, settings: Mapping[str, Any]) -> None:
    definition = client.ask("GET", f"/v1/schema/{collection}")
    definition["moduleConfig"] = {**definition.get("moduleConfig", {}), _RERANKER: dict(settings)}
    client.ask("PUT", f"/v1/schema/{collection}", definition)


def _import(client: Client, collection: str, documents: Sequence[Text]) -> None:
    if client.ask("GET", f"/v1/schema/{collection}") is not None:
        counted = client.graphql(f"{{Aggregate {{{collection} {{meta {{count}}}}}}}}")["Aggregate"][collection]
        if counted[0]["meta"]["count"] == len(documents):
            console.print(f"{len(documents):,} documents are here from an earlier run")
            return
        client.ask("DELETE", f"/v1/schema/{collection}")
    client.ask("POST", "/v1/schema", _definition(collection))
    with _bars() as progress:
        task = progress.add_task("importing", total=len(documents))
        for first in range(0, len(documents), _BATCH):
            batch = documents[first : first + _BATCH]
            objects = [_object(collection, document) for document in batch]
            answers = client.ask("POST", "/v1/batch/objects", {"objects": objects})
            for answer in answers:
                if errors := answer.get("result", {}).get("errors"):
                    sys.exit(f"weavelet eval: {answer['id']}: {errors['error'][0]['message']}")
            progress.advance(task, len(batch))


def _definition(collection: str) -> dict[str, Any]:
    """One text property, made of title and text, as BEIR's measurements have it."""
    return {
        "class": collection,
        "vectorizer": _VECTORIZER,
        "moduleConfig": {_VECTORIZER: {"vectorizeClassName": False}, _RERANKER: {}},
        "properties": [
            {"name": "text", "dataType": ["text"]},
            {
                "name": "key",
                "dataType": ["text"],
                "tokenization": "field",
                "indexSearchable": False,
                "moduleConfig": {_VECTORIZER: {"skip": True}},
            },
        ],
    }


def _object(collection: str, document: Text) -> dict[str, Any]:
    properties = {"text": f"{document.title} {document.text}".strip(), "key": document.id}
    return {"class": collection, "id": str(uuid5(NAMESPACE_URL, document.id)), "properties": properties}


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
