"""Searches parsed once for each shape.

A client's requests mostly differ in nothing but the vector and the text they look for. With those two taken out, what
is left of a message is its shape: everything worked out from it - target, filter, page, what to show and how - is kept
and used again for the next message of that shape, as long as the collections it was parsed with are the same. Whether
the caller may read those is asked every time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.filters import Find
from weavelet.api.grpc.search import Search, parse_search
from weavelet.api.grpc.splice import RenderedRows
from weavelet.api.grpc.subject import Cut, Shape, cut
from weavelet.api.grpc.vectors import decode_floats
from weavelet.engine.query import Hybrid, Kept, Keyword, NearVector, SearchRequest, Subject, Target
from weavelet.engine.recent import Recent
from weavelet.schema.collection import Collection

_MOST_SHAPES = 512
_LARGEST_SHAPE = 4096
"""Bytes. What is longer, such as a filter by thousands of ids, hardly comes again."""


_RENDERED_ROOM = 16 << 20
"""Bytes for rows that were rendered lately."""


@dataclass(frozen=True, slots=True)
class _Known:
    search: Search
    tenant: str
    collections: Mapping[str, Collection]
    """Under the names by which the parser asked for them."""


class Searches:
    """Parses the messages of one door. Used by many threads; a shape parsed twice at once does no harm."""

    def __init__(self, default_limit: int) -> None:
        self._default_limit = default_limit
        self._known: dict[Shape, _Known] = {}
        self._recent: RenderedRows = Recent(_RENDERED_ROOM)

    def parse(self, data: bytes, finding: Callable[[str], Find], headers: Mapping[str, str]) -> Search:
        """As `parse_search` of the message in these bytes, with what `finding` gives for its tenant.

        Raises what the parser raises for bytes that are no message.
        """
        asked = cut(data)
        if asked is None:
            message = pb.SearchRequest.FromString(data)
            return parse_search(message, finding(message.tenant), self._default_limit, headers, self._recent)
        known = self._known.get(asked.shape)
        if known is not None and _are_same(known.collections, finding(known.tenant)):
            return _again(known.search, asked, headers)
        return self._parsed(pb.SearchRequest.FromString(data), finding, headers, asked)

    def _parsed(
        self, message: pb.SearchRequest, finding: Callable[[str], Find], headers: Mapping[str, str], asked: Cut
    ) -> Search:
        find = finding(message.tenant)
        collections: dict[str, Collection] = {}

        def noting(name: str) -> Collection:
            collections[name] = find(name)
            return collections[name]

        search = parse_search(message, noting, self._default_limit, headers, self._recent)
        if not _is_the_subject(asked, search.request.target) or asked.size > _LARGEST_SHAPE:
            return search
        if _is_plain(search.request):
            search = Search(replace(search.request, kept=Kept()), search.show, search.splicer)
        if len(self._known) >= _MOST_SHAPES:
            self._known.clear()
        self._known[asked.shape] = _Known(search, message.tenant, collections)
        return search


def _are_same(collections: Mapping[str, Collection], find: Find) -> bool:
    """Whether the collections are what is found now. Raises where the caller may not read one."""
    return all(find(name) is found for name, found in collections.items())


def _again(search: Search, asked: Cut, headers: Mapping[str, str]) -> Search:
    """The same search, about something else."""
    request = search.request
    if request.kept is not None:
        vector = decode_floats(asked.vector) if asked.vector else None
        return Search(request, search.show, search.splicer, Subject(asked.text, vector, headers))
    request = replace(request, target=_looking_for(request.target, asked), headers=headers)
    return Search(request, search.show, search.splicer)


def _looking_for(target: Target, asked: Cut) -> Target:
    """The same target with another subject."""
    match target:
        case NearVector():
            return _near(target, asked)
        case Keyword():
            return replace(target, query=asked.text)
        case Hybrid(near=NearVector() as near):
            return replace(target, query=asked.text, near=_near(near, asked))
        case Hybrid():
            return replace(target, query=asked.text)
        case _:
            return target


def _near(near: NearVector, asked: Cut) -> NearVector:
    return replace(near, vectors=(decode_floats(asked.vector),))


def _is_plain(request: SearchRequest) -> bool:
    """Whether nothing but the legs of the search looks at its subject."""
    match request.target:
        case None | Keyword() | NearVector() | Hybrid(near=NearVector()):
            return request.rerank is None and request.generate is None
        case _:
            return False


def _is_the_subject(asked: Cut, target: Target) -> bool:
    """Whether the target's text and vectors are just what was cut out of its message."""
    match target:
        case NearVector():
            return not asked.text and _is_the_vector(asked, target)
        case Keyword(query=query):
            return query == asked.text and not asked.vector
        case Hybrid(query=query, near=NearVector() as near):
            return query == asked.text and _is_the_vector(asked, near)
        case Hybrid(query=query):
            return query == asked.text and not asked.vector
        case _:
            return not asked.text and not asked.vector


def _is_the_vector(asked: Cut, near: NearVector) -> bool:
    return len(near.vectors) == 1 and near.vectors[0].tobytes() == asked.vector != b""
