"""A page of plain rows, straight from what the store keeps into the bytes of `SearchResult`s.

Does for `Rows` what `replies` does for any row, with the same bytes' meaning, in a tenth of the time; a test holds the
two against each other. Worked out once for a request's shape, then called for its pages.
"""

from collections.abc import Callable, Iterator
from itertools import count, repeat
from typing import TypeAlias

import orjson

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.show import Show
from weavelet.api.grpc.values import Encoder, encoder
from weavelet.api.grpc.wire import TRUE, VARINT, delimited, float_bytes, tag
from weavelet.engine.hits import Hits
from weavelet.engine.ids import id_text
from weavelet.engine.recent import Recent
from weavelet.engine.rows import Rows
from weavelet.engine.store import Record

_Entry: TypeAlias = tuple[str, bytes, bytes, Encoder]
"""Of a property: its name, its map entry up to the value, the whole entry where it has none, how to encode one."""

_Rendered: TypeAlias = tuple[Record, bytes, int]
"""A record, its result up to what depends on the search, and how long that is: its length is in what is before it."""

RenderedRows: TypeAlias = Recent[tuple[int, int], _Rendered]
"""Rows rendered lately, by splicer and document number, in bytes. Documents of different shards may have the same
number, so whoever asks compares the record."""

_RENDERED_BYTES = 300
"""What a rendered row takes in memory beside its properties."""
_numbers = count()

_KEY, _VALUE, _FIELD = b"\n", b"\x12", tag(pb.Properties, "fields")
"""A map is a list of entries, in which the key is field 1 and the value field 2."""
_NULL = tag(pb.Value, "null_value") + b"\x00"
_PROPERTIES, _METADATA = tag(pb.SearchResult, "properties"), tag(pb.SearchResult, "metadata")
_RESULT = tag(pb.SearchReply, "results")
_COLLECTION, _NON_REF = tag(pb.PropertiesResult, "target_collection"), tag(pb.PropertiesResult, "non_ref_props")
_ID = delimited(tag(pb.MetadataResult, "id"), b" " * 36)[:-36]
_ID_BYTES = delimited(tag(pb.MetadataResult, "id_as_bytes"), b" " * 16)[:-16]


class Splicer:
    """Renders pages of rows. What a row shows whoever finds it is kept for the next time, while there is room."""

    def __init__(self, show: Show, recent: RenderedRows) -> None:
        self._collection = delimited(_COLLECTION, show.collection.encode())
        self._entries = tuple(_entry(name, encoder(write)) for name, write in show.fields)
        self._asked = show.metadata
        self._number = next(_numbers)
        self._recent = recent

    def page(self, rows: Rows) -> bytes:
        """The results, one behind the other, as they stand in a `SearchReply`."""
        out: list[bytes] = []
        number, recall = self._number, self._recent.get
        for record, answer in zip(rows.records, self._answers(rows), strict=False):
            known = recall((number, record.doc))
            if known is None or known[0] is not record or known[2] != len(answer):
                known = self._rendered(record, len(answer))
            out += (known[1], answer)
        return b"".join(out)

    def _rendered(self, record: Record, answer: int) -> _Rendered:
        properties, metadata = self._properties(record.properties), self._metadata(record)
        metadata = _METADATA + VARINT[len(metadata) + answer] + metadata
        result = _RESULT + VARINT[len(properties) + len(metadata) + answer] + properties + metadata
        rendered = record, result, answer
        self._recent.put((self._number, record.doc), rendered, len(result) + _RENDERED_BYTES)
        return rendered

    def _metadata(self, record: Record) -> bytes:
        """What does not depend on the search."""
        asked, metadata = self._asked, b""
        if asked.uuid:
            metadata += _ID + id_text(record.id).encode() + _ID_BYTES + record.id
        if asked.creation_time_unix:
            metadata += _CREATED(record.created_ms)
        if asked.last_update_time_unix:
            metadata += _UPDATED(record.updated_ms)
        return metadata

    def _properties(self, stored: bytes) -> bytes:
        result = self._collection
        if self._entries:
            value_of = orjson.loads(stored).get
            fields = b""
            for name, before, null, encode in self._entries:
                if (value := value_of(name)) is None:
                    fields += null
                else:
                    coded = encode(value)
                    entry = before + VARINT[len(coded)] + coded
                    fields += _FIELD + VARINT[len(entry)] + entry
            result += _NON_REF + VARINT[len(fields)] + fields
        return _PROPERTIES + VARINT[len(result)] + result

    def _answers(self, rows: Rows) -> Iterator[bytes]:
        """How well each row answers the search. A score is present, as 0, even where the search has none."""
        hits, asked = Hits.of(rows.hits), self._asked
        if asked.explain_score:
            explains = hits.explains or ("",) * len(hits)
            return map(bytes.__add__, map(_explained, explains), self._figures(hits, rows.certain))
        return self._figures(hits, rows.certain)

    def _figures(self, hits: Hits, certain: bool) -> Iterator[bytes]:
        parts: list[Iterator[bytes]] = []
        if self._asked.distance and hits.distances is not None:
            parts.append(map(_DISTANCE, hits.distances.tolist()))
        if self._asked.certainty and certain and hits.distances is not None:
            parts.append(map(_CERTAINTY, (1 - distance / 2 for distance in hits.distances.tolist())))
        if self._asked.score:
            parts.append(map(_SCORE, repeat(0.0, len(hits)) if hits.scores is None else hits.scores.tolist()))
        return map(b"".join, zip(*parts, strict=True)) if parts else repeat(b"", len(hits))


def _entry(name: str, encode: Encoder) -> _Entry:
    before = delimited(_KEY, name.encode()) + _VALUE
    return name, before, delimited(_FIELD, before + VARINT[len(_NULL)] + _NULL), encode


def _figure(name: str) -> Callable[[float], bytes]:
    """A float field of the metadata with the flag that it is there. Zero is no value, as the serialiser has it."""
    before, behind = tag(pb.MetadataResult, name), tag(pb.MetadataResult, f"{name}_present") + TRUE
    return lambda value: before + float_bytes(value) + behind if value else behind


def _time(name: str) -> Callable[[int], bytes]:
    before, behind = tag(pb.MetadataResult, name), tag(pb.MetadataResult, f"{name}_present") + TRUE
    return lambda value: before + VARINT[value] + behind if value else behind


def _explained(text: str) -> bytes:
    return delimited(_EXPLAIN, text.encode()) + _EXPLAIN_PRESENT if text else _EXPLAIN_PRESENT


_DISTANCE, _CERTAINTY, _SCORE = _figure("distance"), _figure("certainty"), _figure("score")
_CREATED, _UPDATED = _time("creation_time_unix"), _time("last_update_time_unix")
_EXPLAIN = tag(pb.MetadataResult, "explain_score")
_EXPLAIN_PRESENT = tag(pb.MetadataResult, "explain_score_present") + TRUE
