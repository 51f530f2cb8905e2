"""Promotions on goods: one function per kind, from the free positions to an effect or the reason there is none.

Each works on runs of equal pieces, never on single pieces, so its work grows with the lines of the cart and not with
the quantities. The worked tables are in docs/algorithms/pricing.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dianke.promotions.rules.terms import (
    Bundle,
    BuyGet,
    FixedPrice,
    MoneyOff,
    NthPiece,
    PercentOff,
    Promotion,
)
from dianke.sales.rules.pricing.board import (
    Effect,
    Pieces,
    Positions,
    Refused,
    Run,
    alike,
    by_price,
    count_of,
    within,
    worth,
)
from dianke.sales.rules.pricing.exact import UNIT, at_share, half_up, part_of, shared

NO_LIMIT = 1 << 40


def times_allowed(promotion: Promotion) -> int:
    """How often it may apply in this order."""
    most = NO_LIMIT if promotion.max_times is None else promotion.max_times
    return most if promotion.times_left is None else min(most, promotion.times_left)


def _portions(run: Run, positions: Positions, max_pieces: int | None) -> list[tuple[int, int]]:
    """Each position with the ten-thousandths of it that take part: all, or the first `max_pieces` pieces of the
    order (goods sold by measure are no pieces)."""
    quantities = run.board.quantities
    if max_pieces is None:
        return [(position, quantities[position]) for position in positions]
    found, left = [], max_pieces
    for position in positions:
        count = min(run.board.pieces[position], left)
        if count:
            found.append((position, count * UNIT))
            left -= count
    return found


def percent_off(run: Run, promotion: Promotion, rule: PercentOff, positions: Positions) -> Effect | Refused:
    bases, quantities, pays_bp = run.bases(promotion), run.board.quantities, rule.pays_bp
    offs = {}
    for position, portion in _portions(run, positions, rule.max_pieces):
        part = part_of(bases[position], portion, quantities[position])
        offs[position] = part - at_share(part, pays_bp)
    return Effect(within(run, offs), 1, positions, "percent_off", {"pays_bp": pays_bp})


def money_off(run: Run, promotion: Promotion, rule: MoneyOff, positions: Positions) -> Effect | Refused:
    quantities, offs = run.board.quantities, {}
    for position, portion in _portions(run, positions, rule.max_pieces):
        part = part_of(run.amounts[position], portion, quantities[position])
        offs[position] = min(half_up(rule.off_amount * portion, UNIT), part)
    return Effect(within(run, offs), 1, positions, "money_off", {"off_amount": rule.off_amount})


def fixed_price(run: Run, promotion: Promotion, rule: FixedPrice, positions: Positions) -> Effect | Refused:
    quantities, offs = run.board.quantities, {}
    for position, portion in _portions(run, positions, rule.max_pieces):
        part = part_of(run.amounts[position], portion, quantities[position])
        offs[position] = part - half_up(rule.amount * portion, UNIT)
    cheaper = within(run, offs)
    return Effect(cheaper, 1, tuple(cheaper), "fixed_price", {"amount": rule.amount})


def _of_every_set(
    run: Run, promotion: Promotion, groups: list[list[Pieces]], *, buy: int, get: int, pays_bp: int
) -> tuple[dict[int, int], int, list[int]]:
    """Sets of `buy` + `get` pieces from the dearest down; the last `get` of a set cost `pays_bp`. A set that is not
    full gives what lies beyond its `buy`. Discounts, sets that gave something, positions they rest upon."""
    size, left = buy + get, times_allowed(promotion)
    bases = run.bases(promotion)
    offs: dict[int, int] = {}
    times, uses = 0, []
    for runs in groups:
        total = count_of(runs)
        sets = min(total // size + (1 if total % size > buy else 0), left - times)
        times += sets
        end = min(total, sets * size)
        seen = got_before = 0
        for _price, position, count in runs:
            if seen >= end:
                break
            uses.append(position)
            seen += count
            got = _got(min(seen, end), buy, get)
            if got > got_before:
                price = worth(bases, run.board, position, got - got_before)
                offs[position] = price - at_share(price, pays_bp)
                got_before = got
    return offs, times, uses


def _got(end: int, buy: int, get: int) -> int:
    """Of the first `end` pieces in order, how many are among the last `get` of their set."""
    full, rest = divmod(end, buy + get)
    return full * get + (rest - buy if rest > buy else 0)


def nth_piece(run: Run, promotion: Promotion, rule: NthPiece, positions: Positions) -> Effect | Refused:
    groups = alike(run.board, rule.alike, by_price(run.board, run.bases(promotion), positions))
    offs, times, uses = _of_every_set(run, promotion, groups, buy=rule.nth - 1, get=1, pays_bp=rule.pays_bp)
    missing = _missing(groups, rule.nth)
    hint = ("add_pieces_for_nth", {"missing": missing, "pays_bp": rule.pays_bp})
    if not times:
        return Refused("too_few_pieces", {"missing": missing}, hint)
    values = {"nth": rule.nth, "pays_bp": rule.pays_bp}
    more = hint if missing < rule.nth and times < times_allowed(promotion) else None
    return Effect(within(run, offs), times, uses, "nth_piece", values, more)


def _missing(groups: list[list[Pieces]], size: int) -> int:
    """Pieces that lack to the next full set, in the group that is nearest to it; `size` when all sets are full."""
    return min([size - count_of(runs) % size for runs in groups], default=size)


def buy_get(run: Run, promotion: Promotion, rule: BuyGet, positions: Positions) -> Effect | Refused:
    values = {"buy": rule.buy, "get": rule.get, "pays_bp": rule.pays_bp}
    if rule.get_goods is not None:
        return _buy_get_others(run, promotion, rule, positions, values)
    groups = alike(run.board, rule.alike, by_price(run.board, run.bases(promotion), positions))
    offs, times, uses = _of_every_set(
        run, promotion, groups, buy=rule.buy, get=rule.get, pays_bp=rule.pays_bp
    )
    size = rule.buy + rule.get
    missing = _missing(groups, size)
    hint = ("add_pieces_to_get", {"missing": missing, **values})
    if not times:
        return Refused("too_few_pieces", {"missing": missing}, hint)
    more = hint if missing < size and times < times_allowed(promotion) else None
    return Effect(within(run, offs), times, uses, "buy_get", values, more)


def _buy_get_others(
    run: Run, promotion: Promotion, rule: BuyGet, positions: Positions, values: dict[str, int]
) -> Effect | Refused:
    """The pieces got are of other goods: the picked lines first, then the cheapest. A piece that could be either is
    got only as far as enough are left to be bought."""
    assert rule.get_goods is not None
    board, bases = run.board, run.bases(promotion)
    bought = by_price(board, bases, positions)
    getting = by_price(board, bases, run.free_for(promotion, board.scope(rule.get_goods)))
    picked = run.board.cart.picked.get(promotion.source, ())
    # The picked lines first; among them, and after them, the cheapest.
    getting.sort(key=lambda one: (board.lines[one[1]].key not in picked, -one[0], one[1]))
    may_buy = {position for _price, position, _count in bought}
    to_buy = count_of(bought)
    only_get = count_of([one for one in getting if one[1] not in may_buy])
    count = _most_got(
        rule,
        to_buy,
        only_get,
        count_of(getting),
        min(times_allowed(promotion) * rule.get, NO_LIMIT),
    )
    if not count:
        missing = rule.buy - to_buy
        if missing > 0:
            hint = ("add_pieces_to_get", {"missing": missing, **values})
            return Refused("too_few_pieces", {"missing": missing}, hint)
        return Refused("nothing_to_get", {}, ("add_what_is_got", values))
    times = -(-count // rule.get)
    spare = to_buy - rule.buy * times
    offs: dict[int, int] = {}
    got: dict[int, int] = {}
    left = count
    for _price, position, pieces in getting:
        is_either = position in may_buy
        taken = min(pieces, left, spare if is_either else left)
        if taken:
            got[position] = taken
            price = worth(bases, board, position, taken)
            offs[position] = price - at_share(price, rule.pays_bp)
            left -= taken
            spare -= taken if is_either else 0
    uses = list(got)
    needed = rule.buy * times
    for _price, position, pieces in bought:
        free = min(pieces - got.get(position, 0), needed)
        if free > 0:
            uses.append(position)
            needed -= free
    return Effect(within(run, offs), times, uses, "buy_get", dict(values))


def _most_got(rule: BuyGet, to_buy: int, only_get: int, to_get: int, limit: int) -> int:
    """The most pieces that can be got so that `buy` stay bought for every `get` of them, by bisection: whoever can get
    n pieces can get n - 1."""
    low, high = 0, min(to_get, limit)
    while low < high:
        middle = (low + high + 1) // 2
        if rule.buy * -(-middle // rule.get) + max(0, middle - only_get) <= to_buy:
            low = middle
        else:
            high = middle - 1
    return low


def bundle(run: Run, promotion: Promotion, rule: Bundle, positions: Positions) -> Effect | Refused:
    """Sets from the dearest pieces down, as long as a set costs more than its price. A set that repeats unchanged is
    counted at once, so there are no more steps than lines."""
    board, bases = run.board, run.bases(promotion)
    # The dearest stand last, so that what is used up is taken off the end.
    parts = [
        by_price(board, bases, run.free_for(promotion, board.scope(part.goods)))[::-1] for part in rule.parts
    ]
    left = {position: count for runs in parts for _price, position, count in runs}
    units = {position: -price for runs in parts for price, position, _count in runs}
    used: dict[int, int] = {}
    times, allowed, missing = 0, times_allowed(promotion), 0
    code = "too_few_pieces"
    while times < allowed:
        one_set: dict[int, int] = {}
        for runs, part in zip(parts, rule.parts, strict=True):
            missing += _draw(runs, part.count, left, one_set)
        if missing:
            break
        if sum([units[position] * taken for position, taken in one_set.items()]) <= rule.amount:
            code = "not_cheaper"
            break
        repeats = min([left[position] // taken for position, taken in one_set.items()])
        repeats = min(repeats, allowed - times)
        times += repeats
        for position, taken in one_set.items():
            used[position] = used.get(position, 0) + taken * repeats
            left[position] -= taken * repeats
    hint = ("add_pieces_for_bundle", {"missing": missing, "amount": rule.amount})
    if not times:
        return Refused(code, {}, hint if missing else None)
    more = hint if 0 < missing < sum(part.count for part in rule.parts) else None
    order = sorted(used)
    prices = [worth(bases, board, position, used[position]) for position in order]
    shares = shared(sum(prices) - times * rule.amount, order, prices)
    return Effect(within(run, shares), times, order, "bundle", {"amount": rule.amount}, more)


def _draw(runs: list[Pieces], wanted: int, left: dict[int, int], one_set: dict[int, int]) -> int:
    """Takes `wanted` pieces into the set, the dearest first (they stand last); what could not be had."""
    while runs and not left[runs[-1][1]]:
        runs.pop()
    for _price, position, _count in reversed(runs):
        taken = min(left[position] - one_set.get(position, 0), wanted)
        if taken > 0:
            one_set[position] = one_set.get(position, 0) + taken
            wanted -= taken
            if not wanted:
                break
    return wanted


#: By kind; the functions take the rule of their own kind.
ON_GOODS: dict[str, Callable[[Run, Promotion, Any, Positions], Effect | Refused]] = {
    PercentOff.kind: percent_off,
    MoneyOff.kind: money_off,
    FixedPrice.kind: fixed_price,
    NthPiece.kind: nth_piece,
    BuyGet.kind: buy_get,
    Bundle.kind: bundle,
}
