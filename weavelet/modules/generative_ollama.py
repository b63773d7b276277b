"""generative-ollama: an Ollama server's `/api/generate`."""

from typing import Any

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Kind, Written
from weavelet.modules.service import Service, ServiceModule
from weavelet.schema.collection import Settings


class GenerativeOllama(ServiceModule):
    """The generator named `generative-ollama`."""

    name = "generative-ollama"
    kind = Kind.GENERATOR
    service = Service(
        title="Generative Search - Ollama",
        documentation="https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-completion",
        failure="connection to Ollama API failed with status: {status} error: {reason}",
        base_url="http://localhost:11434",
        base_url_setting="apiEndpoint",
        base_url_header="X-Ollama-BaseURL",
        path="/api/generate",
        model="llama3",
    )

    def generate(self, prompt: str, settings: Settings, call: Call) -> Written:
        place = self.place(settings, call)
        body: dict[str, Any] = {"model": self.model(settings), "prompt": prompt, "stream": False}
        if settings.get("temperature") is not None:
            body["options"] = {"temperature": settings["temperature"]}
        reply = self.asked(place, body, "generative")
        try:
            return Written(str(reply["response"]))
        except (KeyError, TypeError):
            raise ModuleError(f"{self.name}: {place.url} answered without a response") from None
