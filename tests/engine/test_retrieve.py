"""Plans carried out in a shard: which hits come back, and what a search tells about itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.engine.shard_world import collection, id_of, note
from weavelet.engine.plan import Limits, make_aggregate_plan, make_plan
from weavelet.engine.profile import profile
from weavelet.engine.query import (
    AggregateRequest,
    Compare,
    Cut,
    Diversity,
    Hybrid,
    Keyword,
    NearVector,
    OfProperty,
    Operator,
    Page,
    Put,
    SearchRequest,
    Sort,
    Target,
    ValueKind,
    Want,
)
from weavelet.engine.retrieve import matching, retrieve, show
from weavelet.engine.settings import EngineSettings
from weavelet.engine.shard import Shard
from weavelet.errors import Unavailable
from weavelet.schema.collection import UNNAMED, Property
from weavelet.schema.datatypes import DataType, Tokenization
from weavelet.schema.objects import Vector

NOTES = collection()
QUERY = np.array([0, 0], np.float32)
PLACES = {1: (0, 0.1), 2: (0, 0.2), 3: (0, 0.3), 4: (5, 0), 5: (9, 9)}
"""Three notes close to each other and to the query, one farther away, one at the end of the world."""

LIMITS = Limits()
BELOW_TEN = Compare(OfProperty("number"), Operator.LESS_THAN, 10, ValueKind.INT)


@pytest.fixture
def shard(tmp_path: Path) -> Iterator[Shard]:
    opened = Shard("s", NOTES, tmp_path, EngineSettings())
    places = {number: np.array(place, np.float32) for number, place in PLACES.items()}
    opened.commit([Put(note(number, vectors={UNNAMED: place})) for number, place in places.items()])
    yield opened
    opened.close(Unavailable("closed"))


def _near(distance: float | None = None, diversity: Diversity | None = None) -> NearVector:
    return NearVector((QUERY,), cut=Cut(distance), diversity=diversity)


def _numbers(shard: Shard, target: Target, page: Page) -> list[int]:
    plan = make_plan(SearchRequest(collection="Note", page=page, target=target), NOTES, LIMITS)
    found = retrieve(shard, plan, _vectors(target))
    return [number for hit in found.hits for number in PLACES if id_of(number) == shard.id_of(hit.doc)]


def _vectors(target: Target) -> tuple[Vector, ...]:
    return (QUERY,) if isinstance(target, NearVector | Hybrid) else ()


@pytest.mark.parametrize(
    ("diversity", "page", "numbers"),
    [
        (Diversity(limit=2, balance=0.0), Page(5), [1, 5]),
        (Diversity(limit=2, balance=1.0), Page(5), [1, 2]),
        (Diversity(limit=2, balance=0.0), Page(4), [1, 4]),
        (Diversity(limit=2, balance=0.0), Page(2, offset=2), [3, 4]),
        (Diversity(balance=0.0), Page(4), [1, 4, 3, 2]),
    ],
)
@pytest.mark.parametrize("kind", ["near", "hybrid"])
def test_diverse_hits_are_chosen_from_the_page(
    shard: Shard, kind: str, diversity: Diversity, page: Page, numbers: list[int]
) -> None:
    near = _near(diversity=diversity)
    target = near if kind == "near" else Hybrid("", 1.0, _near(), diversity=diversity)
    assert _numbers(shard, target, page) == numbers


@pytest.mark.parametrize(
    ("hybrid", "numbers"),
    [
        (Hybrid("w5", 0.5, _near()), [1, 5, 2, 3, 4]),
        (Hybrid("w5", 0.5, _near(distance=1.0)), [1, 5, 2, 3]),
        (Hybrid("w5", 0.5, _near(), max_distance=1.0), [1, 2, 3]),
    ],
    ids=["no distance", "distance of the vector leg", "distance of both legs"],
)
def test_a_distance_is_for_the_leg_it_is_given_to(shard: Shard, hybrid: Hybrid, numbers: list[int]) -> None:
    assert _numbers(shard, hybrid, Page(10)) == numbers


@pytest.mark.parametrize(
    ("target", "kinds", "details"),
    [
        (None, {"object"}, {"list_took"}),
        (_near(), {"vector"}, {"vector_search_took", "knn_search_layer_0_took", "hnsw_flat_search"}),
        (Keyword("note"), {"keyword"}, {"kwd_method", "kwd_time", "kwd_1_tok_time", "kwd_6_res_count"}),
        (Hybrid("note", 0.5, _near()), {"vector", "keyword"}, set()),
    ],
    ids=["list", "vector", "keyword", "hybrid"],
)
def test_a_search_tells_where_its_time_went(shard: Shard, target: Target, kinds: set[str], details: set[str]) -> None:
    request = SearchRequest(collection="Note", page=Page(3), target=target, where=BELOW_TEN)
    plan = make_plan(request, NOTES, LIMITS)
    found = retrieve(shard, plan, _vectors(target))
    show(shard, found, plan, Want())
    told = profile(found.clock, plan, shard.name, "node1", 0.002)
    assert told.searches.keys() == kinds
    for search in told.searches.values():
        assert {"total_took", "objects_took", "filters_build_allow_list_took", *details} <= search.keys()
        assert (search["total_took"], search["filters_ids_matched"]) == ("2.000ms", "5")


def test_aggregations_over_hybrid_searches_look_at_single_texts() -> None:
    lists = Property(name="lines", type=DataType.TEXT_ARRAY, tokenization=Tokenization.WORD, searchable=True)
    both = collection()
    both = type(both)(name="Note", properties=(*both.properties, lists), vectors=both.vectors)
    for properties, looked_at in (((), ("text",)), (("lines",), ("lines",))):
        request = AggregateRequest(collection="Note", target=Hybrid("a", 0.0, properties=properties))
        plan = make_aggregate_plan(request, both, LIMITS)
        assert plan.keyword is not None
        assert plan.keyword.keyword.properties == looked_at


def test_an_aggregation_counts_what_each_leg_finds(shard: Shard) -> None:
    request = AggregateRequest(collection="Note", target=Hybrid("w5", 0.5, _near()), object_limit=2)
    docs = matching(shard, make_aggregate_plan(request, NOTES, LIMITS), (QUERY,))
    assert {shard.id_of(doc) for doc in docs.array().tolist()} == {id_of(1), id_of(2), id_of(5)}


@pytest.mark.parametrize("where", [None, Compare(OfProperty("number"), Operator.GREATER_THAN, 2, ValueKind.INT)])
@pytest.mark.parametrize("page", [Page(5), Page(5, offset=5), Page(100)])
@pytest.mark.parametrize("ascending", [True, False])
def test_a_listing_sorted_by_a_column_is_the_one_sorted_by_reading(
    tmp_path: Path, where: Compare | None, page: Page, ascending: bool
) -> None:
    unindexed = Property(name="copy", type=DataType.INT, filterable=False)
    notes = replace(NOTES, properties=(*NOTES.properties, unindexed))
    shard = Shard("s", notes, tmp_path, EngineSettings())
    values = {n: {"number": n * 7 % 5, "copy": n * 7 % 5} for n in (*range(20, 40), *range(20))} | {41: {}}
    shard.commit([Put(replace(note(n), properties=properties)) for n, properties in values.items()])
    found = []
    for name in ("number", "copy"):
        request = SearchRequest(collection="Note", page=page, where=where, sort=(Sort((name,), ascending),))
        found.append([hit.doc for hit in retrieve(shard, make_plan(request, notes, LIMITS), ()).hits])
    assert found[0] == found[1]
    assert len(found[0]) == min(page.limit or 0, 41 if where is None else 16)
    shard.close(Unavailable("closed"))
