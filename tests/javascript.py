"""The official TypeScript client, where Node is installed: fetched once from the npm registry, kept in a cache."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CLIENT = "weaviate-client@3.14.0"
FETCH_SECONDS = 100


def client_folder() -> Path:
    """A folder whose scripts can import the client. Skips the test without Node, or where nothing can be fetched."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    folder = Path.home() / ".cache" / "weavelet" / CLIENT
    if not _is_whole(folder):
        _fetch(folder)
    return folder


def _is_whole(folder: Path) -> bool:
    return (folder / "node_modules" / "weaviate-client" / "package.json").is_file()


def _fetch(folder: Path) -> None:
    """Install beside the folder and rename, so that there is never half a client."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as made:
        fresh = Path(made) / "client"
        fresh.mkdir()
        (fresh / "package.json").write_text('{"private": true, "type": "module"}')
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", CLIENT]
        try:
            subprocess.run(command, cwd=fresh, check=True, capture_output=True, timeout=FETCH_SECONDS)
        except (subprocess.SubprocessError, OSError) as error:
            pytest.skip(f"the client cannot be fetched: {error}")
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(fresh, folder)
