"""The GraphQL door: text and variables in, `{"data": …, "errors": […]}` out.

graphql-core parses and validates, and answers introspection and `Explore`. The fields of Get and Aggregate are
answered here: each becomes one request to the searcher, and its selection is compiled once and applied to the rows.
A field that fails is null and leaves the others their data.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute_sync,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_variable_values

from weavelet.api.core import App
from weavelet.api.errors import INTERNAL_ERROR
from weavelet.api.graphql import aggregate, arguments, explore, results, rules
from weavelet.api.graphql.document import is_blank, outline, parse_document
from weavelet.api.graphql.generators import fields_of
from weavelet.api.graphql.outputs import Abilities
from weavelet.api.graphql.schema import ROOT, CatalogueSchema, ClassTypes, Schemas
from weavelet.api.graphql.selection import TYPENAME, Reading, Selected
from weavelet.engine.plan import check_certainty
from weavelet.engine.query import NearObject, NearText, NearVector, SearchRequest, Target, Want
from weavelet.errors import InvalidQuery, WeaveletError
from weavelet.modules.base import Kind
from weavelet.schema.collection import NO_VECTORIZER, UNNAMED, Collection
from weavelet.settings import Settings

Answer = dict[str, Any]

MayRead = Callable[[str, str], None]
"""Raises `Forbidden` where the caller may not read a collection's objects, of a tenant or ("") of any."""

_VECTORIZERS = frozenset({Kind.VECTORIZER.value, Kind.MULTIVECTORIZER.value})

log = logging.getLogger(__name__)


class Endpoint:
    """Answers GraphQL requests on one app. Vectors in answers are float32 arrays: the encoder must know numpy's."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._schemas = Schemas(lambda: app.catalog.version, self._build)

    def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        may_read: MayRead = lambda collection, tenant: None,
    ) -> Answer:
        """Answer one request. Raises `InvalidQuery` for what is not even answered with GraphQL errors."""
        if not query:
            raise InvalidQuery("query cannot be empty")
        if not self._app.catalog.collections():
            raise InvalidQuery(
                "no graphql provider present, this is most likely because no schema is present. Import a schema first!"
            )
        try:
            return self._answer(query, dict(variables or {}), operation_name or None, headers or {}, may_read)
        except _Rejected as rejected:
            return {"errors": [_error(error) for error in rejected.errors]}

    def _answer(
        self,
        query: str,
        variables: dict[str, Any],
        operation: str | None,
        headers: Mapping[str, str],
        may_read: MayRead,
    ) -> Answer:
        if is_blank(query):
            raise _Rejected([GraphQLError("Must provide an operation.")])
        try:
            document = parse_document(query)
        except GraphQLError as error:
            raise _Rejected([error]) from None
        catalogue = self._schemas.current()
        schema = _validated(query, document, catalogue)
        chosen = _operation(document, operation)
        values = _coerced(schema, chosen, variables)
        return _Execution(self._app, catalogue, schema, document, chosen, variables, values, headers, may_read).run()

    # --- The schema

    def _build(self) -> CatalogueSchema:
        kinds = [rule.kind for rule in self._app.registry.rules().values()]
        return CatalogueSchema(
            self._app.catalog.collections(),
            self._app.catalog.aliases(),
            self._abilities(),
            with_explore=sum(kind in _VECTORIZERS for kind in kinds) <= 1,
        )

    def _abilities(self) -> Callable[[Collection], Abilities]:
        registry = self._app.registry
        kinds = {name: rule.kind for name, rule in registry.rules().items()}
        generate = Kind.GENERATOR.value in kinds.values()
        generators = fields_of(name for name, kind in kinds.items() if kind == Kind.GENERATOR.value)

        def of(collection: Collection) -> Abilities:
            vectorizers = {config.vectorizer for config in collection.vectors.values()} - {NO_VECTORIZER}
            return Abilities(
                near_text=any(kinds.get(name) in _VECTORIZERS for name in vectorizers),
                rerank=registry.serves(collection, Kind.RERANKER),
                generate=generate,
                generators=generators,
            )

        return of


class _Rejected(Exception):
    """The request is answered with errors and without data."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(*errors)
        self.errors = errors


# --- Before the execution --------------------------------------------------------------------------------------------


def _validated(query: str, document: DocumentNode, catalogue: CatalogueSchema) -> GraphQLSchema:
    """The schema to answer the document with. One with the outline of a valid one is valid too."""
    form = outline(query)
    if (known := catalogue.known(form)) is not None:
        return known
    with catalogue.lock:
        schema = catalogue.for_document(document)
        if errors := rules.violations(schema, document):
            raise _Rejected(errors)
        catalogue.remember(form, schema)
    return schema


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        operations = [each for each in operations if each.name and each.name.value == name]
        if not operations:
            raise _Rejected([GraphQLError(f'Unknown operation named "{name}".')])
    if not operations:
        raise _Rejected([GraphQLError("Must provide an operation.")])
    if len(operations) > 1:
        raise _Rejected([GraphQLError("Must provide operation name if query contains multiple operations.")])
    (operation,) = operations
    if operation.operation is not OperationType.QUERY:
        raise _Rejected([GraphQLError(f"Schema is not configured for {operation.operation.value}s", operation)])
    return operation


def _coerced(schema: GraphQLSchema, operation: OperationDefinitionNode, given: dict[str, Any]) -> VariableValues:
    if errors := rules.variable_violations(schema, operation, given):
        raise _Rejected(errors)
    values = get_variable_values(schema, operation.variable_definitions or (), given)
    if isinstance(values, list):
        raise _Rejected([rules.told(error) for error in values])
    return values


def _error(error: GraphQLError) -> Answer:
    locations = [{"column": place.column, "line": place.line} for place in error.locations or ()]
    return {"locations": locations, "message": error.message, "path": error.path}


# --- The execution ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Execution:
    """One operation on its way through the root fields."""

    app: App
    catalogue: CatalogueSchema
    schema: GraphQLSchema
    document: DocumentNode
    operation: OperationDefinitionNode
    given: dict[str, Any]
    variables: VariableValues
    headers: Mapping[str, str]
    may_read: MayRead

    def run(self) -> Answer:
        data: dict[str, Any] = {}
        errors: list[Answer] = []
        delegated: list[FieldNode] = []
        reading = self._reading()
        for root in reading.at_root(self.operation.selection_set.selections, ROOT):
            match root.name:
                case "Get" | "Aggregate":
                    data[root.key] = self._classes(root, reading, errors)
                case "__typename":
                    data[root.key] = ROOT
                case _:
                    delegated.extend(root.nodes)
        if delegated:
            if any(node.name.value == "Explore" for node in delegated):
                self.may_read("", "")
            self._delegate(delegated, data, errors)
        answer: Answer = {"data": dict(sorted(data.items()))}
        return answer | ({"errors": errors} if errors else {})

    def _reading(self) -> Reading:
        fragments = {
            each.name.value: each for each in self.document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        return Reading(fragments, self.variables)

    def _classes(self, root: Selected, reading: Reading, errors: list[Answer]) -> dict[str, Any]:
        kind = get_named_type(self.catalogue.root.fields[root.name].type)
        found: dict[str, Any] = {}
        for selected in reading.below(root.nodes, kind.name):
            if selected.name == TYPENAME:
                found[selected.key] = kind.name
                continue
            try:
                found[selected.key] = self._class(root.name, selected, reading)
            except (WeaveletError, GraphQLError) as error:
                found[selected.key] = None
                errors.append(_failed(error, root, selected))
            except Exception:  # the door's last resort: a bug must not take the other fields down
                log.exception("GraphQL field %s failed", selected.key)
                found[selected.key] = None
                errors.append(_failed(InvalidQuery(INTERNAL_ERROR), root, selected))
        return found

    def _class(self, root: str, selected: Selected, reading: Reading) -> list[dict[str, Any]]:
        types = self.catalogue.of_class(selected.name)
        given = reading.arguments(types.get if root == "Get" else types.aggregate, selected.nodes[0])
        self.may_read(types.collection.name, arguments.tenant(given))
        if root == "Get":
            return self._get(selected, types, reading, given)
        kind = cast(GraphQLObjectType, get_named_type(types.aggregate.type))
        call = aggregate.call_of(selected, given, types.collection, kind, reading, self._find, self.headers)
        return call.render(self.app.searcher.aggregate(call.request))

    def _get(
        self, selected: Selected, types: ClassTypes, reading: Reading, given: arguments.Given
    ) -> list[dict[str, Any]]:
        request = _request(given, types.collection, self.app.settings, self._find, self.headers)
        if isinstance(request.target, NearObject) and request.target.collection:
            self.may_read(request.target.collection, "")
        nearby = isinstance(request.target, NearVector | NearText | NearObject)
        settings = self.app.settings
        scope = results.Scope(
            reading,
            self._types_of,
            settings.query_reference_depth,
            nearby=nearby,
            grouped=request.group_by is not None,
        )
        shape = results.shape_of(selected, types, scope)
        if shape.want.certainty:
            _check_certainty(request.target, types.collection)
        grouping = arguments.grouping(given)
        want = shape.want if grouping is None else _with_vector(shape.want)
        request = replace(request, want=want, rerank=shape.rerank, generate=shape.generate)
        reply = self.app.searcher.execute(request)
        return shape.render(reply if grouping is None else replace(reply, rows=grouping.applied(reply.rows)))

    def _find(self, name: str) -> Collection | None:
        """A collection that a filter leads to."""
        found = self.app.catalog.find(name)
        if found is not None:
            self.may_read(found.name, "")
        return found

    def _types_of(self, name: str) -> ClassTypes | None:
        """A collection whose objects are shown as references."""
        found = self.catalogue.find(name)
        if found is not None:
            self.may_read(found.collection.name, "")
        return found

    def _delegate(self, nodes: list[FieldNode], data: dict[str, Any], errors: list[Answer]) -> None:
        """Let graphql-core answer the root fields that are its own, or strawberry's."""
        selection = SelectionSetNode(selections=tuple(nodes))
        operation = OperationDefinitionNode(
            operation=self.operation.operation,
            name=self.operation.name,
            variable_definitions=self.operation.variable_definitions,
            directives=(),
            selection_set=selection,
        )
        others = [each for each in self.document.definitions if not isinstance(each, OperationDefinitionNode)]
        result = execute_sync(
            self.schema,
            DocumentNode(definitions=(operation, *others)),
            context_value=explore.Context(self.app.searcher, self.headers),
            variable_values=self.given,
        )
        assert isinstance(result, ExecutionResult)
        data.update(result.data or {})
        errors.extend(_error(_expected(error)) for error in result.errors or ())


def _request(
    given: arguments.Given,
    collection: Collection,
    settings: Settings,
    find: Callable[[str], Collection | None],
    headers: Mapping[str, str],
) -> SearchRequest:
    target = arguments.target(given, collection)
    rules_of_pages = arguments.PageRules(settings.query_defaults_limit, settings.query_defaults_limit_graphql)
    return SearchRequest(
        collection=collection.name,
        tenant=arguments.tenant(given),
        target=target,
        where=arguments.where(given, collection, find),
        sort=arguments.sort(given),
        group_by=arguments.group_by(given),
        page=arguments.page(given, target, rules_of_pages),
        headers=headers,
    )


def _with_vector(want: Want) -> Want:
    return replace(want, vectors=(want.vectors or frozenset()) | {UNNAMED})


def _check_certainty(target: Target, collection: Collection) -> None:
    """Certainty can be shown for one vector with the cosine distance only, even where nothing is searched for."""
    names: tuple[str, ...] = ()
    if isinstance(target, NearVector | NearText | NearObject):
        names = target.targets.names
        if not names and len(collection.vectors) > 1 and UNNAMED not in collection.vectors:
            raise InvalidQuery(
                f"multiple vector configs found for class '{collection.name}', but no target vector specified"
            )
    check_certainty(names or tuple(collection.vectors)[:1] or (UNNAMED,), collection)


def _failed(error: WeaveletError | GraphQLError, root: Selected, selected: Selected) -> Answer:
    text = error.message if isinstance(error, GraphQLError) else str(error)
    return _error(GraphQLError(text, selected.nodes[0], path=[root.key, selected.key]))


def _expected(error: GraphQLError) -> GraphQLError:
    """Bugs behind a resolver are logged, not shown."""
    original = error.original_error
    if original is None or isinstance(original, WeaveletError):
        return error
    log.error("GraphQL field failed", exc_info=original)
    error.message = INTERNAL_ERROR
    return error
