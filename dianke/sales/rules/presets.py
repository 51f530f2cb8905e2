"""What every merchant begins with: kinds of payment, and the stages an order of furniture goes through."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import Text


@dataclass(frozen=True, slots=True)
class TenderPreset:
    """`fallback` is the code of the tender refunds go by when this one cannot."""

    code: str
    name: Text
    adapter: str
    account: str
    refund_rank: int = 50
    needs_reference: bool = False
    gives_change: bool = False
    refund_days: int | None = None
    fallback: str = ""
    is_active: bool = True


TENDERS: tuple[TenderPreset, ...] = (
    TenderPreset("CASH", pgettext_lazy("tender", "Cash"), "cash", "cash", 0, gives_change=True),
    TenderPreset("WECHAT", _("WeChat Pay"), "manual", "clearing", 80, True, refund_days=365, fallback="CASH"),
    TenderPreset("ALIPAY", _("Alipay"), "manual", "clearing", 80, True, refund_days=365, fallback="CASH"),
    TenderPreset("CARD", _("Bank card"), "manual", "clearing", 70, True, refund_days=180, fallback="CASH"),
    TenderPreset("TRANSFER", _("Bank transfer"), "manual", "bank", 40, True, fallback="CASH"),
    TenderPreset("WALLET", _("Stored value"), "wallet", "wallet", 60),
    TenderPreset("ACCOUNT", _("On account"), "account", "receivable", 90),
    TenderPreset("EXCHANGE", _("Goods given back"), "exchange", "exchange", 30, fallback="CASH"),
    TenderPreset(
        "GATEWAY",
        _("Online (trial)"),
        "gateway",
        "clearing",
        85,
        refund_days=365,
        fallback="CASH",
        is_active=False,
    ),
    TenderPreset("OLD_GOLD", _("Old gold"), "manual", "old_metal", 95, fallback="CASH"),
)


@dataclass(frozen=True, slots=True)
class StagePreset:
    trade: str
    code: str
    name: Text
    order_state: str
    gate: str = ""
    task: Text = ""
    days: int = 1


STAGES: tuple[StagePreset, ...] = (
    StagePreset("FURNITURE", "MEASURE", _("Measuring"), "APPROVED", "DEPOSIT_PAID", _("Measure on site"), 3),
    StagePreset(
        "FURNITURE", "DRAWING", _("Drawing signed off"), "APPROVED", "", _("Draw and have it signed off"), 7
    ),
    StagePreset(
        "FURNITURE",
        "FACTORY",
        _("At the factory"),
        "IN_PRODUCTION",
        "PREVIOUS_DONE",
        _("Order at the factory"),
        2,
    ),
    StagePreset("FURNITURE", "BALANCE", _("Balance due"), "READY", "", _("Collect the balance"), 3),
    StagePreset(
        "FURNITURE",
        "DELIVERY",
        pgettext_lazy("stage of an order", "Delivery"),
        "SHIPPED",
        "BALANCE_PAID",
        _("Deliver"),
        3,
    ),
    StagePreset(
        "FURNITURE", "INSTALLATION", _("Installation"), "DELIVERED", "", _("Install and have it signed"), 2
    ),
    StagePreset("FURNITURE", "DONE", _("Installed"), "INSTALLED", "PREVIOUS_DONE", _("Call after a week"), 7),
    StagePreset(
        "JEWELRY", "MAKING", _("In the workshop"), "IN_PRODUCTION", "DEPOSIT_PAID", _("Have it made"), 14
    ),
    StagePreset("JEWELRY", "READY", _("Ready to be fetched"), "READY", "", _("Tell the customer"), 1),
)
