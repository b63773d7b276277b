"""The closed lists of values a schema document may hold, in the order in which Weaviate names them.

Doors check them while they read a body, so that a wrong word is answered as a malformed body; the codec takes them
as given.
"""

from typing import Final

TOKENIZATIONS: Final = (
    "word",
    "lowercase",
    "whitespace",
    "field",
    "trigram",
    "gse",
    "kagome_kr",
    "kagome_ja",
    "gse_ch",
)
DELETION_STRATEGIES: Final = ("NoAutomatedResolution", "DeleteOnConflict", "TimeBasedResolution")
TENANT_STATUSES: Final = (
    "ACTIVE",
    "INACTIVE",
    "OFFLOADED",
    "OFFLOADING",
    "ONLOADING",
    "HOT",
    "COLD",
    "FROZEN",
    "FREEZING",
    "UNFREEZING",
)
PROPERTY_INDEXES: Final = ("filterable", "searchable", "rangeFilters", "rangeable")
