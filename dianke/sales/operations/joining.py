"""What promotions, loyalty and wallets add to a sale: what they plan before the ledger is written, and what
they note after. Each plans the whole sale at once; the sale posts all drafts together (the contract of those
rooms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.allocation import allocate_units
from dianke.core.errors import DiankeError, InvalidInput
from dianke.customers.models import Customer
from dianke.events.operations import step
from dianke.ledger.operations import Draft
from dianke.loyalty.models import Level
from dianke.loyalty.operations.granting import sell_level
from dianke.loyalty.operations.selling import SalePlan, note_sale, plan_sale
from dianke.loyalty.rules.earning import SaleLine
from dianke.promotions.operations.taking import (
    CouponUse,
    PromotionUse,
    redeem_coupons,
    redeem_coupons_late,
    take_promotions,
    take_promotions_late,
)
from dianke.sales.models import OrderLine
from dianke.sales.queries.costed import Costed
from dianke.sales.queries.pricing import Basket
from dianke.stores.models import Store
from dianke.wallets.models import CardKind, Offer
from dianke.wallets.operations import SessionUse, plan_sessions
from dianke.wallets.operations.accounts import shown
from dianke.wallets.operations.cards import plan_card_sale
from dianke.wallets.operations.refusals import CashRefused
from dianke.wallets.operations.spending import plan_spend
from dianke.wallets.operations.topping_up import plan_top_up
from dianke.wallets.queries.terms import terms_for

TOP_UP, CHANGE_PRICES = "wallets.top_up", "sales.change_prices"
Kind = OrderLine.Kind
_EARNING_KINDS: dict[str, str] = {Kind.TOP_UP: "TOP_UP", Kind.CARD: "GIFT_CARD", Kind.FEE: "SHIPPING"}


class CustomerMissing(InvalidInput):
    code = "sale_customer_missing"
    message = _("Choose the customer first: stored value, points, cards and credit belong to somebody.")
    default_field = "customer"


class OfferUnknown(InvalidInput):
    code = "sale_offer_unknown"
    message = _("This top-up offer, card or level is not there any more. Choose another one.")
    default_field = "items"


@dataclass(frozen=True, slots=True)
class Occasion:
    """The circumstances every room is told. `key` is the key of the order."""

    key: str
    store: Store
    customer: Customer | None
    customer_ids: tuple[int, ...]
    business_date: date
    occurred_at: datetime
    is_accepted: bool
    actor: Actor
    now: datetime

    @property
    def usual(self) -> dict[str, Any]:
        return {
            "store": self.store,
            "business_date": self.business_date,
            "actor": self.actor,
            "now": self.now,
        }


@dataclass(slots=True)
class Joined:
    """`refused`: kind of exception -> codes of what could not be taken (of accepted sales)."""

    drafts: list[Draft] = field(default_factory=list)
    points: SalePlan | None = None
    bonus_paid: int = 0
    refused: list[tuple[str, str, int]] = field(default_factory=list)


# --- before the ledger ----------------------------------------------------------------------------------------
@step
def spend(*, occasion: Occasion, amount: int, reference: str, joined: Joined) -> bool:
    """Pay by stored value; whether it was there. Wallets stay locked: before goods and accounts."""
    if occasion.customer is None:
        raise CustomerMissing
    try:
        plan = plan_spend(
            customer_ids=occasion.customer_ids, amount=amount, reference=reference, **occasion.usual
        )
    except DiankeError as error:
        if not occasion.is_accepted:
            raise
        joined.refused.append(("WALLET", error.code, amount))
        return False
    joined.drafts += plan.drafts
    joined.bonus_paid += sum(part.amount - part.principal_amount for part in plan.parts)
    return True


@step
def prepaid(
    *, occasion: Occasion, lines: Sequence[tuple[int, Costed]], is_cash: bool, joined: Joined
) -> None:
    """Top-ups, cards and levels sold, and services paid by sessions; (position, line). `is_cash`: cash pays a part."""
    if is_cash and not occasion.is_accepted:
        _refuse_cash(occasion, sum(line.paid_amount for _n, line in lines if line.kind == Kind.TOP_UP))
    for position, line in lines:
        reference = f"{occasion.key}/line:{position}"
        if line.kind in (Kind.TOP_UP, Kind.CARD):
            _sell_prepaid(occasion, line, reference, joined)
        elif line.kind == Kind.LEVEL:
            _sell_level(occasion, line, reference)
        elif line.item.session_card_id is not None and line.item.variant_id is not None:
            _use_sessions(occasion, line, reference, joined)


def _refuse_cash(occasion: Occasion, topped_up: int) -> None:
    """Raises `CashRefused`: the law counts what is topped up at once, however many lines it stands in."""
    if not topped_up:
        return
    terms = terms_for(occasion.store, occasion.business_date)
    least = terms.number("cash_below")
    if least is not None and topped_up >= least:
        raise CashRefused(amount=shown(least, occasion.store.currency), source=terms.source("cash_below"))


def _sell_prepaid(occasion: Occasion, line: Costed, reference: str, joined: Joined) -> None:
    if occasion.customer is None:
        raise CustomerMissing
    occasion.actor.require(TOP_UP, store_id=occasion.store.pk)
    data = line.item.data
    usual: dict[str, Any] = {
        "customer": occasion.customer,
        "paid_amount": line.paid_amount,
        "reference": reference,
    }
    if line.kind == Kind.TOP_UP:
        offer = None
        if data.get("offer_id") is not None:
            offer = Offer.objects.filter(pk=data["offer_id"]).first()
            if offer is None:
                raise OfferUnknown
        joined.drafts += plan_top_up(offer=offer, **usual, **occasion.usual).drafts
        return
    kind = CardKind.objects.filter(pk=data.get("card_kind_id") or 0).first()
    if kind is None:
        raise OfferUnknown
    if line.paid_amount != kind.price_amount and not occasion.is_accepted:
        occasion.actor.require(CHANGE_PRICES, store_id=occasion.store.pk)
    joined.drafts += plan_card_sale(kind=kind, **usual, **occasion.usual).drafts


@step
def _sell_level(occasion: Occasion, line: Costed, reference: str) -> None:
    """The money of it is earned like that of goods; the level holds from today, or behind what was paid before."""
    if occasion.customer is None:
        raise CustomerMissing
    level = Level.objects.filter(pk=line.item.data.get("level_id") or 0).first()
    if level is None:
        raise OfferUnknown
    if line.paid_amount != level.price_amount and not occasion.is_accepted:
        occasion.actor.require(CHANGE_PRICES, store_id=occasion.store.pk)
    sell_level(
        customer=occasion.customer, level=level, reference=reference, actor=occasion.actor, now=occasion.now
    )


def _use_sessions(occasion: Occasion, line: Costed, reference: str, joined: Joined) -> None:
    card_id, variant_id = line.item.session_card_id, line.item.variant_id
    if occasion.customer is None or card_id is None or variant_id is None:
        raise CustomerMissing
    try:
        plan = plan_sessions(
            uses=[SessionUse(card_id, variant_id, int(line.item.quantity))],
            customer_ids=occasion.customer_ids,
            reference=reference,
            confirmation=str(line.item.data.get("confirmation", "")),
            waiver=str(line.item.data.get("waiver", "")),
            **occasion.usual,
        )
    except DiankeError as error:
        if not occasion.is_accepted:
            raise
        joined.refused.append(("WALLET", error.code, line.list_amount))
        return
    joined.drafts += plan.drafts


@step
def points(*, occasion: Occasion, basket: Basket, paid_by_wallet: int, joined: Joined) -> None:
    """Points used and earned. What stored value paid of the goods is told, spread over them."""
    if basket.standing is None or basket.standing.programme_id is None:
        return
    joined.points = plan_sale(
        customer_ids=occasion.customer_ids,
        customer_id=occasion.customer.pk if occasion.customer else None,
        lines=earning_lines(basket.lines, bonus=joined.bonus_paid, wallet=paid_by_wallet),
        redeemed_points=basket.points_used,
        reference=occasion.key,
        store_id=occasion.store.pk,
        business_date=occasion.business_date,
        occurred_at=occasion.occurred_at,
        actor=occasion.actor,
        now=occasion.now,
        standing=basket.standing,
    )
    joined.drafts += joined.points.drafts


def earning_lines(lines: Sequence[Costed], *, bonus: int, wallet: int) -> list[SaleLine]:
    """The lines as earning sees them."""
    weights = [0 if line.is_prepaid else line.paid_amount for line in lines]
    spread = any(weights)
    by_bonus = allocate_units(min(bonus, sum(weights)), weights) if spread else [0] * len(lines)
    rest = [weight - part for weight, part in zip(weights, by_bonus, strict=True)]
    principal = max(0, min(wallet - bonus, sum(rest)))
    by_principal = allocate_units(principal, rest) if any(rest) else [0] * len(lines)
    return [
        SaleLine(
            key=line.item.key,
            paid_amount=line.paid_amount,
            category_ids=line.goods.category_ids if line.goods else (),
            product_id=line.goods.product_id if line.goods else None,
            variant_id=line.goods.variant_id if line.goods else None,
            earns=line.goods is not None and line.item.session_card_id is None,
            kind=_EARNING_KINDS.get(line.kind, "GOODS"),
            tax_amount=line.tax_amount,
            bonus_amount=by_bonus[n],
            prepaid_amount=by_principal[n],
        )
        for n, line in enumerate(lines)
    ]


# --- after the ledger -----------------------------------------------------------------------------------------
@step
def take(*, occasion: Occasion, basket: Basket, joined: Joined) -> list[int]:
    """Take budgets of promotions and coupons, and note the points; ids of the coupons used."""
    promotions, coupons = uses_of(basket)
    usual: dict[str, Any] = {
        "reference": occasion.key,
        "store_id": occasion.store.pk,
        "actor": occasion.actor,
    }
    head = occasion.customer_ids[0] if occasion.customer_ids else None
    used = [use.coupon_id for use in coupons]
    if occasion.is_accepted:
        beyond = take_promotions_late(uses=promotions, customer_id=head, now=occasion.now, **usual)
        joined.refused += [("COUPON", f"promotion:{pk}", 0) for pk in beyond]
        late = redeem_coupons_late(
            uses=coupons, customer_ids=occasion.customer_ids, now=occasion.occurred_at, **usual
        )
        joined.refused += [("COUPON", f"{error.code}:{pk}", 0) for pk, error in late.items()]
        used = [pk for pk in used if pk not in late]
    else:
        take_promotions(uses=promotions, customer_id=head, now=occasion.now, **usual)
        redeem_coupons(uses=coupons, customer_ids=occasion.customer_ids, now=occasion.now, **usual)
    if joined.points is not None:
        note_sale(plan=joined.points)
    return used


def uses_of(basket: Basket) -> tuple[list[PromotionUse], list[CouponUse]]:
    """What the engine says each promotion and coupon gave, by key."""
    if basket.engine is None:
        return [], []
    brought: dict[str, int] = {}
    for line in basket.lines:
        for source in {each.source for each in line.adjustments}:
            brought[source] = brought.get(source, 0) + line.paid_amount
    promotions = [
        PromotionUse(
            _id(given.source), max(given.amount, 0), given.times, brought_amount=brought.get(given.source, 0)
        )
        for given in basket.engine.promotions_used
    ]
    coupons = [
        CouponUse(_id(given.source), max(given.amount, 0), brought_amount=basket.paid_amount)
        for given in basket.engine.coupons_used
    ]
    return (
        sorted(promotions, key=lambda use: use.promotion_id),
        sorted(coupons, key=lambda use: use.coupon_id),
    )


def _id(source: str) -> int:
    return int(source.partition(":")[2])
