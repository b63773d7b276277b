"""Reranking what a search found: which rows are scored, by what, and which page comes of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from weavelet.app import App, open_app
from weavelet.engine.query import GroupBy, Hybrid, Keyword, NearText, NearVector, Page, Rerank, SearchRequest, Want
from weavelet.errors import InvalidQuery, InvalidSchema, ModuleError
from weavelet.modules.base import Call
from weavelet.modules.testing import Asked, FakeContainer, Told, scoring_container
from weavelet.schema.objects import NewObject
from weavelet.settings import Settings

COUNT = 30
DISH: dict[str, Any] = {
    "class": "Dish",
    "vectorizer": "text2vec-bigram",
    "moduleConfig": {"text2vec-bigram": {"vectorizeClassName": False}, "reranker-transformers": {}},
    "properties": [
        {"name": "title", "dataType": ["text"]},
        {"name": "body", "dataType": ["text"]},
        {"name": "tags", "dataType": ["text[]"]},
        {"name": "number", "dataType": ["int"]},
        {"name": "kind", "dataType": ["text"], "tokenization": "field"},
        {"name": "picture", "dataType": ["blob"]},
    ],
}


def by_number(asked: Asked) -> Told:
    """A reranker that likes high numbers; of other texts it counts the words shared with the query."""
    if asked.path != "/rerank":
        return scoring_container(asked)
    documents = asked.body["documents"]
    scores = [{"document": text, "score": float(text.split()[-1])} for text in documents if text.split()[-1].isdigit()]
    return Told({"scores": scores}) if len(scores) == len(documents) else scoring_container(asked)


@pytest.fixture(scope="module")
def container() -> FakeContainer:
    return FakeContainer(by_number)


@pytest.fixture(scope="module")
def app(container: FakeContainer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Thirty dishes, all with "soup" in the title and their numbers at its end."""
    with container.serve() as url:
        environment = {"RERANKER_INFERENCE_API": url}
        settings = {
            "PERSISTENCE_DATA_PATH": tmp_path_factory.mktemp("reranking") / "data",
            "WEAVELET_EMBEDDED_INFERENCE": "false",
            "ENABLE_MODULES": "text2vec-bigram,reranker-transformers,reranker-dummy",
            "environment": environment,
        }
        opened = open_app(Settings.model_validate(settings))
        opened.catalog.create(DISH)
        news = [
            NewObject(
                collection="Dish",
                id=f"00000000-0000-4000-8000-{number:012}",
                properties={
                    "title": f"soup {'with ' * (number % 7)}{number}",
                    "body": "hot " * (number % 3) + "soup",
                    "tags": ["red", "hot"] if number == 7 else ["green"],
                    "number": number,
                    "kind": "even" if number % 2 == 0 else "odd",
                },
            )
            for number in range(COUNT)
        ]
        opened.ingest.put_many(news, Call({}))
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def _forget(container: FakeContainer) -> None:
    container.asked.clear()


def numbers(app: App, rerank: Rerank, limit: int | None = 5, offset: int = 0, **asked: Any) -> list[int]:
    request = SearchRequest(
        collection="Dish",
        target=asked.pop("target", Keyword("soup", ("title",))),
        page=Page(limit=limit, offset=offset),
        rerank=rerank,
        want=Want(properties=("number",)),
        **asked,
    )
    return [row.object.properties["number"] for row in app.searcher.execute(request).rows]


def settings(app: App, **of_reranker: Any) -> None:
    document = {**DISH, "moduleConfig": {**DISH["moduleConfig"], "reranker-transformers": of_reranker}}
    app.catalog.update("Dish", document)


@pytest.fixture
def set_reranker(app: App) -> Iterator[Any]:
    yield lambda **of_reranker: settings(app, **of_reranker)
    settings(app)


def test_without_a_pool_the_page_is_scored_and_nothing_else(app: App, container: FakeContainer) -> None:
    assert numbers(app, Rerank(("title",), "q")) == sorted(numbers_of(app, 5), reverse=True)
    assert [len(asked.body["documents"]) for asked in container.posts] == [5]


def numbers_of(app: App, limit: int, offset: int = 0) -> list[int]:
    request = SearchRequest(
        collection="Dish", target=Keyword("soup", ("title",)), page=Page(limit=limit, offset=offset), want=Want()
    )
    return [row.object.properties["number"] for row in app.searcher.execute(request).rows]


def test_with_a_pool_the_best_of_all_candidates_come_first(app: App, container: FakeContainer) -> None:
    assert numbers(app, Rerank(("title",), "q", candidates=COUNT)) == [29, 28, 27, 26, 25]
    assert sorted(len(asked.body["documents"]) for asked in container.posts) == [COUNT]


@pytest.mark.parametrize("candidates", [1, 7, 12, 30, 1000])
@pytest.mark.parametrize("target", [None, Keyword("soup", ("title",)), NearText(("soup",)), Hybrid("soup", alpha=0.5)])
def test_pages_of_one_pool_hold_every_row_once(app: App, candidates: int, target: Any) -> None:
    rerank = Rerank(("title",), "q", candidates=candidates)
    pages = [numbers(app, rerank, 4, offset, target=target) for offset in range(0, 32, 4)]
    together = [number for page in pages for number in page]
    assert sorted(together) == list(range(COUNT))
    scored = together[: max(candidates, 4)]
    assert scored == sorted(scored, reverse=True)


def test_rows_behind_the_pool_follow_as_found_and_without_a_score(app: App) -> None:
    request = SearchRequest(
        collection="Dish",
        target=Keyword("soup", ("title",)),
        page=Page(limit=4, offset=8),
        rerank=Rerank(("title",), "q", candidates=10),
    )
    scores = [row.rerank_score for row in app.searcher.execute(request).rows]
    assert [score is None for score in scores] == [False, False, True, True]
    assert numbers(app, Rerank(("title",), "q", candidates=10), 4, 10) == numbers_of(app, 4, 10)


def test_the_pool_of_the_collection_holds_for_queries_that_name_none(app: App, set_reranker: Any) -> None:
    set_reranker(rerankCandidates=COUNT)
    assert numbers(app, Rerank(("title",), "q"), 2) == [29, 28]
    assert numbers(app, Rerank(("title",), "q"), 2, 2) == [27, 26]


def test_a_minimum_score_leaves_out_what_is_worse(app: App, set_reranker: Any) -> None:
    assert numbers(app, Rerank(("title",), "q", candidates=COUNT, minimum_score=27), 5) == [29, 28, 27]
    assert numbers(app, Rerank(("title",), "q", candidates=10, minimum_score=0), 5, 10) == []
    set_reranker(rerankMinimumScore=28)
    assert set(numbers(app, Rerank(("title",), "q"), COUNT)) == {29, 28}


def test_the_mix_is_between_the_order_of_the_search_and_that_of_the_scores(app: App, set_reranker: Any) -> None:
    found = numbers_of(app, COUNT)
    set_reranker(rerankMix=1)
    assert numbers(app, Rerank(("title",), "q"), COUNT) == found
    assert numbers(app, Rerank(("title",), "q", mix=0), COUNT) == sorted(found, reverse=True)
    set_reranker(rerankMix=0.5)
    both = {n: n - found.index(n) for n in found}
    mixed = numbers(app, Rerank(("title",), "q"), COUNT)
    assert [both[n] for n in mixed] == sorted(both.values(), reverse=True)
    set_reranker()
    assert numbers(app, Rerank(("title",), "q", mix=0.5), COUNT) == mixed


@pytest.mark.parametrize(
    ("properties", "documents"),
    [
        (("tags",), {"red hot", "green"}),
        (("number",), {"6", "7"}),
        (("kind", "tags"), {"odd\nred hot", "even\ngreen"}),
        (("body",), {"soup", "hot soup"}),
    ],
)
def test_any_property_and_several_of_them_make_a_document(
    app: App, container: FakeContainer, properties: tuple[str, ...], documents: set[str]
) -> None:
    numbers(app, Rerank(properties, "hot"), 2, 6, target=None)
    assert set(container.posts[0].body["documents"]) == documents


@pytest.mark.parametrize(
    ("target", "query"),
    [
        (Keyword("hot soup"), "hot soup"),
        (NearText(("hot", "soup")), "hot soup"),
        (Hybrid("hot soup", alpha=0.5), "hot soup"),
    ],
)
def test_without_a_query_the_searchs_own_text_is_asked(
    app: App, container: FakeContainer, target: Any, query: str
) -> None:
    numbers(app, Rerank(("title",)), target=target)
    assert {asked.body["query"] for asked in container.posts if asked.path == "/rerank"} == {query}


def test_nothing_found_nothing_asked(app: App, container: FakeContainer) -> None:
    for candidates in (None, 10):
        assert numbers(app, Rerank(("title",), "q", candidates=candidates), target=Keyword("nowhere")) == []
    assert container.posts == []


def test_a_query_may_name_another_reranker(app: App, container: FakeContainer) -> None:
    longest = numbers(app, Rerank(("title",), "q", module="reranker-dummy", candidates=COUNT), 1)
    assert longest == [13]
    assert container.posts == []


def groups(app: App, rerank: Rerank) -> list[tuple[str, float | None, list[int]]]:
    request = SearchRequest(
        collection="Dish",
        target=Keyword("soup", ("title",)),
        page=Page(limit=10),
        group_by=GroupBy(("kind",), 2, 3),
        rerank=rerank,
    )
    found = app.searcher.execute(request).groups or ()
    return [(one.value, one.rerank_score, [row.object.properties["number"] for row in one.rows]) for one in found]


def test_groups_are_ranked_by_their_first_rows(app: App) -> None:
    found = groups(app, Rerank(("title",), "q"))
    assert {value for value, _, _ in found} == {"even", "odd"}
    assert [score for _, score, _ in found] == sorted((score for _, score, _ in found), reverse=True)
    assert all(score == rows[0] for _, score, rows in found)


def test_with_a_pool_groups_are_made_of_ranked_rows(app: App) -> None:
    found = groups(app, Rerank(("title",), "q", candidates=COUNT))
    assert found == [("odd", 29.0, [29, 27, 25]), ("even", 28.0, [28, 26, 24])]


@pytest.mark.parametrize(
    ("rerank", "target", "problem"),
    [
        (Rerank((), "q"), None, "rerank: no properties provided"),
        (
            Rerank(("nowhere",), "q"),
            None,
            "rerank: no such property 'nowhere' in class 'Dish', its text properties are: ",
        ),
        (Rerank(("picture",), "q"), None, "rerank: there is no text in the blob property 'picture' in class 'Dish', "),
        (Rerank(("title",), "q", candidates=0), None, "rerank: candidates must be a whole number from 1 on, got 0"),
        (Rerank(("title",), "q", mix=2), None, "rerank: mix must be between 0 and 1, got 2"),
        (
            Rerank(("title",), "q", module="reranker-x"),
            None,
            'no reranker module with name "reranker-x" present; present are: ',
        ),
        (Rerank(("title",)), None, "rerank: this search has no text of its own, so rerank needs a query"),
        (
            Rerank(("title",)),
            NearVector(()),
            "rerank: this search has no text of its own, so rerank needs a query",
        ),
    ],
)
def test_what_cannot_be_reranked_is_refused_before_anything_is_searched(
    app: App, rerank: Rerank, target: Any, problem: str
) -> None:
    with pytest.raises(InvalidQuery) as caught:
        numbers(app, rerank, target=target)
    assert str(caught.value).startswith(problem)


def test_a_reranker_that_scores_too_few_is_an_error(app: App, container: FakeContainer) -> None:
    container.behaviour, before = (lambda asked: Told({"scores": [{"score": 1.0}]})), container.behaviour
    with pytest.raises(ModuleError, match="returned 1 scores for 5 documents"):
        numbers(app, Rerank(("title",), "q"))
    container.behaviour = before


@pytest.mark.parametrize(
    ("of_reranker", "problem"),
    [
        ({"rerankCandidates": 0}, "rerankCandidates must be a whole number from 1 on, got 0"),
        ({"rerankCandidates": "many"}, "rerankCandidates must be a whole number from 1 on, got 'many'"),
        ({"rerankMinimumScore": True}, "rerankMinimumScore must be a number, got True"),
        ({"rerankMix": 2}, "rerankMix must be between 0 and 1, got 2"),
    ],
)
def test_settings_that_make_no_sense_are_refused(app: App, of_reranker: dict[str, Any], problem: str) -> None:
    document = {"class": "Other", "moduleConfig": {"reranker-dummy": of_reranker}}
    with pytest.raises(InvalidSchema) as caught:
        app.catalog.create(document)
    assert str(caught.value) == f"module 'reranker-dummy': {problem}"
