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
    """Remove the object of this id; nothing happens where there is none."""

    id: str


Change: TypeAlias = Put | Delete
