"""Our messages against those of the installed Weaviate client, field by field."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import weaviate.proto.v1  # noqa: F401  registers the client's messages

from weavelet.api.grpc import weavelet_pb2 as ours

_FILES = (
    "base",
    "base_search",
    "search_get",
    "properties",
    "generative",
    "aggregate",
    "batch",
    "batch_delete",
    "tenants",
)


def _client_modules() -> Iterator[Any]:
    for name in _FILES:
        yield importlib.import_module(f"weaviate.proto.v1.v6300.v1.{name}_pb2")


def _messages(descriptors: Any) -> Iterator[Any]:
    for descriptor in descriptors:
        yield descriptor
        yield from _messages(descriptor.nested_types)


def _bare(name: str) -> str:
    return name.removeprefix("weaviate.v1.").removeprefix("weavelet.v1.")


def _field(field: Any) -> tuple[Any, ...]:
    kind = field.message_type or field.enum_type
    oneof = field.containing_oneof
    return (
        field.number,
        field.name,
        field.type,
        field.is_repeated,
        field.has_presence,
        None if oneof is None else oneof.name,
        None if kind is None else _bare(kind.full_name),
    )


def _client_messages() -> dict[str, Any]:
    found = (m for module in _client_modules() for m in _messages(module.DESCRIPTOR.message_types_by_name.values()))
    return {_bare(message.full_name): message for message in found}


def _our_messages() -> dict[str, Any]:
    return {_bare(m.full_name): m for m in _messages(ours.DESCRIPTOR.message_types_by_name.values())}


def _enums(messages: dict[str, Any], files: list[Any]) -> dict[str, dict[str, int]]:
    top = [enum for file in files for enum in file.enum_types_by_name.values()]
    nested = [enum for message in messages.values() for enum in message.enum_types]
    return {_bare(enum.full_name): {v.name: v.number for v in enum.values} for enum in (*top, *nested)}


@pytest.mark.parametrize("name", sorted(_client_messages()))
def test_every_message_has_the_clients_fields(name: str) -> None:
    theirs = _client_messages()[name]
    mine = _our_messages()[name]

    assert [_field(field) for field in mine.fields] == [_field(field) for field in theirs.fields]


def test_there_is_no_message_the_client_lacks() -> None:
    assert _our_messages().keys() == _client_messages().keys()


def test_every_enum_has_the_clients_values() -> None:
    theirs = _enums(_client_messages(), [module.DESCRIPTOR for module in _client_modules()])

    assert _enums(_our_messages(), [ours.DESCRIPTOR]) == theirs


def test_generated_code_runs_on_the_oldest_supported_protobuf() -> None:
    source = Path(ours.__file__).read_text(encoding="utf-8")
    version = re.search(r"Protobuf Python Version: (\d+)\.(\d+)", source)

    assert version is not None
    assert (int(version[1]), int(version[2])) <= (6, 30)
