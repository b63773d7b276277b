"""What gRPC itself costs: `python -m benchmarks.transport`.

The same unary call, 1.8 KB in and 4.3 KB out, to four servers that each work for so many microseconds, holding the
interpreter's lock: our listener, grpcio with threads, grpcio with asyncio, and the `h2` package behind a thread for
each connection. Asked through grpcio's client from this process, by one thread and by eight; server CPU microseconds
for each call beyond the work, the median of several rounds, and calls a second.
"""

import argparse
import asyncio
import multiprocessing
import socket
import statistics
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

import grpc
import h2.config
import h2.connection
import h2.events

from benchmarks.servers import Process
from weavelet.api.errors import StatusCode
from weavelet.api.grpc.calls import Methods, Refusal, Unary
from weavelet.api.grpc.listener import Listener
from weavelet.workers import available_cores

HOST = "127.0.0.1"
SERVICE, NAME = "weaviate.v1.Weaviate", "Search"
METHOD = f"/{SERVICE}/{NAME}"
REQUEST, REPLY = bytes(1_800), bytes(4_300)
CALLS, ROUNDS = 2_000, 5
CLIENTS = (1, 8)
WORK_MICROSECONDS = (0, 400)


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    print("| server | work, µs | " + " | ".join(f"{count} threads: µs beyond it | calls/s" for count in CLIENTS) + " |")
    print("|---|--:|" + "--:|--:|" * len(CLIENTS))
    for work in WORK_MICROSECONDS:
        for name in SERVERS:
            cells = [f"{cost - work:.0f} | {rate:.0f}" for cost, rate in measure(name, work)]
            print(f"| {name} | {work} | " + " | ".join(cells) + " |", flush=True)


def measure(name: str, work: int = 0) -> list[tuple[float, float]]:
    """Server CPU microseconds a call and calls a second, for each count of client threads."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=SERVERS[name], args=(theirs, work), daemon=True)
    server.start()
    try:
        with grpc.insecure_channel(f"{HOST}:{ours.recv()}") as channel:
            return [_rounds(channel, Process(server.pid), count) for count in CLIENTS]
    finally:
        server.terminate()
        server.join()


def _rounds(channel: grpc.Channel, process: Process, clients: int) -> tuple[float, float]:
    call = channel.unary_unary(METHOD)

    def ask(count: int) -> None:
        for _ in range(count):
            call(REQUEST)

    ask(CALLS // 10)
    costs, rates = [], []
    with ThreadPoolExecutor(clients) as pool:
        for _ in range(ROUNDS):
            cpu, wall = process.cpu_seconds(), time.perf_counter()
            list(pool.map(ask, [CALLS // clients] * clients))
            rates.append(CALLS / (time.perf_counter() - wall))
            costs.append((process.cpu_seconds() - cpu) / CALLS * 1e6)
    return statistics.median(costs), statistics.median(rates)


def _work(microseconds: int) -> bytes:
    end = time.thread_time() + microseconds / 1e6
    while time.thread_time() < end:
        pass
    return REPLY


# --- The servers ---


def _listener(parent: Connection, work: int) -> None:
    refusal = Refusal(StatusCode.UNIMPLEMENTED, "")
    methods = Methods({METHOD: Unary(lambda _, __: _work(work))}, lambda _: refusal)
    listener = Listener(methods, 1 << 20)
    parent.send(listener.listen(HOST, 0))
    listener.start()
    threading.Event().wait()


def _grpcio(parent: Connection, work: int) -> None:
    server = grpc.server(ThreadPoolExecutor(available_cores() + 2))
    handler = grpc.unary_unary_rpc_method_handler(lambda _, __: _work(work))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {NAME: handler}),))
    parent.send(server.add_insecure_port(f"{HOST}:0"))
    server.start()
    server.wait_for_termination()


def _grpcio_asyncio(parent: Connection, work: int) -> None:
    async def answer(_: bytes, __: object) -> bytes:
        return _work(work)

    async def serve() -> None:
        server = grpc.aio.server()
        handler = grpc.unary_unary_rpc_method_handler(answer)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {NAME: handler}),))
        parent.send(server.add_insecure_port(f"{HOST}:0"))
        await server.start()
        await server.wait_for_termination()

    asyncio.run(serve())


def _h2(parent: Connection, work: int) -> None:
    listening = socket.create_server((HOST, 0))
    parent.send(listening.getsockname()[1])
    while True:
        accepted, _ = listening.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_h2_client, args=(accepted, work), daemon=True).start()


def _h2_client(accepted: socket.socket, work: int) -> None:
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))
    connection.initiate_connection()
    accepted.sendall(connection.data_to_send())
    while data := accepted.recv(65_536):
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                reply = _work(work)
                connection.send_headers(event.stream_id, [(":status", "200"), ("content-type", "application/grpc")])
                connection.send_data(event.stream_id, b"\0" + struct.pack(">I", len(reply)) + reply)
                connection.send_headers(event.stream_id, [("grpc-status", "0")], end_stream=True)
        accepted.sendall(connection.data_to_send())


SERVERS: dict[str, Callable[[Connection, int], None]] = {
    "listener": _listener,
    "grpcio, threads": _grpcio,
    "grpcio, asyncio": _grpcio_asyncio,
    "h2": _h2,
}


if __name__ == "__main__":
    main()
