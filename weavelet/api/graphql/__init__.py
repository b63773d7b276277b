"""The GraphQL door. `Endpoint(app).execute(query, variables, operation_name, headers)` answers one request."""

from weavelet.api.graphql.endpoint import Endpoint

__all__ = ["Endpoint"]
