"""What a connection knows of one call."""

from collections import deque

from weavelet.api.grpc.calls import Metadata, Method
from weavelet.api.grpc.http2.messages import Message, MessageReader


class Stream:
    """One call, from its headers until both sides have ended it. Changed by its connection alone."""

    __slots__ = (
        "alive",
        "arrived",
        "begun",
        "credit",
        "ended",
        "held",
        "id",
        "inbox",
        "metadata",
        "method",
        "outgoing",
        "owed",
        "reader",
        "trailers",
        "window",
    )

    def __init__(
        self, id: int, method: Method, metadata: Metadata, reader: MessageReader, window: int, credit: int
    ) -> None:
        self.id = id
        self.method = method
        self.metadata = metadata
        self.reader = reader
        self.inbox: deque[Message] = deque()
        """Whole messages that nobody has taken."""
        self.arrived = 0
        """Bytes of messages that the client has sent."""
        self.held = 0
        """Those of them that nobody has taken."""
        self.credit = credit
        """Bytes that the client may still send."""
        self.owed = 0
        """Bytes that arrived and for which the client has got no new credit."""
        self.ended = False
        """Whether the client has said all."""
        self.window = window
        """Bytes that may be sent to the client. Below zero after it has made its windows smaller."""
        self.begun = False
        """Whether the answer's head was sent."""
        self.outgoing: deque[memoryview] = deque()
        """What waits for the client to open its windows."""
        self.trailers: bytes | None = None
        """What is to be sent behind it."""
        self.alive = True
        """Whether there is still somebody to answer."""

    @property
    def backlog(self) -> int:
        """Bytes that wait for the client to open its windows."""
        return sum(map(len, self.outgoing))
