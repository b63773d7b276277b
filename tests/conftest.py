"""What all tests have in common: how long an example takes on a busy machine says nothing about the code."""

from hypothesis import settings

settings.register_profile("weavelet", deadline=None)
settings.load_profile("weavelet")
