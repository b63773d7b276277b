"""The inverted index settings of a collection: reading, checking and writing `invertedIndexConfig`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from weavelet.errors import InvalidSchema
from weavelet.schema.collection import Bm25, InvertedIndex, Stopwords
from weavelet.schema.reading import Fields
from weavelet.schema.stopwords import ENGLISH, PRESETS

_CLEANUP_INTERVAL_SECONDS = 60


def parse_inverted(fields: Fields | None) -> InvertedIndex:
    """What a user asked for, with defaults, not yet checked."""
    if fields is None:
        return InvertedIndex()
    return InvertedIndex(
        bm25=_bm25(fields.section("bm25")),
        stopwords=_stopwords(fields.section("stopwords")),
        stopword_presets=_presets(fields.mapping("stopwordPresets")),
        cleanup_interval_seconds=fields.integer("cleanupIntervalSeconds") or _CLEANUP_INTERVAL_SECONDS,
        index_timestamps=fields.flag("indexTimestamps"),
        index_null_state=fields.flag("indexNullState"),
        index_property_length=fields.flag("indexPropertyLength"),
    )


def checked_inverted(inverted: InvertedIndex) -> InvertedIndex:
    """The same, without stop words that its preset has anyway. Raises `InvalidSchema` where it makes no sense."""
    if inverted.cleanup_interval_seconds <= 0:
        raise InvalidSchema("cleanup interval seconds must be > 0")
    if inverted.bm25.k1 < 0:
        raise InvalidSchema("BM25.k1 must be >= 0")
    if not 0 <= inverted.bm25.b <= 1:
        raise InvalidSchema("BM25.b must be >= 0 and <= 1")
    return replace(inverted, stopwords=_checked_stopwords(inverted.stopwords, inverted.stopword_presets))


def render_inverted(inverted: InvertedIndex) -> dict[str, Any]:
    """The JSON of the settings; a zero in `bm25` and a false flag are left out."""
    stopwords = inverted.stopwords
    document: dict[str, Any] = {
        "bm25": {key: value for key, value in (("b", inverted.bm25.b), ("k1", inverted.bm25.k1)) if value},
        "cleanupIntervalSeconds": inverted.cleanup_interval_seconds,
    }
    for key, flag in (
        ("indexNullState", inverted.index_null_state),
        ("indexPropertyLength", inverted.index_property_length),
        ("indexTimestamps", inverted.index_timestamps),
    ):
        if flag:
            document[key] = True
    if inverted.stopword_presets:
        document["stopwordPresets"] = {name: list(words) for name, words in inverted.stopword_presets.items()}
    document["stopwords"] = {
        "additions": None if stopwords.additions is None else list(stopwords.additions),
        "preset": stopwords.preset,
        "removals": None if stopwords.removals is None else list(stopwords.removals),
    }
    document["usingBlockMaxWAND"] = True
    return document


def _bm25(fields: Fields | None) -> Bm25:
    return Bm25() if fields is None else Bm25(k1=fields.number("k1"), b=fields.number("b"))


def _stopwords(fields: Fields | None) -> Stopwords:
    if fields is None:
        return Stopwords()
    return Stopwords(fields.text("preset") or ENGLISH, fields.texts("additions"), fields.texts("removals"))


def _presets(given: Mapping[str, Any] | None) -> Mapping[str, tuple[str, ...]]:
    presets = {}
    for name, words in (given or {}).items():
        if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
            raise InvalidSchema(f"stopwordPresets.{name} must be a list of strings")
        presets[name] = tuple(words)
    return presets


def _checked_stopwords(stopwords: Stopwords, presets: Mapping[str, tuple[str, ...]]) -> Stopwords:
    if stopwords.preset not in PRESETS and stopwords.preset not in presets:
        raise InvalidSchema(f"stopwordPreset '{stopwords.preset}' does not exist")
    for name, words in (("additions", stopwords.additions), ("removals", stopwords.removals)):
        if any(not word.strip() for word in words or ()):
            raise InvalidSchema(f"cannot use whitespace in stopword.{name}")
    removals = frozenset(stopwords.removals or ())
    for word in stopwords.additions or ():
        if word in removals:
            raise InvalidSchema(f"found '{word}' in both stopwords.additions and stopwords.removals")
    if stopwords.additions is None:
        return stopwords
    known = PRESETS.get(stopwords.preset, frozenset())
    added = tuple(word for word in stopwords.additions if word not in known)
    return Stopwords(stopwords.preset, added, stopwords.removals)
