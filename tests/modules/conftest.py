"""Modules in front of stand-ins, closed after the test."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from weavelet.modules.base import Factory, ModuleSettings
from weavelet.modules.testing import Behaviour, FakeContainer

Start = Callable[..., tuple[Any, FakeContainer]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a module with an environment and a container that behaves so."""
    running = []

    def begin(
        factory: Factory, behaviour: Behaviour, environment: Mapping[str, str] | None = None, **settings: Any
    ) -> tuple[Any, FakeContainer]:
        container = FakeContainer(behaviour)
        given = ModuleSettings(environment or {}, network=container.transport(), **settings)
        module = factory(given)
        running.append(module)
        return module, container

    yield begin
    for module in running:
        module.close()
