"""reranker-nvidia: NVIDIA's hosted rerankers and a NIM container of one's own.

Hosted, the shared path serves the two oldest models and every newer one has a path of its own. Elsewhere Weaviate's
path is tried first and, where that is not found, the `/v1/ranking` of a NIM container; which of them answered is
remembered for the base URL. The service takes no empty passages, so those are scored here, below all others.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, ModuleSettings
from weavelet.modules.environment import Key, header
from weavelet.modules.http import Answer
from weavelet.modules.reranker_http import Asker, HttpReranker, refused
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings

_HOSTED = "https://ai.api.nvidia.com"
_HOSTED_HOSTS = frozenset({"ai.api.nvidia.com", "integrate.api.nvidia.com"})
_MODEL = "nvidia/rerank-qa-mistral-4b"
_SHARED_MODELS = frozenset({_MODEL, "nv-rerank-qa-mistral-4b:1"})
_SHARED_PATH = "/v1/retrieval/nvidia/reranking"
_NIM_PATH = "/v1/ranking"
_KEY = Key("Nvidia API Key", "X-Nvidia-Api-Key", "NVIDIA_APIKEY")

log = logging.getLogger(__name__)


class RerankerNvidia(HttpReranker):
    """The reranker named `reranker-nvidia`."""

    name = "reranker-nvidia"
    chunk_size = 512

    def __init__(self, settings: ModuleSettings) -> None:
        super().__init__(settings)
        self._urls: dict[str, str] = {}

    def asker(self, query: str, settings: Settings, call: Call) -> Asker:
        given = header(call, "X-Nvidia-Baseurl") or setting_text(settings, "baseURL", _HOSTED)
        base = self.checked_base(given).removesuffix("/v1")
        key = (_KEY.find if _is_own(base) else _KEY.require)(call, self._environment)
        model = model_named(setting_text(settings, "model", _MODEL))
        truncate = setting_text(settings, "truncate")

        def ask(documents: Sequence[str]) -> list[float]:
            passages = [{"text": document} for document in documents if document.strip()]
            if not passages:
                return [0.0] * len(documents)
            body: dict[str, Any] = {"model": model, "query": {"text": query}, "passages": passages}
            if truncate:
                body["truncate"] = truncate
            found = self.scores(self._ranking(base, model, body, key), len(passages))
            return _with_empty_ones(documents, found)

        return ask

    def meta(self) -> Mapping[str, Any]:
        return {
            "name": "Reranker - NVIDIA",
            "documentationHref": "https://docs.api.nvidia.com/nim/reference/retrieval-apis",
        }

    def _ranking(self, base: str, model: str, body: Mapping[str, Any], key: str | None) -> Answer:
        """The good answer of the first of the base URL's addresses that exists."""
        urls = [known] if (known := self._urls.get(base)) else ranking_urls(base, model)
        for url in urls:
            answer = self.post(url, body, key=key)
            if answer.status != 404:
                break
        if not answer.ok:
            raise refused(answer, _failure(answer))
        if len(urls) > 1:
            self._urls[base] = answer.url
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


def _is_own(base: str) -> bool:
    """Whether this is somebody's own container, which needs no key."""
    return urlsplit(base).hostname not in _HOSTED_HOSTS


def _failure(answer: Answer) -> ModuleError:
    text = f"connection to NVIDIA API failed with status: {answer.status}"
    reason = answer.reason()
    return ModuleError(f"{text} error: {reason}" if reason else text)


def _with_empty_ones(documents: Sequence[str], found: Sequence[float]) -> list[float]:
    lowest = min(found) - 1.0
    scores = iter(found)
    return [next(scores) if document.strip() else lowest for document in documents]
