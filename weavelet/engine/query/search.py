"""A search and its answer: `SearchRequest` in, `Reply` out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from weavelet.engine.query.steps import Boost, Generate, GroupBy, Page, Rerank, Sort
from weavelet.engine.query.target import Target
from weavelet.engine.query.want import Want
from weavelet.engine.query.where import Filter
from weavelet.schema.objects import Object, Vector


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about when it is asked once more: everything but these and the headers is as it was.

    `vector` is None where the request has none.
    """

    text: str
    vector: Vector | None
    headers: Mapping[str, str]


class Kept:
    """What a search has worked out from a request that will be asked again, with other subjects: its own business."""

    __slots__ = ("prepared",)

    def __init__(self) -> None:
        self.prepared: Any = None


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
    want: Want = field(default_factory=Want)
    headers: Mapping[str, str] = field(default_factory=dict)
    """The caller's headers under lower-case names, for modules (keys, base URLs)."""
    kept: Kept | None = field(default=None, compare=False, repr=False)
    """Given by a door that will ask again, about other subjects. Not where a stage reads what the target says."""


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
    """What a language model wrote, and with `debug` the prompt it was given.

    With `metadata` what the provider told of its work, under the names of its API.
    """

    text: str
    prompt: str | None = None
    error: str | None = None
    provider: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """Where a search spent its time: per kind of search, named figures as text."""

    shard: str
    node: str
    searches: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a search answers: `rows`, or with `group_by` `groups`."""

    rows: Sequence[Row] = ()
    groups: tuple[Group, ...] | None = None
    generated: Generated | None = None
    profile: Profile | None = None
    seconds: float = 0.0
