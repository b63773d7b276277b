"""The waist: every door builds these values, and the engine understands nothing else.

A search is a `SearchRequest`, an aggregation an `AggregateRequest`, a write a list of `Change`s. What comes back is
a `Reply` of `Row`s or `Group`s, or an `Aggregation`. All are frozen; the unions (`Target`, `Filter`, `Path`,
`Change`) are closed and read with `match`. Doors fill in the defaults that differ from door to door (limit, alpha);
everything else here means the same wherever it came from. Imports only `weavelet.schema`.

    search.py        a SearchRequest, and its Reply
    aggregation.py   an AggregateRequest, and its Aggregation
    where.py         filters
    target.py        what is looked for
    steps.py         what is done with what was found
    want.py          what of it is shown
    change.py        what a shard is told to write
"""

from weavelet.engine.query.aggregation import (
    AggregateGroup,
    AggregateProperty,
    AggregateRequest,
    Aggregation,
    Figure,
    Metric,
    Occurrence,
)
from weavelet.engine.query.change import Change, Delete, Put
from weavelet.engine.query.search import Generated, Group, Hit, Kept, Profile, Reply, Row, SearchRequest, Subject
from weavelet.engine.query.steps import (
    Boost,
    Curve,
    DecayBoost,
    FilterBoost,
    Generate,
    GroupBy,
    Page,
    Rerank,
    Sort,
    ValueBoost,
    property_names,
)
from weavelet.engine.query.target import (
    Cut,
    Diversity,
    Fusion,
    Hybrid,
    Join,
    Keyword,
    Match,
    Move,
    Near,
    NearObject,
    NearText,
    NearVector,
    Target,
    TargetVectors,
)
from weavelet.engine.query.want import Pick, PickObject, PickReference, Want
from weavelet.engine.query.where import (
    And,
    Compare,
    Filter,
    FilterValue,
    GeoRange,
    Internal,
    Not,
    OfLength,
    OfProperty,
    OfReferenceCount,
    OfReferenced,
    Operator,
    Or,
    Path,
    PointsAt,
    ValueKind,
)

__all__ = [
    "AggregateGroup",
    "AggregateProperty",
    "AggregateRequest",
    "Aggregation",
    "And",
    "Boost",
    "Change",
    "Compare",
    "Curve",
    "Cut",
    "DecayBoost",
    "Delete",
    "Diversity",
    "Figure",
    "Filter",
    "FilterBoost",
    "FilterValue",
    "Fusion",
    "Generate",
    "Generated",
    "GeoRange",
    "Group",
    "GroupBy",
    "Hit",
    "Hybrid",
    "Internal",
    "Join",
    "Kept",
    "Keyword",
    "Match",
    "Metric",
    "Move",
    "Near",
    "NearObject",
    "NearText",
    "NearVector",
    "Not",
    "Occurrence",
    "OfLength",
    "OfProperty",
    "OfReferenceCount",
    "OfReferenced",
    "Operator",
    "Or",
    "Page",
    "Path",
    "Pick",
    "PickObject",
    "PickReference",
    "PointsAt",
    "Profile",
    "Put",
    "Reply",
    "Rerank",
    "Row",
    "SearchRequest",
    "Sort",
    "Subject",
    "Target",
    "TargetVectors",
    "ValueBoost",
    "ValueKind",
    "Want",
    "property_names",
]
