"""A customer as the till shows one: who it is (the phone masked), level and points, coupons, prepaid value, and what is
worth saying. Everything the engine needs to price offline is in it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.queries.search import find, masked_value, preferred_phones
from dianke.loyalty.queries.standing import Standing, cluster_of, standing_of
from dianke.promotions.queries.held import HeldCoupon, coupons_of
from dianke.promotions.queries.segments import segments_holding
from dianke.promotions.rules.conditions import Audience
from dianke.sales.queries.occasions import occasions_of
from dianke.sales.queries.pricing import asked_segments
from dianke.sales.queries.till_settings import offered_to
from dianke.stores.models import Store
from dianke.wallets.queries.purse import Purse, purse_of

COUPONS, MEMBERS, WALLETS = "promotions.view_promotions", "loyalty.view_members", "wallets.view_wallets"
FOUND = 12
#: A till without a line does not know which offers begin meanwhile: it is told of everything they may ask for.
OF_THE_PERSON = Audience(is_birthday_month=True, is_first_purchase=True)


def found_members(actor: Actor, text: str) -> list[dict[str, Any]]:
    """Whom the text means, as a line each."""
    return [
        _member(each.customer, each.masked_phone) | {"why": each.why} for each in find(actor, text, FOUND)
    ]


def member_by_number(actor: Actor, number: str) -> dict[str, Any] | None:
    """The member a card names, or None."""
    rows = Customer.objects.visible_to(actor).in_use().filter(member_number=number.strip().upper())
    found = rows.select_related("merged_into").first()
    if found is None:
        return None
    head = found.merged_into or found
    return _member(head, _phone(actor, head.pk))


def detail_of(customer: Customer, store: Store, actor: Actor, at: datetime) -> dict[str, Any]:
    """Some nineteen statements, whatever the customer has."""
    ids = cluster_of(customer.pk)
    standing = standing_of(ids, at=at)
    coupons = coupons_of(ids, store_id=store.pk, at=at)
    purse = purse_of(ids, store_id=store.pk, at=at)
    times_left, asked = offered_to(store, ids, at)
    return {
        "member": _member(customer, _phone(actor, customer.pk)) | {"tier": standing.tier_name},
        "standing": _standing(standing),
        "coupons": [coupon_out(coupon) for coupon in coupons],
        "wallet": _wallet(purse),
        "cards": [asdict(card) | {"left": card.left} for card in purse.cards],
        "times_left": times_left,
        "segments": segments_holding(ids, asked | asked_segments(coupon.terms for coupon in coupons)),
        "occasions": asdict(
            occasions_of(ids, [OF_THE_PERSON], day=at.astimezone(ZoneInfo(store.time_zone)).date())
        ),
        "advice": _advice(standing, coupons, purse),
        "at": at.isoformat(),
    }


def _phone(actor: Actor, pk: int) -> str:
    return masked_value(actor, preferred_phones([pk]).get(pk))


def _member(customer: Customer, phone: str) -> dict[str, Any]:
    name = customer.name or customer.member_number
    return {
        "id": customer.pk,
        "name": name,
        "phone": phone,
        "number": customer.member_number,
        "tier": customer.level,
    }


def _standing(standing: Standing) -> dict[str, Any]:
    worth = standing.worth
    return {
        "programme_id": standing.programme_id,
        "tier_id": standing.tier_id,
        "tier_code": standing.tier_code,
        "tier_name": standing.tier_name,
        "discount_bp": standing.discount_bp,
        "points": standing.points,
        "pending": standing.pending,
        "owed": standing.owed,
        "worth": worth
        and {"points": worth.points, "amount": worth.amount, "step": worth.step, "cap_bp": worth.cap_bp},
        "next_tier": standing.next_tier
        and {
            "name": standing.next_tier.level.name,
            "percent": standing.next_tier.percent,
            "missing": [
                {"name": each.name, "missing": each.missing, "need": each.need}
                for each in standing.next_tier.missing
            ],
        },
    }


def coupon_out(coupon: HeldCoupon) -> dict[str, Any]:
    """A coupon with its terms, for the engine."""
    return {
        "id": coupon.id,
        "code": coupon.code,
        "name": coupon.terms.name,
        "terms": coupon.terms.as_dict(),
        "customer_id": coupon.customer_id,
        "expires_at": coupon.expires_at.isoformat() if coupon.expires_at else None,
        "usable": coupon.usable,
        "why_not": str(coupon.why_not) if coupon.why_not else "",
        "note": coupon.note,
    }


def _wallet(purse: Purse) -> dict[str, Any]:
    wallets = []
    for wallet in purse.wallets:
        expiry = wallet.next_expiry
        shown = asdict(wallet) | {"amount": wallet.amount}
        shown["next_expiry"] = [expiry[0].isoformat(), expiry[1]] if expiry else None
        wallets.append(shown)
    return {"spendable_amount": purse.spendable_amount, "amount": purse.amount, "wallets": wallets}


def _advice(standing: Standing, coupons: list[HeldCoupon], purse: Purse) -> list[str]:
    """Sentences for the clerk, the most useful first."""
    said = []
    usable = sum(1 for coupon in coupons if coupon.usable)
    if usable:
        said.append(_("Coupons that can be used here: %(count)s") % {"count": usable})
    if purse.spendable_amount:
        said.append(_("Stored value: ¥%(amount)s") % {"amount": f"{purse.spendable_amount / 100:,.2f}"})
    ahead = standing.next_tier
    spent = next((each for each in ahead.missing if each.name == "amount"), None) if ahead else None
    if ahead and spent and spent.missing:
        values = {"amount": f"{spent.missing / 100:,.2f}", "level": ahead.level.name}
        said.append(_("¥%(amount)s more to “%(level)s”") % values)
    return said
