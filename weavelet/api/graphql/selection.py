"""What a validated document selects: fields under their answer's keys, fragments spread, directives obeyed.

The field names here have been validated, so they exist. Imports only `graphql`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionNode,
    get_argument_values,
    get_directive_values,
)
from graphql.execution.values import VariableValues

TYPENAME = "__typename"


@dataclass(frozen=True, slots=True)
class Selected:
    """One key of an answer, and the field nodes that select it (several, where fragments name a field again)."""

    key: str
    nodes: tuple[FieldNode, ...]

    @property
    def name(self) -> str:
        return self.nodes[0].name.value


@dataclass(frozen=True, slots=True)
class Reading:
    """One document with the values of its variables."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues

    def below(self, nodes: Sequence[FieldNode], *types: str) -> list[Selected]:
        """What the nodes select on an object, in the order of the keys.

        `types` are the names a fragment on the object may go by: its own, and those of unions it is a member of.
        """
        found: dict[str, list[FieldNode]] = {}
        for node in nodes:
            if node.selection_set is not None:
                self._collect(node.selection_set.selections, frozenset(types), found, set())
        return [Selected(key, tuple(found[key])) for key in sorted(found)]

    def at_root(self, selections: Sequence[SelectionNode], type_name: str) -> list[Selected]:
        found: dict[str, list[FieldNode]] = {}
        self._collect(selections, frozenset({type_name}), found, set())
        return [Selected(key, tuple(nodes)) for key, nodes in found.items()]

    def arguments(self, field: GraphQLField, node: FieldNode) -> dict[str, Any]:
        """The arguments by name, with variables filled in; one that was not given is absent."""
        return get_argument_values(field, node, self.variables)

    def _collect(
        self,
        selections: Sequence[SelectionNode],
        types: frozenset[str],
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for selection in selections:
            if not self._included(selection):
                continue
            match selection:
                case FieldNode():
                    key = selection.alias.value if selection.alias else selection.name.value
                    found.setdefault(key, []).append(selection)
                case InlineFragmentNode():
                    if _applies(selection.type_condition, types):
                        self._collect(selection.selection_set.selections, types, found, spread)
                case FragmentSpreadNode():
                    name = selection.name.value
                    fragment = self.fragments[name]
                    if name not in spread and _applies(fragment.type_condition, types):
                        spread.add(name)
                        self._collect(fragment.selection_set.selections, types, found, spread)

    def _included(self, selection: SelectionNode) -> bool:
        if not selection.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, selection, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, selection, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])


def _applies(condition: NamedTypeNode | None, types: frozenset[str]) -> bool:
    return condition is None or condition.name.value in types
