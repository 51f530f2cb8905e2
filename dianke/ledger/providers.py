"""What the room registers: how its events read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.events.registry import register_kind, register_rows
from dianke.ledger.models import Closing


def register() -> None:
    """Called once, when the app is ready."""
    register_kind("ledger.period_closed", _("Books closed"), permission="ledger.view_accounts")
    register_kind("ledger.period_reopened", _("Books opened again"), permission="ledger.view_accounts")
    register_rows(
        "ledger.closing", lambda actor: Closing.objects.none(), "pk", noun=_("Closing of the books")
    )
    register_kind("ledger.balance_adjusted", _("Balance adjusted by hand"), permission="ledger.view_accounts")
