"""The official Python client's own integration suite, against our server.

    python -m tests.conformance.run [LIST ...]

Runs the suite's items by list, a list being what needs the same servers, and compares the outcome with
`expected.json`, where every item that is not expected to pass is named with the reason. One that fails without being
named is tried once more by itself; if it fails again it is a regression, and so is one that is skipped or has no
result; then the exit code is 1. What pytest and the servers print goes to a log beside the suite in the cache.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.conformance import servers, suite

HERE = Path(__file__).parent
LISTS = {
    "plain_8080": ("main",),
    "text_vectorizer": ("main",),
    "dummy_modules": ("main",),
    "port_8087": ("main",),
    "async_8090": ("main", "async"),
    "modules_8086": ("main", "modules"),
    "auth_oidc": ("main", "keys"),
    "rbac_8092": ("rbac",),
    "backup_8093": ("backup",),
}
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
_WORKERS = "2"
_LIST_SECONDS = 1200
_SILENT_SECONDS = 330
"""Longer than the suite lets any test take: after 300 seconds it ends the worker itself."""
_REPORT_SECONDS = 30
_MOST_DOUBTFUL = 10
"""More failures than this are no accident."""

Results = Mapping[str, str]
"""What became of each item: PASSED, FAILED or SKIPPED."""


@dataclass(frozen=True)
class Expected:
    """The items of a list that are not expected to pass, and why."""

    failed: Mapping[str, str]
    skipped: Mapping[str, str]

    def of(self, item: str) -> str:
        return FAILED if item in self.failed else SKIPPED if item in self.skipped else PASSED


def main() -> int:
    expected = {name: Expected(**items) for name, items in json.loads((HERE / "expected.json").read_text()).items()}
    parser = argparse.ArgumentParser(description="The official client's integration suite against weavelet.")
    parser.add_argument("lists", nargs="*", help=f"any of {', '.join(LISTS)}; none: those in expected.json")
    chosen = parser.parse_args().lists or list(expected)
    python, folder = suite.interpreter(), suite.fetched()
    complaints = 0
    for name in chosen:
        started = time.monotonic()
        items = (HERE / "lists" / f"{name}.txt").read_text().splitlines()
        wanted = expected.get(name, Expected({}, {}))
        results = run(name, items, python, folder)
        doubtful = [item for item, outcome in results.items() if outcome == FAILED != wanted.of(item)]
        if doubtful and len(doubtful) <= _MOST_DOUBTFUL:
            print(f"{name}: once more by themselves: {', '.join(doubtful)}", flush=True)
            results = {**results, **run(name, doubtful, python, folder, "-again")}
        print(f"{name}: {_counts(results)}, {time.monotonic() - started:.0f} s", flush=True)
        complaints += report(results, wanted)
    return 1 if complaints else 0


def run(name: str, items: Sequence[str], python: Path, folder: Path, suffix: str = "") -> Results:
    """Run items of one list against servers of its own. `suffix`: of the names of what it writes."""
    report, log, chosen = (suite.CACHE / f"{name}{suffix}.{ending}" for ending in ("xml", "log", "txt"))
    report.unlink(missing_ok=True)
    chosen.write_text("\n".join(item for item in items if item))
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", _WORKERS, "--dist", "loadgroup"]
    command += [f"--junit-xml={report}", "-o", "junit_family=xunit1", "-o", "addopts=", "--tb=short"]
    command += [f"@{chosen}"]
    with ExitStack() as stack:
        output = stack.enter_context(log.open("w"))
        for needed in LISTS[name]:
            stack.enter_context(servers.running(needed, output))
        with subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process:
            _see_to_the_end(process, name, log)
    return results_of(items, report)


def _see_to_the_end(process: subprocess.Popen[bytes], name: str, log: Path) -> None:
    """Wait for pytest. Where it takes too long, or says nothing for long, it is interrupted, so that it still reports.

    With pytest-xdist it waits for ever for tests that were handed to a worker which has died since.
    """
    started = said = time.monotonic()
    size = -1
    while process.poll() is None:
        now = time.monotonic()
        if log.stat().st_size != size:
            said, size = now, log.stat().st_size
        if now - said > _SILENT_SECONDS or now - started > _LIST_SECONDS:
            print(f"{name}: interrupted after {now - started:.0f} s", flush=True)
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_REPORT_SECONDS)
            process.kill()
            return
        time.sleep(0.5)


def results_of(items: Sequence[str], report: Path) -> Results:
    """From pytest's report; an item without a result has failed."""
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
    found: dict[str, str] = {}
    for case in cases:
        node = _node(case)
        kinds = {child.tag for child in case}
        outcome = FAILED if kinds & {"failure", "error"} else SKIPPED if "skipped" in kinds else PASSED
        found[node] = FAILED if found.get(node) == FAILED else outcome
    return {item: found.get(item, FAILED) for item in items if item}


def _node(case: ElementTree.Element) -> str:
    """The id of a test; the group that pytest-xdist writes behind its name is left out."""
    file, path, name = (case.get(key, "") for key in ("file", "classname", "name"))
    module = file.removesuffix(".py").replace("/", ".")
    classes = path.removeprefix(module).split(".")[1:]
    group = name.rpartition("@")[2]
    if group.isidentifier():
        name = name.removesuffix(f"@{group}")
    return "::".join((file, *classes, name))


def report(results: Results, expected: Expected) -> int:
    """Print what is not as expected. How much of that is for the worse."""
    worse = 0
    for item, outcome in sorted(results.items()):
        if outcome == expected.of(item):
            continue
        print(f"  {outcome}, expected to be {expected.of(item)}: {item}")
        worse += outcome != PASSED
    return worse


def _counts(results: Results) -> str:
    outcomes = list(results.values())
    return ", ".join(f"{outcomes.count(kind)} {kind}" for kind in (PASSED, FAILED, SKIPPED))


if __name__ == "__main__":
    sys.exit(main())
