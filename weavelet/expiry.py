"""Expired objects are deleted in the background: on a schedule, collection by collection, a few at a time.

A sweep goes through every shard that is open for requests, tenants included, and takes what had expired when it began.
An object that is written meanwhile stays. Until a sweep comes by, `engine/lifetime.py` says what searches show.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from weavelet.engine.database import Database
from weavelet.engine.lifetime import expired
from weavelet.errors import NotFound, WeaveletError
from weavelet.ingest import Ingest
from weavelet.schedule import Schedule
from weavelet.schema.collection import TenantStatus

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """A shard to be swept, and what has been done there."""

    collection: str
    tenant: str
    resting: bool = False
    """Whether nobody had been using the tenant, so that it is to be closed again."""
    deleted: int = 0

    def __str__(self) -> str:
        return f"{self.collection}, tenant {self.tenant}" if self.tenant else self.collection


class Expiry:
    """Sweeps one database. `work` is for one background thread, to be called often."""

    def __init__(
        self,
        database: Database,
        ingest: Ingest,
        schedule: Schedule,
        now_ms: Callable[[], int],
        at_once: int = 500,
    ) -> None:
        """`at_once`: as many objects are deleted in a slice of work."""
        self._database = database
        self._ingest = ingest
        self._schedule = schedule
        self._now_ms = now_ms
        self._at_once = at_once
        self._began = now_ms()
        self._due = schedule.after(self._began)
        self._left: deque[_Place] = deque()

    def work(self) -> bool:
        """A slice: begin a sweep if it is time for one, or go on with it. Whether there is more to do now."""
        if not self._left and self._now_ms() >= self._due:
            self._began = self._now_ms()
            self._due = self._schedule.after(self._began)
            self._left.extend(self._places())
        if self._left:
            place = self._left.popleft()
            if self._swept(place):
                self._left.appendleft(place)
            elif place.resting:
                self._let_rest(place)
        return bool(self._left)

    def _places(self) -> Iterator[_Place]:
        for name, collection in self._database.collections.items():
            if expired(collection, self._began) is None:
                continue
            tenants = self._database.tenants(name) if collection.multi_tenancy.enabled else {"": TenantStatus.HOT}
            yield from (_Place(name, tenant) for tenant, status in tenants.items() if status is TenantStatus.HOT)

    def _let_rest(self, place: _Place) -> None:
        with suppress(NotFound):
            self._database.rest(place.collection, place.tenant)

    def _swept(self, place: _Place) -> bool:
        """Delete some of what has expired there. Whether there is more."""
        try:
            more = self._delete_some(place)
        except NotFound:
            more = False
        except WeaveletError as error:
            _log.warning("what has expired in %s stays until the next sweep: %s", place, error)
            more = False
        if place.deleted and not more:
            _log.info("%d expired objects deleted in %s", place.deleted, place)
        return more

    def _delete_some(self, place: _Place) -> bool:
        collection = self._database.collections.get(place.collection)
        where = None if collection is None else expired(collection, self._began)
        if where is None or not self._database.is_active(place.collection, place.tenant):
            return False
        if not self._database.was_used(place.collection, place.tenant):
            return False
        if place.tenant and not self._database.is_awake(place.collection, place.tenant):
            place.resting = True
        done = self._ingest.delete_where(place.collection, where, place.tenant, at_most=self._at_once)
        for row in done.rows:
            if row.error is not None:
                raise row.error
        place.deleted += len(done.rows)
        return done.matches > len(done.rows)
