"""Boosting: what the conditions give, and how they are mixed with a search's own scores."""

from typing import Any

import pytest

from weavelet.engine.boost import boosted, check_boost, duration_ns
from weavelet.engine.query import (
    And,
    Boost,
    Compare,
    Curve,
    DecayBoost,
    Filter,
    FilterBoost,
    Hit,
    Not,
    OfLength,
    OfProperty,
    Operator,
    Or,
    ValueBoost,
    ValueKind,
)
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

DAY = 86_400 * 10**9
NOW = 19_723 * DAY  # 2024-01-01T00:00:00Z
WARES = Collection(
    name="Ware",
    properties=(
        Property(name="text", type=DataType.TEXT),
        Property(name="price", type=DataType.NUMBER),
        Property(name="count", type=DataType.INT),
        Property(name="made", type=DataType.DATE),
        Property(name="new", type=DataType.BOOLEAN),
    ),
)
PROPERTIES: list[dict[str, Any]] = [
    {"text": "a", "price": 10.0, "count": 0, "made": "2024-01-01T00:00:00Z", "new": True},
    {"text": "B", "price": 50.0, "count": 3, "made": "2023-12-25T00:00:00Z", "new": False},
    {"text": "c"},
]
HITS = [Hit(1, distance=0.1), Hit(2, distance=0.2), Hit(3, distance=0.3)]
IDS = ["a", "b", "c"]


def _compare(name: str, operator: Operator, value: Any, kind: ValueKind = ValueKind.NUMBER) -> Compare:
    return Compare(OfProperty(name), operator, value, kind)


def _only(condition: FilterBoost | DecayBoost | ValueBoost) -> list[float]:
    """What the condition alone gives to the three, scaled to its best and worst."""
    found = boosted(HITS, Boost((condition,), weight=1.0), PROPERTIES, IDS, NOW)
    scores = {hit.doc: hit.score for hit in found}
    return [scores[hit.doc] or 0.0 for hit in HITS]


FILTERS: dict[str, tuple[Filter, list[float]]] = {
    "a number": (_compare("price", Operator.GREATER_THAN, 20), [0, 1, 0]),
    "an int with a number": (_compare("count", Operator.EQUAL, 3.0), [0, 1, 0]),
    "text with its case": (_compare("text", Operator.EQUAL, "b", ValueKind.TEXT), [1, 1, 1]),
    "a date by instant": (
        _compare("made", Operator.LESS_THAN_EQUAL, "2023-12-25T01:00:00+01:00", ValueKind.DATE),
        [0, 1, 0],
    ),
    "a boolean": (_compare("new", Operator.EQUAL, True, ValueKind.BOOLEAN), [1, 0, 0]),
    "not equal needs a value": (_compare("price", Operator.NOT_EQUAL, 10.0), [0, 1, 0]),
    "values of another kind": (_compare("text", Operator.GREATER_THAN, 1), [1, 1, 1]),
    "not": (Not(_compare("price", Operator.EQUAL, 10.0)), [0, 1, 1]),
    "and": (And((_compare("price", Operator.GREATER_THAN, 1), _compare("count", Operator.EQUAL, 0))), [1, 0, 0]),
    "or": (Or((_compare("price", Operator.LESS_THAN, 20), _compare("count", Operator.EQUAL, 3))), [1, 1, 0]),
}


@pytest.mark.parametrize(("where", "shares"), FILTERS.values(), ids=FILTERS)
def test_a_filter_gives_1_or_0(where: Filter, shares: list[float]) -> None:
    assert _only(FilterBoost(where)) == shares


DECAYS = {
    "exponential": (DecayBoost("price", 10.0, 40.0), [1, 0.5, 0]),
    "gauss": (DecayBoost("price", 10.0, 80.0, curve=Curve.GAUSS), [1, 0.5**0.25, 0]),
    "linear": (DecayBoost("price", 10.0, 80.0, curve=Curve.LINEAR), [1, 0.75, 0]),
    "nothing within the offset": (DecayBoost("price", 10.0, 1.0, offset=40.0), [1, 1, 0]),
    "another decay": (DecayBoost("price", 10.0, 40.0, decay=0.2), [1, 0.2, 0]),
    "dates from now": (DecayBoost("made", "now", "7d"), [1, 0.5, 0]),
    "dates from a time": (DecayBoost("made", "2023-12-25T00:00:00Z", "168h"), [0.5, 1, 0]),
}


@pytest.mark.parametrize(("condition", "shares"), DECAYS.values(), ids=DECAYS)
def test_a_decay_falls_off_from_the_origin(condition: DecayBoost, shares: list[float]) -> None:
    assert _only(condition) == pytest.approx(shares, abs=1e-6)


def test_a_value_is_scaled_over_the_hits() -> None:
    hits = [*HITS, Hit(4, distance=0.4)]
    properties = [*PROPERTIES, {"count": 15}]
    plain = boosted(hits, Boost((ValueBoost("count"),), weight=1.0), properties, [*IDS, "d"], NOW)
    assert [(hit.doc, hit.score) for hit in plain] == [
        (4, 1),
        (2, pytest.approx(0.2)),
        (1, 0),
        (3, 0),
    ]
    log = boosted(hits, Boost((ValueBoost("count", "log1p"),), weight=1.0), properties, [*IDS, "d"], NOW)
    assert log[1].score == pytest.approx(0.5)


def test_the_searchs_own_scores_are_mixed_in_by_weight() -> None:
    boost = Boost((FilterBoost(_compare("count", Operator.EQUAL, 3)),), weight=0.5)
    found = boosted(HITS, boost, PROPERTIES, IDS, NOW)
    assert [(hit.doc, hit.score) for hit in found] == [
        (2, 1),
        (1, pytest.approx(2 / 3)),
        (3, 0),
    ]
    assert found[0].distance == 0.2


def test_scores_are_larger_is_better_and_distances_smaller() -> None:
    scored = [Hit(1, score=1.0), Hit(2, score=2.0), Hit(3, score=3.0)]
    boost = Boost((FilterBoost(_compare("price", Operator.GREATER_THAN, 0)),), weight=0.01)
    assert [hit.doc for hit in boosted(scored, boost, PROPERTIES, IDS, NOW)] == [3, 2, 1]


def test_a_negative_weight_demotes() -> None:
    boost = Boost((FilterBoost(_compare("count", Operator.EQUAL, 0), weight=-1.0),), weight=0.9)
    assert boosted(HITS, boost, PROPERTIES, IDS, NOW)[-1].doc == 1


def test_equal_scores_go_by_id() -> None:
    equal = [Hit(doc, score=1.0) for doc in (1, 2, 3)]
    boost = Boost((FilterBoost(_compare("price", Operator.LESS_THAN, 0)),))
    found = boosted(equal, boost, PROPERTIES, ["c", "a", "b"], NOW)
    assert [(hit.doc, hit.score) for hit in found] == [(2, 1), (3, 1), (1, 1)]


def test_no_weight_and_no_hits_change_nothing() -> None:
    boost = Boost((ValueBoost("count"),), weight=0.0)
    assert boosted(HITS, boost, PROPERTIES, IDS, NOW) == HITS
    assert boosted([], Boost((ValueBoost("count"),)), [], [], NOW) == []


REFUSED = {
    "no condition": (Boost(()), "between 1 and 20 conditions, not 0"),
    "a weight above 1": (Boost((ValueBoost("count"),), weight=1.5), "weight must be between 0 and 1, got 1.5"),
    "a depth below 0": (Boost((ValueBoost("count"),), depth=-1), "depth must be >= 0, got -1"),
    "an unknown property": (Boost((ValueBoost("zz"),)), "class Ware has no property 'zz'"),
    "a value of text": (Boost((ValueBoost("text"),)), "must be of type int or number, got text"),
    "a time decay of a number": (Boost((DecayBoost("price", "now", "7d"),)), "must be of type date, got number"),
    "a decay above 1": (Boost((DecayBoost("price", 1.0, 1.0, decay=2),)), "decay_value must be between 0 and 1"),
    "no scale": (Boost((DecayBoost("price", 1.0, 0.0),)), "scale must be > 0"),
    "a scale that is no duration": (Boost((DecayBoost("made", "now", "soon"),)), "durations such as 7d"),
    "another operator": (
        Boost((FilterBoost(And((_compare("text", Operator.LIKE, "a*", ValueKind.TEXT),))),)),
        r"boost condition\[0\] filter: operator Like is not supported",
    ),
    "a length": (
        Boost((FilterBoost(Compare(OfLength("text"), Operator.EQUAL, 1, ValueKind.INT)),)),
        "only the object's own properties",
    ),
}


@pytest.mark.parametrize(("boost", "text"), REFUSED.values(), ids=REFUSED)
def test_refused(boost: Boost, text: str) -> None:
    with pytest.raises(InvalidQuery, match=text):
        check_boost(boost, WARES)


def test_sensible_boosts_pass() -> None:
    check_boost(Boost((ValueBoost("count"), DecayBoost("made", "now", "7d"), FilterBoost(FILTERS["or"][0]))), WARES)


DURATIONS = {"7d": 7 * DAY, "1h30m": 5_400_000_000_000, "500ms": 500_000_000, "0": 0, "": 0, "12": 12}


@pytest.mark.parametrize(("text", "nanoseconds"), DURATIONS.items(), ids=[*DURATIONS])
def test_durations(text: str, nanoseconds: float) -> None:
    assert duration_ns(text) == nanoseconds
