"""Names of collections, aliases, properties, vectors and tenants: their canonical form and which are legal.

A collection's first letter is a capital, a property's is not; callers may send either. Every check raises
`InvalidSchema` with the name in it.
"""

import re
from collections.abc import Sequence
from typing import Final

from weavelet.errors import InvalidSchema

MAXIMUM_COLLECTION_NAME: Final = 255
MAXIMUM_PROPERTY_NAME: Final = 231
MAXIMUM_VECTOR_NAME: Final = 230

RESERVED_COLLECTION: Final = "raft"
RESERVED_PROPERTIES: Final = frozenset({"_additional", "_id", "id"})
RESERVED_SUFFIXES: Final = ("_searchable", "_rangeable", "_temp", "__meta_count", "_propertyLength", "_nullState")

_COLLECTION = re.compile(r"[A-Z][_0-9A-Za-z]*")
_IDENTIFIER = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TENANT_RULE = (
    "should only contain alphanumeric characters (a-z, A-Z, 0-9), underscore (_), and hyphen (-), "
    "with a length between 1 and 64 characters"
)


def upper_first(name: str) -> str:
    return name[:1].upper() + name[1:]


def lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def collection_name(text: str) -> str:
    """The canonical name of a collection."""
    name = upper_first(text)
    if not _COLLECTION.fullmatch(name):
        raise InvalidSchema(f"'{name}' is not a valid class name")
    if len(name) > MAXIMUM_COLLECTION_NAME:
        raise InvalidSchema(
            f"'{name}' is not a valid class name. Name should not be longer than {MAXIMUM_COLLECTION_NAME} characters"
        )
    if name.lower() == RESERVED_COLLECTION:
        raise InvalidSchema(f"parse class name: class name `{RESERVED_COLLECTION}` is reserved")
    return name


def alias_name(text: str) -> str:
    """The canonical name of an alias."""
    name = upper_first(text)
    if not _COLLECTION.fullmatch(name):
        raise InvalidSchema(f"'{name}' is not a valid alias name")
    if len(name) > MAXIMUM_COLLECTION_NAME:
        raise InvalidSchema(
            f"'{name}' is not a valid alias name. Name should not be longer than {MAXIMUM_COLLECTION_NAME} characters"
        )
    return name


def property_name(text: str) -> str:
    """The canonical name of a property of a collection."""
    name = lower_first(text)
    if not _IDENTIFIER.fullmatch(name):
        raise InvalidSchema(
            f"'{name}' is not a valid property name. Property names in Weaviate are restricted to valid GraphQL "
            f"names, which must be “/[_A-Za-z][_0-9A-Za-z]{{0,{MAXIMUM_PROPERTY_NAME - 1}}}/”"
        )
    if len(name) > MAXIMUM_PROPERTY_NAME:
        raise InvalidSchema(
            f"'{name}' is not a valid property name. Name should not be longer than {MAXIMUM_PROPERTY_NAME} characters"
        )
    if name in RESERVED_PROPERTIES:
        raise InvalidSchema(f"'{name}' is a reserved property name")
    for suffix in RESERVED_SUFFIXES:
        if name.endswith(suffix):
            raise InvalidSchema(
                f"'{name}' is not a valid property name: suffix '{suffix}' is reserved for internal indices"
            )
    return name


def nested_property_name(text: str, parent: str) -> str:
    """The name of a property of an object property; it is kept as written."""
    if not _IDENTIFIER.fullmatch(text):
        raise InvalidSchema(
            f"'{text}' is not a valid nested property name of '{parent}'. NestedProperty names in Weaviate are "
            "restricted to valid GraphQL names, which must be “/[_A-Za-z][_0-9A-Za-z]*/”"
        )
    return text


def vector_name(text: str) -> str:
    """The name of a named vector; it is kept as written."""
    if not _IDENTIFIER.fullmatch(text):
        raise InvalidSchema(
            f'class.VectorConfig target vector name "{text}" is not valid, in Weaviate target vector names are '
            f"restricted to valid GraphQL names, which must be "
            f"“/[_A-Za-z][_0-9A-Za-z]{{0,{MAXIMUM_VECTOR_NAME - 1}}}/”."
        )
    if len(text) > MAXIMUM_VECTOR_NAME:
        raise InvalidSchema(
            f'class.VectorConfig target vector name "{text}" is not valid. '
            f"Target vector name should not be longer than {MAXIMUM_VECTOR_NAME} characters."
        )
    return text


def check_tenants(names: Sequence[str]) -> None:
    """Whether these may be the tenants of one request: each legal, none twice."""
    for index, name in enumerate(names):
        if not name:
            raise InvalidSchema(f"tenant name at index {index}: empty tenant name")
        if not _TENANT.fullmatch(name):
            raise InvalidSchema(f"tenant name at index {index}:  '{name}' is not a valid tenant name. {_TENANT_RULE}")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidSchema(f"tenant name {name} existed multiple times")
        seen.add(name)


def tenant_name(text: str) -> str:
    """A single legal tenant name."""
    if not text:
        raise InvalidSchema("empty tenant name")
    if not _TENANT.fullmatch(text):
        raise InvalidSchema(f"'{text}' is not a valid tenant name. {_TENANT_RULE}")
    return text
