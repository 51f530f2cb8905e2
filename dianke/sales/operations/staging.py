"""The stages an order goes through: what must hold before each, and the work that begins with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, unchanged
from dianke.sales.models import Order, OrderChange, Stage, StageEntry
from dianke.sales.operations.approving import States, set_state
from dianke.sales.operations.fulfilling import DELIVER
from dianke.sales.operations.locking import locked, refuse
from dianke.sales.operations.selling import SELL, shown
from dianke.sales.rules.states import may_go
from dianke.work.operations.tasks import create_task

Gate = Stage.Gate


@operation(None)
def enter_stage(*, order: Order, stage: str, note: str = "", actor: Actor, now: datetime) -> Order:
    """Take an order into the next stage of its trade: what must hold before is checked, its work becomes a task. Raises
    `StageUnknown`, `StageNotReached`, `OrderNotOpen`."""
    if not actor.can(DELIVER, store_id=order.store_id):
        actor.require(SELL, store_id=order.store_id)
    order = locked(order=order)
    if not order.is_open or order.state == States.PLACED:
        raise refuse(order)
    wanted = Stage.objects.in_use().filter(trade=order.store.trade, code=stage).first()
    if wanted is None:
        raise StageUnknown(stage=stage)
    if order.stage_id == wanted.pk:
        unchanged()
        return order
    last = order.stage_entries.filter(left_at=None).select_related("stage", "task").last()
    _check_gate(order, wanted, last)
    if not may_go(order.state, wanted.order_state):
        raise StageNotReached(stage=wanted.name, why=_("the order is “%s”.") % order.get_state_display())
    if last is not None:
        last.left_at = now
        last.save(update_fields=["left_at"])
    task = None
    if wanted.task_title:
        task = create_task(
            title=f"{order.number} {wanted.task_title}"[:120],
            kind="order",
            store=order.store,
            subject=f"sales.order:{order.pk}",
            due_at=now + timedelta(days=wanted.task_days),
            auto_assign=True,
            reference=f"{order.key}/stage:{wanted.code}/{order.stage_entries.count()}",
            actor=actor.as_system(),
            now=now,
        )
    StageEntry.objects.create(
        order=order, stage=wanted, entered_at=now, task=task, user_id=actor.user_id, note=note.strip()[:200]
    )
    before = order.stage.name if order.stage else ""
    order.stage = wanted
    order.save(update_fields=["stage"])
    OrderChange.objects.create(
        order=order,
        kind=OrderChange.Kind.STAGE,
        before=before,
        after=wanted.name,
        at=now,
        user_id=actor.user_id,
    )
    if order.state != wanted.order_state:
        set_state(order, wanted.order_state, actor, now)
    record(
        "sales.order_stage_entered",
        order,
        also=[order.customer] if order.customer else [],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "stage": wanted.code, "state": order.state},
    )
    return order


def _check_gate(order: Order, wanted: Stage, last: StageEntry | None) -> None:
    if wanted.gate == Gate.DEPOSIT_PAID and order.paid_amount < order.deposit_amount:
        missing = shown(order.deposit_amount - order.paid_amount)
        raise StageNotReached(stage=wanted.name, why=_("%s of the deposit are not paid.") % missing)
    if wanted.gate == Gate.BALANCE_PAID and order.due_amount:
        raise StageNotReached(stage=wanted.name, why=_("%s are not paid.") % shown(order.due_amount))
    if wanted.gate == Gate.PREVIOUS_DONE:
        task = last.task if last is not None else None
        if task is not None and task.completed_at is None:
            raise StageNotReached(stage=wanted.name, why=_("“%s” is not done.") % task.title)


class StageNotReached(Conflict):
    code = "order_stage_not_reached"
    message = _("“%(stage)s” cannot begin yet: %(why)s")


class StageUnknown(InvalidInput):
    code = "order_stage_unknown"
    message = _("There is no stage “%(stage)s” for this kind of store.")
    default_field = "stage"
