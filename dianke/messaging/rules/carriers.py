"""The port of carriers: what one is given, what it answers. Adapters stand in `integrations/` and register
themselves with `queries/carriers.py`; `tests/carrier_contract.py` is what every one of them must pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from django.utils.functional import Promise

Text = str | Promise
Access = Mapping[str, Any]


class Outcome(StrEnum):
    """HANDED: an employee got it and still has to send it. LATER: surely not taken, may be tried again. UNKNOWN: may
    have been taken, so the carrier is asked before a second try. REFUSED: will never be taken."""

    SENT = "SENT"
    HANDED = "HANDED"
    DELIVERED = "DELIVERED"
    REFUSED = "REFUSED"
    LATER = "LATER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message. `bad_address`: there is nobody at it. `reason`: why it was refused, by its code in
    `queries/reasons.py`, where more is known than that."""

    outcome: Outcome
    carrier_id: str = ""
    detail: str = ""
    bad_address: bool = False
    reason: str = ""


TAKEN = Answer(Outcome.SENT)


@dataclass(frozen=True, slots=True)
class Item:
    """One message as a carrier gets it. `uid` is the same however often it is tried."""

    id: int
    uid: str
    to: str
    subject: str
    text: str
    approved_code: str = ""
    signature: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    customer_id: int = 0
    contact_id: int | None = None


class Session(Protocol):
    """A kept connection. `send` never raises for what the carrier or the network does."""

    def send(self, item: Item) -> Answer: ...


@runtime_checkable
class Foreseeing(Protocol):
    """A session that saves a round trip when it is told what comes after the next message. Nothing of it may count as
    handed over before `send` is called with it."""

    def foresee(self, item: Item | None) -> None: ...


@dataclass(frozen=True, slots=True)
class AccessField:
    """A field of the settings of a carrier; those of one `section` stand together below the others."""

    code: str
    label: Text
    help: Text = ""
    is_secret: bool = False
    is_needed: bool = True
    is_long: bool = False
    default: str = ""
    choices: Sequence[tuple[str, Text]] = ()
    section: Text = ""


class Carrier(Protocol):
    """One way to carry a channel. `batch` is how many are claimed at once."""

    @property
    def code(self) -> str: ...

    @property
    def channel(self) -> str: ...

    @property
    def label(self) -> Text: ...

    @property
    def help(self) -> Text: ...

    @property
    def fields(self) -> Sequence[AccessField]: ...

    @property
    def batch(self) -> int: ...

    def is_ready(self) -> bool:
        """Whether it can be used at all here."""
        ...

    def session(self, access: Access, *, now: datetime) -> AbstractContextManager[Session]:
        """Open a connection. Raises `CarrierUnreachable`."""
        ...

    def look_up(self, access: Access, item: Item, *, sent_at: datetime, now: datetime) -> Answer | None:
        """What became of a message in doubt; None where the carrier cannot be asked: then it is sent again under the
        same `uid`, by which the other end knows it."""
        ...


@runtime_checkable
class Delegating(Protocol):
    """A carrier whose messages an employee still has to send: it is asked what became of those it handed to one."""

    def result(self, access: Access, item: Item, *, carrier_id: str, now: datetime) -> Answer:
        """What became of it. HANDED: the employee has not sent it yet; LATER: it could not be asked."""
        ...

    def recall(self, access: Access, *, carrier_id: str, now: datetime) -> bool:
        """Take it back from the employee; whether it was."""
        ...


@runtime_checkable
class Prompt(Protocol):
    """A carrier that also takes what cannot wait for the outbox: codes and notices."""

    def approved_code(self, access: Access, occasion: str) -> str:
        """The vendor's name for the template of an occasion (`core.messages`); empty where none is entered."""
        ...

    def places(self, occasion: str) -> Sequence[str]:
        """The values its template has places for, in the order of its text."""
        ...


class CarrierUnreachable(Exception):
    """No connection: nothing was handed over."""
