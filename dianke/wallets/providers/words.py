"""What the room's events and rows are called."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.events.registry import register_kind, register_rows
from dianke.wallets.models import CardKind, Offer, SessionCard, Term, Wallet
from dianke.wallets.models.visible import VIEW

_EVENTS = {
    "topped_up": _("Topped up %(paid)s, %(given)s given with it"),
    "gift_given": _("Promotional value given: %(given)s"),
    "top_up_undone": _("Top-up of %(paid)s taken back"),
    "wallet_refunded": _("Stored value paid back: %(amount)s"),
    "wallet_transferred": _("Stored value transferred: %(amount)s"),
    "wallet_frozen": _("Wallet %(number)s frozen: %(reason)s"),
    "wallet_lost": _("Wallet card %(number)s reported lost"),
    "wallet_unfrozen": _("Wallet %(number)s in use again"),
    "wallet_reissued": _("Wallet card replaced by %(number)s"),
    "bonus_expired": _("Bonus expired in %(count)s accounts"),
    "card_sold": _("Session card “%(kind)s” sold for %(paid)s"),
    "sessions_used": _("Sessions used: %(count)s"),
    "use_undone": _("Use of card %(number)s taken back"),
    "card_extended": _("Session card “%(kind)s” extended to %(after)s"),
    "card_transferred": _("Session card “%(kind)s” given to another customer"),
    "card_refunded": _("Session card “%(kind)s” paid back: %(amount)s"),
    "card_sale_undone": _("Sale of session card “%(kind)s” taken back"),
    "card_converted": _("Session card “%(kind)s” turned into another, %(credited)s credited"),
    "card_frozen": _("Session card %(number)s frozen: %(reason)s"),
    "card_lost": _("Session card %(number)s reported lost"),
    "card_unfrozen": _("Session card %(number)s in use again"),
    "card_reissued": _("Session card replaced by %(number)s"),
    "openings_imported": _("Opening balances imported: %(wallets)s wallets, %(cards)s cards"),
}
_SET_UP = {
    "offer_made": _("Top-up offer “%(name)s” made"),
    "offer_changed": _("Top-up offer “%(name)s” changed"),
    "offer_ended": _("Top-up offer “%(name)s” ended"),
    "card_kind_made": _("Kind of session card “%(name)s” made"),
    "card_kind_changed": _("Kind of session card “%(name)s” changed"),
    "card_kind_ended": _("Kind of session card “%(name)s” taken out of use"),
    "term_set": _("Rule of prepaid value set from %(from)s"),
    "term_ended": _("Rule of prepaid value ended on %(to)s"),
    "term_checked": _("Rule of prepaid value checked"),
}

#: What a transaction of a wallet is called on its statement.
MOVES = {
    "wallets.topped_up": _("Top-up"),
    "wallets.gift_given": pgettext_lazy("stored value", "Gift"),
    "wallets.opened": _("Opening balance"),
    "wallets.opening_undone": _("Opening balance taken back"),
    "wallets.top_up_undone": _("Top-up taken back"),
    "wallets.spent": _("Paid with it"),
    "wallets.given_back": _("Came back"),
    "wallets.refunded": _("Paid back"),
    "wallets.transferred": pgettext_lazy("stored value", "Transfer"),
    "wallets.bonus_expired": _("Bonus expired"),
}


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in {**_EVENTS, **_SET_UP}.items():
        register_kind(f"wallets.{code}", label, permission=VIEW)
    for model, column, noun, page in (
        (Wallet, "number", pgettext_lazy("stored value", "Wallet"), "wallets:wallet"),
        (SessionCard, "number", _("Session card"), "wallets:card"),
        (Offer, "name", _("Top-up offer"), "wallets:offer"),
        (CardKind, "name", _("Kind of session card"), "wallets:kind"),
        (Term, "code", _("Rule of prepaid value"), ""),
    ):
        register_rows(
            model._meta.label_lower,
            model.objects.visible_to,  # type: ignore[attr-defined]
            column,
            noun=noun,
            url_name=page,
            permission=VIEW,
        )
