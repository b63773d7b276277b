"""The waist: every door builds these values, and the engine understands nothing else.

A search is a `SearchRequest`, an aggregation an `AggregateRequest`, a write a list of `Change`s. What comes back is
a `Reply` of `Row`s or `Group`s, or an `Aggregation`. All are frozen; the unions (`Target`, `Filter`, `Path`,
`Change`) are closed and read with `match`. Doors fill in the defaults that differ from door to door (limit, alpha);
everything else here means the same wherever it came from. Imports only `weavelet.schema`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, TypeAlias

from weavelet.schema.objects import Object, Vector

# --- Filters ---------------------------------------------------------------------------------------------------------


class Operator(StrEnum):
    """How a property's value is compared. The values are Weaviate's names."""

    EQUAL = "Equal"
    NOT_EQUAL = "NotEqual"
    GREATER_THAN = "GreaterThan"
    GREATER_THAN_EQUAL = "GreaterThanEqual"
    LESS_THAN = "LessThan"
    LESS_THAN_EQUAL = "LessThanEqual"
    LIKE = "Like"
    IS_NULL = "IsNull"
    WITHIN_GEO_RANGE = "WithinGeoRange"
    CONTAINS_ANY = "ContainsAny"
    CONTAINS_ALL = "ContainsAll"
    CONTAINS_NONE = "ContainsNone"


class ValueKind(StrEnum):
    """Which of the request's value fields held the value (the names are those of the `where` JSON)."""

    TEXT = "valueText"
    STRING = "valueString"
    INT = "valueInt"
    NUMBER = "valueNumber"
    BOOLEAN = "valueBoolean"
    DATE = "valueDate"
    GEO = "valueGeoRange"


@dataclass(frozen=True, slots=True)
class GeoRange:
    """Every point within `metres` of a place."""

    latitude: float
    longitude: float
    metres: float


FilterValue: TypeAlias = str | int | float | bool | GeoRange | tuple[str | int | float | bool, ...]


@dataclass(frozen=True, slots=True)
class OfProperty:
    """A property, or with dots a nested one (`address.city`)."""

    name: str


@dataclass(frozen=True, slots=True)
class OfLength:
    """The length of a property: characters of a text, elements of an array."""

    name: str


class Internal(Enum):
    """What every object has without declaring it. The values are the path names of the API."""

    ID = "_id"
    CREATED = "_creationTimeUnix"
    UPDATED = "_lastUpdateTimeUnix"


@dataclass(frozen=True, slots=True)
class OfReferenced:
    """`path` in the objects of `collection` that `property` points at. `collection` "" means the only target."""

    property: str
    collection: str
    path: "Path"


@dataclass(frozen=True, slots=True)
class OfReferenceCount:
    """How many references `property` holds."""

    property: str


Path: TypeAlias = OfProperty | OfLength | Internal | OfReferenced | OfReferenceCount


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Filter"


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison. For the Contains operators `value` is a tuple."""

    path: Path
    operator: Operator
    value: FilterValue
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class PointsAt:
    """Objects whose reference `property` holds one of `beacons`: an `OfReferenced` comparison, once it is resolved."""

    property: str
    beacons: frozenset[str]


Filter: TypeAlias = And | Or | Not | Compare | PointsAt

# --- What is searched for --------------------------------------------------------------------------------------------


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

# --- What is done with the hits --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the ranked hits is wanted. `limit` None: no limit but the hits' own (a `Cut`)."""

    limit: int | None
    offset: int = 0
    after: str | None = None
    """List in order of id, starting behind this one ("" starts at the first). Only without a target."""
    autocut: int = 0
    """Keep hits up to the n-th jump in score or distance; 0 keeps all."""


@dataclass(frozen=True, slots=True)
class Sort:
    """By a property or an `Internal` path name. Nulls come first in ascending order, last in descending order."""

    path: tuple[str, ...]
    ascending: bool = True


@dataclass(frozen=True, slots=True)
class GroupBy:
    path: tuple[str, ...]
    groups: int
    per_group: int


@dataclass(frozen=True, slots=True)
class Rerank:
    """Score the page again by what `property` says about `query` (None: the search's own text).

    `module` chooses among several configured rerankers; None: the collection's own.
    """

    property: str
    query: str | None = None
    module: str | None = None


@dataclass(frozen=True, slots=True)
class Generate:
    """Let a language model write: per row from `prompt`, and once for all rows from `task`."""

    prompt: str | None = None
    task: str | None = None
    task_properties: tuple[str, ...] = ()
    provider: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    debug: bool = False


class Curve(StrEnum):
    GAUSS = "gauss"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True)
class FilterBoost:
    """1 for objects that pass the filter, else 0."""

    where: Filter
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class DecayBoost:
    """Falls off with the distance of `property` from `origin`: 1 within `offset`, `decay` at `scale` beyond it.

    For dates, `origin` is an RFC 3339 time or "now", and `scale` and `offset` are durations such as "7d".
    """

    property: str
    origin: float | str
    scale: float | str
    offset: float | str = 0.0
    curve: Curve = Curve.EXPONENTIAL
    decay: float = 0.5
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ValueBoost:
    """The number in `property`, as it is or through `log1p` or `sqrt`."""

    property: str
    modifier: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Boost:
    """Mix the search's own score with those of `conditions`. `depth`: how many hits take part."""

    conditions: tuple[FilterBoost | DecayBoost | ValueBoost, ...]
    weight: float = 0.5
    depth: int | None = None


# --- What is shown ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PickObject:
    """Some of an object property's own properties; `picks` None shows them all."""

    name: str
    picks: tuple["Pick", ...] | None


@dataclass(frozen=True, slots=True)
class PickReference:
    """The objects a reference points at, shown as `want` says. `collection` "": whichever they belong to."""

    name: str
    want: "Want"
    collection: str = ""


Pick: TypeAlias = str | PickObject | PickReference


@dataclass(frozen=True, slots=True)
class Want:
    """What of each hit is shown. The fetch reads nothing else.

    `properties` None: every property but references and blobs. `vectors`: names (`UNNAMED` for the unnamed one),
    or None for all of them; the empty set for none.
    """

    properties: tuple[Pick, ...] | None = None
    references: tuple[PickReference, ...] = ()
    """With `properties` None: references to show beside everything else."""
    vectors: frozenset[str] | None = frozenset()
    explain: bool = False
    certainty: bool = False
    profile: bool = False


# --- Requests --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    collection: str
    page: Page
    tenant: str = ""
    target: Target = None
    where: Filter | None = None
    sort: tuple[Sort, ...] = ()
    group_by: GroupBy | None = None
    rerank: Rerank | None = None
    generate: Generate | None = None
    boost: Boost | None = None
    want: Want = Want()
    headers: Mapping[str, str] = field(default_factory=dict)
    """The caller's headers under lower-case names, for modules (keys, base URLs)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. `score` is larger-is-better (keyword, hybrid), `distance` smaller-is-nearer."""

    doc: int
    score: float | None = None
    distance: float | None = None
    explain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One object of a reply. `references` holds, per reference shown, the rows of the objects it points at."""

    object: Object
    score: float | None = None
    distance: float | None = None
    certainty: float | None = None
    explain: str = ""
    rerank_score: float | None = None
    generated: "Generated | None" = None
    references: Mapping[str, tuple["Row", ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows that share one value of the grouping property, in rank order."""

    index: int
    value: str
    path: tuple[str, ...]
    rows: tuple[Row, ...]
    min_distance: float
    max_distance: float
    rerank_score: float | None = None
    generated: "Generated | None" = None


@dataclass(frozen=True, slots=True)
class Generated:
    """What a language model wrote, and with `debug` the prompt it was given."""

    text: str
    prompt: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a search spent its time: per kind of search, named figures as text."""

    shard: str
    node: str
    searches: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a search answers: `rows`, or with `group_by` `groups`."""

    rows: tuple[Row, ...] = ()
    groups: tuple[Group, ...] | None = None
    generated: Generated | None = None
    profile: Profile | None = None
    seconds: float = 0.0


# --- Aggregation -----------------------------------------------------------------------------------------------------


class Metric(StrEnum):
    COUNT = "count"
    TYPE = "type"
    SUM = "sum"
    MEAN = "mean"
    MODE = "mode"
    MEDIAN = "median"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    TOP_OCCURRENCES = "topOccurrences"
    TOTAL_TRUE = "totalTrue"
    TOTAL_FALSE = "totalFalse"
    PERCENTAGE_TRUE = "percentageTrue"
    PERCENTAGE_FALSE = "percentageFalse"
    POINTING_TO = "pointingTo"


@dataclass(frozen=True, slots=True)
class AggregateProperty:
    name: str
    metrics: frozenset[Metric]
    top_occurrences: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateRequest:
    """Figures over all objects that pass `where` and, with a `target`, are among its first `object_limit` hits."""

    collection: str
    tenant: str = ""
    target: Target = None
    where: Filter | None = None
    group_by: tuple[str, ...] | None = None
    limit: int | None = None
    """The most groups to return; None: 100."""
    object_limit: int | None = None
    properties: tuple[AggregateProperty, ...] = ()
    count: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occurrence:
    value: str
    occurs: int


Figure: TypeAlias = int | float | str | tuple[Occurrence, ...] | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateGroup:
    """`figures`: property name -> metric -> value. `value` and `path` say which group; None for the only one."""

    count: int
    figures: Mapping[str, Mapping[Metric, Figure]]
    path: tuple[str, ...] | None = None
    value: str | int | float | bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation:
    groups: tuple[AggregateGroup, ...]
    grouped: bool
    seconds: float = 0.0


# --- Writes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Put:
    """Store the object under its id, in place of whatever was there."""

    object: Object


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the object of this id; nothing happens where there is none."""

    id: str


Change: TypeAlias = Put | Delete
