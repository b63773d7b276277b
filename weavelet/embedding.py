"""Query vectors: what a vector leg searches for, made of given vectors, of text, or of another object.

The only step of a search that may wait for an inference container. One vector comes back per target of the leg, in
the order of its targets.
"""

from collections.abc import Sequence

from weavelet.engine.database import Database
from weavelet.engine.plan import Plan, VectorLeg
from weavelet.engine.query import Move, NearObject, NearText, NearVector
from weavelet.engine.shard import Shard
from weavelet.engine.target_check import check_vector
from weavelet.errors import InvalidObject, InvalidQuery, ModuleError
from weavelet.handlers import waiting
from weavelet.modules.base import Call, Task, Vectorizer
from weavelet.modules.moves import mean, moved_away, moved_to, movement_target
from weavelet.modules.registry import Registry
from weavelet.schema import validate
from weavelet.schema.collection import NO_VECTORIZER, VectorConfig
from weavelet.schema.objects import Vector


class QueryVectors:
    """Makes the query vectors of plans."""

    def __init__(self, registry: Registry, database: Database) -> None:
        self._registry = registry
        self._database = database

    def of(self, plan: Plan, shard: Shard, call: Call) -> tuple[Vector, ...]:
        """One vector per target of the plan's vector leg; none without one. Raises `WeaveletError`."""
        leg = plan.vector
        if leg is None:
            return ()
        match leg.source:
            case NearVector(vectors=vectors):
                return _one_each(vectors, leg)
            case NearObject(id=id, collection=collection):
                source = self._database.shard(collection) if collection else shard
                return tuple(self._object_vector(id, name, source, "nearObject params") for name in leg.targets)
            case NearText():
                text = leg.source
                made = {name: self._text_vector(text, name, plan, shard, call) for name in dict.fromkeys(leg.targets)}
                return tuple(made[name] for name in leg.targets)

    def _object_vector(self, id: str, name: str, shard: Shard, purpose: str) -> Vector:
        if not id:
            raise InvalidQuery(f"{purpose}: empty id and beacon")
        try:
            (found,) = shard.get([validate.canonical_id(id)], frozenset({name}))
        except InvalidObject as error:
            raise InvalidQuery(f'{purpose}: parse uuid "{id}": {error}') from error
        if found is None:
            raise InvalidQuery(f"{purpose}: vector not found")
        if name not in found.vectors:
            raise InvalidQuery(f"{purpose}: nearObject search-object with id {id} has no vector")
        return found.vectors[name]

    def _text_vector(self, source: NearText, name: str, plan: Plan, shard: Shard, call: Call) -> Vector:
        config = plan.collection.vectors.get(name)
        if config is None or config.vectorizer == NO_VECTORIZER:
            raise InvalidQuery(_no_vectorizer(source, plan))
        module = self._registry.vectorizer(config.vectorizer)
        vector = mean(self._embed(source.concepts, module, config, call))
        if source.move_to is not None and source.move_to.force:
            target = self._move_target(source.move_to, "vectorize move to", module, config, shard, call)
            vector = moved_to(vector, target, source.move_to.force)
        if source.move_away is not None and source.move_away.force:
            target = self._move_target(source.move_away, "vectorize move away from", module, config, shard, call)
            vector = moved_away(vector, target, source.move_away.force)
        return vector

    def _move_target(
        self, move: Move, purpose: str, module: Vectorizer, config: VectorConfig, shard: Shard, call: Call
    ) -> Vector:
        concepts = self._embed(move.concepts, module, config, call)
        objects = [self._object_vector(id, config.name, shard, purpose) for id in move.objects]
        return movement_target(concepts, objects)

    def _embed(self, texts: Sequence[str], module: Vectorizer, config: VectorConfig, call: Call) -> list[Vector]:
        vectors: list[Vector] = []
        with waiting():
            answers = module.vectorize(texts, Task.QUERY, config.settings, call)
        for made in answers:
            if isinstance(made, ModuleError):
                raise made
            vectors.append(made)
        return vectors


def given(vector: Vector | None, plan: Plan) -> tuple[Vector, ...]:
    """The vector for each target of the plan's vector leg; none without one. Raises `InvalidQuery`."""
    if vector is None:
        return ()
    check_vector(vector)
    return () if plan.vector is None else (vector,) * len(plan.vector.targets)


def _one_each(vectors: Sequence[Vector], leg: VectorLeg) -> tuple[Vector, ...]:
    if len(vectors) == len(leg.targets):
        return tuple(vectors)
    if len(vectors) == 1:
        return (vectors[0],) * len(leg.targets)
    raise InvalidQuery(
        f"{len(vectors)} query vectors do not fit {len(leg.targets)} target vectors: give one vector, or one for each"
    )


def _no_vectorizer(source: NearText, plan: Plan) -> str:
    if plan.fuse is not None:
        text = source.concepts[0]
        return f"VectorFromInput was called without vectorizer on class {plan.collection.name} for input {text}"
    return (
        f"could not vectorize input for collection {plan.collection.name} with search-type nearText. "
        "Make sure a vectorizer module is configured for this collection"
    )
