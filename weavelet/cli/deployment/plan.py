"""A deployment as values: the server's variables, and the inference containers beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from weavelet.errors import NotFound
from weavelet.inference.models import Model, find, tag_of

VECTORIZER = "text2vec-transformers"
RERANKER = "reranker-transformers"
PORT = 8080
"""Where inference containers listen."""

PASSAGE, QUERY = "passage", "query"

_VARIABLES: Mapping[tuple[str, str], str] = {
    (VECTORIZER, ""): "TRANSFORMERS_INFERENCE_API",
    (VECTORIZER, PASSAGE): "TRANSFORMERS_PASSAGE_INFERENCE_API",
    (VECTORIZER, QUERY): "TRANSFORMERS_QUERY_INFERENCE_API",
    (RERANKER, ""): "RERANKER_INFERENCE_API",
}
_REPOSITORIES: Mapping[str, str] = {
    VECTORIZER: "cr.weaviate.io/semitechnologies/transformers-inference",
    RERANKER: "cr.weaviate.io/semitechnologies/reranker-transformers",
}
SERVER = {
    "QUERY_DEFAULTS_LIMIT": "25",
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
    "PERSISTENCE_DATA_PATH": "/var/lib/weaviate",
    "CLUSTER_HOSTNAME": "node1",
}
"""What a server is told where nothing else is."""


@dataclass(frozen=True, slots=True)
class Container:
    """An inference container. `role` tells apart the two of a pair that embeds passages and queries."""

    name: str
    module: str
    model: str
    role: str = ""
    cuda: bool = False
    host: str = ""

    @property
    def variable(self) -> str:
        """The server's variable that says where it is."""
        return _VARIABLES[self.module, self.role]

    @property
    def url(self) -> str:
        return f"http://{self.host or self.name}:{PORT}"

    @property
    def image(self) -> str:
        """Weaviate's image of the model."""
        return f"{_REPOSITORIES[self.module]}:{_tag(self.model)}"

    def runnable(self) -> Model | None:
        """The model that our own server runs in its place; None for one it does not know."""
        try:
            model = find(self.model)
        except NotFound:
            return None
        return find(model.nearest) if model.missing else model

    def remark(self) -> str:
        """What to know of the model before our own server runs it; "" where there is nothing."""
        try:
            model = find(self.model)
        except NotFound:
            return f"{self.model} is not in the catalogue: give the path of a folder with its ONNX file as MODEL_NAME"
        if model.missing:
            return f"{model.name} cannot be run: {model.missing}. {model.nearest} takes its place; vectors differ"
        return "" if model.is_at_hand else f"the weights of {model.name} are fetched from the model hub"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The server's variables without those that containers imply, and the containers."""

    settings: Mapping[str, str]
    containers: tuple[Container, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def environment(self) -> dict[str, str]:
        """All variables of the server."""
        modules = _names(self.settings.get("ENABLE_MODULES", ""))
        enabled = dict.fromkeys([*modules, *(container.module for container in self.containers)])
        addressed = {container.variable: container.url for container in self.containers}
        rest = {name: value for name, value in self.settings.items() if name != "ENABLE_MODULES"}
        return {**rest, **({"ENABLE_MODULES": ",".join(enabled)} if enabled else {}), **addressed}

    @property
    def all_remarks(self) -> tuple[str, ...]:
        return (*self.remarks, *(remark for container in self.containers if (remark := container.remark())))


def planned(vectorizer: str, model: str, reranker: str, reranker_model: str, cuda: bool) -> Deployment:
    """A deployment by its modules: containers for those that have them, the other modules by name."""
    known = {VECTORIZER: model, RERANKER: reranker_model}
    containers = [
        Container(module, module, known[module], cuda=cuda) for module in (vectorizer, reranker) if module in known
    ]
    others = [module for module in (vectorizer, reranker) if module and module != "none" and module not in known]
    settings = {**SERVER, **({"ENABLE_MODULES": ",".join(others)} if others else {})}
    if vectorizer and vectorizer != "none":
        settings["DEFAULT_VECTORIZER_MODULE"] = vectorizer
    return Deployment(settings, tuple(containers))


def module_of(image: str) -> str:
    """The module whose container an image is; "" for others."""
    repository = image.rpartition("/")[2].partition(":")[0]
    return next((module for module, known in _REPOSITORIES.items() if known.endswith(f"/{repository}")), "")


def module_and_role(variable: str) -> tuple[str, str] | None:
    """Which container a variable of the server addresses."""
    return next((which for which, known in _VARIABLES.items() if known == variable), None)


def model_of(image: str) -> str:
    """The model an image runs, as our catalogue calls it where it knows it."""
    tag = tag_of(image)
    try:
        return find(tag).name if tag else image
    except NotFound:
        return tag


def _tag(model: str) -> str:
    """Weaviate's image tag of a model."""
    try:
        aliases = find(model).aliases
    except NotFound:
        return model.replace("/", "-")
    return next((alias for alias in aliases if "/" not in alias and not alias.endswith("-onnx")), model)


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]
