"""weavelet: the Weaviate API in one pip install.

`weavelet.run()` starts a server inside this process, for scripts, notebooks and tests:

    with weavelet.run(data_path="films") as server:
        client = weaviate.connect_to_local(port=server.http_ports[0], grpc_port=server.grpc_port)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weavelet.server import Server

__version__ = "0.1.0"


def run(**settings: Any) -> "Server":
    """Start a server on free ports of 127.0.0.1; leave its `with` block, or call `stop`, to stop it.

    Takes the fields of `weavelet.settings.Settings` (`data_path`, `enable_modules`, `port`, …); what is not given
    comes from Weaviate's environment variables. Raises `weavelet.errors.WeaveletError`.
    """
    from weavelet.server import Server
    from weavelet.settings import Settings

    return Server.open(Settings(**{"port": 0, "grpc_port": 0, **settings}))
