"""`SearchRequest` messages into search requests: targets, paging, boosts, and what to show."""

from typing import Any

import numpy as np
import pytest

from tests.api.grpc_world import find, floats, rows, search_message
from weavelet.api.grpc.search import Search, parse_search
from weavelet.engine.query import (
    Boost,
    Compare,
    Curve,
    Cut,
    DecayBoost,
    Diversity,
    FilterBoost,
    Fusion,
    Generate,
    GroupBy,
    Hybrid,
    Join,
    Keyword,
    Match,
    Move,
    NearObject,
    NearText,
    NearVector,
    OfProperty,
    Operator,
    Page,
    PickObject,
    PickReference,
    Rerank,
    Sort,
    TargetVectors,
    ValueBoost,
    ValueKind,
    Want,
)
from weavelet.errors import WeaveletError

LIMIT = 25
ID = "00000000-0000-4000-8000-000000000001"


def parsed(document: dict[str, Any]) -> Search:
    return parse_search(search_message(document), find, LIMIT, {"x-key": "k"})


def near_vector(document: dict[str, Any], collection: str = "Book") -> NearVector:
    target = parsed({"collection": collection, "near_vector": document}).request.target
    assert isinstance(target, NearVector)
    return target


def hybrid(document: dict[str, Any], collection: str = "Book") -> Hybrid:
    target = parsed({"collection": collection, "hybrid_search": document}).request.target
    assert isinstance(target, Hybrid)
    return target


def lists(target: NearVector) -> list[list[Any]]:
    return [vector.tolist() for vector in target.vectors]


# --- The request as a whole ---


def test_nothing_asked_lists_with_the_servers_limit() -> None:
    request = parsed({}).request

    assert request.collection == "Book"
    assert request.page == Page(LIMIT)
    assert request.target is None
    assert request.want == Want()
    assert request.headers == {"x-key": "k"}


def test_the_collection_goes_by_its_own_name() -> None:
    assert parsed({"collection": "book"}).request.collection == "Book"


@pytest.mark.parametrize(
    ("document", "page"),
    [
        ({"limit": 3, "offset": 2}, Page(3, 2)),
        ({"autocut": 1}, Page(LIMIT, autocut=1)),
        ({"limit": 3, "after": ID}, Page(3, after=ID)),
        ({"hybrid_search": {"query": "q", "selection": {"mmr": {"limit": 5}}}}, Page(LIMIT)),
    ],
    ids=str,
)
def test_pages(document: dict[str, Any], page: Page) -> None:
    assert parsed(document).request.page == page


def test_everything_around_the_target() -> None:
    request = parsed(
        {
            "tenant": "t",
            "bm25_search": {"query": "soup"},
            "group_by": {"path": ["title"], "number_of_groups": 2, "objects_per_group": 3},
            "rerank": {"property": "title,body", "query": "q"},
            "filters": {"operator": "OPERATOR_EQUAL", "target": {"property": "pages"}, "value_int": 1},
            "generative": {"single": {"prompt": "{title}", "debug": True}, "grouped": {"task": "sum up"}},
        }
    ).request

    assert request.tenant == "t"
    assert request.group_by == GroupBy(("title",), 2, 3)
    assert request.rerank == Rerank(("title", "body"), "q")
    assert request.where == Compare(OfProperty("pages"), Operator.EQUAL, 1, ValueKind.INT)
    assert request.generate == Generate("{title}", "sum up", debug=True)


def test_sorting_is_part_of_a_listing() -> None:
    request = parsed({"sort_by": [{"path": ["pages"], "ascending": True}, {"path": ["_id"]}]}).request

    assert request.sort == (Sort(("pages",)), Sort(("_id",), False))


def test_a_provider_is_passed_on_with_its_options() -> None:
    provider = {"openai": {"model": "m", "top_p": 0.5, "base_url": "u", "stop": {"values": ["a"]}, "verbosity": 1}}
    request = parsed({"generative": {"single": {"prompt": "p", "queries": [provider]}}}).request

    assert request.generate == Generate(
        "p",
        provider="openai",
        options={"model": "m", "topP": 0.5, "baseURL": "u", "stop": ["a"], "verbosity": "low"},
    )


def test_the_flat_generative_fields_of_older_clients_are_understood() -> None:
    old = {"single_response_prompt": "p", "grouped_response_task": "t", "grouped_properties": ["title"]}

    assert parsed({"generative": old}).request.generate == Generate("p", "t", ("title",))


# --- Targets ---


@pytest.mark.parametrize(
    "document",
    [
        {"vector_bytes": floats(1, 2)},
        {"vector": [1, 2]},
        {"vectors": [{"vector_bytes": floats(1, 2), "type": "VECTOR_TYPE_SINGLE_FP32"}]},
        {"vectors": [{"vector_bytes": floats(1, 2)}]},
    ],
    ids=["bytes", "list", "single", "untyped"],
)
def test_a_query_vector_comes_in_several_forms(document: dict[str, Any]) -> None:
    assert lists(near_vector(document)) == [[1.0, 2.0]]


def test_a_cut_off_float_is_dropped() -> None:
    assert lists(near_vector({"vector_bytes": "AACAPwA="})) == [[1.0]]


def test_a_query_vector_says_how_far() -> None:
    assert near_vector({"vector_bytes": floats(1), "distance": 0.0}).cut == Cut(distance=0.0)
    assert near_vector({"vector_bytes": floats(1), "certainty": 0.5}).cut == Cut(certainty=0.5)


def test_diversity_is_taken_over() -> None:
    found = near_vector({"vector_bytes": floats(1), "selection": {"mmr": {"limit": 4, "balance": 0.5}}})

    assert found.diversity == Diversity(4, 0.5)


def test_the_only_named_vector_need_not_be_named() -> None:
    assert near_vector({"vector_bytes": floats(1)}, "Only").targets == TargetVectors(("one",))


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ({"target_vectors": ["a", "b"]}, TargetVectors(("a", "b"))),
        ({"target_vectors": ["a", "b"], "combination": 1}, TargetVectors(("a", "b"), Join.SUM)),
        ({"target_vectors": ["a", "b"], "combination": 3}, TargetVectors(("a", "b"), Join.AVERAGE)),
        (
            {
                "target_vectors": ["a", "b"],
                "combination": "COMBINATION_METHOD_TYPE_MANUAL",
                "weights_for_targets": [{"target": "a", "weight": 0.5}, {"target": "b", "weight": 2}],
            },
            TargetVectors(("a", "b"), Join.MANUAL, (0.5, 2.0)),
        ),
    ],
    ids=str,
)
def test_several_targets_are_joined(targets: dict[str, Any], expected: TargetVectors) -> None:
    assert near_vector({"vector_bytes": floats(1), "targets": targets}, "Named").targets == expected


def test_older_clients_name_targets_beside_the_vector() -> None:
    assert near_vector({"vector_bytes": floats(1), "target_vectors": ["b"]}, "Named").targets == TargetVectors(("b",))


def test_each_target_may_have_its_own_vector() -> None:
    found = near_vector(
        {
            "targets": {"target_vectors": ["a", "m"]},
            "vector_for_targets": [
                {"name": "a", "vector_bytes": floats(1, 2)},
                {"name": "m", "vectors": [{"vector_bytes": rows((1, 2), (3, 4)), "type": 2}]},
            ],
        },
        "Named",
    )

    assert lists(found) == [[1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]]
    assert found.targets.names == ("a", "m")


def test_older_clients_send_a_map_of_vectors() -> None:
    found = near_vector(
        {"targets": {"target_vectors": ["b", "a"]}, "vector_per_target": {"a": floats(1), "b": floats(2)}}, "Named"
    )

    assert lists(found) == [[2.0], [1.0]]


@pytest.mark.parametrize(
    ("names", "weights"), [(("a", "b"), ()), (("a", "b", "b"), (1.0, 2.0, 3.0))], ids=["named once", "named each time"]
)
def test_rows_for_a_regular_index_are_queries_of_their_own(names: tuple[str, ...], weights: tuple[float, ...]) -> None:
    targets: dict[str, Any] = {"target_vectors": names, "combination": 5 if weights else 1}
    targets["weights_for_targets"] = [
        {"target": name, "weight": weight} for name, weight in zip(names, weights, strict=False)
    ]
    found = near_vector(
        {
            "targets": targets,
            "vector_for_targets": [
                {"name": "a", "vectors": [{"vector_bytes": floats(1), "type": 1}]},
                {"name": "b", "vectors": [{"vector_bytes": rows((2,), (3,)), "type": 2}]},
            ],
        },
        "Named",
    )

    assert lists(found) == [[1.0], [2.0], [3.0]]
    assert found.targets.names == ("a", "b", "b")
    assert found.targets.weights == weights


def test_near_object() -> None:
    assert parsed({"near_object": {"id": ID, "distance": 0.5}}).request.target == NearObject(ID, cut=Cut(distance=0.5))


def test_near_text_with_moves() -> None:
    target = parsed(
        {
            "near_text": {
                "query": ["hot", "soup"],
                "move_to": {"force": 0.5, "concepts": ["honey"]},
                "move_away": {"force": 0.25, "uuids": [ID]},
            }
        }
    ).request.target

    assert target == NearText(("hot", "soup"), Move(0.5, ("honey",)), Move(0.25, (), (ID,)))


def test_near_text_without_concepts_lists() -> None:
    assert parsed({"near_text": {}}).request.target is None


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"query": "q"}, Keyword("q")),
        ({"query": "q", "properties": ["Title^2"]}, Keyword("q", ("title^2",))),
        ({"query": "q", "search_operator": {"operator": 2}}, Keyword("q", match=Match.AND)),
        ({"query": "q", "search_operator": {"operator": 3}}, Keyword("q", match=Match.AND_CROSS)),
        (
            {"query": "q", "search_operator": {"operator": 1, "minimum_or_tokens_match": 2}},
            Keyword("q", minimum_match=2),
        ),
    ],
    ids=str,
)
def test_keyword_searches(document: dict[str, Any], expected: Keyword) -> None:
    assert parsed({"bm25_search": document}).request.target == expected


def test_bm25_goes_before_hybrid() -> None:
    assert parsed({"bm25_search": {"query": "q"}, "hybrid_search": {"query": "h"}}).request.target == Keyword("q")


@pytest.mark.parametrize(
    ("document", "alpha"),
    [
        ({"query": "q"}, 0.0),
        ({"query": "q", "alpha": 0.5}, 0.5),
        ({"query": "q", "use_alpha_param": True}, 0.75),
        ({"query": "q", "use_alpha_param": True, "alpha_param": 0}, 0.0),
        ({"query": "q", "use_alpha_param": True, "alpha_param": 0.25, "alpha": 1}, 0.25),
    ],
    ids=str,
)
def test_alpha_is_told_apart_from_no_alpha(document: dict[str, Any], alpha: float) -> None:
    assert hybrid(document).alpha == alpha


def test_hybrid_takes_everything_along() -> None:
    found = hybrid(
        {
            "query": "q",
            "properties": ["Title"],
            "fusion_type": "FUSION_TYPE_RANKED",
            "vector_distance": 0.0,
            "bm25_search_operator": {"operator": 2},
            "selection": {"mmr": {"limit": 2}},
        }
    )

    assert found == Hybrid(
        "q",
        0.0,
        properties=("title",),
        fusion=Fusion.RANKED,
        max_distance=0.0,
        match=Match.AND,
        diversity=Diversity(2),
    )


@pytest.mark.parametrize(
    "document",
    [
        {"vector_bytes": floats(1, 2)},
        {"vectors": [{"vector_bytes": floats(1, 2)}]},
        {"vector": [1, 2]},
        {"near_vector": {"vector_bytes": floats(1, 2)}},
    ],
    ids=["bytes", "vectors", "list", "near_vector"],
)
def test_hybrid_looks_near_a_vector(document: dict[str, Any]) -> None:
    near = hybrid({"query": "q", **document}).near

    assert isinstance(near, NearVector)
    assert near.vectors[0].dtype == np.float32
    assert lists(near) == [[1.0, 2.0]]


def test_hybrid_aims_both_its_parts() -> None:
    found = hybrid({"query": "q", "near_text": {"query": ["x"]}, "targets": {"target_vectors": ["b"]}}, "Named")

    assert found.near == NearText(("x",))
    assert found.targets == TargetVectors(("b",))


# --- Boost ---


def test_boosts_with_everything_said() -> None:
    boost = parsed(
        {
            "boost": {
                "weight": 0.25,
                "depth": 50,
                "conditions": [
                    {
                        "filter": {"operator": "OPERATOR_EQUAL", "target": {"property": "sold"}, "value_boolean": True},
                        "weight": 2,
                    },
                    {
                        "time_decay": {
                            "property": "printed",
                            "origin": "2024-01-01T00:00:00Z",
                            "scale": "7d",
                            "offset": "1d",
                            "curve": "DECAY_CURVE_GAUSS",
                            "decay_value": 0.25,
                        }
                    },
                    {"property_value": {"property": "pages", "modifier": "PROPERTY_VALUE_MODIFIER_LOG1P"}},
                ],
            }
        }
    ).request.boost

    assert boost == Boost(
        (
            FilterBoost(Compare(OfProperty("sold"), Operator.EQUAL, True, ValueKind.BOOLEAN), 2.0),
            DecayBoost("printed", "2024-01-01T00:00:00Z", "7d", "1d", Curve.GAUSS, 0.25),
            ValueBoost("pages", "log1p"),
        ),
        0.25,
        50,
    )


def test_boosts_with_nothing_said() -> None:
    conditions = [{"time_decay": {"property": "printed", "scale": "7d"}}, {"numeric_decay": {"property": "pages"}}]
    boost = parsed({"boost": {"conditions": conditions}}).request.boost

    assert boost == Boost((DecayBoost("printed", "now", "7d"), DecayBoost("pages", 0.0, 0.0)), 0.5, None)


# --- What is shown ---


@pytest.mark.parametrize(
    ("properties", "want"),
    [
        ({}, Want(properties=())),
        ({"return_all_nonref_properties": True}, Want()),
        ({"non_ref_properties": ["title", "cover"]}, Want(properties=("title", "cover"))),
        (
            {
                "object_properties": [
                    {
                        "prop_name": "address",
                        "primitive_properties": ["city"],
                        "object_properties": [{"prop_name": "flat", "primitive_properties": ["floor"]}],
                    }
                ]
            },
            Want(properties=(PickObject("address", ("city", PickObject("flat", ("floor",)))),)),
        ),
        (
            {"ref_properties": [{"reference_property": "author", "properties": {"non_ref_properties": ["name"]}}]},
            Want(properties=(PickReference("author", Want(properties=("name",)), "Author"),)),
        ),
        (
            {
                "return_all_nonref_properties": True,
                "ref_properties": [{"reference_property": "related", "target_collection": "book"}],
            },
            Want(references=(PickReference("related", Want(), "Book"),)),
        ),
    ],
    ids=str,
)
def test_what_is_fetched(properties: dict[str, Any], want: Want) -> None:
    assert parsed({"properties": properties}).request.want == want


def test_what_grouping_reranking_and_generating_look_at_is_fetched_too() -> None:
    request = parsed(
        {
            "properties": {},
            "bm25_search": {"query": "q"},
            "group_by": {"path": ["title"]},
            "rerank": {"property": "tags"},
            "generative": {
                "single": {"prompt": "about {pages} of {nothing}"},
                "grouped": {"task": "x", "properties": {"values": ["price"]}},
            },
        }
    ).request

    assert request.want.properties == ("title", "tags", "pages", "price")


@pytest.mark.parametrize(
    ("collection", "metadata", "vectors"),
    [
        ("Book", {"uuid": True}, frozenset()),
        ("Book", {"vector": True}, None),
        ("Book", {"vectors": ["default"]}, frozenset({""})),
        ("Named", {"vector": True}, None),
        ("Named", {"vectors": ["a", "zz"]}, frozenset({"a"})),
    ],
    ids=str,
)
def test_which_vectors_are_fetched(collection: str, metadata: dict[str, Any], vectors: frozenset[str] | None) -> None:
    assert parsed({"collection": collection, "metadata": metadata}).request.want.vectors == vectors


@pytest.mark.parametrize(
    ("document", "certainty"),
    [
        ({"near_vector": {"vector_bytes": floats(1)}}, True),
        ({"bm25_search": {"query": "q"}}, False),
        ({}, False),
        ({"collection": "Author", "near_vector": {"vector_bytes": floats(1)}}, False),
        ({"collection": "Named", "near_text": {"query": ["x"], "targets": {"target_vectors": ["a"]}}}, True),
        ({"collection": "Named", "near_text": {"query": ["x"], "targets": {"target_vectors": ["a", "b"]}}}, False),
    ],
    ids=str,
)
def test_certainty_is_asked_for_where_there_is_one(document: dict[str, Any], certainty: bool) -> None:
    assert parsed({"metadata": {"certainty": True}, **document}).request.want.certainty is certainty


# --- What is refused ---

NEAR: dict[str, Any] = {"vector_bytes": floats(1)}
SORT = [{"path": ["pages"]}]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"collection": "Nope"}, "could not find class Nope in schema"),
        ({"collection": ""}, "could not find class  in schema"),
        (
            {"near_vector": {**NEAR, "distance": 1, "certainty": 1}},
            "near_vector: cannot provide distance and certainty",
        ),
        ({"near_vector": {}}, "near_vector: vector is required"),
        ({"near_vector": {"vectors": [NEAR, NEAR]}}, "near_vector: only 1 vector supported, found 2 vectors"),
        (
            {"near_vector": {"vectors": [{"vector_bytes": rows((1, 2)), "type": 2}]}},
            "near_vector: provided vector is a multi vector but vector index supports regular vectors",
        ),
        (
            {"collection": "Named", "near_vector": {**NEAR, "targets": {"target_vectors": ["m"]}}},
            "near_vector: provided vector is a regular vector but vector index supports multi vectors",
        ),
        (
            {
                "collection": "Named",
                "near_vector": {
                    "vectors": [{"vector_bytes": "AgAAAIA/", "type": 2}],
                    "targets": {"target_vectors": ["m"]},
                },
            },
            "multi vector of 1 values cannot be split into rows of 2",
        ),
        (
            {"near_vector": {**NEAR, "targets": {"target_vectors": ["zz"]}}},
            "extract target vectors: class Book does not have named vector zz configured. Available named vectors []",
        ),
        (
            {"collection": "Named", "near_vector": NEAR},
            "extract target vectors: class Named has multiple vectors, but no target vectors were provided",
        ),
        (
            {
                "collection": "Named",
                "near_vector": {
                    **NEAR,
                    "targets": {
                        "target_vectors": ["a", "b"],
                        "combination": 5,
                        "weights_for_targets": [{"target": "a"}],
                    },
                },
            },
            "extract target vectors: number of weights (1) does not match number of targets (2)",
        ),
        (
            {
                "collection": "Named",
                "near_vector": {
                    "targets": {"target_vectors": ["a", "b"]},
                    "vector_for_targets": [{"name": "a", **NEAR}],
                },
            },
            "near_vector: vector for target must have the same lengths as target vectors",
        ),
        (
            {
                "collection": "Named",
                "near_vector": {"targets": {"target_vectors": ["a", "b"]}, "vector_per_target": {"a": floats(1)}},
            },
            "near_vector: vector for target b is required",
        ),
        ({"near_object": {}}, "near_object: id is required"),
        (
            {"near_vector": NEAR, "near_object": {"id": ID}},
            "found both 'nearVector' and 'nearObject' parameters which are conflicting, choose one instead",
        ),
        (
            {"near_vector": NEAR, "bm25_search": {"query": "q"}},
            "conflict: both near<Media> and keyword-based (bm25) arguments present, choose one",
        ),
        (
            {"near_vector": NEAR, "hybrid_search": {"query": "q"}},
            "conflict: both near<Media> and hybrid arguments present, choose one",
        ),
        (
            {"near_image": {"image": "aGVsbG8="}},
            "could not vectorize input for collection Book with search-type nearImage. "
            "Make sure a vectorizer module is configured for this collection",
        ),
        ({"near_vector": NEAR, "sort_by": SORT}, "sorting cannot be combined with search"),
        ({"hybrid_search": {"query": "q"}, "sort_by": SORT}, "sorting cannot be combined with search"),
        ({"generative": {"single": {"prompt": "p"}}, "sort_by": SORT}, "sorting cannot be combined with search"),
        (
            {"near_vector": NEAR, "group_by": {"path": ["a", "b"]}},
            "groupby path can only have one entry, received [a b]",
        ),
        (
            {"group_by": {"path": ["title"]}},
            "groupby needs a search: add near_vector, near_object, near_text, bm25 or hybrid",
        ),
        (
            {"hybrid_search": {"near_text": {"query": ["x"]}, "near_vector": NEAR}},
            "cannot combine nearText and nearVector in hybrid search",
        ),
        (
            {"hybrid_search": {"near_vector": NEAR, **NEAR}},
            "cannot combine nearVector and vector in hybrid search",
        ),
        (
            {"limit": 3, "near_vector": {**NEAR, "selection": {"mmr": {"limit": 4}}}},
            "selection mmr: limit 4 must not be larger than the query limit 3",
        ),
        (
            {"near_vector": {**NEAR, "selection": {"mmr": {"limit": 0}}}},
            "selection mmr: limit must be at least 1, got 0",
        ),
        (
            {"near_vector": {**NEAR, "selection": {"mmr": {"limit": 1, "balance": 1.5}}}},
            "selection mmr: balance must be between 0 and 1, got 1.5",
        ),
        (
            {"properties": {"non_ref_properties": ["zz"]}},
            "extract properties request: get property by name zz for class Book: no such prop with name 'zz' found in "
            "class 'Book' in the schema. Check your schema files for which properties in this class are available",
        ),
        (
            {"properties": {"non_ref_properties": ["author"]}},
            "property 'author' is a reference: ask for it among the reference properties",
        ),
        (
            {"properties": {"object_properties": [{"prop_name": "address", "primitive_properties": ["zz"]}]}},
            "extract properties request: no such prop with name 'zz' found in property 'address' of class 'Book'",
        ),
        (
            {"properties": {"object_properties": [{"prop_name": "title"}]}},
            "extract properties request: property 'title' has no nested properties",
        ),
        (
            {"properties": {"ref_properties": [{"reference_property": "related"}]}},
            "extract properties request: multi target references from collection Book and property related with need "
            "an explicitlinked collection. Available linked collections are [Author Book]",
        ),
        (
            {"properties": {"ref_properties": [{"reference_property": "title"}]}},
            "extract properties request: property 'title' of class 'Book' is no reference",
        ),
        ({"boost": {"conditions": [{}]}}, "boost: a condition is empty: give it a filter, a decay or a property value"),
    ],
    ids=lambda case: str(case)[:70],
)
def test_requests_that_make_no_sense_say_why(document: dict[str, Any], text: str) -> None:
    with pytest.raises(WeaveletError) as caught:
        parsed(document)

    assert str(caught.value) == text
