"""Vector index settings: defaults, what is legal, and which of them may change later.

`parse_index` lays what a user wrote over the defaults of the index type. Unknown keys are dropped, and so is a value
of another type than the setting's, except that an integer setting then becomes 0: the settings have always been read
that way, and clients send them back as they were answered. `index_of` reads the fields the engine needs from the
complete document. Raises `InvalidSchema`.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from weavelet.errors import InvalidSchema
from weavelet.schema.collection import VectorIndex
from weavelet.schema.datatypes import Distance
from weavelet.schema.rules import SchemaRules
from weavelet.schema.wording import value_text

Document: TypeAlias = dict[str, Any]


class UnknownDistance(InvalidSchema):
    """A distance there is none of; every other setting may be in order."""


HNSW: Final = "hnsw"
FLAT: Final = "flat"
DYNAMIC: Final = "dynamic"
HFRESH: Final = "hfresh"
KINDS: Final = (HNSW, FLAT, DYNAMIC, HFRESH)

_QUANTIZERS: Final = ("pq", "bq", "sq", "rq")
_MAXIMUM_INT64: Final = 2**63 - 1
_MAXIMUM_CONNECTIONS: Final = 2048
_MINIMUM_GRAPH_SETTING: Final = 4
_RQ_BITS: Final = (8, 4, 1)
_ONE_BIT_RESCORE_LIMIT: Final = 512
_HFRESH_POSTING_KB: Final = range(8, 1025)
_HFRESH_MAXIMUM_REPLICAS: Final = 10

_HNSW_DEFAULTS: Final[Mapping[str, Any]] = {
    "skip": False,
    "cleanupIntervalSeconds": 300,
    "maxConnections": 32,
    "efConstruction": 128,
    "ef": -1,
    "dynamicEfMin": 100,
    "dynamicEfMax": 500,
    "dynamicEfFactor": 8,
    "vectorCacheMaxObjects": 1_000_000_000_000,
    "flatSearchCutoff": 40_000,
    "distance": Distance.COSINE.value,
    "pq": {
        "enabled": False,
        "bitCompression": False,
        "segments": 0,
        "centroids": 256,
        "trainingLimit": 100_000,
        "encoder": {"type": "kmeans", "distribution": "log-normal"},
    },
    "bq": {"enabled": False},
    "sq": {"enabled": False, "trainingLimit": 100_000, "rescoreLimit": 20},
    "rq": {"enabled": False, "bits": 8, "rescoreLimit": 20},
    "filterStrategy": "acorn",
    "multivector": {
        "enabled": False,
        "muvera": {"enabled": False, "ksim": 4, "dprojections": 16, "repetitions": 10},
        "aggregation": "maxSim",
    },
    "skipDefaultQuantization": False,
    "trackDefaultQuantization": False,
}
_FLAT_QUANTIZER: Final[Mapping[str, Any]] = {"enabled": False, "rescoreLimit": -1, "cache": False}
_FLAT_DEFAULTS: Final[Mapping[str, Any]] = {
    "distance": Distance.COSINE.value,
    "vectorCacheMaxObjects": 1_000_000_000_000,
    "pq": _FLAT_QUANTIZER,
    "bq": _FLAT_QUANTIZER,
    "sq": _FLAT_QUANTIZER,
    "rq": {**_FLAT_QUANTIZER, "bits": 8},
    "skipDefaultQuantization": False,
    "trackDefaultQuantization": False,
}
_DYNAMIC_DEFAULTS: Final[Mapping[str, Any]] = {
    "distance": Distance.COSINE.value,
    "threshold": 10_000,
    "hnsw": _HNSW_DEFAULTS,
    "flat": _FLAT_DEFAULTS,
}
_HFRESH_DEFAULTS: Final[Mapping[str, Any]] = {
    "maxPostingSizeKB": 48,
    "replicas": 4,
    "searchProbe": 64,
    "distance": Distance.COSINE.value,
    "rq": {"enabled": True, "bits": 1, "rescoreLimit": 350},
    "postingRescoreLimit": 15,
}
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    HNSW: _HNSW_DEFAULTS,
    FLAT: _FLAT_DEFAULTS,
    DYNAMIC: _DYNAMIC_DEFAULTS,
    HFRESH: _HFRESH_DEFAULTS,
}

# --- Reading ---------------------------------------------------------------------------------------------------------


def check_kind(kind: str, rules: SchemaRules) -> None:
    """Whether the server has that index type."""
    if kind not in KINDS:
        raise InvalidSchema(f'unrecognized or unsupported vectorIndexType "{kind}"')
    if kind == DYNAMIC and not rules.async_indexing:
        raise InvalidSchema("the dynamic index can only be created when async indexing is enabled")


def parse_index(kind: str, given: Any, rules: SchemaRules, *, multivector: bool = False) -> VectorIndex:
    """The index a user asked for. `multivector`: whether its vectorizer makes several vectors per object."""
    defaults = _with_server_defaults(_DEFAULTS[kind], rules, multivector)
    try:
        document = _complete(kind, defaults, {} if given is None else given)
    except InvalidSchema as error:
        raise InvalidSchema(f"parse vector index config: {error}") from None
    _check_distance(document["distance"])
    return index_of(kind, document)


def index_of(kind: str, document: Mapping[str, Any]) -> VectorIndex:
    """The index a complete document describes."""
    graph = document.get("hnsw", document)
    flat = document.get("flat", document)
    quantizer = _quantizer(graph) or _quantizer(flat)
    return VectorIndex(
        kind=kind,
        distance=Distance(document["distance"]),
        ef=graph.get("ef", -1),
        ef_construction=graph.get("efConstruction", 128),
        max_connections=graph.get("maxConnections", 32),
        flat_search_cutoff=graph.get("flatSearchCutoff", 40_000),
        dynamic_ef=(
            graph.get("dynamicEfMin", 100),
            graph.get("dynamicEfMax", 500),
            graph.get("dynamicEfFactor", 8),
        ),
        threshold=document.get("threshold", 10_000),
        quantizer=quantizer,
        rescore_limit=_rescore_limit(graph, flat, quantizer),
        multivector=bool(graph.get("multivector", {}).get("enabled", False)),
        skip=bool(graph.get("skip", False)),
        document=document,
    )


def with_default_quantization(index: VectorIndex, rules: SchemaRules) -> VectorIndex:
    """A new graph index quantized as the server prefers, unless its owner chose otherwise."""
    document = index.document
    if index.kind != HNSW or index.quantizer is not None:
        return index
    if document["skipDefaultQuantization"]:
        return index_of(HNSW, {**document, "trackDefaultQuantization": True})
    name, _, bits = rules.default_quantization.partition("-")
    if name not in _QUANTIZERS:
        return index
    chosen: Document = {**document[name], "enabled": True}
    if name == "rq" and bits.isdigit():
        chosen["bits"] = int(bits)
        chosen["rescoreLimit"] = _ONE_BIT_RESCORE_LIMIT if bits == "1" else chosen["rescoreLimit"]
    return index_of(HNSW, {**document, name: chosen, "trackDefaultQuantization": True})


def _with_server_defaults(defaults: Mapping[str, Any], rules: SchemaRules, multivector: bool) -> Mapping[str, Any]:
    changed: Document = {"distance": str(rules.default_distance or Distance.COSINE)}
    if multivector and "multivector" in defaults:
        changed["multivector"] = {**defaults["multivector"], "enabled": True}
    return {**defaults, **changed}


def _complete(kind: str, defaults: Mapping[str, Any], given: Any) -> Document:
    """What is given over the defaults. Settings that depend on others are filled in, nonsense is refused."""
    if not isinstance(given, Mapping):
        raise InvalidSchema("input must be a non-nil map")
    document = _laid_over(defaults, given)
    match kind:
        case "hnsw":
            _finish_hnsw(document, given)
        case "flat":
            _check_flat(document)
        case "dynamic":
            _finish_dynamic(document, given)
        case _:
            _check_hfresh(document, given)
    return document


def _laid_over(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Document:
    return {key: _setting(key, default, given.get(key)) for key, default in defaults.items()}


def _setting(key: str, default: Any, value: Any) -> Any:
    if isinstance(default, Mapping):
        return _laid_over(default, value if isinstance(value, Mapping) else {})
    if value is None:
        return default
    if isinstance(default, bool):
        return value if isinstance(value, bool) else default
    if isinstance(default, int):
        return _integer(key, value)
    return value if isinstance(value, str) else default


def _integer(key: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    if isinstance(value, float):
        raise InvalidSchema(f'json.Number to int64 for "{key}": strconv.ParseInt: parsing "{value}": invalid syntax')
    return min(value, _MAXIMUM_INT64)


def _quantizer(document: Mapping[str, Any]) -> str | None:
    return next((name for name in _QUANTIZERS if document.get(name, {}).get("enabled")), None)


def _rescore_limit(graph: Mapping[str, Any], flat: Mapping[str, Any], quantizer: str | None) -> int | None:
    if quantizer is None:
        return None
    section = graph if graph.get(quantizer, {}).get("enabled") else flat
    limit: int | None = section[quantizer].get("rescoreLimit")
    return limit


# --- What is legal ---------------------------------------------------------------------------------------------------


def _finish_hnsw(document: Document, given: Mapping[str, Any]) -> None:
    _finish_rq(document, given)
    _check_pq(document["pq"])
    problems = list(_hnsw_problems(document))
    if problems:
        raise InvalidSchema(f"invalid hnsw config: {', '.join(problems)}")
    if sum(document[name]["enabled"] for name in _QUANTIZERS) > 1:
        raise InvalidSchema("invalid hnsw config: more than a single compression methods enabled")


def _finish_rq(document: Document, given: Mapping[str, Any]) -> None:
    rq = document["rq"]
    if rq["bits"] not in _RQ_BITS:
        raise InvalidSchema("RQ bits must be 8, 4 or 1")
    asked = given.get("rq")
    chose_limit = isinstance(asked, Mapping) and asked.get("rescoreLimit") is not None
    if rq["bits"] == 1 and not chose_limit:
        rq["rescoreLimit"] = _ONE_BIT_RESCORE_LIMIT


def _check_pq(pq: Mapping[str, Any]) -> None:
    if pq["segments"] < 0:
        raise InvalidSchema("pq segments must be non-negative")
    encoder = pq["encoder"]
    if encoder["type"] not in ("kmeans", "tile"):
        raise InvalidSchema(f"invalid encoder type {encoder['type']}")
    if encoder["distribution"] not in ("log-normal", "normal"):
        raise InvalidSchema(f"invalid encoder distribution {encoder['distribution']}")


def _hnsw_problems(document: Mapping[str, Any]) -> list[str]:
    problems = []
    if document["maxConnections"] < _MINIMUM_GRAPH_SETTING:
        problems.append(f"maxConnections must be a positive integer with a minimum of {_MINIMUM_GRAPH_SETTING}")
    if document["maxConnections"] >= _MAXIMUM_CONNECTIONS:
        problems.append(f"maxConnections must be less than {_MAXIMUM_CONNECTIONS}")
    if document["efConstruction"] < _MINIMUM_GRAPH_SETTING:
        problems.append(f"efConstruction must be a positive integer with a minimum of {_MINIMUM_GRAPH_SETTING}")
    if document["filterStrategy"] not in ("sweeping", "acorn"):
        problems.append("filterStrategy must be either 'sweeping' or 'acorn'")
    if document["multivector"]["aggregation"] != "maxSim":
        problems.append("multivector aggregation must be 'maxSim'")
    return problems


def _check_flat(document: Mapping[str, Any]) -> None:
    sections = [document[name] for name in _QUANTIZERS]
    if any(section["cache"] and not section["enabled"] for section in sections):
        raise InvalidSchema("not possible to use the cache without compression")
    if sum(section["enabled"] for section in sections) > 1:
        raise InvalidSchema("cannot enable multiple quantization methods at the same time")
    for name in ("pq", "sq"):
        if document[name]["enabled"]:
            raise InvalidSchema(f"{name.upper()} is not currently supported for flat indices")
    if document["rq"]["bits"] not in _RQ_BITS:
        raise InvalidSchema("RQ bits must be 8, 4 or 1")


def _finish_dynamic(document: Document, given: Mapping[str, Any]) -> None:
    graph = given.get("hnsw")
    _finish_hnsw(document["hnsw"], graph if isinstance(graph, Mapping) else {})
    if document["hnsw"]["multivector"]["enabled"]:
        raise InvalidSchema("multi vector index is not supported for dynamic index")
    _check_flat(document["flat"])


def _check_hfresh(document: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    for name in ("pq", "sq", "bq"):
        if name in given:
            raise InvalidSchema(f"{name} is not supported for hfresh index (only rq-1 is supported)")
    rq = document["rq"]
    if not rq["enabled"]:
        raise InvalidSchema("hfresh only supports rq")
    if rq["bits"] > 1:
        raise InvalidSchema(f"rq only supports 1 bit, got {rq['bits']}")
    if rq["rescoreLimit"] <= 0:
        raise InvalidSchema(f"rescoreLimit must be a positive integer, got {rq['rescoreLimit']}")
    problems = _hfresh_problems(document)
    if problems:
        raise InvalidSchema("invalid hfresh config: " + "\n".join(problems))


def _hfresh_problems(document: Mapping[str, Any]) -> list[str]:
    problems = []
    distance, size, replicas = document["distance"], document["maxPostingSizeKB"], document["replicas"]
    if distance not in (Distance.COSINE, Distance.L2_SQUARED):
        problems.append(
            f"unsupported distance type '{distance}', "
            "HFresh only supports 'cosine' or 'l2-squared' for the distance metric"
        )
    if size < _HFRESH_POSTING_KB.start:
        problems.append(f"maxPostingSizeKB is '{size}' but must be at least {_HFRESH_POSTING_KB.start}")
    if size >= _HFRESH_POSTING_KB.stop:
        problems.append(f"maxPostingSizeKB is '{size}' but must be less than {_HFRESH_POSTING_KB.stop - 1}")
    if replicas > _HFRESH_MAXIMUM_REPLICAS:
        problems.append(f"replicas is '{replicas}' but must be less than {_HFRESH_MAXIMUM_REPLICAS}")
    if document["postingRescoreLimit"] <= 0:
        problems.append(f"postingRescoreLimit must be a positive integer, got {document['postingRescoreLimit']}")
    return problems


def _check_distance(distance: str) -> None:
    if distance not in list(Distance):
        raise UnknownDistance(
            f'init vector index: unrecognized distance metric "{distance}",'
            'choose one of ["cosine", "dot", "l2-squared", "manhattan","hamming"]'
        )


# --- What may change -------------------------------------------------------------------------------------------------

_IMMUTABLE_HNSW: Final = (
    ("efConstruction", ("efConstruction",)),
    ("maxConnections", ("maxConnections",)),
    ("cleanupIntervalSeconds", ("cleanupIntervalSeconds",)),
    ("distance", ("distance",)),
    ("multivector enabled", ("multivector", "enabled")),
    ("muvera enabled", ("multivector", "muvera", "enabled")),
)
_IMMUTABLE_FLAT: Final = (
    ("distance", ("distance",)),
    *((name, (name, "enabled")) for name in _QUANTIZERS),
    ("rq.bits", ("rq", "bits")),
)
_IMMUTABLE_HFRESH: Final = (("distance", ("distance",)), ("replicas", ("replicas",)))


def check_change(current: VectorIndex, proposed: VectorIndex) -> None:
    """Whether an index may take these settings. Both are of one kind."""
    before, after = current.document, proposed.document
    match current.kind:
        case "hnsw":
            _check_graph_change(before, after)
        case "flat":
            _check_same(_IMMUTABLE_FLAT, before, after)
        case "dynamic":
            _check_same((("distance", ("distance",)),), before, after)
            _check_graph_change(before["hnsw"], after["hnsw"])
            _check_same(_IMMUTABLE_FLAT, before["flat"], after["flat"])
        case _:
            _check_same(_IMMUTABLE_HFRESH, before, after)


def _check_graph_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    _check_same(_IMMUTABLE_HNSW, before, after)
    if before["rq"]["enabled"]:
        _check_same((("rq bits", ("rq", "bits")),), before, after)


def _check_same(
    settings: tuple[tuple[str, tuple[str, ...]], ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    for name, path in settings:
        check_immutable(name, value_text(_at(before, path)), value_text(_at(after, path)))


def check_immutable(name: str, before: str, after: str) -> None:
    """Raise where a setting that is fixed once and for all would change."""
    if before != after:
        raise InvalidSchema(f'{name} is immutable: attempted change from "{before}" to "{after}"')


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for key in path:
        value = value[key]
    return value
