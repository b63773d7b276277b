"""Replay files by hand: `python -m tests.golden objects-rest.json -k create`; no names: all of them.

Exits with 1 when something is worse than `expected.json` says. With --write the outcome becomes what is expected from
now on, and the tables of docs/compatibility.md are written anew.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.golden.expecting import PAGE, Expected, counted
from tests.golden.running import Result, profiles, replay, server


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*")
    parser.add_argument("-k", default="", help="only cases with this text in their names")
    parser.add_argument("-w", "--words", action="store_true", help="show differences of wording too")
    parser.add_argument("-d", "--deviations", action="store_true", help="show expected differences too")
    parser.add_argument("--write", action="store_true", help="expect this outcome from now on")
    arguments = parser.parse_args()
    expected = Expected()
    complaints: list[str] = []
    for name, results in _replayed(arguments.files or list(profiles()), arguments.k):
        hidden = frozenset() if arguments.deviations else expected.deviating(name)
        _print(name, results, hidden, words=arguments.words)
        if arguments.write:
            expected.record(name, results)
        if not arguments.k:
            complaints += expected.complaints(name, results)
    if arguments.write:
        expected.write()
        PAGE.write_text(expected.page(PAGE.read_text()))
    for complaint in complaints:
        print("WORSE", complaint[:500])
    return 1 if complaints else 0


def _replayed(wanted: list[str], only: str) -> "list[tuple[str, list[Result]]]":
    replayed = []
    for profile in dict.fromkeys(profiles().values()):
        names = [name for name in wanted if profiles()[name] == profile]
        if not names:
            continue
        with tempfile.TemporaryDirectory() as folder, server(profile, Path(folder)) as started:
            replayed += [(name, replay(started, name, only)) for name in names]
    return replayed


def _print(name: str, results: list[Result], hidden: frozenset[str], *, words: bool) -> None:
    outcome = counted(results)
    different = sum(result.failed for result in results)
    print(f"{name}: {len(results)} cases, {outcome.passed} the same, {outcome.worded} in words, {different} different")
    for result in results:
        if (result.failed and result.name not in hidden) or (words and result.worded):
            print(f"  {'DIFFERS' if result.failed else 'words'} {result.name}")
            for path, recorded, answered in result.differences[:6]:
                print(f"    {path or '/'}: recorded {_short(recorded)}, answered {_short(answered)}")


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:300]


if __name__ == "__main__":
    sys.exit(main())
