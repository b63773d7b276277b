"""Large pages under memory that a library takes for itself and then walks at random.

A graph of a million vectors is a quarter of a million small pages, more than a processor remembers the places of, so
that most steps of a walk look a place up first: a tenth of a question's time. Only Linux can be asked for large pages,
and only where it lets programs ask; elsewhere, and where it refuses, nothing happens.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

_WORTH_ASKING = 4 << 20
_MADV_HUGEPAGE, _MADV_COLLAPSE = 14, 25
_MAPS = "/proc/self/maps"

Range = tuple[int, int]


class HugePages:
    """Asks for large pages under what has been mapped since it was last called, or made."""

    def __init__(self) -> None:
        self._advise = _madvise()
        self._known = set(self._ranges())

    def ask(self, *, collapse: bool = False) -> None:
        """`collapse`: also under what has been written to already, which is copied for it."""
        if self._advise is None:
            return
        now = set(self._ranges())
        for start, end in now - self._known:
            self._advise(start, end - start, _MADV_HUGEPAGE)
            if collapse:
                self._advise(start, end - start, _MADV_COLLAPSE)
        self._known = now

    def _ranges(self) -> Iterator[Range]:
        """Large private memory without a file behind it."""
        if self._advise is None:
            return
        with suppress(OSError), open(_MAPS) as maps:
            for line in maps:
                place, rights, *rest = line.split()
                start, end = (int(edge, 16) for edge in place.split("-"))
                if rights == "rw-p" and len(rest) == 3 and end - start >= _WORTH_ASKING:
                    yield start, end


def _madvise() -> Callable[[int, int, int], int] | None:
    if sys.platform != "linux":
        return None
    try:
        advise = ctypes.CDLL(None).madvise
    except (OSError, AttributeError):
        return None
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    return advise
