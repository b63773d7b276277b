"""When an answer counts as the recorded one.

Status and JSON must be equal, up to what differs from run to run (clocks, shard names, addresses) and to the last
digits of floating point numbers. A case may name parts that are ignored, or lists whose order says nothing.
"""

import base64
import json
import math
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Json: TypeAlias = Any
Difference: TypeAlias = tuple[str, Json, Json]
"""A JSON pointer, what was recorded there, and what was answered."""

RELATIVE = 1e-5
ABSOLUTE = 1e-6
ABSENT = "<absent>"

_TIMES = frozenset({"creationTimeUnix", "lastUpdateTimeUnix", "creation_time_unix", "last_update_time_unix"})
_DROPPED = frozenset({"took", "ratePerSecond", "gitHash"})
_EXPLANATIONS = frozenset({"explainScore", "explain_score"})
_TEXTS = frozenset({"message", "details", "body"})

_HOST = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::\]):\d+")
_QUOTED_SHARD = re.compile(r'shard(s?)(=| )"[A-Za-z0-9]{12}"')
_INDEX_SHARD = re.compile(r"(shard |search )([a-z0-9_]+)_([A-Za-z0-9]{12})\b")
_NAMED_SHARD = re.compile(r"(init shard |shard name |failed shard |shard )[A-Za-z0-9]{12}(?= of index|:)")
_BACKUP_PATH = re.compile(r"/[^\s\"',:]*/(backups|exports)(?=[/\s\"',:]|$)")
_METHODS = re.compile(r"not allowed, but \[([A-Z,]+)\] are")
_SUGGESTIONS = re.compile(r"Did you mean (.*?)\?")
_QUOTED = re.compile(r'"[^"]*"')
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
_AUTO_SCHEMA_TIME = re.compile(r"(auto-schema feature on ).*$")
_DECIMAL = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?")
_WORD_BREAKS = re.compile(r"[\s,\[\]{}()]+")


def differences(case: Mapping[str, Json], answer: Json) -> list[Difference]:
    """Where the answer is not the recorded one; empty where it is."""
    tolerance = case.get("rtol", RELATIVE)
    recorded = _prepared(case["response"], case, tolerance)
    return list(_differing(recorded, _prepared(answer, case, tolerance), "", tolerance))


def only_words(found: list[Difference]) -> bool:
    """Whether nothing differs but the text of an error message: both sides complain, in other words."""
    return bool(found) and all(_is_wording(*difference) for difference in found)


def _is_wording(path: str, recorded: Json, answered: Json) -> bool:
    texts = isinstance(recorded, str) and isinstance(answered, str)
    return texts and path.rsplit("/", 1)[-1] in _TEXTS and all(t and t != ABSENT for t in (recorded, answered))


# --- What does not count ---------------------------------------------------------------------------------------------


def _prepared(response: Json, case: Mapping[str, Json], tolerance: float) -> Json:
    prepared = _neutral(json.loads(json.dumps(response)))
    for pointer, rows in (case.get("truncate") or {}).items():
        _replace_lists(prepared, pointer, lambda values, rows=rows: values[:rows])
    for pointer in case.get("ties", ()):
        _replace_lists(prepared, pointer, lambda values: _untied(values, tolerance))
    for pointer in case.get("ignore", ()):
        for container, key in _places(prepared, pointer):
            container[key] = "<ignored>"
    for pointer in case.get("unordered", ()):
        _replace_lists(prepared, pointer, lambda values: sorted(values, key=_as_text))
    for pointer in case.get("unordered_words", ()):
        for container, key in _places(prepared, pointer):
            if isinstance(container[key], str):
                container[key] = " ".join(sorted(_WORD_BREAKS.split(container[key])))
    return prepared


def _as_text(value: Json) -> str:
    return json.dumps(value, sort_keys=True)


def _replace_lists(document: Json, pointer: str, change: Any) -> None:
    for container, key in _places(document, pointer):
        if isinstance(container[key], list):
            container[key] = change(container[key])


def _places(document: Json, pointer: str) -> Iterator[tuple[Json, Json]]:
    """(container, key) for each place a JSON pointer with `*` means."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    yield from _walk(document, parts)


def _walk(document: Json, parts: list[str]) -> Iterator[tuple[Json, Json]]:
    if not parts:
        return
    first, *rest = parts
    for key in _keys(document, first):
        if rest:
            yield from _walk(document[key], rest)
        else:
            yield document, key


def _keys(document: Json, part: str) -> list[Json]:
    if isinstance(document, dict):
        return list(document) if part == "*" else [part] if part in document else []
    if isinstance(document, list):
        if part == "*":
            return list(range(len(document)))
        return [int(part)] if part.lstrip("-").isdigit() and int(part) < len(document) else []
    return []


def _untied(rows: list[Json], tolerance: float) -> list[Json]:
    """Rows of equal distance in order of content; of the last such run, which the limit may have cut, no content."""
    runs: list[tuple[Json, list[Json]]] = []
    for row in rows:
        distance = (row.get("_additional") or row.get("metadata") or {}).get("distance")
        if runs and _are_close(runs[-1][0], distance, tolerance):
            runs[-1][1].append(row)
        else:
            runs.append((distance, [row]))
    if not runs:
        return []
    whole = [row for _, run in runs[:-1] for row in sorted(run, key=_as_text)]
    distance, cut = runs[-1]
    return [*whole, *({"distance": distance} for _ in cut)]


def _are_close(a: Json, b: Json, tolerance: float) -> bool:
    return isinstance(a, int | float) and isinstance(b, int | float) and _close(a, b, tolerance)


def _neutral(value: Json, key: str | None = None) -> Json:
    """The value without what differs from run to run."""
    if isinstance(value, dict):
        return {name: _neutral(inner, name) for name, inner in value.items() if name not in _DROPPED}
    if isinstance(value, list):
        return [_neutral(inner, key) for inner in value]
    if key in _TIMES and value not in (None, 0, "", "0"):
        return "<time>" if isinstance(value, str) else 1
    if not isinstance(value, str):
        return value
    if key == "vector_bytes":
        return _floats(value)
    text = _neutral_text(value)
    return _sorted_parts(text) if key in _EXPLANATIONS else text


def _floats(encoded: str) -> Json:
    try:
        raw = base64.b64decode(encoded)
    except ValueError:
        return encoded
    if len(raw) % 4:
        return encoded
    return {"f32": [round(number, 7) for number in struct.unpack(f"<{len(raw) // 4}f", raw)]}


def _sorted_parts(explanation: str) -> str:
    lines = explanation.split("\n")
    return "\n".join(", ".join(sorted(part for part in line.split(", ") if part)) for line in lines)


def _neutral_text(text: str) -> str:
    text = _HOST.sub("http://<host>", text)
    text = _QUOTED_SHARD.sub(r'shard\1\2"<shard>"', text)
    text = _INDEX_SHARD.sub(r"\1\2_<shard>", text)
    text = _NAMED_SHARD.sub(r"\1<shard>", text)
    if "/v1/" not in text:
        text = _BACKUP_PATH.sub(r"<path>/\1", text)
    text = _METHODS.sub(lambda m: f"not allowed, but [{','.join(sorted(m[1].split(',')))}] are", text)
    text = _SUGGESTIONS.sub(lambda m: f"Did you mean {' '.join(sorted(_QUOTED.findall(m[1])))}?", text)
    text = _ADDRESS.sub("0x", text)
    return _AUTO_SCHEMA_TIME.sub(r"\1<time>", text)


# --- What counts -----------------------------------------------------------------------------------------------------


def _close(a: float, b: float, tolerance: float) -> bool:
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    return abs(a - b) <= ABSOLUTE + tolerance * max(abs(a), abs(b))


def _differing(recorded: Json, answered: Json, path: str, tolerance: float) -> Iterator[Difference]:
    if isinstance(recorded, dict) and isinstance(answered, dict):
        for key in sorted(recorded.keys() | answered.keys()):
            yield from _differing(recorded.get(key, ABSENT), answered.get(key, ABSENT), f"{path}/{key}", tolerance)
    elif isinstance(recorded, list) and isinstance(answered, list):
        if len(recorded) != len(answered):
            yield f"{path}/#", len(recorded), len(answered)
        for index, (left, right) in enumerate(zip(recorded, answered, strict=False)):
            yield from _differing(left, right, f"{path}/{index}", tolerance)
    elif not _equal(recorded, answered, path, tolerance):
        yield path, recorded, answered


def _equal(recorded: Json, answered: Json, path: str, tolerance: float) -> bool:
    if isinstance(recorded, bool) or isinstance(answered, bool):
        return recorded is answered
    if isinstance(recorded, int | float) and isinstance(answered, int | float):
        return _close(float(recorded), float(answered), tolerance)
    if isinstance(recorded, str) and isinstance(answered, str):
        return _equal_texts(recorded, answered, path, tolerance)
    return bool(recorded == answered)


def _equal_texts(recorded: str, answered: str, path: str, tolerance: float) -> bool:
    if recorded == answered:
        return True
    if _DECIMAL.sub("#", recorded) == _DECIMAL.sub("#", answered):
        pairs = zip(_DECIMAL.findall(recorded), _DECIMAL.findall(answered), strict=True)
        return all(_close(float(left), float(right), tolerance) for left, right in pairs)
    if path.rsplit("/", 1)[-1] != "score":
        return False
    try:
        return _close(float(recorded), float(answered), tolerance)
    except ValueError:
        return False
