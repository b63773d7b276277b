"""The GraphQL door. `Endpoint(app).execute(query, variables, operation_name, headers)` answers one request.

Imported when it is asked for: with the libraries under it, it is a third of all that a server could import.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weavelet.api.graphql.endpoint import Endpoint

__all__ = ["Endpoint"]


def __getattr__(name: str) -> Any:
    if name != "Endpoint":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from weavelet.api.graphql.endpoint import Endpoint

    return Endpoint
