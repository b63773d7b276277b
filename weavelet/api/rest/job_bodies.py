"""The bodies of backups, restores and exports."""

from weavelet.api.rest.bodies import Flag, Integer, Items, Struct, Table, Text, read
from weavelet.api.rest.documents import Document
from weavelet.api.rest.refusals import flat, not_one_of, required

_TEXTS = Items(Text(), "[]string")

_BACKUP_CONFIG = Struct(
    "models.BackupConfig",
    {"CPUPercentage": Integer(), "ChunkSize": Integer(), "CompressionLevel": Text(), "Path": Text(), "Bucket": Text()},
)
BACKUP = Struct(
    "models.BackupCreateRequest",
    {
        "config": _BACKUP_CONFIG,
        "exclude": _TEXTS,
        "id": Text(),
        "include": _TEXTS,
        "incremental_base_backup_id": Text(),
    },
)
_RESTORE_CONFIG = Struct(
    "models.RestoreConfig", {**_BACKUP_CONFIG.fields, "rolesOptions": Text("*string"), "usersOptions": Text("*string")}
)
_RESTORED = ("noRestore", "all")
RESTORE = Struct(
    "models.BackupRestoreRequest",
    {
        "config": _RESTORE_CONFIG,
        "exclude": _TEXTS,
        "include": _TEXTS,
        "node_mapping": Table(Text(), "map[string]string"),
        "overwriteAlias": Flag(),
    },
)
EXPORT = Struct(
    "models.ExportCreateRequest", {"exclude": _TEXTS, "file_format": Text(), "id": Text(), "include": _TEXTS}
)
EXPORT_FORMATS = ("parquet",)
_LEAST_CPU, _MOST_CPU = 1, 80


def read_backup(raw: bytes) -> Document:
    document: Document = read(raw, BACKUP)
    _check_cpu(document)
    return document


def read_restore(raw: bytes) -> Document:
    document: Document = read(raw, RESTORE)
    _check_cpu(document)
    for name in ("rolesOptions", "usersOptions"):
        choice = document.get("config", {}).get(name)
        if choice is not None and choice not in _RESTORED:
            raise not_one_of(f"config.{name}", _RESTORED)
    return document


def read_export(raw: bytes) -> Document:
    document: Document = read(raw, EXPORT)
    for name in ("file_format", "id"):
        if name not in document:
            raise required(name)
    if document["file_format"] not in EXPORT_FORMATS:
        raise not_one_of("file_format", EXPORT_FORMATS)
    return document


def _check_cpu(document: Document) -> None:
    percentage = document.get("config", {}).get("CPUPercentage") or _LEAST_CPU
    if percentage > _MOST_CPU:
        raise flat(608, f"config.CPUPercentage in body should be less than or equal to {_MOST_CPU}")
    if percentage < _LEAST_CPU:
        raise flat(607, f"config.CPUPercentage in body should be greater than or equal to {_LEAST_CPU}")
