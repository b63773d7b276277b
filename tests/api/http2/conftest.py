"""A client whose connection has no socket."""

import pytest

from tests.api.http2.peer import Client


@pytest.fixture
def client() -> Client:
    return Client()
