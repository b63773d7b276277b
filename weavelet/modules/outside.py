"""Keeping addresses that callers and collections name outside of this network (MODULES_VALIDATE_BASE_URL).

Looked at twice: when an address is named (`check_outside`), and when the connection is made (`Dialling`), since a name
may lead somewhere else by then. The second look holds for every https address; containers that the operator names are
reached by plain http, which nobody else may name.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from weavelet.errors import ModuleError

_HTTPS_PORT = 443
_INSIDE = (".localhost", ".local", ".internal")


def check_outside(url: str) -> None:
    """Raise `ModuleError` unless the URL is https and its host resolves to public addresses only."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise ModuleError("baseURL must use HTTPS")
    host = (parts.hostname or "").rstrip(".").lower()
    if not host:
        raise ModuleError("baseURL must have a non-empty host")
    if host == "localhost" or host.endswith(_INSIDE):
        raise ModuleError("baseURL cannot target internal addresses")
    try:
        found = socket.getaddrinfo(host, parts.port or _HTTPS_PORT, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ModuleError(f"baseURL host could not be resolved: {error}") from error
    if any(_is_inside(str(address[4][0])) for address in found):
        raise ModuleError("baseURL cannot target internal addresses")


class Dialling:
    """Follows the connection to an https URL, and ends it before anything is sent where it leads inside.

    To be given to `httpx2` as the request's `trace`. A connection to a proxy is let pass: where that one connects to,
    only it knows.
    """

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).hostname
        self._direct = False

    def __call__(self, event: str, info: Any) -> None:
        match event:
            case "connection.connect_tcp.started":
                self._direct = _text(info["host"]) == self._host
            case "connection.connect_tcp.complete" if self._direct:
                self._look(info["return_value"])

    def _look(self, stream: Any) -> None:
        address, port = stream.get_extra_info("server_addr")[:2]
        if _is_inside(address):
            stream.close()
            shown = f"[{address}]" if ":" in address else address
            raise ModuleError(f'refusing to dial internal address "{shown}:{port}"')


def _is_inside(address: str) -> bool:
    return not ipaddress.ip_address(address.partition("%")[0]).is_global


def _text(host: str | bytes) -> str:
    return host.decode("ascii") if isinstance(host, bytes) else host
