"""Cash, a payment somebody saw on the terminal or the phone and entered with its number, stored value,
credit, exchange: what is booked is what was done, there is no channel to ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dianke.sales.tenders.port import Answer, Asked, Outcome


class AtHand:
    """Done the moment it is entered."""

    is_online = False

    def start(self, asked: Asked) -> Answer:
        return Answer(Outcome.DONE, str(asked.data.get("reference", "")), amount=asked.amount)

    def query(self, key: str) -> Answer:
        return Answer(Outcome.DONE)

    def cancel(self, key: str) -> Answer:
        return Answer(Outcome.DONE)

    def callback(self, content: Mapping[str, Any]) -> tuple[str, Answer]:
        raise ValueError("nobody calls back about a payment at hand")

    def refund(self, asked: Asked) -> Answer:
        return Answer(Outcome.DONE, amount=asked.amount)

    def query_refund(self, key: str) -> Answer:
        return Answer(Outcome.DONE)
