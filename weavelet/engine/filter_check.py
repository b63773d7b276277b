"""Whether a filter fits a collection: every property exists and is compared with a value of its own type.

These are the complaints Weaviate has before it looks at any data. Their texts carry no prefix, since that differs from
door to door. Imports the schema and the request's values.
"""

from typing import Final, assert_never

from weavelet.engine.nested_paths import address, is_nested, no_such_property
from weavelet.engine.query import (
    And,
    Compare,
    Filter,
    Internal,
    Not,
    OfLength,
    OfProperty,
    OfReferenceCount,
    OfReferenced,
    Operator,
    Or,
    PointsAt,
    ValueKind,
)
from weavelet.errors import InvalidFilter
from weavelet.schema.collection import Collection, Property
from weavelet.schema.datatypes import DataType

_TEXTS: Final = frozenset({ValueKind.TEXT, ValueKind.STRING})
_FIELDS: Final = {
    DataType.TEXT: "valueText",
    DataType.INT: "valueInt",
    DataType.NUMBER: "valueNumber",
    DataType.BOOLEAN: "valueBoolean",
    DataType.DATE: "valueDate",
    DataType.UUID: "valueText",
    DataType.GEO: "valueGeoCoordinates",
    DataType.PHONE: "valuePhoneNumber",
    DataType.BLOB: "valueBlob",
    DataType.BLOB_HASH: "valueBlobHash",
}
"""The value field that each type asks for."""
_NESTED_SWITCHED_OFF: Final = (
    "filtering on nested properties is a preview feature, disabled by default; "
    "set WEAVIATE_PREVIEW_NESTED_FILTERING=true to enable"
)


def check(where: Filter, collection: Collection, *, nested: bool = False) -> None:
    """Raise `InvalidFilter` where the filter does not fit. What lies behind references is not looked at.

    `nested`: whether the properties of object properties may be filtered.
    """
    match where:
        case And(operands) | Or(operands):
            for position, operand in enumerate(operands):
                _check_operand(position, operand, collection, nested)
        case Not(operand):
            _check_operand(0, operand, collection, nested)
        case Compare():
            _check_comparison(where, collection, nested)
        case PointsAt():
            pass
        case _:
            assert_never(where)


def _check_operand(position: int, operand: Filter, collection: Collection, nested: bool) -> None:
    try:
        check(operand, collection, nested=nested)
    except InvalidFilter as error:
        raise InvalidFilter(f"child operand at position {position}: {error}") from None


def _check_comparison(compare: Compare, collection: Collection, nested: bool) -> None:
    match compare.path:
        case Internal():
            _check_internal(compare.path, compare.kind)
        case OfLength(name):
            _property(name, collection)
            if compare.kind is not ValueKind.INT:
                raise InvalidFilter(f'Filtering for property length requires IntValue, got "{compare.kind}" instead')
        case OfReferenced(property=name):
            _property(name, collection)
        case OfReferenceCount(name):
            _check_reference(_property(name, collection), compare)
        case OfProperty(name):
            _check_property(name, compare, collection, nested)
        case _:
            assert_never(compare.path)


def _property(name: str, collection: Collection) -> Property:
    prop = collection.property_named(name)
    if prop is None:
        raise no_such_property(name, collection)
    return prop


def _check_internal(path: Internal, kind: ValueKind) -> None:
    if path is Internal.ID:
        if kind not in _TEXTS:
            raise InvalidFilter('using ["_id"] to filter by uuid: must use "valueText" to specify the id')
    elif kind not in _TEXTS and kind is not ValueKind.DATE:
        raise InvalidFilter(f'using ["{path.value}"] to filter by timestamp: must use "valueText" or "valueDate"')


def _check_property(name: str, compare: Compare, collection: Collection, nested: bool) -> None:
    prop = collection.property_named(name)
    if not nested and ("." in name or (prop is not None and is_nested(prop))):
        raise InvalidFilter(_NESTED_SWITCHED_OFF)
    _check_value(address(name, collection).property, compare)


def _check_value(prop: Property, compare: Compare) -> None:
    if compare.operator is Operator.IS_NULL:
        if compare.kind is not ValueKind.BOOLEAN:
            raise InvalidFilter(f"operator IsNull requires a booleanValue, got {compare.kind} instead")
    elif prop.is_reference:
        _check_reference(prop, compare)
    elif is_nested(prop):
        raise InvalidFilter(f"property '{prop.name}' holds objects: only operator IsNull can be used on it")
    elif prop.type.element is DataType.UUID:
        _check_uuid(prop, compare)
    else:
        _check_kind(prop, compare.kind)


def _check_kind(prop: Property, kind: ValueKind) -> None:
    given = "valueText" if kind in _TEXTS else "valueGeoCoordinates" if kind is ValueKind.GEO else kind.value
    wanted = _FIELDS[prop.type.element]
    if given != wanted:
        raise InvalidFilter(f'data type filter cannot use "{given}" on type "{prop.type}", use "{wanted}" instead')


def _check_uuid(prop: Property, compare: Compare) -> None:
    if compare.operator is Operator.LIKE:
        raise InvalidFilter('operator "Like" cannot be used on uuid/uuid[] props')
    if compare.kind not in _TEXTS:
        raise InvalidFilter(
            f'property "{prop.name}" is of type "uuid" or "uuid[]": specify uuid as string using "valueText"'
        )


def _check_reference(prop: Property, compare: Compare) -> None:
    if compare.kind is ValueKind.INT or compare.operator is Operator.IS_NULL:
        return
    raise InvalidFilter(
        f'Property "{prop.name}" is a ref prop to the class "{", ".join(prop.targets)}". Only "valueInt" can be used '
        "on a ref prop directly to count the number of refs. Or did you mean to filter on a primitive prop of the "
        "referenced class? In this case make sure your path contains 3 elements in the form of "
        "[<propName>, <ClassNameOfReferencedClass>, <primitvePropOnClass>]"
    )
