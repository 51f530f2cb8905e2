"""Drafts and quotes put right before they are an order: another customer, other terms, another salesperson."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import LinePerson, Order, OrderChange, OrderLine
from dianke.sales.operations.approving import States
from dianke.sales.operations.changing import replace_lines
from dianke.sales.operations.locking import locked
from dianke.sales.operations.ordering import DueDatePast, check_amounts
from dianke.sales.operations.rows import WHOLE_BP
from dianke.sales.operations.selling import SELL
from dianke.sales.queries.basket import OrderTerms
from dianke.sales.queries.drafts import is_of_another, items_of
from dianke.sales.queries.till_settings import people_of


@operation(SELL)
def change_draft(
    *,
    order: Order,
    customer: Customer | None,
    terms: OrderTerms,
    note: str,
    seller_id: int | None = None,
    expected_amount: int | None = None,
    actor: Actor,
    now: datetime,
) -> Order:
    """Whose draft it is and on which terms, as a whole. For another customer everything is priced anew, at the prices
    of now, but for prices of the day that are still kept; coupons of the one before go back. `seller_id`: who sold all
    of it; None: as it is. `terms.is_reserved` is not asked: goods that are kept stay kept. Raises `OrderNotDraft`,
    `DraftHasMoney`, `SellerUnknown`, `PriceChanged`, `DueDatePast`, `DepositTooMuch`, `InstalmentsWrong`, what can be
    wrong with a basket."""
    actor.require(SELL, store_id=order.store_id)
    order = locked(order=order)
    if order.state != States.DRAFT:
        raise OrderNotDraft(number=order.number, state=order.get_state_display())
    today = order.store.business_date(now)
    if terms.due_date is not None and terms.due_date != order.due_date and terms.due_date < today:
        raise DueDatePast
    if seller_id is not None and seller_id not in {each["id"] for each in people_of(order.store, now)}:
        raise SellerUnknown
    before = _told(order)
    sellers = _sellers(order)
    if is_of_another(order, customer):
        _put_on(order, customer, expected_amount, actor, now)
    check_amounts(terms, order.total_amount)
    order.due_date, order.note = terms.due_date, note.strip()[:400]
    order.deposit_kind, order.deposit_amount = terms.deposit_kind, terms.deposit_amount
    if seller_id is not None and sellers != {seller_id}:
        _sold_by(order, seller_id)
    parts = [(each.due_date, each.amount) for each in order.instalments.order_by("position")]
    if parts != list(terms.instalments):
        order.instalments.all().delete()
        order.instalments.model.objects.bulk_create(
            order.instalments.model(order=order, position=n, due_date=day, amount=amount)
            for n, (day, amount) in enumerate(terms.instalments, 1)
        )
    after = _told(order)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changes:
        unchanged()
        return order
    if "note" in changes:
        changes["note"] = []  # what people write of a customer stands in one place only
    order.save(update_fields=["due_date", "note", "deposit_kind", "deposit_amount"])
    OrderChange.objects.create(
        order=order, kind=OrderChange.Kind.TERMS, data={"changes": changes}, at=now, user_id=actor.user_id
    )
    record(
        "sales.order_changed",
        order,
        also=[order.customer] if order.customer else [],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "total": str(order.total_amount), "changes": changes},
    )
    return order


def _sellers(order: Order) -> set[int]:
    return set(LinePerson.objects.filter(line__order=order).values_list("user_id", flat=True))


def _told(order: Order) -> dict[str, Any]:
    """What of a draft may be changed here, in plain values."""
    parts = order.instalments.order_by("position").values_list("due_date", "amount")
    return {
        "customer": order.customer_id,
        "due_date": str(order.due_date or ""),
        "deposit": [order.deposit_kind, order.deposit_amount],
        "note": order.note,
        "instalments": [[str(day), amount] for day, amount in parts],
        "sellers": sorted(_sellers(order)),
    }


@step
def _put_on(
    order: Order, customer: Customer | None, expected_amount: int | None, actor: Actor, now: datetime
) -> None:
    if order.paid_amount or order.payments.exists():
        raise DraftHasMoney(number=order.number)
    lines = list(order.lines.select_for_update().order_by("pk"))
    order.customer = customer
    order.save(update_fields=["customer"])
    replace_lines(order, lines, items_of(lines), (), expected_amount, actor, now)


@step
def _sold_by(order: Order, user_id: int) -> None:
    LinePerson.objects.filter(line__order=order).delete()
    LinePerson.objects.bulk_create(
        LinePerson(line=line, user_id=user_id, share_bp=WHOLE_BP)
        for line in OrderLine.objects.filter(order=order).order_by("pk")
    )


class OrderNotDraft(Conflict):
    code = "order_not_draft"
    message = _(
        "Order %(number)s is “%(state)s”: its customer and terms stand. Change its lines or promise another day, or"
        " cancel it and place a new one."
    )


class DraftHasMoney(Conflict):
    code = "draft_has_money"
    message = _(
        "Something is paid for %(number)s in the name of its customer. Cancel it, then quote anew for the other one."
    )
    default_field = "customer"


class SellerUnknown(InvalidInput):
    code = "draft_seller_unknown"
    message = _("Nobody of this store was meant. Choose who sells from the list.")
    default_field = "seller"
