"""What the doors cost by themselves: `python -m benchmarks.doors`. CPU time of this process, medians; no network.

Two of the numbers are bounds that a reply of 100 objects with 3 properties (4 ms) and the schema after a change
(60 ms, 50 collections of 20 properties) have to keep; the process ends with 1 where one does not.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from starlette.testclient import TestClient

from weavelet.api.graphql import Endpoint
from weavelet.api.rest.app import create
from weavelet.app import App, open_app
from weavelet.modules.base import Call
from weavelet.schema.objects import NewObject
from weavelet.settings import Settings

COLLECTIONS, PROPERTIES, OBJECTS = 50, 20, 200
QUERY = "{Get{C0(limit:100){p0 p1 p2}}}"
REPLY_MS, SCHEMA_MS = 4.0, 60.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="weavelet-doors-") as folder:
        environment = {"PERSISTENCE_DATA_PATH": Path(folder), "WEAVELET_EMBEDDED_INFERENCE": "false"}
        app = open_app(Settings.model_validate(environment))
        _fill(app)
        slow = [line for line in (*_graphql(app), *_rest(app)) if _told(*line)]
        app.close()
    sys.exit(1 if slow else 0)


def _fill(app: App) -> None:
    for number in range(COLLECTIONS):
        app.catalog.create(_definition(f"C{number}"))
    news = [
        NewObject(collection="C0", properties={f"p{place}": f"text {place} of {number}" for place in range(PROPERTIES)})
        for number in range(OBJECTS)
    ]
    app.ingest.put_many(news, Call({}))


def _definition(name: str) -> dict[str, object]:
    properties = [{"name": f"p{place}", "dataType": ["text"]} for place in range(PROPERTIES)]
    return {"class": name, "vectorizer": "none", "properties": properties}


Line = tuple[str, float, float | None]
"""What was measured, milliseconds, and the most it may be."""


def _graphql(app: App) -> list[Line]:
    endpoint = Endpoint(app)

    def ask() -> None:
        assert len(endpoint.execute(QUERY)["data"]["Get"]["C0"]) == 100

    def introspect() -> None:
        assert endpoint.execute("{__schema{types{name fields{name}}}}")["data"]

    def change() -> None:
        app.catalog.add_property("C1", {"name": f"q{time.perf_counter_ns()}", "dataType": ["text"]})

    ask()
    after = [_milliseconds(ask) for _ in range(9) if change() is None]
    everything = [_milliseconds(introspect) for _ in range(3) if change() is None]
    again = [_milliseconds(ask) for _ in range(50)]
    return [
        ("GraphQL, 100 objects of 3 properties", statistics.median(again), REPLY_MS),
        (f"the same, first after a change of {COLLECTIONS} collections", statistics.median(after), SCHEMA_MS),
        ("everything introspected, first after a change", statistics.median(everything), None),
    ]


def _rest(app: App) -> list[Line]:
    lines: list[Line] = []
    with TestClient(create(app)) as client:
        for path in ("/v1/meta", "/v1/.well-known/ready", "/v1/schema/C0", "/v1/objects?class=C0&limit=100"):
            client.get(path)
            taken = [_milliseconds(lambda path=path: client.get(path)) for _ in range(40)]  # type: ignore[misc]
            lines.append((f"GET {path}, with the client that asks", statistics.median(taken), None))
    return lines


def _milliseconds(call: Callable[[], object]) -> float:
    begun = time.process_time()
    call()
    return (time.process_time() - begun) * 1e3


def _told(what: str, milliseconds: float, most: float | None) -> bool:
    print(f"{what:60} {milliseconds:8.2f} ms" + (f"  (at most {most:g})" if most else ""))
    return most is not None and milliseconds > most


if __name__ == "__main__":
    main()
