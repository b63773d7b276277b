"""How a text becomes terms: under given settings, or under those of a property."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from weavelet.api import auth
from weavelet.api.auth import Verb
from weavelet.api.rest import documents
from weavelet.api.rest.describing import body
from weavelet.api.rest.door import Asked, Raw, missing
from weavelet.api.rest.refusals import refusal, silently, wording
from weavelet.api.rest.render import answer
from weavelet.engine.tokenize import stopwords, terms
from weavelet.errors import CollectionNotFound
from weavelet.schema.collection import InvertedIndex, Property, Stopwords, TextAnalyzer
from weavelet.schema.datatypes import DataType, Tokenization
from weavelet.schema.names import lower_first, upper_first

router = APIRouter(prefix="/v1", tags=["tokenize"])

MOST_CHARACTERS = 10_000
_SUPPORTED = frozenset(
    {
        Tokenization.WORD,
        Tokenization.LOWERCASE,
        Tokenization.WHITESPACE,
        Tokenization.FIELD,
        Tokenization.TRIGRAM,
    }
)
_PRESETS = ("en", "none")


@router.post("/tokenize", openapi_extra=body(documents.TOKENIZE))
def tokenize_text(context: Asked, raw: Raw) -> Response:
    """Needs no permission: it says nothing about any collection."""
    document = documents.read_tokenize(raw)
    tokenization = Tokenization(document["tokenization"])
    if tokenization not in _SUPPORTED:
        raise refusal(422, f"unsupported tokenization strategy: {tokenization}")
    if "stopwords" in document and "stopwordPresets" in document:
        raise refusal(422, "stopwords and stopwordPresets are mutually exclusive; pass only one")
    analyzer = _analyzer(document)
    prop = Property(name="text", type=DataType.TEXT, tokenization=tokenization, searchable=True, analyzer=analyzer)
    return _tokenized(document["text"], _inverted(document), prop)


@router.post("/schema/{collection}/properties/{property}/tokenize", openapi_extra=body(documents.PROPERTY_TOKENIZE))
def tokenize_as_property(context: Asked, collection: str, property: str, raw: Raw) -> Response:
    text = documents.read_property_text(raw)
    context.may(auth.collections(Verb.READ, upper_first(collection)))
    with wording({CollectionNotFound: silently(404)}):
        found = context.app.catalog.collection(collection)
    prop = found.property_named(lower_first(property))
    if prop is None:
        raise missing()
    if prop.tokenization is None:
        raise refusal(422, "tokenization is not enabled for this property")
    return _tokenized(text, found.inverted, prop)


def _tokenized(text: str, inverted: InvertedIndex, prop: Property) -> Response:
    """The terms that are indexed, and those of them that a query keeps."""
    if len(text) > MOST_CHARACTERS:
        raise refusal(422, f"text exceeds maximum allowed length of {MOST_CHARACTERS:,} characters")
    assert prop.tokenization is not None
    indexed = terms(text, prop.tokenization, prop.analyzer)
    dropped = stopwords(inverted, prop)
    return answer({"indexed": indexed, "query": [term for term in indexed if term not in dropped]})


def _analyzer(document: dict[str, Any]) -> TextAnalyzer:
    config = document.get("analyzerConfig", {})
    preset = config.get("stopwordPreset") or None
    known = (*_PRESETS, *document.get("stopwordPresets", ()))
    if preset is not None and preset not in known:
        raise refusal(
            422,
            f'unknown stopword preset "{preset}"; define it in stopwordPresets or use a built-in preset '
            "('en', 'none')",
        )
    return TextAnalyzer(config.get("asciiFold", False), tuple(config.get("asciiFoldIgnore", ())), preset)


def _inverted(document: dict[str, Any]) -> InvertedIndex:
    words = document.get("stopwords", {})
    presets = {name: tuple(preset or ()) for name, preset in document.get("stopwordPresets", {}).items()}
    return InvertedIndex(
        stopwords=Stopwords(
            words.get("preset", "en"), tuple(words.get("additions", ())), tuple(words.get("removals", ()))
        ),
        stopword_presets=presets,
    )
