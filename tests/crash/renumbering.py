"""Opens a shard that wastes document numbers, which renumbers it: `python -m tests.crash.renumbering FOLDER`.

Says `opening` before and `opened` after, and waits to be killed.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from tests.crash.writer import SETTINGS, say
from weavelet.engine.database import Database

WASTING = replace(SETTINGS, spare_numbers=10**9)
RENUMBERING = replace(WASTING, spare_numbers=100)


def main(folder: Path) -> None:
    database = Database(folder, RENUMBERING)
    say("opening")
    database.shard("Note")
    say("opened")
    time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
