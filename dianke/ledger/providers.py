"""What the room registers: how its events read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.events.registry import register_kind


def register() -> None:
    """Called once, when the app is ready."""
    register_kind("ledger.period_closed", _("Books closed"), permission="ledger.view_accounts")
    register_kind("ledger.period_reopened", _("Books opened again"), permission="ledger.view_accounts")
    register_kind("ledger.balance_adjusted", _("Balance adjusted by hand"), permission="ledger.view_accounts")
