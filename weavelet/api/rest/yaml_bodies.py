"""YAML bodies, brought into the JSON that every route reads.

Only what JSON can say: its scalars, lists and mappings. Texts that look like dates stay texts; anchors, tags and deep
nesting are refused, so that no body grows while it is read.
"""

from collections.abc import Iterable

import orjson
import yaml

from weavelet.api.rest.bodies import unreadable

_RESOLVED = frozenset({"null", "bool", "int", "float"})
_DEEPEST = 100


class _Loader(yaml.SafeLoader):
    """Knows JSON's scalars and nothing else."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag.rpartition(":")[2] in _RESOLVED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def as_json(raw: bytes) -> bytes:
    """The same document as JSON; no body stays none. Raises `Refusal`."""
    if not raw.strip():
        return raw
    try:
        _check(yaml.parse(raw, Loader=_Loader))
        return orjson.dumps(yaml.load(raw, Loader=_Loader), option=orjson.OPT_NON_STR_KEYS)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise unreadable("body", f"yaml: {' '.join(str(error).split())}") from error


def _check(events: Iterable[yaml.Event]) -> None:
    depth = 0
    for event in events:
        match event:
            case yaml.AliasEvent():
                raise ValueError("aliases are not taken")
            case yaml.CollectionStartEvent() | yaml.ScalarEvent() if event.tag is not None:
                raise ValueError(f"tag {event.tag} is not taken")
            case yaml.CollectionStartEvent():
                depth += 1
            case yaml.CollectionEndEvent():
                depth -= 1
        if depth > _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} levels")
