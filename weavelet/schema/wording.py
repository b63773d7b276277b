"""How values are worded in messages: the names and forms that Weaviate's own texts use for JSON values.

Clients and people compare these texts, so a list is written `[a b]`, an object `map[k:v]`, and types carry the
names of the decoder Weaviate uses (`json.Number`, `map[string]interface {}`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

WHILE_UPDATING: Final = "updating schema: TYPE_UPDATE_CLASS: bad request :parse class update: "
"""Before what is wrong with an update, where Weaviate notices it only while it carries the update out."""


def type_name(value: Any) -> str:
    """The type of a JSON value, as messages name it."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int() | float():
            return "json.Number"
        case str():
            return "string"
        case Mapping():
            return "map[string]interface {}"
        case _:
            return "[]interface {}"


def value_text(value: Any) -> str:
    """A JSON value, as messages show it. Keys of an object come in order."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Mapping():
            return "map[" + " ".join(f"{key}:{value_text(value[key])}" for key in sorted(value)) + "]"
        case list() | tuple():
            return "[" + " ".join(map(value_text, value)) + "]"
        case _:
            return str(value)


def quoted(text: str) -> str:
    """Text in double quotes, quotes and backslashes inside escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def listed(texts: Iterable[str]) -> str:
    """Texts as messages show a list: `[a b]`."""
    return "[" + " ".join(texts) + "]"
