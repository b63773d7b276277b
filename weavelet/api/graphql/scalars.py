"""The scalars of the schema that GraphQL itself does not have.

Filter values take one value or a list of them. Vectors take a list of numbers or, for multi-vectors, a list of such
lists. Two scalars take objects: vectors, and weights, by the name of a target vector. All of them can be written as a
literal or come in a variable of their type. Imports nothing of ours but the parser's node for long lists.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    GraphQLScalarType,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)
from numpy.typing import NDArray

from weavelet.api.graphql.document import NumbersNode

Literal = Callable[[ValueNode], Any]
Check = Callable[[Any], Any]


def _refused(what: str) -> GraphQLError:
    return GraphQLError(f"expected {what}")


# --- Values of filters -----------------------------------------------------------------------------------------------


def _text(node: ValueNode) -> str:
    if isinstance(node, StringValueNode):
        return node.value
    raise _refused("a string")


def _int(node: ValueNode) -> int:
    if isinstance(node, IntValueNode):
        return int(node.value)
    raise _refused("an integer")


def _float(node: ValueNode) -> float:
    if isinstance(node, IntValueNode | FloatValueNode):
        return float(node.value)
    raise _refused("a number")


def _boolean(node: ValueNode) -> bool:
    if isinstance(node, BooleanValueNode):
        return node.value
    raise _refused("a boolean")


def _is(*kinds: type) -> Check:
    def check(value: Any) -> Any:
        if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
            return value
        raise _refused(" or ".join(kind.__name__ for kind in kinds))

    return check


def _one_or_many(name: str, literal: Literal, check: Check, number: type | None = None) -> GraphQLScalarType:
    """A scalar of one value, or of a list, which arrives as a tuple."""

    def from_literal(node: ValueNode) -> Any:
        if isinstance(node, NumbersNode):
            return tuple(_number(text, number) for text in node.numbers)
        if isinstance(node, ListValueNode):
            return tuple(literal(value) for value in node.values)
        return literal(node)

    def from_variable(value: Any) -> Any:
        return tuple(map(check, value)) if isinstance(value, list | tuple) else check(value)

    return GraphQLScalarType(name, coerce_input_literal=from_literal, coerce_input_value=from_variable)


def _number(text: str, kind: type | None) -> Any:
    if kind is None:
        raise _refused("no numbers")
    return kind(text)


def filter_value_scalars(prefix: str) -> dict[str, GraphQLScalarType]:
    """The types of the six `value…` fields of a class's `where` argument."""
    return {
        "valueText": _one_or_many(f"Text{prefix}", _text, _is(str)),
        "valueString": _one_or_many(f"TextString{prefix}", _text, _is(str)),
        "valueDate": _one_or_many(f"TextDate{prefix}", _text, _is(str)),
        "valueInt": _one_or_many(f"Int{prefix}", _int, _is(int), int),
        "valueNumber": _one_or_many(f"Float{prefix}", _float, _is(int, float), float),
        "valueBoolean": _one_or_many(f"Boolean{prefix}", _boolean, _is(bool)),
    }


# --- Vectors ---------------------------------------------------------------------------------------------------------


def vector_from_literal(node: ValueNode) -> NDArray[np.float32]:
    """`(d,)` or `(n, d)` float32."""
    if isinstance(node, NumbersNode):
        return _float32(node.numbers)
    if not isinstance(node, ListValueNode):
        raise _refused("a list of numbers")
    if any(isinstance(value, ListValueNode | NumbersNode) for value in node.values):
        return _stacked([vector_from_literal(value) for value in node.values])
    return _float32([_float(value) for value in node.values])


def _float32(values: Any) -> NDArray[np.float32]:
    """Numbers that do not fit become infinite, which the search refuses."""
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(np.float32)


def _stacked(rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    if len({row.shape for row in rows}) != 1 or rows[0].ndim != 1:
        raise _refused("lists of numbers of one length")
    return np.stack(rows)


def vector_from_value(value: Any) -> NDArray[np.float32]:
    if not isinstance(value, list | tuple):
        raise _refused("a list of numbers")
    try:
        vector = np.asarray(value) if value else np.empty(0)
    except ValueError:
        raise _refused("lists of numbers of one length") from None
    if vector.dtype.kind not in "fiu" or vector.ndim not in (1, 2):
        raise _refused("a list of numbers")
    return _float32(vector)


def vector_scalar(name: str) -> GraphQLScalarType:
    return GraphQLScalarType(name, coerce_input_literal=vector_from_literal, coerce_input_value=vector_from_value)


# --- By name of a target vector --------------------------------------------------------------------------------------


def _by_name(name: str, literal: Literal, check: Check) -> GraphQLScalarType:
    def from_literal(node: ValueNode) -> Any:
        if not isinstance(node, ObjectValueNode):
            raise _refused("an object")
        return {field.name.value: literal(field.value) for field in node.fields}

    def from_variable(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _refused("an object")
        return {key: check(each) for key, each in value.items()}

    return GraphQLScalarType(name, coerce_input_literal=from_literal, coerce_input_value=from_variable)


def _weights(node: ValueNode) -> tuple[float, ...]:
    return tuple(map(_float, node.values)) if isinstance(node, ListValueNode) else (_float(node),)


def _weights_value(value: Any) -> tuple[float, ...]:
    check = _is(int, float)
    return tuple(map(check, value)) if isinstance(value, list | tuple) else (check(value),)


@cache
def vector_per_target() -> GraphQLScalarType:
    """Vectors by the name of a target; several for one name as a list, told from a multi-vector by the collection."""
    return _by_name("VectorPerTarget", vector_from_literal, vector_from_value)


@cache
def weights() -> GraphQLScalarType:
    """One weight, or one for each time the name is searched, by the name of a target."""
    return _by_name("Weights", _weights, _weights_value)
