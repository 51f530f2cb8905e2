"""Paying prepaid value back: what a second person sees and decides, from the limit of the policy on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.core.money import Money
from dianke.stores.models import Store
from dianke.wallets.models import SessionCard, Wallet
from dianke.wallets.operations.card_changes import REFUND, estimate_card, refund_card
from dianke.wallets.operations.refunding import Estimate, estimate, refund_wallet
from dianke.wallets.queries.wording import METHODS, written
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, register_approvable

_TEXTS = ("payment_kind", "payment_reference", "reason", "reference")
Arguments = Mapping[str, Any]


def _texts(arguments: Arguments) -> dict[str, str]:
    return {name: str(arguments.get(name, "")) for name in _TEXTS}


def _wallet_worked(arguments: Arguments) -> Estimate:
    return estimate(
        arguments["wallet"],
        store=arguments["store"],
        at=arguments["now"] if "now" in arguments else _now(),
        top_up_ids=arguments.get("top_up_ids"),
    )


def _now() -> Any:
    """Whoever decides sees the working of that moment; a change of its result is noticed."""
    from django.utils import timezone

    return timezone.now()


def _unpack_wallet(data: Arguments, lock: bool) -> dict[str, Any]:
    ids = data["top_up_ids"]
    return {
        "wallet": found(Wallet, data["wallet"], lock),
        "store": found(Store, data["store"], False),
        "top_up_ids": None if ids is None else [int(pk) for pk in ids],
        **_texts(data),
    }


def _wallet_lines(arguments: Arguments) -> list[Line]:
    wallet, worked = arguments["wallet"], _wallet_worked(arguments)
    lines = [
        Line(_("Card number"), wallet.number),
        Line(_("Store"), str(arguments["store"])),
        Line(_("Paid back"), written(worked.refund, wallet.currency)),
        Line(_("Lapses"), written(worked.forfeited, wallet.currency)),
        Line(_("Reason"), arguments["reason"]),
    ]
    for part in worked.parts:
        label = f"{part.top_up} · {METHODS[part.working.method]}"
        lines.append(Line(label, written(part.working.refund, wallet.currency)))
    return lines


def _unpack_card(data: Arguments, lock: bool) -> dict[str, Any]:
    return {
        "card": found(SessionCard, data["card"], lock),
        "store": found(Store, data["store"], False),
        **_texts(data),
    }


def _card_refund(arguments: Arguments) -> int:
    return estimate_card(arguments["card"], at=arguments["now"] if "now" in arguments else _now()).refund


def _card_lines(arguments: Arguments) -> list[Line]:
    card = arguments["card"]
    return [
        Line(_("Session card"), str(card)),
        Line(_("Store"), str(arguments["store"])),
        Line(_("Paid back"), written(_card_refund(arguments), card.currency)),
        Line(_("Reason"), arguments["reason"]),
    ]


def register() -> None:
    """Called once, when the app is ready."""
    register_approvable(
        Approvable(
            operation="wallets.refund_wallet",
            label=gettext_lazy("Refund of stored value"),
            permission=REFUND,
            run=refund_wallet,
            pack=lambda a: {
                "wallet": a["wallet"].pk,
                "store": a["store"].pk,
                "top_up_ids": None if a.get("top_up_ids") is None else list(a["top_up_ids"]),
                **_texts(a),
            },
            unpack=_unpack_wallet,
            summary=lambda a: (
                _("Pay back %(amount)s of wallet %(number)s")
                % {
                    "amount": written(_wallet_worked(a).refund, a["wallet"].currency),
                    "number": a["wallet"].number,
                }
            ),
            lines=_wallet_lines,
            state=lambda a: [part.as_dict() for part in _wallet_worked(a).parts],
            subject=lambda a: f"wallets.wallet:{a['wallet'].pk}",
            store_id=lambda a: a["store"].pk,
            amount=lambda a: Money.from_minor(_wallet_worked(a).refund, a["wallet"].currency).amount,
            amount_label=gettext_lazy("yuan paid back"),
            suggested_limit=Decimal(1000),
            icon="receipt-refund",
        )
    )
    register_approvable(
        Approvable(
            operation="wallets.refund_card",
            label=gettext_lazy("Refund of a session card"),
            permission=REFUND,
            run=refund_card,
            pack=lambda a: {"card": a["card"].pk, "store": a["store"].pk, **_texts(a)},
            unpack=_unpack_card,
            summary=lambda a: (
                _("Pay back %(amount)s of session card %(number)s")
                % {"amount": written(_card_refund(a), a["card"].currency), "number": a["card"].number}
            ),
            lines=_card_lines,
            state=lambda a: _card_refund(a),
            subject=lambda a: f"wallets.sessioncard:{a['card'].pk}",
            store_id=lambda a: a["store"].pk,
            amount=lambda a: Money.from_minor(_card_refund(a), a["card"].currency).amount,
            amount_label=gettext_lazy("yuan paid back"),
            suggested_limit=Decimal(1000),
            icon="receipt-refund",
        )
    )
