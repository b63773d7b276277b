"""Replay files by hand: `python -m tests.golden objects-rest.json -k create`; no names: all of them.

With --write the outcome becomes what the tests expect from now on.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.golden.running import Result, profiles, replay, server

EXPECTED = Path(__file__).parent / "expected.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("-k", default="", help="only cases with this text in their names")
    parser.add_argument("-w", "--words", action="store_true", help="show differences of wording too")
    parser.add_argument("--write", action="store_true", help="write the outcome to expected.json")
    arguments = parser.parse_args()
    wanted = arguments.files or list(profiles())
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
    for profile in ("default", "autoschema", "auth"):
        names = [name for name in wanted if profiles()[name] == profile]
        if not names:
            continue
        with tempfile.TemporaryDirectory() as folder, server(profile, Path(folder)) as started:
            for name in names:
                results = replay(started, name, arguments.k)
                _print(name, results, words=arguments.words)
                expected[name] = _summary(results)
    if arguments.write:
        EXPECTED.write_text(json.dumps(expected, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _summary(results: list[Result]) -> dict[str, object]:
    return {
        "failed": [result.name for result in results if result.failed],
        "passed": sum(result.passed for result in results),
        "worded": sum(result.worded for result in results),
    }


def _print(name: str, results: list[Result], *, words: bool) -> None:
    summary = _summary(results)
    print(f"{name}: {summary['passed']} of {len(results)} passed, {summary['worded']} in other words")
    for result in results:
        if result.failed or (words and result.worded):
            print(f"  {'FAILED' if result.failed else 'words '} {result.name}")
            for path, recorded, answered in result.differences[:6]:
                print(f"    {path or '/'}: recorded {_short(recorded)}, answered {_short(answered)}")


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:300]


if __name__ == "__main__":
    main()
