"""For the tests of modules, ours and anybody's: stand-ins for containers, and what every module must keep to.

A `FakeContainer` answers without a network (`transport`) or on a port of this machine (`serve`) and remembers what it
was asked. `check_vectorizer`, `check_reranker` and `check_generator` hold a module against its protocol, so that the
test of a third-party module is one line:

    def test_it_is_a_reranker():
        check_reranker(MyReranker(in_front_of(tei_container, MY_RERANKER_URL="http://tei")))
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import numpy as np
import orjson

from weavelet.errors import ModuleError
from weavelet.modules.base import Call, Generator, Kind, Module, ModuleSettings, Reranker, Task, Vectorizer
from weavelet.modules.text2vec_bigram import hashed
from weavelet.schema.collection import Settings

_TEI_BATCH = 32


@dataclass(frozen=True, slots=True)
class Asked:
    """One request a container was sent. Header names are in lower case; `body` is None where there was none."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    content: bytes
    body: Any


@dataclass(frozen=True, slots=True)
class Told:
    """What a stand-in answers."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Behaviour = Callable[[Asked], Told]


class FakeContainer:
    """A container that behaves as told and keeps every request in `asked`, in order of arrival.

    Its `behaviour` may be another one later.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self._lock = threading.Lock()
        self.asked: list[Asked] = []

    @property
    def posts(self) -> list[Asked]:
        """The requests that were not about health."""
        return [asked for asked in self.asked if asked.method == "POST"]

    def transport(self) -> httpx2.BaseTransport:
        """The container without a network, for `ModuleSettings.network`."""
        return httpx2.MockTransport(self._handle)

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """The container on a port of this machine, by default a free one; gives its URL."""
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self._handle))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        content = request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = orjson.loads(content) if content else None
        asked = Asked(request.method, str(request.url), request.url.path, headers, content, body)
        with self._lock:
            self.asked.append(asked)
        told = self.behaviour(asked)
        if told.body is None:
            return httpx2.Response(told.status, headers=dict(told.headers))
        content = (
            told.body if isinstance(told.body, bytes) else orjson.dumps(told.body, option=orjson.OPT_SERIALIZE_NUMPY)
        )
        return httpx2.Response(told.status, headers=dict(told.headers), content=content)


def in_front_of(behaviour: Behaviour, **environment: str) -> ModuleSettings:
    """What to start a module with so that wherever it calls, a container that behaves so answers."""
    return ModuleSettings(environment, network=FakeContainer(behaviour).transport())


def transformers_container(asked: Asked) -> Told:
    """A vectorizer container: texts that share words are near each other."""
    if asked.path == "/vectors":
        vector = hashed(asked.body["text"])
        return Told({"text": asked.body["text"], "vector": vector, "dim": len(vector)})
    return _common(asked)


def scoring_container(asked: Asked) -> Told:
    """A reranker container: a document's score is how many of the query's words it has."""
    if asked.path == "/rerank":
        if "documents" not in asked.body:
            return Told({"detail": [{"loc": ["body", "documents"], "msg": "Field required"}]}, 422)
        query = asked.body["query"]
        scores = [{"document": text, "score": shared_words(query, text)} for text in asked.body["documents"]]
        return Told({"query": query, "scores": scores})
    return _common(asked)


def ranking_container(asked: Asked) -> Told:
    """An NVIDIA container: the same scores as logits, best first."""
    if asked.path.endswith("ranking"):
        query, passages = asked.body["query"]["text"], [passage["text"] for passage in asked.body["passages"]]
        ranked = sorted(enumerate(passages), key=lambda one: -shared_words(query, one[1]))
        return Told({"rankings": [{"index": index, "logit": shared_words(query, text)} for index, text in ranked]})
    return _common(asked)


def jina_container(asked: Asked) -> Told:
    """A server of Jina's, Cohere's or LocalAI's shape: the same scores, best first."""
    if asked.path.endswith("rerank"):
        ranked = sorted(enumerate(asked.body["documents"]), key=lambda one: -shared_words(asked.body["query"], one[1]))
        results = [
            {"index": index, "relevance_score": shared_words(asked.body["query"], text), "document": {"text": text}}
            for index, text in ranked
        ]
        return Told({"model": asked.body.get("model"), "results": results})
    return _common(asked)


def tei_container(asked: Asked) -> Told:
    """Text Embeddings Inference: a body of its own, and at most 32 texts a request."""
    if asked.path != "/rerank":
        return _common(asked)
    if "texts" not in asked.body:
        return Told({"error": "Failed to deserialize the JSON body into the target type: missing field `texts`"}, 422)
    texts = asked.body["texts"]
    if len(texts) > _TEI_BATCH:
        problem = f"batch size {len(texts)} > maximum allowed batch size {_TEI_BATCH}"
        return Told({"error": problem, "error_type": "Validation"}, 422)
    ranked = sorted(enumerate(texts), key=lambda one: -shared_words(asked.body["query"], one[1]))
    return Told([{"index": index, "score": shared_words(asked.body["query"], text)} for index, text in ranked])


def embeddings_container(asked: Asked) -> Told:
    """A server of OpenAI's shape for vectors, which answers out of order."""
    if asked.path.endswith("/embeddings"):
        data = [{"index": index, "embedding": hashed(text)} for index, text in enumerate(asked.body["input"])]
        return Told({"object": "list", "model": asked.body.get("model"), "data": data[::-1]})
    return _common(asked)


def chat_container(asked: Asked) -> Told:
    """A server of OpenAI's shape for texts: it repeats what it is asked."""
    if asked.path.endswith("/chat/completions"):
        prompt = asked.body["messages"][-1]["content"]
        message = {"role": "assistant", "content": f"An answer to: {prompt}"}
        words = len(prompt.split())
        usage = {"prompt_tokens": words, "completion_tokens": words + 3, "total_tokens": 2 * words + 3}
        return Told({"choices": [{"index": 0, "message": message}], "usage": usage})
    return _common(asked)


def any_container(asked: Asked) -> Told:
    """A server of all shapes: which one is meant, the path and the body tell."""
    body = asked.body or {}
    match asked.path:
        case "/rerank":
            return scoring_container(asked)
        case "/api/generate":
            return Told({"response": f"An answer to: {body['prompt']}"})
        case "/api/embed":
            return Told({"embeddings": [hashed(text).tolist() for text in body["input"]]})
        case "/v2/embed":
            return Told({"embeddings": {"float": [hashed(text).tolist() for text in body["texts"]]}})
    if "inputs" in body:
        return Told([hashed(text).tolist() for text in body["inputs"]])
    if "passages" in body:
        return ranking_container(asked)
    if "messages" in body:
        return chat_container(asked)
    if "input" in body:
        return embeddings_container(asked)
    return jina_container(asked) if "documents" in body else transformers_container(asked)


def failing_container(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Behaviour:
    """A container that is up and refuses every piece of work."""

    def behave(asked: Asked) -> Told:
        return Told(body, status, headers or {}) if asked.method == "POST" else _common(asked)

    return behave


def shared_words(query: str, text: str) -> float:
    """How many words of the query are in the text, and a little more."""
    return len(set(query.lower().split()) & set(text.lower().split())) + 0.125


def check_vectorizer(module: Vectorizer, settings: Settings | None = None, call: Call | None = None) -> None:
    """Hold a vectorizer against its protocol. Raises AssertionError with what is wrong."""
    used, by = settings if settings is not None else module.class_defaults, call or Call()
    assert module.name, "a module has a name"
    kinds = (Kind.VECTORIZER, Kind.MULTIVECTORIZER)
    assert any(module.kind is kind for kind in kinds), (
        f"the kind of a vectorizer is one of {kinds}, not {module.kind!r}"
    )
    assert list(module.vectorize([], Task.PASSAGE, used, by)) == [], "no texts, no vectors"
    texts = ["apple cake", "mountain", "apple cake", "", "a much longer text about apples and cake"]
    for task in Task:
        found = module.vectorize(texts, task, used, by)
        assert len(found) == len(texts), "one vector for each text"
        vectors = [vector for vector in found if not isinstance(vector, ModuleError)]
        assert len(vectors) == len(found), f"no errors: {found}"
        assert all(vector.dtype == np.float32 for vector in vectors), "vectors are float32"
        assert len({vector.shape[-1] for vector in vectors}) == 1, "all vectors are of one length"
        assert np.array_equal(vectors[0], vectors[2]), "equal texts have equal vectors"
    _check_meta(module)
    _check_threads(lambda: module.vectorize(texts, Task.QUERY, used, by))


def check_reranker(module: Reranker, settings: Settings | None = None, call: Call | None = None) -> None:
    """Hold a reranker against its protocol. Raises AssertionError with what is wrong."""
    used, by = settings or {}, call or Call()
    assert module.name, "a module has a name"
    assert module.kind is Kind.RERANKER, f"the kind of a reranker is Kind.RERANKER, not {module.kind!r}"
    assert list(module.rerank("query", [], used, by)) == [], "no documents, no scores"
    documents = ["apple cake", "mountain", "cake", "a much longer text about apples and cake"] * 12
    scores = module.rerank("apple cake", documents, used, by)
    assert len(scores) == len(documents), "one score for each document"
    assert all(isinstance(score, float) for score in scores), "scores are floats"
    turned = module.rerank("apple cake", documents[::-1], used, by)
    assert np.allclose(list(turned)[::-1], scores), "scores are in the order of the documents"
    _check_meta(module)
    _check_threads(lambda: module.rerank("apple cake", documents, used, by))


def check_generator(module: Generator, settings: Settings | None = None, call: Call | None = None) -> None:
    """Hold a generator against its protocol. Raises AssertionError with what is wrong."""
    used, by = settings or {}, call or Call()
    assert module.name, "a module has a name"
    assert module.kind is Kind.GENERATOR, f"the kind of a generator is Kind.GENERATOR, not {module.kind!r}"
    assert isinstance(module.generate("Say hello", used, by).text, str), "what is written is text"
    _check_meta(module)


def _check_meta(module: Module) -> None:
    with suppress(ModuleError):
        assert isinstance(module.meta(), Mapping), "meta is a mapping"


def _check_threads(work: Callable[[], Sequence[Any]]) -> None:
    """Several callers at once get what one gets alone."""
    alone = list(work())
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: work(), range(8)):
            assert all(np.array_equal(one, other) for one, other in zip(alone, found, strict=True)), "thread-safe"


def _common(asked: Asked) -> Told:
    if asked.path.startswith("/.well-known/"):
        return Told(status=204)
    if asked.path == "/meta":
        return Told({"model": "fake"})
    return Told({"detail": "Not Found"}, 404)


def _handler(handle: Callable[[httpx2.Request], httpx2.Response]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        """Head and body go out as one: a body behind its head would wait until the client has acknowledged that."""

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = f"http://{self.headers['Host']}{self.path}"
            response = handle(httpx2.Request(self.command, url, headers=dict(self.headers.items()), content=content))
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                if name.lower() != "content-length":
                    self.send_header(name, value)
            if response.status_code != 204:
                self.send_header("Content-Length", str(len(response.content)))
            self.end_headers()
            self.wfile.write(response.content)

    return Handler
