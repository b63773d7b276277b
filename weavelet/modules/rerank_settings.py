"""What a collection may say of its reranker beside what the module itself knows.

    {"reranker-transformers": {"rerankCandidates": 50, "rerankMinimumScore": 0.0, "rerankMix": 0.5}}

Weaviate has none of these, and without them a search is reranked as Weaviate does it: its page, by score alone.
"""

from dataclasses import dataclass
from typing import Any

from weavelet.errors import InvalidSchema
from weavelet.schema.collection import Settings

_CANDIDATES = "rerankCandidates"
_MINIMUM = "rerankMinimumScore"
_MIX = "rerankMix"


@dataclass(frozen=True, slots=True)
class RerankSettings:
    """`candidates`: how many hits are scored, of which the page is then cut; None scores the page itself.

    Rows that score less than `minimum_score` are left out. `mix` is how much the order of the search counts beside
    the scores: 0 not at all, 0.5 as much as they do.
    """

    candidates: int | None = None
    minimum_score: float | None = None
    mix: float = 0.0

    @classmethod
    def read(cls, settings: Settings) -> "RerankSettings":
        """Raises `InvalidSchema` naming the setting that makes no sense, and what it may be."""
        return cls(
            candidates=_candidates(settings.get(_CANDIDATES)),
            minimum_score=_number(_MINIMUM, settings.get(_MINIMUM)),
            mix=_mix(_number(_MIX, settings.get(_MIX))),
        )


def _candidates(value: Any) -> int | None:
    if value is None:
        return None
    if not _is_number(value) or value != int(value) or value < 1:
        raise InvalidSchema(f"{_CANDIDATES} must be a whole number from 1 on, got {value!r}")
    return int(value)


def _number(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if not _is_number(value):
        raise InvalidSchema(f"{name} must be a number, got {value!r}")
    return float(value)


def _mix(value: float | None) -> float:
    if value is not None and not 0 <= value <= 1:
        raise InvalidSchema(f"{_MIX} must be between 0 and 1, got {value:g}")
    return value or 0.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
