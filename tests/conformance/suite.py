"""The official client's integration suite, and a Python to run it with: fetched once, into the user's cache."""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

CLIENT = "weaviate-client==4.23.1"
PLUGINS = (
    "pytest==9.0.3",
    "pytest-asyncio==1.3.0",
    "pytest-benchmark==5.1.0",
    "pytest-profiling==1.8.1",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.7.0",
    "pytest-httpserver==1.1.3",
    "werkzeug==3.1.6",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "h5py",
    "flaky",
)
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "weavelet" / "conformance"
_PARTS = ("conftest.py", "pytest.ini", "integration")


def fetched() -> Path:
    """The folder to run the suite in: what the client's source archive has of it."""
    folder = CACHE / CLIENT.replace("==", "-")
    if (folder / "integration").is_dir():
        return folder
    with tempfile.TemporaryDirectory() as temporary:
        source = _source_archive(Path(temporary))
        folder.mkdir(parents=True, exist_ok=True)
        for part in _PARTS:
            shutil.move(source / part, folder / part)
    return folder


def _source_archive(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*pip, "--dest", str(folder), CLIENT], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (source,) = (path for path in folder.iterdir() if path.is_dir())
    return source


def interpreter() -> Path:
    """A Python with the client and the suite's plug-ins, in an environment of its own."""
    environment = CACHE / "venv"
    python = environment / "bin" / "python"
    stamp = environment / ".installed"
    wanted = "\n".join((CLIENT, *PLUGINS))
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", CLIENT, *PLUGINS], check=True)
        stamp.write_text(wanted)
    return python
