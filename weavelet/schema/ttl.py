"""When a collection's objects expire: reading, checking and writing `objectTtlConfig`."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from weavelet.errors import InvalidSchema
from weavelet.schema.collection import InvertedIndex, ObjectTtl, Property
from weavelet.schema.datatypes import DataType
from weavelet.schema.reading import Fields
from weavelet.schema.wording import quoted

CREATION_TIME: Final = "_creationTimeUnix"
UPDATE_TIME: Final = "_lastUpdateTimeUnix"
MINIMUM_SECONDS: Final = 60


def parse_ttl(fields: Fields | None) -> ObjectTtl | None:
    """What a user asked for, not yet checked; None where nothing was said."""
    if fields is None:
        return None
    return ObjectTtl(
        enabled=fields.flag("enabled"),
        delete_on=fields.text("deleteOn").strip(),
        seconds=fields.integer("defaultTtl"),
        filter_expired=fields.flag("filterExpiredObjects"),
    )


def needs_timestamps(ttl: ObjectTtl | None) -> bool:
    """Whether expiry goes by times that have to be indexed for it."""
    return ttl is not None and ttl.enabled and ttl.delete_on in (CREATION_TIME, UPDATE_TIME)


def checked_ttl(ttl: ObjectTtl | None, inverted: InvertedIndex, properties: Iterable[Property]) -> ObjectTtl | None:
    """The same. Raises `InvalidSchema` where it is switched on and makes no sense."""
    if ttl is None or not ttl.enabled:
        return ttl
    try:
        if ttl.delete_on in (CREATION_TIME, UPDATE_TIME):
            _check_time(ttl, inverted)
            return ttl
        return replace(ttl, delete_on=_checked_property(ttl.delete_on, properties))
    except InvalidSchema as error:
        raise InvalidSchema(f"ObjectTTLConfig: {error}") from None


def render_ttl(ttl: ObjectTtl) -> dict[str, Any]:
    return {
        "defaultTtl": ttl.seconds,
        "deleteOn": ttl.delete_on,
        "enabled": ttl.enabled,
        "filterExpiredObjects": ttl.filter_expired,
    }


def _check_time(ttl: ObjectTtl, inverted: InvertedIndex) -> None:
    if ttl.seconds < MINIMUM_SECONDS:
        raise InvalidSchema(
            f'defaultTtl value too small for "deleteOn"="{ttl.delete_on}". '
            f'Required minimum "{MINIMUM_SECONDS}" seconds, given "{ttl.seconds}" seconds'
        )
    if not inverted.index_timestamps:
        raise InvalidSchema(
            f'"deleteOn"="{ttl.delete_on}" requires indexed timestamps. Enable "invertedIndexConfig.indexTimestamps"'
        )


def _checked_property(name: str, properties: Iterable[Property]) -> str:
    if not name:
        raise InvalidSchema(
            f'missing value for "deleteOn". Set "{CREATION_TIME}", "{UPDATE_TIME}" or custom property of "date" type'
        )
    prop = next((prop for prop in properties if prop.name == name), None)
    if prop is None:
        raise InvalidSchema(f'property {quoted(name)} set as "deleteOn" not found among collection properties')
    if prop.type is not DataType.DATE:
        raise InvalidSchema(
            f'property {quoted(name)} set as "deleteOn" should have "date" data type, "{prop.type}" given'
        )
    if not (prop.filterable or prop.range_filters):
        raise InvalidSchema(
            f'property {quoted(name)} set as "deleteOn" should have filterable or rangeable index enabled'
        )
    return name
