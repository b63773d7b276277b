"""Filters: comparisons of an object's values, and how they are combined."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeAlias


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
