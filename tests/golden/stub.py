"""The inference containers that stood beside the recorded server: vectors and scores computed from the words alone.

They speak the protocols of text2vec-transformers, reranker-transformers and the NVIDIA reranker, and their numbers
are part of the recordings, so they may never change.
"""

import hashlib
import json
import math
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DIMENSIONS = 64


def vector(text: str) -> list[float]:
    """The normalised sum of the words' vectors."""
    total = [0.0] * DIMENSIONS
    for word in _words(text):
        for position, part in enumerate(_word_vector(word)):
            total[position] += part
    norm = math.sqrt(sum(part * part for part in total)) or 1
    return [part / norm for part in total]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _word_vector(word: str) -> list[float]:
    digest = hashlib.sha256(word.encode()).digest()
    return [((digest[i % 32] + i * 37 * digest[(i * 7) % 32]) % 257) / 128 - 1 for i in range(DIMENSIONS)]


def _score(query: str, document: str) -> int:
    """How many different words the two share."""
    return len(set(_words(query)) & set(_words(document)))


def answered(path: str, body: dict[str, Any]) -> dict[str, Any] | None:
    if path.startswith("/vectors"):
        return {"text": body["text"], "vector": vector(body["text"]), "dim": DIMENSIONS}
    if path.startswith("/rerank"):
        scores = [{"document": text, "score": _score(body["query"], text) + 0.125} for text in body["documents"]]
        return {"query": body["query"], "scores": scores}
    if path.startswith("/v1") or "ranking" in path:
        passages = enumerate(body["passages"])
        return {"rankings": [{"index": index, "logit": float(len(passage["text"]))} for index, passage in passages]}
    return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Headers and body go out in two writes; the second would wait for the first one's acknowledgement."""

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.startswith("/.well-known"):
            self._send(204, None)
        elif self.path == "/meta":
            self._send(200, {"model": "stub", "dim": DIMENSIONS})
        else:
            self._send(404, {"detail": "not found"})

    def do_POST(self) -> None:
        answer = answered(self.path, json.loads(self._read() or b"{}"))
        if answer is None:
            self._send(404, {"detail": "nope"})
        else:
            self._send(200, answer)

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while length := int(self.rfile.readline().strip(), 16):
            chunks.append(self.rfile.read(length))
            self.rfile.readline()
        return b"".join(chunks)

    def _send(self, status: int, document: dict[str, Any] | None) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        if document is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def containers() -> Iterator[str]:
    """Serve them on a free port; gives the address."""
    ThreadingHTTPServer.request_queue_size = 128
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
