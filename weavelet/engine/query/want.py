"""What of each hit is shown. The fetch reads nothing else."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class PickObject:
    """Some of an object property's own properties; `picks` None shows them all."""

    name: str
    picks: tuple["Pick", ...] | None


@dataclass(frozen=True, slots=True)
class PickReference:
    """The objects a reference points at, shown as `want` says. `collection` "": whichever they belong to."""

    name: str
    want: "Want"
    collection: str = ""


Pick: TypeAlias = str | PickObject | PickReference


@dataclass(frozen=True, slots=True)
class Want:
    """What of each hit is shown. The fetch reads nothing else.

    `properties` None: every property but references and blobs. `vectors`: names (`UNNAMED` for the unnamed one),
    or None for all of them; the empty set for none.
    """

    properties: tuple[Pick, ...] | None = None
    references: tuple[PickReference, ...] = ()
    """With `properties` None: references to show beside everything else."""
    vectors: frozenset[str] | None = frozenset()
    explain: bool = False
    certainty: bool = False
    profile: bool = False
