"""Replication and sharding settings.

One node honours them by remembering them: they are checked as a cluster of that size would check them, and
answered with what it would have filled in. Raises `InvalidSchema`.
"""

from collections.abc import Mapping
from typing import Any, Final

from weavelet.errors import InvalidSchema
from weavelet.schema.allowed import DELETION_STRATEGIES
from weavelet.schema.collection import Settings
from weavelet.schema.reading import Fields
from weavelet.schema.rules import SchemaRules
from weavelet.schema.wording import listed, type_name

_DELETION_STRATEGY: Final = "TimeBasedResolution"
_VIRTUAL_PER_PHYSICAL: Final = 128
_KEY: Final = "_id"
_STRATEGY: Final = "hash"
_FUNCTION: Final = "murmur3"
_LONGEST_MILLISECONDS: Final = (2**63 - 1) // 1_000_000
_LONGEST_SECONDS: Final = _LONGEST_MILLISECONDS // 1000

ASYNC_SETTINGS: Final[Mapping[str, range]] = {
    "hashtreeHeight": range(0, 21),
    "frequency": range(0, _LONGEST_MILLISECONDS + 1),
    "frequencyWhilePropagating": range(0, _LONGEST_MILLISECONDS + 1),
    "loggingFrequency": range(1, _LONGEST_SECONDS + 1),
    "diffBatchSize": range(1, 10_001),
    "diffPerNodeTimeout": range(1, _LONGEST_SECONDS + 1),
    "prePropagationTimeout": range(1, _LONGEST_SECONDS + 1),
    "propagationTimeout": range(1, _LONGEST_SECONDS + 1),
    "propagationLimit": range(1, 100_001),
    "propagationConcurrency": range(1, 21),
    "propagationBatchSize": range(1, 1001),
    "propagationDelay": range(0, _LONGEST_MILLISECONDS + 1),
}
"""What may be said about how copies are kept alike, which nothing depends on where there is one copy."""


def parse_replication(fields: Fields | None, rules: SchemaRules) -> Settings:
    """The complete `replicationConfig`."""
    fields = fields or Fields({}, "replicationConfig")
    factor = fields.integer("factor")
    if 0 < factor < rules.minimum_replication:
        raise InvalidSchema(
            "invalid replication factor: setup requires a minimum replication factor of "
            f"{rules.minimum_replication}: got {factor}"
        )
    if 0 < rules.maximum_replication < factor:
        raise InvalidSchema(
            f"invalid replication factor: setup caps replication at {rules.maximum_replication}: got {factor}"
        )
    factor = factor if factor > 0 else rules.minimum_replication
    replication: dict[str, Any] = {"asyncEnabled": factor > 1}
    if asynchronous := _async_config(fields.section("asyncConfig")):
        replication["asyncConfig"] = asynchronous
    replication["deletionStrategy"] = _deletion_strategy(fields)
    replication["factor"] = factor
    return replication


def _async_config(fields: Fields | None) -> dict[str, int]:
    if fields is None:
        return {}
    given = {name: fields.integer(name) for name in ASYNC_SETTINGS if fields.has(name)}
    for name, value in given.items():
        allowed = ASYNC_SETTINGS[name]
        if value not in allowed:
            raise InvalidSchema(f"{name}: value {value} out of range: min {allowed.start}, max {allowed.stop - 1}")
    return given


def _deletion_strategy(fields: Fields) -> str:
    strategy = fields.text("deletionStrategy") or _DELETION_STRATEGY
    if strategy not in DELETION_STRATEGIES:
        raise InvalidSchema(f"replicationConfig.deletionStrategy should be one of {listed(DELETION_STRATEGIES)}")
    return strategy


def check_nodes(replication: Settings, rules: SchemaRules) -> None:
    """Whether there are as many nodes as there shall be copies."""
    if replication["factor"] > rules.nodes:
        raise InvalidSchema(
            "init sharding state: could not find enough weaviate nodes for replication: "
            f"{rules.nodes} available, {replication['factor']} requested"
        )


def parse_sharding(given: Any, rules: SchemaRules, *, tenants: bool) -> Settings:
    """The complete `shardingConfig`; all zero where every tenant is a shard of its own."""
    if tenants:
        return _sharding(0, 0, "", "", "")
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise InvalidSchema(f"parse sharding config: shardingConfig must be an object, got {type_name(given)}")
    try:
        return _given_sharding(given, rules)
    except InvalidSchema as error:
        raise InvalidSchema(f"parse sharding config: {error}") from None


def check_sharding_change(current: Settings, proposed: Settings) -> None:
    """Shards are made when a collection is, and stay as many as they are."""
    before, after = current["desiredCount"], proposed["desiredCount"]
    if before != after:
        raise InvalidSchema(
            "validate sharding config: re-sharding not supported yet: shard count is immutable: "
            f'attempted change from "{before}" to "{after}"'
        )
    before, after = current["virtualPerPhysical"], proposed["virtualPerPhysical"]
    if before != after:
        raise InvalidSchema(
            "validate sharding config: re-sharding not supported yet: virtual shards per physical is immutable: "
            f'attempted change from "{before}" to "{after}"'
        )


def _given_sharding(given: Mapping[str, Any], rules: SchemaRules) -> Settings:
    per_physical = _count(given, "virtualPerPhysical", _VIRTUAL_PER_PHYSICAL)
    count = _count(given, "desiredCount", rules.sharding_count or rules.nodes)
    if count < 0:
        raise InvalidSchema(f"sharding config: desiredCount must not be negative, got: {count}")
    key, strategy, function = (
        _word(given, name, default)
        for name, default in (("key", _KEY), ("strategy", _STRATEGY), ("function", _FUNCTION))
    )
    if key != _KEY:
        raise InvalidSchema(f"sharding only supported on key '{_KEY}' for now, got: {key}")
    if strategy != _STRATEGY:
        raise InvalidSchema(f"sharding only supported with strategy '{_STRATEGY}' for now, got: {strategy}")
    if function != _FUNCTION:
        raise InvalidSchema(f"sharding only supported with function '{_FUNCTION}' for now, got: {function}")
    return _sharding(per_physical, count or rules.sharding_count or rules.nodes, key, strategy, function)


def _sharding(per_physical: int, count: int, key: str, strategy: str, function: str) -> Settings:
    return {
        "actualCount": count,
        "actualVirtualCount": count * per_physical,
        "desiredCount": count,
        "desiredVirtualCount": count * per_physical,
        "function": function,
        "key": key,
        "strategy": strategy,
        "virtualPerPhysical": per_physical,
    }


def _count(given: Mapping[str, Any], name: str, default: int) -> int:
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidSchema(f"{name} must be an integer, got {type_name(value)}")
    return value


def _word(given: Mapping[str, Any], name: str, default: str) -> str:
    value = given.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise InvalidSchema(f'field "{name}" must be of type string, got: {type_name(value)}')
    return value
