"""What cannot wait for the outbox: codes and notices of rooms below, by the vendor the channel is set up with. They go
while somebody waits for them: no rhythm, no quiet hours, no limits of offers, and nothing of them is kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from dianke.core import messages
from dianke.core.ids import uuid7
from dianke.messaging.queries.carriers import in_use
from dianke.messaging.rules.carriers import Access, Carrier, CarrierUnreachable, Item, Outcome, Prompt

logger = logging.getLogger("dianke.messages")


@dataclass(frozen=True, slots=True)
class AtOnce:
    """The vendor of a channel with the approved template of one occasion, and the values it has places for."""

    carrier: Carrier
    access: Access
    approved_code: str
    places: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.carrier.code

    def send(self, message: messages.Message, *, now: datetime) -> None:
        """One try. Raises `MessageNotSent`, `MessageUncertain`, `AddressRefused`."""
        item = Item(
            0,
            str(uuid7()),
            message.to,
            message.subject,
            message.text,
            approved_code=self.approved_code,
            # Vendors refuse values that are empty.
            values={name: message.values[name] or "-" for name in self.places},
        )
        try:
            with self.carrier.session(self.access, now=now) as session:
                answer = session.send(item)
        except CarrierUnreachable as error:
            logger.warning("%s was not reached for %s", self.name, message.template)
            raise messages.MessageNotSent from error
        if answer.outcome in (Outcome.SENT, Outcome.DELIVERED):
            return
        # Neither address nor text. What is refused for another reason than the address is for people to put right.
        is_theirs = answer.outcome is Outcome.REFUSED and not answer.bad_address
        level = logging.ERROR if is_theirs else logging.WARNING
        logger.log(level, "%s about %s: %s, %s", self.name, message.template, answer.outcome, answer.detail)
        if answer.outcome is Outcome.UNKNOWN:
            raise messages.MessageUncertain
        if answer.bad_address:
            raise messages.AddressRefused
        raise messages.MessageNotSent


def choose(channel: messages.Channel, occasion: str) -> AtOnce | None:
    """The vendor of the channel, where a template is entered for the occasion. One statement."""
    used = in_use(channel.value)
    if used is None or not isinstance(used.carrier, Prompt):
        return None
    code = used.carrier.approved_code(used.access, occasion)
    return AtOnce(used.carrier, used.access, code, tuple(used.carrier.places(occasion))) if code else None


def register() -> None:
    """Called once, when the app is ready."""
    messages.register_chooser(choose)
