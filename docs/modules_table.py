"""The table of docs/modules.md, made by starting every module and watching what it sends.

    python docs/modules_table.py           print it
    python docs/modules_table.py --write   put it into docs/modules.md

Each module stands in front of a container that answers in every shape, is asked for one thing, and what arrived there
is a row of the table: so the table says what is sent, not what somebody remembers of it.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from weavelet.modules.base import Call, Generator, Module, ModuleSettings, Reranker, Task, Vectorizer
from weavelet.modules.hosted import API_BASED, HOSTED
from weavelet.modules.registry import GROUP
from weavelet.modules.reranker_http import HttpReranker
from weavelet.modules.service import ServiceModule
from weavelet.modules.testing import Asked, FakeContainer, any_container
from weavelet.modules.text2vec_transformers import Text2VecTransformers
from weavelet.modules.vectorizer_http import HttpVectorizer

PAGE = Path(__file__).with_name("modules.md")
BEGIN, END = "<!-- table: python docs/modules_table.py --write -->\n", "<!-- end of table -->\n"

_ADDRESSES = {
    "TRANSFORMERS_INFERENCE_API": "http://container",
    "MODEL2VEC_INFERENCE_API": "http://container",
    "RERANKER_INFERENCE_API": "http://container",
    "RERANKER_GENERIC_URL": "http://container",
    "GENERATIVE_OPENAI_COMPATIBLE_URL": "http://container",
    "TEXT2VEC_OPENAI_COMPATIBLE_URL": "http://container",
}
_HEAD = "| module | where | sent | at once | key |\n|---|---|---|---|---|\n"


def table() -> str:
    """The whole table, a row for each module that is called or that works by itself, in order of names."""
    points = sorted((point for point in entry_points(group=GROUP) if _is_ours(point)), key=lambda point: point.name)
    rows = [row for point in points for row in _rows(point)]
    return _HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def known_by_name() -> str:
    """The services that collections may name, and that are not called."""
    return ", ".join(f"`{name}`" for name in sorted(HOSTED))


def page(text: str) -> str:
    """The page with the table as it is now."""
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    names = f"\nKnown by name, but not called: {known_by_name()}.\n"
    return f"{head}{BEGIN}\n{table()}{names}\n{END}{tail}"


def _is_ours(point: EntryPoint) -> bool:
    return point.value.startswith("weavelet.")


def _rows(point: EntryPoint) -> Iterator[list[str]]:
    container = FakeContainer(any_container)
    keys = {f"{name}_APIKEY": "k" for name in _key_names()}
    module = point.load()(ModuleSettings({**_ADDRESSES, **keys}, network=container.transport()))
    try:
        if _ask(module):
            name = f"`{module.name}`" + ("" if module.name not in API_BASED else " *")
            sent = container.posts[-1] if container.posts else None
            yield [name, _where(module, sent), _sent(sent), _at_once(module), _key(module)]
    finally:
        module.close()


def _ask(module: Module) -> bool:
    """Ask for one thing; False for modules that make nothing of texts."""
    if isinstance(module, Vectorizer):
        [made] = module.vectorize(["a text"], Task.PASSAGE, module.class_defaults, Call())
        assert not isinstance(made, Exception), made
    elif isinstance(module, Reranker):
        module.rerank("a query", ["a text"], {}, Call())
    elif isinstance(module, Generator):
        module.generate("a prompt", {}, Call())
    else:
        return False
    return True


def _where(module: Module, sent: Asked | None) -> str:
    if sent is None:
        return "in this process"
    if isinstance(module, ServiceModule):
        service = module.service
        default = service.base_url or f"`{service.base_url_variable}`"
        named = f"`{service.base_url_setting}`"
        header = f", `{service.base_url_header}`" if service.base_url_header else ""
        return f"{default.removeprefix('https://')}; {named}{header}"
    if isinstance(module, Text2VecTransformers):
        return f"`{module.variables}_INFERENCE_API`, or `…_PASSAGE_…` and `…_QUERY_…`; `inferenceUrl`, or such a pair"
    return "`RERANKER_INFERENCE_API`; `inferenceUrl`"


def _sent(sent: Asked | None) -> str:
    if sent is None:
        return "nothing"
    path = urlsplit(sent.url).path.replace("sentence-transformers/msmarco-bert-base-dot-v5", "MODEL")
    return f"`POST {path}` {', '.join(_fields(sent.body))}"


def _fields(body: Mapping[str, Any]) -> Iterator[str]:
    """The fields of a body that say something, with those of a body within."""
    for name, value in body.items():
        if isinstance(value, Mapping):
            yield f"{name} ({', '.join(_fields(value))})"
        elif isinstance(value, bool) or value not in (None, "", 0):
            yield name


def _at_once(module: Module) -> str:
    match module:
        case HttpVectorizer():
            return f"{module.batch} texts"
        case Text2VecTransformers():
            return "1 text, or as many as the container says"
        case HttpReranker():
            return f"{module.chunk_size} documents"
        case Generator():
            return "1 prompt"
    return "all"


def _key(module: Module) -> str:
    match module:
        case ServiceModule() if module.service.key is not None:
            key = module.service.key
            first, second = (key.variable, key.header) if key.variable_first else (key.header, key.variable)
            return f"`{first}`, else `{second}`"
        case ServiceModule():
            return ""
        case Text2VecTransformers():
            return f"`X-{module.variables.title()}-Api-Key`, `{module.variables}_INFERENCE_API_KEY`"
        case HttpReranker():
            return "`X-Reranker-Api-Key`, `RERANKER_API_KEY`"
    return ""


def _key_names() -> tuple[str, ...]:
    return (
        "COHERE", "CONTEXTUALAI", "DEEPSEEK", "HUGGINGFACE", "JINAAI", "MISTRAL", "NVIDIA", "OPENAI", "VOYAGEAI", "XAI",
    )  # fmt: skip


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(PAGE.read_text()))
    else:
        print(table())
