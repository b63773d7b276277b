"""The methods over a real channel, in front of use cases that only note what they are asked."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from tests.api.grpc_world import BOOK, COLLECTIONS, find
from weavelet.api.auth import Action, Principal, Verb
from weavelet.api.errors import INTERNAL_ERROR
from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.listener import Listener
from weavelet.api.grpc.service import MOST_STREAMS, methods
from weavelet.engine.query import (
    AggregateGroup,
    AggregateRequest,
    Aggregation,
    Filter,
    Reply,
    Row,
    SearchRequest,
    Subject,
)
from weavelet.errors import (
    CollectionNotFound,
    Forbidden,
    InvalidObject,
    InvalidQuery,
    ModuleError,
    Unauthenticated,
    Unavailable,
    WeaveletError,
)
from weavelet.ingest import Deleted, DeletedRow
from weavelet.linking import NewReference
from weavelet.modules.base import Call
from weavelet.schema.collection import TenantStatus
from weavelet.schema.objects import NewObject, Object, Verdict

ID = "00000000-0000-4000-8000-00000000000a"
HEX = bytes.fromhex("0000000000004000800000000000000a")
SECONDS = 10.0


class Fakes:
    """The use cases, each answering the simplest thing there is; `fails` is raised instead once it is set."""

    def __init__(self) -> None:
        self.settings = SimpleNamespace(query_defaults_limit=25)
        self.catalog = self.searcher = self.ingest = self.linking = self
        self.asked: Any = None
        self.fails: BaseException | None = None
        self.item_error: WeaveletError | None = None

    def _note(self, asked: Any) -> None:
        self.asked = asked
        if self.fails is not None:
            raise self.fails

    def collection(self, name: str) -> Any:
        return find(name)

    def find(self, name: str) -> Any:
        return COLLECTIONS.get(name)

    def tenants(self, name: str) -> Mapping[str, TenantStatus]:
        self._note(name)
        return {"a": TenantStatus.HOT, "b": TenantStatus.COLD, "c": TenantStatus.FROZEN}

    def execute(self, request: SearchRequest, subject: Subject | None = None) -> Reply:
        self._note(request)
        return Reply(rows=(Row(object=Object(collection="Book", id=ID, properties={"title": "x"})),), seconds=0.5)

    def aggregate(self, request: AggregateRequest) -> Aggregation:
        self._note(request)
        return Aggregation(groups=(AggregateGroup(count=3, figures={}),), grouped=False, seconds=0.5)

    def put_many(self, news: Sequence[NewObject], call: Call) -> list[Verdict]:
        self._note((news, call))
        return [Verdict(error=self.item_error) for _ in news]

    def delete_where(self, name: str, where: Filter, tenant: str, dry_run: bool) -> Deleted:
        self._note((name, tenant, dry_run))
        return Deleted(5, 2, (DeletedRow(ID), DeletedRow(ID, InvalidObject("locked"))), dry_run)

    def add_many(self, references: Sequence[NewReference]) -> list[WeaveletError | None]:
        self._note(references)
        return [self.item_error for _ in references]


class Keys:
    """Knows one wrong key; every other is the name of its holder."""

    def identify(self, token: str | None) -> Principal:
        if token == "wrong":
            raise Unauthenticated("unauthorized: invalid api key")
        return Principal(token or "")


class ReadersOnly:
    """The holder of the key `reader` may read the collection Book and nothing else; everybody else may do all."""

    prefix = "rbac: "

    def permits(self, principal: Principal, action: Action) -> bool:
        return principal.name != "reader" or (action.verb is Verb.READ and ("Collection", "Book") in action.on)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
def stopping() -> threading.Event:
    return threading.Event()


@pytest.fixture
def channel(fakes: Fakes, stopping: threading.Event) -> Iterator[grpc.Channel]:
    listener = Listener(methods(fakes, Keys(), ReadersOnly(), stopping), largest_message=1 << 20)
    port = listener.listen("127.0.0.1", 0)
    listener.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield opened
    listener.stop(SECONDS)


def call(channel: grpc.Channel, rpc: str, document: dict[str, Any], **metadata: str) -> dict[str, Any]:
    """One unary call; messages as JSON, the time taken left out."""
    message = ParseDict(document, getattr(pb, f"{rpc}Request")())
    reply_type = getattr(pb, f"{rpc}Reply")
    method = channel.unary_unary(
        f"/weaviate.v1.Weaviate/{rpc}",
        request_serializer=type(message).SerializeToString,
        response_deserializer=reply_type.FromString,
    )
    reply = MessageToDict(
        method(message, timeout=SECONDS, metadata=tuple(metadata.items())), preserving_proto_field_name=True
    )
    reply.pop("took", None)
    return dict(reply)


def raw(channel: grpc.Channel, path: str, data: bytes = b"") -> bytes:
    return bytes(channel.unary_unary(path)(data, timeout=SECONDS))


SEARCH = {"collection": "Book", "properties": {"non_ref_properties": ["title"]}}
FILTERS = {"operator": "OPERATOR_EQUAL", "target": {"property": "pages"}, "value_int": 1}


def test_search(channel: grpc.Channel, fakes: Fakes) -> None:
    reply = call(channel, "Search", SEARCH, **{"x-openai-api-key": "k"})

    assert fakes.asked.collection == BOOK.name
    assert fakes.asked.page.limit == 25
    assert fakes.asked.headers["x-openai-api-key"] == "k"
    assert reply["results"][0]["properties"]["non_ref_props"]["fields"] == {"title": {"text_value": "x"}}


def test_aggregate(channel: grpc.Channel) -> None:
    reply = call(channel, "Aggregate", {"collection": "Book", "objects_count": True})

    assert reply == {"single_result": {"objects_count": "3"}}


def test_batch_objects(channel: grpc.Channel, fakes: Fakes) -> None:
    fakes.item_error = InvalidObject("refused")
    document = {"objects": [{"uuid": ID, "collection": "Book"}, {"collection": "Book"}, {"uuid": ID}]}
    reply = call(channel, "BatchObjects", document)

    news, _ = fakes.asked
    assert [new.collection for new in news] == ["Book", ""]
    assert reply == {
        "errors": [
            {"error": "refused"},
            {"index": 1, "error": "object has no uuid"},
            {"index": 2, "error": "refused"},
        ]
    }


def test_an_empty_batch_is_no_work(channel: grpc.Channel, fakes: Fakes) -> None:
    assert call(channel, "BatchObjects", {}) == {}
    assert call(channel, "BatchReferences", {}) == {}
    assert fakes.asked is None


def test_batch_references(channel: grpc.Channel, fakes: Fakes) -> None:
    document = {"name": "author", "from_collection": "Book", "from_uuid": ID, "to_uuid": ID, "tenant": "t"}
    reply = call(channel, "BatchReferences", {"references": [document]})

    beacon = f"weaviate://localhost/{ID}"
    assert fakes.asked == [NewReference(collection="Book", id=ID, property="author", beacon=beacon, tenant="t")]
    assert reply == {}


def test_batch_delete_counts(channel: grpc.Channel, fakes: Fakes) -> None:
    reply = call(channel, "BatchDelete", {"collection": "book", "filters": FILTERS, "tenant": "t", "dry_run": True})

    assert fakes.asked == ("Book", "t", True)
    assert reply == {"matches": "5", "successful": "1", "failed": "1"}


def test_batch_delete_lists_what_it_did(channel: grpc.Channel) -> None:
    message = ParseDict({"collection": "Book", "filters": FILTERS, "verbose": True}, pb.BatchDeleteRequest())
    data = raw(channel, "/weaviate.v1.Weaviate/BatchDelete", message.SerializeToString())
    first, second = pb.BatchDeleteReply.FromString(data).objects

    assert (first.uuid, first.successful, first.HasField("error"), first.error) == (HEX, True, True, "")
    assert (second.uuid, second.successful, second.error) == (HEX, False, "locked")


@pytest.mark.parametrize(
    ("names", "shown"), [({}, ["a", "b", "c"]), ({"names": {"values": ["c", "zz"]}}, ["c"])], ids=["all", "some"]
)
def test_tenants_get(channel: grpc.Channel, names: dict[str, Any], shown: list[str]) -> None:
    reply = call(channel, "TenantsGet", {"collection": "Book", **names})
    statuses = {"a": "HOT", "b": "COLD", "c": "FROZEN"}

    assert reply["tenants"] == [
        {"name": name, "activity_status": f"TENANT_ACTIVITY_STATUS_{statuses[name]}"} for name in shown
    ]


@pytest.mark.parametrize("service", [b"", b"\n\x03abc", b"\n\x1c/grpc.health.v1.Health/Check"])
def test_the_server_is_healthy_whatever_the_service(channel: grpc.Channel, service: bytes) -> None:
    assert raw(channel, "/grpc.health.v1.Health/Check", service) == b"\x08\x01"


# --- Errors ---


@pytest.mark.parametrize(
    ("rpc", "document", "text"),
    [
        ("Search", {"collection": "Nope"}, "could not find class Nope in schema"),
        ("Aggregate", {"collection": "Nope"}, "parse params: could not find class Nope in schema"),
        ("BatchDelete", {"collection": "Nope"}, "batch delete params: could not find class Nope in schema"),
        ("BatchDelete", {"collection": "Book"}, "batch delete params: no filters in batch delete request"),
        ("TenantsGet", {}, "get tenants: missing collection"),
        ("TenantsGet", {"collection": "B", "names": {}}, "get tenants: must specify at least one tenant name"),
    ],
)
def test_what_cannot_be_done_is_unknown_with_its_reason(
    channel: grpc.Channel, rpc: str, document: dict[str, Any], text: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, rpc, document)

    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.UNKNOWN, text)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidQuery("no"), grpc.StatusCode.UNKNOWN),
        (CollectionNotFound("no"), grpc.StatusCode.UNKNOWN),
        (ModuleError("no"), grpc.StatusCode.UNKNOWN),
        (Forbidden("no"), grpc.StatusCode.PERMISSION_DENIED),
        (Unavailable("no"), grpc.StatusCode.UNAVAILABLE),
    ],
    ids=lambda case: type(case).__name__,
)
def test_each_error_has_a_code(channel: grpc.Channel, fakes: Fakes, error: WeaveletError, code: Any) -> None:
    fakes.fails = error
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, "Search", SEARCH)

    assert (caught.value.code(), caught.value.details()) == (code, "no")


def test_a_long_reason_is_cut(channel: grpc.Channel, fakes: Fakes) -> None:
    fakes.fails = InvalidQuery("ü" * 100_000)
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, "Search", SEARCH)

    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert caught.value.details().startswith("üü")


def test_a_bug_is_logged_and_not_told(channel: grpc.Channel, fakes: Fakes, caplog: pytest.LogCaptureFixture) -> None:
    fakes.fails = ZeroDivisionError("secret")
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, "Search", SEARCH)

    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.INTERNAL, INTERNAL_ERROR)
    assert "secret" in caplog.text


@pytest.mark.parametrize(
    ("path", "data", "code", "text"),
    [
        ("/weaviate.v1.Weaviate/Search", b"\xff\xff\xff", grpc.StatusCode.INTERNAL, "error unmarshalling request"),
        (
            "/weaviate.v1.Weaviate/Nope",
            b"",
            grpc.StatusCode.UNIMPLEMENTED,
            "unknown method Nope for service weaviate.v1",
        ),
        ("/foo.Bar/Baz", b"", grpc.StatusCode.UNIMPLEMENTED, "unknown service foo.Bar"),
    ],
    ids=["bytes", "method", "service"],
)
def test_what_is_no_call_of_ours(channel: grpc.Channel, path: str, data: bytes, code: Any, text: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(channel, path, data)

    assert caught.value.code() is code
    assert text in caught.value.details()


def test_a_wrong_key_is_refused(channel: grpc.Channel, fakes: Fakes) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, "Search", SEARCH, authorization="Bearer wrong")

    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert caught.value.details() == "extract auth: unauthorized: invalid api key"
    assert fakes.asked is None


REFUSAL = "rbac: authorization, forbidden action: user 'reader' has insufficient permissions to "


@pytest.mark.parametrize(
    ("rpc", "document", "text"),
    [
        (
            "Search",
            {"collection": "author"},
            f"{REFUSAL}read_data [[Domain: data, Collection: Author, Tenant: *, Object: *]]",
        ),
        (
            "Search",
            {"collection": "nope"},
            f"{REFUSAL}read_data [[Domain: data, Collection: Nope, Tenant: *, Object: *]]",
        ),
        (
            "Search",
            {"collection": "Book", "properties": {"ref_properties": [{"reference_property": "author"}]}},
            f"{REFUSAL}read_data [[Domain: data, Collection: Author, Tenant: *, Object: *]]",
        ),
        (
            "Aggregate",
            {"collection": "Author", "tenant": "t"},
            f"parse params: {REFUSAL}read_data [[Domain: data, Collection: Author, Tenant: t, Object: *]]",
        ),
        (
            "BatchDelete",
            {"collection": "Book", "filters": FILTERS},
            f"{REFUSAL}delete_data [[Domain: data, Collection: Book, Tenant: *, Object: *]]",
        ),
        ("TenantsGet", {"collection": "Author"}, f"get tenants: {REFUSAL}read_tenants"),
    ],
    ids=str,
)
def test_what_a_caller_may_not_do_is_refused(
    channel: grpc.Channel, rpc: str, document: dict[str, Any], text: str
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, rpc, document, authorization="Bearer reader")

    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert caught.value.details().startswith(text)


def test_what_a_caller_may_do_is_done(channel: grpc.Channel) -> None:
    assert call(channel, "Search", SEARCH, authorization="Bearer reader")["results"]


@pytest.mark.parametrize(
    ("rpc", "document"),
    [
        ("BatchObjects", {"objects": [{"uuid": ID, "collection": "book"}]}),
        ("BatchReferences", {"references": [{"name": "author", "from_collection": "book", "from_uuid": ID}]}),
    ],
    ids=["objects", "references"],
)
def test_a_batch_that_is_not_permitted_fails_item_by_item(
    channel: grpc.Channel, fakes: Fakes, rpc: str, document: dict[str, Any]
) -> None:
    reply = call(channel, rpc, document, authorization="Bearer reader")

    assert reply == {
        "errors": [{"error": f"{REFUSAL}update_data [[Domain: data, Collection: Book, Tenant: *, Object: *]]"}]
    }
    assert fakes.asked is None


# --- Streams ---


def stream(channel: grpc.Channel, documents: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    method = channel.stream_stream(
        "/weaviate.v1.Weaviate/BatchStream",
        request_serializer=pb.BatchStreamRequest.SerializeToString,
        response_deserializer=pb.BatchStreamReply.FromString,
    )
    messages = (ParseDict(document, pb.BatchStreamRequest()) for document in documents)
    for reply in method(messages, timeout=SECONDS):
        yield dict(MessageToDict(reply, preserving_proto_field_name=True))


DATA: dict[str, Any] = {
    "data": {
        "objects": {"values": [{"uuid": ID, "collection": "Book"}]},
        "references": {"values": [{"name": "author", "from_collection": "Book", "from_uuid": ID, "to_uuid": ID}]},
    }
}
BEACON = f"weaviate://localhost/Book/{ID}/author"


def test_a_stream_from_start_to_stop(channel: grpc.Channel) -> None:
    answers = stream(channel, iter([{"start": {}}, DATA, {"stop": {}}]))

    assert [next(answers), next(answers), next(answers)] == [
        {"started": {}},
        {"acks": {"uuids": [ID], "beacons": [BEACON]}},
        {"results": {"successes": [{"uuid": ID}, {"beacon": BEACON}]}},
    ]
    assert all("backoff" in rest for rest in answers)


def test_a_batch_that_fails_as_a_whole_fails_item_by_item(channel: grpc.Channel, fakes: Fakes) -> None:
    fakes.fails = Unavailable("queue full")
    results = [answer["results"] for answer in stream(channel, iter([{"start": {}}, DATA])) if "results" in answer]

    assert results == [{"errors": [{"error": "queue full", "uuid": ID}, {"error": "queue full", "beacon": BEACON}]}]


def test_a_stream_out_of_order_ends_with_its_reason(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(stream(channel, iter([DATA])))

    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    assert caught.value.details() == "the first message of a batch stream must be start"


def test_a_client_that_goes_away_frees_its_place(channel: grpc.Channel) -> None:
    gone = threading.Event()

    def endless() -> Iterator[dict[str, Any]]:
        yield {"start": {}}
        gone.wait(SECONDS)

    method = channel.stream_stream("/weaviate.v1.Weaviate/BatchStream")
    for _ in range(MOST_STREAMS * 2):
        open_stream = method(
            (ParseDict(document, pb.BatchStreamRequest()).SerializeToString() for document in endless()),
            timeout=SECONDS,
        )
        assert pb.BatchStreamReply.FromString(next(open_stream)).HasField("started")
        open_stream.cancel()
    gone.set()


def test_streams_leave_threads_for_others(channel: grpc.Channel) -> None:
    done = threading.Event()

    def endless() -> Iterator[dict[str, Any]]:
        yield {"start": {}}
        done.wait(SECONDS)

    streams = [stream(channel, endless()) for _ in range(MOST_STREAMS)]
    for one in streams:
        next(one)
    with pytest.raises(grpc.RpcError) as caught:
        next(stream(channel, endless()))
    assert raw(channel, "/grpc.health.v1.Health/Check") == b"\x08\x01"
    done.set()
    for one in streams:
        list(one)

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert "too many batch streams" in caught.value.details()


def test_a_stopping_server_tells_its_streams(channel: grpc.Channel, stopping: threading.Event) -> None:
    stopping.set()

    assert list(stream(channel, iter([{"start": {}}, DATA]))) == [{"started": {}}, {"shutting_down": {}}]
