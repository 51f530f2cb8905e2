"""A payment channel that exists only here: for the demo, for trying a till out, and for tests, which tell it
how to behave. It keeps its own journal, as a channel does, and does everything once per key.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.sales.tenders.port import Answer, Asked, ChannelSilent, Outcome


class CallbackNotGenuine(InvalidInput):
    code = "payment_callback_not_genuine"
    message = _("This message does not come from the payment channel.")


@dataclass(slots=True)
class SimulatedGateway:
    """`confirms` False: payments wait until `confirm`. `faults` are taken one by one by the next requests:
    "silent_before" (never reached the channel), "silent_after" (done, the answer was lost), "refuse"."""

    is_online: bool = True
    confirms: bool = True
    faults: list[str] = field(default_factory=list)
    payments: dict[str, Answer] = field(default_factory=dict)
    refunds: dict[str, Answer] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, asked: Asked) -> Answer:
        return self._do(self.payments, asked, Outcome.DONE if self.confirms else Outcome.PENDING)

    def query(self, key: str) -> Answer:
        return self.payments.get(key, Answer(Outcome.UNKNOWN_KEY))

    def cancel(self, key: str) -> Answer:
        with self._lock:
            if self.faults and self.faults[0].startswith("silent"):
                self.faults.pop(0)
                raise ChannelSilent
            known = self.payments.get(key)
            if known is not None and known.outcome is Outcome.DONE:
                return known
            self.payments[key] = Answer(Outcome.FAILED, problem="cancelled")
            return self.payments[key]

    def callback(self, content: Mapping[str, Any]) -> tuple[str, Answer]:
        key = str(content.get("key", ""))
        if key not in self.payments:
            raise CallbackNotGenuine
        return key, self.payments[key]

    def refund(self, asked: Asked) -> Answer:
        return self._do(self.refunds, asked, Outcome.DONE)

    def query_refund(self, key: str) -> Answer:
        return self.refunds.get(key, Answer(Outcome.UNKNOWN_KEY))

    def confirm(self, key: str) -> None:
        """The customer paid."""
        with self._lock:
            known = self.payments[key]
            self.payments[key] = Answer(Outcome.DONE, known.reference, amount=known.amount)

    def _do(self, journal: dict[str, Answer], asked: Asked, outcome: Outcome) -> Answer:
        with self._lock:
            fault = self.faults.pop(0) if self.faults else ""
            if fault == "silent_before":
                raise ChannelSilent
            if asked.key not in journal:
                if fault == "refuse":
                    journal[asked.key] = Answer(Outcome.FAILED, problem="refused")
                else:
                    number = f"SIM{len(journal) + 1:08}"
                    show = f"https://pay.invalid/{number}" if outcome is Outcome.PENDING else ""
                    journal[asked.key] = Answer(outcome, number, amount=asked.amount, show=show)
            if fault == "silent_after":
                raise ChannelSilent
            return journal[asked.key]
