"""`weavelet demo`: real texts, real models, the official client, every kind of search side by side.

Starts a server of its own on free ports, imports 1,000 PubMed abstracts, asks it a few questions four ways, shows
the same search as GraphQL, and measures all four over judged questions. What it fetched and imported is kept for
the next run.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table

from weavelet.cli.child import server
from weavelet.cli.corpus import CORPORA, Judged, load, ndcg
from weavelet.cli.fetching import fetch
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER
from weavelet.settings import Settings

COLLECTION = "Abstract"
MODES = ("near text", "bm25", "hybrid", "hybrid + rerank")
SHOWN = 3
"""Questions shown in full, and hits shown of each."""

_MODULES = "text2vec-transformers,reranker-transformers"
_DATA = Path.home() / ".cache" / "weavelet" / "demo"

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one search gave: the documents' ids, scores and texts, and how long it took."""

    ids: tuple[str, ...]
    scores: tuple[float, ...]
    texts: tuple[str, ...]
    milliseconds: float


Search = Callable[[str], Answer]


def run(
    data: Annotated[Path, typer.Option(help="Where the demo keeps its data")] = _DATA,
    questions: Annotated[int, typer.Option(help="How many judged questions to measure")] = 100,
    keep: Annotated[bool, typer.Option(help="Leave the server running at the end")] = False,
) -> None:
    """Import 1,000 PubMed abstracts and search them by vector, keyword, both, and both with reranking."""
    try:
        import weaviate
    except ImportError:
        sys.exit("weavelet demo needs the official client: pip install weaviate-client")
    judged = load(CORPORA / "pubmedqa")
    fetch((DEFAULT_EMBEDDING, DEFAULT_RERANKER), Settings(), console)
    with server(data, _MODULES, keep) as child:
        console.print(f"server on port {child.port} (gRPC {child.grpc_port}), data in {data}")
        client = weaviate.connect_to_local(port=child.port, grpc_port=child.grpc_port)
        try:
            _import(client, judged)
            searches = _searches(client)
            _show_questions(searches, judged)
            _show_graphql(client, judged.questions[0].text)
            _measure(searches, judged, questions)
        finally:
            client.close()
        if keep:
            console.print(
                f"\nThe server stays up: REST and GraphQL on port {child.port}, gRPC on port {child.grpc_port}."
            )


def main() -> None:
    typer.run(run)


# --- Getting ready ---


def _import(client: Any, judged: Judged) -> None:
    from weaviate.classes.config import Configure, DataType, Property, Tokenization
    from weaviate.util import generate_uuid5

    if client.collections.exists(COLLECTION) and len(client.collections.use(COLLECTION)) == len(judged.documents):
        console.print(f"{len(judged.documents):,} abstracts are here from an earlier run")
        return
    client.collections.delete(COLLECTION)
    collection = client.collections.create(
        COLLECTION,
        properties=[
            Property(name="pmid", data_type=DataType.TEXT, tokenization=Tokenization.FIELD, skip_vectorization=True),
            Property(name="text", data_type=DataType.TEXT),
        ],
        vector_config=Configure.Vectors.text2vec_transformers(
            source_properties=["text"], vectorize_collection_name=False
        ),
        reranker_config=Configure.Reranker.transformers(),
    )
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=len(judged.documents))
        with collection.batch.fixed_size(batch_size=50) as batch:
            for document in judged.documents:
                batch.add_object({"pmid": document.id, "text": document.text}, uuid=generate_uuid5(document.id))
                progress.update(task, completed=len(collection.batch.results.objs.uuids))
        progress.update(task, completed=len(judged.documents))
    if failed := collection.batch.failed_objects:
        sys.exit(f"{len(failed)} objects failed, the first with: {failed[0].message}")


# --- Searching ---


def _searches(client: Any) -> Mapping[str, Search]:
    from weaviate.classes.query import MetadataQuery, Rerank

    query = client.collections.use(COLLECTION).query
    scored = MetadataQuery(score=True, distance=True)
    calls: dict[str, Callable[[str], Any]] = {
        "near text": lambda text: query.near_text(text, limit=10, return_metadata=scored),
        "bm25": lambda text: query.bm25(text, limit=10, return_metadata=scored),
        "hybrid": lambda text: query.hybrid(text, limit=10, return_metadata=scored),
        "hybrid + rerank": lambda text: query.hybrid(
            text, limit=10, rerank=Rerank(prop="text", query=text), return_metadata=scored
        ),
    }
    return {mode: _timed(call) for mode, call in calls.items()}


def _timed(call: Callable[[str], Any]) -> Search:
    def search(text: str) -> Answer:
        started = time.perf_counter()
        objects = call(text).objects
        took = (time.perf_counter() - started) * 1000
        return Answer(
            tuple(o.properties["pmid"] for o in objects),
            tuple(_score(o.metadata) for o in objects),
            tuple(o.properties["text"] for o in objects),
            took,
        )

    return search


def _score(metadata: Any) -> float:
    """The number the hits are ordered by: of a vector search the similarity, 1 - distance."""
    if metadata.rerank_score is not None:
        return float(metadata.rerank_score)
    return float(1 - metadata.distance if metadata.distance is not None else metadata.score)


def _show_questions(searches: Mapping[str, Search], judged: Judged) -> None:
    for question in judged.questions[:SHOWN]:
        console.print(f"\n[bold]{question.text}[/bold]")
        table = Table(show_lines=True, expand=True)
        answers = {mode: search(question.text) for mode, search in searches.items()}
        for mode, answer in answers.items():
            table.add_column(f"{mode}\n{answer.milliseconds:.0f} ms", ratio=1)
        for rank in range(SHOWN):
            cells = [_cell(answer, rank, judged.relevant[question.id]) for answer in answers.values()]
            table.add_row(*cells)
        console.print(table)


def _cell(answer: Answer, rank: int, relevant: Mapping[str, int]) -> str:
    if rank >= len(answer.ids):
        return ""
    mark = "[green]✔[/green] " if answer.ids[rank] in relevant else ""
    return f"{mark}[cyan]{answer.scores[rank]:.3f}[/cyan] {answer.texts[rank][:70]}…"


def _show_graphql(client: Any, text: str) -> None:
    query = f"""{{
  Get {{
    {COLLECTION}(hybrid: {{query: {json.dumps(text)}}}, limit: {SHOWN}) {{
      pmid
      _additional {{ score rerank(property: "text", query: {json.dumps(text)}) {{ score }} }}
    }}
  }}
}}"""
    console.print("\nThe same search as GraphQL, POST /v1/graphql:")
    console.print(Syntax(query, "graphql", background_color="default", word_wrap=True))
    answer = client.graphql_raw_query(query)
    console.print_json(json.dumps(answer.get))


def _measure(searches: Mapping[str, Search], judged: Judged, count: int) -> None:
    chosen = judged.questions[:count]
    gains: dict[str, list[float]] = {mode: [] for mode in searches}
    times: dict[str, list[float]] = {mode: [] for mode in searches}
    columns = (TextColumn("measuring"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for question in progress.track(chosen):
            for mode, search in searches.items():
                answer = search(question.text)
                gains[mode].append(ndcg(answer.ids, judged.relevant[question.id]))
                times[mode].append(answer.milliseconds)
    table = Table(title=f"{len(chosen)} judged questions, {len(judged.documents):,} abstracts")
    for heading in ("search", "nDCG@10", "median ms"):
        table.add_column(heading, justify="left" if heading == "search" else "right")
    for mode in searches:
        table.add_row(mode, f"{statistics.fmean(gains[mode]):.3f}", f"{statistics.median(times[mode]):.1f}")
    console.print(table)
