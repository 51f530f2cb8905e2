"""How far an order is: the stages of its trade with who entered them, what comes next and what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.sales.models import Order, OrderChange, Stage, StageEntry
from dianke.sales.rules.states import LIFE, may_go
from dianke.sales.views.orders_rows import shown
from dianke.web.components import Step

States = Order.State


@dataclass(frozen=True)
class Ahead:
    """A stage that may be entered next; `why_not` is what must be done before, "" when nothing is in the way."""

    stage: Stage
    why_not: str = ""


@dataclass(frozen=True)
class Board:
    """`stages` are those of the trade (none: the order goes without); `ahead` those that may come next, the nearest
    first; `entries` what was gone through."""

    stages: Sequence[Stage] = ()
    entries: Sequence[StageEntry] = ()
    ahead: Sequence[Ahead] = ()
    changes: Sequence[OrderChange] = field(default=())

    @property
    def next(self) -> Ahead | None:
        return self.ahead[0] if self.ahead else None


def board_of(order: Order, changes: Sequence[OrderChange] = ()) -> Board:
    """Two queries; none for what was sold and taken along at once."""
    is_sale = order.closed_at is not None and order.closed_at == order.occurred_at
    if is_sale and order.stage_id is None:
        return Board(changes=changes)
    stages = list(Stage.objects.in_use().filter(trade=order.store.trade).order_by("position", "pk"))
    if order.stage is not None and order.stage not in stages:
        stages.insert(0, order.stage)
    if not stages:
        return Board(changes=changes)
    entries = list(order.stage_entries.select_related("stage", "user", "task").order_by("pk"))
    if not entries and not order.is_open and order.state != States.DRAFT:
        return Board(changes=changes)
    return Board(stages, entries, _ahead(order, stages, entries), changes)


def _ahead(order: Order, stages: Sequence[Stage], entries: Sequence[StageEntry]) -> list[Ahead]:
    if not order.is_open or order.state == States.PLACED:
        return []
    at = next((n for n, stage in enumerate(stages) if stage.pk == order.stage_id), -1)
    following = [*stages[at + 1 :], *stages[: max(at, 0)]]
    last = next((entry for entry in reversed(entries) if entry.left_at is None), None)
    return [
        Ahead(stage, why_not(order, stage, last))
        for stage in following
        if may_go(order.state, stage.order_state)
    ]


def why_not(order: Order, stage: Stage, last: StageEntry | None) -> str:
    """What must be done before a stage begins."""
    if stage.gate == Stage.Gate.DEPOSIT_PAID and order.paid_amount < order.deposit_amount:
        missing = shown(order.deposit_amount - order.paid_amount, order.currency)
        return _("%(amount)s of the deposit are not paid yet.") % {"amount": missing}
    if stage.gate == Stage.Gate.BALANCE_PAID and order.due_amount:
        return _("%(amount)s are not paid yet.") % {"amount": shown(order.due_amount, order.currency)}
    task = last.task if last is not None else None
    if stage.gate == Stage.Gate.PREVIOUS_DONE and task is not None and task.completed_at is None:
        return _("The task “%(title)s” is not done yet.") % {"title": task.title}
    return ""


def stage_steps(order: Order, board: Board) -> list[Step]:
    """The line of progress on top of the page."""
    if order.state == States.CANCELLED:
        made = order.made_by.name if order.made_by else ""
        return [
            Step(pgettext("order", "Placed"), is_done=True, at=order.occurred_at, note=made),
            Step(
                pgettext("order", "Cancelled"), is_current=True, at=order.closed_at, note=order.closed_reason
            ),
        ]
    return _by_stage(order, board) if board.stages else _by_state(order, board.changes)


def _by_stage(order: Order, board: Board) -> list[Step]:
    entered = {entry.stage_id: entry for entry in board.entries}
    at = next((n for n, stage in enumerate(board.stages) if stage.pk == order.stage_id), -1)
    is_approved = order.state not in (States.DRAFT, States.PLACED)
    is_over = order.state == States.CLOSED
    first = {
        States.DRAFT: pgettext("order", "Quote"),
        States.PLACED: _("Waiting for approval"),
    }
    steps = [
        Step(
            first.get(States(order.state), pgettext("order", "Approved")),
            is_done=is_approved,
            is_current=not is_approved,
            at=order.approved_at or order.occurred_at,
            note=order.approved_by.name
            if order.approved_by
            else (order.made_by.name if order.made_by and not is_approved else ""),
        )
    ]
    for n, stage in enumerate(board.stages):
        entry = entered.get(stage.pk)
        steps.append(
            Step(
                stage.name,
                is_done=n < at or is_over or (n == at == len(board.stages) - 1),
                is_current=n == at and not is_over,
                at=entry.entered_at if entry else None,
                note=entry.user.name if entry and entry.user else "",
            )
        )
    return steps


def _by_state(order: Order, changes: Sequence[OrderChange]) -> list[Step]:
    reached = LIFE.index(order.state)
    when = {change.after: change for change in changes if change.kind == OrderChange.Kind.STATE}
    delivered, closed = when.get(States.DELIVERED), when.get(States.CLOSED)
    approving = Step(
        _("Waiting for approval") if order.state == States.PLACED else pgettext("order", "Approved"),
        is_done=reached > 1,
        is_current=reached == 1,
        at=order.approved_at,
        note=order.approved_by.name if order.approved_by else "",
    )
    return [
        Step(
            pgettext("order", "Quote") if order.state == States.DRAFT else pgettext("order", "Placed"),
            is_done=reached > 0,
            is_current=reached == 0,
            at=order.occurred_at,
            note=order.made_by.name if order.made_by else "",
        ),
        *([approving] if order.approved_at or reached < 2 else []),
        Step(
            pgettext("order", "Delivered"),
            is_done=reached > LIFE.index(States.DELIVERED) or order.state == States.DELIVERED,
            is_current=2 <= reached < LIFE.index(States.DELIVERED),
            at=delivered.at if delivered else order.closed_at if order.state == States.CLOSED else None,
            note=delivered.user.name if delivered and delivered.user else "",
        ),
        Step(
            pgettext("order", "Closed"),
            is_done=order.state == States.CLOSED,
            is_current=order.state in (States.DELIVERED, States.INSTALLED),
            at=order.closed_at,
            note=closed.user.name if closed and closed.user else "",
        ),
    ]
