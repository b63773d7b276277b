"""Putting rows in a new order by what a reranker says of them.

Weaviate's way is the default: the rows of the page, or the groups by their first row, are scored and sorted. With
`candidates` more rows than the page are found and scored, and the page is cut from them afterwards: pages of one search
share their pool, so that no row is on two of them or on none. Rows behind the pool follow as they were found, without a
score. No rows, no call.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from weavelet.engine.query import Group, Hybrid, Keyword, NearText, Page, Reply, Rerank, Row, SearchRequest, Target
from weavelet.errors import InvalidQuery, ModuleError
from weavelet.modules.base import Call, Reranker
from weavelet.modules.registry import Chosen
from weavelet.modules.rerank_settings import RerankSettings
from weavelet.modules.texts import as_text
from weavelet.schema.collection import Collection, Settings
from weavelet.schema.datatypes import DataType

_R = TypeVar("_R", Row, Group)


@dataclass(frozen=True, slots=True)
class Reranking:
    """A rerank that can run: the module, its settings, and what it is asked about which properties."""

    module: Reranker
    settings: Settings
    properties: tuple[str, ...]
    query: str
    how: RerankSettings

    def pool(self, page: Page) -> int | None:
        """How many hits to find for this page; None for the page itself. A first page is always scored whole."""
        if self.how.candidates is None or page.after is not None:
            return None
        return max(self.how.candidates, page.limit or 0)

    def paged(self, rows: Sequence[Row], page: Page, call: Call) -> list[Row]:
        """The page, cut from the rows of the pool in their new order and those behind it in their old."""
        pool = self.pool(page)
        assert pool is not None
        ranked = self._ranked(rows[:pool], rows[:pool], call)
        if self.how.minimum_score is None:
            ranked += rows[pool:]
        end = None if page.limit is None else page.offset + page.limit
        return ranked[page.offset : end]

    def apply(self, reply: Reply, call: Call) -> Reply:
        """The reply's rows, or groups by their first rows, in their new order."""
        if reply.groups is not None:
            first = [group.rows[0] for group in reply.groups]
            return replace(reply, groups=tuple(self._ranked(reply.groups, first, call)))
        return replace(reply, rows=tuple(self._ranked(reply.rows, reply.rows, call)))

    def _ranked(self, items: Sequence[_R], rows: Sequence[Row], call: Call) -> list[_R]:
        """The items with the scores of their rows, best first; equal ones keep their order."""
        if not items:
            return []
        scores = self._scores(rows, call)
        least = self.how.minimum_score
        return [
            replace(items[place], rerank_score=scores[place])
            for place in _order(np.asarray(scores, np.float64), self.how.mix)
            if least is None or scores[place] >= least
        ]

    def _scores(self, rows: Sequence[Row], call: Call) -> Sequence[float]:
        documents = [self._document(row) for row in rows]
        scores = self.module.rerank(self.query, documents, self.settings, call)
        if len(scores) != len(documents):
            raise ModuleError(
                f"{self.module.name}: the reranker returned {len(scores)} scores for {len(documents)} documents"
            )
        return scores

    def _document(self, row: Row) -> str:
        texts = (as_text(row.object.properties.get(name)) for name in self.properties)
        return "\n".join(text for text in texts if text)


def prepared(ask: Rerank, request: SearchRequest, collection: Collection, chosen: Chosen[Reranker]) -> Reranking:
    """What was asked, checked and with the collection's settings under it. Raises `InvalidQuery`."""
    if not ask.properties:
        raise InvalidQuery("rerank: no properties provided")
    for name in ask.properties:
        _check_property(name, collection)
    query = ask.query if ask.query is not None else searched_text(request.target)
    if ask.query is None and not query:
        raise InvalidQuery("rerank: this search has no text of its own, so rerank needs a query")
    how = RerankSettings.read(chosen.settings)
    return Reranking(chosen.module, chosen.settings, ask.properties, query, _with_own(how, ask))


def searched_text(target: Target) -> str:
    """The text that a search looks for; "" where it looks for none."""
    match target:
        case NearText(concepts=concepts):
            return " ".join(concepts)
        case Keyword(query=query) | Hybrid(query=query):
            return query
        case _:
            return ""


def _with_own(how: RerankSettings, ask: Rerank) -> RerankSettings:
    """The collection's settings with the query's own on top."""
    if ask.candidates is not None and ask.candidates < 1:
        raise InvalidQuery(f"rerank: candidates must be a whole number from 1 on, got {ask.candidates}")
    if ask.mix is not None and not 0 <= ask.mix <= 1:
        raise InvalidQuery(f"rerank: mix must be between 0 and 1, got {ask.mix:g}")
    return replace(
        how,
        candidates=how.candidates if ask.candidates is None else ask.candidates,
        minimum_score=how.minimum_score if ask.minimum_score is None else ask.minimum_score,
        mix=how.mix if ask.mix is None else ask.mix,
    )


def _check_property(name: str, collection: Collection) -> None:
    prop = collection.property_named(name)
    if prop is not None and not prop.is_reference and prop.type is not DataType.BLOB:
        return
    known = ", ".join(prop.name for prop in collection.properties if prop.is_text)
    what = "no such property" if prop is None else f"there is no text in the {prop.type.value} property"
    raise InvalidQuery(f"rerank: {what} '{name}' in class '{collection.name}', its text properties are: {known}")


def _order(scores: NDArray[np.float64], mix: float) -> list[int]:
    """The places of the items, best first.

    With `mix`, scores and places in the search are both brought to mean 0 and deviation 1 over the pool, so that
    neither counts for more because its numbers are larger.
    """
    if mix:
        places = np.arange(len(scores), 0, -1, dtype=np.float64)
        scores = (1 - mix) * _standardised(scores) + mix * _standardised(places)
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order


def _standardised(values: NDArray[np.float64]) -> NDArray[Any]:
    deviation = values.std()
    centred: NDArray[Any] = values - values.mean()
    return centred / deviation if deviation else centred
