"""Dates, uuids, phone numbers, beacons and names: every form that is read, and the one that is kept."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavelet.errors import InvalidObject, InvalidReference, InvalidSchema
from weavelet.schema import names, validate
from weavelet.schema.dates import canonical_date, epoch_ns
from weavelet.schema.phone import expanded_phone
from weavelet.schema.references import Beacon, parse_beacon, parse_source

ID = "00000000-0000-4000-8000-00000000000a"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00.500Z", "2024-05-01T10:00:00.5Z"),
        ("2024-05-01T10:00:00.000Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00,25Z", "2024-05-01T10:00:00.25Z"),
        ("2024-05-01T10:00:00.1234567899Z", "2024-05-01T10:00:00.123456789Z"),
        ("2024-05-01T10:00:00+00:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00-00:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00.10-05:30", "2024-05-01T10:00:00.1-05:30"),
        ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"),
        ("0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"),
    ],
)
def test_dates_are_kept_in_their_shortest_form(written, kept):
    assert canonical_date(written) == kept
    assert canonical_date(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-05-01",
        "2024-05-01T10:00:00",
        "2024-05-01 10:00:00Z",
        "2024-05-01t10:00:00Z",
        "2024-05-01T10:00:00z",
        "2023-02-29T10:00:00Z",
        "2024-04-31T10:00:00Z",
        "2024-13-01T10:00:00Z",
        "2024-05-01T24:00:00Z",
        "2024-05-01T10:00:60Z",
        "2024-05-01T10:00:00.Z",
        "2024-05-01T10:00:00+0200",
        "٢٠٢٤-05-01T10:00:00Z",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match="is not an RFC 3339 time"):
        canonical_date(text)
    with pytest.raises(ValueError, match="is not an RFC 3339 time"):
        epoch_ns(text)


zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=zones))
def test_nanoseconds_agree_with_the_calendar(moment):
    text = moment.isoformat()
    exact = (moment - EPOCH) // timedelta(microseconds=1) * 1000
    assert epoch_ns(text) == exact
    assert epoch_ns(canonical_date(text)) == exact


def test_nanoseconds_keep_nine_digits():
    assert epoch_ns("1970-01-01T00:00:00.123456789Z") == 123_456_789
    assert epoch_ns("1969-12-31T23:59:59.5Z") == -500_000_000


@pytest.mark.parametrize(
    "text", [ID, ID.upper(), ID.replace("-", ""), "{" + ID + "}", f"urn:uuid:{ID}", f"URN:UUID:{ID.upper()}"]
)
def test_ids_are_kept_in_one_form(text):
    assert validate.canonical_id(text) == ID


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "invalid UUID length: 0"),
        ("abc", "invalid UUID length: 3"),
        (ID.replace("-", "_"), "invalid UUID format"),
        ("g" * 32, "invalid UUID format"),
        ("(" + ID + ")", "invalid UUID format"),
    ],
)
def test_what_is_no_id_is_refused(text, problem):
    with pytest.raises(InvalidObject) as refusal:
        validate.canonical_id(text)
    assert str(refusal.value) == problem


def test_numbers_not_in_use_are_kept_as_not_valid():
    phone = expanded_phone({"input": "+49 30 1", "defaultCountry": ""})
    assert phone["valid"] is False
    assert "defaultCountry" not in phone


@pytest.mark.parametrize(
    ("text", "beacon"),
    [
        (f"weaviate://localhost/Author/{ID}", Beacon("Author", ID)),
        (f"http://localhost/Author/{ID.upper()}", Beacon("Author", ID)),
        (f"weaviate://localhost/{ID}", Beacon("", ID)),
    ],
)
def test_beacons_name_objects(text, beacon):
    assert parse_beacon(text) == beacon
    assert parse_beacon(beacon.text) == beacon


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "invalid cref URI: the beacon is empty"),
        ("x", "invalid cref URI: path must be of format '<class>/<uuid>', but got 'x'"),
        ("weaviate://localhost/Author/abc", "invalid cref URI: 2nd path segment must be uuid, but got 'abc'"),
        (
            f"weaviate://localhost/A/{ID}/b",
            f"invalid cref URI: path must be of format '<class>/<uuid>', but got '/A/{ID}/b'",
        ),
        (f"weaviate://elsewhere/Author/{ID}", "unrecognized cross-ref ref format"),
    ],
)
def test_what_is_no_beacon_is_refused(text, problem):
    with pytest.raises(InvalidReference) as refusal:
        parse_beacon(text)
    assert str(refusal.value) == problem


def test_sources_name_a_property_of_an_object():
    assert parse_source(f"weaviate://localhost/Thing/{ID}/author") == (Beacon("Thing", ID), "author")


LONG_FORM = (
    "invalid cref URI: must use long-form: path must be of format '/<className>/<uuid>/<propertyName>', but got '{}'"
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", LONG_FORM.format("")),
        (f"weaviate://localhost/{ID}/author", LONG_FORM.format(f"/{ID}/author")),
        (f"weaviate://localhost/Thing/{ID}", LONG_FORM.format(f"/Thing/{ID}")),
        (f"weaviate://localhost/thing/{ID}/author", "className must start with an uppercase letter, but got thing"),
        ("weaviate://localhost/Thing/abc/author", "invalid cref URI: 2nd path segment must be uuid, but got 'author'"),
    ],
)
def test_what_is_no_source_is_refused(text, problem):
    with pytest.raises(InvalidReference) as refusal:
        parse_source(text)
    assert str(refusal.value) == problem


RULE = (
    "should only contain alphanumeric characters (a-z, A-Z, 0-9), underscore (_), and hyphen (-), "
    "with a length between 1 and 64 characters"
)


@pytest.mark.parametrize(
    ("tenants", "problem"),
    [
        ([""], "tenant name at index 0: empty tenant name"),
        (["a", "a b"], f"tenant name at index 1:  'a b' is not a valid tenant name. {RULE}"),
        (["x" * 65], f"tenant name at index 0:  '{'x' * 65}' is not a valid tenant name. {RULE}"),
        (["d", "d"], "tenant name d existed multiple times"),
    ],
)
def test_tenants_that_cannot_be_are_refused(tenants, problem):
    with pytest.raises(InvalidSchema) as refusal:
        names.check_tenants(tenants)
    assert str(refusal.value) == problem


def test_names_get_their_first_letter():
    assert names.collection_name("recipe") == "Recipe"
    assert names.alias_name("dish") == "Dish"
    assert names.property_name("Title") == "title"
    assert names.upper_first("") == names.lower_first("") == ""


def test_tenants_of_one_request_may_be_many():
    names.check_tenants(["a", "A", "a-b", "x" * 64])
