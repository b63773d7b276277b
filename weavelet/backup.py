"""Backups: collections as plain files in a folder, and back.

A backup is `<folder>/<id>/`: one `backup_config.json` that says what it is, written last, and per collection its
definition, its tenants and one gzipped file of JSON lines per shard. It reads through the shards like anybody else, so
the server goes on; a shard is read page by page in order of id, and an object that changes meanwhile is there in one
of its states. Restoring writes through the catalog and the shards, and refuses collections that exist; what it restores
is seen once all of it is there. Roles and database users are in every backup and come back where they are asked for.
"""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from weavelet.access.book import Book
from weavelet.catalog import Catalog
from weavelet.engine.database import Database
from weavelet.engine.files import atomic_write, make_folder
from weavelet.engine.query import Put
from weavelet.engine.shard import Shard
from weavelet.errors import Conflict, InvalidInput, NotFound, StorageError
from weavelet.jobs import Job, Jobs, Status
from weavelet.schema.codec import parse_stored, render_collection
from weavelet.schema.collection import Collection, TenantStatus
from weavelet.schema.names import upper_first
from weavelet.schema.objects import Object

_PAGE = 500
_LONGEST_ID = 128
_ID = re.compile(rf"[a-z0-9_-]{{1,{_LONGEST_ID}}}")
_CONFIG = "backup_config.json"
_COLLECTION = "collection.json"
_GIGABYTE = 1 << 30
_BACKUP, _RESTORE = "backup", "restore"


def _check_id(id: str) -> None:
    if not _ID.fullmatch(id):
        raise InvalidInput(
            f"invalid backup id: '{id}' allowed characters are lowercase, 0-9, _, -"
            + (f", at most {_LONGEST_ID} of them" if len(id) > _LONGEST_ID else "")
        )


class Backups:
    """Backups of one database in one folder. One job runs at a time."""

    def __init__(
        self, database: Database, catalog: Catalog, access: Book, folder: Path, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._access = access
        self._folder = folder
        self._jobs = Jobs("backup", now)

    # --- What a door may ask ---

    def create(self, id: str, include: Sequence[str], exclude: Sequence[str]) -> Job:
        """Start a backup. Raises `InvalidInput`, and `Conflict` where the id is taken or another job runs."""
        _check_id(id)
        chosen = self._chosen(include, exclude, sorted(self._catalog.collections()))
        if (self._folder / id).exists():
            raise Conflict(f'backup "{id}" already exists at "{self._folder / id}"')
        return self._jobs.start(_BACKUP, self._job(id, chosen), self._write)

    def restore(
        self,
        id: str,
        include: Sequence[str],
        exclude: Sequence[str],
        *,
        overwrite_aliases: bool = False,
        roles: bool = False,
        users: bool = False,
    ) -> Job:
        """Start a restore. Raises `NotFound` for an unknown backup, `InvalidInput` and `Conflict`."""
        config = self._config(id)
        if config is None or config["status"] != Status.SUCCESS:
            raise NotFound(f'backup id "{id}" does not exist: no {_CONFIG} in {self._folder / id}')
        chosen = self._chosen(include, exclude, config["collections"])

        def read_back(job: Job) -> Job:
            done = self._read_back(job, config["aliases"], overwrite_aliases)
            if (roles or users) and config.get("access"):
                self._access.take_over(orjson.dumps(config["access"]), roles=roles, users=users)
            return done

        return self._jobs.start(_RESTORE, self._job(id, chosen), read_back)

    def backup(self, id: str) -> Job:
        """How far a backup is. Raises `NotFound`."""
        job = self._jobs.of(_BACKUP).get(id) or self._kept(id)
        if job is None:
            raise NotFound(f"backup '{id}' not found: there is no {self._folder / id / _CONFIG}")
        return job

    def restored(self, id: str) -> Job:
        """How far a restore is. Raises `NotFound`."""
        job = self._jobs.of(_RESTORE).get(id)
        if job is None:
            raise NotFound(f"restore of backup '{id}' not found: none was started since the server was")
        return job

    def every(self) -> list[Job]:
        """Every backup in the folder, and those under way, in order of their start."""
        ids = {path.parent.name for path in self._folder.glob(f"*/{_CONFIG}")}
        kept = [job for id in ids if (job := self._kept(id)) is not None]
        under_way = [job for job in self._jobs.of(_BACKUP).values() if job.id not in ids]
        return sorted([*kept, *under_way], key=lambda job: (job.started_at, job.id))

    def cancel(self, id: str) -> None:
        """Stop a job of that id at its next page. One that has ended, or never was, is nothing to stop."""
        self._jobs.cancel(id)

    def _job(self, id: str, collections: Sequence[str]) -> Job:
        return Job(id=id, path=str(self._folder / id), collections=tuple(collections))

    def _chosen(self, include: Sequence[str], exclude: Sequence[str], known: Sequence[str]) -> list[str]:
        """The collections meant by two lists of which one at most is not empty."""
        if include and exclude:
            raise InvalidInput("malformed request: 'include' and 'exclude' cannot both contain values")
        _check_once("include", include)
        _check_once("exclude", exclude)
        for name in include:
            if upper_first(name) not in known:
                raise InvalidInput(f"class {upper_first(name)} doesn't exist")
        left_out = {upper_first(name) for name in exclude}
        wanted = {upper_first(name) for name in include} or set(known) - left_out
        if not wanted:
            raise InvalidInput("empty class list: there is nothing to back up or to restore")
        return sorted(wanted)

    # --- Writing ---

    def _write(self, job: Job) -> Job:
        folder = self._folder / job.id
        make_folder(folder)
        size = 0
        for name in job.collections:
            size += self._write_collection(job, folder / name, self._catalog.collection(name))
        aliases = {alias: name for alias, name in self._catalog.aliases().items() if name in job.collections}
        done = replace(job, status=Status.SUCCESS, size=size / _GIGABYTE, completed_at=self._jobs.time())
        access = orjson.Fragment(self._access.written())
        atomic_write(folder / _CONFIG, [orjson.dumps({**asdict(done), "aliases": aliases, "access": access})])
        return done

    def _write_collection(self, job: Job, folder: Path, collection: Collection) -> int:
        make_folder(folder)
        tenants = self._database.tenants(collection.name) if collection.multi_tenancy.enabled else {}
        document = {"class": render_collection(collection), "tenants": tenants}
        atomic_write(folder / _COLLECTION, [orjson.dumps(document)])
        active = [name for name, status in tenants.items() if status is TenantStatus.HOT]
        size = 0
        for tenant in active if collection.multi_tenancy.enabled else [""]:
            if self._database.was_used(collection.name, tenant):
                shard = self._database.shard(collection.name, tenant)
                size += self._write_shard(job, _shard_file(folder, tenant), shard)
        return size

    def _write_shard(self, job: Job, path: Path, shard: Shard) -> int:
        atomic_write(path, self._packed(job, shard))
        return path.stat().st_size

    def _packed(self, job: Job, shard: Shard) -> Iterator[bytes]:
        """Each page as a gzip member of its own; together they are one gzip file."""
        yield gzip.compress(b"", 1)
        after: str | None = None
        while ids := shard.list_ids(after, _PAGE):
            self._jobs.check_wanted(job)
            objects = [found for found in shard.get(ids, None) if found is not None]
            yield gzip.compress(b"".join(_line(found) for found in objects), 1)
            after = ids[-1]

    # --- Reading back ---

    def _read_back(self, job: Job, aliases: Mapping[str, str], overwrite_aliases: bool) -> Job:
        folder = self._folder / job.id
        if existing := [name for name in job.collections if name in self._catalog.collections()]:
            raise Conflict(f"could not restore classes: class name {existing[0]} already exists")
        made: list[str] = []
        try:
            size = sum(self._read_collection(job, folder / name, made) for name in job.collections)
            self._jobs.check_wanted(job)
            self._catalog.reveal(made)
        except BaseException:
            for name in made:
                self._database.drop(name)
            raise
        self._read_aliases(aliases, overwrite_aliases)
        return replace(job, size=size / _GIGABYTE)

    def _read_aliases(self, aliases: Mapping[str, str], overwrite: bool) -> None:
        for alias, name in aliases.items():
            taken = alias in self._database.aliases
            if name in self._catalog.collections() and (overwrite or not taken):
                self._database.put_alias(alias, name)

    def _read_collection(self, job: Job, folder: Path, made: list[str]) -> int:
        """Returns the bytes read. `made`: the collections this job has added, which this one joins."""
        self._jobs.check_wanted(job)
        document = orjson.loads(_bytes(folder / _COLLECTION))
        collection = self._catalog.add(parse_stored(document["class"]), secretly=True)
        made.append(collection.name)
        tenants = {name: TenantStatus(status) for name, status in document["tenants"].items()}
        if tenants:
            self._database.put_tenants(collection.name, tenants)
        size = 0
        for tenant in tenants or ("",):
            path = _shard_file(folder, tenant)
            if path.exists():
                self._read_shard(job, path, self._database.shard(collection.name, tenant))
                size += path.stat().st_size
        return size

    def _read_shard(self, job: Job, path: Path, shard: Shard) -> None:
        with gzip.open(path, "rb") as lines:
            batch: list[Put] = []
            for line in lines:
                batch.append(Put(_object(orjson.loads(line), shard)))
                if len(batch) == _PAGE:
                    self._jobs.check_wanted(job)
                    _commit(shard, batch)
                    batch = []
            _commit(shard, batch)

    # --- Files ---

    def _config(self, id: str) -> Mapping[str, Any] | None:
        path = self._folder / id / _CONFIG
        if not _ID.fullmatch(id) or not path.is_file():
            return None
        document: Mapping[str, Any] = orjson.loads(_bytes(path))
        return document

    def _kept(self, id: str) -> Job | None:
        config = self._config(id)
        if config is None:
            return None
        fields = {name: value for name, value in config.items() if name not in ("aliases", "access")}
        return Job(**{**fields, "status": Status(fields["status"]), "collections": tuple(fields["collections"])})


def _check_once(which: str, names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidInput(f"class list '{which}' contains duplicate: {name}")
        seen.add(name)


def _shard_file(folder: Path, tenant: str) -> Path:
    """Tenants' names may differ in nothing but case, which not every disk tells apart."""
    return folder / (f"tenant-{tenant.encode().hex()}.jsonl.gz" if tenant else "objects.jsonl.gz")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror}") from error


def _line(found: Object) -> bytes:
    document = {
        "created_ms": found.created_ms,
        "id": found.id,
        "properties": found.properties,
        "updated_ms": found.updated_ms,
        "vectors": found.vectors,
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY)


def _object(document: Mapping[str, Any], shard: Shard) -> Object:
    return Object(
        collection=shard.collection.name,
        id=document["id"],
        properties=document["properties"],
        vectors={name: np.array(vector, np.float32) for name, vector in document["vectors"].items()},
        created_ms=document["created_ms"],
        updated_ms=document["updated_ms"],
        tenant=shard.tenant,
    )


def _commit(shard: Shard, batch: Sequence[Put]) -> None:
    for error in shard.commit(batch) if batch else ():
        if error is not None:
            raise error
