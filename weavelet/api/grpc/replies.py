"""What a search found, into the bytes of a `SearchReply`.

Rows are rendered by the `Show` that was worked out with the request, or, where they are plain, by its `Splicer`. Ids
and vectors are filled in twice, as text and bytes, as floats and bytes: clients differ in which they read. A float
list has the same bytes as the vector, so it is merged in rather than built float by float.
"""

from collections.abc import Mapping

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.api.grpc.generative import write_generated, written
from weavelet.api.grpc.search import Search
from weavelet.api.grpc.show import Show
from weavelet.api.grpc.values import write_fields
from weavelet.api.grpc.vectors import encode, encode_floats
from weavelet.api.grpc.wire import delimited, float_bytes, tag
from weavelet.engine.query import Group, Profile, Reply, Row
from weavelet.engine.rows import Rows
from weavelet.schema.collection import UNNAMED
from weavelet.schema.objects import Vector

_FLOAT_LIST = b"\x12"
"""The tag of field 2 of `MetadataResult`, packed."""
_TOOK = tag(pb.SearchReply, "took")
_NOT_WRITTEN = delimited(tag(pb.SearchReply, "generative_grouped_result"), b"")
"""Present and empty, in every reply without generated text."""


def search_reply(reply: Reply, search: Search) -> bytes:
    """Raises `ModuleError` where a language model failed."""
    if isinstance(reply.rows, Rows) and search.splicer is not None:
        page = search.splicer.page(reply.rows)
        if reply.groups is None and reply.generated is None and reply.profile is None:
            return _TOOK + float_bytes(reply.seconds) + _NOT_WRITTEN + page
        return _bytes(_message(reply, search.show)) + page
    message = _message(reply, search.show)
    _write_rows(message, reply, search.show, generating=search.request.generate is not None)
    return _bytes(message)


def _bytes(message: pb.SearchReply) -> bytes:
    data: bytes = message.SerializeToString()
    return data


def _message(reply: Reply, show: Show) -> pb.SearchReply:
    """All but the rows."""
    message = pb.SearchReply()
    message.took = reply.seconds
    message.generative_grouped_result = ""
    for group in reply.groups or ():
        _write_group(message.group_by_results.add(), group, show)
    if reply.generated is not None:
        _write_grouped_text(message, reply)
    if reply.profile is not None:
        _write_profile(message.query_profile.shards.add(), reply.profile)
    return message


def _write_rows(message: pb.SearchReply, reply: Reply, show: Show, generating: bool) -> None:
    for row in reply.rows:
        result = message.results.add()
        _write_properties(result.properties, row, show)
        result.metadata.SetInParent()
        _write_metadata(result.metadata, row, show.metadata)
        _write_scores(result.metadata, row, show.metadata)
        if generating:
            write_generated(result.generative, row.generated)


def _write_group(message: pb.GroupByResult, group: Group, show: Show) -> None:
    """The hits of a group carry their distance and no other score."""
    message.name = group.value
    message.min_distance = group.min_distance
    message.max_distance = group.max_distance
    message.number_of_objects = len(group.rows)
    for row in group.rows:
        result = message.objects.add()
        _write_properties(result.properties, row, show)
        result.metadata.SetInParent()
        _write_metadata(result.metadata, row, show.metadata)
        _write_distance(result.metadata, row, show.metadata)
    if group.rerank_score is not None:
        message.rerank.score = group.rerank_score
    if group.generated is not None:
        message.generative.result = written(group.generated)
        write_generated(message.generative_result, group.generated)


def _write_grouped_text(message: pb.SearchReply, reply: Reply) -> None:
    """Beside groups, clients read the older of the two fields."""
    assert reply.generated is not None
    write_generated(message.generative_grouped_results, reply.generated)
    if reply.groups is not None:
        message.generative_grouped_result = written(reply.generated)


def _write_profile(message: pb.QueryProfile.ShardProfile, profile: Profile) -> None:
    message.name = profile.shard
    message.node = profile.node
    for search, figures in profile.searches.items():
        message.searches[search].details.update(figures)


# --- Properties ---


def _write_properties(message: pb.PropertiesResult, row: Row, show: Show) -> None:
    message.target_collection = show.collection
    if show.fields:
        write_fields(message.non_ref_props.fields, show.fields, row.object.properties)
    if show.references_asked:
        message.ref_props_requested = True
        _write_references(message, row, show)


def _write_references(message: pb.PropertiesResult, row: Row, show: Show) -> None:
    """An entry for each reference the object has, even where it points at nothing that is there."""
    results: dict[str, pb.RefPropertiesResult] = {}
    for reference in show.references:
        if reference.name not in row.object.properties:
            continue
        if reference.name not in results:
            results[reference.name] = message.ref_props.add()
            results[reference.name].prop_name = reference.name
        for other in row.references.get(reference.name, ()):
            if other.object.collection == reference.show.collection:
                _write_pointed(results[reference.name].properties.add(), other, reference.show)


def _write_pointed(message: pb.PropertiesResult, row: Row, show: Show) -> None:
    _write_properties(message, row, show)
    message.metadata.SetInParent()
    _write_metadata(message.metadata, row, show.metadata)


# --- Metadata ---


def _write_metadata(message: pb.MetadataResult, row: Row, asked: pb.MetadataRequest) -> None:
    """What an object has wherever it is found."""
    if asked.uuid:
        message.id = row.object.id
        message.id_as_bytes = id_bytes(row.object.id)
    if asked.creation_time_unix:
        message.creation_time_unix = row.object.created_ms
        message.creation_time_unix_present = True
    if asked.last_update_time_unix:
        message.last_update_time_unix = row.object.updated_ms
        message.last_update_time_unix_present = True
    if asked.vector or asked.vectors:
        _write_vectors(message, row.object.vectors)


def id_bytes(id: str) -> bytes:
    """The 16 bytes of an id, big endian."""
    return bytes.fromhex(id.replace("-", ""))


def _write_vectors(message: pb.MetadataResult, vectors: Mapping[str, Vector]) -> None:
    for name, vector in vectors.items():
        if name != UNNAMED:
            encode(message.vectors.add(), name, vector)
        elif vector.ndim == 1:
            data = encode_floats(vector)
            message.vector_bytes = data
            message.MergeFromString(delimited(_FLOAT_LIST, data))
        else:
            encode(message.vectors.add(), "default", vector)


def _write_scores(message: pb.MetadataResult, row: Row, asked: pb.MetadataRequest) -> None:
    """How well a row answers the search. A score is present, as 0, even where the search has none."""
    _write_distance(message, row, asked)
    if asked.certainty and row.certainty is not None:
        message.certainty = row.certainty
        message.certainty_present = True
    if asked.score:
        message.score = row.score or 0.0
        message.score_present = True
    if asked.explain_score:
        message.explain_score = row.explain
        message.explain_score_present = True
    if row.rerank_score is not None:
        message.rerank_score = row.rerank_score
        message.rerank_score_present = True


def _write_distance(message: pb.MetadataResult, row: Row, asked: pb.MetadataRequest) -> None:
    if asked.distance and row.distance is not None:
        message.distance = row.distance
        message.distance_present = True
