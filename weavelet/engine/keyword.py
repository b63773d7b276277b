"""The keyword index: BM25 over the text properties of a shard, scored exactly as Weaviate scores.

Every object takes part in the number of documents N; a term's frequency n is the mean of its frequencies in the
searched properties of the same tokenization and analyzer that have it, rounded down; the average length of a property
is over the objects with at least one term in it, those removed but not yet swept out of its postings among them. Adding
is appending to postings and removing a tombstone, so a change is searchable at once and nothing is ever rebuilt. The
caller locks.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from weavelet.engine import scoring
from weavelet.engine.columns import Growing
from weavelet.engine.docset import DocSet
from weavelet.engine.hits import Hits
from weavelet.engine.postings import Docs, Part, Postings, Tombstones
from weavelet.engine.query import Keyword, Match
from weavelet.engine.scoring import Leg, Scored, Scores
from weavelet.engine.tokenize import query_terms, terms
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import Bm25, Collection, Property, TextAnalyzer
from weavelet.schema.datatypes import Tokenization

Doc: TypeAlias = tuple[int, Mapping[str, Any]]
"""A document number and the object's properties."""

IdKeys: TypeAlias = Callable[[Docs], tuple[NDArray[Any], ...]]
"""Arrays by which `lexsort` puts documents in order of their ids, the most important one last."""

Text: TypeAlias = tuple[int, int, Mapping[str, int]]
"""A document number, how many terms its text has, and how often it has each."""

Texts: TypeAlias = Mapping[str, Sequence[Text]]
"""By property, the texts of those documents that have terms there."""

NO_SUCCESSORS: Final[Mapping[int, Mapping[str, Any]]] = MappingProxyType({})
_MOST_SCOPES: Final = 256
_NO_TOKENIZATION: Final = Tokenization.WORD


class _TextField:
    """One searchable property: its postings, and how many terms each document has in it."""

    def __init__(self, prop: Property) -> None:
        self.property = prop
        self.postings = Postings()
        self.lengths = Growing(np.uint32)
        self.total = 0
        """Terms in all documents of the postings."""
        self.filled = 0
        """Documents of the postings with at least one term."""
        self._norms: tuple[Bm25, Scores] | None = None
        """As last asked for; None once something has changed."""

    @property
    def group(self) -> tuple[Tokenization | None, TextAnalyzer | None]:
        """Properties of one group understand a query alike, and share the frequencies of its terms."""
        return self.property.tokenization, self.property.analyzer

    def read(self, docs: Sequence[Doc]) -> list[Text]:
        """The documents' texts, for `add`."""
        name, tokenization, analyzer = self.property.name, self.property.tokenization, self.property.analyzer
        tokenization = tokenization or _NO_TOKENIZATION
        texts: list[Text] = []
        for doc, properties in docs:
            value = properties.get(name)
            if value is None:
                continue
            if isinstance(value, str):
                found = terms(value, tokenization, analyzer)
            else:
                found = [term for text in value for term in terms(text, tokenization, analyzer)]
            if found:
                texts.append((doc, len(found), Counter(found)))
        return texts

    def add(self, texts: Sequence[Text]) -> None:
        if not texts:
            return
        for doc, _, counts in texts:
            self.postings.add(doc, counts)
        lengths = [length for _, length, _ in texts]
        self.lengths.put([doc for doc, _, _ in texts], lengths)
        self.total += sum(lengths)
        self.filled += len(texts)
        self._norms = None

    def forget(self, docs: NDArray[Any]) -> None:
        """Documents whose lengths count no more."""
        lengths = self.lengths.values
        known = docs[docs < len(lengths)]
        self.total -= int(lengths[known].sum())
        self.filled -= int(np.count_nonzero(lengths[known]))
        lengths[known] = 0
        self._norms = None

    def norms(self, bm25: Bm25) -> Scores:
        """How each document's length here enters its scores; see `Leg`."""
        known = self._norms
        if known is not None and (known[0] is bm25 or known[0] == bm25):
            return known[1]
        k1, b = float(np.float32(bm25.k1)), float(np.float32(bm25.b))
        average = self.total / self.filled if self.filled else 1.0
        norms: Scores = np.multiply(self.lengths.values, k1 * b / average, dtype=np.float64)
        norms += k1 * (1 - b)
        self._norms = bm25, norms
        return norms

    def snapshot(self) -> dict[str, Part]:
        return self.postings.snapshot() | {"lengths": self.lengths.values.copy()}

    def load(self, parts: Mapping[str, Part]) -> None:
        self.postings.load(parts)
        self.lengths.restore(parts["lengths"])
        self._norms = None
        self.total = int(self.lengths.values.sum())
        self.filled = int(np.count_nonzero(self.lengths.values))


@dataclass(frozen=True, slots=True)
class _Question:
    """A query as one group of properties understands it: distinct terms with how often the query has each."""

    terms: tuple[str, ...]
    times: tuple[int, ...]
    legs: tuple[Leg, ...]


class _Searched(NamedTuple):
    """A property that a query is about, which of them it is, and its boost."""

    field: _TextField
    place: int
    boost: float


_Group: TypeAlias = list[_Searched]
"""Properties that understand a query alike."""


class KeywordIndex:
    """The searchable text of a shard. Document numbers must come in ascending order."""

    def __init__(self, collection: Collection, id_keys: IdKeys) -> None:
        """Equal scores go in order of id."""
        self._collection = collection
        self._id_keys = id_keys
        self._fields: dict[str, _TextField] = {}
        self._scopes: dict[Sequence[str], list[_Group]] = {}
        """What lists of properties mean, by those asked for so far."""
        self._live = DocSet()
        self._size = 0
        """One more than the highest document number."""
        self._tombstones = Tombstones()
        self.redefine(collection)

    def redefine(self, collection: Collection) -> None:
        """Index new properties from now on, and forget those that are searchable no more."""
        self._collection = collection
        searchable = [prop for prop in collection.properties if prop.searchable and prop.is_text]
        fields = {prop.name: self._fields.get(prop.name) or _TextField(prop) for prop in searchable}
        for prop in searchable:
            fields[prop.name].property = prop
        self._fields = fields
        self._scopes.clear()

    def postings(self, name: str) -> Postings | None:
        """The postings of a searchable property; documents removed not long ago are still in them."""
        field = self._fields.get(name)
        return None if field is None else field.postings

    def read(self, docs: Sequence[Doc]) -> Texts:
        """The documents' texts, for `add`. Nobody needs to be kept out meanwhile."""
        return {name: field.read(docs) for name, field in self._fields.items()}

    def add(self, docs: Sequence[Doc], texts: Texts | None = None) -> None:
        """Make the documents searchable. Their numbers are higher than any before. `texts`: as `read` gave them."""
        if not docs:
            return
        texts = self.read(docs) if texts is None else texts
        if docs[0][0] < self._size:
            raise ValueError(f"document {docs[0][0]} comes after {self._size - 1}")
        self._live.update(doc for doc, _ in docs)
        self._size = docs[-1][0] + 1
        for name, field in self._fields.items():
            field.add(texts[name])
            field.lengths.reserve(self._size)
        self._sweep(len(docs))

    def remove(self, docs: Sequence[Doc], successors: Mapping[int, Mapping[str, Any]] = NO_SUCCESSORS) -> None:
        """Forget documents. Nothing happens for one that is not there.

        `successors` are the properties that take a document's place: a text that stays as it is must not count twice
        in the average length.
        """
        gone = {doc: properties for doc, properties in docs if doc in self._live}
        if not gone:
            return
        numbers = list(gone)
        self._live.difference_update(numbers)
        self._tombstones.bury(numbers)
        for name, field in self._fields.items():
            kept = [doc for doc in numbers if doc in successors and gone[doc].get(name) == successors[doc].get(name)]
            if kept:
                field.forget(np.array(kept))
        self._sweep(len(numbers))

    def _sweep(self, changes: int) -> None:
        postings = [field.postings for field in self._fields.values()]
        if swept := self._tombstones.sweep(postings, changes, len(self._live)):
            for field in self._fields.values():
                field.forget(swept.array())

    # Searching

    def search(
        self,
        keyword: Keyword,
        limit: int,
        allowed: DocSet | None = None,
        *,
        explain: bool = False,
        by_id: bool = True,
        lap: Callable[[str], None] | None = None,
    ) -> Hits:
        """The `limit` best documents, best first, equal scores in order of id. Raises `InvalidQuery`.

        Without `by_id` nobody minds the order of equal scores, which saves looking up ids.
        `lap` is called with "tokens" when it is settled what the query means.
        """
        questions = self._questions(keyword)
        if lap is not None:
            lap("tokens")
        found = self._found(keyword, questions, limit, allowed)
        docs, scores = scoring.top(found, limit)
        if by_id and (scores[1:] == scores[:-1]).any():
            order = np.lexsort((*self._id_keys(docs), -scores))
            docs, scores = docs[order], scores[order]
        hits = Hits(docs, scores)
        return _explained(hits, keyword, questions) if explain and len(hits) else hits

    def _questions(self, keyword: Keyword) -> list[_Question]:
        """What the query means to each group of the searched properties that it means anything to."""
        groups = self._scopes.get(keyword.properties)
        if groups is None:
            groups = self._groups(keyword.properties)
            if len(self._scopes) >= _MOST_SCOPES:
                self._scopes.clear()
            self._scopes[keyword.properties] = groups
        if keyword.match is Match.AND_CROSS and len(groups) > 1:
            raise InvalidQuery(
                "OPERATOR_AND_CROSS requires all searched properties to share the same tokenization and analyzer "
                "settings"
            )
        found = [self._question(keyword.query, group) for group in groups]
        return [question for question in found if question.terms]

    def _groups(self, wanted: Sequence[str]) -> list[_Group]:
        """The properties to search by how they understand a query."""
        groups: dict[Any, list[_Searched]] = {}
        for place, (name, boost) in enumerate(self._boosts(wanted).items()):
            field = self._fields[name]
            groups.setdefault(field.group, []).append(_Searched(field, place, boost))
        return list(groups.values())

    def _boosts(self, wanted: Sequence[str]) -> dict[str, float]:
        """The boost of each property to search, in order; of a property named twice the last one counts."""
        if not wanted:
            if not self._fields:
                raise InvalidQuery("No properties provided, and no indexed properties found in class")
            return dict.fromkeys(self._fields, 1.0)
        boosts = {}
        for text in wanted:
            name, separator, boost = text.partition("^")
            if name not in self._fields:
                raise InvalidQuery(
                    f"Searching by property '{name}' requires inverted index. Is `indexSearchable` option of property "
                    f"'{name}' enabled? Set it to `true` or leave empty"
                )
            boosts[name] = _number(boost) if separator else 1.0
        return boosts

    def _question(self, query: str, group: _Group) -> _Question:
        inverted = self._collection.inverted
        times = Counter(query_terms(query, group[0].field.property, inverted))
        norms = [one.field.norms(inverted.bm25) for one in group]
        legs: list[Leg] = []
        for number, (term, count) in enumerate(times.items()):
            found = [one.field.postings.find(term) for one in group]
            weight = count * self._idf([self._tombstones.alive(docs) for docs, _ in found])
            for (field, place, boost), norm, (docs, counts) in zip(group, norms, found, strict=True):
                legs.append(Leg(number, place, boost * weight, docs, counts, field.lengths.values, norm))
        return _Question(tuple(times), tuple(times.values()), tuple(legs))

    def _idf(self, alive: Sequence[int]) -> float:
        """Of a term that so many documents have in each property of its group."""
        frequencies = [frequency for frequency in alive if frequency]
        if not frequencies:
            return 0.0
        frequency = sum(frequencies) // len(frequencies)
        total = max(len(self._live), frequency)
        return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))

    def _found(self, keyword: Keyword, questions: Sequence[_Question], limit: int, allowed: DocSet | None) -> Scored:
        dead = self._tombstones.dead
        least = keyword.minimum_match if keyword.match is Match.OR else 0
        if keyword.match is Match.OR and least <= 1:
            legs = [leg for question in questions for leg in question.legs]
            return scoring.best_of_any(legs, self._size, limit, allowed, dead)
        parts = [
            self._matched(keyword.match, least, question, legs)
            for question in questions
            for legs in _separately(keyword.match, question)
        ]
        return scoring.allowed_of(scoring.added(parts), self._size, allowed, dead)

    def _matched(self, match: Match, least: int, question: _Question, legs: Sequence[Leg]) -> Scored:
        """The documents that have enough of the question's terms among these legs."""
        if match is Match.OR:
            docs = scoring.matching_some(legs, least, self._size)
        else:
            docs = scoring.matching_all(legs, len(question.terms))
        return scoring.score(legs, docs)

    # Snapshots

    def snapshot(self) -> dict[str, Part]:
        """Everything, as arrays and bytes under names."""
        parts: dict[str, Part] = {
            "live": self._live.to_bytes(),
            "dead": self._tombstones.dead.to_bytes(),
            "size": np.array([self._size], np.int64),
        }
        for name, field in self._fields.items():
            parts |= {f"{name}/{key}": part for key, part in field.snapshot().items()}
        return parts

    def load(self, parts: Mapping[str, Part]) -> None:
        """Take over what `snapshot` gave under the same definition."""
        self._live = DocSet.from_bytes(bytes(parts["live"]))
        self._tombstones.dead = DocSet.from_bytes(bytes(parts["dead"]))
        self._size = int(np.asarray(parts["size"])[0])
        for name, field in self._fields.items():
            prefix = f"{name}/"
            field.load({key.removeprefix(prefix): part for key, part in parts.items() if key.startswith(prefix)})


def _separately(match: Match, question: _Question) -> list[list[Leg]]:
    """The legs that must have all, or enough, of the terms together: of one property each, or all of them."""
    if match is Match.AND_CROSS:
        return [list(question.legs)]
    places = {leg.property for leg in question.legs}
    return [[leg for leg in question.legs if leg.property == place] for place in sorted(places)]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


# --- Explaining ------------------------------------------------------------------------------------------------------


def _explained(hits: Hits, keyword: Keyword, questions: Sequence[_Question]) -> Hits:
    """The hits with the frequency and property length of each term that counted; a later property's go over earlier."""
    docs = np.sort(hits.docs)
    found: dict[int, dict[str, tuple[int, int]]] = {int(doc): {} for doc in docs}
    counted = [
        (leg, question.terms[leg.term], passed)
        for question in questions
        for legs in _separately(keyword.match, question)
        for passed in (_counting(docs, legs, _least(keyword, question)),)
        for leg in legs
    ]
    for leg, term, passed in sorted(counted, key=lambda entry: entry[0].property):
        met, places = leg.places(docs)
        lengths = leg.lengths[docs[met]]
        for row, place, length in zip(met.tolist(), places.tolist(), lengths.tolist(), strict=True):
            if passed[row]:
                found[int(docs[row])][term] = int(leg.counts[place]), length
    return Hits(hits.docs, hits.scores, explains=[_explanation(found[doc]) for doc in hits.docs.tolist()])


def _least(keyword: Keyword, question: _Question) -> int:
    """How many of the question's terms a document must have together."""
    return max(keyword.minimum_match, 1) if keyword.match is Match.OR else len(question.terms)


def _counting(docs: Docs, legs: Sequence[Leg], least: int) -> NDArray[np.bool_]:
    """For each of `docs` whether it has that many terms among these legs, so that they count."""
    terms_had = np.zeros((len(docs), 1 + max(leg.term for leg in legs)), np.bool_)
    for leg in legs:
        terms_had[leg.places(docs)[0], leg.term] = True
    enough: NDArray[np.bool_] = terms_had.sum(axis=1) >= least
    return enough


def _explanation(found: Mapping[str, tuple[int, int]]) -> str:
    return "".join(
        f", BM25F_{term}_frequency:{frequency}, BM25F_{term}_propLength:{length}"
        for term, (frequency, length) in found.items()
    )
