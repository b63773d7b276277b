"""Which objects have expired, as filters that indexes and single objects answer alike.

An object expires so many seconds after a time: its creation, its last update, or a date of its own. One without that
date never does. What time it is comes from the caller. Knows definitions, no index and no store.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from weavelet.engine.query import Compare, Filter, Internal, Not, OfProperty, Operator, Path, ValueKind
from weavelet.schema.collection import Collection
from weavelet.schema.ttl import CREATION_TIME, UPDATE_TIME

_TIMES: Final = {CREATION_TIME: Internal.CREATED, UPDATE_TIME: Internal.UPDATED}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS: Final = int(datetime(1, 1, 1, tzinfo=UTC).timestamp()) * 1000
_LAST_MS: Final = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * 1000


def expired(collection: Collection, now_ms: int) -> Filter | None:
    """What holds for objects that have expired by now; None where objects do not expire."""
    ttl = collection.ttl
    if ttl is None or not ttl.enabled:
        return None
    path: Path = _TIMES.get(ttl.delete_on) or OfProperty(ttl.delete_on)
    return Compare(path, Operator.LESS_THAN_EQUAL, _date(now_ms - ttl.seconds * 1000), ValueKind.DATE)


def unexpired(collection: Collection, now_ms: int) -> Filter | None:
    """What holds for objects that are to be shown; None where those that have expired are shown until they go."""
    gone = expired(collection, now_ms) if collection.ttl is not None and collection.ttl.filter_expired else None
    return None if gone is None else Not(gone)


def _date(ms: int) -> str:
    """The time in RFC 3339, which has only the years from 1 to 9999."""
    time = _EPOCH + timedelta(milliseconds=min(max(ms, _FIRST_MS), _LAST_MS))
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
