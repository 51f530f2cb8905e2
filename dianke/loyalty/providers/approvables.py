"""Correcting points by hand: what a second person sees and decides, from the limit of the policy on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.customers.models import Customer
from dianke.ledger.queries import balances
from dianke.loyalty.operations.points import ADJUST, adjust_points
from dianke.loyalty.queries.standing import cluster_of
from dianke.loyalty.queries.statement import accounts_of
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, register_approvable

OPERATION = "loyalty.adjust_points"


def _pack(a: Mapping[str, Any]) -> dict[str, Any]:
    expires_on = a.get("expires_on")
    return {
        "customer": a["customer"].pk,
        "points": a["points"],
        "reason": a["reason"],
        "key": str(a["key"]),
        "expires_on": expires_on.isoformat() if expires_on else None,
        "store_id": a.get("store_id"),
    }


def _unpack(data: Mapping[str, Any], lock: bool) -> dict[str, Any]:
    points, expires_on = data["points"], data["expires_on"]
    if isinstance(points, bool) or not isinstance(points, int):
        raise ValueError(points)
    return {
        "customer": found(Customer, data["customer"], lock),
        "points": points,
        "reason": str(data["reason"]),
        "key": UUID(data["key"]),
        "expires_on": date.fromisoformat(expires_on) if expires_on else None,
        "store_id": data["store_id"],
    }


def _points(a: Mapping[str, Any]) -> str:
    return f"{a['points']:+,d}"


def _lines(a: Mapping[str, Any]) -> list[Line]:
    lines = [
        Line(_("Customer"), str(a["customer"])),
        Line(_("Points"), _points(a)),
        Line(_("Reason"), a["reason"]),
    ]
    if a.get("expires_on"):
        lines.append(Line(_("Usable through"), f"{a['expires_on']:%Y-%m-%d}"))
    return lines


def _state(a: Mapping[str, Any]) -> Any:
    """Taking points is decided on what there is; what others give meanwhile does not matter to giving."""
    if a["points"] > 0:
        return [a["customer"].state]
    accounts = accounts_of(cluster_of(a["customer"].pk))
    return [a["customer"].state, sum(balances(accounts).values())]


def register() -> None:
    """Called once, when the app is ready."""
    register_approvable(
        Approvable(
            operation=OPERATION,
            label=gettext_lazy("Correct points by hand"),
            permission=ADJUST,
            run=adjust_points,
            pack=_pack,
            unpack=_unpack,
            summary=lambda a: (
                _("%(points)s points for %(customer)s") % {"points": _points(a), "customer": a["customer"]}
            ),
            lines=_lines,
            state=_state,
            subject=lambda a: f"customers.customer:{a['customer'].head_id}",
            store_id=lambda a: a["customer"].store_id,
            amount=lambda a: Decimal(abs(a["points"])),
            amount_label=gettext_lazy("points"),
            suggested_limit=Decimal(1_000),
            icon="star",
        )
    )
