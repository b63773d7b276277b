"""The data types a property can have, and the ways its text is split into terms."""

from enum import StrEnum


class DataType(StrEnum):
    """A property's type, as the class JSON names it. `REFERENCE` stands for any list of collection names."""

    TEXT = "text"
    TEXT_ARRAY = "text[]"
    INT = "int"
    INT_ARRAY = "int[]"
    NUMBER = "number"
    NUMBER_ARRAY = "number[]"
    BOOLEAN = "boolean"
    BOOLEAN_ARRAY = "boolean[]"
    DATE = "date"
    DATE_ARRAY = "date[]"
    UUID = "uuid"
    UUID_ARRAY = "uuid[]"
    GEO = "geoCoordinates"
    PHONE = "phoneNumber"
    BLOB = "blob"
    BLOB_HASH = "blobHash"
    OBJECT = "object"
    OBJECT_ARRAY = "object[]"
    REFERENCE = "cref"

    @property
    def is_array(self) -> bool:
        return self.value.endswith("[]")

    @property
    def element(self) -> "DataType":
        """The type of one element; for a scalar type the type itself."""
        return DataType(self.value.removesuffix("[]"))


class Tokenization(StrEnum):
    """How text becomes terms, in the index and in a query alike."""

    WORD = "word"
    LOWERCASE = "lowercase"
    WHITESPACE = "whitespace"
    FIELD = "field"
    TRIGRAM = "trigram"
    GSE = "gse"
    GSE_CH = "gse_ch"
    KAGOME_KR = "kagome_kr"
    KAGOME_JA = "kagome_ja"


class Distance(StrEnum):
    """A vector distance. Smaller is nearer for every one of them."""

    COSINE = "cosine"
    DOT = "dot"
    L2_SQUARED = "l2-squared"
    MANHATTAN = "manhattan"
    HAMMING = "hamming"
