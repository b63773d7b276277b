"""How rows and groups are shown, and what is fetched for them."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.api.graphql_world import World, id_of, make_world, row
from weavelet.engine.query import (
    Generate,
    Generated,
    Group,
    PickReference,
    Profile,
    Reply,
    Rerank,
    Want,
)
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import UNNAMED

PHONE = {"input": "+49 171 1234560", "national": 1711234560, "valid": True, "countryCode": 49}
STORED = {
    "t": "x",
    "tt": ["a", "b"],
    "i": 5,
    "f": 2.5,
    "geo": {"latitude": 1.5, "longitude": 2.5},
    "phone": PHONE,
    "addr": {"city": "Kyiv", "zip": 3},
}

SHOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("t tt i f", {"t": "x", "tt": ["a", "b"], "i": 5, "f": 2.5}),
    "in order of the keys": ("t f _additional{id}", {"_additional": {"id": id_of(1)}, "f": 2.5, "t": "x"}),
    "under aliases": ("foo:t _additional{key:id}", {"_additional": {"key": id_of(1)}, "foo": "x"}),
    "unset": ("b dd", {"b": None, "dd": None}),
    "geo": ("geo{longitude}", {"geo": {"longitude": 2.5}}),
    "phone": (
        "phone{national defaultCountry valid}",
        {"phone": {"defaultCountry": "", "national": 1711234560, "valid": True}},
    ),
    "nested": ("addr{zip town:city}", {"addr": {"town": "Kyiv", "zip": 3}}),
    "typename": ("__typename addr{__typename}", {"__typename": "Agg", "addr": {"__typename": "Agg_addr_object"}}),
    "fragments": ("... on Agg{t} ...{f}", {"t": "x", "f": 2.5}),
    "skipped": ("t f @skip(if:true) i @include(if:false)", {"t": "x"}),
    "times": (
        "_additional{creationTimeUnix lastUpdateTimeUnix}",
        {"_additional": {"creationTimeUnix": "1700000000123", "lastUpdateTimeUnix": "1700000000456"}},
    ),
    "nothing searched": (
        "_additional{score explainScore distance certainty}",
        {"_additional": {"certainty": None, "distance": None, "explainScore": "", "score": "0"}},
    ),
    "nothing that could have a value": ("_additional{group{id} classification{id}}", {"_additional": None}),
    "nothing that was compared": ("_additional{certainty}", {"_additional": None}),
    "references unset": ("ref{... on Person{name}}", {"ref": None}),
}


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.parametrize(("below", "shown"), SHOWN.values(), ids=SHOWN.keys())
def test_a_row_is_shown_as_selected(world: World, below: str, shown: dict[str, Any]) -> None:
    (found,) = world.rows(row(1, STORED), below=below)
    assert found == shown
    assert list(found) == sorted(found)


@pytest.mark.parametrize(("value", "shown"), [(2**31 - 1, 2**31 - 1), (2**31, None), (-(2**31) - 1, None)])
def test_an_int_that_needs_more_than_32_bits_is_null(world: World, value: int, shown: int | None) -> None:
    assert world.rows(row(1, {"i": value, "ii": [value]}), below="i ii") == [{"i": shown, "ii": [shown]}]


def test_vectors_are_float32(world: World) -> None:
    (found,) = world.rows(row(1, {}), below="_additional{vector}")
    assert found["_additional"]["vector"].dtype == np.float32


def test_an_object_without_a_vector_shows_an_empty_one(world: World) -> None:
    bare = row(1, {})
    bare = replace(bare, object=replace(bare.object, vectors={}))
    assert world.rows(bare, below="_additional{vector}") == [{"_additional": {"vector": []}}]


def test_named_vectors_are_shown_by_name(world: World) -> None:
    (found,) = world.rows(row(1, {}, "Named"), below="_additional{vectors{a b}}", collection="Named")
    assert found == {"_additional": {"vectors": {"a": None, "b": None}}}
    assert world.searcher.asked[-1].want.vectors == frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("score", "text"), [(None, "0"), (1.0, "1"), (0.8266008, "0.8266008"), (1e-05, "1e-05"), (1.2039728, "1.2039728")]
)
def test_a_score_is_the_text_of_a_float32(world: World, score: float | None, text: str) -> None:
    assert world.rows(row(1, {}, score=score), below="_additional{score}") == [{"_additional": {"score": text}}]


def test_distance_and_certainty_are_shown_where_vectors_were_compared(world: World) -> None:
    near = row(1, {}, distance=0.25, certainty=0.875)
    below = "_additional{distance certainty score}"
    shown = {"_additional": {"certainty": 0.875, "distance": np.float32(0.25), "score": "0"}}
    assert world.rows(near, below=below, arguments="(nearVector:{vector:[1]})") == [shown]
    hidden = {"_additional": {"certainty": None, "distance": None, "score": "0"}}
    assert world.rows(near, below=below, arguments='(hybrid:{query:"x" alpha:0})') == [hidden]


WANTED: dict[str, tuple[str, Want]] = {
    "properties": ("t i addr{zip}", Want(properties=("addr", "i", "t"))),
    "nothing": ("_additional{id}", Want(properties=())),
    "vector": ("_additional{vector}", Want(properties=(), vectors=frozenset({UNNAMED}))),
    "explanation": ("_additional{explainScore}", Want(properties=(), explain=True)),
    "profile": ("_additional{queryProfile}", Want(properties=(), profile=True)),
    "certainty": ("_additional{certainty}", Want(properties=(), certainty=True)),
    "references": (
        "refs{... on Person{name} ... on Agg{t _additional{vector}}}",
        Want(
            properties=(
                PickReference("refs", Want(properties=("name",)), "Person"),
                PickReference("refs", Want(properties=("t",), vectors=frozenset({UNNAMED})), "Agg"),
            )
        ),
    ),
    "one reference under two aliases": (
        "a:ref{... on Person{name}} b:ref{... on Person{age name}}",
        Want(properties=(PickReference("ref", Want(properties=("name", "age")), "Person"),)),
    ),
    "references behind references": (
        "ref{... on Person{knows{... on Person{name}}}}",
        Want(
            properties=(
                PickReference(
                    "ref",
                    Want(properties=(PickReference("knows", Want(properties=("name",)), "Person"),)),
                    "Person",
                ),
            )
        ),
    ),
}


@pytest.mark.parametrize(("below", "want"), WANTED.values(), ids=WANTED.keys())
def test_only_what_is_shown_is_fetched(world: World, below: str, want: Want) -> None:
    assert world.request("", below=below).want == want


def test_references_are_shown_by_the_fragment_of_their_class(world: World) -> None:
    ada = row(7, {"name": "Ada"}, "Person")
    other = row(8, {"t": "y"})
    both = row(1, {}, references={"refs": (ada, other)})
    below = "refs{__typename ... on Person{name _additional{id}} ... on Agg{t}}"
    assert world.rows(both, below=below) == [
        {
            "refs": [
                {"__typename": "Person", "_additional": {"id": id_of(7)}, "name": "Ada"},
                {"__typename": "Agg", "t": "y"},
            ]
        }
    ]


def test_a_named_fragment_works_inside_a_reference(world: World) -> None:
    ada = row(7, {"name": "Ada"}, "Person")
    world.searcher.reply = Reply(rows=(row(1, {}, references={"ref": (ada,)}),))
    answer = world.ask("query{Get{Agg{ref{...F}}}} fragment F on Person{name}")
    assert answer == {"data": {"Get": {"Agg": [{"ref": [{"name": "Ada"}]}]}}}


def nested(levels: int) -> str:
    return "knows{... on Person{" * levels + "name" + "}}" * levels


def test_references_nest_up_to_the_limit(world: World) -> None:
    assert world.request("", "Person", nested(4)).want is not None
    assert world.failure("", "Person", nested(5)) == (
        "nested references depth exceeds QUERY_CROSS_REFERENCE_DEPTH_LIMIT (5)"
    )


def test_beacons_are_refused(world: World) -> None:
    assert "retrieving cross-refs by beacon is not supported" in world.failure("", below="ref{... on Beacon{beacon}}")


GROUP = "group{id count minDistance maxDistance groupedBy{path value} hits{t _additional{id distance}}}"


def test_a_grouped_row_has_nothing_but_its_group(world: World) -> None:
    members = (row(1, {"t": "x"}, distance=0.25), row(2, {"t": "y"}, distance=0.5))
    group = Group(index=0, value="a", path=("t",), rows=members, min_distance=0.25, max_distance=0.5)
    world.searcher.reply = Reply(groups=(group,))
    arguments = '(nearVector:{vector:[1]} groupBy:{path:["t"] groups:2 objectsPerGroup:2})'
    answer = world.ask(f"{{Get{{Agg{arguments}{{t _additional{{id distance {GROUP}}}}}}}}}")
    shown = {
        "id": 0,
        "count": 2,
        "minDistance": 0.25,
        "maxDistance": 0.5,
        "groupedBy": {"path": ["t"], "value": "a"},
        "hits": [
            {"_additional": {"distance": 0.25, "id": id_of(1)}, "t": "x"},
            {"_additional": {"distance": 0.5, "id": id_of(2)}, "t": "y"},
        ],
    }
    assert answer["data"]["Get"]["Agg"] == [{"_additional": {"distance": None, "group": shown, "id": None}, "t": None}]


def test_members_found_by_keywords_have_distance_zero(world: World) -> None:
    group = Group(index=0, value="a", path=("t",), rows=(row(1, {}),), min_distance=0.0, max_distance=0.0)
    world.searcher.reply = Reply(groups=(group,))
    arguments = '(bm25:{query:"x"} groupBy:{path:["t"] groups:2 objectsPerGroup:2})'
    answer = world.ask(f"{{Get{{Agg{arguments}{{_additional{{group{{hits{{_additional{{distance}}}}}}}}}}}}}}")
    hits = answer["data"]["Get"]["Agg"][0]["_additional"]["group"]["hits"]
    assert hits == [{"_additional": {"distance": 0.0}}]


def test_a_rerank_is_asked_for_and_shown_as_a_list(world: World) -> None:
    below = 't _additional{rerank(property:"t" query:"q"){score}}'
    shown = world.rows(row(1, {"t": "x"}, "Txt", rerank_score=0.5), below=below, collection="Txt")
    assert shown == [{"_additional": {"rerank": [{"score": 0.5}]}, "t": "x"}]
    assert world.searcher.asked[-1].rerank == Rerank(("t",), "q")


def test_a_rerank_takes_variables_and_may_leave_out_the_query(world: World) -> None:
    world.ask("query($p:String){Get{Txt{_additional{rerank(property:$p){score}}}}}", {"p": "t"})
    assert world.searcher.asked[-1].rerank == Rerank(("t",), None)


def test_a_rerank_may_name_several_properties_another_module_and_how_many_are_scored(world: World) -> None:
    asked = 'property:"t, u" query:"q" module:"reranker-dummy" candidates:20 minimumScore:0.5 mix:0.25'
    world.ask(f"{{Get{{Txt{{_additional{{rerank({asked}){{score}}}}}}}}}}")
    assert world.searcher.asked[-1].rerank == Rerank(("t", "u"), "q", "reranker-dummy", 20, 0.5, 0.25)


def test_a_group_shows_its_own_rerank_score(world: World) -> None:
    group = Group(
        index=1, value="a", path=("t",), rows=(row(1, {}, "Txt"),), min_distance=0.0, max_distance=0.0, rerank_score=17
    )
    world.searcher.reply = Reply(groups=(group,))
    arguments = '(nearVector:{vector:[1]} groupBy:{path:["t"] groups:2 objectsPerGroup:2})'
    below = '_additional{id rerank(property:"t"){score} group{id}}'
    answer = world.ask(f"{{Get{{Txt{arguments}{{{below}}}}}}}")
    assert answer["data"]["Get"]["Txt"] == [
        {"_additional": {"group": {"id": 1}, "id": None, "rerank": [{"score": 17}]}}
    ]


def test_generation_is_asked_for_and_shown(world: World) -> None:
    below = (
        '_additional{generate(singleResult:{prompt:"about {t}" debug:true} groupedResult:{task:"sum up" '
        'properties:["t"]}){singleResult groupedResult error debug{prompt}}}'
    )
    rows = (row(1, {}, generated=Generated("one", "about x")), row(2, {}, generated=Generated("", error="too long")))
    world.searcher.reply = Reply(rows=rows, generated=Generated("all"))
    answer = world.ask(f"{{Get{{Agg{{{below}}}}}}}")
    assert world.searcher.asked[-1].generate == Generate("about {t}", "sum up", ("t",), debug=True)
    first, second = (each["_additional"]["generate"] for each in answer["data"]["Get"]["Agg"])
    assert first == {"debug": {"prompt": "about x"}, "error": None, "groupedResult": "all", "singleResult": "one"}
    assert second == {"debug": {"prompt": None}, "error": "too long", "groupedResult": None, "singleResult": None}


def test_a_generator_can_be_named_with_settings_and_tells_of_its_work(world: World) -> None:
    below = (
        '_additional{generate(singleResult:{prompt:"p" openai:{model:"m" temperature:0.5 stop:["x"] '
        "reasoningEffort:low}}){singleResult openai{__typename usage{total:total_tokens prompt_tokens}} "
        "mistral{usage{total_tokens}}}}"
    )
    told = {"usage": {"prompt_tokens": 3, "total_tokens": 5}}
    world.searcher.reply = Reply(
        rows=(row(1, {}, generated=Generated("one", provider="openai", metadata=told)), row(2, {}))
    )
    answer = world.ask(f"{{Get{{Agg{{{below}}}}}}}")
    asked = world.searcher.asked[-1].generate
    assert (asked.provider, asked.metadata) == ("openai", True)
    assert asked.options == {"model": "m", "temperature": 0.5, "stop": ["x"], "reasoningEffort": "low"}
    first, second = (each["_additional"] for each in answer["data"]["Get"]["Agg"])
    assert first["generate"] == {
        "mistral": None,
        "openai": {"__typename": "AggopenaiFields", "usage": {"prompt_tokens": 3, "total": 5}},
        "singleResult": "one",
    }
    assert second is None


@pytest.mark.parametrize(
    ("single", "grouped", "problem"),
    [
        ("openai:{}", "mistral:{}", "must name the same generator with equal settings"),
        ('openai:{model:"a"}', 'openai:{model:"b"}', "must name the same generator with equal settings"),
        ("openai:{} mistral:{}", "", "must name the same generator with equal settings"),
        ("openai:{voice:1}", "", 'In field "voice": Unknown field.'),
        ("reranker:{}", "", 'In field "reranker": Unknown field.'),
    ],
)
def test_one_generator_writes_one_answer(world: World, single: str, grouped: str, problem: str) -> None:
    arguments = f'singleResult:{{prompt:"p" {single}}} groupedResult:{{task:"t" {grouped}}}'
    answer = world.ask(f"{{Get{{Agg{{_additional{{generate({arguments}){{singleResult}}}}}}}}}}")
    assert problem in answer["errors"][0]["message"]


def test_a_profile_rides_on_the_first_row(world: World) -> None:
    profile = Profile(shard="abc", node="node1", searches={"vector": {"took": "1ms"}})
    world.searcher.reply = Reply(rows=(row(1, {}), row(2, {})), profile=profile)
    answer = world.ask("{Get{Agg{_additional{id queryProfile}}}}")
    first, second = (each["_additional"]["queryProfile"] for each in answer["data"]["Get"]["Agg"])
    assert json.loads(first)["shards"][0]["searches"] == {"vector": {"took": "1ms"}}
    assert second is None


# --- Several fields in one query -------------------------------------------------------------------------------------


def test_a_failing_field_leaves_the_others_their_data(world: World) -> None:
    world.searcher.failure, world.searcher.fails_on = InvalidQuery("no such thing"), "Agg"
    world.searcher.reply = Reply(rows=(row(1, {"name": "Ada"}, "Person"),))
    answer = world.ask("{Get{bad:Agg{t} Person{name}}}")
    assert answer["data"] == {"Get": {"Person": [{"name": "Ada"}], "bad": None}}
    assert answer["errors"] == [
        {"locations": [{"column": 6, "line": 1}], "message": "no such thing", "path": ["Get", "bad"]}
    ]


def test_a_bug_is_logged_and_not_shown(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.searcher.failure = ZeroDivisionError("secret")
    answer = world.ask("{Get{Agg{t}}}")
    assert answer["data"] == {"Get": {"Agg": None}}
    assert "secret" not in answer["errors"][0]["message"]
    assert "secret" in caplog.text


def test_one_class_may_be_asked_twice_under_aliases(world: World) -> None:
    world.ask("{Get{first:Agg(limit:1){t} second:Agg(limit:2){t}}}")
    assert [request.page.limit for request in world.searcher.asked] == [1, 2]


def test_the_chosen_operation_is_answered(world: World) -> None:
    world.ask("query A{Get{Person{name}}} query B{Get{Agg{t}}}", operation="B")
    assert [request.collection for request in world.searcher.asked] == ["Agg"]


def test_get_and_aggregate_stand_beside_each_other(world: World) -> None:
    answer = world.ask("{__typename Get{__typename Person{name}} Aggregate{Person{meta{count}}}}")
    assert answer == {
        "data": {
            "Aggregate": {"Person": [{"meta": {"count": 3}}]},
            "Get": {"Person": [], "__typename": "GetObjectsObj"},
            "__typename": "WeaviateObj",
        }
    }
