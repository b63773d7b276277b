"""What a query may tell each generator, and what that tells of its work: `generate(singleResult: {openai: {…}})`.

One table, under the names that the original gives fields and types. The settings are those of the class JSON, and go to
the module as they are. Imports only `graphql` and the inputs beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLString,
)

from weavelet.api.graphql import inputs
from weavelet.errors import InvalidQuery

Told: TypeAlias = "Mapping[str, str | tuple[str, Told]]"
"""A field's type; of an object, the end of its type's name and its fields."""

_PREFIX = "generative-"
_SCALARS: Mapping[str, GraphQLScalarType] = {
    "": GraphQLString,
    "Int": GraphQLInt,
    "Float": GraphQLFloat,
    "Boolean": GraphQLBoolean,
}
_ENUMS: Mapping[str, tuple[str, ...]] = {
    "ReasoningEffort": ("minimal", "low", "medium", "high"),
    "Verbosity": ("low", "medium", "high"),
}
_IMAGES = "images:[] imageProperties:[]"
_USAGE: Told = {"prompt_tokens": "Int", "completion_tokens": "Int", "total_tokens": "Int"}
_USED: Told = {"usage": ("UsageMetadataFields", _USAGE)}
_COUNT: Told = {"totalBillableCharacters": "Int", "totalTokens": "Int"}


@dataclass(frozen=True, slots=True)
class Asking:
    """A generator's settings, as `name:Type` (no type: text; `[]`: several texts), and what it tells."""

    settings: str
    told: Told = field(default_factory=dict)
    ending: str = "InputObject"
    named: bool = True
    """Whether the type's name has the generator's in it."""


_OPENAI = (
    "baseURL apiVersion resourceName deploymentId isAzure:Boolean model frequencyPenalty:Float maxTokens:Int n:Int "
    f"presencePenalty:Float stop:[] temperature:Float topP:Float {_IMAGES} reasoningEffort:ReasoningEffort "
    "verbosity:Verbosity"
)
_PLAIN = "baseURL model temperature:Float topP:Float maxTokens:Int"

_ASKING: Mapping[str, Asking] = {
    "anthropic": Asking(
        f"baseURL model temperature:Float maxTokens:Int stopSequences:[] topP:Float topK:Int {_IMAGES}",
        {
            **dict.fromkeys(("type", "id", "role", "model", "stopReason", "stopSequence"), ""),
            "error": ("ErrorFields", {"type": "", "message": ""}),
            "content": ("ContentFields[]", {"type": "", "text": ""}),
            "usage": ("UsageFields", {"inputTokens": "Int", "outputTokens": "Int"}),
        },
    ),
    "anyscale": Asking("baseURL model temperature:Float"),
    "aws": Asking(
        "service region endpoint targetModel targetVariant model temperature:Float maxTokens:Int stopSequences:[] "
        f"{_IMAGES}"
    ),
    "cohere": Asking(
        "baseURL model temperature:Float maxTokens:Int k:Int p:Float stopSequences:[] frequencyPenalty:Float "
        f"presencePenalty:Float {_IMAGES}",
        {
            "meta": (
                "UsageMetadataFields",
                {
                    "api_version": (
                        "ApiVersionFields",
                        {"version": "", "is_deprecated": "Boolean", "is_experimental": "Boolean"},
                    ),
                    "billed_units": (
                        "BilledUnitsFields",
                        dict.fromkeys(("input_tokens", "output_tokens", "search_units", "classifications"), "Float"),
                    ),
                    "tokens": ("TokensFields", dict.fromkeys(("input_tokens", "output_tokens"), "Float")),
                    "warnings": "[]",
                },
            )
        },
    ),
    "contextualai": Asking(
        "model temperature:Float topP:Float maxNewTokens:Int systemPrompt avoidCommentary:Boolean knowledge:[]",
        ending="Params",
        named=False,
    ),
    "databricks": Asking(
        "model frequencyPenalty:Float logprobs:Boolean topLogprobs:Int maxTokens:Int n:Int presencePenalty:Float "
        "stop:[] temperature:Float topP:Float",
        _USED,
    ),
    "deepseek": Asking(
        f"{_PLAIN} frequencyPenalty:Float presencePenalty:Float stop:[]",
        {"usage": ("UsageMetadata", _USAGE)},
        ending="Input",
    ),
    "friendliai": Asking(f"{_PLAIN} n:Int", _USED),
    "google": Asking(
        "apiEndpoint projectId endpointId region location model temperature:Float topP:Float topK:Int maxTokens:Int "
        f"presencePenalty:Float frequencyPenalty:Float stopSequences:[] {_IMAGES}",
        {
            "usageMetadata": (
                "UsageMetadataFields",
                dict.fromkeys(("promptTokenCount", "candidatesTokenCount", "totalTokenCount"), "Int"),
            ),
            "metadata": (
                "MetadataFields",
                {
                    "tokenMetadata": (
                        "TokenMetadataFields",
                        {
                            "inputTokenCount": ("MetadataInputTokenCountFields", _COUNT),
                            "outputTokenCount": ("MetadataOutputTokenCountFields", _COUNT),
                        },
                    )
                },
            ),
        },
    ),
    "mistral": Asking(_PLAIN, _USED),
    "nvidia": Asking(_PLAIN, _USED),
    "octoai": Asking(f"{_PLAIN} n:Int", _USED),
    "ollama": Asking(f"apiEndpoint model temperature:Float {_IMAGES}"),
    "openai": Asking(_OPENAI, _USED),
    "openai-compatible": Asking(
        f"{_PLAIN} n:Int frequencyPenalty:Float presencePenalty:Float stop:[] reasoningEffort:ReasoningEffort", _USED
    ),
    "xai": Asking(f"{_PLAIN} {_IMAGES}", _USED),
}
_FIELDS: Mapping[str, str] = {"openai-compatible": "openaiCompatible"}
"""What a generator is called in GraphQL, where its own name is none there."""

_PROVIDERS: Mapping[str, str] = {_FIELDS.get(name, name): name for name in _ASKING}


def fields_of(modules: Iterable[str]) -> tuple[str, ...]:
    """The GraphQL names of those of the modules that can be told something."""
    names = {name.removeprefix(_PREFIX) for name in modules if name.startswith(_PREFIX)}
    return tuple(sorted(field for field, provider in _PROVIDERS.items() if provider in names))


def field_of(provider: str) -> str:
    """A generator's name in GraphQL."""
    return _FIELDS.get(provider, provider)


def field_is_told(field: str) -> bool:
    """Whether the field is what a generator tells of its work."""
    return field in _PROVIDERS


def settings_types(prefix: str, fields: Iterable[str]) -> Mapping[str, GraphQLInputObjectType]:
    """The input types of the generators, by field; `prefix` is `RecipeSingleResult` or `RecipeGroupedResult`."""
    return {field: _settings_type(prefix, field) for field in fields}


def told_types(collection: str, fields: Iterable[str]) -> Mapping[str, GraphQLObjectType]:
    """The types of what the generators tell, by field, of those that tell something."""
    asked = {field: _ASKING[_PROVIDERS[field]].told for field in fields}
    return {field: _told_type(f"{collection}{field}", "Fields", told) for field, told in asked.items() if told}


def chosen(*parts: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """The provider that the parts of a query name, and its settings; (None, {}) where they name none."""
    found = [(field, part[field] or {}) for part in parts for field in part if field in _PROVIDERS]
    if not found:
        return None, {}
    if any(other != found[0] for other in found):
        raise InvalidQuery("generate: singleResult and groupedResult must name the same generator with equal settings")
    field, settings = found[0]
    return _PROVIDERS[field], settings


def _settings_type(prefix: str, field: str) -> GraphQLInputObjectType:
    asking = _ASKING[_PROVIDERS[field]]
    own = f"{prefix}{field}"

    def types() -> dict[str, GraphQLInputType]:
        return dict(_settings(own, asking.settings))

    return inputs.input_object(f"{own if asking.named else prefix}{asking.ending}", types)


def _settings(prefix: str, text: str) -> Iterator[tuple[str, GraphQLInputType]]:
    for part in text.split():
        name, _, kind = part.partition(":")
        if kind in _ENUMS:
            yield name, inputs.enum(f"{prefix}{kind}", {value: value for value in _ENUMS[kind]})
        else:
            yield name, GraphQLList(_SCALARS[kind[:-2]]) if kind.endswith("[]") else _SCALARS[kind]


def _told_type(prefix: str, ending: str, told: Told) -> GraphQLObjectType:
    return GraphQLObjectType(f"{prefix}{ending}", _told_fields(prefix, told), description="")


def _told_fields(prefix: str, told: Told) -> Callable[[], dict[str, GraphQLField]]:
    def fields() -> dict[str, GraphQLField]:
        return {name: GraphQLField(_told(prefix, kind), description="") for name, kind in told.items()}

    return fields


def _told(prefix: str, kind: "str | tuple[str, Told]") -> GraphQLOutputType:
    ending, below = (kind, None) if isinstance(kind, str) else kind
    bare = ending.removesuffix("[]")
    single: Any = _SCALARS[bare] if below is None else _told_type(prefix, bare, below)
    return GraphQLList(single) if ending.endswith("[]") else single
