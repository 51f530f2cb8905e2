"""What registers put into the kits: labels of their events, the kind of task they make, cash movements that can need a
second person."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from dianke.core.money import Money
from dianke.events.registry import register_kind, register_rows
from dianke.sales.models import CashMovement, DayClose, OfflineGrant, OfflinePolicy, Shift
from dianke.sales.operations.cash import move_cash
from dianke.sales.operations.drawers import RUN
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, TaskKind, register_approvable, register_task_kind

_EVENTS = {
    "shift_opened": gettext_lazy("Shift of “%(register)s” opened"),
    "shift_counted": gettext_lazy("Cash of “%(register)s” counted"),
    "shift_resumed": gettext_lazy("“%(register)s” sells on after a count"),
    "shift_closed": gettext_lazy("Shift of “%(register)s” closed"),
    "shift_handed_over": gettext_lazy("Shift of “%(register)s” handed over"),
    "cash_moved": gettext_lazy("Cash put into or taken out of “%(register)s”"),
    "drawer_opened": gettext_lazy("Drawer of “%(register)s” opened without a sale"),
    "day_closed": gettext_lazy("Day %(date)s closed (no. %(number)s)"),
    "day_supplemented": gettext_lazy("Supplement to day %(date)s (no. %(number)s)"),
    "offline_limits_set": gettext_lazy("Limits of selling offline changed"),
    "offline_grant_issued": gettext_lazy("Till may sell offline"),
    "offline_grants_revoked": gettext_lazy("Till may not sell offline any more"),
    "exceptions_examined": gettext_lazy("Sales with exceptions examined"),
    "gaps_told": gettext_lazy("Sales of a till are missing"),
    "receipt_settings_changed": gettext_lazy("Receipts of a store changed"),
    "receipt_printer_changed": gettext_lazy("Receipt printer changed"),
    "receipt_printed": gettext_lazy("Receipt printed"),
}


def _unpack(data: Mapping[str, Any], lock: bool) -> dict[str, Any]:
    amount, kind = data["amount"], data["kind"]
    if isinstance(amount, bool) or not isinstance(amount, int) or kind not in CashMovement.Kind.values:
        raise ValueError(data)
    return {
        "shift": found(Shift, data["shift"], lock),
        "kind": kind,
        "amount": amount,
        "reason": str(data["reason"]),
        "reference": str(data["reference"]),
    }


def _pack(arguments: Mapping[str, Any]) -> dict[str, Any]:
    names = ("kind", "amount", "reason", "reference")
    return {"shift": arguments["shift"].pk} | {name: arguments[name] for name in names}


def _money(arguments: Mapping[str, Any]) -> Money:
    return Money.from_minor(arguments["amount"], arguments["shift"].currency)


def _lines(arguments: Mapping[str, Any]) -> list[Line]:
    return [
        Line(pgettext("register", "Register"), arguments["shift"].register.name),
        Line(_("What for"), CashMovement.Kind(arguments["kind"]).label),
        Line(_("Amount"), _money(arguments).format(get_language() or "zh-hans")),
        Line(_("Reason"), arguments["reason"]),
    ]


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"sales.{code}", label)
    register_rows("sales.shift", Shift.objects.visible_to, "register__name")
    register_rows("sales.dayclose", DayClose.objects.visible_to, "store__short_name")
    register_rows("sales.offlinegrant", OfflineGrant.objects.visible_to, "device__name")
    register_rows("sales.offlinepolicy", OfflinePolicy.objects.visible_to, "store__short_name")
    register_task_kind(
        TaskKind("till", pgettext_lazy("kind of task", "Till"), "cash-register", is_manual=False)
    )
    register_approvable(
        Approvable(
            operation="sales.move_cash",
            label=gettext_lazy("Cash in or out of a drawer"),
            permission=RUN,
            run=move_cash,
            pack=_pack,
            unpack=_unpack,
            summary=lambda a: (
                _("%(register)s: %(amount)s – %(reason)s")
                % {
                    "register": a["shift"].register.name,
                    "amount": _money(a).format(get_language() or "zh-hans"),
                    "reason": a["reason"],
                }
            ),
            lines=_lines,
            state=lambda a: [a["shift"].pk, a["shift"].state],
            subject=lambda a: f"sales.shift:{a['shift'].pk}",
            store_id=lambda a: a["shift"].store_id,
            amount=lambda a: _money(a).amount,
            amount_label=gettext_lazy("amount"),
            suggested_limit=Decimal(500),
            icon="cash",
        )
    )
