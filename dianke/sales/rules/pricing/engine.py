"""Prices a cart: the fixed stages from the list price to what is paid, and everything the till tells about them."""

from __future__ import annotations

from dianke.promotions.rules.terms import Later
from dianke.sales.rules.pricing.answering import answer
from dianke.sales.rules.pricing.attempts import candidates
from dianke.sales.rules.pricing.board import Board, Effect, Run
from dianke.sales.rules.pricing.cart import Cart, Manual, RoundingWay
from dianke.sales.rules.pricing.choosing import choose
from dianke.sales.rules.pricing.exact import WHOLE_BP, at_share, half_up, spread
from dianke.sales.rules.pricing.priced import Priced, Stage


def price_cart(cart: Cart) -> Priced:
    """Deterministic, exact and without a look at anything but the cart. ValueError for a quantity that is not above
    zero or has more than four decimals.

    Holds for every answer: each line's `paid_amount` = `list_amount` + its adjustments, is not below zero; the totals
    are the sums of the lines; the parts of a discount add up to the discount.
    """
    board = Board(cart)
    found, shut = candidates(board)
    run = choose(board, found)
    run.refused.update(shut)
    for number, manual in enumerate(cart.manual):
        _take_manual(run, number, manual)
    points_used, points_possible = _take_points(run)
    _round(run)
    return answer(run, points_used, points_possible)


def _take_manual(run: Run, number: int, manual: Manual) -> None:
    """Off one line (also a price-protected one), or spread over the goods of the order."""
    board, amounts = run.board, run.amounts
    if manual.line_key is None:
        positions = list(board.goods)
        code = "manual_order"
    else:
        positions = [
            position
            for position, line in enumerate(board.lines)
            if line.key == manual.line_key and not line.gift_of
        ]
        code = "manual_line"
    total = sum(amounts[position] for position in positions)
    if manual.off_amount is not None:
        off = manual.off_amount
    elif manual.pays_bp is not None:
        off = total - at_share(total, manual.pays_bp)
    else:
        off = total - (manual.to_amount or 0)
    offs = spread(off, positions, amounts)
    if offs:
        effect = Effect(offs, 1, (), code, {"reason": manual.reason})
        run.take(Stage.MANUAL, f"manual:{number}", effect)


def _take_points(run: Run) -> tuple[int, int]:
    """Points taken and the most that could be. Whole steps, and never more points than the money they become."""
    points = run.board.cart.points
    if points is None or points.unit_points <= 0 or points.unit_amount <= 0 or points.step_points <= 0:
        return 0, 0
    barred = run.shut[Later.POINTS]
    positions = [position for position in run.board.goods if position not in barred]
    total = sum(run.amounts[position] for position in positions)
    if total < points.min_amount:
        return 0, 0
    most = total * points.max_share_bp // WHOLE_BP
    possible = _whole_steps(most * points.unit_points // points.unit_amount, points.step_points)
    wanted = _whole_steps(max(min(points.wanted, possible), 0), points.step_points)
    amount = wanted * points.unit_amount // points.unit_points
    if not amount:
        return 0, possible
    needed = -(-amount * points.unit_points // points.unit_amount)
    used = -(-needed // points.step_points) * points.step_points
    effect = Effect(spread(amount, positions, run.amounts), 1, (), "points", {"points": used})
    run.take(Stage.POINTS, "points", effect)
    return used, possible


def _whole_steps(points: int, step: int) -> int:
    return points - points % step


def _round(run: Run) -> None:
    """抹零: the whole order down to, or to the nearest, whole unit."""
    rounding = run.board.cart.rounding
    if rounding is None or rounding.unit <= 1:
        return
    total = sum(run.amounts)
    if rounding.way is RoundingWay.DOWN:
        rounded = total - total % rounding.unit
    else:
        rounded = half_up(total, rounding.unit) * rounding.unit
    positions = [position for position, amount in enumerate(run.amounts) if amount > 0]
    if rounded < total:
        offs = spread(total - rounded, positions, run.amounts)
    elif rounded > total:
        # Up by as much as the order itself at most: half a unit is only reached by half a unit.
        shares = spread(rounded - total, positions, run.amounts)
        offs = {position: -share for position, share in shares.items()}
    else:
        return
    run.take(Stage.ROUNDING, "rounding", Effect(offs, 1, (), "rounding", {"unit_amount": rounding.unit}))
