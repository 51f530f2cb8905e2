"""What prepaid value adds to customers: figures and a card on the profile, a part of the member card on the phone, the
copy of one's data, what stands in the way of erasing, what stays apart when customers are merged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from dianke.customers.operations.import_undo import register_hold
from dianke.customers.queries.export import ExportPart, register_export
from dianke.customers.queries.export_tables import instant
from dianke.customers.queries.panels import Section, Value, register_section, register_value
from dianke.customers.queries.portal import PortalSection, register_portal_section
from dianke.customers.queries.profile import Profile
from dianke.customers.queries.rights import Blocker, register_erasure_blocker
from dianke.customers.rules.merging import register_account_view
from dianke.wallets.models import CardUse, SessionCard, TopUp, Wallet
from dianke.wallets.models.visible import VIEW
from dianke.wallets.queries.purse import Purse, items_left, purse_of
from dianke.wallets.queries.wording import written
from dianke.web.components import Stat

_SHOWN_CARDS = 6


def purse_of_profile(profile: Profile) -> Purse:
    """The purse of a profile, head first; read once per page."""
    known: Purse | None = vars(profile).get("_purse")
    if known is None:
        head = profile.head.pk
        ids = [head, *sorted(pk for pk in profile.member_ids if pk != head)]
        known = vars(profile)["_purse"] = purse_of(ids, store_id=None, at=profile.now)
    return known


def _stored(profile: Profile) -> Stat | None:
    purse = purse_of_profile(profile)
    if not purse.wallets:
        return None
    currency = purse.wallets[0].currency
    return Stat(
        _("Stored value"),
        written(purse.amount, currency),
        note=_("frozen") if any(wallet.why_frozen for wallet in purse.wallets) else "",
        url=reverse("wallets:wallet", args=[purse.wallets[0].wallet_id]),
    )


def _cards(profile: Profile) -> Stat | None:
    purse = purse_of_profile(profile)
    if not purse.cards:
        return None
    left = sum(card.left for card in purse.cards)
    count = len(purse.cards)
    return Stat(
        _("Session cards"),
        ngettext("%(count)s session", "%(count)s sessions", left) % {"count": left},
        note=ngettext("on %(count)s card", "on %(count)s cards", count) % {"count": count},
        url=reverse("wallets:card", args=[purse.cards[0].card_id]),
    )


def _section(profile: Profile) -> Mapping[str, Any] | None:
    purse = purse_of_profile(profile)
    may_sell = profile.actor.can("wallets.top_up") and not profile.is_frozen
    if not purse.wallets and not purse.cards and not may_sell:
        return None
    head = profile.head.pk
    return {
        "wallets": [
            {
                "wallet": wallet,
                "url": reverse("wallets:wallet", args=[wallet.wallet_id]),
                "principal": written(wallet.principal_amount, wallet.currency),
                "given": written(wallet.bonus_amount + wallet.promotional_amount, wallet.currency),
                "total": written(wallet.amount, wallet.currency),
            }
            for wallet in purse.wallets
        ],
        "cards": [
            {"card": card, "url": reverse("wallets:card", args=[card.card_id])}
            for card in purse.cards[:_SHOWN_CARDS]
        ],
        "top_up_url": reverse("wallets:top-up", args=[head]) if may_sell else "",
        "sell_url": reverse("wallets:sell-card", args=[head]) if may_sell else "",
    }


# --- the customer's phone --------------------------------------------------------------------------------------------
def _portal(customer_ids: Sequence[int], now: datetime) -> Mapping[str, Any] | None:
    purse = purse_of(customer_ids, store_id=None, at=now)
    if not purse.wallets and not purse.cards:
        return None
    return {
        "wallets": [
            {
                "name": wallet.legal_entity,
                "total": written(wallet.amount, wallet.currency),
                "principal": written(wallet.principal_amount, wallet.currency),
                "bonus": written(wallet.bonus_amount + wallet.promotional_amount, wallet.currency),
                "has_bonus": wallet.bonus_amount + wallet.promotional_amount > 0,
                "is_frozen": bool(wallet.why_frozen),
                "expires": _expires(wallet.next_expiry, wallet.currency),
            }
            for wallet in purse.wallets
        ],
        "cards": purse.cards,
        "needs_code": any(card.needs_confirmation for card in purse.cards),
    }


def _expires(next_expiry: tuple[datetime, int] | None, currency: str) -> str:
    if next_expiry is None:
        return ""
    when, amount = next_expiry
    return _("%(amount)s of it expires on %(day)s") % {
        "amount": written(amount, currency),
        "day": date_format(timezone.localtime(when), "SHORT_DATE_FORMAT"),
    }


# --- merging, erasing, the copy of one's data ------------------------------------------------------------------------
def _counts(customer_ids: Collection[int]) -> dict[int, str]:
    """What each customer has, in words: it stays apart when they are merged."""
    found: dict[int, list[str]] = {}
    wallets = Wallet.objects.filter(customer__in=customer_ids).select_related(
        "principal__guard", "bonus__guard", "promotional__guard"
    )
    for wallet in wallets.order_by("pk"):
        total = sum(a.guard.balance for a in (wallet.principal, wallet.bonus, wallet.promotional))
        if total:
            found.setdefault(wallet.customer_id, []).append(written(total, wallet.currency))
    cards = SessionCard.objects.filter(customer__in=customer_ids, closed_at=None).values_list(
        "pk", "customer_id"
    )
    left = items_left([pk for pk, _customer in cards])
    for pk, customer in cards:
        count = sum(item.left for item in left.get(pk, ()))
        if count:
            said = ngettext("%(count)s session", "%(count)s sessions", count) % {"count": count}
            found.setdefault(customer, []).append(said)
    return {pk: pgettext("list", ", ").join(parts) for pk, parts in found.items()}


def _still_owed(customer_ids: Collection[int]) -> list[Blocker]:
    """Nobody is erased whose money we still have."""
    blockers = []
    wallets = Wallet.objects.filter(customer__in=customer_ids).select_related(
        "principal__guard", "bonus__guard", "promotional__guard"
    )
    for wallet in wallets.order_by("pk"):
        total = sum(a.guard.balance for a in (wallet.principal, wallet.bonus, wallet.promotional))
        if total:
            said = _("%(amount)s stored value is left. Pay it back or transfer it first.")
            blockers.append(
                Blocker(
                    said % {"amount": written(total, wallet.currency)},
                    reverse("wallets:wallet", args=[wallet.pk]),
                )
            )
    cards = {
        card.pk: card
        for card in SessionCard.objects.filter(customer__in=customer_ids, closed_at=None).select_related(
            "kind"
        )
    }
    for pk, items in items_left(list(cards)).items():
        if any(item.left for item in items):
            said = _(
                "Session card “%(kind)s” has sessions left. Use them up, pay them back or transfer the card."
            )
            blockers.append(Blocker(said % {"kind": cards[pk].kind.name}, reverse("wallets:card", args=[pk])))
    return blockers


def _top_ups(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    for row in (
        TopUp.objects.filter(wallet__customer__in=ids).select_related("wallet", "store").order_by("pk")
    ):
        yield {
            "card_number": row.wallet.number,
            "kind": row.kind,
            "paid": row.paid_amount,
            "bonus": row.bonus_amount,
            "promotional": row.promotional_amount,
            "currency": row.wallet.currency,
            "store": row.store.name,
            "at": instant(row.at),
        }


def _uses(ids: Collection[int]) -> Iterable[dict[str, Any]]:
    rows = CardUse.objects.filter(card__customer__in=ids).select_related("card__kind", "store").order_by("pk")
    for row in rows.prefetch_related("lines__item__variant__product"):
        yield {
            "card": row.card.kind.name,
            "card_number": row.card.number,
            "sessions": [f"{line.item.variant} × {line.count}" for line in row.lines.all()],
            "store": row.store.name,
            "at": instant(row.at),
            "taken_back": instant(row.undone_at),
        }


_TOP_UPS = ExportPart(
    "stored_value",
    gettext_lazy("Stored value"),
    {
        "card_number": gettext_lazy("Card number"),
        "kind": gettext_lazy("Kind"),
        "paid": gettext_lazy("Paid (minor units)"),
        "bonus": gettext_lazy("Bonus (minor units)"),
        "promotional": gettext_lazy("Promotional (minor units)"),
        "currency": gettext_lazy("Currency"),
        "store": gettext_lazy("Store"),
        "at": gettext_lazy("When"),
    },
    _top_ups,
)
_USES = ExportPart(
    "session_cards",
    gettext_lazy("Uses of session cards"),
    {
        "card": gettext_lazy("Session card"),
        "card_number": gettext_lazy("Card number"),
        "sessions": gettext_lazy("Sessions"),
        "store": gettext_lazy("Store"),
        "at": gettext_lazy("When"),
        "taken_back": gettext_lazy("Taken back"),
    },
    _uses,
)


def register() -> None:
    """Called once, when the app is ready."""
    register_value(Value("wallets.stored", VIEW, _stored, order=300))
    register_value(Value("wallets.cards", VIEW, _cards, order=310))
    register_section(
        Section(
            "wallets.prepaid",
            gettext_lazy("Stored value and session cards"),
            "wallets/parts/of_customer.html",
            VIEW,
            _section,
            order=40,
        )
    )
    register_portal_section(
        PortalSection(
            "wallets.prepaid",
            gettext_lazy("Stored value and session cards"),
            "wallets/portal/section.html",
            _portal,
            order=20,
        )
    )
    register_export(_TOP_UPS)
    register_export(_USES)
    register_account_view("wallets", gettext_lazy("Stored value and session cards"), _counts)
    register_erasure_blocker("wallets", _still_owed)
    register_hold("wallets_wallet", "customer_id")
    register_hold("wallets_sessioncard", "customer_id")
    register_hold("wallets_carduse", "customer_id")
    register_hold("wallets_confirmation", "customer_id")
    register_hold("wallets_transfer", "from_customer_id")
    register_hold("wallets_transfer", "to_customer_id")
