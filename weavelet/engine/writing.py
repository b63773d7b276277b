"""What a list of changes comes to: which objects to store, which to remove, and which changes are refused.

Nothing is written here. The last change to an id counts; an object equal to the stored one is left alone, so its
times stay; a vector of the wrong length refuses its own object and no other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import orjson

from weavelet.engine.ids import id_bytes
from weavelet.engine.indexes import Codec, Entry
from weavelet.engine.query import Change, Delete, Put
from weavelet.engine.store import Record
from weavelet.engine.vectors.slot import VectorSlot
from weavelet.errors import DimensionMismatch, InvalidVector, WeaveletError
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import Object, Vector


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be stored under an id: the object, its properties as JSON beside it, or nothing.

    With `doc`, nothing happens unless that is the document stored so far.
    """

    id: bytes
    object: Object | None
    properties: bytes = b""
    doc: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One id's way from what was stored to what is stored, either of which may be nothing."""

    id: bytes
    old: Entry | None
    new: Entry | None
    properties: bytes


class VectorChecks:
    """Whether objects' vectors fit the slots, and each other where a slot is still empty."""

    def __init__(self, collection: str, slots: Mapping[str, VectorSlot]) -> None:
        self._collection = collection
        self._slots = slots
        self._first: dict[str, int] = {}

    def check(self, object: Object) -> WeaveletError | None:
        """Why this object cannot be stored; None when it can."""
        for name, vector in object.vectors.items():
            slot = self._slots.get(name)
            if slot is None:
                return InvalidVector(f"collection {self._collection} does not have configuration for vector {name}")
            try:
                slot.check(vector)
                self._check_first(name, slot, vector)
            except DimensionMismatch as error:
                return DimensionMismatch(f"{_subject(name, object.id, vector)}: {error}")
            except InvalidVector as error:
                return error
        for name, vector in object.vectors.items():
            self._first.setdefault(name, vector.shape[-1])
        return None

    def _check_first(self, name: str, slot: VectorSlot, vector: Vector) -> None:
        """An empty slot takes any length; the first object of the batch decides."""
        length, wanted = vector.shape[-1], self._first.get(name)
        if slot.dimensions is None and wanted is not None and length != wanted:
            raise DimensionMismatch(
                f"new node has a vector with length {length}. Existing nodes have vectors with length {wanted}: "
                "vector dimensions do not match the index dimensions"
            )


def _subject(name: str, id: str, vector: Vector) -> str:
    if name == UNNAMED:
        return f"Validate vector index for {id}"
    return f"Validate vector index {name} for target {'multi ' if vector.ndim == 2 else ''}vector {id}"


def proposal(change: Change) -> Proposal:
    """The change in the form in which it is stored."""
    match change:
        case Put(object):
            properties = object.properties if isinstance(object.properties, dict) else dict(object.properties)
            return Proposal(id_bytes(object.id), object, orjson.dumps(properties))
        case Delete(id, doc):
            return Proposal(id_bytes(id), None, doc=doc)
        case _:
            assert_never(change)


def outcomes(
    proposals: Sequence[Proposal], check: Callable[[Object], WeaveletError | None]
) -> tuple[list[WeaveletError | None], dict[bytes, Proposal]]:
    """An error or None for each proposal, and of the accepted ones the last under each id that can still happen."""
    errors: list[WeaveletError | None] = []
    final: dict[bytes, Proposal] = {}
    for wanted in proposals:
        error = None if wanted.object is None else check(wanted.object)
        errors.append(error)
        if error is None and (wanted.doc is None or wanted.id not in final):
            final[wanted.id] = wanted
    return errors, final


def without_repeats(
    final: Mapping[bytes, Proposal], old: Mapping[bytes, Record], codec: Codec, slots: Mapping[str, VectorSlot]
) -> list[Proposal]:
    """Only the proposals that change what is stored."""
    return [wanted for id, wanted in final.items() if not _repeats(wanted, old.get(id), codec, slots)]


def _repeats(wanted: Proposal, record: Record | None, codec: Codec, slots: Mapping[str, VectorSlot]) -> bool:
    if wanted.doc is not None and (record is None or record.doc != wanted.doc):
        return True
    if wanted.object is None or record is None:
        return wanted.object is None and record is None
    if wanted.properties != record.properties and wanted.object.properties != codec.object(record).properties:
        return False
    vectors = wanted.object.vectors
    return codec.rows(record).keys() == vectors.keys() and all(
        _same_vector(vector, slots[name].vector(record.doc)) for name, vector in vectors.items()
    )


def _same_vector(new: Vector, old: Vector | None) -> bool:
    return old is not None and np.array_equal(new, old)


def place(objects: Sequence[Object], first_doc: int, slots: Mapping[str, VectorSlot]) -> list[Entry]:
    """Give each object its document number and its vectors their rows. The vectors are durable on return."""
    rows: list[dict[str, int]] = [{} for _ in objects]
    for name, slot in slots.items():
        holders = [position for position, object in enumerate(objects) if name in object.vectors]
        if not holders:
            continue
        placed = slot.append([objects[position].vectors[name] for position in holders])
        for position, row in zip(holders, placed, strict=True):
            rows[position][name] = int(row)
        slot.sync()
    return [Entry(first_doc + n, object, rows[n]) for n, object in enumerate(objects)]
