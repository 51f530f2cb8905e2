"""What customers are told about their prepaid value, one text message for what happened."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

#: What the customer is told, by the event that happened. Each says what is left.
RECEIPTS: Mapping[str, str] = {
    "wallets.topped_up": _(
        "[%(shop)s] %(paid)s topped up, %(given)s given with it. Left: %(left)s, %(sessions)s sessions."
    ),
    "wallets.sessions_used": _(
        "[%(shop)s] %(count)s sessions used. Left: %(sessions)s sessions, stored value %(left)s."
    ),
    "wallets.use_undone": _(
        "[%(shop)s] A use of your session card was taken back. Left: %(sessions)s sessions."
    ),
    "wallets.wallet_refunded": _("[%(shop)s] %(amount)s of your stored value was paid back. Left: %(left)s."),
    "wallets.card_refunded": _("[%(shop)s] %(amount)s of your session card was paid back."),
    "wallets.wallet_transferred": _("[%(shop)s] %(amount)s stored value was transferred. Left: %(left)s."),
    "wallets.card_transferred": _("[%(shop)s] A session card was transferred. Left: %(sessions)s sessions."),
}
