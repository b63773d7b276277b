"""Fusing the legs of a hybrid search, and joining target vectors."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelet.engine.fusion import Ranking, keep_near, ranked, relative_score
from weavelet.engine.hits import Hits
from weavelet.engine.join import TargetHits, join
from weavelet.engine.query import Hit, Join
from weavelet.errors import InvalidQuery

A, B, C, D = 1, 2, 3, 4
VECTOR = Ranking("vector,hybridVector", 0.75, [Hit(A, distance=0.10), Hit(B, distance=0.25), Hit(C, distance=0.40)])
KEYWORD = Ranking("keyword,bm25", 0.25, [Hit(B, score=2.0), Hit(D, score=1.5), Hit(A, score=0.5)])


def _id(doc: int) -> str:
    return f"id-{doc}"


def _scores(hits: list[Hit]) -> dict[int, float]:
    return {hit.doc: hit.score for hit in hits if hit.score is not None}


def test_ranked_fusion_adds_up_shares_by_rank() -> None:
    found = ranked([VECTOR, KEYWORD], _id)
    expected = {A: 0.016532257, B: 0.016461749, C: 0.012096774, D: 0.0040983604}
    assert _scores(found) == pytest.approx(expected, abs=1e-8)
    assert [hit.doc for hit in found] == list(expected)


def test_relative_score_fusion_scales_each_list() -> None:
    found = relative_score([VECTOR, KEYWORD], _id)
    assert _scores(found) == pytest.approx({A: 0.75, B: 0.625, D: 0.16666667, C: 0}, abs=1e-6)
    assert [hit.doc for hit in found] == [A, B, D, C]


def test_a_list_of_equals_counts_with_its_full_weight() -> None:
    equal = Ranking("keyword,bm25", 0.25, [Hit(A, score=3.0), Hit(B, score=3.0)])
    assert _scores(relative_score([equal], _id)) == {A: 0.25, B: 0.25}


def test_one_list_alone_is_enough_and_none_gives_nothing() -> None:
    assert [hit.doc for hit in relative_score([KEYWORD], _id)] == [B, D, A]
    assert relative_score([Ranking("vector,nearText", 1.0, [])], _id) == []
    assert ranked([], _id) == []


def test_ties_go_by_worth_in_the_last_list_and_then_by_id() -> None:
    first = Ranking("vector,nearText", 0.5, [Hit(A, distance=0.1), Hit(B, distance=0.2)])
    second = Ranking("keyword,bm25", 0.5, [Hit(B, score=9.0), Hit(A, score=8.0)])
    assert [hit.doc for hit in ranked([first, second], _id)] == [B, A]
    same = Ranking("keyword,bm25", 1.0, [Hit(C, score=1.0), Hit(B, score=1.0), Hit(A, score=1.0)])
    assert [hit.doc for hit in relative_score([same], _id)] == [A, B, C]


def test_ranked_explanations_come_in_the_order_of_the_lists() -> None:
    (best, *_) = ranked([VECTOR, KEYWORD], _id, explain=True)
    assert best.explain == (
        "\nHybrid (Result Set vector,hybridVector) Document id-1 contributed 0.0125 to the score"
        "\nHybrid (Result Set keyword,bm25) Document id-1 contributed 0.004032258 to the score"
    )


def test_relative_explanations_begin_with_the_last_list() -> None:
    found = {hit.doc: hit.explain for hit in relative_score([VECTOR, KEYWORD], _id, explain=True)}
    assert found[B] == (
        "\nHybrid (Result Set keyword,bm25) Document id-2: original score 2, normalized score: 0.25 - "
        "\nHybrid (Result Set vector,hybridVector) Document id-2: original score 0.75, normalized score: 0.375"
    )
    assert found[D].startswith("\nHybrid (Result Set keyword,bm25) Document id-4: original score 1.5")


def test_explanations_are_not_made_unasked() -> None:
    assert {hit.explain for hit in relative_score([VECTOR, KEYWORD], _id)} == {""}


def test_a_largest_distance_drops_what_is_not_near_from_both_lists() -> None:
    near, words = keep_near(VECTOR.hits, KEYWORD.hits, 0.25)
    assert [hit.doc for hit in near] == [A, B]
    assert [hit.doc for hit in words] == [B, A]


@given(
    st.lists(st.floats(0, 2, width=32), max_size=20),
    st.lists(st.floats(0, 9, width=32), max_size=20),
    st.floats(0.0625, 0.9375, width=32),
)
def test_fused_scores_are_sorted_and_bounded(near: list[float], words: list[float], alpha: float) -> None:
    vector = [Hit(doc, distance=distance) for doc, distance in enumerate(sorted(near))]
    keyword = [Hit(doc * 2, score=score) for doc, score in enumerate(sorted(words, reverse=True))]
    rankings = [Ranking("vector,nearText", alpha, vector), Ranking("keyword,bm25", 1 - alpha, keyword)]
    for fuse in (ranked, relative_score):
        scores = [hit.score or 0.0 for hit in fuse(rankings, _id)]
        assert all(a >= b - 1e-6 for a, b in itertools.pairwise(scores))
        assert all(-1e-6 <= score <= 1 + 1e-6 for score in scores)
        assert len(scores) == len({hit.doc for hit in (*vector, *keyword)})


# --- Joins -----------------------------------------------------------------------------------------------------------

NAN = float("nan")
DISTANCES = {"a": {1: 0.1, 2: 0.5, 3: 0.9, 4: 0.2}, "b": {1: 0.8, 2: 0.45, 3: 0.3}}
"""Document 4 has no vector `b`."""


def _target(name: str, found: tuple[int, ...]) -> TargetHits:
    known = DISTANCES[name]
    hits = sorted((Hit(doc, distance=known[doc]) for doc in found), key=lambda hit: hit.distance or 0.0)
    return TargetHits(Hits.of(hits), lambda docs: np.array([known.get(int(doc), NAN) for doc in docs], np.float32))


TARGETS = [_target("a", (1, 4)), _target("b", (2, 3))]
JOINS = {
    "minimum of what was found": (Join.MINIMUM, (), {1: 0.1, 4: 0.2, 3: 0.3, 2: 0.45}),
    "sum, measuring what was not": (Join.SUM, (), {1: 0.9, 2: 0.95, 3: 1.2}),
    "average": (Join.AVERAGE, (), {1: 0.45, 2: 0.475, 3: 0.6}),
    "weights": (Join.MANUAL, (2.0, 0.5), {1: 0.6, 2: 1.225, 3: 1.95}),
    "relative score": (Join.RELATIVE, (0.5, 0.5), {2: 0.4, 1: 0.5, 3: 0.5}),
}


@pytest.mark.parametrize(("method", "weights", "expected"), JOINS.values(), ids=JOINS)
def test_join(method: Join, weights: tuple[float, ...], expected: dict[int, float]) -> None:
    found = {hit.doc: hit.distance for hit in join(TARGETS, method, weights, 10)}
    assert found == pytest.approx(expected, abs=1e-6)
    assert list(found) == list(expected)


def test_a_join_keeps_its_limit_and_its_largest_distance() -> None:
    assert [hit.doc for hit in join(TARGETS, Join.MINIMUM, (), 2)] == [1, 4]
    assert [hit.doc for hit in join(TARGETS, Join.SUM, (), 10, distance=1.0)] == [1, 2]


def test_a_join_of_nothing_is_nothing() -> None:
    nothing = [TargetHits(Hits.of([]), lambda docs: np.empty(0, np.float32))] * 2
    for method in Join:
        assert join(nothing, method, (1.0, 1.0), 5) == []


def test_weights_must_fit_the_targets() -> None:
    with pytest.raises(InvalidQuery, match=r"number of weights \(1\) does not match number of targets \(2\)"):
        join(TARGETS, Join.MANUAL, (1.0,), 5)
