"""What the runner makes of pytest's report."""

from pathlib import Path

import pytest

from tests.conformance.run import FAILED, PASSED, SKIPPED, Expected, report, results_of

REPORT = """<testsuites><testsuite>
<testcase file="integration/test_a.py" classname="integration.test_a" name="test_one[x@y-1]"/>
<testcase file="integration/test_a.py" classname="integration.test_a" name="test_two@export"/>
<testcase file="integration/test_a.py" classname="integration.test_a.TestIn" name="test_three"><skipped/></testcase>
<testcase file="integration/test_a.py" classname="integration.test_a" name="test_four"><failure/></testcase>
<testcase file="integration/test_a.py" classname="integration.test_a" name="test_five"/>
<testcase file="integration/test_a.py" classname="integration.test_a" name="test_five"><error/></testcase>
</testsuite></testsuites>"""

RESULTS = {
    "integration/test_a.py::test_one[x@y-1]": PASSED,
    "integration/test_a.py::test_two": PASSED,
    "integration/test_a.py::TestIn::test_three": SKIPPED,
    "integration/test_a.py::test_four": FAILED,
    "integration/test_a.py::test_five": FAILED,
    "integration/test_a.py::test_six": FAILED,
}


def test_every_item_has_a_result(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    assert results_of(list(RESULTS), path) == RESULTS


def test_items_of_a_run_without_a_report_have_failed(tmp_path: Path) -> None:
    assert set(results_of(list(RESULTS), tmp_path / "none.xml").values()) == {FAILED}


@pytest.mark.parametrize(
    ("outcome", "failed", "skipped", "worse"),
    [
        (PASSED, (), (), 0),
        (FAILED, (), (), 1),
        (SKIPPED, (), (), 1),
        (FAILED, ("a",), (), 0),
        (PASSED, ("a",), (), 0),
        (SKIPPED, (), ("a",), 0),
        (FAILED, (), ("a",), 1),
    ],
)
def test_what_is_worse_than_expected_counts(
    outcome: str, failed: tuple[str, ...], skipped: tuple[str, ...], worse: int
) -> None:
    expected = Expected(dict.fromkeys(failed, "why"), dict.fromkeys(skipped, "why"))
    assert report({"a": outcome}, expected) == worse
