"""Coupons, after all promotions and in a fixed order: exchange, percent, cash, gift, delivery, then by kind and id.

Percentages come before money because that is better for the customer. A coupon that would take nothing off is not used:
it stays the customer's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from dianke.promotions.rules.terms import (
    Basis,
    Cash,
    CouponTerms,
    Exchange,
    FreeDelivery,
    GiftCoupon,
    Later,
    Percent,
)
from dianke.sales.rules.pricing.board import Board, Effect, Positions, Refused, Run, by_price, within, worth
from dianke.sales.rules.pricing.cart import CartCoupon
from dianke.sales.rules.pricing.exact import at_share, capped, spread
from dianke.sales.rules.pricing.on_order import below, delivery_off, measured, offer_gifts
from dianke.sales.rules.pricing.priced import Stage

_TURN = {Exchange.kind: 0, Percent.kind: 1, Cash.kind: 2, GiftCoupon.kind: 3, FreeDelivery.kind: 4}


def in_turn(coupons: tuple[CartCoupon, ...]) -> list[CartCoupon]:
    """Those that stand alone come last: any other that has an effect keeps them out."""
    return sorted(
        coupons,
        key=lambda one: (one.terms.is_alone, _TURN[one.terms.rule.kind], one.terms.kind_id, one.id),
    )


def take_coupons(run: Run) -> None:
    """Every coupon of the cart in its turn."""
    kinds: Counter[int] = Counter()
    groups: set[str] = set()
    alone = False
    board = run.board
    if board.coupons is None:
        # Whether one holds here and now is the same in every attempt.
        board.coupons = [(coupon, coupon_shut(board, coupon.terms)) for coupon in in_turn(board.cart.coupons)]
    for coupon, shut in board.coupons:
        terms = coupon.terms
        found: Effect | Refused
        if alone or (terms.is_alone and kinds):
            found = Refused("not_beside_others")
        elif terms.group and terms.group in groups:
            found = Refused("other_of_group")
        elif terms.max_per_order is not None and kinds[terms.kind_id] >= terms.max_per_order:
            found = Refused("enough_of_kind", {"most": terms.max_per_order})
        else:
            found = Refused(shut) if shut is not None else _effect(run, coupon, kinds[terms.kind_id])
        if isinstance(found, Refused):
            run.refused[coupon.source] = found
            continue
        found = found.because(terms.audience.because_of(board.cart.segments))
        run.take(Stage.COUPON, coupon.source, found)
        if run.room is not None and terms.rule.kind not in (GiftCoupon.kind, FreeDelivery.kind):
            run.room -= sum(found.offs.values())
        kinds[terms.kind_id] += 1
        if terms.group:
            groups.add(terms.group)
        alone = terms.is_alone


def coupon_shut(board: Board, terms: CouponTerms) -> str | None:
    """The code of why the coupon does not hold here and now at all."""
    cart = board.cart
    return terms.why_not_at(board.local) or terms.audience.why_not(
        store_id=cart.store_id,
        channel=cart.channel,
        tier=cart.tier,
        is_member=cart.is_member,
        is_birthday_month=cart.is_birthday_month,
        is_first_purchase=cart.is_first_purchase,
        segment_ids=cart.segments.keys(),
    )


def coupon_positions(run: Run, terms: CouponTerms) -> Positions:
    barred = run.shut[Later.COUPON]
    if not terms.joins_promotions:
        barred = barred | run.taken
    positions, amounts = run.board.scope(terms.goods), run.amounts
    return tuple([position for position in positions if amounts[position] > 0 and position not in barred])


def coupon_total(run: Run, terms: CouponTerms, positions: Positions) -> int:
    bases = run.board.list_amounts if terms.basis is Basis.ORIGINAL else run.amounts
    return sum([bases[position] for position in positions])


def _effect(run: Run, coupon: CartCoupon, used_of_kind: int) -> Effect | Refused:
    terms = coupon.terms
    positions = coupon_positions(run, terms)
    if not positions:
        return Refused("no_goods")
    total = coupon_total(run, terms, positions)
    # Each further coupon of a kind asks for its threshold once more.
    threshold = terms.threshold_amount * (used_of_kind + 1)
    if total < threshold:
        missing = {"missing_amount": threshold - total}
        return Refused("below_threshold", missing, ("spend_more_for_coupon", missing))
    found = _RULES[terms.rule.kind](run, coupon, terms.rule, positions)
    if isinstance(found, Refused):
        return found
    if run.room is not None and terms.rule.kind not in (GiftCoupon.kind, FreeDelivery.kind):
        if not run.room:
            return Refused("order_cap")
        found.offs = capped(found.offs, run.room)
    if not any(found.offs.values()):
        return found if terms.rule.kind == GiftCoupon.kind else Refused("no_effect")
    return found


def _cash(run: Run, coupon: CartCoupon, rule: Cash, positions: Positions) -> Effect | Refused:
    return Effect(
        spread(rule.amount, positions, run.amounts), 1, positions, "coupon_cash", {"amount": rule.amount}
    )


def _percent(run: Run, coupon: CartCoupon, rule: Percent, positions: Positions) -> Effect | Refused:
    total = coupon_total(run, coupon.terms, positions)
    off = total - at_share(total, rule.pays_bp)
    if rule.max_amount is not None:
        off = min(off, rule.max_amount)
    values = {"pays_bp": rule.pays_bp}
    return Effect(spread(off, positions, run.amounts), 1, positions, "coupon_percent", values)


def _exchange(run: Run, coupon: CartCoupon, rule: Exchange, positions: Positions) -> Effect | Refused:
    offs: dict[int, int] = {}
    left = rule.pieces
    for price, position, count in by_price(run.board, run.amounts, positions):
        taken = min(count, left)
        if not taken or -price <= rule.pays_amount:
            break
        offs[position] = worth(run.amounts, run.board, position, taken) - taken * rule.pays_amount
        left -= taken
    if not offs:
        return Refused("no_effect")
    values = {"pieces": rule.pieces, "pays_amount": rule.pays_amount}
    return Effect(within(run, offs), 1, tuple(offs), "coupon_exchange", values)


def _gift(run: Run, coupon: CartCoupon, rule: GiftCoupon, positions: Positions) -> Effect | Refused:
    offer, offs = offer_gifts(run, coupon.source, rule.pick, rule.choices)
    if not offer.taken:
        return Refused("gift_not_chosen", {"picks": rule.pick}, ("choose_gift", {"picks": rule.pick}))
    return Effect(offs, 1, positions, "coupon_gift", {})


def _delivery(run: Run, coupon: CartCoupon, rule: FreeDelivery, positions: Positions) -> Effect | Refused:
    bases = run.board.list_amounts if coupon.terms.basis is Basis.ORIGINAL else run.amounts
    total = measured(run, rule.measure, bases, positions)
    if total < rule.full:
        return below(rule.measure, rule.full, total, "coupon", {})
    offs = delivery_off(run, rule)
    return Effect(offs, 1, (), "coupon_delivery", {}) if offs else Refused("no_effect")


_RULES: dict[str, Callable[[Run, CartCoupon, Any, Positions], Effect | Refused]] = {
    Cash.kind: _cash,
    Percent.kind: _percent,
    Exchange.kind: _exchange,
    GiftCoupon.kind: _gift,
    FreeDelivery.kind: _delivery,
}
