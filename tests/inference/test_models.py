"""The catalogue, and where weights come from."""

import hashlib
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest
from rich.console import Console

from tests.cli.seeds import IMAGE_TAGS
from weavelet.cli.fetching import fetch
from weavelet.errors import NotFound, StorageError, Unavailable
from weavelet.inference import sources
from weavelet.inference.models import DEFAULT_EMBEDDING, DEFAULT_RERANKER, Kind, Pooling, catalogue, find, in_folder
from weavelet.inference.sources import (
    Hub,
    HubSettings,
    Package,
    Progress,
    WeightFile,
    fetch_from_hub,
    take_members,
    verified,
)
from weavelet.inference.weights import default_cache, ensure, is_present, pull
from weavelet.settings import Settings

CONTENT = b"weights " * 5000
TOKENIZER = "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"


def file(name: str = "model.onnx", path: str = "onnx/model.onnx", content: bytes = CONTENT) -> WeightFile:
    return WeightFile(name, path, len(content), hashlib.sha256(content).hexdigest())


def test_every_model_of_the_catalogue_can_be_had_and_checked_or_says_why_not() -> None:
    at_hand = {model.name: model for model in catalogue() if model.is_at_hand}
    for model in catalogue():
        assert model.licence
        assert model.is_at_hand or at_hand[model.nearest].kind is Kind.EMBEDDING or model.kind.reranks, model.name
        assert bool(model.files) != bool(model.missing), model.name
        assert all(isinstance(file.source, Package | Hub) for file in model.files)
        for file in model.files:
            pinned = len(file.sha256) == 64 and file.size > 0
            assert pinned or (isinstance(file.source, Hub) and file.source.revision == "main"), model.name


RERANKERS = [
    *(f"cross-encoder-ms-marco-{name}" for name in ("MiniLM-L-6-v2", "MiniLM-L-2-v2", "TinyBERT-L-2-v2")),
    *("baai-bge-reranker-v2-m3", "BAAI/bge-reranker-base", "mixedbread-ai/mxbai-rerank-base-v1"),
]


@pytest.mark.parametrize("tag", [*(tag for tags in IMAGE_TAGS.values() for tag in tags), *RERANKERS])
def test_every_image_tag_names_its_model(tag: str) -> None:
    model = find(tag)
    tails = {name.rpartition("/")[2].casefold() for name in model.aliases if "/" in name}
    assert any(tag.casefold().removesuffix("-onnx").endswith(tail) for tail in tails) or "/" in tag


def test_a_model_that_cannot_be_run_says_why_and_what_comes_nearest(tmp_path: Path) -> None:
    told = r"dpr-ctx_encoder-single-nq-base cannot be run: .* no ONNX file; the nearest at hand is bge-small-en-v1.5"
    with pytest.raises(Unavailable, match=told):
        ensure("facebook-dpr-ctx_encoder-single-nq-base", tmp_path)


def test_where_the_hub_is_out_of_reach_the_nearest_model_is_told(tmp_path: Path) -> None:
    for settings in (HubSettings("http://127.0.0.1:9"), HubSettings(offline=True)):
        with pytest.raises(Unavailable, match="the nearest at hand is ms-marco-MiniLM-L-12-v2"):
            ensure("cross-encoder-ms-marco-TinyBERT-L-2-v2", tmp_path, hub=settings)


def test_no_two_models_answer_to_one_name() -> None:
    names = [name.casefold() for model in catalogue() for name in model.names]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        (DEFAULT_EMBEDDING, "bge-small-en-v1.5"),
        (DEFAULT_RERANKER, "answerai-colbert-small-v1"),
        ("BAAI/bge-small-en-v1.5", "bge-small-en-v1.5"),
        ("cross-encoder/ms-marco-MiniLM-L-6-v2", "ms-marco-MiniLM-L-6-v2"),
        ("cross-encoder-ms-marco-MiniLM-L-6-v2", "ms-marco-MiniLM-L-6-v2"),
        ("CROSS-ENCODER", "ms-marco-MiniLM-L-12-v2"),
        ("jina-reranker-v1-base-en", "ms-marco-MiniLM-L-12-v2"),
    ],
)
def test_models_are_found_by_name_alias_and_image_tag(name: str, model: str) -> None:
    assert find(name).name == model


def test_an_unknown_model_is_told_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r'model "nope" not found: .* there are bge-small-en-v1.5, all-Mini'):
        find("nope")
    with pytest.raises(NotFound, match=r"fetch it from the hub with: weavelet models pull some/model"):
        find("some/model")


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"WEAVELET_MODELS_DIR": "/models"}, Path("/models")),
        ({"XDG_CACHE_HOME": "/cache"}, Path("/cache/weavelet/models")),
        ({}, Path.home() / ".cache/weavelet/models"),
    ],
)
def test_where_weights_are_kept(environment, folder: Path) -> None:
    assert default_cache(environment) == folder


def own_model(folder: Path, config: dict, pooling: dict | None = None) -> Path:
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx" / "model.onnx").write_bytes(b"")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "config.json").write_text(json.dumps(config))
    if pooling:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder


def test_a_folder_is_a_model(tmp_path: Path) -> None:
    folder = own_model(tmp_path / "mine", {"architectures": ["BertModel"], "max_position_embeddings": 256})
    assert ensure(str(folder), tmp_path / "cache") == folder
    model = find(str(folder))
    assert (model.kind, model.pooling, model.max_length) == (Kind.EMBEDDING, Pooling.MASKED_MEAN, 256)


def test_a_folder_says_how_its_model_is_pooled_and_activated(tmp_path: Path) -> None:
    cls = own_model(tmp_path / "cls", {}, {"pooling_mode_cls_token": True})
    assert in_folder(cls).pooling is Pooling.CLS
    classifier = {"architectures": ["BertForSequenceClassification"]}
    squeezed = in_folder(own_model(tmp_path / "squeezed", classifier))
    assert (squeezed.kind, squeezed.sigmoid) == (Kind.CROSS_ENCODER, True)
    identity = {**classifier, "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"}}
    assert in_folder(own_model(tmp_path / "raw", identity)).sigmoid is False


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"holds no model: tokenizer.json and one of model.onnx"):
        find(str(tmp_path))


def test_only_the_named_members_leave_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "a.whl"
    with ZipFile(archive, "w") as zipped:
        zipped.writestr("data/model.onnx", CONTENT)
        zipped.writestr("data/evil.py", "raise SystemExit")
        zipped.writestr("../outside", "x")
    take_members(archive, [file(path="data/model.onnx")], tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model.onnx"]
    assert verified(tmp_path / "out" / "model.onnx", file())
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (WeightFile("model.onnx", "data/model.onnx", len(CONTENT), "0" * 64), "is not the expected file"),
        (WeightFile("model.onnx", "data/model.onnx", 1, file().sha256), "is not the expected file"),
        (file(path="data/other"), "lacks a file"),
    ],
)
def test_wrong_bytes_never_appear(tmp_path: Path, wanted: WeightFile, problem: str) -> None:
    archive = tmp_path / "a.whl"
    with ZipFile(archive, "w") as zipped:
        zipped.writestr("data/model.onnx", CONTENT)
    with pytest.raises(StorageError, match=problem):
        take_members(archive, [wanted], tmp_path / "out")
    assert not any((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"PK nonsense")
    with pytest.raises(StorageError, match=r"a\.whl is damaged"):
        take_members(tmp_path / "a.whl", [file()], tmp_path / "out")


def test_a_changed_file_of_the_cache_is_not_used(tmp_path: Path) -> None:
    model = find(DEFAULT_EMBEDDING)
    folder = tmp_path / model.name
    folder.mkdir()
    for wanted in model.files:
        (folder / wanted.name).write_bytes(b"\0" * wanted.size)
    assert not is_present(model, tmp_path)


class HubStandIn:
    """A hub on this machine that redirects to its storage, and may break off. Large files have SHA-256 there."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.breaks_after: int | None = None
        self.says = ""
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self)

            def do_HEAD(self) -> None:
                hub.describe(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append((handler.path, {name.lower(): value for name, value in handler.headers.items()}))
        if handler.path.startswith("/storage/"):
            return self.send(handler, self.files[handler.path.removeprefix("/storage")])
        if handler.path not in self.files:
            handler.send_error(404)
            return None
        handler.send_response(302)
        handler.send_header("Location", f"{self.url.replace('127.0.0.1', 'localhost')}/storage{handler.path}")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return None

    def describe(self, handler: BaseHTTPRequestHandler) -> None:
        content = self.files.get(handler.path)
        if content is None:
            return handler.send_error(404)
        if len(content) > 1000:
            handler.send_response(302)
            handler.send_header("Location", f"{self.url}/storage{handler.path}")
            handler.send_header("X-Linked-Size", str(len(content)))
            handler.send_header("X-Linked-ETag", f'"{self.says or hashlib.sha256(content).hexdigest()}"')
            handler.send_header("Content-Length", "0")
        else:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(content)))
            blob = b"blob %d\0" % len(content) + content
            handler.send_header("ETag", f'"{hashlib.sha1(blob).hexdigest()}"')
        handler.end_headers()
        return None

    def send(self, handler: BaseHTTPRequestHandler, content: bytes) -> None:
        first = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
        handler.send_response(206 if first else 200)
        handler.send_header("Content-Length", str(len(content) - first))
        handler.end_headers()
        end = len(content) if self.breaks_after is None else min(len(content), first + self.breaks_after)
        handler.wfile.write(content[first:end])

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def hub():
    stand_in = HubStandIn()
    yield stand_in
    stand_in.close()


REPOSITORY = Hub("owner/name", "c" * 40)
PATH = f"/owner/name/resolve/{'c' * 40}/onnx/model.onnx"


def test_a_file_comes_from_the_hub_at_its_revision(hub, tmp_path: Path) -> None:
    hub.files[PATH] = CONTENT
    seen: list[Progress] = []
    settings = HubSettings(hub.url, token="secret")
    fetch_from_hub(REPOSITORY, [file()], tmp_path, settings, seen.append)
    assert verified(tmp_path / "model.onnx", file())
    assert [path for path, _ in hub.asked] == [PATH, f"/storage{PATH}"]
    assert (seen[-1].done, seen[-1].total) == (len(CONTENT), len(CONTENT))
    assert hub.asked[0][1]["authorization"] == "Bearer secret"
    assert "authorization" not in hub.asked[1][1], "the key goes to the hub and nowhere else"
    fetch_from_hub(REPOSITORY, [file()], tmp_path, settings, seen.append)
    assert len(hub.asked) == 2, "what is there is not fetched again"


def test_a_download_that_broke_off_goes_on(hub, tmp_path: Path) -> None:
    hub.files[PATH] = CONTENT
    hub.breaks_after = 10_000
    settings = HubSettings(hub.url)
    for _ in range(5):
        try:
            fetch_from_hub(REPOSITORY, [file()], tmp_path, settings, sources.silent)
        except Unavailable:
            continue
        break
    assert verified(tmp_path / "model.onnx", file())
    ranges = [headers.get("range") for path, headers in hub.asked if path.startswith("/storage")]
    assert ranges == [None, "bytes=10000-", "bytes=20000-", "bytes=30000-"]
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_a_file_with_other_bytes_is_thrown_away(hub, tmp_path: Path) -> None:
    hub.files[PATH] = b"x" * len(CONTENT)
    with pytest.raises(StorageError, match="is not the expected file"):
        fetch_from_hub(REPOSITORY, [file()], tmp_path, HubSettings(hub.url), sources.silent)
    assert list(tmp_path.iterdir()) == []


TINY = "/cross-encoder/ms-marco-TinyBERT-L2-v2/resolve/main/"


def test_what_the_catalogue_has_no_checksum_of_is_checked_against_the_hubs(hub, tmp_path: Path) -> None:
    hub.files = {f"{TINY}onnx/model_quint8_avx2.onnx": CONTENT, f"{TINY}tokenizer.json": b"{}"}
    model = find("ms-marco-TinyBERT-L-2-v2")
    assert not is_present(model, tmp_path)
    folder = ensure(model.name, tmp_path, hub=HubSettings(hub.url))
    assert is_present(model, tmp_path)
    assert json.loads((folder / "weights.json").read_text())["model.onnx"]["size"] == len(CONTENT)
    (folder / "model.onnx").write_bytes(b"x" * len(CONTENT))
    assert not is_present(model, tmp_path), "a change is noticed"
    hub.says = "0" * 64
    with pytest.raises(StorageError, match="is not the expected file"):
        ensure(model.name, tmp_path, hub=HubSettings(hub.url))


def test_a_revision_of_a_repository_is_a_model_of_its_own(hub, tmp_path: Path) -> None:
    for revision in ("main", "v2"):
        hub.files[f"/some/model/resolve/{revision}/model.onnx"] = revision.encode()
        hub.files[f"/some/model/resolve/{revision}/tokenizer.json"] = b"{}"
    pulled = [pull(name, tmp_path, hub=HubSettings(hub.url)) for name in ("some/model", "some/model@v2")]
    assert [weights.network.read_text() for weights in pulled] == ["main", "v2"]
    assert find("some/model@v2", tmp_path).folder == tmp_path / "some--model@v2"


def test_a_pulled_model_is_fetched_again_where_it_is_not_whole(hub, tmp_path: Path) -> None:
    hub.files = {f"/some/model/resolve/main/{name}": name.encode() for name in ("model.onnx", "tokenizer.json")}
    settings = Settings.model_validate(
        {"WEAVELET_MODELS_DIR": tmp_path, "environment": {"HF_ENDPOINT": hub.url, "NO_COLOR": "1"}}
    )
    folder = tmp_path / "some--model"
    folder.mkdir()
    [first] = fetch(["some/model"], settings, Console(quiet=True))
    asked = len(hub.asked)
    fetch(["some/model"], settings, Console(quiet=True))
    assert len(hub.asked) == asked, "what is whole is not fetched again"
    first.network.write_bytes(b"damaged!!!")
    assert not is_present(find("some/model", tmp_path), tmp_path)
    with pytest.raises(StorageError, match=r"model\.onnx in .* is not what was fetched; fetch it again with: weavelet"):
        ensure("some/model", tmp_path)
    [again] = fetch(["some/model"], settings, Console(quiet=True))
    assert again.network.read_text() == "model.onnx"


def test_a_repository_that_nobody_listed_is_pulled_with_its_settings(hub, tmp_path: Path) -> None:
    place = "/some/model/resolve/main/"
    config = json.dumps({"architectures": ["BertForSequenceClassification"]}).encode()
    hub.files = {f"{place}onnx/model.onnx": CONTENT, f"{place}tokenizer.json": b"{}", f"{place}config.json": config}
    weights = pull("some/model", tmp_path, hub=HubSettings(hub.url))
    assert (weights.model.kind, weights.model.sigmoid) == (Kind.CROSS_ENCODER, True)
    found = find("some/model", tmp_path)
    assert (found.name, found.folder) == ("some/model", tmp_path / "some--model")
    assert ensure("some/model", tmp_path) == weights.folder
    with pytest.raises(NotFound, match=r"other/model cannot be run: tokenizer\.json and one of"):
        pull("other/model", tmp_path, hub=HubSettings(hub.url))


def test_a_file_that_another_model_has_is_not_fetched_again(tmp_path: Path) -> None:
    shared = "tokenizer.json"
    bge, mini = find("bge-small-en-v1.5"), find("all-MiniLM-L6-v2")
    assert {file.sha256 for model in (bge, mini) for file in model.files if file.name == shared} == {TOKENIZER}


def test_a_missing_file_and_a_missing_hub_are_told(hub, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"model\.onnx answered 404"):
        fetch_from_hub(REPOSITORY, [file()], tmp_path, HubSettings(hub.url), sources.silent)
    with pytest.raises(Unavailable, match="could not be fetched"):
        fetch_from_hub(REPOSITORY, [file()], tmp_path, HubSettings("http://127.0.0.1:9"), sources.silent)


def test_offline_nothing_is_asked(hub, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="HF_HUB_OFFLINE forbids"):
        fetch_from_hub(REPOSITORY, [file()], tmp_path, HubSettings(hub.url, offline=True), sources.silent)
    assert hub.asked == []


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, HubSettings()),
        (
            {"HF_ENDPOINT": "https://mirror.example/", "HF_HUB_OFFLINE": "1"},
            HubSettings("https://mirror.example", True),
        ),
        ({"HF_TOKEN": "t", "HF_HUB_OFFLINE": "0"}, HubSettings(token="t")),
    ],
)
def test_the_hubs_variables(environment, settings: HubSettings) -> None:
    assert HubSettings.read(environment) == settings


def test_pip_is_there_to_fetch_packages() -> None:
    told = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    assert told.returncode == 0
