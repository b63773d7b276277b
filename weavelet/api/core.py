"""What the doors are given: `weavelet.app.App` is the one there is, tests bring smaller ones.

The composition root stands above the doors, so they name its shape here instead of importing it.
"""

from typing import Protocol

from weavelet.access.book import Book
from weavelet.catalog import Catalog
from weavelet.engine.database import Database
from weavelet.ingest import Ingest
from weavelet.linking import Linking
from weavelet.modules.registry import Registry
from weavelet.search import Searcher
from weavelet.settings import Settings

WEAVIATE_VERSION = "1.39.0"
"""The version we announce: clients choose by it what they send."""


class App(Protocol):
    """One running database with its use cases."""

    @property
    def settings(self) -> Settings: ...

    @property
    def database(self) -> Database: ...

    @property
    def registry(self) -> Registry: ...

    @property
    def catalog(self) -> Catalog: ...

    @property
    def searcher(self) -> Searcher: ...

    @property
    def ingest(self) -> Ingest: ...

    @property
    def linking(self) -> Linking: ...

    @property
    def access(self) -> Book: ...
