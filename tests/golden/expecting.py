"""What is expected of a replay, and the page that says so.

`expected.json` has two parts. `deviations` are written by hand: cases in which we differ from the original on
purpose, by name, with what each does and why. `outcome` is counted: how many cases of each file are equal to the last
character, and how many but for the wording of an error. A replay may be better than expected, never worse.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.golden.replaying import CASES
from tests.golden.running import Result

EXPECTED = Path(__file__).parent / "expected.json"
PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"

_FILES = ("<!-- golden files -->\n", "<!-- end of golden files -->")
_DEVIATIONS = ("<!-- golden deviations -->\n", "<!-- end of golden deviations -->")


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something we do differently on purpose, and the cases that show it: file -> names."""

    cases: Mapping[str, Sequence[str]]
    original: str
    here: str
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many cases of a file are answered alike, and how many but for their wording."""

    passed: int
    worded: int


class Expected:
    """The content of `expected.json`."""

    def __init__(self, path: Path = EXPECTED) -> None:
        self._path = path
        document: dict[str, Any] = json.loads(path.read_text())
        self.deviations = [Deviation(**entry) for entry in document["deviations"]]
        self.outcomes = {name: Outcome(**counts) for name, counts in document["outcome"].items()}

    def deviating(self, name: str) -> frozenset[str]:
        """The cases of a file that are known to differ."""
        return frozenset(case for deviation in self.deviations for case in deviation.cases.get(name, ()))

    def complaints(self, name: str, results: Sequence[Result]) -> list[str]:
        """What is worse than expected, in a sentence each."""
        worse = [
            f"{name}: {result.name!r} fails: {result.differences[:3]}"
            for result in results
            if result.failed and result.name not in self.deviating(name)
        ]
        least, passed = self.outcomes.get(name, Outcome(0, 0)).passed, counted(results).passed
        if passed < least:
            worse.append(f"{name}: {passed} cases are equal to the last character, {least} were")
        return worse

    def record(self, name: str, results: Sequence[Result]) -> None:
        """Expect this much of a file from now on."""
        self.outcomes[name] = counted(results)

    def write(self) -> None:
        outcomes = {
            name: {"passed": outcome.passed, "worded": outcome.worded}
            for name, outcome in sorted(self.outcomes.items())
        }
        deviations = [
            {"cases": each.cases, "original": each.original, "here": each.here, "why": each.why}
            for each in self.deviations
        ]
        document = {"deviations": deviations, "outcome": outcomes}
        self._path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")

    # --- The page ---

    def page(self, text: str) -> str:
        """The compatibility page with both tables as they are now."""
        text = _between(text, _FILES, self._files())
        return _between(text, _DEVIATIONS, self._rows())

    def _files(self) -> Iterable[str]:
        about: dict[str, Any] = json.loads((CASES / "index.json").read_text())["files"]
        yield "| file | cases | the same | in other words | different |"
        yield "|---|--:|--:|--:|--:|"
        for name, outcome in sorted(self.outcomes.items()):
            cases = about[name]["cases"]
            yield _row(f"`{name}`", cases, outcome.passed, outcome.worded, cases - outcome.passed - outcome.worded)
        cases = sum(about[name]["cases"] for name in self.outcomes)
        passed = sum(outcome.passed for outcome in self.outcomes.values())
        worded = sum(outcome.worded for outcome in self.outcomes.values())
        counts = (cases, passed, worded, cases - passed - worded)
        yield _row("**together**", *(f"**{count}**" for count in counts))
        yield _row("", "", *(f"{100 * count / cases:.1f} %" for count in counts[1:]))

    def _rows(self) -> Iterable[str]:
        yield "| the original | weavelet | why | cases |"
        yield "|---|---|---|---|"
        for each in self.deviations:
            cases = "; ".join(f"{name.removesuffix('.json')}: {', '.join(names)}" for name, names in each.cases.items())
            yield _row(each.original, each.here, each.why, cases)


def counted(results: Sequence[Result]) -> Outcome:
    return Outcome(sum(result.passed for result in results), sum(result.worded for result in results))


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _between(text: str, marks: tuple[str, str], lines: Iterable[str]) -> str:
    before, _, rest = text.partition(marks[0])
    _, _, after = rest.partition(marks[1])
    return f"{before}{marks[0]}\n" + "\n".join(lines) + f"\n\n{marks[1]}{after}"
