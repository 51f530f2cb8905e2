"""A mail server on this computer that keeps what it takes and refuses or falls silent as it is told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Sink:
    """`script[n]` is what it answers to the n-th RCPT (from 0) or, as ("DATA", n), to the n-th letter; "silence"
    takes the letter and never answers."""

    letters: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    script: dict[Any, str] = field(default_factory=dict)
    port: int = 0
    receivers: int = 0
    connections: int = 0
    delay: float = 0.0
    is_pipelining: bool = True

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any
    ) -> Any:
        self.connections += 1
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.is_pipelining else responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.receivers += 1
        refused = self.script.get(self.receivers - 1)
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.delay:
            await asyncio.sleep(self.delay)
        self.letters.append(envelope.content)
        self.senders.append(envelope.mail_from)
        answer = self.script.get(("DATA", len(self.letters) - 1), "250 OK")
        if answer == "silence":
            await asyncio.sleep(60)
        return answer

    @property
    def ids(self) -> list[str]:
        return [str(message_from_bytes(each)["Message-ID"]) for each in self.letters]


@contextmanager
def sink() -> Iterator[Sink]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Sink(port=port)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop(no_assert=True)
