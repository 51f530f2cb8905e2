"""The port through which messages leave: text messages and emails, whoever carries them.

A room words a `Message` and calls `send`. What it writes about, it names once (`register_occasion`): by that the
vendor people set up as a channel carries it (`register_chooser`), where an approved template is entered for it.
Everything else goes by the adapter the settings name per channel (`DIANKE_SMS`, `DIANKE_EMAIL`). Here stand those
that need no contract: mail by SMTP, a console for trying things, and the outbox of a demo, where people read what
would have been sent.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from smtplib import SMTPException
from typing import Protocol

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage, get_connection
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput, TemporarilyUnavailable
from dianke.core.key_files import locked, replace_private

logger = logging.getLogger("dianke.messages")
OUTBOX_KEEPS = 50


class Channel(StrEnum):
    SMS = "SMS"
    EMAIL = "EMAIL"


class MessagesNotSetUp(TemporarilyUnavailable):
    """No adapter carries this channel here."""

    code = "messages_not_set_up"
    message = _("Nothing can be sent this way here yet. Please ask the staff at the counter.")


class MessageNotSent(TemporarilyUnavailable):
    """The carrier was not reached or did not take the message. It may be tried again."""

    code = "message_not_sent"
    message = _("The message could not be sent just now. Please try again in a minute.")


class MessageUncertain(TemporarilyUnavailable):
    """The carrier gave no answer: it may have taken the message. Nothing is sent a second time by itself."""

    code = "message_uncertain"
    message = _("The message may take a moment. If it does not come, ask for another in a minute.")


class AddressRefused(InvalidInput):
    """The carrier knows that nobody can be reached there."""

    code = "message_address_refused"
    message = _("No message can be delivered to this number. Please check it.")


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address.

    `to` is E.164 for text messages. `template` names the occasion ("customers.code"): carriers of text messages know
    their approved templates by it and fill in `values`; all others send `text`. `headers` are for emails.
    """

    channel: Channel
    to: str
    template: str
    text: str
    subject: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a room writes about, by its code (`Message.template`). `text` is the untranslated text with its
    `%(places)s`; of these `fixed` ones never change, so that they stand as words in the template a vendor approves."""

    code: str
    text: str
    label: str | Promise
    fixed: Mapping[str, str] = field(default_factory=dict)


class Adapter(Protocol):
    """Carries messages of one channel. Raises `MessageNotSent` when the carrier surely did not take it,
    `MessageUncertain` when nobody knows, `AddressRefused`."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message, *, now: datetime) -> None: ...


Chooser = Callable[[Channel, str], Adapter | None]
_adapters: dict[tuple[Channel, str], Adapter] = {}
_choosers: list[Chooser] = []
_occasions: dict[str, Occasion] = {}
_recording: list[list[Message]] = []


def register_adapter(channel: Channel, adapter: Adapter) -> None:
    """Make a carrier known under its name; the settings choose it. Registering again replaces it."""
    _adapters[channel, adapter.name] = adapter


def register_chooser(chooser: Chooser) -> None:
    """Ask this one first who carries an occasion on a channel; None leaves it to the settings."""
    _choosers.append(chooser)


def register_occasion(occasion: Occasion) -> None:
    """Make known what a room writes about, from its `ready()`."""
    _occasions[occasion.code] = occasion


def occasions() -> Sequence[Occasion]:
    """Everything rooms write about, in the order of the rooms."""
    return list(_occasions.values())


def adapter_of(channel: Channel, occasion: str = "") -> Adapter | None:
    """Who carries the occasion: the vendor that is set up for it, else the one the settings name; in a demo without
    one the outbox; None when nothing can be sent."""
    if occasion in _occasions:
        for chooser in _choosers:
            adapter = chooser(channel, occasion)
            if adapter is not None:
                return adapter
    chosen = str(settings.DIANKE_MESSENGERS.get(channel.value, ""))
    if chosen:
        return _adapters.get((channel, chosen))
    return _adapters[channel, Outbox.name] if _is_demo() else None


def can_send(channel: Channel, occasion: str = "") -> bool:
    """Whether messages about the occasion leave on the channel at all, for screens that would ask for a code."""
    return bool(_recording) or adapter_of(channel, occasion) is not None


def send(message: Message, *, now: datetime) -> None:
    """Hand a message to its carrier.

    Call it after the transaction that decided to send: a carrier takes its time, and what it took cannot be taken
    back. Raises `MessagesNotSetUp`, `MessageNotSent`, `MessageUncertain`, `AddressRefused`.
    """
    if _recording:
        _recording[-1].append(message)
        return
    adapter = adapter_of(message.channel, message.template)
    if adapter is None:
        raise MessagesNotSetUp
    adapter.send(message, now=now)
    # Neither address nor text: the process log holds no personal data and no codes.
    logger.info("%s %s sent by %s", message.channel, message.template, adapter.name)


@contextmanager
def recorded() -> Iterator[list[Message]]:
    """For tests: what is sent inside is kept in the list and goes nowhere."""
    sent: list[Message] = []
    _recording.append(sent)
    try:
        yield sent
    finally:
        _recording.remove(sent)


def _is_demo() -> bool:
    """Whether this is the demo merchant, which is served to its own computer only."""
    asked: Callable[[], bool] = import_string(settings.DIANKE_DEMO)
    return asked()


# --- the outbox of a demo --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the outbox."""

    sent_at: str
    channel: str
    to: str
    subject: str
    text: str


class Outbox:
    """Keeps the last messages in a private file of the data directory, for the page that shows them. Sends nothing."""

    name = "outbox"

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        return self._path or Path(settings.DIANKE_DATA) / "outbox" / "messages.jsonl"

    def send(self, message: Message, *, now: datetime) -> None:
        kept = Kept(now.isoformat(), message.channel.value, message.to, message.subject, message.text)
        with locked(self.path.parent):
            lines = [*self._lines(), json.dumps(asdict(kept), ensure_ascii=False)][-OUTBOX_KEEPS:]
            replace_private(self.path, ("\n".join(lines) + "\n").encode())

    def messages(self) -> list[Kept]:
        """What is kept, newest first."""
        return [Kept(**json.loads(line)) for line in reversed(self._lines())]

    def _lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []


def outbox_of_demo() -> Sequence[Kept] | None:
    """The messages of the demo's outbox, newest first; None where there is no demo or a real carrier sends."""
    if all(settings.DIANKE_MESSENGERS.get(channel.value) for channel in Channel) or not _is_demo():
        return None
    return Outbox().messages()


# --- console and mail ------------------------------------------------------------------------------------------------
class Console:
    """Writes messages into the process log, codes and all: whoever reads the log can sign in as a customer. For trying
    things on one's own computer; `dianke doctor` warns of it."""

    name = "console"

    def send(self, message: Message, *, now: datetime) -> None:
        logger.warning("%s to %s: %s %s", message.channel, message.to, message.subject, message.text)


class Smtp:
    """Sends emails through the mail server of the settings (`DIANKE_SMTP_…`)."""

    name = "smtp"

    def send(self, message: Message, *, now: datetime) -> None:
        mail = EmailMessage(
            subject=message.subject,
            body=message.text,
            to=[message.to],
            headers={**message.headers},
            connection=get_connection(),
        )
        try:
            mail.send()
        except (SMTPException, OSError, BadHeaderError) as error:
            logger.warning("mail server refused %s: %s", message.template, type(error).__name__)
            raise MessageNotSent from error


for _channel in Channel:
    register_adapter(_channel, Outbox())
    register_adapter(_channel, Console())
register_adapter(Channel.EMAIL, Smtp())
