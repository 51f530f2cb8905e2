"""Promotions on the order as a whole: ladders, every full N, gifts, free delivery. One function per kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dianke.promotions.rules.terms import (
    EveryFull,
    FreeDelivery,
    Gift,
    GiftChoice,
    Ladder,
    Measure,
    Promotion,
    Step,
)
from dianke.sales.rules.pricing.board import Effect, Hint, Positions, Refused, Run
from dianke.sales.rules.pricing.cart import LineKind
from dianke.sales.rules.pricing.exact import UNIT, at_share, spread
from dianke.sales.rules.pricing.on_goods import times_allowed
from dianke.sales.rules.pricing.priced import GiftOffer, Values


def measured(run: Run, measure: Measure, bases: Sequence[int], positions: Positions) -> int:
    """What the positions come to: fen, or whole pieces (goods sold by measure count for none)."""
    counted = bases if measure is Measure.AMOUNT else run.board.pieces
    return sum([counted[position] for position in positions])


def _full(measure: Measure, full: int) -> dict[str, int]:
    return {"full_amount": full} if measure is Measure.AMOUNT else {"full": full}


def below(measure: Measure, full: int, total: int, what: str, values: Values) -> Refused:
    """Not yet there; `what` and `values` say what would be given."""
    hint = more(measure, full - total, what, values)
    missing = "missing_amount" if measure is Measure.AMOUNT else "missing"
    return Refused("below_threshold", {missing: full - total}, hint)


def more(measure: Measure, missing: int, what: str, values: Values) -> Hint:
    if measure is Measure.AMOUNT:
        return f"spend_more_for_{what}", {"missing_amount": missing, **values}
    return f"add_pieces_for_{what}", {"missing": missing, **values}


def _given_by(step: Step) -> tuple[str, dict[str, int]]:
    if step.off_amount is not None:
        return "amount", {"off_amount": step.off_amount}
    return "percent", {"pays_bp": step.pays_bp or 0}


def ladder(run: Run, promotion: Promotion, rule: Ladder, positions: Positions) -> Effect | Refused:
    bases = run.bases(promotion)
    total = measured(run, rule.measure, bases, positions)
    reached = sum(1 for step in rule.steps if step.full <= total)
    hint = None
    if reached < len(rule.steps):
        following = rule.steps[reached]
        if not reached:
            return below(rule.measure, following.full, total, *_given_by(following))
        hint = more(rule.measure, following.full - total, *_given_by(following))
    step = rule.steps[reached - 1]
    what, given = _given_by(step)
    if step.off_amount is not None:
        off = step.off_amount
    else:
        price = measured(run, Measure.AMOUNT, bases, positions)
        off = price - at_share(price, step.pays_bp or 0)
    offs = spread(off, positions, run.amounts)
    return Effect(offs, 1, positions, f"ladder_{what}", {**_full(rule.measure, step.full), **given}, hint)


def every_full(run: Run, promotion: Promotion, rule: EveryFull, positions: Positions) -> Effect | Refused:
    total = measured(run, rule.measure, run.bases(promotion), positions)
    allowed = times_allowed(promotion)
    times = min(total // rule.full, allowed)
    given = {"off_amount": rule.off_amount}
    if not times:
        return below(rule.measure, rule.full, total, "amount", given)
    offs = spread(times * rule.off_amount, positions, run.amounts)
    missing = rule.full - total % rule.full
    hint = more(rule.measure, missing, "amount", given) if times < allowed else None
    return Effect(offs, times, positions, "every_full", {**_full(rule.measure, rule.full), **given}, hint)


def offer_gifts(
    run: Run, source: str, picks: int, choices: Sequence[GiftChoice]
) -> tuple[GiftOffer, dict[int, int]]:
    """The offer with what the customer has taken of it, and the gift lines that are free by it. A line is free whole
    or not at all."""
    board = run.board
    pieces_of = {choice.variant_id: choice.quantity for choice in choices}
    offs: dict[int, int] = {}
    taken = 0
    for position in board.gift_positions(source):
        pieces = pieces_of.get(board.lines[position].variant_id)
        if pieces is None:
            continue
        wanted = -(-board.quantities[position] // (pieces * UNIT))
        if taken + wanted <= picks:
            taken += wanted
            offs[position] = board.list_amounts[position]
    offered = tuple((choice.variant_id, choice.quantity) for choice in choices)
    offer = GiftOffer(source, picks, taken, offered)
    run.gifts[source] = offer
    return offer, offs


def gift(run: Run, promotion: Promotion, rule: Gift, positions: Positions) -> Effect | Refused:
    total = measured(run, rule.measure, run.bases(promotion), positions)
    reached = sum(1 for step in rule.steps if step.full <= total)
    if not reached:
        return below(rule.measure, rule.steps[0].full, total, "gift", {"picks": rule.steps[0].pick})
    step = rule.steps[reached - 1]
    times = min(total // step.full, times_allowed(promotion)) if rule.is_repeated else 1
    offer, offs = offer_gifts(run, promotion.source, times * step.pick, step.choices)
    if not offer.taken:
        return Refused("gift_not_chosen", {"picks": offer.picks}, ("choose_gift", {"picks": offer.picks}))
    left = offer.picks - offer.taken
    hint = ("choose_gift", {"picks": left}) if left else None
    return Effect(offs, times, positions, "gift", {}, hint)


def free_delivery(
    run: Run, promotion: Promotion, rule: FreeDelivery, positions: Positions
) -> Effect | Refused:
    total = measured(run, rule.measure, run.bases(promotion), positions)
    if total < rule.full:
        return below(rule.measure, rule.full, total, "delivery", {})
    return Effect(delivery_off(run, rule), 1, positions, "free_delivery", {})


def delivery_off(run: Run, rule: FreeDelivery) -> dict[int, int]:
    fees = [position for position in run.board.of_kind(LineKind.DELIVERY) if run.amounts[position] > 0]
    total = sum(run.amounts[position] for position in fees)
    return spread(total if rule.max_amount is None else rule.max_amount, fees, run.amounts)


#: By kind; the functions take the rule of their own kind.
ON_ORDER: dict[str, Callable[[Run, Promotion, Any, Positions], Effect | Refused]] = {
    Ladder.kind: ladder,
    EveryFull.kind: every_full,
    Gift.kind: gift,
    FreeDelivery.kind: free_delivery,
}
