"""Which state of an order may follow which, and what may be done in each."""

from __future__ import annotations

from collections.abc import Mapping

#: In the order of a whole life; an order skips what its trade does not know.
LIFE: tuple[str, ...] = (
    "DRAFT",
    "PLACED",
    "APPROVED",
    "IN_PRODUCTION",
    "READY",
    "SHIPPED",
    "DELIVERED",
    "INSTALLED",
    "CLOSED",
)
ENDS = ("CLOSED", "CANCELLED")
#: Approval is no matter of going on: it is given by `approve_order`.
_BY_HAND: Mapping[str, frozenset[str]] = {
    "APPROVED": frozenset({"IN_PRODUCTION", "READY", "SHIPPED", "DELIVERED"}),
    "IN_PRODUCTION": frozenset({"READY", "SHIPPED", "DELIVERED"}),
    "READY": frozenset({"IN_PRODUCTION", "SHIPPED", "DELIVERED"}),
    "SHIPPED": frozenset({"READY", "DELIVERED"}),
    "DELIVERED": frozenset({"INSTALLED"}),
    "INSTALLED": frozenset(),
}


def may_go(before: str, after: str) -> bool:
    """Whether somebody may take an order from one state to another by entering a stage."""
    return before == after or after in _BY_HAND.get(before, frozenset())


def may_be_changed(state: str) -> bool:
    """Whether lines may still be changed: before anything of it left."""
    return state in ("DRAFT", "PLACED", "APPROVED", "IN_PRODUCTION", "READY")


def may_be_paid(state: str) -> bool:
    return state not in ("DRAFT", "CANCELLED")


def may_be_fulfilled(state: str) -> bool:
    return state in ("APPROVED", "IN_PRODUCTION", "READY", "SHIPPED", "DELIVERED", "INSTALLED")


def may_be_cancelled(state: str) -> bool:
    """An order of which something was delivered is not cancelled: its goods are given back."""
    return state in ("DRAFT", "PLACED", "APPROVED", "IN_PRODUCTION", "READY", "SHIPPED")


def is_further(before: str, after: str) -> bool:
    return LIFE.index(after) > LIFE.index(before)
