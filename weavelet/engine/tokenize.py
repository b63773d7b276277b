"""How text becomes terms: Weaviate's tokenizations, accent folding and stop words.

`terms` is what the index stores and what a query looks up; `query_terms` leaves stop words out, which only queries
do. Lower-casing maps every character to one character, so a capital sigma becomes σ wherever it stands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from weavelet.engine.folding import fold
from weavelet.errors import InvalidInput
from weavelet.schema.collection import InvertedIndex, Property, Stopwords, TextAnalyzer
from weavelet.schema.datatypes import Tokenization
from weavelet.schema.stopwords import ENGLISH, PRESETS

_WORDS = re.compile(r"[^\W_]+").findall
_WORDS_AND_WILDCARDS = re.compile(r"(?:[^\W_]|[?*])+").findall
_SPACES: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""White space by Unicode's property; Python's own methods also count the four ASCII separators 1C to 1F."""
_NO_SPACES = re.compile(f"[^{_SPACES}]+").findall
_SEPARATORS = re.compile("[\x1c-\x1f]").search
_ASCII_WORDS: Final = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))
"""A translation table: ASCII letters and digits in lower case, a space for everything else."""
_LONGEST_TEXT: Final = 10_000
_SWITCHES: Final = {
    Tokenization.GSE: "ENABLE_TOKENIZER_GSE",
    Tokenization.GSE_CH: "ENABLE_TOKENIZER_GSE_CH",
    Tokenization.KAGOME_KR: "ENABLE_TOKENIZER_KAGOME_KR",
    Tokenization.KAGOME_JA: "ENABLE_TOKENIZER_KAGOME_JA",
}


def terms(
    text: str, tokenization: Tokenization, analyzer: TextAnalyzer | None = None, wildcard: bool = False
) -> list[str]:
    """The terms of a text in order, repetitions included. With `wildcard`, `?` and `*` stay part of a term."""
    if analyzer is not None and analyzer.ascii_fold:
        text = fold(text, analyzer.ascii_fold_ignore)
    match tokenization:
        case Tokenization.WORD:
            return _words_and_wildcards(text) if wildcard else _words(text)
        case Tokenization.LOWERCASE:
            return _split(lowered(text))
        case Tokenization.WHITESPACE:
            return _split(text)
        case Tokenization.FIELD:
            return [text.strip(_SPACES)]
        case Tokenization.TRIGRAM:
            return _trigrams("".join(_words_and_wildcards(text) if wildcard else _words(text)))
        case _:
            raise InvalidInput(
                f"tokenization '{tokenization}' needs a dictionary that weavelet does not have; "
                f"{_SWITCHES[tokenization]} cannot be switched on"
            )


def lowered(text: str) -> str:
    """Lower case, one character for one."""
    if text.isascii():
        return text.lower()
    return text.replace("İ", "i").replace("Σ", "σ").lower()


def _words(text: str) -> list[str]:
    if text.isascii():
        return text.translate(_ASCII_WORDS).split()
    return _WORDS(lowered(text))


def _words_and_wildcards(text: str) -> list[str]:
    return _WORDS_AND_WILDCARDS(lowered(text))


def _split(text: str) -> list[str]:
    return text.split() if _SEPARATORS(text) is None else _NO_SPACES(text)


def _trigrams(text: str) -> list[str]:
    return [text[start : start + 3] for start in range(len(text) - 2)]


# --- Stop words ------------------------------------------------------------------------------------------------------


def stopwords(inverted: InvertedIndex, prop: Property) -> frozenset[str]:
    """The words that queries to a property leave out.

    A property's own preset counts for every tokenization, the collection's stop words only for `word`.
    """
    if prop.analyzer is not None and prop.analyzer.stopword_preset:
        return _preset(prop.analyzer.stopword_preset, inverted.stopword_presets)
    if prop.tokenization is not Tokenization.WORD:
        return frozenset()
    return _effective(inverted.stopwords, inverted.stopword_presets)


def query_terms(text: str, prop: Property, inverted: InvertedIndex, wildcard: bool = False) -> list[str]:
    """The terms a query to the property looks for, in order, repetitions included."""
    left_out = stopwords(inverted, prop)
    found = terms(text, prop.tokenization or Tokenization.WORD, prop.analyzer, wildcard)
    return [term for term in found if term not in left_out] if left_out else found


def _effective(words: Stopwords, presets: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return _combined(_preset(words.preset, presets), words.additions or (), words.removals or ())


@lru_cache(maxsize=256)
def _combined(preset: frozenset[str], additions: tuple[str, ...], removals: tuple[str, ...]) -> frozenset[str]:
    return preset.union(additions).difference(removals)


def _preset(name: str, presets: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The words of a preset; one of the caller's own goes before a built-in one of that name."""
    own = presets.get(name)
    return PRESETS.get(name, frozenset()) if own is None else frozenset(own)


# --- For the tokenize endpoints --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tokenized:
    """The terms the index would store, and those a query would look for."""

    indexed: list[str]
    query: list[str]


def tokenized(
    text: str,
    tokenization: Tokenization,
    analyzer: TextAnalyzer | None = None,
    words: Stopwords | None = None,
    presets: Mapping[str, tuple[str, ...]] | None = None,
) -> Tokenized:
    """What becomes of a text, without a collection. Raises `InvalidInput`.

    `words` and `presets` are the caller's own, None where not given; `word` falls back to the English preset.
    """
    _check_text(text)
    if tokenization in _SWITCHES:
        raise InvalidInput(f"unsupported tokenization strategy: {tokenization}")
    if words is not None and presets is not None:
        raise InvalidInput("stopwords and stopwordPresets are mutually exclusive; pass only one")
    analyzer = analyzer or TextAnalyzer()
    _check_analyzer(analyzer)
    indexed = terms(text, tokenization, analyzer)
    left_out = _left_out(tokenization, analyzer, words, presets or {})
    return Tokenized(indexed, [term for term in indexed if term not in left_out])


def tokenized_for(text: str, prop: Property, inverted: InvertedIndex) -> Tokenized:
    """What becomes of a text in a property. Raises `InvalidInput`."""
    if not prop.is_text or prop.tokenization is None:
        raise InvalidInput("tokenization is not enabled for this property")
    _check_text(text)
    return Tokenized(terms(text, prop.tokenization, prop.analyzer), query_terms(text, prop, inverted))


def _check_text(text: str) -> None:
    if len(text) > _LONGEST_TEXT:
        raise InvalidInput("text exceeds maximum allowed length of 10,000 characters")


def _check_analyzer(analyzer: TextAnalyzer) -> None:
    if analyzer.ascii_fold_ignore and not analyzer.ascii_fold:
        raise InvalidInput("asciiFoldIgnore requires asciiFold to be enabled")


def _left_out(
    tokenization: Tokenization,
    analyzer: TextAnalyzer,
    words: Stopwords | None,
    presets: Mapping[str, tuple[str, ...]],
) -> frozenset[str]:
    name = analyzer.stopword_preset
    if name:
        if name not in presets and name not in PRESETS:
            raise InvalidInput(
                f'unknown stopword preset "{name}"; define it in stopwordPresets '
                "or use a built-in preset ('en', 'none')"
            )
        return _preset(name, presets)
    if words is not None:
        return _effective(words, presets)
    return _preset(ENGLISH, presets) if tokenization is Tokenization.WORD else frozenset()
