"""The mailbox reports of mail servers come to, read over IMAP. Letters stay there and are marked as read."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from dianke.core.actor import SYSTEM
from dianke.messaging.models import ChannelSetting
from dianke.messaging.operations import note_reports
from dianke.messaging.operations.bounces import note_bounce
from dianke.messaging.queries.carriers import in_use
from dianke.messaging.rules.carriers import Access

SECONDS = 30.0
MOST_LETTERS = 500
MOST_BYTES = 256 * 1024
Trouble = ChannelSetting.Trouble


class MailboxUnreachable(Exception):
    """No connection, no such account, or the server broke off; `trouble` says which of them."""

    def __init__(self, trouble: Trouble, said: str) -> None:
        super().__init__(f"{trouble}: {said}")
        self.trouble, self.said = trouble, said


def read_mailbox(*, now: datetime) -> int:
    """Take in what is unread; how many letters of ours it was about. Nothing where no mailbox is set up. A letter is
    marked when it was taken in, so one that a worker died over is read again, which changes nothing twice. Raises
    `MailboxUnreachable`."""
    used = in_use("EMAIL")
    if used is None or used.carrier.code != "smtp" or not used.access.get("bounce_host"):
        return 0
    count = 0
    try:
        with _opened(used.access) as imap:
            for uid, report in _unread(imap):
                count += note_bounce(report=report, actor=SYSTEM, now=now)
                imap.uid("STORE", uid, "+FLAGS.SILENT", "(\\Seen)")
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxUnreachable(Trouble.BROKEN, _said(error)) from error
    note_reports(channel="EMAIL", actor=SYSTEM, now=now)
    return count


@contextmanager
def _opened(access: Access) -> Iterator[imaplib.IMAP4]:
    host, port = str(access["bounce_host"]), int(access.get("bounce_port") or 993)
    imap: imaplib.IMAP4
    try:
        if access.get("bounce_security") == "none":
            imap = imaplib.IMAP4(host, port, timeout=SECONDS)
        else:
            imap = imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=SECONDS)
    except (OSError, imaplib.IMAP4.error) as error:
        raise MailboxUnreachable(Trouble.REACH, _said(error)) from error
    try:
        try:
            imap.login(str(access.get("bounce_user") or ""), str(access.get("bounce_password") or ""))
        except imaplib.IMAP4.error as error:
            raise MailboxUnreachable(Trouble.LOGIN, _said(error)) from error
        if "ID" in imap.capabilities:  # NetEase lets nobody in who does not say its name (RFC 2971)
            imap.xatom("ID", '("name" "dianke")')
        answer, _count = imap.select("INBOX")
        if answer != "OK":
            raise MailboxUnreachable(Trouble.BROKEN, "INBOX")
        yield imap
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            imap.logout()


def _said(error: Exception) -> str:
    """What the server or the network said, without addresses."""
    text = f"{type(error).__name__}: {error}"
    return " ".join(word for word in text.split() if "@" not in word)[:150]


def _unread(imap: imaplib.IMAP4) -> Iterator[tuple[str, bytes]]:
    """(number, letter), oldest first; of a very long one its beginning."""
    _answer, found = imap.uid("SEARCH", "UNSEEN")
    numbers = (found[0] or b"").decode().split()[:MOST_LETTERS] if found else []
    for number in numbers:
        _answer, parts = imap.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        for part in parts:
            if isinstance(part, tuple):
                yield number, part[1]
