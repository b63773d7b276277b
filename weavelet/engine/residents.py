"""Which shards may stay awake: a tenant nobody asks for gives back its files and memory until somebody does.

At most so many tenants are awake; whoever is one too many sends the one used longest ago to rest, and those idle for
long enough are sent to rest in any case. A shard in use is never waited for: another one rests instead. A shard that
wastes document numbers is opened anew when it is idle, tenant or not, since opening renumbers it; a large one, which
takes long, waits for the next start.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from weavelet.engine.catalog_store import StoredShard
from weavelet.engine.numbering import QUICK
from weavelet.engine.shard import Shard
from weavelet.errors import Unavailable, WeaveletError
from weavelet.schema.collection import Collection, TenantStatus


def folder_name(name: str, number: int) -> str:
    """A name to recognise it by, and the number that tells it from all others, also where case does not count."""
    return f"{name[:40]}-{number}"


@dataclass(slots=True, eq=False)
class Place:
    """Where a shard is, and the shard itself once it is open. `opening` is held while either changes."""

    stored: StoredShard
    home: Path
    """The folder of its collection. There may be many thousands of places, so each makes up its own when asked."""
    shard: Shard | None = None
    refusal: WeaveletError | None = None
    """Why it may not be opened, where it may not."""
    used: float = 0.0
    """When it was last asked for, in seconds of the database's clock."""
    opening: threading.Lock = field(default_factory=threading.Lock)

    @property
    def folder(self) -> Path:
        return self.home / self.folder_name

    @property
    def folder_name(self) -> str:
        return folder_name(self.stored.name, self.stored.number)

    @property
    def status(self) -> TenantStatus:
        return TenantStatus(self.stored.status)

    def close(self, reason: WeaveletError) -> None:
        with self.opening:
            self.refusal = reason
            shard, self.shard = self.shard, None
        if shard is not None:
            shard.close(reason)

    def redefine(self, collection: Collection) -> None:
        with self.opening:
            if self.shard is not None and not self.shard.closed:
                self.shard.redefine(collection)

    def allow(self) -> None:
        with self.opening:
            self.refusal = None

    def renew(self) -> None:
        """Close the shard; whoever asks next opens it anew."""
        with self.opening:
            shard, self.shard = self.shard, None
            if shard is not None:
                shard.close(Unavailable(f"shard {self.stored.name} is being opened anew, try again"))


class Residents:
    """The places of tenants whose shards are awake."""

    def __init__(self, most: int, idle_seconds: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._awake: set[Place] = set()

    def __len__(self) -> int:
        return len(self._awake)

    def admit(self, place: Place) -> None:
        """Count in a place whose shard has been opened or woken, and let others rest where that is too many."""
        with self._lock:
            self._awake.add(place)
            excess = len(self._awake) - self._most
            oldest = sorted(self._awake - {place}, key=lambda other: other.used) if excess > 0 else []
        for other in oldest:
            if excess <= 0:
                return
            excess -= self.dismiss(other)

    def dismiss(self, place: Place) -> bool:
        """Let its shard rest; False where it is in use."""
        shard = place.shard
        if shard is not None and not shard.rest():
            return False
        with self._lock:
            self._awake.discard(place)
        return True

    def upkeep(self, places: Sequence[Place]) -> None:
        """Let what has been idle for long rest, and open anew what is worth it. `places`: all there are.

        Tenants woken by somebody who still had their shard are counted in here.
        """
        before = self._clock() - self._idle_seconds
        with self._lock:
            self._awake.update(place for place in places if _is_tenant_awake(place.shard))
            idle = [place for place in self._awake if place.used < before]
        for place in idle:
            self.dismiss(place)
        for place in places:
            shard = place.shard
            if place.used < before and shard is not None and shard.count <= QUICK and shard.wasteful:
                place.renew()


def _is_tenant_awake(shard: Shard | None) -> bool:
    return shard is not None and bool(shard.tenant) and shard.awake
