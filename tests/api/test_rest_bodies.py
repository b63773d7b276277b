"""Bodies that are no JSON, JSON of other types, or values of other forms: in go-openapi's words."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from weavelet.api.rest import documents, job_bodies
from weavelet.api.rest.refusals import Refusal
from weavelet.api.rest.vectors import new_object
from weavelet.errors import DimensionMismatch, InvalidObject
from weavelet.schema.collection import UNNAMED

UNREADABLE = 'parsing body body from "" failed, because '


def _refused(read: Callable[[bytes], Any], raw: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(Refusal) as caught:
        read(raw.encode())
    assert caught.value.body is not None
    return caught.value.status, dict(caught.value.body)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("{bad", "invalid character 'b' looking for beginning of object key string"),
        ('{"class"', "unexpected EOF"),
        ('{"class": x}', "invalid character 'x' looking for beginning of value"),
        ('{"class" 1}', "invalid character '1' after object key"),
        ('{"class": 1 2}', "invalid character '2' after object key:value pair"),
        ("{} x", "invalid character 'x' after top-level value"),
        ('{"id": [1 2]}', "invalid character '2' after array element"),
        ("[]", "json: cannot unmarshal array into Go value of type models.Object"),
        ('"x"', "json: cannot unmarshal string into Go value of type models.Object"),
        ('{"class": 5}', "json: cannot unmarshal number into Go struct field Object.class of type string"),
        ('{"Class": true}', "json: cannot unmarshal bool into Go struct field Object.class of type string"),
        (
            '{"vector": "a"}',
            "json: cannot unmarshal string into Go struct field Object.vector of type models.C11yVector",
        ),
        ('{"vector": [[1]]}', "json: cannot unmarshal array into Go struct field Object.vector of type float32"),
        ('{"vector": [1, "a"]}', "json: cannot unmarshal string into Go struct field Object.vector of type float32"),
        (
            '{"vectors": {"a": "x"}}',
            "vectors: cannot unmarshal vector into either []float32 or [][]float32 for target vector a",
        ),
    ],
)
def test_unreadable_objects_are_refused_with_the_reason(raw: str, reason: str) -> None:
    assert _refused(documents.read_object, raw) == (400, {"code": 400, "message": UNREADABLE + reason})


@pytest.mark.parametrize(
    ("read", "raw", "code", "message"),
    [
        (documents.read_object, "", 602, "body in body is required"),
        (documents.read_object, '{"id": "abc"}', 601, 'id in body must be of type uuid: "abc"'),
        (
            documents.read_batch,
            '{"objects": [{}, {"id": "abc"}]}',
            601,
            'body.objects.1.id in body must be of type uuid: "abc"',
        ),
        (
            documents.read_batch,
            '{"fields": ["zzz"]}',
            606,
            "body.fields.0 in body should be one of [ALL class schema id creationTimeUnix]",
        ),
        (documents.read_reference, '{"beacon": "x"}', 601, 'beacon in body must be of type uri: "x"'),
        (documents.read_references, '[{}, {"beacon": "x"}]', 601, '1.beacon in body must be of type uri: "x"'),
        (documents.read_batch_references, '[{"from": "x"}]', 601, 'from in body must be of type uri: "x"'),
        (documents.read_class, "", 602, "objectClass in body is required"),
        (documents.read_class, '{"vectorConfig": {"a": {}}}', 602, "vectorConfig.a in body is required"),
        (
            documents.read_class,
            '{"properties": [{"nestedProperties": [{}, {"tokenization": "zzz"}]}]}',
            606,
            "properties.0.nestedProperties.1.tokenization in body should be one of "
            "[word lowercase whitespace field trigram gse kagome_kr kagome_ja gse_ch]",
        ),
        (
            documents.read_class,
            '{"replicationConfig": {"deletionStrategy": "Magic"}}',
            606,
            "replicationConfig.deletionStrategy in body should be one of "
            "[NoAutomatedResolution DeleteOnConflict TimeBasedResolution]",
        ),
        (
            documents.read_tenants,
            '[{"name": "t", "activityStatus": "hot"}]',
            606,
            "activityStatus in body should be one of "
            "[ACTIVE INACTIVE OFFLOADED OFFLOADING ONLOADING HOT COLD FROZEN FREEZING UNFREEZING]",
        ),
        (documents.read_tokenize, "{}", 602, "text in body is required"),
        (
            documents.read_batch_delete,
            '{"match": {"where": {"operator": "And", "operands": [{"operator": "Foo"}]}}}',
            606,
            "match.match.where.operands.0.operator in body should be one of [And Or Equal Like NotEqual GreaterThan "
            "GreaterThanEqual LessThan LessThanEqual WithinGeoRange IsNull ContainsAny ContainsAll ContainsNone Not]",
        ),
        (
            job_bodies.read_backup,
            '{"config": {"CPUPercentage": 200}}',
            608,
            "config.CPUPercentage in body should be less than or equal to 80",
        ),
    ],
)
def test_values_of_a_wrong_form_are_refused_by_place(
    read: Callable[[bytes], Any], raw: str, code: int, message: str
) -> None:
    assert _refused(read, raw) == (422, {"code": code, "message": message})


def test_types_deep_inside_are_named_with_their_innermost_struct() -> None:
    _, body = _refused(documents.read_class, '{"properties": [{"dataType": "text"}]}')
    assert body["message"] == (
        'parsing objectClass body from "" failed, because json: cannot unmarshal string into Go struct field '
        "Property.properties.dataType of type []string"
    )


def test_keys_are_found_in_any_case_and_unknown_ones_ignored() -> None:
    read = documents.read_class(
        b'{"Class": "A", "PROPERTIES": [{"DataType": ["text"], "skip_vectorization": 1}], "x": 1}'
    )
    assert read == {"class": "A", "properties": [{"dataType": ["text"]}]}


def test_null_is_the_same_as_leaving_a_key_out() -> None:
    assert documents.read_object(b'{"class": null, "vector": null, "properties": null}') == {}
    assert documents.read_batch(b'{"objects": [null]}') == [{}]


def test_vectors_become_float32_arrays() -> None:
    document = documents.read_object(b'{"vector": [1, 0.1], "vectors": {"m": [[1, 2], [3, 4]], "none": []}}')
    new = new_object(document)
    assert {name: vector.shape for name, vector in new.vectors.items()} == {UNNAMED: (2,), "m": (2, 2)}
    assert all(vector.dtype == np.float32 for vector in new.vectors.values())


def test_an_empty_vector_is_none() -> None:
    assert new_object(documents.read_object(b'{"vector": []}')).vectors == {}


@pytest.mark.parametrize(("raw", "shown"), [(b'{"properties": [1]}', r"\[1\]"), (b'{"properties": "x"}', "x")])
def test_properties_must_be_an_object(raw: bytes, shown: str) -> None:
    with pytest.raises(InvalidObject, match=f"could not recognize object's properties: {shown}"):
        new_object(documents.read_object(raw))


def test_whole_and_decimal_numbers_stay_apart() -> None:
    properties = new_object(documents.read_object(b'{"properties": {"a": 1000, "b": 1000.0}}')).properties
    assert properties is not None
    assert [type(value) for value in properties.values()] == [int, float]


def test_vectors_of_different_lengths_are_the_object_s_own_fault() -> None:
    document = documents.read_object(b'{"id": "", "vectors": {"m": [[1, 2], [1]]}}')
    with pytest.raises(DimensionMismatch, match="multi vector with length 1 at position 1"):
        new_object(document)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (
            '{"objectTtlConfig": {"enabled": true, "defaultTtl": 60}, "objectTTLConfig": {"defaultTTL": 90}}',
            {"enabled": True, "defaultTtl": 90},
        ),
        ('{"objectTtlConfig": {"enabled": true}, "OBJECTTTLCONFIG": null}', {"enabled": True}),
    ],
)
def test_settings_sent_twice_are_laid_over_each_other(raw: str, kept: dict[str, Any]) -> None:
    assert documents.read_class(raw.encode())["objectTtlConfig"] == kept


def test_of_a_key_sent_twice_the_later_counts() -> None:
    assert documents.read_class(b'{"description": "a", "Description": "b"}') == {"description": "b"}
