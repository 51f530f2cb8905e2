"""The SMTP conversation. One connection for many letters; every answer of the server is told apart: taken, refused
for good, not now, and the one case nobody can tell: the letter was sent and no answer came."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.integrations.smtp.dkim_signing import Signer, read_key
from dianke.integrations.smtp.letters import Sender, letter
from dianke.messaging.models import Channel
from dianke.messaging.queries.carriers import CONNECTIONS, register_carrier
from dianke.messaging.rules.carriers import (
    TAKEN,
    Access,
    AccessField,
    Answer,
    CarrierUnreachable,
    Item,
    Outcome,
)
from dianke.messaging.rules.reports import return_path

logger = logging.getLogger("dianke.messages")
SECONDS = 30.0
#: Replies that mean: nobody is at this address (RFC 5321 4.2.3, RFC 3463 X.1.*).
_NOBODY = (550, 551, 553)


class SmtpSession:
    """A kept connection; made anew when the server closed it."""

    def __init__(self, access: Access, *, now: datetime) -> None:
        self._access, self._now = access, now
        self._sender = sender_of(access)
        self._smtp: smtplib.SMTP | None = None
        self._is_pipelining = False
        self._next: Item | None = None
        #: Whose commands the server has already, together with the letter before, and the letter made meanwhile.
        self._begun: Item | None = None
        self._made: bytes = b""

    def open(self) -> smtplib.SMTP:
        """Raises `OSError`, `SMTPException`."""
        if self._smtp is not None:
            return self._smtp
        access = self._access
        host, port = str(access["host"]), int(access.get("port") or 25)
        security = access.get("security") or "starttls"
        if security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=SECONDS, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            smtp.ehlo()
            if security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if access.get("user"):
                smtp.login(str(access["user"]), str(access.get("password") or ""))
        except BaseException:
            smtp.close()
            raise
        self._smtp, self._begun = smtp, None
        self._is_pipelining = smtp.has_extn("pipelining")
        return smtp

    def close(self) -> None:
        """Say goodbye; a server that is gone needs none, and one that waits for a letter would take it for one."""
        if self._begun is not None:
            self._drop()
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()

    def send(self, item: Item) -> Answer:
        if not _is_address(item.to):
            return Answer(Outcome.REFUSED, detail="address", bad_address=True)
        is_sent = False
        try:
            if self._begun is not None and self._begun is not item:
                self._drop()  # the server waits for a letter that does not come
            smtp = self.open()
            refused = self._announced(smtp, item)
            if refused is not None:
                return self._refused(*refused)
            data = _dotted(self._made)
            following, self._next = self._next, None
            if not self._is_pipelining or following is None or not _is_address(following.to):
                following = None
            is_sent = True
            smtp.send(data + (self._commands(following) if following else b""))
            if following is not None:  # while the server reads
                self._begun, self._made = following, letter(self._sender, following, now=self._now)
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            # Once the letter was on its way nobody knows whether the server took it.
            outcome = Outcome.UNKNOWN if is_sent else Outcome.LATER
            return Answer(outcome, detail=type(error).__name__)
        if code == 250:
            return TAKEN
        return self._refused(code, reply)

    def foresee(self, item: Item | None) -> None:
        """What is sent after the next one: where the server offers PIPELINING (RFC 2920), its commands travel with the
        end of the letter before. Its letter goes only when `send` is called with it."""
        self._next = item

    def _commands(self, item: Item) -> bytes:
        path = self._access.get("bounce_address")
        sender = return_path(str(path), item.uid) if path else self._sender.address
        return f"MAIL FROM:<{sender}>\r\nRCPT TO:<{item.to}>\r\nDATA\r\n".encode()

    def _announced(self, smtp: smtplib.SMTP, item: Item) -> tuple[int, bytes] | None:
        """Bring the server to wait for the letter; what it said where it does not want it."""
        commands: Sequence[bytes] = ()
        if self._begun is None:
            self._made = letter(self._sender, item, now=self._now)
            commands = self._commands(item).splitlines(keepends=True)
            if self._is_pipelining:
                commands = (b"".join(commands),)
        self._begun = None
        refused: tuple[int, bytes] | None = None
        for place, accepted in enumerate(((250,), (250, 251), (354,))):
            if place < len(commands):
                smtp.send(commands[place])
            code, reply = smtp.getreply()
            if refused is None and code not in accepted:
                refused = code, reply
                if code in (421, -1) or not self._is_pipelining:
                    break
            elif refused is not None and code == 354:  # it waits for a letter to nobody
                self._drop()
        return refused

    def _refused(self, code: int, reply: bytes) -> Answer:
        text = _said(code, reply)
        if code in (421, -1):
            self._drop()
        elif self._smtp is not None and self._begun is None:
            try:
                self._smtp.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()
        if 500 <= code < 600:
            enhanced = reply.decode("utf-8", "replace")[:3]
            is_nobody = code in _NOBODY and (enhanced == "5.1" or not enhanced.startswith("5."))
            return Answer(Outcome.REFUSED, detail=text, bad_address=is_nobody)
        return Answer(Outcome.LATER, detail=text)

    def _drop(self) -> None:
        smtp, self._smtp, self._begun = self._smtp, None, None
        if smtp is not None:
            smtp.close()


def _is_address(text: str) -> bool:
    """Whether it can be named in a command."""
    return text.isascii() and text.isprintable() and not set(text) & set("<> ")


def _said(code: int, reply: bytes) -> str:
    """The answer without addresses."""
    words = reply.decode("utf-8", "replace").split()
    return f"{code} " + " ".join(word for word in words if "@" not in word)[:150]


def _dotted(data: bytes) -> bytes:
    """Lines that begin with a dot get a second one, and the lone dot at the end."""
    if data.startswith(b"."):
        data = b"." + data
    return data.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def sender_of(access: Access) -> Sender:
    """Who letters are from, by the settings. Raises `KeyUnusable`."""
    signers = [
        Signer(
            read_key(str(access[name])),
            str(access.get("dkim_domain") or str(access["sender"]).rpartition("@")[2]),
            str(access.get(selector) or default),
        )
        for name, selector, default in (
            ("dkim_rsa", "dkim_rsa_selector", "dk1"),
            ("dkim_ed25519", "dkim_ed25519_selector", "dk2"),
        )
        if access.get(name)
    ]
    return Sender(
        str(access["sender"]),
        str(access.get("sender_name") or ""),
        str(access.get("reply_to") or ""),
        signers,
    )


class Smtp:
    """Emails over a mail server."""

    code = "smtp"
    channel = Channel.EMAIL.value
    label = _("Mail server (SMTP)")
    help = _(
        "Your own mail server or that of your provider. Letters are signed and can be unsubscribed in one click."
    )
    batch = 500
    fields: Sequence[AccessField] = (
        AccessField("host", _("Server"), _("smtp.example.com")),
        AccessField("port", _("Port"), _("587 with STARTTLS, 465 with TLS"), default="587"),
        AccessField(
            "security",
            _("Encryption"),
            default="starttls",
            choices=(("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("None (this computer only)"))),
        ),
        AccessField("user", _("User name"), is_needed=False),
        AccessField("password", _("Password"), is_secret=True, is_needed=False),
        AccessField("sender", _("Sender's address"), _("news@example.com")),
        AccessField("sender_name", _("Sender's name"), is_needed=False),
        AccessField("reply_to", _("Answers go to"), is_needed=False),
        AccessField(
            CONNECTIONS,
            _("Connections at once"),
            _("How many letters are on their way at the same time. Ask your provider how many it allows."),
            is_needed=False,
            default="2",
            choices=tuple((each, each) for each in ("1", "2", "4", "8")),
        ),
        AccessField(
            "bounce_address",
            _("Reports go to"),
            _("bounces@example.com. The server must take bounces+…@example.com too. Empty: to the sender."),
            is_needed=False,
        ),
        AccessField("bounce_host", _("Mailbox of reports (IMAP server)"), is_needed=False),
        AccessField("bounce_port", _("Port of the mailbox"), is_needed=False, default="993"),
        AccessField(
            "bounce_security",
            _("Encryption of the mailbox"),
            is_needed=False,
            default="tls",
            choices=(("tls", "TLS"), ("none", _("None (this computer only)"))),
        ),
        AccessField("bounce_user", _("User name of the mailbox"), is_needed=False),
        AccessField("bounce_password", _("Password of the mailbox"), is_secret=True, is_needed=False),
        AccessField("dkim_domain", _("Domain of the signature"), is_needed=False),
        AccessField("dkim_rsa_selector", _("Selector of the RSA key"), is_needed=False, default="dk1"),
        AccessField("dkim_rsa", _("RSA key (PEM)"), is_secret=True, is_needed=False, is_long=True),
        AccessField(
            "dkim_ed25519_selector", _("Selector of the Ed25519 key"), is_needed=False, default="dk2"
        ),
        AccessField(
            "dkim_ed25519", _("Ed25519 key (base64 or PEM)"), is_secret=True, is_needed=False, is_long=True
        ),
    )

    def is_ready(self) -> bool:
        return True

    @contextmanager
    def session(self, access: Access, *, now: datetime) -> Iterator[SmtpSession]:
        session = SmtpSession(access, now=now)
        try:
            session.open()
        except (OSError, smtplib.SMTPException, KeyError) as error:
            raise CarrierUnreachable(f"{type(error).__name__}: {error}"[:200]) from error
        try:
            yield session
        finally:
            session.close()

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        return None  # SMTP has no question for it: the letter goes again under its Message-ID


def register() -> None:
    """Called once, when the apps are ready."""
    register_carrier(Smtp())
