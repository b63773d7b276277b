"""Where sentences end, and windows of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelet.inference.text import sentence_spans, sentences, windows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("  Spaces   and\nlines.  Go\taway. ", ["Spaces and lines.", "Go away."]),
        ("Dr. Smith met J. S. Bach, cf. Fig. 3 and e.g. Mr. Xu. Then he left.", 2),
        ("It cost 3.50 dollars. 20 people paid.", 2),
        ('He said "No." She left.', 2),
        ("Really?! (Yes.) Good…  Fine.", ["Really?!", "(Yes.)", "Good…", "Fine."]),
        ("ends in lower case. and goes on", 1),
        ("Él habla. ¿Por qué? Ünlü.", 3),
        ("今日は晴れ。明日は雨！本当？はい", ["今日は晴れ。", "明日は雨！", "本当？", "はい"]),
        ("the U.S. Senate voted", 1),
        ("", []),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str] | int) -> None:
    found = sentences(text)
    assert (len(found) if isinstance(expected, int) else found) == expected


def test_an_empty_line_ends_a_sentence_in_a_text_as_it_is() -> None:
    text = "A heading\n\nand its text. More"
    assert [text[start:end] for start, end in sentence_spans(text)] == ["A heading", "and its text.", "More"]


def words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\S+", text)]


def test_windows_end_where_sentences_do() -> None:
    text = "One two three. Four five. Six seven eight nine. Ten."
    assert windows(text, words(text), 5) == ["One two three. Four five.", "Six seven eight nine. Ten."]
    assert windows(text, words(text), 3) == ["One two three.", "Four five.", "Six seven eight", "nine. Ten."]
    assert windows(text, words(text), 99) == [text]


@given(st.text(alphabet="Ab .?!\n", max_size=200), st.integers(1, 20))
def test_windows_lose_no_word_and_are_never_too_long(text: str, size: int) -> None:
    found = windows(text, words(text), size)
    assert " ".join(found).split() == text.split()
    assert all(len(words(window)) <= size for window in found)


@pytest.mark.parametrize("text", ["." * 200_000, "a. " * 100_000, "\n" * 200_000, "? (" * 100_000])
def test_odd_texts_take_no_longer_than_others(text: str) -> None:
    assert sum(end - start for start, end in sentence_spans(text)) <= len(text)
