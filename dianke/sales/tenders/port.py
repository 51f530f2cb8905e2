"""The port of payments. A payment is started, asked about, called back about and refunded under one key, so
that whatever is repeated happens once. A channel that does not answer raises `ChannelSilent`: what happened
is unknown, and is asked for before anything is done again.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import TemporarilyUnavailable


class ChannelSilent(TemporarilyUnavailable):
    code = "payment_channel_silent"
    message = _(
        "The payment channel does not answer. The payment is asked about again; do not take it twice."
    )


class Outcome(enum.StrEnum):
    """What a channel says about a payment or a refund."""

    PENDING = "PENDING"
    DONE = "DONE"
    FAILED = "FAILED"
    UNKNOWN_KEY = "UNKNOWN_KEY"


@dataclass(frozen=True, slots=True)
class Asked:
    """A payment or a refund of one. `key` is the same for every try; a refund has a key of its own and names the key
    of the payment it is of."""

    key: str
    amount: int
    currency: str
    of_key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """`reference` is the channel's number; `show` is for the customer (a QR to scan); `problem` why it failed."""

    outcome: Outcome
    reference: str = ""
    problem: str = ""
    amount: int | None = None
    show: str = ""


class Adapter(Protocol):
    """What every kind of payment can do. `is_online`: a channel is asked, so nothing is booked before it confirms."""

    is_online: bool

    def start(self, asked: Asked) -> Answer: ...

    def query(self, key: str) -> Answer: ...

    def cancel(self, key: str) -> Answer:
        """Nobody shall pay it any more. FAILED when that holds from now on, DONE when it was paid already."""
        ...

    def callback(self, content: Mapping[str, Any]) -> tuple[str, Answer]:
        """Key and answer of what the channel sent; raises a named error when it is not genuine."""
        ...

    def refund(self, asked: Asked) -> Answer: ...

    def query_refund(self, key: str) -> Answer: ...


_adapters: dict[str, Adapter] = {}


def register_adapter(name: str, adapter: Adapter) -> None:
    _adapters[name] = adapter


def adapter_of(name: str) -> Adapter:
    """Raises KeyError for a name nobody registered: a fault of the program."""
    return _adapters[name]
