"""What happens to a page of results after the search: rerank, then generate.

Stages see rows, not indexes, and may wait for inference containers. Which modules a request needs is settled by
`Stages.prepare` before anything is searched, so a request that cannot be served costs nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from weavelet.engine.query import (
    Generate,
    Generated,
    Group,
    Hybrid,
    Keyword,
    NearText,
    Pick,
    Reply,
    Rerank,
    Row,
    SearchRequest,
    Target,
    Want,
)
from weavelet.errors import InvalidQuery, ModuleError
from weavelet.modules.base import Call, Generator, Reranker
from weavelet.modules.registry import Registry
from weavelet.schema.collection import Collection, Settings

_PLACEHOLDER = re.compile(r"\{([\s\w]*)\}")


@dataclass(frozen=True, slots=True)
class Reranking:
    """A rerank that can run: the module, its settings, and what it is asked."""

    module: Reranker
    settings: Settings
    property: str
    query: str

    def apply(self, reply: Reply, call: Call) -> Reply:
        """The rows (or groups, by their first row) in order of their new scores; equal scores keep their order."""
        if reply.groups is not None:
            return replace(reply, groups=self._groups(reply.groups, call))
        if not reply.rows:
            return reply
        scores = self._scores(reply.rows, call)
        scored = [replace(row, rerank_score=score) for row, score in zip(reply.rows, scores, strict=True)]
        return replace(reply, rows=tuple(sorted(scored, key=lambda row: -(row.rerank_score or 0.0))))

    def _groups(self, groups: Sequence[Group], call: Call) -> tuple[Group, ...]:
        if not groups:
            return ()
        scores = self._scores([group.rows[0] for group in groups], call)
        scored = [replace(group, rerank_score=score) for group, score in zip(groups, scores, strict=True)]
        return tuple(sorted(scored, key=lambda group: -(group.rerank_score or 0.0)))

    def _scores(self, rows: Sequence[Row], call: Call) -> Sequence[float]:
        documents = [document_text(row.object.properties.get(self.property)) for row in rows]
        scores = self.module.rerank(self.query, documents, self.settings, call)
        if len(scores) != len(documents):
            raise ModuleError(
                f"{self.module.name}: the reranker returned {len(scores)} scores for {len(documents)} documents"
            )
        return scores


@dataclass(frozen=True, slots=True)
class Generating:
    """A generation that can run."""

    module: Generator
    settings: Settings
    ask: Generate

    def apply(self, reply: Reply, call: Call) -> Reply:
        if self.ask.prompt and reply.groups is None:
            rows = tuple(replace(row, generated=self._single(row, self.ask.prompt, call)) for row in reply.rows)
            reply = replace(reply, rows=rows)
        if self.ask.task and (reply.rows or reply.groups):
            reply = replace(reply, generated=self._grouped(reply, self.ask.task, call))
        return reply

    def _single(self, row: Row, prompt: str, call: Call) -> Generated:
        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name not in row.object.properties:
                raise InvalidQuery(
                    f"Following property has empty value: '{name}'. Make sure you spell the property name correctly, "
                    "verify that the property exists and has a value"
                )
            return document_text(row.object.properties[name])

        return self._written(_PLACEHOLDER.sub(value, prompt), call)

    def _grouped(self, reply: Reply, task: str, call: Call) -> Generated:
        rows = reply.rows or tuple(row for group in reply.groups or () for row in group.rows)
        chosen = [_texts(row.object.properties, self.ask.task_properties) for row in rows]
        return self._written(f"{task}: {_json(chosen)}", call)

    def _written(self, prompt: str, call: Call) -> Generated:
        shown = prompt if self.ask.debug else None
        try:
            return Generated(self.module.generate(prompt, self.settings, call).text, shown)
        except ModuleError as error:
            return Generated("", shown, str(error))


@dataclass(frozen=True, slots=True)
class Run:
    """The stages of one request."""

    reranking: Reranking | None
    generating: Generating | None
    reads: tuple[str, ...]

    def wanted(self, want: Want) -> Want:
        """What must be fetched: what is shown, and what the stages read."""
        if want.properties is None or not self.reads:
            return want
        shown = {_name(pick) for pick in want.properties}
        return replace(want, properties=(*want.properties, *(name for name in self.reads if name not in shown)))

    def apply(self, reply: Reply, call: Call) -> Reply:
        """Run the stages in order. Raises `ModuleError`."""
        if self.reranking is not None:
            reply = self.reranking.apply(reply, call)
        if self.generating is not None:
            reply = self.generating.apply(reply, call)
        return reply


class Stages:
    """Finds the modules for the stages that requests ask for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def prepare(self, request: SearchRequest, collection: Collection) -> Run:
        """Raises `InvalidQuery` where a stage cannot run for this collection."""
        reranking = self._reranking(request.rerank, request, collection) if request.rerank else None
        generating = self._generating(request.generate, collection) if request.generate else None
        return Run(reranking, generating, _reads(request))

    def _reranking(self, ask: Rerank, request: SearchRequest, collection: Collection) -> Reranking:
        chosen = self._registry.reranker_for(collection, ask.module)
        if not ask.property:
            raise InvalidQuery("rerank: no properties provided")
        if collection.property_named(ask.property) is None:
            known = ", ".join(prop.name for prop in collection.properties if prop.is_text)
            raise InvalidQuery(
                f"rerank: no such property '{ask.property}' in class '{collection.name}', "
                f"its text properties are: {known}"
            )
        query = ask.query if ask.query is not None else searched_text(request.target)
        return Reranking(chosen.module, chosen.settings, ask.property, query)

    def _generating(self, ask: Generate, collection: Collection) -> Generating:
        chosen = self._registry.generator_for(collection, ask.provider)
        return Generating(chosen.module, {**chosen.settings, **ask.options}, ask)


def searched_text(target: Target) -> str:
    """The text that a search looks for, for stages that are given none; "" where it looks for none."""
    match target:
        case NearText(concepts=concepts):
            return " ".join(concepts)
        case Keyword(query=query) | Hybrid(query=query):
            return query
        case _:
            return ""


def document_text(value: Any) -> str:
    """A property's value as text: strings as they are, the elements of an array joined by spaces."""
    match value:
        case str():
            return value
        case None:
            return ""
        case list():
            return " ".join(document_text(element) for element in value)
        case dict():
            return _json(value)
        case _:
            return str(value)


def _texts(properties: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """The properties a model is shown: text as it is, everything else as JSON."""
    chosen = sorted(name for name in names or properties if name in properties)
    return {name: value if isinstance(value := properties[name], str) else _json(value) for name in chosen}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _reads(request: SearchRequest) -> tuple[str, ...]:
    """Properties that steps after the fetch look at, whether or not they are shown."""
    names: list[str] = []
    if request.rerank is not None:
        names.append(request.rerank.property)
    if request.group_by is not None:
        names.extend(request.group_by.path[:1])
    if request.generate is not None:
        names.extend(request.generate.task_properties)
        names.extend(_PLACEHOLDER.findall(request.generate.prompt or ""))
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _name(pick: Pick) -> str:
    return pick if isinstance(pick, str) else pick.name
