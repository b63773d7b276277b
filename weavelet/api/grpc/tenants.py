"""TenantsGet: which tenants a collection has, and whether they are open."""

from collections.abc import Mapping

from weavelet.api.grpc import weavelet_pb2 as pb
from weavelet.errors import InvalidQuery
from weavelet.schema.collection import TenantStatus

_STATUSES: Mapping[TenantStatus, pb.TenantActivityStatus] = {
    TenantStatus.HOT: pb.TENANT_ACTIVITY_STATUS_HOT,
    TenantStatus.COLD: pb.TENANT_ACTIVITY_STATUS_COLD,
    TenantStatus.FROZEN: pb.TENANT_ACTIVITY_STATUS_FROZEN,
}


def asked_names(message: pb.TenantsGetRequest) -> frozenset[str] | None:
    """The tenants asked about; None for all. Raises `InvalidQuery`."""
    if not message.collection:
        raise InvalidQuery("missing collection")
    if not message.HasField("names"):
        return None
    if not message.names.values:
        raise InvalidQuery("must specify at least one tenant name")
    return frozenset(message.names.values)


def tenants_reply(tenants: Mapping[str, TenantStatus], names: frozenset[str] | None) -> pb.TenantsGetReply:
    reply = pb.TenantsGetReply()
    for name, status in tenants.items():
        if names is None or name in names:
            tenant = reply.tenants.add()
            tenant.name = name
            tenant.activity_status = _STATUSES[status]
    return reply
