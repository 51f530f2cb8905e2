"""Sales, orders and the money for them."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Any
from uuid import uuid4

import segno
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.customers.models import Customer
from dianke.sales import operations
from dianke.sales.api import order_schemas as schemas
from dianke.sales.api.baskets import (
    basket_of,
    items_of,
    order_of,
    payments_of,
    register_of,
    sale_of,
    terms_of,
)
from dianke.sales.api.just_sold import just_sold
from dianke.sales.models import ChannelRow, Order, Payment, Tender
from dianke.sales.queries.basket import Sale
from dianke.sales.queries.pricing import Basket, price
from dianke.sales.rules.reconciling import BillRow
from dianke.sales.tenders import adapter_of
from dianke.stores.models import LegalEntity

router = Router(tags=["orders"])
VIEW, SELL, APPROVE = "sales.view_orders", "sales.sell", "sales.approve_orders"
REFUND, DELIVER, RECONCILE = "sales.refund_orders", "sales.deliver_orders", "sales.reconcile_payments"


def _order(request: Request, pk: int, permission: str = VIEW) -> Order:
    rows = Order.objects.visible_to(request.actor, permission).select_related("store", "stage", "customer")
    found: Order = get_object_or_404(rows, pk=pk)
    return found


def _detail(pk: int) -> Order:
    rows = Order.objects.select_related("stage")
    return rows.prefetch_related("lines__adjustments", "payments__tender", "refunds__tender").get(pk=pk)


def _priced(basket: Basket) -> dict[str, Any]:
    engine = basket.engine
    return {
        "lines": [
            {
                "key": line.item.key,
                "kind": line.kind,
                "name": line.name,
                "quantity": line.item.quantity,
                "list_price_amount": line.unit_amount,
                "list_amount": line.list_amount,
                "paid_amount": line.paid_amount,
                "tax_amount": line.tax_amount,
                "adjustments": list(line.adjustments),
            }
            for line in basket.lines
        ],
        "list_amount": basket.list_amount,
        "total_amount": basket.paid_amount,
        "tax_amount": basket.tax_amount,
        "points_used": basket.points_used,
        "points_possible": engine.points_possible if engine else 0,
        "coupons_used": [int(each.source.partition(":")[2]) for each in engine.coupons_used]
        if engine
        else [],
        "passed_over": [note.as_dict() for note in engine.passed_over] if engine else [],
        "advice": [note.as_dict() for note in engine.advice] if engine else [],
        "gifts": [gift.as_dict() for gift in engine.gifts] if engine else [],
    }


# --- sales ------------------------------------------------------------------------------------------------------
@router.post("/price", response=schemas.SalePricedOut)
@requires(SELL)
def price_basket(request: Request, payload: schemas.SaleBasketIn) -> Any:
    """What a basket costs now, line by line with every reason; nothing is written. The sale costs the same."""
    sale = Sale(uuid=uuid4(), **basket_of(request.actor, payload))
    day = sale.store.business_date(request.now)
    return _priced(price(sale=sale, business_date=day, at=request.now))


@router.post("/sales", response={201: schemas.SalesOrderDetailOut})
@requires(SELL)
def place_sale(request: Request, payload: schemas.SaleIn) -> Any:
    """Sell: one complete sale with its payments. The same UUID again answers with the sale that stands."""
    order = operations.place_sale(sale=sale_of(request.actor, payload), actor=request.actor, now=request.now)
    return just_sold(order) or _detail(order.pk)


# --- orders -----------------------------------------------------------------------------------------------------
class SalesOrderFilter(Schema):
    store_id: Id | None = None
    customer_id: Id | None = None
    state: schemas.OrderState | None = None
    channel: schemas.OrderChannel | None = None
    business_date: date | None = None


@router.get("/orders", response=CursorPage[schemas.SalesOrderOut])
@requires(VIEW)
def list_sales_orders(request: Request, page: Query[CursorQuery], wanted: Query[SalesOrderFilter]) -> Any:
    """Orders and sales of the stores the caller reaches, the newest first. With a customer those of the whole
    profile."""
    values = wanted.dict(exclude_none=True)
    customer_id = values.pop("customer_id", None)
    rows = Order.objects.visible_to(request.actor).filter(**values).select_related("stage")
    if customer_id is not None:
        seen = chosen(Customer.objects.visible_to(request.actor), customer_id, "customer_id")
        rows = rows.filter(customer__in=Customer.objects.cluster(seen.merged_into_id or seen.pk))
    return cursor_page(rows, page, order=["-occurred_at", "-id"])


@router.post("/orders", response={201: schemas.SalesOrderDetailOut})
@requires(SELL)
def place_order(request: Request, payload: schemas.SalesOrderPlaceIn) -> Any:
    """Place an order that is delivered later, with its deposit. It is approved at once unless a policy asks for a
    second person."""
    order = operations.place_order(
        sale=order_of(request.actor, payload),
        terms=terms_of(payload.terms) if payload.terms else operations.OrderTerms(),
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )
    return _detail(order.pk)


@router.get("/orders/{int:pk}", response=schemas.SalesOrderDetailOut)
@requires(VIEW)
def get_sales_order(request: Request, pk: int) -> Any:
    """One order with lines, payments and refunds."""
    return _detail(_order(request, pk).pk)


@router.put("/orders/{int:pk}/lines", response=schemas.SalesOrderDetailOut)
@requires(SELL)
def change_lines(request: Request, pk: int, payload: schemas.SalesOrderLinesIn) -> Any:
    """Replace what is ordered, before anything of it was delivered. Everything is priced anew; a piece that was in it
    before keeps the price of the day it was quoted at while that is kept."""
    order = operations.change_lines(
        order=_order(request, pk, SELL),
        items=items_of(payload.items),
        expected_amount=payload.expected_amount,
        actor=request.actor,
        now=request.now,
    )
    return _detail(order.pk)


@router.patch("/orders/{int:pk}/draft", response=schemas.SalesOrderDetailOut)
@requires(SELL)
def change_draft(request: Request, pk: int, payload: schemas.SalesOrderDraftPatch) -> Any:
    """Put a quote or another draft on another customer or other terms. What is left out stays as it is. Refused once
    it is an order."""
    order = _order(request, pk, SELL)
    given = payload.dict(exclude_unset=True)
    customer = order.customer
    if given.get("customer_id", order.customer_id) != order.customer_id:
        customers = Customer.objects.visible_to(request.actor).in_use()
        customer = chosen_or_none(customers, given["customer_id"], "customer_id")
    changed = operations.change_draft(
        order=order,
        customer=customer,
        terms=operations.OrderTerms(
            due_date=given.get("due_date", order.due_date),
            deposit_kind=given.get("deposit_kind", order.deposit_kind),
            deposit_amount=given.get("deposit_amount", order.deposit_amount),
            instalments=tuple((each.due_date, each.amount) for each in payload.instalments)
            if "instalments" in given
            else tuple(order.instalments.order_by("position").values_list("due_date", "amount")),
        ),
        note=given.get("note", order.note),
        seller_id=given.get("seller_id"),
        expected_amount=given.get("expected_amount"),
        actor=request.actor,
        now=request.now,
    )
    return _detail(changed.pk)


@router.put("/orders/{int:pk}/due-date", response=schemas.SalesOrderOut)
@requires(SELL)
def change_due_date(request: Request, pk: int, payload: schemas.SalesOrderDueDateIn) -> Any:
    """Promise another day, with a reason."""
    return operations.change_due_date(
        order=_order(request, pk, SELL),
        due_date=payload.due_date,
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )


@router.post("/orders/{int:pk}/submit", response=schemas.SalesOrderOut)
@requires(SELL)
def submit_sales_order(request: Request, pk: int, payload: schemas.SalesOrderWhyOrNoneIn) -> Any:
    """Place a draft: a quote the customer took, an order that was sent back."""
    return operations.submit_order(
        order=_order(request, pk, SELL), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.post("/orders/{int:pk}/approve", response=schemas.SalesOrderOut)
@requires(APPROVE)
def approve_order(request: Request, pk: int) -> Any:
    """Approve an order that waits. Where a policy asks for a second person, that person decides on the request."""
    return operations.approve_order(order=_order(request, pk, APPROVE), actor=request.actor, now=request.now)


@router.post("/orders/{int:pk}/refuse", response=schemas.SalesOrderOut)
@requires(APPROVE)
def refuse_order(request: Request, pk: int, payload: schemas.SalesOrderWhyIn) -> Any:
    """Send an order that waits back to its maker."""
    return operations.refuse_order(
        order=_order(request, pk, APPROVE), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.post("/orders/{int:pk}/fulfil", response=schemas.SalesOrderDetailOut)
@requires(DELIVER)
def fulfil(request: Request, pk: int, payload: schemas.SaleFulfilIn) -> Any:
    """Goods leave: all that is open, or these."""
    items = payload.items
    order = operations.fulfil(
        order=_order(request, pk, DELIVER),
        uuid=payload.uuid,
        items=None if items is None else [operations.Delivered(**each.dict()) for each in items],
        actor=request.actor,
        now=request.now,
    )
    return _detail(order.pk)


@router.post("/orders/{int:pk}/stage", response=schemas.SalesOrderOut)
@requires(DELIVER)
def enter_stage(request: Request, pk: int, payload: schemas.SaleStageIn) -> Any:
    """Take an order into the next stage of its trade."""
    return operations.enter_stage(
        order=_order(request, pk, DELIVER),
        stage=payload.stage,
        note=payload.note,
        actor=request.actor,
        now=request.now,
    )


@router.post("/orders/{int:pk}/close", response=schemas.SalesOrderOut)
@requires(SELL)
def close_sales_order(request: Request, pk: int, payload: schemas.SalesOrderWhyOrNoneIn) -> Any:
    """End an order; what was not delivered is given up with a reason and refunded."""
    return operations.close_order(
        order=_order(request, pk, SELL), reason=payload.reason, actor=request.actor, now=request.now
    )


@router.post("/orders/{int:pk}/cancel", response=schemas.SalesOrderOut)
@requires(SELL)
def cancel_sales_order(request: Request, pk: int, payload: schemas.SalesOrderCancelIn) -> Any:
    """End an order of which nothing was delivered; the deposit comes back as its kind says."""
    return operations.cancel_order(
        order=_order(request, pk, SELL),
        reason=payload.reason,
        is_customers_fault=payload.is_customers_fault,
        actor=request.actor,
        now=request.now,
    )


# --- payments ---------------------------------------------------------------------------------------------------
@router.post("/orders/{int:pk}/payments", response={201: schemas.SalePaymentOut})
@requires(SELL)
def add_payment(request: Request, pk: int, payload: schemas.SalesOrderPaymentIn) -> Any:
    """Take a payment for an order. One by a channel is started; ask again until it is TAKEN or FAILED."""
    order = _order(request, pk, SELL)
    (given,) = payments_of([payload])
    payment = operations.add_payment(
        order=order,
        payment=given,
        register=register_of(order.store, payload.register_id),
        shift_id=payload.shift_id,
        actor=request.actor,
        now=request.now,
    )
    return _asked(request, payment)


@router.post("/payments/{int:pk}/ask", response=schemas.SalePaymentOut)
@requires(SELL)
def ask_payment(request: Request, pk: int) -> Any:
    """Ask the channel what became of a payment; what it confirms is booked."""
    rows = Payment.objects.visible_to(request.actor, SELL).select_related("tender", "order__store")
    return _asked(request, get_object_or_404(rows, pk=pk))


@router.post("/payments/{int:pk}/cancel", response=schemas.SalePaymentOut)
@requires(SELL)
def cancel_payment(request: Request, pk: int) -> Any:
    """Call off a payment its channel has not decided on. It is FAILED then, TAKEN when the customer paid meanwhile, and
    UNKNOWN while the channel is silent: ask again."""
    rows = Payment.objects.visible_to(request.actor, SELL).select_related("tender", "order__store")
    payment, _answer = operations.cancel_payment(
        payment=get_object_or_404(rows, pk=pk), actor=request.actor, now=request.now
    )
    return payment


def _asked(request: Request, payment: Payment) -> Payment:
    show = ""
    if adapter_of(payment.tender.adapter).is_online:
        payment, answer = operations.run_payment(payment=payment, actor=request.actor, now=request.now)
        show = answer.show
    payment.show = show  # type: ignore[attr-defined]
    payment.show_image = code_of(show) if show else ""  # type: ignore[attr-defined]
    return payment


def code_of(text: str) -> str:
    """What a phone scans, as the source of an image."""
    return str(
        segno.make(text, error="m", micro=False).svg_data_uri(scale=6, border=2, dark="#000", light="#fff")
    )


# --- credit and reconciliation ----------------------------------------------------------------------------------
@router.put("/credit-terms", response=schemas.SaleCreditOut)
@requires(APPROVE)
def set_credit(request: Request, payload: schemas.SaleCreditIn) -> Any:
    """Say how much a customer may owe a legal entity."""
    customers = Customer.objects.visible_to(request.actor).in_use()
    entities = LegalEntity.objects.visible_to(request.actor)
    return operations.set_credit(
        customer=chosen(customers, payload.customer_id, "customer_id"),
        legal_entity=chosen(entities, payload.legal_entity_id, "legal_entity_id"),
        limit_amount=payload.limit_amount,
        days=payload.days,
        is_blocked=payload.is_blocked,
        actor=request.actor,
        now=request.now,
    )


@router.post("/payment-bills", response=schemas.SaleBillOut)
@requires(RECONCILE)
def compare_bill(request: Request, payload: schemas.SaleBillIn) -> Any:
    """Compare the bill of a channel for a day with our payments and refunds; an earlier comparison is replaced."""
    tenders = Tender.objects.visible_to(request.actor, RECONCILE).filter(code=payload.tender)
    entities = LegalEntity.objects.visible_to(request.actor)
    found = tenders.first()
    if found is None:
        raise operations.TenderUnknown(tender=payload.tender, field="tender")
    return operations.reconcile(
        tender=found,
        legal_entity=chosen(entities, payload.legal_entity_id, "legal_entity_id"),
        business_date=payload.business_date,
        rows=[BillRow(row.reference, row.amount) for row in payload.rows],
        actor=request.actor,
        now=request.now,
    )


class ChannelRowFilter(Schema):
    business_date: date
    legal_entity_id: Id
    tender__code: str | None = None
    state: str | None = None


@router.get("/payment-bills", response=CursorPage[schemas.SaleChannelRowOut])
@requires(RECONCILE)
def list_bill_rows(request: Request, page: Query[CursorQuery], wanted: Query[ChannelRowFilter]) -> Any:
    """The rows of a compared day."""
    entities = LegalEntity.objects.visible_to(request.actor)
    rows = ChannelRow.objects.filter(legal_entity__in=entities, **wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["reference", "id"])
