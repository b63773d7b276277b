"""Recorded answers of the original, asked again of a server of ours.

`expected.json` says per file how many cases must pass, and names those that are known to differ. Run
`python -m tests.golden` to see how, and with --write to record progress.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.golden.running import Recorded, profiles, replay, server

EXPECTED = json.loads((Path(__file__).parent / "expected.json").read_text())

Servers = Callable[[str], Recorded]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A running server for each profile that is asked for."""
    with ExitStack() as stack:
        started: dict[str, Recorded] = {}

        def of(profile: str) -> Recorded:
            if profile not in started:
                folder = tmp_path_factory.mktemp(profile)
                started[profile] = stack.enter_context(server(profile, folder))
            return started[profile]

        yield of


def _file(name: str) -> Any:
    """Loading thousands of documents takes as long as all the other files together."""
    return pytest.param(name, marks=pytest.mark.slow) if name.startswith("scifact") else name


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", map(_file, sorted(EXPECTED)))
def test_recorded_requests_are_answered_alike(name: str, servers: Servers) -> None:
    results = replay(servers(profiles()[name]), name)
    failed = {result.name: result.differences[:3] for result in results if result.failed}
    surprises = {case: found for case, found in failed.items() if case not in EXPECTED[name]["failed"]}
    assert not surprises
    assert sum(result.passed for result in results) >= EXPECTED[name]["passed"]
