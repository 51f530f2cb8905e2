"""Clients that sell over HTTP: each with a connection that stays open, one sale after the other, for so many seconds.

They share a process with threads and write bytes to sockets themselves, so that of the two cores they take little.
"""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

PATH = "/api/v1/sales"


@dataclass(frozen=True, slots=True)
class Told:
    """Sales per second over all clients, and how long they took, in milliseconds."""

    per_s: float
    p50: float
    p95: float
    count: int


def sell(port: int, asked: Mapping[str, Any], *, clients: int, seconds: float) -> Told:
    """Everybody sells at their own store; fails when a sale is refused."""
    taken: list[list[float]] = [[] for _client in range(clients)]
    errors: list[BaseException] = []
    start = Barrier(clients)

    def run(number: int) -> None:
        try:
            baskets = [each for n, each in enumerate(asked["baskets"]) if n % clients == number]
            keys = asked["keys"][number::clients]
            start.wait(30)
            _sell(port, baskets, keys, taken[number], time.perf_counter() + seconds)
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=(number,)) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    spent = time.perf_counter() - began
    if errors:
        raise errors[0]
    times = sorted(time for each in taken for time in each)
    return Told(
        len(times) / spent,
        statistics.median(times),
        times[min(len(times) - 1, int(len(times) * 0.95))],
        len(times),
    )


def _sell(
    port: int, baskets: Sequence[Mapping[str, Any]], keys: Sequence[str], taken: list[float], end: float
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = 0
        while (began := time.perf_counter()) < end:
            body = body_of(baskets[number % len(baskets)])
            status, answer = post(wire, PATH, body, keys[number % len(keys)])
            if status != 201:
                raise RuntimeError(f"{status}: {answer[:600]!r}")
            taken.append((time.perf_counter() - began) * 1000)
            number += 1


def body_of(basket: Mapping[str, Any]) -> bytes:
    """A new sale of this basket."""
    payments = [payment | {"uuid": str(uuid4())} for payment in basket["payments"]]
    return json.dumps({**basket, "uuid": str(uuid4()), "payments": payments}).encode()


def post(wire: socket.socket, path: str, body: bytes, key: str) -> tuple[int, bytes]:
    """Status and body of the answer; the connection stays open."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    wire.sendall(head.encode() + body)
    return answer_of(wire)


def answer_of(wire: socket.socket) -> tuple[int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        part = wire.recv(65536)
        if not part:
            raise ConnectionError("closed before the answer")
        data += part
    head, _blank, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    status = int(lines[0].split()[1])
    fields = {
        name.lower(): value.strip() for name, _colon, value in (line.partition(b":") for line in lines[1:])
    }
    length = int(fields.get(b"content-length", b"0"))
    while len(rest) < length:
        part = wire.recv(65536)
        if not part:
            raise ConnectionError("closed within the answer")
        rest += part
    return status, rest
