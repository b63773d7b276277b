"""Writes, as a shard is given them."""

from dataclasses import dataclass
from typing import TypeAlias

from weavelet.schema.objects import Object


@dataclass(frozen=True, slots=True)
class Put:
    """Store the object under its id, in place of whatever was there."""

    object: Object


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the object of this id; nothing happens where there is none.

    With `doc`, only as it was found under that document number: one that was written since stays.
    """

    id: str
    doc: int | None = None


Change: TypeAlias = Put | Delete
