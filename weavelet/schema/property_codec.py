"""One property of a class JSON: reading with defaults, checking, writing.

Reading migrates what older clients send: `string` becomes `text` split at white space, `indexInverted` becomes the
flags that replaced it. Raises `InvalidSchema`.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from weavelet.errors import InvalidSchema
from weavelet.schema import names
from weavelet.schema.collection import Property, Settings, TextAnalyzer
from weavelet.schema.datatypes import DataType, Tokenization
from weavelet.schema.reading import Fields
from weavelet.schema.rules import SchemaRules
from weavelet.schema.stopwords import PRESETS
from weavelet.schema.wording import listed, quoted

_OBJECTS: Final = (DataType.OBJECT, DataType.OBJECT_ARRAY)
_TEXTS: Final = (DataType.TEXT, DataType.TEXT_ARRAY)
_RANGES: Final = (DataType.INT, DataType.NUMBER, DataType.DATE)
_OLD_TEXTS: Final[Mapping[str, DataType]] = {"string": DataType.TEXT, "string[]": DataType.TEXT_ARRAY}
_NEVER_NESTED: Final = (DataType.GEO, DataType.PHONE)
_PRIMITIVES: Final[Mapping[str, DataType]] = {
    **{str(kind): kind for kind in DataType if kind is not DataType.REFERENCE},
    **_OLD_TEXTS,
}
_DICTIONARIES: Final[Mapping[Tokenization, tuple[str, str]]] = {
    Tokenization.GSE: ("GSE", "ENABLE_TOKENIZER_GSE"),
    Tokenization.GSE_CH: ("Chinese", "ENABLE_TOKENIZER_GSE_CH"),
    Tokenization.KAGOME_JA: ("Japanese", "ENABLE_TOKENIZER_KAGOME_JA"),
    Tokenization.KAGOME_KR: ("Korean", "ENABLE_TOKENIZER_KAGOME_KR"),
}
_NO_REFERENCE: Final = "reference property to nonexistent class"


class NonexistentTarget(InvalidSchema):
    """A reference to a collection that does not exist."""


class PropertyReader:
    """Reads the properties of one collection: what they may refer to, and whose settings they carry."""

    def __init__(
        self,
        collection: str,
        rules: SchemaRules,
        exists: Callable[[str], bool],
        *,
        vectorizers: Iterable[str],
        presets: Iterable[str],
    ) -> None:
        self._collection = collection
        self._rules = rules
        self._exists = exists
        self._vectorizers = tuple(vectorizers)
        self._presets = frozenset(presets) | PRESETS.keys()

    def read_all(self, documents: Sequence[Any]) -> tuple[Property, ...]:
        """A property list, no name twice."""
        taken: set[str] = set()
        properties = []
        for document in documents:
            prop = self.read(Fields(document, "properties"), taken)
            taken.add(prop.name.lower())
            properties.append(prop)
        return tuple(properties)

    def read(self, fields: Fields, taken: set[str]) -> Property:
        """One property. `taken`: the lower-case names of the others."""
        name = names.property_name(fields.text("name"))
        if name.lower() in taken:
            raise InvalidSchema(
                f'class "{self._collection}": conflict for property "{name}": already in use or provided multiple times'
            )
        written = fields.texts("dataType") or ()
        type, targets = self._data_type(name, written)
        nested = _nested(fields, name, type, self._presets)
        tokenization = self._tokenization(fields.text("tokenization"), type, written)
        filterable, searchable, ranges = _indexes(fields, type)
        return Property(
            name=name,
            type=type,
            targets=targets,
            description=fields.text("description"),
            tokenization=tokenization,
            filterable=filterable,
            searchable=searchable,
            range_filters=ranges,
            nested=nested,
            modules=self._modules(fields.mapping("moduleConfig") or {}),
            analyzer=self._analyzer(fields, name, type, tokenization, filterable or searchable),
            unique_references=fields.optional_flag("disableDuplicatedReferences"),
        )

    def _data_type(self, name: str, written: Sequence[str]) -> tuple[DataType, tuple[str, ...]]:
        try:
            return self._parsed_type(written)
        except NonexistentTarget:
            raise NonexistentTarget(
                f"property '{name}': invalid dataType: {listed(written)}: {_NO_REFERENCE}"
            ) from None
        except InvalidSchema as error:
            raise InvalidSchema(f"property '{name}': invalid dataType: {listed(written)}: {error}") from None

    def _parsed_type(self, written: Sequence[str]) -> tuple[DataType, tuple[str, ...]]:
        if not written:
            raise InvalidSchema("dataType must have at least one element")
        if len(written) > 1 or written[0][:1].isupper():
            return DataType.REFERENCE, tuple(self._target(name) for name in written)
        if not written[0]:
            raise InvalidSchema("dataType cannot be an empty string")
        if written[0] not in _PRIMITIVES:
            raise InvalidSchema(f"unknown primitive data type '{written[0]}'")
        return _PRIMITIVES[written[0]], ()

    def _target(self, name: str) -> str:
        if not name[:1].isupper() or names.collection_name(name) != name:
            raise InvalidSchema(f"'{name}' is not a valid class name")
        if name != self._collection and not self._exists(name):
            raise NonexistentTarget(_NO_REFERENCE)
        return name

    def _tokenization(self, asked: str, type: DataType, written: Sequence[str]) -> Tokenization | None:
        if type not in _TEXTS:
            _check_no_tokenization(asked, type)
            return None
        if written[0] in _OLD_TEXTS:
            return _old_tokenization(asked, written[0])
        tokenization = _known_tokenization(asked or self._rules.default_tokenization, type)
        if tokenization in _DICTIONARIES and tokenization not in self._rules.tokenizers:
            language, variable = _DICTIONARIES[tokenization]
            raise InvalidSchema(f"the {language} tokenizer is not enabled; set '{variable}' to 'true' to enable")
        return tokenization

    def _modules(self, given: Mapping[str, Any]) -> Mapping[str, Settings]:
        for module in given:
            if self._rules.is_vectorizer(module) and module not in self._vectorizers:
                raise InvalidSchema(f"vectorizer {quoted(module)} not configured for any of target vectors")
        modules = dict(given)
        for module in self._vectorizers:
            settings = given.get(module) or {}
            if not isinstance(settings, Mapping):
                raise InvalidSchema(f"moduleConfig.{module} must be an object")
            if rules := self._rules.modules.get(module):
                modules[module] = {**rules.property_defaults, **settings}
        return modules

    def _analyzer(
        self, fields: Fields, name: str, type: DataType, tokenization: Tokenization | None, indexed: bool
    ) -> TextAnalyzer | None:
        analyzer = _read_analyzer(fields.section("textAnalyzer"))
        if analyzer is not None:
            try:
                _check_analyzer(analyzer, type, tokenization, indexed)
                _check_preset(analyzer.stopword_preset, self._presets)
            except InvalidSchema as error:
                raise InvalidSchema(f"property '{name}': {error}") from None
        return analyzer


# --- Parts of a property ---------------------------------------------------------------------------------------------


def _indexes(fields: Fields, type: DataType) -> tuple[bool, bool, bool]:
    """Whether the property is filterable, searchable, and has range filters."""
    old = fields.optional_flag("indexInverted")
    given = [fields.optional_flag(key) for key in ("indexFilterable", "indexSearchable", "indexRangeFilters")]
    if old is not None:
        if any(flag is not None for flag in given):
            raise InvalidSchema(
                "`indexInverted` is deprecated and can not be set together with `indexFilterable`, "
                "`indexSearchable` or `indexRangeFilters`"
            )
        return old, old and type in _TEXTS, False
    filterable, searchable, ranges = given
    if searchable and type not in _TEXTS:
        raise InvalidSchema(
            "`indexSearchable` is allowed only for text/text[] data types. "
            "For other data types set false or leave empty"
        )
    if ranges and type not in _RANGES:
        raise InvalidSchema(
            "`indexRangeFilters` is allowed only for number/int/date data types. "
            "For other data types set false or leave empty"
        )
    return filterable is not False, type in _TEXTS if searchable is None else searchable, bool(ranges)


def _check_no_tokenization(asked: str, type: DataType) -> None:
    if not asked:
        return
    if type in _OBJECTS:
        raise InvalidSchema("tokenization is not allowed for object/object[] data types")
    if type is DataType.REFERENCE:
        raise InvalidSchema("tokenization is not allowed for reference data type")
    raise InvalidSchema(f"tokenization is not allowed for data type '{type}'")


def _known_tokenization(asked: str, type: DataType) -> Tokenization:
    if asked not in list(Tokenization):
        raise InvalidSchema(f"tokenization '{asked}' is not allowed for data type '{type}'")
    return Tokenization(asked)


def _old_tokenization(asked: str, type: str) -> Tokenization:
    """What the tokenizations of the former `string` type are called today."""
    match asked:
        case "" | "word":
            return Tokenization.WHITESPACE
        case "field":
            return Tokenization.FIELD
        case _:
            raise InvalidSchema(f"tokenization '{asked}' is not allowed for data type '{type}'")


def _read_analyzer(fields: Fields | None) -> TextAnalyzer | None:
    """An analyzer that changes nothing is none."""
    if fields is None:
        return None
    analyzer = TextAnalyzer(
        fields.flag("asciiFold"), fields.texts("asciiFoldIgnore") or (), fields.text("stopwordPreset") or None
    )
    return None if analyzer == TextAnalyzer() else analyzer


def _check_analyzer(analyzer: TextAnalyzer, type: DataType, tokenization: Tokenization | None, indexed: bool) -> None:
    if type not in _TEXTS:
        got = "" if type in _OBJECTS or type is DataType.REFERENCE else f", got '{type}'"
        raise InvalidSchema(f"processing options are only allowed for text and text[] data types{got}")
    if not indexed:
        raise InvalidSchema("processing options are only allowed for properties with an inverted index")
    if analyzer.ascii_fold_ignore and not analyzer.ascii_fold:
        raise InvalidSchema("asciiFoldIgnore requires asciiFold to be enabled")
    for entry in analyzer.ascii_fold_ignore:
        if len(unicodedata.normalize("NFC", entry)) != 1:
            raise InvalidSchema(f"each asciiFoldIgnore entry must be a single character, got {quoted(entry)}")
    if analyzer.stopword_preset is not None and tokenization is not Tokenization.WORD:
        raise InvalidSchema(f'stopwordPreset is only supported with tokenization "word", got "{tokenization}"')


def _check_preset(preset: str | None, known: Iterable[str]) -> None:
    if preset is not None and preset not in known:
        raise InvalidSchema(
            f"unknown stopword preset {quoted(preset)}; "
            "must be a built-in preset ('en', 'none') or defined in invertedIndexConfig.stopwordPresets"
        )


# --- Nested properties -----------------------------------------------------------------------------------------------


def _nested(fields: Fields, path: str, type: DataType, presets: Iterable[str]) -> tuple[Property, ...]:
    """The properties of an object property. `path`: its own name, with those it is nested in."""
    documents = fields.items("nestedProperties") or ()
    if type not in _OBJECTS:
        if documents:
            raise InvalidSchema(
                f"property '{path}': nestedProperties not allowed for data types other than object/object[]"
            )
        return ()
    if not documents:
        raise InvalidSchema(
            f"property '{path}': At least one nested property is required for data type object/object[]"
        )
    return tuple(nested_property(document, path, presets) for document in documents)


def nested_property(document: Any, parent: str, presets: Iterable[str] = PRESETS) -> Property:
    """One property of the object property `parent`, which is named with those it is nested in.

    `presets`: the stop word lists there are.
    """
    fields = Fields(document, "nestedProperties")
    name = names.nested_property_name(fields.text("name"), parent)
    path = f"{parent}.{name}"
    type = _nested_type(fields.texts("dataType") or (), path)
    nested = _nested(fields, path, type, presets)
    try:
        return _nested_settings(fields, name, type, nested, presets)
    except InvalidSchema as error:
        raise InvalidSchema(f"property '{path}': {error}") from None


def _nested_type(written: Sequence[str], path: str) -> DataType:
    if len(written) != 1 or written[0] not in _PRIMITIVES:
        raise InvalidSchema(f"property '{path}': reference data type not allowed")
    if written[0] in _OLD_TEXTS:
        raise InvalidSchema(
            f"property '{path}': data type '{written[0]}' is deprecated and not allowed as nested property"
        )
    type = _PRIMITIVES[written[0]]
    if type in _NEVER_NESTED:
        raise InvalidSchema(f"property '{path}': data type '{type}' not allowed as nested property")
    return type


def _nested_settings(
    fields: Fields, name: str, type: DataType, nested: tuple[Property, ...], presets: Iterable[str]
) -> Property:
    tokenization = _nested_tokenization(fields.text("tokenization"), type)
    filterable = fields.flag("indexFilterable", type is not DataType.BLOB)
    searchable = fields.flag("indexSearchable", type in _TEXTS)
    ranges = fields.flag("indexRangeFilters")
    if searchable and type not in _TEXTS:
        raise InvalidSchema("`indexSearchable` is not allowed for other than text/text[] data types")
    if ranges and type not in _RANGES:
        raise InvalidSchema("`indexRangeFilters` is not allowed for other than number/int/date data types")
    analyzer = _read_analyzer(fields.section("textAnalyzer"))
    if analyzer is not None:
        _check_analyzer(analyzer, type, tokenization, filterable or searchable)
        _check_preset(analyzer.stopword_preset, presets)
    return Property(
        name=name,
        type=type,
        description=fields.text("description"),
        tokenization=tokenization,
        filterable=filterable,
        searchable=searchable,
        range_filters=ranges,
        nested=nested,
        analyzer=analyzer,
    )


def _nested_tokenization(asked: str, type: DataType) -> Tokenization | None:
    if type in _TEXTS:
        return _known_tokenization(asked or Tokenization.WORD, type)
    if asked and type in _OBJECTS:
        raise InvalidSchema("Tokenization is not allowed for object/object[] data types")
    if asked:
        raise InvalidSchema(f"Tokenization is not allowed for data type '{type}'")
    return None


# --- Writing, and reading back what was written ----------------------------------------------------------------------


def render_property(prop: Property) -> dict[str, Any]:
    """The JSON of a property, defaults included."""
    document: dict[str, Any] = {"dataType": list(prop.targets) if prop.is_reference else [prop.type.value]}
    if prop.description:
        document["description"] = prop.description
    if prop.unique_references is not None:
        document["disableDuplicatedReferences"] = prop.unique_references
    document["indexFilterable"] = prop.filterable
    document["indexRangeFilters"] = prop.range_filters
    document["indexSearchable"] = prop.searchable
    if prop.modules:
        document["moduleConfig"] = dict(prop.modules)
    document["name"] = prop.name
    if prop.nested:
        document["nestedProperties"] = [render_property(nested) for nested in prop.nested]
    if prop.analyzer is not None:
        document["textAnalyzer"] = _render_analyzer(prop.analyzer)
    if prop.tokenization is not None:
        document["tokenization"] = prop.tokenization.value
    return document


def _render_analyzer(analyzer: TextAnalyzer) -> dict[str, Any]:
    document: dict[str, Any] = {}
    if analyzer.ascii_fold:
        document["asciiFold"] = True
    if analyzer.ascii_fold_ignore:
        document["asciiFoldIgnore"] = list(analyzer.ascii_fold_ignore)
    if analyzer.stopword_preset is not None:
        document["stopwordPreset"] = analyzer.stopword_preset
    return document


def stored_property(document: Mapping[str, Any]) -> Property:
    """The property that `render_property` wrote."""
    written = document["dataType"]
    known = len(written) == 1 and written[0] in _PRIMITIVES
    tokenization = document.get("tokenization")
    analyzer = document.get("textAnalyzer")
    return Property(
        name=document["name"],
        type=_PRIMITIVES[written[0]] if known else DataType.REFERENCE,
        targets=() if known else tuple(written),
        description=document.get("description", ""),
        tokenization=None if tokenization is None else Tokenization(tokenization),
        filterable=document["indexFilterable"],
        searchable=document["indexSearchable"],
        range_filters=document["indexRangeFilters"],
        nested=tuple(stored_property(nested) for nested in document.get("nestedProperties", ())),
        modules=document.get("moduleConfig", {}),
        analyzer=None if analyzer is None else _read_analyzer(Fields(analyzer, "textAnalyzer")),
        unique_references=document.get("disableDuplicatedReferences"),
    )
