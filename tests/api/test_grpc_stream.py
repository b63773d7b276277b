"""The conversation of a batch stream."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.stream import LARGEST_MESSAGE, SMALLEST_MESSAGE, Pace, replies
from weavelet.errors import InvalidObject, InvalidQuery, WeaveletError

START: dict[str, Any] = {"start": {}}
STOP: dict[str, Any] = {"stop": {}}
BEACON = "weaviate://localhost/Book/o1/author"


def objects(*ids: str) -> dict[str, Any]:
    return {"data": {"objects": {"values": [{"uuid": id, "collection": "Book"} for id in ids]}}}


def references(*ids: str) -> dict[str, Any]:
    sent = [{"from_uuid": id, "from_collection": "Book", "name": "author", "to_uuid": "t"} for id in ids]
    return {"data": {"references": {"values": sent}}}


class Conversation:
    """A stream whose store refuses what is called `bad`, and which notes what happens when."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = messages
        self.events: list[str] = []
        self.stopping = threading.Event()
        self.now = 0.0

    def _sent(self) -> Iterator[pb.BatchStreamRequest]:
        for document in self.messages:
            message = ParseDict(document, pb.BatchStreamRequest())
            self.events.append(f"read {message.WhichOneof('message')}")
            yield message

    def _store_objects(self, messages: Sequence[pb.BatchObject]) -> list[WeaveletError | None]:
        self.events.append(f"store {len(messages)} objects")
        return [InvalidObject("refused") if message.uuid == "bad" else None for message in messages]

    def _store_references(self, messages: Sequence[pb.BatchReference]) -> list[WeaveletError | None]:
        self.events.append(f"store {len(messages)} references")
        return [InvalidObject("refused") if message.from_uuid == "bad" else None for message in messages]

    def _clock(self) -> float:
        self.now += 1.0
        return self.now

    def answers(self) -> Iterator[dict[str, Any]]:
        found = replies(self._sent(), self._store_objects, self._store_references, self.stopping, self._clock)
        for message in found:
            self.events.append(f"say {message.WhichOneof('message')}")
            yield dict(MessageToDict(message, preserving_proto_field_name=True))


def test_every_message_is_acknowledged_and_then_answered_item_by_item() -> None:
    conversation = Conversation(START, objects("o1", "bad"), references("o1", "bad"), STOP)

    assert list(conversation.answers()) == [
        {"started": {}},
        {"acks": {"uuids": ["o1", "bad"]}},
        {"results": {"errors": [{"error": "refused", "uuid": "bad"}], "successes": [{"uuid": "o1"}]}},
        {"acks": {"beacons": [BEACON, BEACON.replace("o1", "bad")]}},
        {
            "results": {
                "errors": [{"error": "refused", "beacon": BEACON.replace("o1", "bad")}],
                "successes": [{"beacon": BEACON}],
            }
        },
    ]


def test_a_message_is_acknowledged_before_it_is_stored_and_answered_before_the_next_is_read() -> None:
    conversation = Conversation(START, objects("o1"), objects("o2"), STOP)
    list(conversation.answers())

    assert conversation.events == [
        "read start",
        "say started",
        "read data",
        "say acks",
        "store 1 objects",
        "store 0 references",
        "say results",
        "read data",
        "say acks",
        "store 1 objects",
        "store 0 references",
        "say results",
        "read stop",
    ]


@pytest.mark.parametrize("messages", [(), (START,), (START, STOP), (START, objects())], ids=len)
def test_a_stream_may_end_anywhere(messages: tuple[dict[str, Any], ...]) -> None:
    answers = list(Conversation(*messages).answers())

    assert answers[:1] == ([{"started": {}}] if messages else [])


@pytest.mark.parametrize("messages", [(STOP,), (objects("o1"),), (START, START), (START, {})], ids=str)
def test_a_stream_out_of_order_is_refused(messages: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(InvalidQuery, match="batch stream"):
        list(Conversation(*messages).answers())


def test_a_stopping_server_says_so_and_stores_no_more() -> None:
    conversation = Conversation(START, objects("o1"), STOP)
    conversation.stopping.set()

    assert list(conversation.answers()) == [{"started": {}}, {"shutting_down": {}}]
    assert "store 1 objects" not in conversation.events


def test_fast_stores_are_told_to_the_client() -> None:
    conversation = Conversation(START, objects(*(f"o{n}" for n in range(300))), STOP)
    *_, last = conversation.answers()

    assert last == {"backoff": {"batch_size": 300}}


@pytest.mark.parametrize(
    ("items", "seconds", "size"),
    [
        (100, 0.0, LARGEST_MESSAGE),
        (100, 0.01, LARGEST_MESSAGE),
        (100, 0.5, 200),
        (100, 1.0, None),
        (105, 1.0, None),
        (100, 60.0, None),
    ],
)
def test_the_pace_follows_how_fast_items_are_stored(items: int, seconds: float, size: int | None) -> None:
    assert Pace().after(items, seconds) == size


def test_the_pace_slows_down_again() -> None:
    pace = Pace()
    pace.after(100, 0.1)

    assert pace.after(1_000, 60.0) == SMALLEST_MESSAGE
