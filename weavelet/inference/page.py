"""The server's API as one page of HTML, made from its OpenAPI description: readable without scripts or a network."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24 }
h2 { font: 600 1.1rem ui-monospace, monospace; margin: 2.5rem 0 .25rem }
table { border-collapse: collapse; width: 100% }
td { text-align: left; padding: .2rem .75rem .2rem 0; vertical-align: top }
td:first-child, pre { font-family: ui-monospace, monospace; font-size: .875rem }
tr { border-bottom: 1px solid #d8dee4 } pre { background: #f6f8fa; padding: .75rem; overflow-x: auto }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e6edf3 } pre { background: #161b22 } tr { border-color: #30363d }
}
"""
_EXAMPLES = {
    "/vectors": '{"text": "foo bar"}',
    "/v1/embeddings": '{"input": ["foo bar", "baz"]}',
    "/embed": '{"inputs": "foo bar"}',
    "/rerank": '{"query": "holiday film", "documents": ["A Christmas Carol", "The Godfather"]}',
    "/v1/rerank": '{"query": "holiday film", "documents": ["A Christmas Carol", "The Godfather"], "top_n": 1}',
    "/v2/rerank": '{"query": "holiday film", "documents": ["A Christmas Carol", "The Godfather"], "top_n": 1}',
    "/v1/ranking": '{"query": {"text": "holiday film"}, "passages": [{"text": "A Christmas Carol"}]}',
}


def page(description: Mapping[str, Any]) -> str:
    """The page; `description` is the API's OpenAPI document."""
    title = escape(description["info"]["title"])
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
    machine = '<p>For machines: <a href="openapi.json">openapi.json</a>.</p>'
    return head + f"<h1>{title} {escape(description['info']['version'])}</h1>{machine}" + "".join(_routes(description))


def _routes(description: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"<h2>{method.upper()} {escape(path)}</h2><p>{escape(operation.get('description', ''))}</p>"
            body = operation.get("requestBody")
            if body:
                yield _fields(body["content"]["application/json"]["schema"])
            if example := _EXAMPLES.get(path):
                yield f"<pre>curl http://localhost:8000{path} -d {escape(repr(example))}</pre>"


def _fields(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    rows = (
        f"<tr><td>{escape(name)}<td>{escape(_kind(field))}<td>{'required' if name in required else ''}"
        for name, field in schema.get("properties", {}).items()
    )
    return f"<table>{''.join(rows)}</table>"


def _kind(field: Mapping[str, Any]) -> str:
    """What may be given for a field, in words."""
    if options := field.get("anyOf"):
        return " or ".join(_kind(option) for option in options if option.get("type") != "null")
    if values := field.get("enum"):
        return " or ".join(map(str, values))
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    if field.get("type") == "object":
        return "{" + ", ".join(field.get("properties", {})) + "}"
    return str(field.get("type", "anything"))
