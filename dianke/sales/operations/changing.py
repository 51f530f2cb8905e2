"""Orders that change before their goods leave: other lines, another day; with what was before."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory import operations as stock
from dianke.promotions.operations.giving_back import give_back
from dianke.sales.models import Delivery, LineAdjustment, LinePerson, Order, OrderChange, OrderLine
from dianke.sales.operations import joining
from dianke.sales.operations.approving import States, WhyMissing, overtake_approvals, submit
from dianke.sales.operations.joining import Joined, Occasion
from dianke.sales.operations.locking import locked, refuse
from dianke.sales.operations.ordering import DueDatePast, check_terms, keep_goods, reservation_of
from dianke.sales.operations.rows import content_of
from dianke.sales.operations.selling import SELL, PriceChanged, check_hand_prices, shown
from dianke.sales.queries.basket import Item, OrderTerms, Sale
from dianke.sales.queries.fixed_prices import kept_prices
from dianke.sales.queries.pricing import Basket, price
from dianke.sales.rules.states import may_be_changed


@operation(SELL)
def change_lines(
    *,
    order: Order,
    items: tuple[Item, ...],
    expected_amount: int | None = None,
    actor: Actor,
    now: datetime,
) -> Order:
    """Replace what is ordered, as a whole, at the prices of now; before anything of it was delivered. A line that is as
    it was keeps its price of the day (`kept_prices`). Coupons of the order are kept if they still have an effect. An
    order that was approved waits for approval again where a policy asks. Raises `OrderNotOpen`, `LinesDelivered`,
    `TotalBelowPaid`, what can be wrong with a basket."""
    actor.require(SELL, store_id=order.store_id)
    order = locked(order=order)
    if not may_be_changed(order.state):
        raise refuse(order)
    lines = list(order.lines.select_for_update().order_by("pk"))
    if any(line.fulfilled_quantity for line in lines):
        raise LinesDelivered(number=order.number)
    if Delivery.objects.filter(order=order).open().exists():
        raise DeliveriesPlanned(number=order.number)
    replace_lines(order, lines, items, tuple(order.coupon_ids), expected_amount, actor, now)
    if order.state == States.PLACED:
        submit(order, str(_("Changed")), actor, now)
    record(
        "sales.order_changed",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "total": str(order.total_amount), "revision": order.revision},
    )
    return order


@step
def replace_lines(
    order: Order,
    lines: list[OrderLine],
    items: tuple[Item, ...],
    coupon_ids: tuple[int, ...],
    expected_amount: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Put `items` in the place of `lines`, at the prices of now for the customer of the order; prices of the day that
    are kept stay with lines that are as they were."""
    revision = order.revision + 1
    give_back(
        reference=order.revision_key, own_reference=f"{order.key}/revision:{revision}", actor=actor, now=now
    )
    sale = Sale(
        uuid=order.uuid,
        store=order.store,
        items=items,
        customer=order.customer,
        channel=order.channel,
        coupon_ids=coupon_ids,
        expected_amount=expected_amount,
    )
    check_terms(sale, OrderTerms(), order.business_date)
    business_date = order.store.business_date(now)
    basket = price(sale=sale, business_date=business_date, at=now, kept=kept_prices(order, lines, now))
    check_hand_prices(sale, actor)
    if expected_amount not in (None, basket.paid_amount):
        raise PriceChanged(total=shown(basket.paid_amount), expected=shown(expected_amount or 0))
    if basket.paid_amount < order.paid_amount:
        raise TotalBelowPaid
    kept = [reservation_of(order.revision_key, line.key) for line in lines]
    was_reserved = stock.release(references=kept, actor=actor, now=now) > 0
    key = f"{order.key}#{revision}"
    if was_reserved:
        keep_goods(order.store, key, basket, actor, now)
    occasion = Occasion(
        key, order.store, order.customer, basket.known.customer_ids, business_date, now, False, actor, now
    )
    used = joining.take(occasion=occasion, basket=basket, joined=Joined())
    before = {
        "lines": [[line.name, f"{line.quantity.normalize():f}", line.paid_amount] for line in lines],
        "total": order.total_amount,
    }
    overtake_approvals(order, actor, now)
    _write_lines(order, lines, basket, actor, now)
    order.list_amount, order.total_amount = basket.list_amount, basket.paid_amount
    order.tax_amount, order.coupon_ids, order.revision = basket.tax_amount, used, revision
    order.cart = basket.kept_cart()
    order.instalments.all().delete()
    order.save(update_fields=["list_amount", "total_amount", "tax_amount", "coupon_ids", "revision", "cart"])
    OrderChange.objects.create(
        order=order,
        kind=OrderChange.Kind.LINES,
        before=str(before["total"]),
        after=str(order.total_amount),
        data={"before": before, "revision": revision},
        at=now,
        user_id=actor.user_id,
    )


@step
def _write_lines(order: Order, lines: list[OrderLine], basket: Basket, actor: Actor, now: datetime) -> None:
    LineAdjustment.objects.filter(line__in=lines).delete()
    LinePerson.objects.filter(line__in=lines).delete()
    OrderLine.objects.filter(pk__in=[line.pk for line in lines]).delete()
    content = content_of(order, basket, actor, now)
    for line in content.lines:
        line.order = order
    made = OrderLine.objects.bulk_create(content.lines)
    by_position = {line.position: line for line in made}
    LineAdjustment.objects.bulk_create(
        [LineAdjustment(**{**row, "line_id": by_position[row["line_id"]].pk}) for row in content.adjustments]
    )
    LinePerson.objects.bulk_create(
        [LinePerson(**{**row, "line_id": by_position[row["line_id"]].pk}) for row in content.people]
    )


@operation(SELL)
def change_due_date(
    *, order: Order, due_date: date | None, reason: str, actor: Actor, now: datetime
) -> Order:
    """Promise another day. Raises `OrderNotOpen`, `DueDatePast`, `WhyMissing`."""
    actor.require(SELL, store_id=order.store_id)
    if not reason.strip():
        raise WhyMissing
    order = locked(order=order)
    if not order.is_open:
        raise refuse(order)
    if order.due_date == due_date:
        unchanged()
        return order
    if due_date is not None and due_date < order.store.business_date(now):
        raise DueDatePast
    before, order.due_date = order.due_date, due_date
    order.save(update_fields=["due_date"])
    OrderChange.objects.create(
        order=order,
        kind=OrderChange.Kind.DUE_DATE,
        before=str(before or ""),
        after=str(due_date or ""),
        data={"note": reason.strip()[:200]},
        at=now,
        user_id=actor.user_id,
    )
    record(
        "sales.order_changed",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "changes": {"due_date": [str(before or ""), str(due_date or "")]}},
    )
    return order


class LinesDelivered(Conflict):
    code = "order_lines_delivered"
    message = _("Something of order %(number)s was delivered already. Take it back by a return instead.")


class DeliveriesPlanned(Conflict):
    code = "order_deliveries_planned"
    message = _("A delivery of order %(number)s is planned. Call it off first, then change what is ordered.")


class TotalBelowPaid(Conflict):
    code = "order_total_below_paid"
    message = _(
        "The new total would be less than what was paid. Refund the difference first by cancelling the order."
    )
    default_field = "items"
