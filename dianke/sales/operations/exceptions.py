"""Sales that were paid and therefore stand although something about them was wrong: somebody is told, looks, and says
what came of it. What to do in each case is in `docs/algorithms/day-close.md`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import DeviceGap, DeviceJournal, Order, OrderException
from dianke.sales.operations.drawers import CLOSE
from dianke.stores.models import Merchant
from dianke.work.models import Task
from dianke.work.operations import complete_task, create_task

#: A number that is missing so long is not on its way any more.
GAP_PATIENCE = timedelta(minutes=30)


class OutcomeMissing(InvalidInput):
    code = "exception_outcome_missing"
    message = _("Say what you found and what came of it. It stays with the sale.")
    default_field = "outcome"


class ExaminedAlready(Conflict):
    code = "exception_examined"
    message = _("Somebody has looked at this already. Load the page again.")


@step
def raise_task(*, order: Order, exceptions: int, actor: Actor, now: datetime) -> Task | None:
    """One task for the store about a sale with exceptions; called again it answers the one that stands."""
    if not exceptions:
        return None
    with override(_language()):
        title = ngettext(
            "Sale %(number)s: %(count)s thing to look at",
            "Sale %(number)s: %(count)s things to look at",
            exceptions,
        ) % {"number": order.number, "count": exceptions}
    task: Task = create_task(
        title=title,
        kind="till",
        store=order.store,
        subject=f"sales.order:{order.pk}",
        auto_assign=True,
        reference=f"{order.key}/exceptions",
        actor=actor.as_system(),
        now=now,
    )
    return task


@operation(CLOSE)
def examine_exceptions(
    *, exceptions: Sequence[OrderException], outcome: str, actor: Actor, now: datetime
) -> list[OrderException]:
    """Say what came of one or several: all of a sale, or a page of the same kind. When nothing of a sale is left, its
    task is done. Raises `OutcomeMissing`, `ExaminedAlready`."""
    outcome = outcome.strip()[:200]
    if not outcome:
        raise OutcomeMissing
    rows = OrderException.objects.select_for_update(of=("self",)).select_related("order")
    found = list(rows.filter(pk__in=[each.pk for each in exceptions]).order_by("pk"))
    for each in found:
        actor.require(CLOSE, store_id=each.store_id)
        if each.seen_at is not None:
            raise ExaminedAlready
    if not found:
        unchanged()
        return []
    OrderException.objects.filter(pk__in=[each.pk for each in found]).update(
        seen_at=now, seen_by_id=actor.user_id, outcome=outcome
    )
    for each in found:
        each.seen_at, each.seen_by_id, each.outcome = now, actor.user_id, outcome
    _finish_tasks({each.order_id: each.order for each in found}, actor, now)
    record(
        "sales.exceptions_examined",
        found[0].order,
        also=[each.order for each in found[1:20]],
        actor=actor,
        now=now,
        store_id=found[0].store_id,
        data={"count": len(found), "kinds": sorted({each.kind for each in found})},
    )
    return found


@step
def _finish_tasks(orders: dict[int, Order], actor: Actor, now: datetime) -> None:
    open_ = set(
        OrderException.objects.filter(order__in=list(orders), seen_at=None).values_list("order_id", flat=True)
    )
    references = [f"{order.key}/exceptions" for pk, order in orders.items() if pk not in open_]
    for task in Task.objects.filter(reference__in=references, completed_at=None, cancelled_at=None):
        complete_task(task=task, actor=actor.as_system(), now=now)


@operation(None)
def tell_of_gaps(*, journal: DeviceJournal, actor: Actor, now: datetime) -> Task | None:
    """A task about sales of a till that did not arrive for half an hour although later ones did. Once per gap; a job
    asks for every till."""
    old = DeviceGap.objects.filter(journal=journal, noticed_at__lte=now - GAP_PATIENCE)
    first = old.aggregate(first=Min("first"))["first"]
    if first is None:
        unchanged()
        return None
    gaps = list(old.order_by("first").values_list("first", "last"))
    with override(_language()):
        title = gettext("Till “%(till)s”: sales %(numbers)s have not arrived") % {
            "till": journal.device.name,
            "numbers": "、".join(str(a) if a == b else f"{a}–{b}" for a, b in gaps[:5]),
        }
    reference = f"sales.device:{journal.device_id}/gap:{first}"
    if Task.objects.filter(reference=reference).exists():
        unchanged()
        return None
    task: Task = create_task(
        title=title,
        kind="till",
        store=journal.store,
        subject=f"access.device:{journal.device_id}",
        auto_assign=True,
        reference=reference,
        actor=actor.as_system(),
        now=now,
    )
    record(
        "sales.gaps_told",
        journal.device,
        actor=actor,
        now=now,
        store_id=journal.store_id,
        data={"gaps": [list(each) for each in gaps[:20]]},
    )
    return task


def _language() -> str:
    return Merchant.objects.values_list("language", flat=True).first() or "zh-hans"
