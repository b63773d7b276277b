"""Beacons: the URIs by which objects refer to each other.

`weaviate://localhost/Author/<id>` names an object, `weaviate://localhost/<id>` leaves its collection to the property
that holds it, `weaviate://localhost/Article/<id>/author` names a property of an object. The scheme is not looked at,
so a URL of this server's API host works too.
"""

from dataclasses import dataclass
from typing import Final

from weavelet.errors import InvalidReference
from weavelet.schema.uuids import canonical_uuid

_LOCAL: Final = "localhost"
_SOURCE_FORM: Final = "must use long-form: path must be of format '/<className>/<uuid>/<propertyName>'"


@dataclass(frozen=True, slots=True)
class Beacon:
    """An object somewhere in the database. `collection` is empty where the beacon does not say."""

    collection: str
    id: str

    @property
    def text(self) -> str:
        path = f"{self.collection}/{self.id}" if self.collection else self.id
        return f"weaviate://{_LOCAL}/{path}"


def parse_beacon(text: str) -> Beacon:
    """The object a beacon names; its collection keeps the case it is written in. Raises `InvalidReference`."""
    path = _local_path(text)
    match path.split("/"):
        case ["", id]:
            return Beacon("", _id(id, "1st"))
        case ["", collection, id]:
            return Beacon(collection, _id(id, "2nd"))
        case _:
            raise InvalidReference(f"invalid cref URI: path must be of format '<class>/<uuid>', but got '{path}'")


def parse_source(text: str) -> tuple[Beacon, str]:
    """The object a reference goes out from, and the property that holds it. Raises `InvalidReference`."""
    path = _local_path(text) if text else ""
    match path.split("/"):
        case ["", collection, id, name] if collection and name:
            if not collection[0].isupper():
                raise InvalidReference(f"className must start with an uppercase letter, but got {collection}")
            return Beacon(collection, _id(id, "2nd", shown=name)), name
        case _:
            raise InvalidReference(f"invalid cref URI: {_SOURCE_FORM}, but got '{path}'")


def _local_path(text: str) -> str:
    if not text:
        raise InvalidReference("invalid cref URI: the beacon is empty")
    _, separator, rest = text.partition("://")
    if not separator:
        return text
    host, slash, path = rest.partition("/")
    if host != _LOCAL:
        raise InvalidReference("unrecognized cross-ref ref format")
    return slash + path


def _id(text: str, place: str, shown: str = "") -> str:
    """Weaviate shows the last segment of a source, not the one that is no uuid."""
    id = canonical_uuid(text)
    if id is None:
        raise InvalidReference(f"invalid cref URI: {place} path segment must be uuid, but got '{shown or text}'")
    return id
