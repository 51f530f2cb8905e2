"""A mail server for one test: speaks SMTP on a port of its own and keeps what it is given."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from threading import Thread
from typing import Any


class _Session(socketserver.StreamRequestHandler):
    """One conversation (RFC 5321), as far as a client that sends one mail needs it."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 test")
        while line := self.rfile.readline():
            word = line.decode().strip().upper()
            if word.startswith(("EHLO", "HELO", "MAIL", "RSET")):
                self._say("250 ok")
            elif word.startswith("RCPT"):
                refused = any(name.upper() in word for name in server.refused)
                self._say("550 no such mailbox" if refused else "250 ok")
            elif word == "DATA":
                if server.is_busy:
                    self._say("451 try again later")
                    continue
                self._say("354 go on")
                content = b""
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    content += part[1:] if part.startswith(b"..") else part
                server.mails.append(message_from_bytes(content))
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Mailbox(socketserver.ThreadingTCPServer):
    """`mails` as they came; addresses in `refused` do not exist; while `is_busy` nothing is taken."""

    daemon_threads = True

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refused: set[str] = set()
        self.is_busy = False
        super().__init__(("127.0.0.1", 0), _Session)


@contextmanager
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """Mail goes to this server inside."""
    with Mailbox() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.DIANKE_MESSENGERS = {**settings.DIANKE_MESSENGERS, "EMAIL": "smtp"}
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        try:
            yield server
        finally:
            server.shutdown()
