"""generative-dummy: repeats its prompt. For tests, which need no language model with it."""

from collections.abc import Mapping
from typing import Any

from weavelet.modules.base import Call, Kind, ModuleSettings, Written
from weavelet.schema.collection import Settings


class GenerativeDummy:
    """The generator named `generative-dummy`."""

    name = "generative-dummy"
    kind = Kind.GENERATOR

    def __init__(self, settings: ModuleSettings) -> None:
        pass

    def generate(self, prompt: str, settings: Settings, call: Call) -> Written:
        told = "".join(f"{name}={value}," for name, value in settings.items())
        return Written(
            f"You want me to generate something based on the following prompt: {prompt}. With settings: {told}. "
            "I'm sorry, I'm just a dummy and can't generate anything."
        )

    def meta(self) -> Mapping[str, Any]:
        return {"name": "Generative Search - Dummy"}

    def close(self) -> None:
        pass
