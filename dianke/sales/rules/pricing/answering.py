"""Makes the answer of a finished run: lines with their adjustments, totals, and what is told about the offers."""

from __future__ import annotations

from dianke.sales.rules.pricing.board import Board, Run
from dianke.sales.rules.pricing.exact import WHOLE_BP, half_up
from dianke.sales.rules.pricing.priced import Adjustment, Given, Note, Priced, PricedLine

_GIFTS = frozenset({"gift", "coupon_gift"})


def tax_inside(amount: int, rate_bp: int) -> int:
    """The tax that an amount with tax holds, rounded halves up."""
    return half_up(amount * rate_bp, WHOLE_BP + rate_bp)


def answer(run: Run, points_used: int, points_possible: int) -> Priced:
    board = run.board
    names = _names(board)
    adjustments: list[list[Adjustment]] = [[] for _line in board.lines]
    given: dict[str, Given] = {}
    earned: set[int] = set()
    hints = []
    for step in run.steps:
        effect, source, total = step.effect, step.source, 0
        values = {"name": names[source], **effect.values} if source in names else effect.values
        for position, off in effect.offs.items():
            total += off
            adjustments[position].append(Adjustment(step.stage, source, effect.code, values, -off))
        given[source] = Given(source, total, effect.times)
        if effect.code in _GIFTS:
            earned.update(effect.offs)
        if effect.hint is not None:
            hints.append((source, effect.hint))
    lines = tuple(
        PricedLine(
            line.key,
            board.list_amounts[position],
            tuple(adjustments[position]),
            run.amounts[position],
            tax_inside(run.amounts[position], line.tax_rate_bp) if line.tax_rate_bp else 0,
            position in earned,
        )
        for position, line in enumerate(board.lines)
    )
    hints += [(source, refused.hint) for source, refused in run.refused.items() if refused.hint is not None]
    return Priced(
        lines=lines,
        list_amount=sum(board.list_amounts),
        paid_amount=sum(run.amounts),
        tax_amount=sum(line.tax_amount for line in lines),
        given=tuple(given.values()),
        passed_over=tuple(
            Note(source, refused.code, {"name": names[source], **refused.values})
            for source, refused in sorted(run.refused.items(), key=lambda one: _order(one[0]))
        ),
        gifts=tuple(run.gifts[source] for source in sorted(run.gifts, key=_order)),
        unearned_gifts=tuple(
            line.key for position, line in enumerate(board.lines) if line.gift_of and position not in earned
        ),
        advice=tuple(
            Note(source, hint[0], {"name": names[source], **hint[1]})
            for source, hint in sorted(hints, key=lambda one: _order(one[0]))
        ),
        points_used=points_used,
        points_possible=points_possible,
    )


def _order(source: str) -> tuple[str, int]:
    kind, _colon, number = source.partition(":")
    return kind, int(number)


def _names(board: Board) -> dict[str, str]:
    found = {promotion.source: promotion.name for promotion in board.cart.promotions}
    found.update((coupon.source, coupon.terms.name) for coupon in board.cart.coupons)
    return found
