"""A `Deployment` as a compose file, as an environment file with commands, and as values for our chart."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, assert_never

import yaml

from weavelet.cli.deployment.plan import PORT, VECTORIZER, Container, Deployment

IMAGE = "weavelet"
_FIRST_PORT = 8001
_VOLUME, _MODELS = "weaviate_data", "weavelet_models"
_DATA_FOLDER, _MODELS_FOLDER = "/var/lib/weaviate", "/var/lib/models"


class Format(StrEnum):
    """What is written."""

    COMPOSE = "compose"
    ENV = "env"
    HELM = "helm"


class Served(StrEnum):
    """By what the modules' models are served: our inference server, Weaviate's images, or the server's own process."""

    OWN = "own"
    WEAVIATE = "weaviate"
    EMBEDDED = "embedded"


def written(deployment: Deployment, form: Format, served: Served, image: str = IMAGE) -> str:
    """The file's text, what there is to know about it in comments at its top."""
    match form:
        case Format.COMPOSE:
            body = _yaml(_compose(deployment, served, image))
        case Format.ENV:
            body = _env(deployment, served)
        case Format.HELM:
            body = _yaml(_values(deployment, served, image))
        case _:
            assert_never(form)
    remarks = deployment.remarks if served is Served.WEAVIATE else deployment.all_remarks
    return "".join(f"# {remark}\n" for remark in remarks) + body


def _compose(deployment: Deployment, served: Served, image: str) -> dict[str, Any]:
    containers = () if served is Served.EMBEDDED else deployment.containers
    server: dict[str, Any] = {
        "image": image,
        "ports": ["8080:8080", "50051:50051"],
        "volumes": [f"{_VOLUME}:{_DATA_FOLDER}"],
        "restart": "on-failure:0",
        "environment": {**_server(deployment, served), "PERSISTENCE_DATA_PATH": _DATA_FOLDER},
    }
    keeps_models = served is not Served.WEAVIATE and bool(deployment.containers)
    if served is Served.EMBEDDED and keeps_models:
        server["volumes"].append(f"{_MODELS}:{_MODELS_FOLDER}")
        server["environment"]["WEAVELET_MODELS_DIR"] = _MODELS_FOLDER
    if containers:
        server["depends_on"] = [container.name for container in containers]
    services = {container.name: _service(container, served, image) for container in containers}
    volumes = {_VOLUME: None, **({_MODELS: None} if keeps_models else {})}
    return {"services": {"weaviate": server, **services}, "volumes": volumes}


def _service(container: Container, served: Served, image: str) -> dict[str, Any]:
    cuda = {"ENABLE_CUDA": int(container.cuda)}
    if served is Served.WEAVIATE:
        return {"image": container.image, "environment": cuda}
    return {
        "image": image,
        "command": ["inference", "--host", "0.0.0.0", "--port", str(PORT)],
        "environment": {"MODEL_NAME": _model(container), "WEAVELET_MODELS_DIR": _MODELS_FOLDER, **cuda},
        "volumes": [f"{_MODELS}:{_MODELS_FOLDER}"],
    }


def _env(deployment: Deployment, served: Served) -> str:
    """Variables for a server on this machine, and the commands of what it needs beside it."""
    environment = _server(deployment, served)
    if environment.get("PERSISTENCE_DATA_PATH") == _DATA_FOLDER:
        del environment["PERSISTENCE_DATA_PATH"]
    lines = []
    for port, container in enumerate(() if served is Served.EMBEDDED else deployment.containers, _FIRST_PORT):
        environment[container.variable] = f"http://localhost:{port}"
        lines.append(f"# {container.name}: {_command(container, served, port)}")
    return "\n".join([*lines, *(f"{name}={value}" for name, value in environment.items())]) + "\n"


def _command(container: Container, served: Served, port: int) -> str:
    if served is Served.WEAVIATE:
        return f"docker run -p {port}:{PORT} -e ENABLE_CUDA={int(container.cuda)} {container.image}"
    prefix = "ENABLE_CUDA=1 " if container.cuda else ""
    return f"{prefix}MODEL_NAME={_model(container)} weavelet inference --port {port}"


def _server(deployment: Deployment, served: Served) -> dict[str, str]:
    """The server's variables; where it runs the models itself, their names in the place of addresses."""
    environment = deployment.environment
    if served is not Served.EMBEDDED:
        return environment
    for container in deployment.containers:
        del environment[container.variable]
        variable = "WEAVELET_EMBEDDING_MODEL" if container.module == VECTORIZER else "WEAVELET_RERANKER_MODEL"
        environment.setdefault(variable, _model(container))
    return environment


def _values(deployment: Deployment, served: Served, image: str) -> dict[str, Any]:
    """Values for the chart in deploy/helm, which has the keys of Weaviate's where they mean the same."""
    environment = _server(deployment, served)
    for container in deployment.containers if served is not Served.EMBEDDED else ():
        del environment[container.variable]
    modules: dict[str, Any] = {}
    for container in deployment.containers if served is not Served.EMBEDDED else ():
        entry = _module(container, served)
        if container.role:
            modules.setdefault(container.module, {}).setdefault("passageQueryServices", {})[container.role] = entry
        else:
            modules[container.module] = entry
    repository, _, tag = image.partition(":")
    return {"image": {"repo": repository, "tag": tag or "latest"}, "env": environment, "modules": modules}


def _module(container: Container, served: Served) -> dict[str, Any]:
    cuda = {"enable_cuda": container.cuda}
    if served is Served.OWN:
        return {"enabled": True, "model": _model(container), "envconfig": cuda}
    image, _, tag = container.image.rpartition(":")
    registry, _, repository = image.partition("/")
    return {"enabled": True, "registry": registry, "repo": repository, "tag": tag, "envconfig": cuda}


def _model(container: Container) -> str:
    runnable = container.runnable()
    return container.model if runnable is None else runnable.name


def _yaml(content: Mapping[str, Any]) -> str:
    return yaml.dump(dict(content), Dumper=_Dumper, sort_keys=False, width=120)


class _Dumper(yaml.SafeDumper):
    """Lists of words on one line, nothing said where there is nothing, list entries indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _listed(dumper: _Dumper, items: Sequence[Any]) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=all(isinstance(i, str) for i in items))


_Dumper.add_representer(list, _listed)
_Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
