"""Reading what mail servers send back: which letter, for good or not yet, whether anybody is there; and what mail
programs report when somebody calls a letter spam.

Reports are RFC 3464 where servers keep to it, RFC 5965 for complaints. Some large providers answer in words only: these
are read by the codes in them and by the words of `data/limits.toml`, and only when a mail server wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum

_MESSAGE_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>\s]+>")
_RETURN_PATH = re.compile(r"\+([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})@")
_ENHANCED = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_PLAIN = re.compile(r"(?<![\d.])([45]5\d)(?=[\s-])")
_SERVERS = ("mailer-daemon", "postmaster")
_MOST_TEXT = 20_000


class Kind(StrEnum):
    """HARD: will never arrive there. SOFT: this one did not arrive, the next may. COMPLAINT: called spam."""

    HARD = "HARD"
    SOFT = "SOFT"
    COMPLAINT = "COMPLAINT"


@dataclass(frozen=True, slots=True)
class Bounce:
    """`status` is an enhanced code (5.1.1), empty for a complaint."""

    uid: str
    status: str
    detail: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Words:
    """What servers write in words: nobody is there, or not now."""

    nobody: Sequence[str] = ()
    later: Sequence[str] = ()


def return_path(address: str, uid: str) -> str:
    """Where reports about a letter go: its identity stands in the address (`news+…@shop.example`), so that a report
    says which letter it means whatever else it says."""
    name, _at, domain = address.rpartition("@")
    return f"{name}+{uid.replace('-', '')}@{domain}"


def read_bounces(report: bytes, words: Words) -> list[Bounce]:
    """The failure or complaint it tells of; a delay, a success, an answer of a person or anything else tells of
    none."""
    mail = message_from_bytes(report)
    uid = _uid_of(mail)
    if uid is None:
        return []
    found = _complaint(mail, uid) or _by_fields(mail, uid)
    if found is None and mail.get_content_type() != "multipart/report" and _is_from_server(mail):
        found = _by_text(mail, uid, words)
    return [found] if found else []


def _complaint(mail: Message, uid: str) -> Bounce | None:
    for fields in _fields(mail, "message/feedback-report"):
        kind = str(fields.get("Feedback-Type", "")).strip().lower()
        return Bounce(uid, "", kind[:40], Kind.COMPLAINT) if kind in ("abuse", "fraud", "virus") else None
    return None


def _by_fields(mail: Message, uid: str) -> Bounce | None:
    for fields in _fields(mail, "message/delivery-status"):
        status = str(fields.get("Status", "")).strip().partition(" ")[0]
        if str(fields.get("Action", "")).strip().lower() != "failed" or status[:1] not in ("4", "5"):
            continue
        said = str(fields.get("Diagnostic-Code", "")).partition(";")[2]
        exact = _ENHANCED.search(said)
        if status.endswith(".0.0") and exact:  # the server in between knew no better, the one behind it did
            status = exact.group(1)
        return Bounce(uid, status, _detail(status, said), _kind(status))
    return None


def _by_text(mail: Message, uid: str, words: Words) -> Bounce | None:
    text = _text(mail)
    code, plain = _ENHANCED.search(text), _PLAIN.search(text)
    status = code.group(1) if code else ""
    lowered = text.lower()
    if any(word.lower() in lowered for word in words.nobody):
        status = status if status.startswith("5.1.") else "5.1.1"
    elif any(word.lower() in lowered for word in words.later):
        status = status or "4.2.2"
    elif not status and plain:
        status = f"{plain.group(1)[0]}.0.0"
    return Bounce(uid, status, _detail(status, ""), _kind(status)) if status else None


def _kind(status: str) -> Kind:
    """RFC 3463: X.1 is about the address, 5.2.1 a mailbox that is closed. Everything else is about this letter, the
    server or a full mailbox."""
    return Kind.HARD if status.startswith("5.1.") or status == "5.2.1" else Kind.SOFT


def _detail(status: str, said: str) -> str:
    kept = [word for word in said.split() if "@" not in word]
    return f"{status} {' '.join(kept)}".strip()[:200]


def _fields(mail: Message, kind: str) -> Iterator[Mapping[str, str]]:
    """The blocks of fields in parts of that type."""
    for part in mail.walk():
        if part.get_content_type() != kind:
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, Message):
                yield {name.title(): str(value) for name, value in block.items()}


def _bytes(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text(mail: Message) -> str:
    parts = [str(make_header(decode_header(str(mail.get("Subject", "")))))]
    for part in mail.walk():
        if part.get_content_maintype() == "text" and part.get_content_type() != "text/rfc822-headers":
            charset = part.get_content_charset() or "utf-8"
            try:
                parts.append(_bytes(part).decode(charset, "replace"))
            except LookupError:  # a name no codec has
                parts.append(_bytes(part).decode("gb18030", "replace"))
    return re.sub(r"<[^<>]*>", " ", " ".join(parts))[:_MOST_TEXT]


def _is_from_server(mail: Message) -> bool:
    name = parseaddr(str(mail.get("From", "")))[1].partition("@")[0].lower()
    return name in _SERVERS or str(mail.get("Return-Path", "")).strip() == "<>"


def _uid_of(mail: Message) -> str | None:
    """Our letter, by the address the report came to, else by its Message-ID among the headers that came back."""
    for name in ("To", "Delivered-To", "X-Original-To", "Envelope-To"):
        for value in mail.get_all(name, []):
            match = _RETURN_PATH.search(str(value).lower())
            if match:
                return "-".join(match.groups())
    for part in mail.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            payload = part.get_payload()
            first = payload[0] if isinstance(payload, list) and payload else None
            text = (
                first.as_string() if isinstance(first, Message) else _bytes(part).decode("utf-8", "replace")
            )
            for line in text.splitlines():
                if line.lower().startswith("message-id:"):
                    match = _MESSAGE_ID.search(line)
                    return match.group(1) if match else None
    return None
