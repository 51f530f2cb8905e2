"""What to buy of one product for one store, from whom, and why.

Periodic review with an order-up-to level: the goods ordered now have to last until those of the next order come, so
the target is the demand over lead time and review period plus a reserve (Silver, Pyke and Thomas, "Inventory and
Production Management in Supply Chains", the (R, S) system). Every answer carries its reasons in words.
The worked table stands in docs/algorithms/purchasing.md and in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from dianke.core.money import Money
from dianke.purchasing.rules import forecasting
from dianke.purchasing.rules.amounts import QUANTITY_PLACES, decimal_of, whole_packs
from dianke.purchasing.rules.comparing import Offer
from dianke.purchasing.rules.forecasting import Demand
from dianke.purchasing.rules.reasons import Reason

#: Prices that differ by no more than this are about the same: rating and lead time decide.
ABOUT_THE_SAME_BP = 200
#: Of ten thousand days, on so many the reserve suffices; 1.645 standard deviations for 95 in 100.
SERVICE_FACTOR = Decimal("1.645")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there and what is coming, in stock units; `reserved` is promised out of `on_hand`. `on_hand` may be
    negative where goods went out before they were received."""

    on_hand: Decimal = _ZERO
    reserved: Decimal = _ZERO
    on_order: Decimal = _ZERO

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved + self.on_order


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the shop set for the product: days until the next order, a reserve (None: calculated from how sales vary),
    the most that shall lie here, its shelf life, its supplier."""

    review_days: int = 7
    safety_quantity: Decimal | None = None
    maximum_quantity: Decimal | None = None
    shelf_life_days: int | None = None
    preferred_supplier_id: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to buy: `quantity` 0 means nothing. `target` is what stock and orders together should come to."""

    quantity: Decimal
    offer: Offer | None
    demand: Demand
    safety: Decimal
    target: Decimal
    reasons: tuple[Reason, ...] = field(default=())

    @property
    def needs_a_decision(self) -> bool:
        """Something is missing, and the rules do not say what to do about it."""
        return any(reason.code in {"no_supplier", "minimum_above_cap"} for reason in self.reasons)


def suggest(
    *,
    stock: Stock,
    offers: Sequence[Offer],
    demand_over: Callable[[int], Demand],
    wishes: Wishes,
    day: date,
) -> Suggestion:
    """What to buy today. `demand_over(days)` answers what will be needed from today over so many days.

    Offers that are not in force on `day` are left out. Without any offer the lead time counts as nothing and the
    missing quantity is told, so that somebody looks for a supplier.
    """
    usable = [offer for offer in offers if offer.is_in_force(day)]
    offer, why = choose_offer(usable, stock=stock, demand_over=demand_over, wishes=wishes)
    lead_days = offer.lead_days if offer else 0
    demand, safety, target = target_of(lead_days, demand_over=demand_over, wishes=wishes)
    days = lead_days + wishes.review_days
    reasons = [
        Reason("stock", {"on_hand": stock.on_hand, "reserved": stock.reserved, "on_order": stock.on_order}),
        _demand_reason(demand, days),
        Reason("days", {"lead": lead_days, "review": wishes.review_days}),
    ]
    if safety:
        is_set = wishes.safety_quantity is not None
        reasons.append(Reason("safety_set" if is_set else "safety_calculated", {"safety": safety}))
    missing = target - stock.available
    if missing <= 0:
        reasons.append(Reason("enough", {"available": stock.available, "target": target}))
        return Suggestion(_ZERO, offer, demand, safety, target, tuple(reasons))
    reasons.append(Reason("short", {"target": target, "available": stock.available, "short": missing}))
    if offer is None:
        reasons.append(Reason("no_supplier"))
        return Suggestion(_ZERO, None, demand, safety, target, tuple(reasons))
    quantity, sized = _sized(missing, offer, stock, demand, days, wishes)
    return Suggestion(quantity, offer, demand, safety, target, (*reasons, *why, *sized))


def target_of(
    lead_days: int, *, demand_over: Callable[[int], Demand], wishes: Wishes
) -> tuple[Demand, Decimal, Decimal]:
    """Demand over lead time and review period, reserve, and both together.

    The reserve that nobody set is 1.645 × deviation of a day × √days; goods nothing is known of have none.
    """
    days = lead_days + wishes.review_days
    demand = demand_over(days)
    if wishes.safety_quantity is not None:
        safety = wishes.safety_quantity
    else:
        exact = SERVICE_FACTOR * demand.daily_deviation * Decimal(days).sqrt()
        safety = decimal_of(Fraction(exact), QUANTITY_PLACES)
    return demand, safety, demand.quantity + safety


def _demand_reason(demand: Demand, days: int) -> Reason:
    values = {"demand": demand.quantity, "days": days}
    if demand.method == forecasting.BY_WEEKDAY:
        return Reason("demand_by_weekday", {**values, "weeks": demand.known_days // forecasting.WEEK})
    if demand.method == forecasting.SHORT_HISTORY:
        return Reason("demand_short_history", {**values, "known": demand.known_days})
    if demand.method == forecasting.UNKNOWN:
        return Reason("demand_unknown")
    return Reason("demand_other", {**values, "method": demand.method})


def _sized(
    missing: Decimal, offer: Offer, stock: Stock, demand: Demand, days: int, wishes: Wishes
) -> tuple[Decimal, list[Reason]]:
    """The missing quantity as it can be ordered: minimum, whole packs, but not above what shall lie here."""
    reasons = []
    quantity = missing
    if offer.minimum_quantity > quantity:
        quantity = offer.minimum_quantity
        reasons.append(Reason("minimum", {"minimum": offer.minimum_quantity}))
    packed = whole_packs(quantity, offer.pack_quantity)
    if packed != quantity:
        reasons.append(Reason("pack", {"pack": offer.pack_quantity}))
    quantity = packed
    for cap, reason in _caps(demand, days, wishes):
        room = cap - stock.available
        if quantity <= room:
            continue
        packs = Fraction(max(room, _ZERO)) // Fraction(offer.pack_quantity)
        quantity = decimal_of(Fraction(packs) * Fraction(offer.pack_quantity), QUANTITY_PLACES)
        if quantity < offer.minimum_quantity or not quantity:
            reasons.append(Reason("minimum_above_cap"))
            return _ZERO, reasons
        reasons.append(Reason(reason.code, {**reason.values, "quantity": quantity}))
    if demand.quantity:
        lasts = Fraction(stock.available + quantity) * days / Fraction(demand.quantity)
        reasons.append(Reason("lasts", {"days": max(0, int(lasts))}))
    return quantity, reasons


def _caps(demand: Demand, days: int, wishes: Wishes) -> list[tuple[Decimal, Reason]]:
    caps = []
    if wishes.maximum_quantity is not None:
        caps.append(
            (wishes.maximum_quantity, Reason("capped_by_maximum", {"maximum": wishes.maximum_quantity}))
        )
    if wishes.shelf_life_days and demand.is_known and days:
        sold = Fraction(demand.quantity) * wishes.shelf_life_days / days
        caps.append(
            (
                decimal_of(sold, QUANTITY_PLACES),
                Reason("capped_by_shelf_life", {"days": wishes.shelf_life_days}),
            )
        )
    return caps


# --- from whom -----------------------------------------------------------------------------------------------
def choose_offer(
    offers: Sequence[Offer], *, stock: Stock, demand_over: Callable[[int], Demand], wishes: Wishes
) -> tuple[Offer | None, list[Reason]]:
    """The offer to take and why.

    The set supplier first; then whoever delivers before the stock runs out, if somebody does; then the cheapest for the
    quantity that is missing. Offers within 2 % of the cheapest count as equal: the better rating decides, then the
    shorter lead time. Currencies are not compared: the one most offers are in counts.
    """
    if not offers:
        return None, []
    reasons: list[Reason] = []
    preferred = [offer for offer in offers if offer.supplier_id == wishes.preferred_supplier_id]
    left = preferred or list(offers)
    currencies = [offer.price.currency for offer in left]
    common = max(sorted(set(currencies)), key=currencies.count)
    if len(set(currencies)) > 1:
        left = [offer for offer in left if offer.price.currency == common]
        reasons.append(Reason("supplier_paid_differently"))
    in_time = [offer for offer in left if _covers(stock, offer.lead_days, demand_over)]
    is_in_time_rare = 0 < len({offer.supplier_id for offer in in_time}) < len({o.supplier_id for o in left})
    left = in_time or left

    def cost(offer: Offer) -> tuple[Fraction, Decimal]:
        """Compared for the same quantity, the largest anybody's lead time asks for: what else would be compared?"""
        return offer.cost_for(needed), offer.unit_price

    longest = max(offer.lead_days for offer in left)
    _demand, _safety, target = target_of(longest, demand_over=demand_over, wishes=wishes)
    needed = max(target - stock.available, QUANTITY_PLACES)
    cheapest = min(left, key=lambda offer: (*cost(offer), offer.lead_days, offer.supplier_id, offer.price_id))
    limit = cost(cheapest)[0] * (10_000 + ABOUT_THE_SAME_BP) / 10_000
    equal = [offer for offer in left if cost(offer)[0] <= limit]
    best = min(
        equal,
        key=lambda offer: (
            -(offer.rating or 0),
            offer.lead_days,
            *cost(offer),
            offer.supplier_id,
            offer.price_id,
        ),
    )
    reasons += _why(best, cheapest, offers, bool(preferred), is_in_time_rare)
    if not in_time and demand_over(best.lead_days).is_known:
        reasons.append(Reason("comes_late", {"days": _days_short(stock, best.lead_days, demand_over)}))
    return best, reasons


def _why(
    best: Offer, cheapest: Offer, offers: Sequence[Offer], is_preferred: bool, is_in_time_rare: bool
) -> list[Reason]:
    name = {"supplier": best.supplier}
    if is_preferred:
        return [Reason("supplier_preferred", name)]
    if len({offer.supplier_id for offer in offers}) == 1:
        return [Reason("supplier_only", name)]
    reasons = [Reason("supplier_in_time", {**name, "lead": best.lead_days})] if is_in_time_rare else []
    if best.supplier_id == cheapest.supplier_id:
        price = Money(best.unit_price.quantize(Decimal("0.0001")), best.price.currency)
        return [*reasons, Reason("supplier_cheapest", {**name, "price": price})]
    if (best.rating or 0) > (cheapest.rating or 0):
        return [*reasons, Reason("supplier_rated", name)]
    return [*reasons, Reason("supplier_faster", name)]


def _covers(stock: Stock, days: int, demand_over: Callable[[int], Demand]) -> bool:
    """Whether what is on the shelf lasts until the delivery. What is on order may come later, so it does not count."""
    return stock.on_hand - stock.reserved >= demand_over(days).quantity


def _days_short(stock: Stock, lead_days: int, demand_over: Callable[[int], Demand]) -> int:
    """How many of the days until the delivery are not covered, taking the days as equal."""
    needed = demand_over(lead_days).quantity
    left = max(stock.on_hand - stock.reserved, _ZERO)
    return lead_days - int(Fraction(left) * lead_days / Fraction(needed)) if needed else 0
