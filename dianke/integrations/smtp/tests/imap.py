"""A mailbox on this computer: as much of IMAP4rev1 (RFC 3501) as a reader of unread letters speaks."""

from __future__ import annotations

import re
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread


@dataclass
class Mailbox:
    """`letters` by their numbers; `is_shy`: lets nobody in who does not say its name (ID), as NetEase does;
    `breaks_at`: the connection ends before this letter is given."""

    letters: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    password: str = "right"
    is_shy: bool = False
    breaks_at: int | None = None
    port: int = 0
    commands: list[str] = field(default_factory=list)


@contextmanager
def mailbox(letters: list[bytes]) -> Iterator[Mailbox]:
    box = Mailbox(dict(enumerate(letters, start=1)))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("* OK ready")
            is_known = not box.is_shy
            while line := self.rfile.readline().decode().strip():
                tag, _blank, rest = line.partition(" ")
                command = rest.upper()
                box.commands.append(command.split(" ")[0])
                if command.startswith("CAPABILITY"):
                    self.say("* CAPABILITY IMAP4rev1 ID")
                elif command.startswith("LOGIN") and f'"{box.password}"' not in rest:
                    self.say(f"{tag} NO wrong password")
                    continue
                elif command.startswith("ID "):
                    is_known = True
                    self.say("* ID NIL")
                elif command.startswith("SELECT"):
                    if not is_known:
                        self.say(f"{tag} NO Unsafe Login")
                        continue
                    self.say(f"* {len(box.letters)} EXISTS")
                elif command == "UID SEARCH UNSEEN":
                    unread = [str(number) for number in box.letters if number not in box.seen]
                    self.say(f"* SEARCH {' '.join(unread)}")
                elif match := re.match(r"UID FETCH (\d+) ", command):
                    number = int(match.group(1))
                    if number == box.breaks_at:
                        return
                    data = box.letters[number]
                    self.say(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(data)}}}")
                    self.wfile.write(data)
                    self.say(")")
                elif match := re.match(r"UID STORE (\d+) \+FLAGS.SILENT", command):
                    box.seen.add(int(match.group(1)))
                elif command == "LOGOUT":
                    self.say("* BYE")
                    self.say(f"{tag} OK")
                    return
                self.say(f"{tag} OK done")

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.port = server.server_address[1]
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield box
        finally:
            server.shutdown()
