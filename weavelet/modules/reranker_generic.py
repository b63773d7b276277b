"""reranker-generic: any reranking server at any address, as each collection says.

    {"reranker-generic": {"baseURL": "http://localhost:8080", "style": "auto", "model": "bge-reranker-base"}}

Text Embeddings Inference, vLLM, Infinity, LocalAI, NIM containers and whatever else speaks the shapes of
`reranker_styles.py`; `baseURL` is the server's base or the whole address. Without one it is RERANKER_GENERIC_URL.
"""

from weavelet.errors import InvalidSchema
from weavelet.modules.base import Call
from weavelet.modules.environment import Key
from weavelet.modules.reranker_http import Asker
from weavelet.modules.reranker_styles import AUTO, KEY_HEADER, StyledReranker, style_named
from weavelet.modules.service import Service, ServiceModule
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings


class RerankerGeneric(StyledReranker, ServiceModule):
    """The reranker named `reranker-generic`."""

    name = "reranker-generic"
    service = Service(
        title="Reranker - Generic",
        documentation="https://github.com/huggingface/text-embeddings-inference",
        failure="fail with status {status}: {reason}",
        base_url_header="X-Reranker-Baseurl",
        base_url_variable="RERANKER_GENERIC_URL",
        key=Key("API Key", KEY_HEADER, "RERANKER_GENERIC_APIKEY"),
        path="",
    )

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        place, told = self.place(settings, call), style_named(setting_text(settings, "style", AUTO))
        return self.styled(place.url, query, self.model(settings), place.key, told)

    def address(self, base: str, settings: Settings) -> str:
        return base

    def check_settings(self, settings: Settings) -> None:
        try:
            style_named(str(settings.get("style", AUTO)))
        except ValueError as error:
            raise InvalidSchema(f"style {error}") from None
