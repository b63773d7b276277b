"""What happens to the rows that a search found: rerank, then generate.

Stages see rows, not indexes, and may wait for inference containers. Which modules a request needs is settled by
`Stages.prepare` before anything is searched, so a request that cannot be served costs nothing. `reranking.py` has the
first of the two; a pool of candidates is ranked before it is cut to the page and grouped, everything else after.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from weavelet.engine.query import Generate, Generated, Page, Pick, Reply, Rerank, Row, SearchRequest, Want
from weavelet.errors import InvalidQuery, ModuleError
from weavelet.handlers import waiting
from weavelet.modules.base import Call, Generator
from weavelet.modules.registry import Registry
from weavelet.modules.texts import as_text
from weavelet.reranking import Reranking, prepared
from weavelet.schema.collection import Collection, Settings

_PLACEHOLDER = re.compile(r"\{([\s\w]*)\}")
_PREFIX = "generative-"
_WINDOW = 8
"""How many of a page's rows are written about side by side."""


@dataclass(frozen=True, slots=True)
class Generating:
    """A generation that can run."""

    name: str
    module: Generator
    settings: Settings
    ask: Generate

    def apply(self, reply: Reply, call: Call) -> Reply:
        if self.ask.prompt and reply.groups is None:
            prompts = [self._filled(self.ask.prompt, row) for row in reply.rows]
            written = _side_by_side(lambda prompt: self._written(prompt, call), prompts)
            rows = zip(reply.rows, written, strict=True)
            reply = replace(reply, rows=tuple(replace(row, generated=one) for row, one in rows))
        if self.ask.task and (reply.rows or reply.groups):
            reply = replace(reply, generated=self._grouped(reply, self.ask.task, call))
        return reply

    def _filled(self, prompt: str, row: Row) -> str:
        """The prompt with the row's values in the place of the properties' names."""

        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name not in row.object.properties:
                raise InvalidQuery(
                    f"Following property has empty value: '{name}'. Make sure you spell the property name correctly, "
                    "verify that the property exists and has a value"
                )
            return as_text(row.object.properties[name])

        return _PLACEHOLDER.sub(value, prompt)

    def _grouped(self, reply: Reply, task: str, call: Call) -> Generated:
        rows = reply.rows or tuple(row for group in reply.groups or () for row in group.rows)
        chosen = [_texts(row.object.properties, self.ask.task_properties) for row in rows]
        return self._written(f"{task}: {_json(chosen)}", call)

    def _written(self, prompt: str, call: Call) -> Generated:
        shown = prompt if self.ask.debug else None
        try:
            written = self.module.generate(prompt, self.settings, call)
        except ModuleError as error:
            return Generated("", shown, str(error))
        provider = self.name.removeprefix(_PREFIX)
        return Generated(written.text, shown, provider=provider, metadata=written.metadata if self.ask.metadata else {})


@dataclass(frozen=True, slots=True)
class Run:
    """The stages of one request."""

    reranking: Reranking | None
    generating: Generating | None
    reads: tuple[str, ...]

    @property
    def stages(self) -> bool:
        """Whether there are any."""
        return self.reranking is not None or self.generating is not None

    def wanted(self, want: Want) -> Want:
        """What must be fetched: what is shown, and what the stages read."""
        if want.properties is None or not self.reads:
            return want
        shown = {_name(pick) for pick in want.properties}
        return replace(want, properties=(*want.properties, *(name for name in self.reads if name not in shown)))

    def pool(self, page: Page) -> int | None:
        """How many hits the search must find for this page; None where the page itself is enough."""
        return None if self.reranking is None else self.reranking.pool(page)

    def paged(self, rows: Sequence[Row], page: Page, call: Call) -> Sequence[Row]:
        """The page of what was found: the rows as they are, or cut from a ranked pool. Raises `ModuleError`."""
        if self.reranking is None or self.reranking.pool(page) is None:
            return rows
        with waiting():
            return self.reranking.paged(rows, page, call)

    def apply(self, reply: Reply, page: Page, call: Call) -> Reply:
        """The stages that see the page. Raises `ModuleError`."""
        if not self.stages:
            return reply
        with waiting():
            if self.reranking is not None and self.reranking.pool(page) is None:
                reply = self.reranking.apply(reply, call)
            return reply if self.generating is None else self.generating.apply(reply, call)


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
        return prepared(ask, request, collection, self._registry.reranker_for(collection, ask.module))

    def _generating(self, ask: Generate, collection: Collection) -> Generating:
        chosen = self._registry.generator_for(collection, ask.provider)
        return Generating(chosen.name, chosen.module, {**chosen.settings, **ask.options}, ask)


def _side_by_side(write: Callable[[str], Generated], prompts: Sequence[str]) -> list[Generated]:
    """Everything written, several prompts at a time, in order."""
    if len(prompts) < 2:
        return [write(prompt) for prompt in prompts]
    with ThreadPoolExecutor(min(len(prompts), _WINDOW), thread_name_prefix="generate") as pool:
        return list(pool.map(write, prompts))


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
        names.extend(request.rerank.properties)
    if request.group_by is not None:
        names.extend(request.group_by.path[:1])
    if request.generate is not None:
        names.extend(request.generate.task_properties)
        names.extend(_PLACEHOLDER.findall(request.generate.prompt or ""))
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _name(pick: Pick) -> str:
    return pick if isinstance(pick, str) else pick.name
