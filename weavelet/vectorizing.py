"""Vectors for objects that came without them: the text of each, sent to the collection's vectorizers.

Only what is missing is made: a vector the caller supplied is kept, and so is the stored one where the object exists
with the same text. Texts for one vectorizer go out together, so that the module can send them side by side.
"""

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from weavelet.engine.shard import Shard
from weavelet.errors import ModuleError, WeaveletError
from weavelet.modules.base import Call, Task
from weavelet.modules.registry import Registry
from weavelet.modules.texts import corpus_text
from weavelet.schema.collection import NO_VECTORIZER, UNNAMED, VectorConfig
from weavelet.schema.objects import Object, Vector

_WINDOW = 8
"""How many vectorizers are asked at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An object on its way into a shard.

    `stored` is the object it takes the place of, where that is known. With `merging`, vectors that nobody sends and
    no module makes stay as they are stored.
    """

    shard: Shard
    object: Object
    stored: Object | None = None
    merging: bool = False


@dataclass(frozen=True, slots=True)
class _Job:
    """One text of one draft, for one of its collection's vectors."""

    position: int
    config: VectorConfig
    text: str


class ObjectVectors:
    """Fills in the vectors of drafts. With `reuse`, unchanged text keeps its stored vector."""

    def __init__(self, registry: Registry, reuse: bool = True) -> None:
        self._registry = registry
        self._reuse = reuse

    def fill(self, drafts: Sequence[Draft | WeaveletError], call: Call) -> list[Draft | WeaveletError]:
        """The same drafts with their vectors complete; one whose vector could not be made becomes its error."""
        filled = [_keep_own(draft) if isinstance(draft, Draft) else draft for draft in drafts]
        jobs = [
            _Job(position, config, text)
            for position, draft in enumerate(filled)
            if isinstance(draft, Draft)
            for config in _to_make(draft)
            if (text := corpus_text(draft.shard.collection, config, draft.object.properties)) is not None
        ]
        if self._reuse:
            jobs = _reused(jobs, filled)
        by_config: dict[int, list[_Job]] = defaultdict(list)
        for job in jobs:
            by_config[id(job.config)].append(job)
        groups = list(by_config.values())
        for group, made in zip(groups, self._all_made(groups, call), strict=True):
            for job, vector in zip(group, made, strict=True):
                filled[job.position] = _with_vector(filled[job.position], job.config.name, vector)
        return filled

    def _all_made(self, groups: Sequence[Sequence[_Job]], call: Call) -> list[Sequence[Vector | ModuleError]]:
        """The vectors of each group; those of several configurations are made side by side."""
        if len(groups) < 2:
            return [self._made(group, call) for group in groups]
        with ThreadPoolExecutor(min(len(groups), _WINDOW), thread_name_prefix="vectorize") as pool:
            return list(pool.map(lambda group: self._made(group, call), groups))

    def _made(self, jobs: Sequence[_Job], call: Call) -> Sequence[Vector | ModuleError]:
        config = jobs[0].config
        try:
            module = self._registry.vectorizer(config.vectorizer)
            return module.vectorize([job.text for job in jobs], Task.PASSAGE, config.settings, call)
        except ModuleError as error:
            return [error] * len(jobs)


def _to_make(draft: Draft) -> list[VectorConfig]:
    return [
        config
        for name, config in draft.shard.collection.vectors.items()
        if config.vectorizer != NO_VECTORIZER and name not in draft.object.vectors
    ]


def _keep_own(draft: Draft) -> Draft:
    """A merged object keeps the vectors that its owner once sent."""
    if not draft.merging or draft.stored is None:
        return draft
    own = {
        name: vector
        for name, vector in draft.stored.vectors.items()
        if (config := draft.shard.collection.vectors.get(name)) is not None and config.vectorizer == NO_VECTORIZER
    }
    return replace(draft, object=replace(draft.object, vectors={**own, **draft.object.vectors}))


def _reused(jobs: Sequence[_Job], filled: list[Draft | WeaveletError]) -> list[_Job]:
    """Give drafts the stored vectors whose text has not changed; the jobs that remain."""
    stored = _stored_objects({job.position for job in jobs}, filled)
    remaining = []
    for job in jobs:
        draft, before = filled[job.position], stored.get(job.position)
        vector = before.vectors.get(job.config.name) if before is not None else None
        if (
            isinstance(draft, Draft)
            and before is not None
            and vector is not None
            and corpus_text(draft.shard.collection, job.config, before.properties) == job.text
        ):
            filled[job.position] = _with_vector(draft, job.config.name, vector)
        else:
            remaining.append(job)
    return remaining


def _stored_objects(positions: set[int], filled: Sequence[Draft | WeaveletError]) -> dict[int, Object]:
    """What is stored now under the ids of those drafts, read in one go per shard."""
    found: dict[int, Object] = {}
    unknown: dict[int, list[tuple[int, Draft]]] = defaultdict(list)
    for position in positions:
        draft = filled[position]
        if isinstance(draft, Draft):
            if draft.stored is not None:
                found[position] = draft.stored
            else:
                unknown[id(draft.shard)].append((position, draft))
    for asked in unknown.values():
        objects = asked[0][1].shard.get([draft.object.id for _, draft in asked], None)
        found.update(
            (position, stored) for (position, _), stored in zip(asked, objects, strict=True) if stored is not None
        )
    return found


def _with_vector(draft: Draft | WeaveletError, name: str, vector: Vector | ModuleError) -> Draft | WeaveletError:
    if isinstance(draft, WeaveletError):
        return draft
    if isinstance(vector, ModuleError):
        if name == UNNAMED:
            return type(vector)(f"update vector: {vector}")
        return type(vector)(f"vectorize target vector {name}: update vector: {vector}")
    return replace(draft, object=replace(draft.object, vectors={**draft.object.vectors, name: vector}))
