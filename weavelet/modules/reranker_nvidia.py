"""reranker-nvidia: NVIDIA's hosted rerankers and a NIM container of one's own.

Hosted, the shared path serves the two oldest models and every newer one has a path of its own. Elsewhere Weaviate's
path is tried first and, where that is not found, the `/v1/ranking` of a NIM container; which of them answered is
tried first from then on. The setting `url` is a whole address and ends all guessing. Too long passages are cut
(`truncate`) except on Weaviate's path, where nothing is sent that Weaviate does not send. The service takes no empty
passages, so those are scored here, below all others.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from weavelet.modules.base import Call, ModuleSettings
from weavelet.modules.environment import Key
from weavelet.modules.http import Answer
from weavelet.modules.reranker_http import Asker, HttpReranker, refused
from weavelet.modules.service import Place, Service, ServiceModule
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings

_HOSTED = "https://ai.api.nvidia.com"
_HOSTED_HOSTS = frozenset({"ai.api.nvidia.com", "integrate.api.nvidia.com"})
_MODEL = "nvidia/rerank-qa-mistral-4b"
_SHARED_MODELS = frozenset({_MODEL, "nv-rerank-qa-mistral-4b:1"})
_SHARED_PATH = "/v1/retrieval/nvidia/reranking"
_NIM_PATH = "/v1/ranking"
_NO_SUCH_ROUTE = frozenset({404, 405})
_TRUNCATE = "END"

log = logging.getLogger(__name__)


class RerankerNvidia(HttpReranker, ServiceModule):
    """The reranker named `reranker-nvidia`."""

    name = "reranker-nvidia"
    chunk_size = 512
    service = Service(
        title="Reranker - NVIDIA",
        documentation="https://docs.api.nvidia.com/nim/reference/retrieval-apis",
        failure="connection to NVIDIA API failed with status: {status} error: {reason}",
        base_url=_HOSTED,
        base_url_header="X-Nvidia-Baseurl",
        path=_SHARED_PATH,
        key=Key("Nvidia API Key", "X-Nvidia-Api-Key", "NVIDIA_APIKEY"),
        model=_MODEL,
    )

    def __init__(self, settings: ModuleSettings) -> None:
        super().__init__(settings)
        self._known: dict[str, str] = {}

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        model = model_named(self.model(settings))
        places = self._places(settings, call, model)
        truncate = setting_text(settings, "truncate")

        def ask(documents: Sequence[str]) -> list[float]:
            passages = [{"text": document} for document in documents if document.strip()]
            if not passages:
                return [0.0] * len(documents)
            body: dict[str, Any] = {"model": model, "query": {"text": query}, "passages": passages}
            found = self.scores(self._ranking(places, body, truncate), len(passages))
            return _with_empty_ones(documents, found)

        return ask

    def _places(self, settings: Settings, call: Call, model: str) -> list[Place]:
        """The addresses to try, in order."""
        whole = setting_text(settings, "url")
        given = whole or self._given(settings, call)
        base = self.checked_base(given) if given else self._configured()
        is_own = urlsplit(base).hostname in _HOSTED_HOSTS
        key = self._key(call, named=bool(given), required=is_own)
        if whole:
            return [Place(base, key, is_own)]
        base = base.removesuffix("/v1")
        known = self._known.get(base)
        urls = sorted(ranking_urls(base, model), key=lambda url: url != known)
        return [Place(url, key, is_own) for url in urls]

    def _ranking(self, places: Sequence[Place], body: Mapping[str, Any], truncate: str) -> Answer:
        """The good answer of the first of the addresses that exists."""
        for place in places:
            cut = truncate or ("" if place.url.endswith(_SHARED_PATH) else _TRUNCATE)
            answer = self.post(place.url, {**body, "truncate": cut} if cut else body, key=place.key)
            if answer.status not in _NO_SUCH_ROUTE:
                break
        if not answer.ok:
            raise refused(answer, self.refusal(answer, place))
        if len(places) > 1:
            self._known[answer.url.removesuffix(_SHARED_PATH).removesuffix(_NIM_PATH)] = answer.url
        return answer


def model_named(model: str) -> str:
    """The model's name, without the doubled letter of a well-known misprint."""
    if not model.startswith("nnvidia/"):
        return model
    log.warning("reranker-nvidia: model %r is taken for %r", model, model[1:])
    return model[1:]


def ranking_urls(base: str, model: str) -> list[str]:
    """Where a base URL without its `/v1` may rank, in the order to try."""
    host = urlsplit(base).hostname
    if host in _HOSTED_HOSTS:
        if model in _SHARED_MODELS:
            return [_HOSTED + _SHARED_PATH]
        own = model.rpartition("/")[2].replace(".", "_")
        return [f"{_HOSTED}/v1/retrieval/nvidia/{own}/reranking"]
    if base.endswith(("/reranking", "/ranking")):
        return [base]
    return [base + _SHARED_PATH, base + _NIM_PATH]


def _with_empty_ones(documents: Sequence[str], found: Sequence[float]) -> list[float]:
    lowest = min(found) - 1.0
    scores = iter(found)
    return [next(scores) if document.strip() else lowest for document in documents]
