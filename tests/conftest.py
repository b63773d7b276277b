"""What all tests have in common.

How long an example takes on a busy machine says nothing about the code. What is there before the first test stays to
the end: looking for garbage among it takes longer than many a test. It is looked for as seldom as in a server.
"""

import gc

from hypothesis import settings

settings.register_profile("weavelet", deadline=None)
settings.load_profile("weavelet")


GARBAGE_THRESHOLDS = (20_000, 20, 20)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
