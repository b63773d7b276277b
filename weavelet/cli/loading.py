"""Importing in less time. Standard library only."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """For what makes many objects that stay: looking for garbage among them takes a tenth of an import, and finds none.

    They are left out of every later search as well.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
