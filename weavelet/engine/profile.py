"""What a search tells about itself: where its time went, under the names that Weaviate's query profiles have.

A `Clock` is carried through a search and notes what each step took; `profile` sorts the steps by kind of search. The
graph's upper layers are walked in no time, so what its search takes is given as that of layer 0.
"""

import time

from weavelet.engine.plan import Plan
from weavelet.engine.query import Profile


class Clock:
    """How long the steps of a search took, in seconds, and how many documents some of them found."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self.scanned = False
        """Whether the vector search looked at every vector."""
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now


def profile(clock: Clock, plan: Plan, shard: str, node: str, seconds: float) -> Profile:
    """`seconds`: what the whole search took. Each leg of a hybrid search is a search of its own."""
    searches = {}
    if plan.vector is not None:
        searches["vector"] = _of_vector(clock)
    if plan.keyword is not None:
        searches["keyword"] = _of_keyword(clock)
    common = _of_filter(clock, plan) | {"objects_took": _duration(clock.seconds["objects"])}
    searches = {kind: common | steps for kind, steps in searches.items()} or {"object": common | _of_listing(clock)}
    return Profile(shard, node, {kind: steps | {"total_took": _duration(seconds)} for kind, steps in searches.items()})


def _of_filter(clock: Clock, plan: Plan) -> dict[str, str]:
    if plan.where is None:
        return {}
    return {
        "filters_build_allow_list_took": _duration(clock.seconds["filter"]),
        "filters_ids_matched": str(clock.counts["filter"]),
    }


def _of_listing(clock: Clock) -> dict[str, str]:
    return {"list_took": _duration(clock.seconds["list"])}


def _of_vector(clock: Clock) -> dict[str, str]:
    took = _duration(clock.seconds["vector"])
    return {
        "vector_search_took": took,
        "knn_search_layer_0_took": took,
        "hnsw_flat_search": "true" if clock.scanned else "false",
    }


def _of_keyword(clock: Clock) -> dict[str, str]:
    tokens, scoring = clock.seconds["tokens"], clock.seconds["keyword"]
    return {
        "kwd_method": "bm25f",
        "kwd_time": _duration(tokens + scoring),
        "kwd_1_tok_time": _duration(tokens),
        "kwd_4_bmw_time": _duration(scoring),
        "kwd_6_res_count": str(clock.counts["keyword"]),
    }


def _duration(seconds: float) -> str:
    return f"{seconds * 1e6:.1f}µs" if seconds < 1e-3 else f"{seconds * 1e3:.3f}ms"
