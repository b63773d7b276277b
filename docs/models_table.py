"""The table of docs/models.md, made from the catalogue.

python docs/models_table.py           print it
python docs/models_table.py --write   put it into docs/models.md
"""

import sys
from pathlib import Path

from weavelet.inference.models import Model, catalogue

PAGE = Path(__file__).with_name("models.md")
BEGIN, END = "<!-- table: python docs/models_table.py --write -->\n", "<!-- end of table -->\n"
_HEAD = (
    "| model | kind | numbers | tokens | pooling | licence | from | image tag |\n|---|---|--:|--:|---|---|---|---|\n"
)


def table() -> str:
    """The whole table, in the catalogue's order."""
    return _HEAD + "".join(f"| {' | '.join(_row(model))} |\n" for model in catalogue())


def page(text: str) -> str:
    """The page with the table as it is now."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def _row(model: Model) -> list[str]:
    tags = [f"`{alias}`" for alias in model.aliases if "/" not in alias]
    pooling = "" if model.kind.reranks else model.pooling.value
    dimensions = "" if model.dimensions is None else str(model.dimensions)
    shown = [model.kind.value, dimensions, str(model.max_length), pooling, model.licence, _source(model)]
    return [f"`{model.name}`", *shown, *(tags[:1] or [""])]


def _source(model: Model) -> str:
    if model.missing:
        return f"nowhere as ONNX; nearest: `{model.nearest}`"
    return "package index" if model.is_at_hand else "model hub"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(PAGE.read_text()))
    else:
        print(table())
