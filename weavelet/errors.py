"""Everything that can go wrong, as one tree.

    WeaveletError
    ├─ InvalidInput               the caller can put it right
    │   ├─ InvalidSchema          a collection, property, alias or tenant definition
    │   ├─ InvalidObject          an object's id or properties
    │   │   └─ NoSchemaFits       … for which auto-schema can make no room
    │   ├─ InvalidReference       a beacon, or what it points at
    │   ├─ InvalidVector          a vector that does not fit its index
    │   │   └─ DimensionMismatch  … because of its length
    │   ├─ InvalidFilter          a where filter
    │   └─ InvalidQuery           any other part of a search or an aggregation
    ├─ Unauthenticated            we do not know who asks
    ├─ Forbidden                  we know, and they may not
    ├─ NotFound
    │   ├─ CollectionNotFound
    │   ├─ ObjectNotFound
    │   └─ TenantNotFound
    ├─ Conflict                   it exists already
    ├─ ModuleError                an inference container failed us
    │   ├─ ModuleTimeout          … by not answering in time
    │   └─ ModuleUnavailable      … by not being up yet, or by having too much to do
    ├─ Unavailable                not now: starting, stopping, read-only
    │   └─ Overloaded             … because too much waits already
    └─ StorageError               the disk failed us
        └─ CorruptionError        … with a damaged file

Texts are written for the person who sent the request. No class knows a status code:
`weavelet.api.errors` has the one table from class to wire.
"""


class WeaveletError(Exception):
    """Anything weavelet reports on purpose. Whatever else is raised is a bug."""


class InvalidInput(WeaveletError):
    """The request is wrong, and the caller can put it right."""


class InvalidSchema(InvalidInput):
    """A collection, property, alias or tenant definition that cannot be accepted."""


class InvalidObject(InvalidInput):
    """An object whose id or properties do not fit its collection."""


class NoSchemaFits(InvalidObject):
    """An object whose names or values no definition that auto-schema could make would allow."""


class InvalidReference(InvalidInput):
    """A beacon that cannot be read, or that points at nothing allowed."""


class InvalidVector(InvalidInput):
    """A vector that does not fit the collection's vector configuration."""


class DimensionMismatch(InvalidVector):
    """A vector of another length than those already in its index."""


class InvalidFilter(InvalidInput):
    """A where filter that cannot be applied to the collection."""


class InvalidQuery(InvalidInput):
    """A search or aggregation whose parts are wrong or contradict each other."""


class Unauthenticated(WeaveletError):
    """No, or no valid, credentials."""


class Forbidden(WeaveletError):
    """Valid credentials that do not permit this."""


class NotFound(WeaveletError):
    """Something named in the request does not exist."""


class CollectionNotFound(NotFound):
    """No collection or alias of that name."""


class ObjectNotFound(NotFound):
    """No object of that id."""


class TenantNotFound(NotFound):
    """No tenant of that name in the collection, or it is not active."""


class Conflict(WeaveletError):
    """Something of that name or id exists already."""


class ModuleError(WeaveletError):
    """A module, or the inference container behind it, failed."""


class ModuleTimeout(ModuleError):
    """An inference container did not answer within the module's time limit."""


class ModuleUnavailable(ModuleError):
    """An inference container is not up, or has more calls waiting than it can serve soon."""


class Unavailable(WeaveletError):
    """Not now: the server is starting, stopping, overloaded or read-only."""


class Overloaded(Unavailable):
    """Too much is waiting already. `retry_after` is in how many seconds to try again."""

    def __init__(self, text: str, retry_after: int = 1) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class StorageError(WeaveletError):
    """The data directory could not be read or written."""


class CorruptionError(StorageError):
    """A file in the data directory is damaged; the text names it."""
