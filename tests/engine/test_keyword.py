"""BM25 scores to the last digit that counts: by worked numbers, recorded answers, and the formula written out."""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from tests.engine.golden import SCIFACT, arguments, cases, collection_in, scifact, worlds
from weavelet.engine.docset import DocSet
from weavelet.engine.keyword import KeywordIndex
from weavelet.engine.query import Hit, Keyword, Match
from weavelet.engine.tokenize import query_terms, terms
from weavelet.errors import InvalidQuery, WeaveletError
from weavelet.schema.collection import Bm25, Collection, InvertedIndex, Property
from weavelet.schema.datatypes import DataType, Tokenization

BM25 = Bm25()
WORDS = ["soup", "hot", "cold", "the", "stew", "bread", "of", "leek"]


def text_property(name: str, tokenization: Tokenization = Tokenization.WORD) -> Property:
    return Property(name=name, type=DataType.TEXT, tokenization=tokenization, searchable=True)


def dishes(*names: str, bm25: Bm25 = BM25, **more: Tokenization) -> Collection:
    properties = [text_property(name) for name in names] + [text_property(*pair) for pair in more.items()]
    return Collection(name="Dish", properties=tuple(properties), inverted=InvertedIndex(bm25=bm25))


def id_of(doc: int) -> str:
    """Ids run against the document numbers, so that the two orders cannot be mistaken for each other."""
    return f"{99_999 - doc:012d}"


def id_keys(docs: NDArray[np.uint32]) -> tuple[NDArray[Any]]:
    return (np.array([id_of(doc) for doc in docs.tolist()]),)


def indexed(collection: Collection, objects: Sequence[Mapping[str, Any]]) -> KeywordIndex:
    index = KeywordIndex(collection, id_keys)
    index.add(list(enumerate(objects)))
    return index


RECIPES = (
    {"title": "beetroot soup", "body": "hot soup with beetroot and sour cream"},
    {"title": "tomato soup", "body": "a cold soup of tomato"},
    {"title": "beetroot salad", "body": "salad of beetroot"},
    {"title": "pancakes", "body": "flour milk and eggs"},
)


@pytest.mark.parametrize(
    ("query", "properties", "expected"),
    [
        ("soup", ("title",), {0: 0.29767057, 1: 0.29767057}),
        ("beetroot soup", ("title", "body"), {0: 1.1231887, 2: 0.66865075, 1: 0.6060967}),
        ("beetroot soup", ("title^2", "body"), {0: 1.7185298, 2: 0.96632129, 1: 0.90376729}),
        ("the soup of", ("body",), {1: 0.30842614, 0: 0.26392376}),
    ],
)
def test_worked_examples(query: str, properties: tuple[str, ...], expected: dict[int, float]) -> None:
    hits = indexed(dishes("title", "body"), RECIPES).search(Keyword(query, properties), 10)
    assert {hit.doc: hit.score for hit in hits} == pytest.approx(expected, rel=1e-6)


# --- The formula, written out --------------------------------------------------------------------------------------


def reference(
    collection: Collection,
    live: Mapping[int, Mapping[str, Any]],
    keyword: Keyword,
    indexed: Sequence[Mapping[str, Any]],
) -> dict[int, float]:
    """Scores of all documents that match, straight from the formula.

    `indexed` are all whose lengths count towards the average: those removed and not yet swept out as well.
    """
    boosts = {name.partition("^")[0]: float(name.partition("^")[2] or 1) for name in keyword.properties}
    searched = [p for p in collection.properties if not boosts or p.name in boosts]
    texts = {
        p.name: {
            doc: _counted(values[p.name], p.tokenization or Tokenization.WORD)
            for doc, values in live.items()
            if p.name in values
        }
        for p in searched
    }
    scores: dict[int, float] = {}
    for tokenization in dict.fromkeys(p.tokenization for p in searched):
        group = [p for p in searched if p.tokenization is tokenization]
        times = Counter(query_terms(keyword.query, group[0], collection.inverted))
        for prop in group:
            found = texts[prop.name]
            lengths = {doc: sum(counts.values()) for doc, counts in found.items() if counts}
            ever = [
                _counted(values[prop.name], tokenization or Tokenization.WORD).total()
                for values in indexed
                if prop.name in values
            ]
            average = sum(ever) / max(1, sum(1 for length in ever if length))
            idf = {term: _idf(term, group, texts, len(live)) for term in times}
            for doc, counts in found.items():
                matched = [term for term in times if counts[term]]
                least = len(times) if keyword.match is Match.AND else max(keyword.minimum_match, 1)
                if not matched or len(matched) < least:
                    continue
                score = sum(
                    times[term] * idf[term] * _saturated(counts[term], lengths[doc], average) for term in matched
                )
                scores[doc] = scores.get(doc, 0.0) + boosts.get(prop.name, 1.0) * score
    return scores


@cache
def _counted(text: str, tokenization: Tokenization) -> Counter[str]:
    """How often a text has each of its terms."""
    return Counter(terms(text, tokenization))


def _idf(term: str, group: Sequence[Property], texts: Mapping[str, Mapping[int, Counter[str]]], total: int) -> float:
    frequencies = [sum(1 for counts in texts[p.name].values() if counts[term]) for p in group]
    present = [frequency for frequency in frequencies if frequency]
    n = sum(present) // max(len(present), 1)
    return math.log(1 + (max(total, n) - n + 0.5) / (n + 0.5))


def _saturated(count: int, length: int, average: float, k1: float = 1.2, b: float = 0.75) -> float:
    return count / (count + k1 * (1 - b + b * length / average))


def best(scores: Mapping[int, float], limit: int) -> list[tuple[int, float]]:
    """Lower documents win at the cut; what is left is ordered by score and id."""
    cut = sorted(scores.items(), key=lambda pair: (-round(pair[1], 6), pair[0]))[:limit]
    return sorted(cut, key=lambda pair: (-round(pair[1], 6), id_of(pair[0])))


def assert_same(hits: Sequence[Hit], expected: Sequence[tuple[int, float]]) -> None:
    assert [hit.doc for hit in hits] == [doc for doc, _ in expected]
    assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected], rel=1e-5, abs=1e-6)


TEXT = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
OBJECT = st.fixed_dictionaries({}, optional={"title": TEXT, "body": TEXT, "tag": TEXT})
KEYWORD = st.builds(
    Keyword,
    query=TEXT,
    properties=st.sampled_from([(), ("title",), ("title^2", "body"), ("body", "tag^0.5"), ("title", "body", "tag")]),
    match=st.sampled_from([Match.OR, Match.OR, Match.AND]),
    minimum_match=st.integers(0, 3),
)


@settings(max_examples=150, deadline=None)
@given(
    objects=st.lists(OBJECT, min_size=1, max_size=25),
    gone=st.sets(st.integers(0, 24)),
    more=st.lists(OBJECT, max_size=5),
    keyword=KEYWORD,
    limit=st.integers(1, 30),
    allowed=st.none() | st.sets(st.integers(0, 30)),
)
def test_searches_agree_with_the_formula_after_any_change(
    objects: list[dict[str, str]],
    gone: set[int],
    more: list[dict[str, str]],
    keyword: Keyword,
    limit: int,
    allowed: set[int] | None,
) -> None:
    collection = dishes("title", "body", tag=Tokenization.LOWERCASE)
    index = indexed(collection, objects)
    index.remove([(doc, {}) for doc in gone])
    index.add([(len(objects) + place, values) for place, values in enumerate(more)])
    live = {doc: values for doc, values in enumerate(objects + more) if doc not in gone or doc >= len(objects)}
    scores = reference(collection, live, keyword, objects + more)
    passing = {doc: score for doc, score in scores.items() if allowed is None or doc in allowed}
    hits = index.search(keyword, limit, None if allowed is None else DocSet.of(allowed))
    assert_same(hits, best(passing, limit))


@pytest.fixture(scope="module")
def many() -> tuple[KeywordIndex, list[dict[str, str]]]:
    """Enough documents, with words as uneven as in language, that postings are skipped and blocks compared."""
    choose = random.Random(3)
    words = [f"w{rank}" for rank in range(3_000)]
    weights = [1 / (rank + 1) for rank in range(3_000)]
    objects = [{"body": " ".join(choose.choices(words, weights, k=choose.randint(3, 30)))} for _ in range(12_000)]
    return indexed(dishes("body"), objects), objects


@pytest.mark.parametrize(
    "query", ["w0", "w1500", "w900 w0 w1", "w2000 w40 w3 w2 w1 w0", "w900 w4 w3 w2 w1 w0", "w0 w1 w2 w3 w0"]
)
@pytest.mark.parametrize("limit", [1, 10, 100, 3_000])
def test_skipping_postings_changes_nothing(
    many: tuple[KeywordIndex, list[dict[str, str]]], query: str, limit: int
) -> None:
    index, objects = many
    everything = by_score_and_number(index.search(Keyword(query), len(objects)))
    assert by_score_and_number(index.search(Keyword(query), limit)) == everything[:limit]


@pytest.mark.parametrize("removed", [300, 2_000], ids=["few", "many"])
@pytest.mark.parametrize("query", ["w0", "w900 w0 w1", "w2000 w40 w3 w2 w1 w0", "w1 w2 w3 w4 w5"])
def test_removed_documents_are_passed_over_before_they_are_swept_out(
    many: tuple[KeywordIndex, list[dict[str, str]]], query: str, removed: int
) -> None:
    _, objects = many
    collection = dishes("body")
    index = indexed(collection, objects)
    first = [hit.doc for hit in index.search(Keyword(query), removed // 2)]
    gone = {*first, *random.Random(1).sample(range(len(objects)), removed - len(first))}
    index.remove([(doc, {}) for doc in gone])
    live = {doc: values for doc, values in enumerate(objects) if doc not in gone}
    scores = reference(collection, live, Keyword(query), objects)
    for limit in (1, 10, 400):
        assert_same(index.search(Keyword(query), limit), best(scores, limit))
    everything = index.search(Keyword(query), len(objects))
    assert {hit.doc: hit.score for hit in everything} == pytest.approx(scores, rel=1e-5, abs=1e-6)


def by_score_and_number(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-(hit.score or 0), hit.doc))


@pytest.mark.parametrize("allowed", [range(50), range(0, 12_000, 2), range(11_990, 20_000)], ids=["few", "half", "end"])
def test_a_filter_leaves_scores_as_they_are(many: tuple[KeywordIndex, list[dict[str, str]]], allowed: range) -> None:
    index, objects = many
    keyword = Keyword("w0 w7 w30")
    everything = by_score_and_number(index.search(keyword, len(objects)))
    expected = [hit for hit in everything if hit.doc in allowed][:20]
    assert by_score_and_number(index.search(keyword, 20, DocSet.of(allowed))) == expected


def test_one_term_scores_are_proportional_to_another_implementation() -> None:
    """rank_bm25's Okapi has another idf and a factor k1 + 1, but saturates and normalises alike."""
    choose = random.Random(5)
    objects = [{"body": " ".join(choose.choices(WORDS, k=choose.randint(1, 12)))} for _ in range(60)]
    index = indexed(dishes("body"), objects)
    other = BM25Okapi([values["body"].split() for values in objects], k1=1.2, b=0.75)
    theirs = other.get_scores(["leek"])
    hits = index.search(Keyword("leek"), 60)
    factor = {round((hit.score or 0) / theirs[hit.doc], 5) for hit in hits}
    assert len(hits) > 10
    assert len(factor) == 1


# --- Order, cuts, options ------------------------------------------------------------------------------------------


def test_equal_scores_go_by_id_and_the_cut_keeps_lower_documents() -> None:
    index = indexed(dishes("body"), [{"body": "soup"}] * 5)
    assert [hit.doc for hit in index.search(Keyword("soup"), 5)] == [4, 3, 2, 1, 0]
    assert [hit.doc for hit in index.search(Keyword("soup"), 2)] == [1, 0]


def test_a_boost_of_zero_keeps_the_document_with_score_zero() -> None:
    index = indexed(dishes("title", "body"), [{"title": "soup"}, {"body": "soup"}])
    hits = index.search(Keyword("soup", ("title^0", "body")), 10)
    assert [hit.doc for hit in hits] == [1, 0]
    assert hits[1].score == 0.0


def test_the_last_boost_of_a_property_counts_and_nonsense_is_zero() -> None:
    index = indexed(dishes("title"), RECIPES)
    (once, *_), (five, *_) = (index.search(Keyword("soup", names), 1) for names in (("title",), ("title", "title^5")))
    assert five.score == pytest.approx(5 * (once.score or 0))
    assert index.search(Keyword("soup", ("title^x",)), 1)[0].score == 0.0


def test_bm25_constants_come_from_the_collection() -> None:
    index = indexed(dishes("title", bm25=Bm25(k1=0.5, b=1.0)), RECIPES)
    expected = math.log(1 + 2.5 / 2.5) / (1 + 0.5 * 2 / 1.75)
    assert index.search(Keyword("soup"), 1)[0].score == pytest.approx(expected)


def test_all_terms_may_be_spread_over_properties_with_and_cross() -> None:
    index = indexed(dishes("title", "body"), [{"title": "hot", "body": "soup"}, {"title": "hot"}, {"body": "hot soup"}])
    assert [hit.doc for hit in index.search(Keyword("hot soup", match=Match.AND), 9)] == [2]
    assert {hit.doc for hit in index.search(Keyword("hot soup", match=Match.AND_CROSS), 9)} == {0, 2}


def test_and_cross_needs_one_way_of_splitting() -> None:
    index = indexed(dishes("title", tag=Tokenization.FIELD), RECIPES)
    with pytest.raises(InvalidQuery, match="OPERATOR_AND_CROSS requires all searched properties to share"):
        index.search(Keyword("hot soup", match=Match.AND_CROSS), 9)


def test_elements_of_a_text_array_are_one_text() -> None:
    tags = Property(name="tags", type=DataType.TEXT_ARRAY, tokenization=Tokenization.WORD, searchable=True)
    index = indexed(Collection(name="Dish", properties=(tags,)), [{"tags": ["hot soup", "soup"]}, {"tags": []}])
    (hit,) = index.search(Keyword("soup"), 9, explain=True)
    assert hit.explain == ", BM25F_soup_frequency:2, BM25F_soup_propLength:3"


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("code",), "Searching by property 'code' requires inverted index"),
        (("nope",), "Is `indexSearchable` option of property 'nope' enabled"),
        (("n^2",), "Searching by property 'n' requires"),
    ],
)
def test_properties_that_are_not_searchable_are_named(names: tuple[str, ...], text: str) -> None:
    code = Property(name="code", type=DataType.TEXT, tokenization=Tokenization.WORD, searchable=False)
    collection = Collection(
        name="Dish", properties=(text_property("title"), code, Property(name="n", type=DataType.INT))
    )
    with pytest.raises(InvalidQuery, match=text):
        indexed(collection, []).search(Keyword("x", names), 9)


def test_a_collection_without_searchable_text_says_so() -> None:
    with pytest.raises(InvalidQuery, match="no indexed properties found in class"):
        indexed(Collection(name="NoText"), []).search(Keyword("x"), 9)


def test_queries_of_stop_words_find_nothing() -> None:
    assert indexed(dishes("body"), RECIPES).search(Keyword("the and of"), 9) == []


# --- Changes ---------------------------------------------------------------------------------------------------------


def test_removed_documents_never_return_even_while_they_are_swept() -> None:
    index = KeywordIndex(dishes("body"), id_keys)
    index.add([(doc, {"body": f"soup w{doc % 700} u{doc}"}) for doc in range(6_000)])
    for start in range(0, 4_000, 400):
        index.remove([(doc, {}) for doc in range(start, start + 400)])
        found = index.search(Keyword("soup"), 10_000)
        assert sorted(hit.doc for hit in found) == list(range(start + 400, 6_000))
    postings = index.postings("body")
    assert postings is not None
    assert len(postings) < 6_701 - 1_000


def test_texts_may_be_read_before_they_are_added() -> None:
    docs = [(1, {"title": ["Leek soup", "hot"], "body": "soup"}), (2, {"body": "the"}), (3, {"title": None}), (4, {})]
    before, index = (KeywordIndex(dishes("title", "body"), id_keys) for _ in range(2))
    before.add(docs)
    texts = index.read(docs)
    assert index.search(Keyword("soup hot the"), 9) == [], "reading changes nothing"
    index.add(docs, texts)
    assert index.search(Keyword("soup hot the"), 9) == before.search(Keyword("soup hot the"), 9)
    assert [hit.doc for hit in index.search(Keyword("leek"), 9)] == [1]


def test_removing_twice_or_what_never_was_does_nothing() -> None:
    index = indexed(dishes("title", "body"), RECIPES)
    before = index.search(Keyword("beetroot soup"), 9)
    index.remove([(77, {})])
    assert index.search(Keyword("beetroot soup"), 9) == before
    once = indexed(dishes("title", "body"), RECIPES)
    once.remove([(3, {})])
    index.remove([(3, {}), (3, {})])
    index.remove([(3, {})])
    assert index.search(Keyword("beetroot soup"), 9) == once.search(Keyword("beetroot soup"), 9)


def test_removed_documents_count_towards_the_average_length_until_they_are_swept_out() -> None:
    index = KeywordIndex(dishes("body"), id_keys)
    index.add([(doc, {"body": "soup"}) for doc in range(1_000)])
    alone = index.search(Keyword("soup"), 1)[0].score
    longer = [(doc, {"body": "bread and butter"}) for doc in range(1_000, 2_000)]
    index.add(longer)
    index.remove(longer[:-1])
    assert index.search(Keyword("soup"), 1)[0].score > alone
    index.remove(longer[-1:])
    assert index.search(Keyword("soup"), 1)[0].score == alone


def test_a_text_that_an_update_leaves_as_it_is_counts_once() -> None:
    index = KeywordIndex(dishes("body"), id_keys)
    index.add([(0, {"body": "soup"}), (1, {"body": "bread and butter"})])
    before = index.search(Keyword("soup"), 1)[0].score
    index.remove([(1, {"body": "bread and butter"})], {1: {"body": "bread and butter", "n": 3}})
    index.add([(2, {"body": "bread and butter", "n": 3})])
    assert index.search(Keyword("soup"), 1)[0].score == before


def test_documents_come_in_ascending_order() -> None:
    index = indexed(dishes("title"), RECIPES)
    with pytest.raises(ValueError, match="document 2 comes after 3"):
        index.add([(2, {})])


def test_a_new_property_is_searchable_from_its_first_object_on() -> None:
    index = indexed(dishes("title"), RECIPES)
    index.redefine(dishes("title", "body"))
    index.add([(4, {"body": "soup"})])
    assert {hit.doc for hit in index.search(Keyword("soup"), 9)} == {0, 1, 4}
    index.redefine(dishes("body"))
    assert {hit.doc for hit in index.search(Keyword("soup"), 9)} == {4}


def test_a_snapshot_brings_everything_back() -> None:
    collection = dishes("title", "body")
    index = indexed(collection, [*RECIPES, {"title": "soup " * 70_000}])
    index.remove([(1, {})])
    restored = KeywordIndex(collection, id_keys)
    restored.load(index.snapshot())
    for both in (index, restored):
        both.add([(5, {"title": "leek soup"})])
    keyword = Keyword("leek soup beetroot")
    assert restored.search(keyword, 9, explain=True) == index.search(keyword, 9, explain=True)


# --- Recorded answers ------------------------------------------------------------------------------------------------

_MATCHES = {
    "And": Match.AND,
    "OPERATOR_AND": Match.AND,
    "OPERATOR_AND_CROSS": Match.AND_CROSS,
    "AndCross": Match.AND_CROSS,
}


@pytest.fixture(scope="module")
def recorded() -> Any:
    return {"bm25": worlds("bm25")}


@pytest.fixture(scope="module")
def papers() -> Any:
    return scifact()


def asked(case: Mapping[str, Any]) -> tuple[str, Keyword, int, bool] | None:
    """Collection, query, limit and whether to explain; None where the case is about something else as well."""
    request = case["request"]
    if "grpc" in request:
        message = request["request"]
        known = {"collection", "limit", "bm25_search", "metadata", "properties"}
        if set(message) - known or not message["limit"] or not message.get("bm25_search", {}).get("query"):
            return None
        search, operator = message["bm25_search"], message["bm25_search"].get("search_operator", {})
        names = tuple(name[0].lower() + name[1:] for name in search.get("properties", ()))
        keyword = Keyword(
            search["query"],
            names,
            _MATCHES.get(operator.get("operator"), Match.OR),
            operator.get("minimum_or_tokens_match", 0),
        )
        return message["collection"], keyword, message["limit"], "explain_score" in message["metadata"]
    query = request["body"]["query"]
    given = arguments(query)
    search = given.get("bm25", {})
    wrong = set(search) - {"query", "properties", "searchOperator"} or search.get("query") in (None, "", 5)
    if set(given) - {"bm25", "limit"} or wrong or not 0 < given.get("limit", 100) <= 10_000 or "{score" in query:
        return None
    operator = search.get("searchOperator", {})
    keyword = Keyword(
        search["query"],
        tuple(search.get("properties", ())),
        _MATCHES.get(operator.get("operator"), Match.OR),
        operator.get("minimumOrTokensMatch", 0),
    )
    return collection_in(query), keyword, given.get("limit", 100), "explainScore" in query


def answered(case: Mapping[str, Any]) -> list[tuple[str, float, str]] | str:
    """Ids, scores and explanations, or the message of an error."""
    response = case["response"]
    if "grpc" in case["request"]:
        rows = [row["metadata"] for row in (response.get("body") or {}).get("results", ())]
        return response.get("details") or [(r["id"], r.get("score", 0.0), r.get("explain_score", "")) for r in rows]
    if errors := response["body"].get("errors"):
        return str(errors[0]["message"])
    (found,) = response["body"]["data"]["Get"].values()
    extra = [row["_additional"] for row in found]
    return [(e["id"], float(e["score"]), e.get("explainScore", "")) for e in extra]


def _cases(name: str) -> list[Any]:
    skipped = {"gql unknown operator", "gql wrong type", "gql certainty selected"}
    return [case for case in cases(name) if case["name"] not in skipped and asked(case) is not None]


def _check(world: Any, case: Mapping[str, Any]) -> None:
    question, expected = asked(case), answered(case)
    assert question is not None
    _, keyword, limit, explain = question
    if isinstance(expected, str):
        with pytest.raises(WeaveletError) as caught:
            world.keyword.search(keyword, limit)
        assert expected.endswith(str(caught.value))
        return
    hits = world.keyword.search(keyword, limit, explain=explain)[: len(expected)]
    assert [world.ids[hit.doc] for hit in hits] == [id for id, _, _ in expected]
    wanted = [score for _, score, _ in expected]
    assert [hit.score for hit in hits] == pytest.approx(wanted, rel=case.get("rtol", 1e-5), abs=1e-6)
    for hit, (_, _, explanation) in zip(hits, expected, strict=True):
        assert sorted(hit.explain.split(", ")) == sorted(explanation.split(", "))


@pytest.mark.parametrize("case", _cases("bm25"), ids=lambda case: case["name"])
def test_recorded_searches(recorded: Any, case: dict[str, Any]) -> None:
    question = asked(case)
    assert question is not None
    _check(recorded["bm25"][question[0]], case)


@pytest.mark.skipif(not SCIFACT.exists(), reason="the corpus is not beside the cases")
@pytest.mark.parametrize("case", _cases("scifact-bm25"), ids=lambda case: case["name"])
def test_recorded_searches_in_five_thousand_papers(papers: Any, case: dict[str, Any]) -> None:
    _check(papers, case)
