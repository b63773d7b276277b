"""When a snapshot is worth writing: often enough that catching up with what came since is quick, seldom enough that
writing costs little beside the changes themselves. Imports nothing of ours.
"""

WORTH_WHILE = 1_000
"""Fewer changes are never worth a snapshot."""
_SHARE_WHEN_QUIET = 100
QUIET_SECONDS = 10.0
"""Nobody has written for so long: a good moment."""


def is_due(changes: int, count: int, share: int, at_least: int, *, quiet: bool) -> bool:
    """After so many changes to `count` things: one in `share` of them while others write, fewer when it is quiet."""
    if quiet:
        return changes >= max(WORTH_WHILE, count // _SHARE_WHEN_QUIET)
    return changes >= max(at_least, count // share)
