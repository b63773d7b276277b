"""Accents away: `asciiFold` of a text property, applied before its text is split into terms.

Letters that Unicode takes apart into a base and marks lose their marks; letters that it does not (ł, ø, æ, ß, …) are
written out by a table. Scripts without Latin letters keep their spacing marks. Imports nothing of ours.
"""

import unicodedata
from functools import lru_cache
from typing import Final

_TABLE: Final = "ŁL ØO ĐD ĦH ŦT ƗI ɃB ɆE ɈJ ɌR ɎY ȺA ÐD İI ÆAE ŒOE ĲIJ ẞSS ÞTH ɨi ßss ıi ĸk ŉn ſs ﬀff ﬁfi ﬂfl ﬃffi \
ﬄffl ﬅst ﬆst ɓb ƈc ɗd ƒf ɠg ɦh ƙk ɱm ɲn ƞn ƥp ʠq ɽr ʂs ƭt ʋv ⱳw ƴy ʐz ƀb"
"""A letter and what it becomes; the lower-case partner of a capital becomes the same in lower case."""


def _letters() -> dict[str, str]:
    letters = {pair[0]: pair[1:] for pair in _TABLE.split()}
    capitals = {letter: plain for letter, plain in letters.items() if letter.isupper() and letter != "İ"}
    return letters | {letter.lower(): plain.lower() for letter, plain in capitals.items()}


_LETTERS: Final = _letters()


def fold(text: str, ignore: tuple[str, ...] = ()) -> str:
    """The text without accents. Letters in `ignore` keep theirs, in both cases."""
    if text.isascii():
        return text
    kept = _kept(ignore)
    folded = "".join(letter if letter in kept else _plain(letter) for letter in unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", folded)


@lru_cache(maxsize=64)
def _kept(ignore: tuple[str, ...]) -> frozenset[str]:
    letters = [letter for entry in ignore for letter in unicodedata.normalize("NFC", entry)]
    return frozenset(form for letter in letters for form in (letter, letter.lower(), letter.upper()))


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    if letter in _LETTERS:
        return _LETTERS[letter]
    parts = unicodedata.normalize("NFD", letter)
    return "".join(_LETTERS.get(part, part) for part in parts if unicodedata.category(part) != "Mn")
