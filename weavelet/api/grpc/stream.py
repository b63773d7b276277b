"""BatchStream: a client pours objects and references in, the server says when it has them and what became of them.

For every data message there is one `acks` as soon as it is read, which lets the client send the next, and one
`results` with every item once all of it is stored. A client waits for both: without acks it stops sending, and a
reference is held back until the object it starts from is among the results. Items are answered with the very ids and
beacons that were sent. The next message is read when the last one is stored, so a slow store slows the client down.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.batch import source_beacon
from weavelet.errors import InvalidQuery, WeaveletError

Outcomes: TypeAlias = Sequence[WeaveletError | None]
StoreObjects: TypeAlias = Callable[[Sequence[pb.BatchObject]], Outcomes]
StoreReferences: TypeAlias = Callable[[Sequence[pb.BatchReference]], Outcomes]

SMALLEST_MESSAGE = 100
LARGEST_MESSAGE = 1_000
SECONDS_A_MESSAGE = 1.0
"""How long storing one data message should take: long enough to be worth a commit, short enough to show progress."""


class Pace:
    """How many items the client should put into a message, from how fast the last ones were stored."""

    def __init__(self) -> None:
        self._size = SMALLEST_MESSAGE

    def after(self, items: int, seconds: float) -> int | None:
        """The new size, where it is worth telling: a tenth or more away from the last one told."""
        fitting = LARGEST_MESSAGE if seconds <= 0 else int(items / seconds * SECONDS_A_MESSAGE)
        size = min(max(fitting, SMALLEST_MESSAGE), LARGEST_MESSAGE)
        if abs(size - self._size) * 10 < self._size:
            return None
        self._size = size
        return size


def replies(
    requests: Iterator[pb.BatchStreamRequest],
    store_objects: StoreObjects,
    store_references: StoreReferences,
    stopping: threading.Event,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[pb.BatchStreamReply]:
    """Answer a stream until it stops, or until the server does. Raises `InvalidQuery` for a stream out of order."""
    first = next(requests, None)
    if first is None:
        return
    if not first.HasField("start"):
        raise InvalidQuery("the first message of a batch stream must be start")
    yield pb.BatchStreamReply(started=pb.BatchStreamReply.Started())
    pace = Pace()
    for request in requests:
        if request.HasField("stop"):
            return
        if not request.HasField("data"):
            raise InvalidQuery("a batch stream is start once, then data, then stop")
        if stopping.is_set():
            yield pb.BatchStreamReply(shutting_down=pb.BatchStreamReply.ShuttingDown())
            return
        objects, references = request.data.objects.values, request.data.references.values
        yield _acks(objects, references)
        begun = clock()
        yield _results(objects, store_objects(objects), references, store_references(references))
        size = pace.after(len(objects) + len(references), clock() - begun)
        if size is not None:
            yield pb.BatchStreamReply(backoff=pb.BatchStreamReply.Backoff(batch_size=size))


def _acks(objects: Sequence[pb.BatchObject], references: Sequence[pb.BatchReference]) -> pb.BatchStreamReply:
    reply = pb.BatchStreamReply()
    reply.acks.SetInParent()
    reply.acks.uuids.extend(message.uuid for message in objects)
    reply.acks.beacons.extend(source_beacon(message) for message in references)
    return reply


def _results(
    objects: Sequence[pb.BatchObject],
    stored: Outcomes,
    references: Sequence[pb.BatchReference],
    linked: Outcomes,
) -> pb.BatchStreamReply:
    reply = pb.BatchStreamReply()
    results = reply.results
    results.SetInParent()
    for message, error in zip(objects, stored, strict=True):
        if error is None:
            results.successes.add().uuid = message.uuid
        else:
            results.errors.add(error=str(error), uuid=message.uuid)
    for reference, error in zip(references, linked, strict=True):
        if error is None:
            results.successes.add().beacon = source_beacon(reference)
        else:
            results.errors.add(error=str(error), beacon=source_beacon(reference))
    return reply
