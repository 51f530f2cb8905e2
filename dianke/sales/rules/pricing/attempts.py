"""One attempt to price the cart with its promotions in a given order: every stage down to the discount of the level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter

from dianke.promotions.rules.terms import (
    Bundle,
    BuyGet,
    Exclusion,
    FreeDelivery,
    Gift,
    Later,
    Promotion,
)
from dianke.sales.rules.pricing.board import Board, Effect, Positions, Refused, Run
from dianke.sales.rules.pricing.coupons import take_coupons
from dianke.sales.rules.pricing.exact import UNIT, WHOLE_BP, at_share, capped, half_up
from dianke.sales.rules.pricing.on_goods import ON_GOODS
from dianke.sales.rules.pricing.on_order import ON_ORDER
from dianke.sales.rules.pricing.priced import Stage

#: The cap of the order is a share of its goods; gifts and fees are not among them.
_OUTSIDE_CAP = (Gift, FreeDelivery)


#: Nothing of it is free for this promotion.
EXCLUDED = Refused("excluded")
NO_EFFECT = Refused("no_effect")
#: Reasons that hold whether or not others took some of the goods.
_ITS_OWN = frozenset({"gift_not_chosen", "no_effect"})


class Candidate:
    """A promotion that holds here and now, with its positions and what it would do were it the only one.

    `known` remembers what it does by the prices it looks at and the positions that are free: the tries of one cart
    mostly meet the same again.
    """

    __slots__ = (
        "act",
        "gain",
        "is_free",
        "is_limited",
        "is_of_order",
        "known",
        "positions",
        "promotion",
        "rate",
        "source",
        "watch",
    )

    def __init__(self, promotion: Promotion, positions: Positions) -> None:
        rule = promotion.rule
        self.promotion = promotion
        self.positions = positions
        self.source = promotion.source
        self.is_of_order = promotion.is_of_order
        self.act = (ON_ORDER if self.is_of_order else ON_GOODS)[rule.kind]
        self.known: dict[object, Effect | Refused] = {}
        # Gifts, fees and goods got beyond the own ones are not among the prices of the positions.
        reaches_further = isinstance(rule, Gift | FreeDelivery) or (
            isinstance(rule, BuyGet) and rule.get_goods
        )
        self.watch: Callable[[list[int]], object] | None = None
        if positions and not reaches_further:
            self.watch = itemgetter(*positions)
        self.is_limited = promotion.max_amount is not None or promotion.budget_left is not None
        self.is_free = promotion.exclusion is Exclusion.NONE and not promotion.group
        self.gain = 0
        self.rate = 0


def why_not(board: Board, promotion: Promotion) -> str | None:
    """The code of why a promotion does not hold here and now at all."""
    cart = board.cart
    if promotion.budget_left == 0:
        return "budget_spent"
    if promotion.times_left == 0:
        return "limit_reached"
    return promotion.when.why_not(board.local) or promotion.audience.why_not(
        store_id=cart.store_id,
        channel=cart.channel,
        tier=cart.tier,
        is_member=cart.is_member,
        is_birthday_month=cart.is_birthday_month,
        is_first_purchase=cart.is_first_purchase,
        segment_ids=cart.segments.keys(),
    )


def scope_of(board: Board, promotion: Promotion) -> Positions:
    rule = promotion.rule
    if not isinstance(rule, Bundle):
        return board.scope(promotion.goods)
    found: set[int] = set()
    for part in rule.parts:
        found.update(board.scope(part.goods))
    return tuple(sorted(found))


def candidates(board: Board) -> tuple[list[Candidate], dict[str, Refused]]:
    """By priority, the higher first, then by id; and those that do not hold, with the reason."""
    found, refused = [], {}
    for promotion in board.cart.promotions:
        shut = why_not(board, promotion)
        if shut is not None:
            refused[promotion.source] = Refused(shut)
            continue
        positions = scope_of(board, promotion)
        if positions or (promotion.goods.is_everything and isinstance(promotion.rule, FreeDelivery)):
            found.append(Candidate(promotion, positions))
        else:
            refused[promotion.source] = Refused("no_goods")
    found.sort(key=lambda one: (-one.promotion.priority, one.promotion.id))
    return found, refused


def start(board: Board, *, with_member_prices: bool) -> Run:
    """A run at the prices of the first stage: list price, or the member's price where it is lower."""
    known = board.starts.get(with_member_prices)
    if known is None:
        known = board.starts[with_member_prices] = _start(board, with_member_prices=with_member_prices)
    run = Run(board, known.room)
    run.amounts = known.amounts.copy()
    run.steps = known.steps.copy()
    run.closed = known.closed.copy()
    return run


def _start(board: Board, *, with_member_prices: bool) -> Run:
    cart = board.cart
    room = None
    if cart.options.max_off_bp is not None:
        room = (
            sum(board.list_amounts[position] for position in board.goods)
            * cart.options.max_off_bp
            // WHOLE_BP
        )
    run = Run(board, room)
    if not (cart.is_member and with_member_prices):
        return run
    offs = {}
    for position in board.goods:
        line = cart.lines[position]
        if line.member_unit_amount is not None and line.amount is None:
            off = board.list_amounts[position] - half_up(
                line.member_unit_amount * board.quantities[position], UNIT
            )
            if off > 0:
                offs[position] = off
    if offs:
        run.take(Stage.ITEM_PRICE, "member", Effect(offs, 1, (), "member_price", {}))
        if cart.options.is_member_price_alone:
            run.closed.update(offs)
    return run


def attempt(board: Board, order: Sequence[Candidate], *, with_member_prices: bool) -> Run:
    """All stages down to the level's discount, the promotions of each stage in this order."""
    run = start(board, with_member_prices=with_member_prices)
    for one in order:
        if not one.is_of_order:
            _take(run, one, Stage.ITEM_PROMOTION)
    for one in order:
        if one.is_of_order:
            _take(run, one, Stage.ORDER_PROMOTION)
    take_coupons(run)
    _take_level(run)
    return run


def effect_of(run: Run, one: Candidate) -> Effect | Refused:
    """What a candidate does now, after its caps and limits."""
    promotion, own = one.promotion, one.positions
    positions = own if one.is_free and not run.closed else run.free_for(promotion, own)
    if not positions and own:
        return EXCLUDED
    if one.watch is None:
        found = one.act(run, promotion, promotion.rule, positions)
    else:
        prices = one.watch(run.amounts)
        key = prices if positions is own else (prices, positions)
        known = one.known.get(key)
        if known is None:
            known = one.act(run, promotion, promotion.rule, positions)
            if isinstance(known, Effect) and not known.offs:
                known = NO_EFFECT
            one.known[key] = known
        found = known
    if isinstance(found, Effect):
        is_plain = one.watch is not None and not one.is_limited and run.room is None
        return found if is_plain else _limited(run, promotion, found)
    if positions is own or found.code in _ITS_OWN:
        return found
    return EXCLUDED


def _limited(run: Run, promotion: Promotion, found: Effect) -> Effect | Refused:
    is_gift = isinstance(promotion.rule, Gift)
    offs = found.offs
    if promotion.max_amount is not None:
        offs = capped(offs, promotion.max_amount) if not is_gift else offs
    off = sum(offs.values())
    if promotion.budget_left is not None and off > promotion.budget_left:
        return Refused("budget_spent")
    if run.room is not None and off > run.room and not isinstance(promotion.rule, _OUTSIDE_CAP):
        if not run.room:
            return Refused("order_cap")
        offs = capped(offs, run.room)
    if not off and not is_gift:
        return Refused("no_effect")
    if offs is found.offs:
        return found
    return Effect(offs, found.times, found.uses, found.code, found.values, found.hint)


def _take(run: Run, one: Candidate, stage: Stage) -> None:
    promotion = one.promotion
    found = effect_of(run, one)
    if isinstance(found, Refused):
        run.refused[one.source] = found
        if run.gifts and found.code != "gift_not_chosen":
            run.gifts.pop(one.source, None)
        return
    run.take(stage, one.source, found.because(promotion.audience.because_of(run.board.cart.segments)))
    if run.room is not None and not isinstance(promotion.rule, _OUTSIDE_CAP):
        run.room -= sum(found.offs.values())
    uses = found.uses
    run.taken.update(uses)
    if promotion.exclusion is not Exclusion.NONE:
        run.closed.update(uses)
    if promotion.group:
        run.groups.setdefault(promotion.group, set()).update(uses)
    for later in promotion.shuts:
        run.shut[later].update(uses)


def _take_level(run: Run) -> None:
    """The discount of the customer's level, line by line."""
    terms = run.board.cart.tier_terms
    if terms is None:
        return
    amounts, barred = run.amounts, run.shut[Later.TIER]
    offs = {}
    for position in run.board.scope(terms.goods):
        amount = amounts[position]
        if position in barred:
            continue
        if terms.is_for_full_price_only and amount != run.board.list_amounts[position]:
            continue
        off = amount - at_share(amount, terms.pays_bp)
        if off > 0:
            offs[position] = off
    if run.room is not None:
        offs = capped(offs, run.room)
        run.room -= sum(offs.values())
    if offs:
        values: dict[str, int | str] = {"tier": terms.name, "pays_bp": terms.pays_bp}
        run.take(Stage.TIER, "tier", Effect(offs, 1, tuple(offs), "tier", values))
