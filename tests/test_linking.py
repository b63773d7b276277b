"""References between objects: what is kept, what is refused, and many at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from weavelet.app import App, open_app
from weavelet.errors import CollectionNotFound, InvalidReference
from weavelet.linking import NewReference
from weavelet.modules.base import Call
from weavelet.schema.objects import NewObject
from weavelet.settings import Settings

AUTHORS = [f"00000000-0000-4000-8000-0000000000a{n}" for n in range(4)]
BOOKS = [f"00000000-0000-4000-8000-0000000000b{n}" for n in range(4)]
MISSING = "00000000-0000-4000-8000-000000000fff"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    plain = {"WEAVELET_EMBEDDED_INFERENCE": "false", "AUTOSCHEMA_ENABLED": "false"}
    opened = open_app(Settings.model_validate({"PERSISTENCE_DATA_PATH": tmp_path / "data", **plain}))
    opened.catalog.create({"class": "Author"})
    properties = [
        {"name": "title", "dataType": ["text"]},
        {"name": "pages", "dataType": ["int"]},
        {"name": "author", "dataType": ["Author"]},
        {"name": "both", "dataType": ["Author"]},
        {"name": "once", "dataType": ["Author"], "disableDuplicatedReferences": True},
    ]
    opened.catalog.create({"class": "Book", "properties": properties})
    opened.catalog.add_property("Book", {"name": "any", "dataType": ["Author", "Book"]})
    news = [NewObject(collection="Author", id=id) for id in AUTHORS]
    news += [NewObject(collection="Book", id=id, properties={"title": "Beet soup"}) for id in BOOKS]
    opened.ingest.put_many(news, Call({}))
    yield opened
    opened.close()


def _reference(book: str, property: str, target: str, collection: str = "Author") -> NewReference:
    path = f"{collection}/{target}" if collection else target
    return NewReference(collection="Book", id=book, property=property, beacon=f"weaviate://localhost/{path}")


def _kept(app: App, book: str, property: str) -> list[str]:
    found = app.searcher.get("Book", book)
    assert found is not None
    return [value["beacon"].removeprefix("weaviate://localhost/") for value in found.properties.get(property, ())]


def test_a_beacon_without_a_collection_means_the_only_one_there_is(app: App) -> None:
    app.linking.add(_reference(BOOKS[0], "author", AUTHORS[1], ""))

    assert _kept(app, BOOKS[0], "author") == [f"Author/{AUTHORS[1]}"]


def test_a_beacon_without_a_collection_stays_so_where_there_are_several(app: App) -> None:
    app.linking.add(_reference(BOOKS[0], "any", AUTHORS[1], ""))

    assert _kept(app, BOOKS[0], "any") == [AUTHORS[1]]


@pytest.mark.parametrize(
    ("reference", "kind", "text"),
    [
        (_reference(BOOKS[0], "author", MISSING), InvalidReference, f"no object with id {MISSING} found"),
        (_reference(BOOKS[0], "any", MISSING, ""), InvalidReference, f"no object with id {MISSING} found"),
        (_reference(BOOKS[0], "author", AUTHORS[0], "author"), CollectionNotFound, 'class "author" not found'),
    ],
    ids=["no such object", "no such object anywhere", "a collection in lower case"],
)
def test_a_single_reference_points_at_something(
    app: App, reference: NewReference, kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        app.linking.add(reference)
    assert _kept(app, BOOKS[0], "author") == []


def test_each_of_many_references_has_its_own_answer(app: App) -> None:
    elsewhere = NewReference(collection="Nope", id=BOOKS[0], property="author", beacon="weaviate://localhost/x")
    sent: list[tuple[NewReference, str | None]] = [
        (_reference(BOOKS[0], "author", AUTHORS[0]), None),
        (_reference(BOOKS[0], "zz", AUTHORS[0]), "ref batch: property 'zz' not found in schema"),
        (_reference(BOOKS[0], "author", MISSING), None),
        (_reference(BOOKS[0], "title", AUTHORS[0]), "ref batch: prop title is present, but not a ref, got: string"),
        (_reference(BOOKS[0], "pages", AUTHORS[0]), "ref batch: prop pages is present, but not a ref, got: number"),
        (_reference(MISSING, "author", AUTHORS[0]), f"ref batch: object with id {MISSING} not found"),
        (elsewhere, 'source class "Nope" not found in schema'),
        (_reference(BOOKS[1], "both", AUTHORS[1]), None),
    ]

    outcome = app.linking.add_many([reference for reference, _ in sent])

    assert [error and str(error) for error in outcome] == [text for _, text in sent]
    assert _kept(app, BOOKS[0], "author") == [f"Author/{AUTHORS[0]}", f"Author/{MISSING}"]
    assert _kept(app, BOOKS[1], "both") == [f"Author/{AUTHORS[1]}"]


@pytest.mark.parametrize(("property", "count"), [("author", 2), ("once", 1)])
def test_a_reference_is_kept_twice_unless_the_property_says_otherwise(app: App, property: str, count: int) -> None:
    app.linking.add_many([_reference(BOOKS[0], property, AUTHORS[0])] * 2)

    assert len(_kept(app, BOOKS[0], property)) == count


def test_batches_over_the_same_objects_do_not_wait_for_each_other_in_a_circle(app: App) -> None:
    def link(author: str) -> list[Any]:
        books = BOOKS if author < AUTHORS[2] else BOOKS[::-1]
        return app.linking.add_many([_reference(book, "author", author) for book in books])

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(link, AUTHORS * 5, timeout=30))

    assert all(error is None for outcome in outcomes for error in outcome)
    assert all(len(_kept(app, book, "author")) == 20 for book in BOOKS)
