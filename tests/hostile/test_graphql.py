"""Queries made of arguments that exist, with values that mostly do not fit: answered, or refused with a sentence."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from tests.hostile.world import BEACON, ID, fill, opened
from weavelet.api.errors import INTERNAL_ERROR
from weavelet.api.graphql import Endpoint
from weavelet.errors import WeaveletError

QUERIES = 120
WRONG = 0.03
"""How often a value is any value at all: much more, and nothing gets past the validation."""

ANYTHING = (
    *("null", "1", "0", "-1", "1.5", "1e308", "-1e400", "9" * 22, '""', '"soup"', "true", "[]", "{}", "[1]"),
    *("[[1,2],[3,4]]", "[null]", '["title"]', '["a",1]', "{a:1}", "$v", "asc", "And", '"\\u0000"', '"\\ud800"', '"💥"'),
    *('"' + "x" * 3000 + '"', "[[[1]]]", f'"{ID}"', '["title^x"]', '["title^-1"]', '["title^1e400"]', "NaN", "[1e400]"),
)
PATHS = (
    *('["title"]', '["n"]', '["f"]', '["b"]', '["d"]', '["u"]', '["tags"]', '["geo"]', '["phone"]', '["blob"]'),
    *('["obj"]', '["obj.city"]', '["ref"]', '["ref","Dish","title"]', '["id"]', '["_creationTimeUnix"]', "[]"),
    *('["len(title)"]', '["len(n)"]', '["len(ref)"]', '["ref","Nope","x"]', '["ref","Dish"]', '"title"'),
)
OPERATORS = (
    *("Equal", "NotEqual", "GreaterThan", "LessThanEqual", "Like", "IsNull", "ContainsAny", "ContainsAll"),
    *("ContainsNone", "WithinGeoRange", "And", "Or", "Not"),
)
TARGETS = ('["a"]', '["a","b"]', '["a","a"]', '["m"]', '"a"', '["zz"]', "[]")
VECTORS = ("[0.1,0.2,0.3]", "[1,2]", "[[1,2],[3,4]]", "[]", "[0,0]")
ADDITIONAL = (
    *("id", "vector", "distance", "certainty", "score", "explainScore", "creationTimeUnix", "isConsistent"),
    *('rerank(property:"title",query:"x"){score}', "group{id count hits{title}}", "vectors{a m}", "queryProfile"),
    'generate(singleResult:{prompt:"a {title} {nope}"}){singleResult error}',
)
SELECTED = {
    "Get": ("title", "n", "geo{latitude}", "obj{city}", "ref{... on Dish{title _additional{id}}}", "__typename"),
    "Aggregate": (
        *("meta{count}", "title{count topOccurrences(limit:2){value occurs}}", "n{mean mode median}", "d{median}"),
        *("b{totalTrue percentageFalse}", "ref{type pointingTo}", "groupedBy{path value}", "tags{count}"),
    ),
}

Field = Callable[["Writer"], str]


@dataclass
class Writer:
    """Writes queries."""

    random: Random

    def one_of(self, *fitting: str) -> str:
        return self.random.choice(ANYTHING if self.random.random() < WRONG else fitting)

    def some(self, fields: Mapping[str, Field], share: float) -> str:
        chosen = [name for name in fields if self.random.random() < share]
        return "{" + ", ".join(f"{name}: {fields[name](self)}" for name in chosen) + "}"

    def where(self, depth: int = 0) -> str:
        if depth < 3 and self.random.random() < 0.3:
            inner = ", ".join(self.where(depth + 1) for _ in range(self.random.choice((0, 1, 2))))
            return f"{{operator: {self.one_of('And', 'Or', 'Not')}, operands: [{inner}]}}"
        values = {
            name: VALUES[name] for name in self.random.sample(sorted(VALUES), self.random.choice((0, 1, 1, 1, 2)))
        }
        fields = {"path": fitting(*PATHS), "operator": fitting(*OPERATORS), **values}
        return self.some(fields, 0.97)

    def query(self) -> str:
        root = self.random.choice(("Get", "Get", "Aggregate"))
        collection = self.random.choice(("Dish", "Dish", "Named", "Shared"))
        arguments = {name: ARGUMENTS[name] for name in ARGUMENTS if self.random.random() < 0.15}
        search = self.random.choice(sorted(SEARCHES)) if self.random.random() < 0.8 else None
        if search is not None and not (search == "bm25" and root == "Aggregate"):
            arguments[search] = SEARCHES[search]
        written = ", ".join(f"{name}: {field(self)}" for name, field in arguments.items())
        properties = SELECTED[root] if collection == "Dish" else SELECTED[root][:1]
        selected = self.random.sample(properties, min(2, len(properties)))
        if root == "Get":
            selected.append("_additional{" + " ".join(self.random.sample(ADDITIONAL, 2)) + "}")
        query = f"{{{root}{{{collection}{f'({written})' if written else ''}{{{' '.join(selected)}}}}}}}"
        if "$v" in query:
            query = f"query Q($v: {self.one_of('Int', 'Boolean', '[Float]', 'GetObjectsDishWhereInpObj')}){query}"
        return query[: self.random.randrange(len(query))] if self.random.random() < 0.02 else query


def fitting(*values: str) -> Field:
    return lambda writer: writer.one_of(*values)


def made(share: float, **fields: Field) -> Field:
    return lambda writer: writer.some(fields, share)


VALUES: Mapping[str, Field] = {
    "valueText": fitting('"soup"', '["soup","a"]', '"s*"', '"the"', f'"{ID}"', '"1700000000000"'),
    "valueInt": fitting("1", "[1,2]", "1700000000000"),
    "valueNumber": fitting("1.5", "[1.5,2]"),
    "valueBoolean": fitting("true", "[true,false]"),
    "valueDate": fitting('"2024-01-01T00:00:00Z"', '"x"'),
    "valueGeoRange": fitting("{geoCoordinates: {latitude: 1, longitude: 2}, distance: {max: 1000}}"),
}
JOINED = made(
    0.8,
    targetVectors=fitting(*TARGETS),
    combinationMethod=fitting("sum", "minimum", "manualWeights", "relativeScore"),
    weights=fitting("{a:1,b:2}", "{a:[1,2]}", "{zz:1}"),
)
CUTS: dict[str, Field] = {"distance": fitting("0.5"), "certainty": fitting("0.7")}
NEAR_VECTOR = made(
    0.35,
    vector=fitting(*VECTORS),
    vectorPerTarget=fitting("{a:[1,2]}", "{a:[[1,2],[3,4]]}", "{a:[1,2],b:[1]}", "{}"),
    targetVectors=fitting(*TARGETS),
    targets=JOINED,
    **CUTS,
)
MOVE = made(0.7, concepts=fitting('["soup"]'), force=fitting("0.5", "2"), objects=fitting(f'[{{id:"{ID}"}}]'))
NEAR_TEXT = made(
    0.5, concepts=fitting('["soup"]', "[]", '[""]'), moveTo=MOVE, targetVectors=fitting('["b"]'), targets=JOINED, **CUTS
)
SEARCHES: Mapping[str, Field] = {
    "nearVector": NEAR_VECTOR,
    "nearText": NEAR_TEXT,
    "nearObject": made(0.5, id=fitting(f'"{ID}"'), beacon=fitting(f'"{BEACON}"'), targets=JOINED, **CUTS),
    "bm25": made(
        0.8,
        query=fitting('"soup"', '"the"', '""'),
        properties=fitting('["title"]', '["title^2","tags"]', '["n"]', '["nope"]'),
        searchOperator=made(0.8, operator=fitting("And", "Or", "AndCross"), minimumOrTokensMatch=fitting("1", "2")),
    ),
    "hybrid": made(
        0.45,
        query=fitting('"soup"', '""'),
        alpha=fitting("0.5", "0", "1"),
        vector=fitting(*VECTORS),
        fusionType=fitting("rankedFusion", "relativeScoreFusion"),
        targets=JOINED,
        maxVectorDistance=fitting("0.7"),
        searches=lambda writer: f"[{made(0.5, nearText=NEAR_TEXT, nearVector=NEAR_VECTOR)(writer)}]",
    ),
}
ARGUMENTS: Mapping[str, Field] = {
    "where": Writer.where,
    "limit": fitting("1", "5", "100"),
    "offset": fitting("0", "1", "99999"),
    "after": fitting(f'"{ID}"', '""'),
    "autocut": fitting("1", "2"),
    "sort": fitting('[{path:["title"],order:asc}]', '{path:"id"}', '[{path:["ref"]}]', '[{path:["geo"]}]', "[{}]"),
    "groupBy": fitting('{path:["title"],groups:2,objectsPerGroup:2}', '["title"]', '["ref"]', '["geo"]', '["nope"]'),
    "group": fitting("{type:merge,force:0.5}", "{type:closest,force:0.1}"),
    "objectLimit": fitting("3"),
    "tenant": fitting('"t1"', '"nope"'),
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with opened(tmp_path_factory.mktemp("graphql")) as app:
        fill(app)
        yield Endpoint(app)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_every_query_is_answered_or_refused_with_a_sentence(endpoint: Endpoint, seed: int) -> None:
    writer = Writer(Random(seed))
    for _ in range(QUERIES):
        query = writer.query()
        given = writer.random.choice(({}, {"v": 1}, {"v": [1, 2]}, {"v": {"path": ["title"]}}))
        for text in _complaints(endpoint, query, given):
            assert text not in ("", INTERNAL_ERROR), query


def _complaints(endpoint: Endpoint, query: str, given: Mapping[str, Any]) -> list[str]:
    try:
        answer = endpoint.execute(query, given)
    except WeaveletError as refused:
        return [str(refused)]
    return [error["message"] for error in answer.get("errors", ())]


@pytest.mark.parametrize(
    "query", ["{" * 20_000, "{Get{Dish(where:" + "{operands:[" * 3_000, "\x00", "{Get{Dish{title}}}" * 500]
)
def test_queries_that_only_look_like_some_are_refused(endpoint: Endpoint, query: str) -> None:
    assert endpoint.execute(query)["errors"][0]["message"] not in ("", INTERNAL_ERROR)
