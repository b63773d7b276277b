"""Collections and properties that come into being with the objects that need them.

The use case around `weavelet.schema.infer`: once for a batch, the definitions its objects lack are worked out and
added to the catalog. Only used where AUTOSCHEMA_ENABLED allows it.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from weavelet.catalog import Catalog
from weavelet.errors import InvalidObject, InvalidSchema, NoSchemaFits, WeaveletError
from weavelet.schema import names
from weavelet.schema.collection import Collection
from weavelet.schema.infer import InferOptions, Locate, inferred
from weavelet.schema.objects import NewObject


class AutoSchema:
    """Extends one catalog to fit objects."""

    def __init__(self, catalog: Catalog, locate: Locate, options: InferOptions, now: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._locate = locate
        self._options = options
        self._now = now

    def extend(self, news: Sequence[NewObject]) -> tuple[Sequence[NewObject], dict[int, WeaveletError]]:
        """Make room for a batch. Returns the objects, and by position the errors of those no schema can fit."""
        errors: dict[int, WeaveletError] = {}
        by_collection: dict[str, list[int]] = defaultdict(list)
        for position, new in enumerate(news):
            if new.collection:
                by_collection[names.upper_first(new.collection)].append(position)
        for positions in by_collection.values():
            self._extend_together(news, positions, errors)
        return news, errors

    def extend_for(self, new: NewObject, create: bool = True) -> None:
        """Make room for one object; `create` False only adds properties.

        Raises `NoSchemaFits`, or `CollectionNotFound` where it may not be created.
        """
        if not new.collection:
            raise InvalidObject("the given class is empty")
        if not create:
            self._catalog.collection(new.collection)
        self._extend([new])

    def _extend_together(
        self, news: Sequence[NewObject], positions: Sequence[int], errors: dict[int, WeaveletError]
    ) -> None:
        try:
            self._extend([news[position] for position in positions])
        except WeaveletError:
            # One object spoils the common definition: fit them one by one to find out which.
            for position in positions:
                try:
                    self._extend([news[position]])
                except WeaveletError as error:
                    errors[position] = error

    def _extend(self, news: Sequence[NewObject]) -> None:
        """One definition for all of them. Raises `NoSchemaFits`."""

        def step(current: Collection | None) -> Collection | None:
            name = current.name if current is not None else names.upper_first(news[0].collection)
            return inferred(
                current,
                name,
                news,
                self._catalog.rules,
                self._options,
                self._now(),
                exists=lambda target: self._catalog.find(target) is not None,
                locate=self._locate,
            )

        try:
            self._catalog.evolve(news[0].collection, step)
        except (InvalidObject, InvalidSchema) as error:
            raise NoSchemaFits(str(error)) from error
