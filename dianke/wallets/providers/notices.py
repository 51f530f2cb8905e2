"""What customers are told of their prepaid value, as those know it who carry it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from dianke.core.messages import Occasion, register_occasion
from dianke.wallets.rules.receipts import RECEIPTS

_LABELS = {
    "wallets.topped_up": pgettext_lazy("notice", "Topped up"),
    "wallets.sessions_used": pgettext_lazy("notice", "Sessions used"),
    "wallets.use_undone": pgettext_lazy("notice", "Use of sessions taken back"),
    "wallets.wallet_refunded": pgettext_lazy("notice", "Stored value paid back"),
    "wallets.card_refunded": pgettext_lazy("notice", "Session card paid back"),
    "wallets.wallet_transferred": pgettext_lazy("notice", "Stored value transferred"),
    "wallets.card_transferred": pgettext_lazy("notice", "Session card transferred"),
}


def register() -> None:
    """Called once, when the apps are ready."""
    for kind, text in RECEIPTS.items():
        register_occasion(Occasion(kind, text, _LABELS[kind]))
