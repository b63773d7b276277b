"""Searches parsed once for each shape.

A client's requests mostly differ in nothing but the vector and the text they look for. With those two taken out, what
is left of a message is its shape: everything worked out from it - target, filter, page, what to show and how - is kept
and used again for the next message of that shape, as long as the collections it was parsed with are the same. Whether
the caller may read those is asked every time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.filters import Find
from weavelet.api.grpc.search import Search, parse_search
from weavelet.api.grpc.splice import RenderedRows
from weavelet.api.grpc.vectors import MULTI, decode_floats
from weavelet.engine.query import Hybrid, Keyword, NearVector, Target
from weavelet.engine.recent import Recent
from weavelet.schema.collection import Collection

_MOST_SHAPES = 512
_LARGEST_SHAPE = 4096
"""Bytes. What is longer, such as a filter by thousands of ids, hardly comes again."""


_RENDERED_ROOM = 16 << 20
"""Bytes for rows that were rendered lately."""


class _Subject:
    """The vector and the text that a message looks for, and where they are in it."""

    __slots__ = ("_asked", "_holder", "text", "vector")

    def __init__(self, message: pb.SearchRequest) -> None:
        self._asked = _asked(message)
        self._holder = _holder(message)
        self.text: str = "" if self._asked is None else self._asked.query
        self.vector: bytes = b"" if self._holder is None else self._holder.vector_bytes

    def take_out(self) -> None:
        self._set("", b"")

    def put_back(self) -> None:
        self._set(self.text, self.vector)

    def _set(self, text: str, vector: bytes) -> None:
        if self._asked is not None:
            self._asked.query = text
        if self._holder is not None:
            self._holder.vector_bytes = vector


_Shape: TypeAlias = tuple[bytes, bool, bool]
"""The rest of a message, and whether it had a vector and a text."""


@dataclass(frozen=True, slots=True)
class _Known:
    search: Search
    collections: Mapping[str, Collection]
    """Under the names by which the parser asked for them."""


class Searches:
    """Parses the messages of one door. Used by many threads; a shape parsed twice at once does no harm."""

    def __init__(self, default_limit: int) -> None:
        self._default_limit = default_limit
        self._known: dict[_Shape, _Known] = {}
        self._recent: RenderedRows = Recent(_RENDERED_ROOM)

    def parse(self, message: pb.SearchRequest, find: Find, headers: Mapping[str, str]) -> Search:
        """As `parse_search`. The message is used up."""
        subject = _Subject(message)
        subject.take_out()
        shape = message.SerializeToString(deterministic=True), bool(subject.vector), bool(subject.text)
        known = self._known.get(shape)
        if known is not None and all(find(name) is found for name, found in known.collections.items()):
            request = known.search.request
            request = replace(request, target=_looking_for(request.target, subject), headers=headers)
            return Search(request, known.search.show, known.search.splicer)
        subject.put_back()
        return self._parsed(message, find, headers, shape, subject)

    def _parsed(
        self, message: pb.SearchRequest, find: Find, headers: Mapping[str, str], shape: _Shape, subject: _Subject
    ) -> Search:
        collections: dict[str, Collection] = {}

        def noting(name: str) -> Collection:
            collections[name] = find(name)
            return collections[name]

        search = parse_search(message, noting, self._default_limit, headers, self._recent)
        if len(shape[0]) <= _LARGEST_SHAPE and _replaceable(search.request.target, subject):
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            self._known[shape] = _Known(search, collections)
        return search


def _asked(message: pb.SearchRequest) -> pb.BM25 | pb.Hybrid | None:
    """What of the message has the text."""
    if message.HasField("bm25_search"):
        return message.bm25_search
    return message.hybrid_search if message.HasField("hybrid_search") else None


def _holder(message: pb.SearchRequest) -> pb.NearVector | pb.Hybrid | pb.Vectors | None:
    """What of the message has the one vector."""
    source: pb.NearVector | pb.Hybrid = message.near_vector
    if message.HasField("hybrid_search"):
        hybrid = message.hybrid_search
        source = hybrid.near_vector if hybrid.HasField("near_vector") else hybrid
    elif not message.HasField("near_vector"):
        return None
    if not source.vectors:
        return source
    return source.vectors[0] if len(source.vectors) == 1 and source.vectors[0].type != MULTI else None


def _replaceable(target: Target, subject: _Subject) -> bool:
    """Whether the vectors of the target, if it has any, are the subject's."""
    match target:
        case NearVector(vectors=vectors) | Hybrid(near=NearVector(vectors=vectors)):
            return len(vectors) == 1 and bool(subject.vector)
        case _:
            return True


def _looking_for(target: Target, subject: _Subject) -> Target:
    """The same target with another subject."""
    match target:
        case NearVector():
            return _near(target, subject)
        case Keyword():
            return replace(target, query=subject.text)
        case Hybrid(near=NearVector() as near):
            return replace(target, query=subject.text, near=_near(near, subject))
        case Hybrid():
            return replace(target, query=subject.text)
        case _:
            return target


def _near(near: NearVector, subject: _Subject) -> NearVector:
    return replace(near, vectors=(decode_floats(subject.vector),))
