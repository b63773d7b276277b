"""Recorded answers of the original, asked again of a server of ours.

`expected.json` says how many cases of each file must be answered alike, and names those that differ on purpose. Run
`python -m tests.golden` to see how, and with --write to record progress.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.golden.expecting import PAGE, Expected
from tests.golden.replaying import load
from tests.golden.running import Recorded, profiles, replay, server

EXPECTED = Expected()

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
    """Loading thousands of documents takes as long as half of the other files together."""
    return pytest.param(name, marks=pytest.mark.slow) if name.startswith("scifact") else name


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [_file(name) for name in sorted(EXPECTED.outcomes)])
def test_recorded_requests_are_answered_alike(name: str, servers: Servers) -> None:
    assert EXPECTED.complaints(name, replay(servers(profiles()[name]), name)) == []


def test_every_file_is_replayed() -> None:
    assert EXPECTED.outcomes.keys() == profiles().keys()


def test_deviations_are_about_recorded_cases() -> None:
    for deviation in EXPECTED.deviations:
        for name, cases in deviation.cases.items():
            assert set(cases) <= {case["name"] for case in load(name)}


def test_nearly_everything_is_the_same() -> None:
    """At least 92 of 100 to the last character."""
    cases = sum(len(load(name)) for name in EXPECTED.outcomes)
    assert sum(outcome.passed for outcome in EXPECTED.outcomes.values()) >= 0.92 * cases


def test_the_compatibility_page_has_the_present_tables() -> None:
    text = PAGE.read_text()
    assert EXPECTED.page(text) == text
