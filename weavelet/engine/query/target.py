"""What a search looks for: words, vectors, texts, objects, or words and vectors together."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from weavelet.schema.objects import Vector


class Join(StrEnum):
    """How the distances to several target vectors become one."""

    MINIMUM = "minimum"
    SUM = "sum"
    AVERAGE = "average"
    MANUAL = "manualWeights"
    RELATIVE = "relativeScore"


@dataclass(frozen=True, slots=True)
class TargetVectors:
    """Which vectors to search. No names: the collection's only one. A name may repeat, with one weight each."""

    names: tuple[str, ...] = ()
    join: Join = Join.MINIMUM
    weights: tuple[float, ...] = ()
    """Beside `names`, for MANUAL and RELATIVE; empty otherwise."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The farthest a hit may be: a `distance`, or a `certainty` (cosine only, `1 - distance / 2`). At most one."""

    distance: float | None = None
    certainty: float | None = None


@dataclass(frozen=True, slots=True)
class Diversity:
    """Maximal marginal relevance: of the hits of a page, the `limit` that are near the query yet far from each other.

    No limit keeps them all, in another order.
    """

    limit: int | None = None
    balance: float | None = None
    """1: only nearness counts; 0: only variety."""


class Match(StrEnum):
    """How many of a keyword query's terms a document must have."""

    OR = "Or"
    AND = "And"
    AND_CROSS = "AndCross"


@dataclass(frozen=True, slots=True)
class Keyword:
    """BM25. `properties` as the caller wrote them, boosts included (`title^2`); empty: every searchable property."""

    query: str
    properties: tuple[str, ...] = ()
    match: Match = Match.OR
    minimum_match: int = 0
    """With `Match.OR`: terms a document must have within one property; 0 means 1."""


@dataclass(frozen=True, slots=True)
class NearVector:
    """Nearest to given vectors: one per entry of `targets.names`, or a single one for all of them."""

    vectors: tuple[Vector, ...]
    targets: TargetVectors = TargetVectors()
    cut: Cut = Cut()
    diversity: Diversity | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Push a near-text query vector towards, or away from, concepts and objects (by id)."""

    force: float
    concepts: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NearText:
    """Nearest to the mean of the concepts' vectors, made by each target's vectorizer."""

    concepts: tuple[str, ...]
    move_to: Move | None = None
    move_away: Move | None = None
    targets: TargetVectors = TargetVectors()
    cut: Cut = Cut()
    diversity: Diversity | None = None


@dataclass(frozen=True, slots=True)
class NearObject:
    """Nearest to an object's own vector. `collection` "": the object is of the collection that is searched."""

    id: str
    targets: TargetVectors = TargetVectors()
    cut: Cut = Cut()
    diversity: Diversity | None = None
    collection: str = ""


class Fusion(StrEnum):
    RANKED = "rankedFusion"
    RELATIVE = "relativeScoreFusion"


@dataclass(frozen=True, slots=True)
class Hybrid:
    """A keyword leg and a vector leg, fused. `alpha` is the vector leg's weight.

    The vector leg searches for `near`; without it, for the vector of `query` made by the target's vectorizer.
    `max_distance` drops vector hits farther away, and keyword hits that are not among the remaining ones.
    """

    query: str
    alpha: float
    near: NearVector | NearText | None = None
    properties: tuple[str, ...] = ()
    fusion: Fusion = Fusion.RELATIVE
    targets: TargetVectors = TargetVectors()
    max_distance: float | None = None
    match: Match = Match.OR
    minimum_match: int = 0
    diversity: Diversity | None = None


Near: TypeAlias = NearVector | NearText | NearObject
Target: TypeAlias = Near | Keyword | Hybrid | None
"""What a search looks for; None lists objects."""
