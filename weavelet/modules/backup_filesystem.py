"""backup-filesystem: says in `/v1/meta` where backups are written. The backups themselves are not a module's work."""

from collections.abc import Mapping
from typing import Any

from weavelet.modules.base import Kind, ModuleSettings


class BackupFilesystem:
    """The module named `backup-filesystem`."""

    name = "backup-filesystem"
    kind = Kind.OTHER

    def __init__(self, settings: ModuleSettings) -> None:
        self._path = settings.environment.get("BACKUP_FILESYSTEM_PATH", "")

    def meta(self) -> Mapping[str, Any]:
        return {"backupsPath": self._path}

    def close(self) -> None:
        pass
