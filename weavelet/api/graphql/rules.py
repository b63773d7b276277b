"""What a document must keep to, and how it is told when it does not.

Most rules are graphql-core's with the quotation marks changed; those whose texts or suggestions clients of the
original know in other words are written here. Imports nothing of ours.
"""

import json
from collections.abc import Iterable
from typing import Any, cast

from graphql import (
    ArgumentNode,
    ConstValueNode,
    DocumentNode,
    ExecutableDefinitionsRule,
    FieldNode,
    FragmentsOnCompositeTypesRule,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    KnownDirectivesRule,
    KnownFragmentNamesRule,
    ListValueNode,
    LoneAnonymousOperationRule,
    MaxIntrospectionDepthRule,
    NamedTypeNode,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    Undefined,
    UniqueArgumentNamesRule,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
    ValidationRule,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
    get_named_type,
    is_leaf_type,
    print_ast,
    type_from_ast,
    validate,
)
from graphql.pyutils.suggestion_list import LexicalDistance

_MOST_SUGGESTIONS = 5


class Told(GraphQLError):
    """An error already in the words it is told in."""


# --- Suggestions -----------------------------------------------------------------------------------------------------


def similar(name: str, known: Iterable[str]) -> list[str]:
    """The known names that `name` may be a slip of, the closest first."""
    distance = LexicalDistance(name)
    found: list[tuple[int, str]] = []
    for option in known:
        most = max(len(name) // 2, len(option) // 2, 1)
        measured = distance.measure(option, most)
        if measured is not None:
            found.append((measured, option))
    return [option for _, option in sorted(found)][:_MOST_SUGGESTIONS]


def did_you_mean(names: list[str]) -> str:
    return f" Did you mean {' '.join(quoted(name) for name in names)}?" if names else ""


def quoted(text: str) -> str:
    return f'"{text}"'


# --- Rules -----------------------------------------------------------------------------------------------------------


class FieldsExist(ValidationRule):
    """A field must be one of its parent's; of a reference, those are the fields of what it points at."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self.context.get_parent_type()
        if parent is None or self.context.get_field_def() is not None:
            return
        name = node.name.value
        fields = getattr(parent, "fields", None)
        if fields is None:
            members = [member for member in getattr(parent, "types", ()) if name in member.fields]
            hint = did_you_mean([member.name for member in members])
        else:
            hint = did_you_mean(similar(name, fields))
        self.report_error(Told(f'Cannot query field "{name}" on type "{parent.name}".{hint}', node))


class ArgumentsExist(ValidationRule):
    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if self.context.get_argument() is not None:
            return
        name, directive = node.name.value, self.context.get_directive()
        field, parent = self.context.get_field_def(), self.context.get_parent_type()
        if directive is not None:
            place, known = f'directive "@{directive.name}"', directive.args
        elif field is not None and parent is not None:
            place, known = f'field "{self._field_name(field, parent)}" of type "{parent.name}"', field.args
        else:
            return
        hint = did_you_mean(similar(name, known))
        self.report_error(Told(f'Unknown argument "{name}" on {place}.{hint}', node))

    @staticmethod
    def _field_name(field: Any, parent: Any) -> str:
        return next((name for name, known in parent.fields.items() if known is field), "")


class LeavesAreBare(ValidationRule):
    """A field has a sub selection if, and only if, it has sub fields."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        kind = self.context.get_type()
        if kind is None:
            return
        start = f'Field "{node.name.value}" of type "{kind}" must'
        if is_leaf_type(get_named_type(kind)):
            if node.selection_set:
                self.report_error(Told(f"{start} not have a sub selection.", node.selection_set))
        elif not node.selection_set:
            self.report_error(Told(f"{start} have a sub selection.", node))


class TypesExist(ValidationRule):
    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        name = node.name.value
        if self.context.schema.get_type(name) is None:
            self.report_error(Told(f'Unknown type "{name}".', node))


class ValuesFit(ValidationRule):
    """Literals must be of their argument's type; the text leads to the place inside the literal."""

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        argument = self.context.get_argument()
        if argument is None:
            return
        if complaints := literal_complaints(argument.type, node.value):
            start = f'Argument "{node.name.value}" has invalid value {printed(node.value)}.'
            self.report_error(Told("\n".join([start, *complaints]), node.value))

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        kind = type_from_ast(self.context.schema, node.type)
        default = node.default_value
        if kind is None or default is None:
            return
        if complaints := literal_complaints(kind, default):  # type: ignore[arg-type]
            start = f'Variable "${node.variable.name.value}" has invalid default value: {printed(default)}.'
            self.report_error(Told("\n".join([start, *complaints]), default))


RULES: tuple[type[ValidationRule], ...] = (
    ValuesFit,
    FieldsExist,
    ArgumentsExist,
    LeavesAreBare,
    TypesExist,
    ExecutableDefinitionsRule,  # type: ignore[assignment]
    FragmentsOnCompositeTypesRule,
    KnownDirectivesRule,
    KnownFragmentNamesRule,
    LoneAnonymousOperationRule,
    MaxIntrospectionDepthRule,
    NoFragmentCyclesRule,
    NoUndefinedVariablesRule,
    NoUnusedFragmentsRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    UniqueArgumentNamesRule,
    UniqueDirectivesPerLocationRule,
    UniqueFragmentNamesRule,
    UniqueInputFieldNamesRule,
    UniqueOperationNamesRule,
    UniqueVariableNamesRule,
    VariablesAreInputTypesRule,
    VariablesInAllowedPositionRule,
)


def violations(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with the document, in the order of its text; empty when nothing is."""
    return [told(error) for error in validate(schema, document, RULES)]


def told(error: GraphQLError) -> GraphQLError:
    """The error with the original's quotation marks."""
    if not isinstance(error, Told):
        error.message = error.message.replace("'", '"')
    return error


# --- Literals and variables against types ----------------------------------------------------------------------------


def printed(node: ValueNode) -> str:
    """A literal on one line, as the original prints it."""
    if isinstance(node, ObjectValueNode):
        return "{" + ", ".join(f"{field.name.value}: {printed(field.value)}" for field in node.fields) + "}"
    if isinstance(node, ListValueNode):
        return "[" + ", ".join(map(printed, node.values)) + "]"
    return print_ast(node)


def literal_complaints(kind: GraphQLInputType, node: ValueNode | None) -> list[str]:
    """Why the literal is not of the type, one line per place in it; a variable always is."""
    if isinstance(node, VariableNode):
        return []
    if isinstance(kind, GraphQLNonNull):
        if node is None or isinstance(node, NullValueNode):
            return [f'Expected "{get_named_type(kind)}!", found null.']
        return literal_complaints(kind.of_type, node)
    if node is None or isinstance(node, NullValueNode):
        return []
    if isinstance(kind, GraphQLList):
        values = node.values if isinstance(node, ListValueNode) else None
        if values is None:
            return literal_complaints(kind.of_type, node)
        return _inside_list(literal_complaints(kind.of_type, value) for value in values)
    if isinstance(kind, GraphQLInputObjectType):
        if not isinstance(node, ObjectValueNode):
            return [f'Expected "{kind.name}", found not an object.']
        given = {field.name.value: field.value for field in node.fields}
        return _unknown(kind, given) + _inside_object(
            (name, literal_complaints(field.type, given.get(name))) for name, field in kind.fields.items()
        )
    return _leaf_complaints(kind, node)


def _leaf_complaints(kind: GraphQLScalarType | GraphQLEnumType, node: ValueNode) -> list[str]:
    try:
        fits = _parsed(kind, node) is not Undefined
    except (GraphQLError, ValueError):
        fits = False
    return [] if fits else [f'Expected type "{kind.name}", found {printed(node)}.']


def _parsed(kind: GraphQLScalarType | GraphQLEnumType, node: ValueNode) -> Any:
    if kind.coerce_input_literal is None:
        return kind.parse_literal(node, None)
    return kind.coerce_input_literal(cast(ConstValueNode, node))


def value_complaints(kind: GraphQLInputType, value: Any) -> list[str]:
    """The same for a variable's value."""
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            return [f'Expected "{get_named_type(kind)}!", found null.']
        return value_complaints(kind.of_type, value)
    if value is None:
        return []
    if isinstance(kind, GraphQLList):
        if not isinstance(value, list):
            return value_complaints(kind.of_type, value)
        return _inside_list(value_complaints(kind.of_type, each) for each in value)
    if isinstance(kind, GraphQLInputObjectType):
        if not isinstance(value, dict):
            return [f'Expected "{kind.name}", found not an object.']
        return _unknown(kind, value) + _inside_object(
            (name, value_complaints(field.type, value.get(name))) for name, field in kind.fields.items()
        )
    try:
        fits = _coerced(kind, value) is not Undefined
    except (GraphQLError, TypeError, ValueError):
        fits = False
    return [] if fits else [f'Expected type "{kind.name}", found {as_json(value)}.']


def _coerced(kind: GraphQLScalarType | GraphQLEnumType, value: Any) -> Any:
    if kind.coerce_input_value is None:
        return kind.parse_value(value)
    return kind.coerce_input_value(value)


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _unknown(kind: GraphQLInputObjectType, given: Iterable[str]) -> list[str]:
    return [f'In field "{name}": Unknown field.' for name in given if name not in kind.fields]


def _inside_list(complaints: Iterable[list[str]]) -> list[str]:
    return [f"In element #{place}: {text}" for place, texts in enumerate(complaints, 1) for text in texts]


def _inside_object(complaints: Iterable[tuple[str, list[str]]]) -> list[str]:
    return [f'In field "{name}": {text}' for name, texts in complaints for text in texts]


def variable_violations(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]
) -> list[GraphQLError]:
    """What is wrong with the values of variables."""
    found: list[GraphQLError] = []
    for node in operation.variable_definitions or ():
        name, kind = node.variable.name.value, type_from_ast(schema, node.type)
        if kind is None:
            continue
        if isinstance(kind, GraphQLNonNull) and given.get(name) is None and node.default_value is None:
            found.append(Told(f'Variable "${name}" of required type "{kind}" was not provided.', node))
        elif name in given and (complaints := value_complaints(kind, given[name])):  # type: ignore[arg-type]
            start = f'Variable "${name}" got invalid value {as_json(given[name])}.'
            found.append(Told("\n".join([start, *complaints]), node))
    return found
