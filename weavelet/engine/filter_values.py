"""The values of comparisons as the index keeps them, and the sentences for those that make no sense.

Imports the schema and the tokenizer; knows no index.
"""

from collections.abc import Sequence
from typing import Any, Final

from weavelet.engine.fields import as_ns
from weavelet.engine.query import Compare, Operator
from weavelet.engine.tokenize import query_terms
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import InvertedIndex, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.uuids import canonical_uuid, uuid_problem

ONLY_STOPWORDS: Final = (
    "invalid search term, only stopwords provided. Stopwords can be configured in class.invertedIndexConfig.stopwords"
)
CONTAINS: Final = frozenset({Operator.CONTAINS_ANY, Operator.CONTAINS_ALL, Operator.CONTAINS_NONE})
ORDERED: Final = frozenset(
    {Operator.GREATER_THAN, Operator.GREATER_THAN_EQUAL, Operator.LESS_THAN, Operator.LESS_THAN_EQUAL}
)
_EQUALITY: Final = frozenset({Operator.EQUAL, Operator.NOT_EQUAL})
_NANOSECONDS_A_MILLISECOND: Final = 1_000_000


def values_of(compare: Compare, subject: str) -> tuple[Any, ...]:
    """The values compared with: those of a Contains operator, else the one there is. Raises `InvalidFilter`."""
    value, many = compare.value, isinstance(compare.value, tuple | list)
    if many != (compare.operator in CONTAINS):
        needed, got = ("one value", "a list of values") if many else ("a list of values", "one value")
        raise InvalidFilter(f"operator {compare.operator} on '{subject}' needs {needed}, got {got}")
    if not many:
        return (value,)
    assert isinstance(value, tuple | list)
    if not value:
        raise InvalidFilter(ONLY_STOPWORDS)
    return tuple(value)


def number(value: Any, prop: Property) -> int | float | bool:
    """The value for a numeric, date or boolean column. Raises `InvalidFilter`."""
    match prop.type.element:
        case DataType.DATE:
            return date_ns(value)
        case DataType.BOOLEAN if isinstance(value, bool):
            return value
        case DataType.INT | DataType.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        case _:
            raise InvalidFilter(
                f"'{prop.name}' is of type {prop.type} and cannot be compared with {type(value).__name__} {value!r}"
            )


def date_ns(value: Any) -> int:
    try:
        return as_ns(str(value))
    except ValueError:
        raise InvalidFilter(
            f'trying parse time as RFC3339 string: "{value}" is no time such as 2006-01-02T15:04:05Z'
        ) from None


def timestamp_ms(value: Any) -> int:
    """Milliseconds since 1970, from a decimal text or a date. Raises `InvalidFilter`."""
    text = str(value)
    if text.removeprefix("-").isdecimal():
        return int(text)
    try:
        return as_ns(text) // _NANOSECONDS_A_MILLISECOND
    except ValueError:
        raise InvalidFilter(f"expected value to be timestamp, got '{text}'") from None


def uuid(value: Any) -> str:
    """The canonical form. Raises `InvalidFilter`."""
    text = str(value)
    found = canonical_uuid(text)
    if found is None:
        raise InvalidFilter(f"parse uuid filter value: {uuid_problem(text)}")
    return found


def text_terms_of(value: Any, prop: Property, inverted: InvertedIndex, *, wildcard: bool = False) -> list[str]:
    """The distinct terms of a text that a property is compared with, without stop words; at least one."""
    if not isinstance(value, str):
        raise InvalidFilter(f"expected value to be string, got '{type(value).__name__}'")
    found = list(dict.fromkeys(query_terms(value, prop, inverted, wildcard)))
    if not found:
        raise InvalidFilter(ONLY_STOPWORDS)
    return found


def contained_terms(
    values: Sequence[Any], operator: Operator, prop: Property, inverted: InvertedIndex
) -> list[list[str]]:
    """The terms of each value of a Contains operator. ContainsAny leaves out values of stop words only."""
    found: list[list[str]] = []
    for place, value in enumerate(values):
        try:
            found.append(text_terms_of(value, prop, inverted))
        except InvalidFilter as error:
            if operator is not Operator.CONTAINS_ANY:
                raise InvalidFilter(f"nested query: nested clause at pos {place}: {error}") from None
    if not found:
        raise InvalidFilter(ONLY_STOPWORDS)
    return found


def check_operator(operator: Operator, prop: Property) -> None:
    """Raise `InvalidFilter` where values of the property's type cannot be compared so."""
    element = prop.type.element
    if element is DataType.GEO:
        fits = operator is Operator.WITHIN_GEO_RANGE
    elif operator is Operator.LIKE:
        fits = element is DataType.TEXT
    else:
        fits = operator in _EQUALITY | ORDERED | CONTAINS
    if not fits:
        hint = "; use WithinGeoRange" if element is DataType.GEO else ""
        raise InvalidFilter(f"operator {operator} cannot be used on '{prop.name}' of type {prop.type}{hint}")
