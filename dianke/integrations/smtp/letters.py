"""An email as bytes: plain text, with its headers in a fixed order, signed where there are keys."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header as WordHeader
from email.utils import format_datetime, formataddr
from functools import lru_cache

from dianke.integrations.smtp.dkim_signing import Header, Signer
from dianke.messaging.rules.carriers import Item

_BREAK = re.compile(r"[\r\n]+")
#: What a signature covers, where it is there. Subject, sender and receiver twice: nobody may add a second one.
_COVERED = (
    b"from",
    b"to",
    b"subject",
    b"date",
    b"message-id",
    b"reply-to",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
)
_ONCE = (b"from", b"to", b"subject", b"reply-to", b"list-unsubscribe", b"list-unsubscribe-post")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the letters are from. `domain` stands in their Message-ID."""

    address: str
    name: str = ""
    reply_to: str = ""
    signers: Sequence[Signer] = ()

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    def message_id(self, uid: str) -> str:
        """The same for every try of a message: by it the receiving side knows a second copy."""
        return f"<{uid}@{self.domain}>"


@lru_cache(maxsize=1024)
def _words(text: str) -> bytes:
    text = _BREAK.sub(" ", text)
    if text.isascii() and len(text) < 70:
        return text.encode()
    return WordHeader(text, "utf-8", maxlinelen=74).encode(linesep="\r\n").encode()


@lru_cache(maxsize=64)
def _from(address: str, name: str) -> bytes:
    return formataddr((_BREAK.sub(" ", name), _BREAK.sub("", address)), "utf-8").encode()


@lru_cache(maxsize=64)
def _date(now: datetime) -> bytes:
    return format_datetime(now).encode()


def letter(sender: Sender, item: Item, *, now: datetime) -> bytes:
    """The letter, ready for DATA."""
    headers: list[Header] = [
        (b"From", _from(sender.address, sender.name)),
        (b"To", _BREAK.sub("", item.to).encode()),
        (b"Subject", _words(item.subject)),
        (b"Date", _date(now)),
        (b"Message-ID", sender.message_id(item.uid).encode()),
    ]
    if sender.reply_to:
        headers.append((b"Reply-To", _from(sender.reply_to, "")))
    headers += [(name.encode(), _BREAK.sub(" ", value).encode()) for name, value in item.headers.items()]
    headers += [
        (b"MIME-Version", b"1.0"),
        (b"Content-Type", b'text/plain; charset="utf-8"'),
        (b"Content-Transfer-Encoding", b"base64"),
    ]
    body = base64.encodebytes(item.text.encode()).replace(b"\n", b"\r\n")
    lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
    return _signatures(sender, headers, body, now) + lines + b"\r\n" + body


def _signatures(sender: Sender, headers: Sequence[Header], body: bytes, now: datetime) -> bytes:
    if not sender.signers:
        return b""
    present = {name.lower() for name, _value in headers}
    names = [name for name in _COVERED if name in present] + [name for name in _ONCE if name in present]
    return b"".join(signer.header(headers, body, names, at=int(now.timestamp())) for signer in sender.signers)
