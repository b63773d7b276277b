"""Where sentences end, and cutting a long text into windows a model can read.

The rules are for Western scripts and Chinese or Japanese full stops; a sentence they miss makes a window end elsewhere
and loses nothing.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]

_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s++[\"'“‘(\[¿¡]*+[^\W_a-z])"
    r"|(?<![。！？])[。！？]++[」』”’）]*+(?=\S)"
    r"|\n\s*\n"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“‘])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|cf|[Ff]igs?|[Ee]qs?|[Rr]efs?|Vol|approx|al|"
    r"e\.g|i\.e|Inc|Ltd|Co|Corp|Gen|Col|Rev|Hon|U\.S|U\.K)\.$"
)


def sentences(text: str) -> list[str]:
    """The sentences of a text, its white space made single blanks; none for a text without words."""
    plain = " ".join(text.split())
    return [plain[start:end] for start, end in sentence_spans(plain) if end > start]


def sentence_spans(text: str) -> list[Span]:
    """Where the sentences are; together they are the text but for white space around them."""
    spans, start = [], 0
    for match in _END.finditer(text):
        if match[0].startswith(".") and _ABBREVIATION.search(text, start, match.start() + 1):
            continue
        spans.append(_stripped(text, start, match.end()))
        start = match.end()
    return [*spans, _stripped(text, start, len(text))]


def windows(text: str, tokens: Sequence[Span], size: int) -> list[str]:
    """The text in pieces of at most `size` tokens, which end where a sentence does wherever one does."""
    if len(tokens) <= size:
        return [text]
    starts = _first_tokens(text, tokens)
    pieces, first = [], 0
    while first < len(tokens):
        end = _end_of_window(first, size, starts, len(tokens))
        pieces.append(text[tokens[first][0] : tokens[end - 1][1]])
        first = end
    return pieces


def _first_tokens(text: str, tokens: Sequence[Span]) -> list[int]:
    """The tokens that sentences begin with, ascending."""
    starts, place = [], 0
    for start, _ in sentence_spans(text):
        while place < len(tokens) and tokens[place][0] < start:
            place += 1
        starts.append(place)
    return starts


def _end_of_window(first: int, size: int, starts: Sequence[int], count: int) -> int:
    """The token a window from `first` ends before: the last sentence's first one that is within reach."""
    if count - first <= size:
        return count
    last = starts[bisect_right(starts, first + size) - 1]
    return last if last > first else first + size


def _stripped(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
