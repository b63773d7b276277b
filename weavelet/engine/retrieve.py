"""Carrying out a plan in one shard: from an allow-list to rows.

    retrieve    legs, fusion, diversity, boost, cut, sort, page: which documents, in which order
    show        those documents as rows: one fetch of what is wanted
    grouped     the rows, grouped
    matching    which documents an aggregation is about

The caller holds the shard's read lock over `retrieve` and `show`, so that both see one state. Nothing here waits.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weavelet.engine import filters, fusion
from weavelet.engine.autocut import autocut
from weavelet.engine.boost import DEFAULT_DEPTH, boosted
from weavelet.engine.diversity import diverse, diverse_fused
from weavelet.engine.docset import DocSet
from weavelet.engine.grouping import group, near_texts, ranked_texts
from weavelet.engine.hits import Hits
from weavelet.engine.join import TargetHits, join
from weavelet.engine.plan import Plan, VectorLeg
from weavelet.engine.profile import Clock
from weavelet.engine.query import Boost, Diversity, Fusion, Group, GroupBy, Hit, Internal, Keyword, Row, Want
from weavelet.engine.rows import Rows, row
from weavelet.engine.shard import Shard
from weavelet.engine.sorting import Column, column_keys, first_in_order, sort_order
from weavelet.engine.vectors.slot import VectorSlot
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Collection
from weavelet.schema.datatypes import DataType, Distance
from weavelet.schema.objects import Vector

KEYWORD_LABEL = "keyword,bm25"


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one page, best first, and the clock by which they were found."""

    hits: Sequence[Hit]
    clock: Clock


def retrieve(
    shard: Shard, plan: Plan, vectors: Sequence[Vector], text: str | None = None, *, explain: bool = False
) -> Found:
    """The documents the plan asks for. `vectors`: the query vectors of its vector leg, one per target.

    `text` takes the place of what its keyword leg asks for.
    """
    clock = Clock()
    allowed = _allowed(shard, plan, clock)
    if plan.keyword is None and plan.vector is None:
        hits = _listed(shard, plan, allowed)
        clock.lap("list")
        return Found(hits, clock)
    hits = _searched(shard, plan, vectors, text, allowed, explain, clock)
    if plan.boost is not None:
        hits = _boosted(shard, plan.boost, hits)
    hits = _cut(plan, hits)
    if plan.sort:
        hits = _resorted(shard, plan, hits)
    hits = _page(plan, hits)
    if plan.diversity is not None and plan.vector is not None:
        hits = _diverse(shard, plan, plan.vector, plan.diversity, hits)
    clock.lap("order")
    return Found(hits, clock)


def show(shard: Shard, found: Found, plan: Plan, want: Want) -> Sequence[Row]:
    """The hits as rows with what is wanted of each object."""
    certain = want.certainty and plan.vector is not None and plan.fuse is None and _is_cosine(plan)
    if isinstance(found.hits, Hits) and want.vectors == frozenset():
        records = shard.records(found.hits.docs.tolist(), want)
        found.clock.lap("objects")
        return Rows(found.hits, records, shard.object_of, certain)
    objects = shard.fetch([hit.doc for hit in found.hits], want)
    found.clock.lap("objects")
    return [row(hit, shown, certain) for hit, shown in zip(found.hits, objects, strict=True)]


def grouped(rows: Sequence[Row], by: GroupBy, collection: Collection) -> tuple[Group, ...]:
    """The rows by the values of a property. Raises `InvalidQuery` for a vector search by an unknown one."""
    near = any(row.distance is not None for row in rows)
    name = by.path[0] if by.path else ""
    if near and (len(by.path) != 1 or collection.property_named(name) is None):
        raise InvalidQuery(
            f"no such prop with name '{name if len(by.path) == 1 else ''}' found in class '{collection.name}' in the "
            "schema. Check your schema files for which properties in this class are available"
        )
    texts = near_texts if near else ranked_texts
    made = group([texts(row.object.properties.get(name)) for row in rows], by.groups, by.per_group)
    return tuple(_group(index, one.value, by, [rows[m] for m in one.members]) for index, one in enumerate(made))


def matching(shard: Shard, plan: Plan, vectors: Sequence[Vector]) -> DocSet:
    """The documents a plan leads to, without any order."""
    clock = Clock()
    allowed = _allowed(shard, plan, clock)
    if plan.keyword is None and plan.vector is None:
        return allowed if allowed is not None else shard.properties.live
    hits = _searched(shard, plan, vectors, None, allowed, False, clock)
    return DocSet.of([hit.doc for hit in hits])


# --- The steps of retrieve ---


def _allowed(shard: Shard, plan: Plan, clock: Clock) -> DocSet | None:
    if plan.where is None:
        return None
    allowed = filters.allowed(plan.where, shard.properties, plan.collection)
    clock.lap("filter")
    clock.counts["filter"] = len(allowed)
    return allowed


def _listed(shard: Shard, plan: Plan, allowed: DocSet | None) -> Sequence[Hit]:
    """Without a filter or behind an id in order of id, with one in order of document number, or as the sort says."""
    page = plan.page
    if page.autocut:
        return ()
    limit = page.limit if page.limit is not None else plan.take
    if plan.sort:
        ordered = _sorted_listing(shard, plan, allowed, page.offset + limit)[page.offset :]
    elif allowed is not None and page.after is not None:
        ordered = _walked(shard, page.after, limit, allowed)
    elif allowed is not None:
        ordered = allowed.array()[page.offset : page.offset + limit].tolist()
    else:
        ordered = shard.list_docs(page.after, limit, page.offset)
    return Hits(np.array(ordered, np.uint32))


def _walked(shard: Shard, after: str, limit: int, allowed: DocSet) -> list[int]:
    """The next documents behind that id which are allowed, in order of id."""
    found: list[int] = []
    while len(found) < limit and (docs := shard.list_docs(after, limit)):
        found += [doc for doc in docs if doc in allowed]
        after = shard.id_of(docs[-1])
    return found[:limit]


def _sorted_listing(shard: Shard, plan: Plan, allowed: DocSet | None, count: int) -> list[int]:
    """The first so many documents: by columns where there are columns, else by reading the objects."""
    columns = [shard.properties.column(clause.path[0]) for clause in plan.sort]
    if any(column is None for column in columns):
        docs = allowed.array().tolist() if allowed is not None else shard.list_docs(None, shard.count)
        return _sorted_docs(shard, plan, docs)[:count]
    numbers = (shard.properties.live if allowed is None else allowed).array()
    keys: list[NDArray[Any]] = []
    for column, clause in zip(columns, plan.sort, strict=True):
        assert column is not None
        keys += column_keys(*column.at(numbers), ascending=clause.ascending)
    if allowed is None:
        keys += reversed(shard.id_keys(numbers))
    ordered: list[int] = numbers[first_in_order(keys, count)].tolist()
    return ordered


def _sorted_docs(shard: Shard, plan: Plan, docs: Sequence[int]) -> list[int]:
    """Documents that are equal to the sort keep the order given: by id in a plain listing, else by number."""
    numbers = np.asarray(docs, np.uint32)
    places = np.argsort(np.argsort(numbers))
    columns = []
    for clause in plan.sort:
        ascending = shard.read(clause.path[0], DocSet.of(numbers))
        columns.append(Column([ascending[place] for place in places], _type(clause.path[0], plan), clause.ascending))
    ordered: list[int] = numbers[sort_order(columns)].tolist()
    return ordered


def _type(name: str, plan: Plan) -> DataType:
    """What a sort compares: a property's type, ids as text, and internal times as numbers."""
    prop = plan.collection.property_named(name)
    if prop is not None:
        return prop.type
    return DataType.TEXT if name == Internal.ID.value else DataType.INT


def _resorted(shard: Shard, plan: Plan, hits: Sequence[Hit]) -> list[Hit]:
    by_doc = {hit.doc: hit for hit in hits}
    return [by_doc[doc] for doc in _sorted_docs(shard, plan, list(by_doc))]


def _searched(
    shard: Shard,
    plan: Plan,
    vectors: Sequence[Vector],
    text: str | None,
    allowed: DocSet | None,
    explain: bool,
    clock: Clock,
) -> Sequence[Hit]:
    """The hits of both legs, fused, or of the only one."""
    near: Sequence[Hit] = ()
    words: Sequence[Hit] = ()
    if plan.vector is not None:
        near = _near(shard, plan.vector, vectors, allowed)
        clock.scanned = all(shard.slots[name].scans for name in plan.vector.targets)
        clock.lap("vector")
    if plan.keyword is not None:
        leg, keyword = plan.keyword, plan.keyword.keyword
        if text is not None:
            keyword = Keyword(text, keyword.properties, keyword.match, keyword.minimum_match)
        by_score = plan.fuse is not None and plan.fuse.method is Fusion.RELATIVE and not explain
        words = shard.keyword.search(
            keyword,
            leg.depth,
            allowed,
            explain=explain and plan.fuse is None,
            by_id=not by_score,
            lap=clock.lap,
        )
        clock.counts["keyword"] = len(words)
        clock.lap("keyword")
    if plan.fuse is None:
        return words if plan.vector is None else near
    hits = _fused(shard, plan, near, words, explain)
    clock.lap("fusion")
    return hits


def _near(shard: Shard, leg: VectorLeg, vectors: Sequence[Vector], allowed: DocSet | None) -> Hits:
    """Each target searched, and joined. Hits farther than the leg's distance are dropped."""
    if len(leg.targets) == 1:
        hits = _nearest(_slot(shard, leg.targets[0]), leg, vectors[0], allowed)
    else:
        named = zip(leg.targets, vectors, strict=True)
        targets = [_target(_slot(shard, name), leg, vector, allowed) for name, vector in named]
        hits = join(targets, leg.join, leg.weights, leg.depth, leg.distance)
    if leg.distance is None or hits.distances is None:
        return hits
    return hits.at(np.flatnonzero(hits.distances <= np.float64(leg.distance + 1e-6)))


def _slot(shard: Shard, name: str) -> VectorSlot:
    slot = shard.slots.get(name)
    if slot is None:
        raise InvalidQuery(f'index for target vector "{name}" not found')
    return slot


def _nearest(slot: VectorSlot, leg: VectorLeg, vector: Vector, allowed: DocSet | None) -> Hits:
    if leg.within and leg.distance is not None and len(leg.targets) == 1:
        return slot.within(vector, leg.distance, leg.depth, allowed)
    return slot.search(vector, leg.depth, allowed)


def _target(slot: VectorSlot, leg: VectorLeg, vector: Vector, allowed: DocSet | None) -> TargetHits:
    return TargetHits(_nearest(slot, leg, vector, allowed), lambda docs: slot.distances(vector, docs))


def _fused(shard: Shard, plan: Plan, near: Sequence[Hit], words: Sequence[Hit], explain: bool) -> Hits:
    fuse = plan.fuse
    assert fuse is not None
    rankings = []
    if plan.vector is not None:
        if fuse.farthest is not None:
            near, words = fusion.keep_near(near, words, fuse.farthest)
        rankings.append(fusion.Ranking(plan.vector.label, fuse.alpha, near))
    if plan.keyword is not None:
        rankings.append(fusion.Ranking(KEYWORD_LABEL, 1 - fuse.alpha, words))
    method = fusion.ranked if fuse.method is Fusion.RANKED else fusion.relative_score
    return method(rankings, shard.id_of, plan.take, explain=explain)


def _boosted(shard: Shard, boost: Boost, hits: Sequence[Hit]) -> list[Hit]:
    depth = boost.depth or DEFAULT_DEPTH
    properties = [found.properties for found in shard.fetch([hit.doc for hit in hits[:depth]])]
    ids = [shard.id_of(hit.doc) for hit in hits[:depth]]
    return [*boosted(hits[:depth], boost, properties, ids, time.time_ns()), *hits[depth:]]


def _diverse(shard: Shard, plan: Plan, leg: VectorLeg, ask: Diversity, hits: Sequence[Hit]) -> list[Hit]:
    """Of the hits of a page those that are to be shown. Scores count as nearness where they say more than distances."""
    vectors = [shard.slots[leg.targets[0]].vector(hit.doc) for hit in hits]
    count = ask.limit or len(hits)
    balance = ask.balance or 0.0
    if plan.fuse is None and plan.boost is None:
        distances = np.array([hit.distance for hit in hits], np.float32)
        places = diverse(distances, vectors, _metric(plan), count, balance)
    else:
        scores = np.array([hit.score for hit in hits], np.float32)
        places = diverse_fused(scores, vectors, _metric(plan), count, balance)[:count]
    return [hits[place] for place in places]


def _cut(plan: Plan, hits: Sequence[Hit]) -> Sequence[Hit]:
    if plan.page.autocut <= 0:
        return hits
    values = [hit.score if hit.score is not None else hit.distance or 0.0 for hit in hits]
    return hits[: autocut(values, plan.page.autocut)]


def _page(plan: Plan, hits: Sequence[Hit]) -> Sequence[Hit]:
    start, limit = plan.page.offset, plan.page.limit
    if not start and (limit is None or len(hits) <= limit):
        return hits
    return hits[start : None if limit is None else start + limit]


def _metric(plan: Plan) -> Distance:
    assert plan.vector is not None
    return plan.collection.vectors[plan.vector.targets[0]].index.distance


def _is_cosine(plan: Plan) -> bool:
    return _metric(plan) is Distance.COSINE


def _group(index: int, value: str, by: GroupBy, rows: Sequence[Row]) -> Group:
    distances = [row.distance or 0.0 for row in rows]
    return Group(
        index=index,
        value=value,
        path=by.path,
        rows=tuple(rows),
        min_distance=min(distances),
        max_distance=max(distances),
        rerank_score=rows[0].rerank_score,
    )
