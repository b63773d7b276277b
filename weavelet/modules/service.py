"""What modules in front of a service on the web share: where it is, its key, and how its refusals read.

A `Service` is data. Its address comes from the caller's header, else from the collection's settings, else it is the
service's own; wherever that is, another server of the same shape serves as well. Only the service's own address
insists on a key. Modules that Weaviate does not have take their address from a variable too, and the key of a variable
goes to no other address than that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from weavelet.errors import ModuleError
from weavelet.modules.base import Call
from weavelet.modules.environment import Key, header
from weavelet.modules.http import Answer, HttpModule, joined
from weavelet.modules.texts import setting_text
from weavelet.schema.collection import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service: what it calls itself, where it is, and what it is asked for when nothing is said.

    `failure` is how a refusal reads, with `{status}` and `{reason}`; what follows the status is left out where the
    service gives no reason.
    """

    title: str
    documentation: str
    failure: str
    path: str
    base_url: str = ""
    base_url_setting: str = "baseURL"
    base_url_header: str = ""
    base_url_variable: str = ""
    key: Key | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one request goes, and the key that goes with it."""

    url: str
    key: str | None
    is_own: bool
    """Whether it is the service's own address."""


class ServiceModule(HttpModule):
    """A module in front of its `service`. Subclasses say what is sent and how the reply is read."""

    service: ClassVar[Service]

    def place(self, settings: Settings, call: Call) -> Place:
        """Where this request goes. Raises `ModuleError` where there is no address, or no key for it."""
        given = self._given(settings, call)
        base = self.checked_base(given) if given else self._configured()
        is_own = urlsplit(base).hostname == urlsplit(self.service.base_url).hostname
        return Place(self.address(base, settings), self._key(call, named=bool(given), required=is_own), is_own)

    def address(self, base: str, settings: Settings) -> str:
        """The address of the work, given the base URL."""
        return joined(base, self.service.path)

    def asked(self, place: Place, body: Any, what: str, headers: Mapping[str, str] | None = None) -> Any:
        """The reply's JSON. `what` names it in errors. Raises `ModuleError`."""
        answer = self.post(place.url, body, key=place.key, headers=headers)
        if not answer.ok:
            raise self.refusal(answer, place)
        return self.parsed(answer, what)

    def refusal(self, answer: Answer, place: Place) -> ModuleError:
        """A bad answer as an error, with what the server said and, where it is not the service's own, which it was."""
        head, _, tail = self.service.failure.partition("{status}")
        reason = answer.reason()
        told = tail.replace("{reason}", reason) if reason else ""
        return ModuleError(f"{head}{answer.status}{told}" + ("" if place.is_own else f" ({answer.url})"))

    def model(self, settings: Settings) -> str:
        """The model to ask for."""
        return setting_text(settings, "model", self.service.model)

    def meta(self) -> Mapping[str, Any]:
        return {"name": self.service.title, "documentationHref": self.service.documentation}

    def _given(self, settings: Settings, call: Call) -> str:
        """The address that the caller or the collection names; "" where neither does."""
        service = self.service
        named = header(call, service.base_url_header) if service.base_url_header else None
        return named or setting_text(settings, service.base_url_setting)

    def _configured(self) -> str:
        service = self.service
        if base := self.environment.get(service.base_url_variable) or service.base_url:
            return base.rstrip("/")
        raise ModuleError(
            f"{self.name}: there is no address: set {service.base_url_setting} in the collection's settings of this "
            f"module, or the variable {service.base_url_variable}"
        )

    def _key(self, call: Call, *, named: bool, required: bool) -> str | None:
        key = self.service.key
        if key is None:
            return None
        if named and self.service.base_url_variable:
            return header(call, key.header)
        return (key.require if required else key.find)(call, self.environment)
