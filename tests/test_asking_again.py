"""A request that has been kept answers about another subject as a new request would."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from weavelet.app import App, open_app
from weavelet.engine.query import (
    Compare,
    Cut,
    Fusion,
    Hybrid,
    Kept,
    Keyword,
    Match,
    NearVector,
    OfProperty,
    Operator,
    Page,
    Reply,
    SearchRequest,
    Subject,
    Target,
    ValueKind,
    Want,
)
from weavelet.errors import DimensionMismatch, InvalidQuery
from weavelet.modules.base import Call
from weavelet.schema.objects import NewObject, Vector
from weavelet.settings import Settings

WORDS = ("red", "green", "blue", "loud", "calm")
RANDOM = np.random.default_rng(3)
ONE, OTHER = RANDOM.standard_normal((2, 8)).astype(np.float32)
SOME = Compare(OfProperty("number"), Operator.LESS_THAN, 30, ValueKind.INT)
PLAIN = SearchRequest(collection="Note", page=Page(limit=7))


def near(vector: Vector) -> NearVector:
    return NearVector((vector,))


SAME: dict[str, tuple[SearchRequest, Target]] = {
    "listing": (PLAIN, None),
    "words": (replace(PLAIN, target=Keyword("red loud")), Keyword("blue calm")),
    "all words": (
        replace(PLAIN, target=Keyword("red loud", ("text",), Match.AND)),
        Keyword("green calm", ("text",), Match.AND),
    ),
    "a vector": (replace(PLAIN, target=near(ONE)), near(OTHER)),
    "a vector within a distance": (
        replace(PLAIN, target=replace(near(ONE), cut=Cut(distance=0.9))),
        replace(near(OTHER), cut=Cut(distance=0.9)),
    ),
    "a vector among some": (replace(PLAIN, target=near(ONE), where=SOME), near(OTHER)),
    "both": (replace(PLAIN, target=Hybrid("red", 0.5, near(ONE))), Hybrid("blue calm", 0.5, near(OTHER))),
    "both by rank, explained": (
        replace(PLAIN, target=Hybrid("red", 0.3, near(ONE), fusion=Fusion.RANKED), want=Want(explain=True)),
        Hybrid("blue calm", 0.3, near(OTHER), fusion=Fusion.RANKED),
    ),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    settings = Settings(data_path=tmp_path_factory.mktemp("again"), port=0, grpc_port=0, enable_modules=())
    opened = open_app(settings)
    opened.catalog.create(
        {
            "class": "Note",
            "vectorizer": "none",
            "properties": [{"name": "text", "dataType": ["text"]}, {"name": "number", "dataType": ["int"]}],
        }
    )
    vectors = RANDOM.standard_normal((60, 8)).astype(np.float32)
    opened.ingest.put_many(
        [
            NewObject(
                collection="Note",
                id=f"00000000-0000-4000-8000-{number:012}",
                properties={"text": f"{WORDS[number % 5]} {WORDS[number % 3]} {WORDS[number % 2]}", "number": number},
                vectors={"": vector},
            )
            for number, vector in enumerate(vectors)
        ],
        Call({}),
    )
    yield opened
    opened.close()


def subject_of(target: Target) -> Subject:
    match target:
        case Keyword(query=text):
            return Subject(text, None, {})
        case NearVector(vectors=(vector,)):
            return Subject("", vector, {})
        case Hybrid(query=text, near=NearVector(vectors=(vector,))):
            return Subject(text, vector, {})
        case _:
            return Subject("", None, {})


def shown(reply: Reply) -> list[tuple[object, ...]]:
    return [(row.object.id, row.score, row.distance, row.explain) for row in reply.rows]


@pytest.mark.parametrize(("request_", "target"), SAME.values(), ids=SAME)
def test_another_subject_finds_what_a_new_request_finds(app: App, request_: SearchRequest, target: Target) -> None:
    kept = replace(request_, kept=Kept())
    first = shown(app.searcher.execute(kept))
    assert first == shown(app.searcher.execute(request_)) != []
    for about in (target, request_.target):
        new = shown(app.searcher.execute(replace(request_, target=about)))
        assert shown(app.searcher.execute(kept, subject_of(about))) == new != []


def test_what_is_wrong_with_another_subject_is_said(app: App) -> None:
    kept = replace(PLAIN, target=near(ONE), kept=Kept())
    app.searcher.execute(kept)
    with pytest.raises(InvalidQuery, match="finite"):
        app.searcher.execute(kept, Subject("", np.full(8, np.nan, np.float32), {}))
    with pytest.raises(DimensionMismatch):
        app.searcher.execute(kept, Subject("", ONE[:4], {}))


def test_a_kept_request_follows_its_collection(app: App) -> None:
    kept = replace(PLAIN, target=Keyword("red"), kept=Kept())
    app.searcher.execute(kept)
    prop = {"name": "later", "dataType": ["text"]}
    app.catalog.add_property("Note", prop)
    added = NewObject(collection="Note", id="00000000-0000-4000-8000-000000000999", properties={"later": "violet"})
    app.ingest.put_many([added], Call({}))
    assert [row.object.id for row in app.searcher.execute(kept, Subject("violet", None, {})).rows] == [added.id]
