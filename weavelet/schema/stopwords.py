"""The stop word presets a collection can name, and the words its own lists add and remove.

Stop words are removed from queries, never from the index. Imports only the collection's values.
"""

from collections.abc import Mapping
from typing import Final

ENGLISH: Final = "en"
NONE: Final = "none"

_ENGLISH_WORDS: Final = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this "
    "to was will with"
)

PRESETS: Final[Mapping[str, frozenset[str]]] = {
    ENGLISH: frozenset(_ENGLISH_WORDS.split()),
    NONE: frozenset(),
}
