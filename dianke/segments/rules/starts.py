"""Ready-made segments to begin with, and in which trades each is useful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """`trades` empty: every trade. `needs`: permissions of the fields it asks about."""

    code: str
    name: Any
    note: Any
    rules: Tree
    icon: str
    trades: tuple[str, ...] = ()


def _leaf(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


STARTS: tuple[Start, ...] = (
    Start(
        "birthday",
        _("Birthday within 7 days"),
        _("Congratulate, or give a little something; lunar birthdays count on their day of this year."),
        {"all": [_leaf("profile.birthday", "next", 7)]},
        "cake",
    ),
    Start(
        "sleeping",
        _("Sleeping longer than usual"),
        _("They bought at their own pace and have not come for more than twice their usual interval."),
        {"all": [_leaf("metrics.overdue", "gte", 2), _leaf("metrics.orders", "gte", 3)]},
        "zzz",
        ("general", "beauty", "chain"),
    ),
    Start(
        "new_once",
        _("New this month, no second purchase yet"),
        _("The second purchase makes a regular: ask how they like the first."),
        {"all": [_leaf("metrics.first", "last", 30), _leaf("metrics.orders", "lte", 1)]},
        "user-plus",
    ),
    Start(
        "coupons_ending",
        _("Coupons end within 7 days"),
        _("Remind them before it is too late."),
        {"all": [_leaf("balances.coupon_ends", "next", 7)]},
        "ticket",
    ),
    Start(
        "valuable_at_risk",
        _("Valuable and at risk"),
        _("They spent much and are slipping away: call them personally."),
        {"all": [_leaf("metrics.group", "in", ["AT_RISK", "CANT_LOSE"])]},
        "alert-triangle",
    ),
    Start(
        "balance_untouched",
        pgettext_lazy("segment", "Stored value untouched for 180 days"),
        _("They paid ahead and do not come: invite them to use it."),
        {"all": [_leaf("balances.stored", "gte", 1), _leaf("balances.stored_moved", "earlier", 180)]},
        "wallet",
        ("general", "beauty", "chain"),
    ),
    Start(
        "sessions_ending",
        _("Session card ends within 30 days"),
        _("Sessions are left: make a booking with them."),
        {"all": [_leaf("balances.card_ends", "next", 30)]},
        "calendar-due",
        ("beauty",),
    ),
    Start(
        "wedding",
        _("Wedding anniversary within 30 days"),
        _("Time for a present: show what goes with what they have."),
        {"all": [_leaf("profile.wedding", "next", 30)]},
        "heart",
        ("jewelry",),
    ),
)


def starts_for(trades: set[str]) -> list[Start]:
    """Those of the trades a merchant has; without a known trade all."""
    return [start for start in STARTS if not start.trades or not trades or trades & set(start.trades)]
