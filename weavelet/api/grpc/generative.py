"""Generation: what to write, asked for in requests, and what was written, in replies.

A provider's options are passed on under the names of the class JSON (`top_p` as `topP`); the module of that provider
knows which it understands.
"""

from collections.abc import Mapping
from typing import Any

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.engine.query import Generate, Generated
from weavelet.errors import InvalidQuery, ModuleError

_SPELLINGS = {"baseUrl": "baseURL"}
"""Names that class JSON spells in another way than the rule says."""


def parse_generate(message: pb.GenerativeSearch) -> Generate:
    """Today's form, with the three flat fields of older clients in its place where they are used."""
    single = message.single if message.HasField("single") else None
    grouped = message.grouped if message.HasField("grouped") else None
    provider, options = _provider(single, grouped)
    return Generate(
        prompt=(single.prompt if single is not None else message.single_response_prompt) or None,
        task=(grouped.task if grouped is not None else message.grouped_response_task) or None,
        task_properties=tuple(grouped.properties.values if grouped is not None else message.grouped_properties),
        provider=provider,
        options=options,
        debug=bool((single is not None and single.debug) or (grouped is not None and grouped.debug)),
        metadata=any(query.return_metadata for query in _queries(single, grouped)),
    )


def _provider(
    single: pb.GenerativeSearch.Single | None, grouped: pb.GenerativeSearch.Grouped | None
) -> tuple[str | None, Mapping[str, Any]]:
    """The provider a query names, with its options; (None, {}) leaves the choice to the collection."""
    queries = _queries(single, grouped)
    if len({query.WhichOneof("kind") for query in queries}) > 1:
        raise InvalidQuery("generative: prompt and task must use the same provider")
    if not queries:
        return None, {}
    kind = queries[0].WhichOneof("kind")
    return (None, {}) if kind is None else (kind, _options(getattr(queries[0], kind)))


def _queries(
    single: pb.GenerativeSearch.Single | None, grouped: pb.GenerativeSearch.Grouped | None
) -> list[pb.GenerativeProvider]:
    return [query for part in (single, grouped) if part is not None for query in part.queries]


def _options(message: Any) -> dict[str, Any]:
    return {
        _SPELLINGS.get(field.json_name, field.json_name): _plain(field, value) for field, value in message.ListFields()
    }


def _plain(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return list(value.values)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number
        if value not in known:
            raise InvalidQuery(f"generative: {field.name} has no value {value}, only {sorted(known)}")
        return known[value].name.removeprefix(field.name.upper() + "_").lower()
    return value


def write_generated(message: pb.GenerativeResult, generated: Generated | None) -> None:
    """One reply, which is empty where nothing was written for this row. Raises what the module reported."""
    reply = message.values.add()
    if generated is None:
        return
    reply.result = written(generated)
    if generated.prompt is not None:
        reply.debug.full_prompt = generated.prompt
    if generated.metadata and generated.provider in reply.metadata.DESCRIPTOR.fields_by_name:
        _fill(getattr(reply.metadata, generated.provider), generated.metadata)


def _fill(message: Any, told: Mapping[str, Any]) -> None:
    """What a provider told, as far as the message has fields for it."""
    for name, value in told.items():
        field = message.DESCRIPTOR.fields_by_name.get(name)
        if field is None or value is None:
            continue
        if isinstance(value, Mapping):
            _fill(getattr(message, name), value)
        elif isinstance(value, int | float | str):
            setattr(message, name, value)


def written(generated: Generated) -> str:
    """The text. Raises `ModuleError` where there is an error in its place."""
    if generated.error is not None:
        raise ModuleError(generated.error)
    return generated.text
