"""What the endpoints of the room take and give. Amounts are whole minor units, tax included; quantities are in the
stock unit of the product. What goods cost is null for who may not see it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, Field

from dianke.access.fields import masked
from dianke.api.schemas import Body, Id, line, partial
from dianke.purchasing.models import PlanLine, PurchaseOrder, PurchaseOrderLine, Supplier
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.rules.reasons import sentences

Quantity = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4, examples=["24"])]
QuantityOrNone = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4, examples=["0"])]
Amount = Annotated[int, Field(ge=0, lt=10**15, description="Minor units, tax included", examples=[12_000])]
TaxRate = Annotated[int, Field(ge=0, le=10_000, description="Basis points", examples=[1300])]
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1), examples=["2026-11-22"])]
Reference = Annotated[
    str,
    line(100),
    Field(description="Made by the caller, a UUID; the same again makes nothing twice", examples=["7c0d"]),
]
Why = Annotated[str, line(200), Field(examples=["Out of stock at the supplier"])]
Note = Annotated[str, line(200, min_length=0)]
SupplierState = Literal["ACTIVE", "PAUSED", "ARCHIVED"]
Terms = Literal["PREPAID", "ON_DELIVERY", "DAYS", "MONTH_END"]
OrderState = Literal["DRAFT", "WAITING", "APPROVED", "SENT", "PARTLY", "DONE", "CANCELLED"]
PlanState = Literal["OPEN", "ACCEPTED", "DISCARDED"]
InvoiceState = Literal["MATCHED", "DISPUTED", "RELEASED", "CANCELLED"]
Fault = Literal["NONE", "SHORT", "OVER", "DAMAGED", "WRONG_GOODS", "EXPIRED", "OTHER"]


def sees_costs(context: Any) -> bool:
    """Whether the caller may see what goods cost."""
    return bool(context["request"].actor.can(COSTS))


# --- suppliers -------------------------------------------------------------------------------------------------------
class SupplierIn(Body):
    code: Annotated[str, line(20), Field(description="Short and lasting", examples=["S001"])]
    name: Annotated[str, line(80), Field(examples=["Shanghai Meiyuan Ltd."])]
    short_name: Annotated[str, line(20, min_length=0)] = ""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166")] = "CN"
    tax_number: Annotated[
        str, line(32, min_length=0), Field(description="Checked by the rules of the country")
    ] = ""
    contact_name: Annotated[str, line(40, min_length=0)] = ""
    contact_phone: Annotated[str, line(32, min_length=0)] = ""
    telephone: Annotated[str, line(32, min_length=0)] = ""
    order_email: Annotated[str, line(120, min_length=0)] = ""
    address: Annotated[str, line(200, min_length=0)] = ""
    website: Annotated[str, line(200, min_length=0), Field(pattern=r"^(https?://\S+)?$")] = ""
    language: Annotated[str, Field(pattern="^(zh-hans|zh-hant|en)$")] = "zh-hans"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")] = "CNY"
    payment_terms: Terms = "DAYS"
    payment_days: int = Field(30, ge=0, le=730)
    lead_days: int = Field(7, ge=0, le=730, description="From order to delivery")
    minimum_order_amount: Amount = 0
    is_tax_deductible: bool = Field(False, description="Its invoices give the tax back, so tax is no cost")
    rating: int | None = Field(None, ge=1, le=5)
    note: Annotated[str, Field(max_length=2000)] = ""
    custom: dict[str, Any] = Field(default_factory=dict)
    legal_entity_ids: list[Id] = Field(
        default_factory=list, max_length=100, description="Those it may deliver to; empty: all"
    )


@partial
class SupplierPatch(SupplierIn):
    pass


class SupplierStateIn(Body):
    state: SupplierState


class SupplierOut(Schema):
    id: int
    code: str
    name: str
    short_name: str
    country: str
    tax_number: str
    contact_name: str
    contact_phone: str = Field(description="Masked")
    telephone: str
    order_email: str
    address: str
    website: str
    language: str
    currency: str
    payment_terms: Terms
    payment_days: int
    lead_days: int
    minimum_order_amount: int
    is_tax_deductible: bool
    rating: int | None
    note: str
    state: SupplierState
    custom: dict[str, Any]

    @staticmethod
    def resolve_contact_phone(supplier: Supplier, context: Any) -> str:
        actor = context["request"].actor
        return masked(actor, "purchasing.supplier.contact_phone", supplier.contact_phone or "")


class SupplierPriceIn(Body):
    supplier_id: Id
    variant_id: Id
    price_amount: Amount
    from_date: Day
    pack_quantity: Quantity = Decimal(1)
    pack_name: Annotated[str, line(12, min_length=0)] = ""
    supplier_code: Annotated[str, line(40, min_length=0)] = ""
    tax_rate_bp: TaxRate = 0
    minimum_quantity: QuantityOrNone = Decimal(0)
    lead_days: int | None = Field(None, ge=0, le=730)


class PriceEndIn(Body):
    to_date: Day = Field(description="The first day it no longer holds")


class SupplierPriceOut(Schema):
    id: int
    supplier_id: int
    variant_id: int
    supplier_code: str
    pack_name: str
    pack_quantity: Decimal
    price_amount: int
    tax_rate_bp: int
    minimum_quantity: Decimal
    lead_days: int | None
    from_date: date
    to_date: date | None


class SupplyRuleIn(Body):
    variant_id: Id
    store_id: Annotated[Id | None, Field(description="Null: every store without wishes of its own")] = None
    review_days: int | None = Field(None, ge=1, le=90)
    safety_quantity: QuantityOrNone | None = None
    maximum_quantity: Quantity | None = None
    supplier_id: Id | None = None
    is_planned: bool = True


class SupplyRuleOut(Schema):
    id: int
    variant_id: int
    store_id: int | None
    review_days: int | None
    safety_quantity: Decimal | None
    maximum_quantity: Decimal | None
    supplier_id: int | None
    is_planned: bool


# --- plans -----------------------------------------------------------------------------------------------------------
class PurchasePlanIn(Body):
    store_id: Id
    review_days: int = Field(7, ge=1, le=90, description="Days until the next order")
    variant_ids: list[Id] | None = Field(None, max_length=5000, description="Null: all the store buys")


class PlanOut(Schema):
    id: int
    number: str
    store_id: int
    state: str
    planned_on: date
    review_days: int
    forecaster: str
    made_at: datetime
    closed_at: datetime | None


class PlanLineOut(Schema):
    id: int
    variant_id: int
    supplier_id: int | None
    suggested_quantity: Decimal
    quantity: Decimal
    decision: str
    needs_a_decision: bool
    note: str
    facts: dict[str, str]
    explanation: list[str] = Field(description="Why this quantity, in the caller's language")

    @staticmethod
    def resolve_explanation(row: PlanLine, context: Any) -> list[str]:
        return sentences(row.explanation, shows_costs=sees_costs(context))


class PlanDecisionIn(Body):
    quantity: QuantityOrNone
    supplier_id: Id | None = None
    note: Annotated[str, line(120, min_length=0)] = ""


class PlanAcceptIn(Body):
    line_ids: list[Id] | None = Field(None, max_length=5000, description="Null: all lines with a quantity")


# --- orders ----------------------------------------------------------------------------------------------------------
class OrderItemIn(Body):
    variant_id: Id
    quantity: Quantity
    price_amount: Annotated[Amount | None, Field(description="Of a pack; null: the supplier's price")] = None
    pack_quantity: Quantity | None = None
    tax_rate_bp: TaxRate | None = None
    note: Annotated[str, line(120, min_length=0)] = ""


class OrderIn(Body):
    supplier_id: Id
    store_id: Id
    items: list[OrderItemIn] = Field(min_length=1, max_length=500)
    expected_date: Day | None = None
    stock_place_id: Id | None = None
    note: Annotated[str, line(400, min_length=0)] = ""
    exchange_rate: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=8)] = Decimal(1)


@partial
class OrderPatch(Body):
    items: list[OrderItemIn] = Field(min_length=1, max_length=500)
    expected_date: Day
    stock_place_id: Id | None
    note: Annotated[str, line(400, min_length=0)]
    exchange_rate: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=8)]


class OrderLineOut(Schema):
    id: int
    position: int
    variant_id: int
    supplier_code: str
    pack_name: str
    pack_quantity: Decimal
    quantity: Decimal
    open_quantity: Decimal
    received_quantity: Decimal
    kept_quantity: Decimal
    invoiced_quantity: Decimal
    closed_quantity: Decimal
    price_amount: int | None
    tax_rate_bp: int
    total_amount: int | None
    note: str

    @staticmethod
    def resolve_price_amount(row: PurchaseOrderLine, context: Any) -> int | None:
        return row.price_amount if sees_costs(context) else None

    @staticmethod
    def resolve_total_amount(row: PurchaseOrderLine, context: Any) -> int | None:
        return row.total_amount if sees_costs(context) else None


class OrderOut(Schema):
    id: int
    number: str
    supplier_id: int
    store_id: int
    stock_place_id: int | None
    legal_entity_id: int
    plan_id: int | None
    state: str
    expected_date: date
    currency: str
    total_amount: int | None
    tax_amount: int | None
    note: str
    made_at: datetime
    approved_at: datetime | None
    sent_at: datetime | None
    closed_at: datetime | None
    closed_reason: str

    @staticmethod
    def resolve_total_amount(row: PurchaseOrder, context: Any) -> int | None:
        return row.total_amount if sees_costs(context) else None

    @staticmethod
    def resolve_tax_amount(row: PurchaseOrder, context: Any) -> int | None:
        return row.tax_amount if sees_costs(context) else None


class OrderDetailOut(OrderOut):
    lines: list[OrderLineOut]

    @staticmethod
    def resolve_lines(row: PurchaseOrder) -> list[PurchaseOrderLine]:
        return list(row.lines.all())


class OrderSubmitIn(Body):
    reason: Annotated[
        str, line(400, min_length=0), Field(description="Asked for where a second person decides")
    ] = ""


class SendIn(Body):
    channel: Literal["EMAIL", "BY_HAND"]
    to: Annotated[str, line(120, min_length=0), Field(description="Empty: the supplier's address")] = ""


class WhyIn(Body):
    reason: Why


# --- deliveries and returns ------------------------------------------------------------------------------------------
class DeliveryIn(Body):
    line_id: Annotated[Id | None, Field(description="Null: goods nobody ordered, named by variant_id")] = None
    variant_id: Id | None = None
    delivered: QuantityOrNone
    accepted: QuantityOrNone
    difference: Fault = "NONE"
    note: Note = ""
    closes_rest: bool = Field(False, description="What did not come is given up")
    batch_code: Annotated[str, line(40, min_length=0)] = ""
    expires_on: Day | None = None
    produced_on: Day | None = None
    piece_id: Id | None = None


class OrderReceiptIn(Body):
    deliveries: list[DeliveryIn] = Field(min_length=1, max_length=1000)
    reference: Reference
    delivery_note: Annotated[str, line(40, min_length=0)] = ""
    note: Note = ""
    received_at: Annotated[AwareDatetime | None, Field(description="Null: now")] = None


class ReceiptLineOut(Schema):
    position: int
    order_line_id: int | None
    variant_id: int
    batch_code: str
    piece_id: int | None
    delivered_quantity: Decimal
    accepted_quantity: Decimal
    over_quantity: Decimal
    missing_quantity: Decimal
    difference: Fault
    note: str


class ReceiptOut(Schema):
    id: int
    order_id: int
    store_id: int
    document_id: int | None
    delivery_note: str
    business_date: date
    received_at: datetime
    note: str
    lines: list[ReceiptLineOut]

    @staticmethod
    def resolve_lines(row: Any) -> list[Any]:
        return list(row.lines.all())


class ReturnItemIn(Body):
    line_id: Id
    quantity: Quantity
    batch_id: Id | None = None
    piece_id: Id | None = None
    place_id: Annotated[Id | None, Field(description="The shelf it leaves; null: where the order came")] = (
        None
    )


class ReturnIn(Body):
    items: list[ReturnItemIn] = Field(min_length=1, max_length=500)
    wish: Literal["CREDIT", "REPLACE"]
    reason: Why
    reference: Reference


class ReturnOut(Schema):
    id: int
    order_id: int | None
    supplier_id: int
    store_id: int
    document_id: int
    wish: str
    reason: str
    currency: str
    total_amount: int | None
    business_date: date
    returned_at: datetime

    @staticmethod
    def resolve_total_amount(row: Any, context: Any) -> int | None:
        return row.total_amount if sees_costs(context) else None


# --- invoices --------------------------------------------------------------------------------------------------------
class InvoiceItemIn(Body):
    order_line_id: Annotated[Id | None, Field(description="Null: freight and what else is on no order")] = (
        None
    )
    quantity: Quantity
    total_amount: Amount
    tax_rate_bp: TaxRate = 0
    text: Annotated[str, line(120, min_length=0)] = ""


class InvoiceIn(Body):
    supplier_id: Id
    legal_entity_id: Id
    number: Annotated[str, line(40), Field(examples=["FP-2026-881"])]
    invoice_date: Day
    due_date: Day | None = None
    items: list[InvoiceItemIn] = Field(min_length=1, max_length=500)
    total_amount: Amount
    tax_amount: Amount | None = None
    note: Note = ""


class InvoiceLineOut(Schema):
    position: int
    order_line_id: int | None
    text: str
    quantity: Decimal
    total_amount: int
    tax_rate_bp: int
    match: str
    differences: list[str]

    @staticmethod
    def resolve_differences(row: Any) -> list[str]:
        return sentences(row.differences)


class InvoiceOut(Schema):
    id: int
    supplier_id: int
    legal_entity_id: int
    number: str
    invoice_date: date
    due_date: date
    currency: str
    total_amount: int
    tax_amount: int
    state: str
    differences: list[str]
    note: str
    decision_note: str
    recorded_at: datetime
    decided_at: datetime | None
    lines: list[InvoiceLineOut]

    @staticmethod
    def resolve_differences(row: Any) -> list[str]:
        return sentences(row.differences)

    @staticmethod
    def resolve_lines(row: Any) -> list[Any]:
        return list(row.lines.all())
