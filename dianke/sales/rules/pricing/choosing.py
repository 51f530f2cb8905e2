"""In which order promotions that exclude each other are applied: by priority, or best for the customer.

By priority there is one order. Best for the customer tries a bounded number of orders and keeps the cheapest; what that
bound is and what it can miss stands in docs/algorithms/pricing.md, section 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from dianke.promotions.rules.terms import Exclusion
from dianke.sales.rules.pricing.attempts import Candidate, attempt, effect_of, start
from dianke.sales.rules.pricing.board import Board, Effect, Refused, Run
from dianke.sales.rules.pricing.cart import Policy
from dianke.sales.rules.pricing.exact import WHOLE_BP

#: Up to so many promotions every order is tried.
FEW = 3
#: With more, so many orders beside the one by priority; fewer in a cart with many promotions, so that tries ×
#: promotions, the work, stays about the same.
MOST_TRIES = 10
MOST_WORK = 90
#: Promotions that want the order for themselves.
MOST_ALONE = 8


def choose(board: Board, found: Sequence[Candidate]) -> Run:
    """The run that counts; `found` by priority."""
    options = board.cart.options
    joining = [one for one in found if one.promotion.exclusion is not Exclusion.ORDER]
    alone = [one for one in found if one.promotion.exclusion is Exclusion.ORDER]
    if options.policy is Policy.PRIORITY:
        return _by_priority(board, joining, alone)
    best = _best(board, joining, alone, with_member_prices=True)
    if options.is_member_price_alone and best.closed:
        without = _best(board, joining, alone, with_member_prices=False)
        if _owed(without) < _owed(best):
            return without
    return best


def _owed(run: Run) -> int:
    return sum(run.amounts)


def _by_priority(board: Board, joining: list[Candidate], alone: list[Candidate]) -> Run:
    """A promotion that wants the order for itself has it when nothing of a higher priority has an effect."""
    together = attempt(board, joining, with_member_prices=True)
    applied = {step.source for step in together.steps}
    first = next((one for one in joining if one.source in applied), None)
    for one in alone:
        if first is not None and _rank(first) < _rank(one):
            break
        run = attempt(board, [one], with_member_prices=True)
        if one.source not in run.refused:
            return _without(run, [*joining, *alone], one)
    for one in alone:
        together.refused[one.source] = Refused("excluded")
    return together


def _rank(one: Candidate) -> tuple[int, int]:
    return -one.promotion.priority, one.promotion.id


def _without(run: Run, others: Sequence[Candidate], chosen: Candidate) -> Run:
    for one in others:
        if one is not chosen:
            run.refused[one.source] = Refused("excluded")
    return run


class _Tries:
    """The cheapest run so far, with its order; of equally cheap ones the earlier."""

    def __init__(self, board: Board, order: Sequence[Candidate], *, with_member_prices: bool) -> None:
        self._board, self._with_member_prices = board, with_member_prices
        self.order = order
        self.run = attempt(board, order, with_member_prices=with_member_prices)
        self.owed = _owed(self.run)

    def attend(self, order: Sequence[Candidate]) -> None:
        run = attempt(self._board, order, with_member_prices=self._with_member_prices)
        if _owed(run) < self.owed:
            self.run, self.order, self.owed = run, order, _owed(run)


def _best(board: Board, joining: list[Candidate], alone: list[Candidate], *, with_member_prices: bool) -> Run:
    tries = _Tries(board, joining, with_member_prices=with_member_prices)
    _weigh([*joining, *alone], tries.run, start(board, with_member_prices=with_member_prices))
    if len(joining) <= FEW:
        for every in list(permutations(joining))[1:]:
            tries.attend(every)
    else:
        left = max(1, min(MOST_TRIES, MOST_WORK // len(joining)))
        by_gain = sorted(joining, key=lambda one: (-one.gain, *_rank(one)))
        by_rate = sorted(joining, key=lambda one: (-one.rate, *_rank(one)))
        for order in (by_gain, by_rate)[:left]:
            tries.attend(order)
        lost = [one for one in by_gain if one.gain and one.source in tries.run.refused]
        for one in lost[: max(left - 2, 0)]:
            tries.attend([one, *(another for another in tries.order if another is not one)])
    best, owed = tries.run, tries.owed
    for one in alone:
        best.refused[one.source] = Refused("excluded")
    for one in sorted(alone, key=lambda one: (-one.gain, *_rank(one)))[:MOST_ALONE]:
        run = attempt(board, [one], with_member_prices=with_member_prices)
        if one.source not in run.refused and _owed(run) < owed:
            best, owed = _without(run, [*joining, *alone], one), _owed(run)
    return best


def _weigh(found: Sequence[Candidate], first: Run, beginning: Run) -> None:
    """What each promotion gave in the first try or, where that was nothing, would give were it the only one; and how
    deep that cuts into the goods it rests upon."""
    gave = {step.source: step.effect for step in first.steps}
    for one in found:
        effect: Effect | Refused | None = gave.get(one.source)
        if effect is None:
            effect = effect_of(beginning, one)
        if isinstance(effect, Refused):
            one.gain = one.rate = 0
            continue
        one.gain = sum(effect.offs.values())
        base = sum([beginning.amounts[position] for position in effect.uses])
        one.rate = one.gain * WHOLE_BP // base if base else 0
