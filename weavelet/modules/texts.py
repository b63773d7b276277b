"""From an object to the text a vectorizer embeds, composed exactly as Weaviate does.

The same object must give the same text, or vectors made here and there could not be mixed. Properties come in order of
their names, each value as one part, and the parts are joined by single blanks. Also the checks of a collection's
settings, and of models' answers, that all text vectorizers share. Pure functions.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from weavelet.errors import InvalidSchema
from weavelet.schema.collection import Collection, Property, Settings, VectorConfig
from weavelet.schema.datatypes import DataType
from weavelet.schema.objects import Vector

PROPERTY_DEFAULTS: Settings = {"skip": False, "vectorizePropertyName": False}

_TEXTS = frozenset({DataType.TEXT, DataType.TEXT_ARRAY})
_PRINTED = frozenset({DataType.INT, DataType.NUMBER, DataType.BOOLEAN, DataType.DATE, DataType.UUID})
_OBJECTS = frozenset({DataType.OBJECT, DataType.OBJECT_ARRAY})
_VECTORIZABLE_SOURCES = _TEXTS | _OBJECTS | frozenset({DataType.INT, DataType.NUMBER, DataType.DATE, DataType.BOOLEAN})
_UNVECTORIZABLE = (
    "invalid properties: didn't find a single property which is vectorizable and is not excluded from indexing. "
    "To fix this add a vectorizable property which is not excluded from indexing"
)


def corpus_text(collection: Collection, vector: VectorConfig, properties: Mapping[str, Any]) -> str | None:
    """What is embedded of an object with these canonical `properties`; None where there is nothing to embed."""
    parts = [camel_words(collection.name)] if setting_flag(vector.settings, "vectorizeClassName", True) else []
    sources = _sources(vector.settings)
    for name in sorted(properties, key=str.encode):
        property = collection.property_named(name)
        if property is not None and _counts(property, vector.vectorizer, sources):
            parts += _parts(property, properties[name], vector.vectorizer, sources is not None)
    if not parts and sources is None:
        return camel_words(collection.name)
    return " ".join(parts) or None


def as_text(value: Any) -> str:
    """A property's value for a model to read: strings as they are, the elements of an array joined by blanks."""
    match value:
        case str():
            return value
        case None:
            return ""
        case list() | tuple():
            return " ".join(as_text(element) for element in value)
        case Mapping():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case _:
            return str(value)


def camel_words(name: str) -> str:
    """A name split where its kind of character changes: `SuperCar` is `Super Car`, `PDFLoader` `PDF Loader`.

    Of several capitals before a small letter the last belongs to the next word. Digits and signs stand alone.
    """
    words = ["".join(run) for _, run in groupby(name, _class_of)]
    for here in range(len(words) - 1):
        if words[here][:1].isupper() and words[here + 1][:1].islower():
            words[here + 1] = words[here][-1] + words[here + 1]
            words[here] = words[here][:-1]
    return " ".join(filter(None, words))


def setting_flag(settings: Settings, name: str, default: bool) -> bool:
    """A yes-or-no setting, which may be written as text."""
    value = settings.get(name, default)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower(), default)
    return value if isinstance(value, bool) else default


def setting_text(settings: Settings, name: str, default: str = "") -> str:
    """A text setting; the default where it is missing or something else."""
    value = settings.get(name)
    return value if isinstance(value, str) and value else default


def setting_int(settings: Settings, name: str) -> int | None:
    """A whole number, which may be written as text or with a fraction of zero."""
    value = settings.get(name)
    try:
        return None if value is None or isinstance(value, bool) else int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None


def as_vector(embedding: Any) -> Vector:
    """A model's answer as a vector. Raises ValueError saying what it is instead."""
    try:
        vector: Vector = np.asarray(embedding, np.float32)
    except (TypeError, ValueError):
        raise ValueError("a vector that is not all numbers") from None
    if vector.ndim != 1 or not vector.size:
        raise ValueError("an empty vector" if not vector.size else "a vector of vectors")
    if not np.isfinite(vector).all():
        raise ValueError("a vector that is not all numbers")
    return vector


def check_sources(settings: Settings) -> None:
    """Raise `InvalidSchema` unless `properties` is absent or a list of at least one name."""
    listed = settings.get("properties")
    if listed is None:
        return
    if not isinstance(listed, list | tuple):
        raise InvalidSchema(f"properties field needs to be of array type, got: {_go_type(listed)}")
    if not listed:
        raise InvalidSchema("properties field needs to have at least 1 property defined")
    for value in listed:
        if not isinstance(value, str):
            raise InvalidSchema(f"properties field value: {json.dumps(value)} must be a string")


def check_vectorizable(collection: Collection, vector: VectorConfig, auto_schema: bool) -> None:
    """Raise `InvalidSchema` where no object of this collection could ever have a text.

    With auto-schema, properties may still come; with the class name in the text there is always one.
    """
    if auto_schema or setting_flag(vector.settings, "vectorizeClassName", True):
        return
    sources = _sources(vector.settings)
    allowed = _TEXTS if sources is None else _VECTORIZABLE_SOURCES
    if not any(p.type in allowed and _counts(p, vector.vectorizer, sources) for p in collection.properties):
        raise InvalidSchema(_UNVECTORIZABLE)


def _class_of(character: str) -> int:
    if character.islower():
        return 1
    if character.isupper():
        return 2
    return 3 if character.isdigit() else 4


def _sources(settings: Settings) -> frozenset[str] | None:
    """The names of the source properties; None where every text counts."""
    listed = settings.get("properties")
    return frozenset(map(str, listed)) if isinstance(listed, list | tuple) and listed else None


def _counts(property: Property, module: str, sources: frozenset[str] | None) -> bool:
    """Whether a property goes into the text. Listed sources decide alone; `skip` counts without them."""
    if sources is not None:
        return property.name in sources
    return not setting_flag(property.modules.get(module, {}), "skip", False)


def _parts(property: Property, value: Any, module: str, all_types: bool) -> Iterator[str]:
    named = setting_flag(property.modules.get(module, {}), "vectorizePropertyName", False)
    prefix = f"{camel_words(property.name)} " if named else ""
    return (prefix + text for text in _printed(property.type, value, all_types))


def _printed(type: DataType, value: Any, all_types: bool) -> Sequence[str]:
    """A value as texts: one for a scalar, one for each element of an array, none for what is not embedded."""
    if value is None or (type not in _TEXTS and not all_types):
        return ()
    if type in _OBJECTS:
        return (json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False),)
    if type.element not in _PRINTED and type not in _TEXTS:
        return ()
    elements = value if type.is_array else (value,)
    return [_scalar(element) for element in elements]


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _float(value) if isinstance(value, float) else str(value)


def _float(value: float) -> str:
    """The shortest digits that read back as the value, with an exponent below 1e-4 and from 1e6 on, as Go prints it."""
    magnitude = int(f"{value:.16e}".partition("e")[2])
    if -4 <= magnitude < 6:
        return repr(value).removesuffix(".0")
    return np.format_float_scientific(value, unique=True, trim="-", exp_digits=2)


def _go_type(value: Any) -> str:
    match value:
        case str():
            return "string"
        case bool():
            return "bool"
        case int() | float():
            return "float64"
        case Mapping():
            return "map[string]interface {}"
    return type(value).__name__
