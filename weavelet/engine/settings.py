"""What the engine is told from outside, as one frozen value.

`weavelet.app` fills it in from the environment; tests write the fields they care about. Imports nothing of ours.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    graph: Literal["usearch", "hnswlib"] = "usearch"
    """Which library graphs are built with."""
    graph_threshold: int = 250_000
    """Vectors from which on a slot builds a graph."""
    quantised_threshold: int = 4_000
    """Vectors from which on a slot scans 4-bit codes instead of the vectors."""
    background_codes: int = 50_000
    """Vectors from which on opening a slot does not wait for their codes."""
    synchronous_full: bool = True
    """Whether a commit waits until the machine could lose power; False: only until the process could be killed."""
    async_indexing: bool = False
    """Whether the background indexer may run behind the acknowledged writes."""
    nested_filters: bool = False
    """Whether filters may look into object properties."""
    snapshot_changes: int = 10_000
    """Changes since the last snapshot of a shard's indexes from which on the next one is worth its time."""
    open_tenants: int = 256
    """Tenants whose files are open at a time; of more than that the ones used longest ago rest."""
    tenant_idle_seconds: float = 300.0
    """A tenant nobody has asked for during so many seconds rests."""
    document_numbers: int = 2**32 - 2
    """Document numbers a shard can give before it must give all of its documents new ones."""
    spare_numbers: int = 200_000
    """Document numbers that may belong to nothing before opening a shard gives all of its documents new ones."""
