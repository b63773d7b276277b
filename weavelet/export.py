"""Exports: the objects of collections as Parquet files in a folder, for other tools to read.

An export is `<folder>/<id>/`: a file `<Collection>_<shard>_0000.parquet` per shard, with the columns that Weaviate's
exports have, and `export_metadata.json`, which says how far it has come. Like a backup it reads through the shards
page by page while the server goes on; what is not active is passed over and said to be.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from weavelet.catalog import Catalog
from weavelet.engine.database import Database
from weavelet.engine.files import atomic_write, make_folder
from weavelet.engine.shard import Shard
from weavelet.errors import Conflict, InvalidInput, NotFound, StorageError, TenantNotFound
from weavelet.jobs import Job, Jobs, Status
from weavelet.parquet import Cells, Column, Kind, parquet
from weavelet.schema.collection import UNNAMED
from weavelet.schema.names import upper_first
from weavelet.schema.objects import Object

_ID = re.compile(r"[a-z0-9_-]{1,128}")
_METADATA = "export_metadata.json"
_PAGE = 500
_ROW_GROUP = 10_000
_EXPORT = "export"

COLUMNS = (
    Column("id", Kind.TEXT),
    Column("creation_time", Kind.INTEGER),
    Column("update_time", Kind.INTEGER),
    Column("vector", Kind.BYTES, optional=True),
    Column("named_vectors", Kind.BYTES, optional=True),
    Column("multi_vectors", Kind.BYTES, optional=True),
    Column("properties", Kind.BYTES, optional=True),
)
"""Times in milliseconds; `vector` the unnamed one as little-endian float32; what has names, and properties, as JSON."""


@dataclass(slots=True)
class Progress:
    """How far one shard is. TRANSFERRING, SUCCESS or SKIPPED."""

    status: str = "TRANSFERRING"
    objects: int = 0
    skipped_because: str = ""


ShardProgress = Mapping[str, Mapping[str, Progress]]
"""By collection and shard."""


@dataclass(frozen=True, slots=True)
class Export:
    job: Job
    shards: ShardProgress


class Exports:
    """Exports of one database to one folder. One runs at a time."""

    def __init__(self, database: Database, catalog: Catalog, folder: Path, now: Callable[[], datetime]) -> None:
        self._database = database
        self._catalog = catalog
        self._folder = folder
        self._jobs = Jobs("export", now)
        self._progress: dict[str, ShardProgress] = {}

    def create(self, id: str, collections: Sequence[str]) -> Job:
        """Start an export. Raises `InvalidInput`, and `Conflict` where the id is taken or another export runs."""
        _check_id(id)
        if not collections:
            raise InvalidInput("export validation error: no exportable classes")
        if self._kept(id) is not None:
            raise Conflict(f'export already exists: export "{id}" already exists at "{self._folder / id}"')
        job = Job(id=id, path=str(self._folder / id), collections=tuple(collections))
        return self._jobs.start(_EXPORT, job, self._write, self._keep)

    def chosen(self, include: Sequence[str], exclude: Sequence[str]) -> list[str]:
        """The collections meant by two lists of which one at most is not empty. Raises `InvalidInput`."""
        if include and exclude:
            raise InvalidInput("export validation error: cannot specify both 'include' and 'exclude'")
        known = self._catalog.collections()
        for name in include:
            if upper_first(name) not in known:
                raise InvalidInput(f"export validation error: class {upper_first(name)} doesn't exist")
        left_out = {upper_first(name) for name in exclude}
        return sorted({upper_first(name) for name in include} or known.keys() - left_out)

    def find(self, id: str) -> Export:
        """How far an export is. Raises `NotFound` and `InvalidInput`."""
        _check_id(id)
        job = self._jobs.of(_EXPORT).get(id)
        if job is not None:
            return Export(job, self._progress.get(id, {}))
        kept = self._kept(id)
        if kept is None:
            raise NotFound("export not found")
        return kept

    def cancel(self, id: str) -> None:
        """Stop an export at its next page. Raises `NotFound`, and `Conflict` where it has ended."""
        if self.find(id).job.ended:
            raise Conflict("export has already finished")
        self._jobs.cancel(id)

    # --- Writing ---

    def _write(self, job: Job) -> Job:
        folder = self._folder / job.id
        make_folder(folder)
        self._progress[job.id] = progress = {name: self._shards(name) for name in job.collections}
        self._keep(job)
        for name, shards in progress.items():
            for shard_name, state in shards.items():
                self._write_shard(job, folder, name, shard_name, state)
        return job

    def _shards(self, name: str) -> dict[str, Progress]:
        return {shard.name: Progress() for shard in self._database.shards(name)}

    def _write_shard(self, job: Job, folder: Path, name: str, shard_name: str, state: Progress) -> None:
        tenant = shard_name if self._catalog.collection(name).multi_tenancy.enabled else ""
        try:
            shard = self._database.shard(name, tenant)
        except TenantNotFound as error:
            state.status, state.skipped_because = "SKIPPED", str(error)
            return
        metadata = {"collection": name} | ({"tenant": tenant} if tenant else {})
        groups = self._row_groups(job, shard, state)
        atomic_write(folder / f"{name}_{shard_name}_0000.parquet", parquet(COLUMNS, groups, metadata))
        state.status = "SUCCESS"

    def _row_groups(self, job: Job, shard: Shard, state: Progress) -> Iterator[Sequence[Cells]]:
        rows: list[tuple[Any, ...]] = []
        for objects in self._pages(job, shard):
            rows += [_row(found) for found in objects]
            if len(rows) >= _ROW_GROUP:
                yield list(zip(*rows, strict=True))
                rows.clear()
            state.objects += len(objects)
        if rows:
            yield list(zip(*rows, strict=True))

    def _pages(self, job: Job, shard: Shard) -> Iterator[list[Object]]:
        after: str | None = None
        while ids := shard.list_ids(after, _PAGE):
            self._jobs.check_wanted(job)
            yield [found for found in shard.get(ids, None) if found is not None]
            after = ids[-1]

    # --- What is remembered ---

    def _keep(self, job: Job) -> None:
        progress = self._progress.get(job.id, {})
        shards = {name: {shard: asdict(state) for shard, state in of.items()} for name, of in progress.items()}
        if self._folder.joinpath(job.id).is_dir():
            atomic_write(self._folder / job.id / _METADATA, [orjson.dumps({**asdict(job), "shards": shards})])

    def _kept(self, id: str) -> Export | None:
        """An export of an earlier life of the server; one it did not finish has failed."""
        path = self._folder / id / _METADATA
        if not path.is_file():
            return None
        try:
            document = orjson.loads(path.read_bytes())
        except OSError as error:
            raise StorageError(f"cannot read {path}: {error.strerror}") from error
        shards = document.pop("shards")
        progress = {name: {shard: Progress(**state) for shard, state in of.items()} for name, of in shards.items()}
        collections, status = tuple(document.pop("collections")), Status(document.pop("status"))
        job = Job(**document, collections=collections, status=status)
        if not job.ended:
            job = replace(job, status=Status.FAILED, error="the server was stopped before the export was done")
        return Export(job, progress)


def _check_id(id: str) -> None:
    if not _ID.fullmatch(id):
        raise InvalidInput(
            f"export validation error: invalid export id: '{id}' allowed characters are lowercase, 0-9, _, -"
        )


def _row(found: Object) -> tuple[Any, ...]:
    """The cells of one object, in the order of `COLUMNS`."""
    unnamed = found.vectors.get(UNNAMED)
    named = {name: vector for name, vector in sorted(found.vectors.items()) if name != UNNAMED}
    return (
        found.id,
        found.created_ms,
        found.updated_ms,
        None if unnamed is None else np.asarray(unnamed, "<f4").tobytes(),
        _json({name: vector for name, vector in named.items() if vector.ndim == 1}),
        _json({name: vector for name, vector in named.items() if vector.ndim == 2}),
        _json(found.properties),
    )


def _json(values: Mapping[str, Any]) -> bytes | None:
    return orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY) if values else None
