"""What customers are worth, the grid, and figures by any dimension, for programs."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import Body, Id, chosen, chosen_or_none
from dianke.catalog.models import Product
from dianke.customers.models import Customer
from dianke.insight.models import (
    PROPOSE,
    VIEW,
    CustomerMetrics,
    DeclinedProposal,
    UnproposedCategory,
)
from dianke.insight.operations.proposals import (
    MANAGE,
    decline_proposal,
    leave_out_categories,
    propose_again,
)
from dianke.insight.queries.contact import preferences_of
from dianke.insight.queries.figures import COSTS, FIGURES, ask, scope_of
from dianke.insight.queries.people import merchant_currency, overview
from dianke.insight.queries.proposals import proposals_for
from dianke.sales.rules.report_terms import MOST_DAYS, PeriodWrong, Span
from dianke.stores.models import Store

router = Router(tags=["insight"])
MOST_DECLINED = 100


class CustomerMetricsOut(Schema):
    """Amounts are minor units of `currency`, net of returns, read over everybody merged into the profile. What models
    estimate is null until there is enough to go by; `margin_amount` for who may not see costs."""

    customer_id: int
    currency: str
    order_count: int
    order_count_365: int
    spend_amount: int
    spend_365_amount: int
    returned_amount: int
    margin_amount: int | None
    average_amount: int
    first_date: date
    last_date: date
    interval_days: Decimal | None
    recency_score: int
    frequency_score: int
    money_score: int
    value_group: str
    group_last_month: str
    favourite_category_ids: list[int]
    preferred_channel: str
    preferred_store_id: int | None
    expected_next_date: date | None
    churn_risk: Decimal | None
    ltv_amount: int | None
    ltv_low_amount: int | None
    ltv_high_amount: int | None
    model: str
    has_enough_data: bool
    contact_channel: str = Field(description="Where messages are answered; empty where it cannot be told.")
    contact_message_count: int = Field(description="Messages, or calls, on that channel within a year.")
    contact_answer_count: int = Field(description="How many of them were answered.")
    as_of_date: date = Field(description="The day from which these values have stood so.")


class ProposalsQuery(Schema):
    """`products` are ids joined by commas, at most fifty: what lies in the basket. Without a store, what is
    anywhere."""

    customer_id: Id | None = None
    store_id: Id | None = None
    products: str = Field("", max_length=600, pattern=r"^(\d{1,18}(,\d{1,18}){0,49})?$")
    count: int = Field(3, ge=1, le=12)


class ProposalOut(Schema):
    """`reason` is a sentence for whoever serves the customer. `part_count` of `all_count`: TOGETHER, times the product
    named by `because_id` was bought, and this with it; ALIKE, people who have that product (null: who buy most alike),
    and this. DUE: how often they bought it themselves, and 0."""

    product_id: int
    variant_id: int
    name: str
    kind: Literal["DUE", "TOGETHER", "ALIKE"]
    reason: str
    because_id: int | None
    due_on: date | None
    part_count: int
    all_count: int


class ProposalsOut(Schema):
    proposals: list[ProposalOut]


class DeclinedIn(Body):
    product_id: Id


class DeclinedOut(Schema):
    product_id: int
    at: datetime


class UnproposedBody(Body):
    """Everything that is left out: categories not named here are proposed again."""

    category_ids: list[Id] = Field(max_length=500)


class UnproposedOut(Schema):
    category_ids: list[int]


class RfmCellOut(Schema):
    recency: int
    frequency: int
    count: int
    spend_amount: int


class RfmGroupOut(Schema):
    """`count_last_month`: of the customers there are now, how many were in it at the end of last month."""

    code: str
    count: int
    spend_amount: int
    count_last_month: int


class RfmOut(Schema):
    """Cells and groups each come to `count`."""

    count: int
    spend_amount: int
    currency: str
    cells: list[RfmCellOut]
    groups: list[RfmGroupOut]


class FiguresQuery(Schema):
    """`measures` and `by` are names joined by commas. Days are business days, both ends included; `store` leaves out
    every other store."""

    measures: str = Field(max_length=400)
    by: str = Field("", max_length=100)
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    store: int | None = None


class FiguresRow(Schema):
    """`keys`, `labels`: one per dimension; `values`: one per measure, null where it means nothing."""

    keys: list[str]
    labels: list[str]
    values: list[int | Decimal | None]


class FiguresOut(Schema):
    """Amounts are minor units of `currency`, shares basis points."""

    measures: list[str]
    by: list[str]
    currency: str
    taken_at: datetime
    rows: list[FiguresRow]


@router.get("/insight/customers/{int:pk}", response=CustomerMetricsOut)
@requires(VIEW)
def get_customer_metrics(request: Request, pk: int) -> Any:
    """What a customer is worth. 404 also for who has not bought anything yet."""
    customer = get_object_or_404(Customer.objects.visible_to(request.actor), pk=pk)
    row = get_object_or_404(CustomerMetrics.objects.visible_to(request.actor), pk=customer.head_id)
    told = preferences_of([row.pk]).get(row.pk)
    shown: dict[str, Any] = {
        "currency": merchant_currency(),
        "contact_channel": told.channel if told else "",
        "contact_message_count": told.message_count if told else 0,
        "contact_answer_count": told.answer_count if told else 0,
    }
    shown |= {name: getattr(row, name) for name in CustomerMetricsOut.model_fields if name not in shown}
    if not request.actor.can(COSTS):
        shown["margin_amount"] = None
    return shown


@router.get("/insight/rfm", response=RfmOut)
@requires(VIEW)
def get_rfm(request: Request) -> Any:
    """The grid and the groups of the customers one may see."""
    found = overview(request.actor)
    return {
        "count": found.count,
        "spend_amount": found.spend_amount,
        "currency": merchant_currency(),
        "cells": list(found.cells.values()),
        "groups": found.groups,
    }


@router.get("/insight/figures", response=FiguresOut)
@requires(FIGURES)
def get_figures(request: Request, asked: Query[FiguresQuery]) -> Any:
    """Measures by up to three dimensions, from the last snapshot: the same numbers as the sales report."""
    if not 0 <= (asked.last - asked.first).days < MOST_DAYS:
        raise PeriodWrong(days=MOST_DAYS)
    chosen = None if asked.store is None else Store.objects.filter(pk=asked.store)
    scope = scope_of(request.actor, chosen)
    found = ask(
        measures=_names(asked.measures),
        by=_names(asked.by),
        span=Span(asked.first, asked.last),
        scope=scope,
        actor=request.actor,
    )
    return {
        "measures": list(found.measures),
        "by": [by.value for by in found.by],
        "currency": found.currency,
        "taken_at": found.taken_at,
        "rows": [
            {
                "keys": list(row.keys),
                "labels": [found.names[by].get(key, key) for by, key in zip(found.by, row.keys, strict=True)],
                "values": list(row.values),
            }
            for row in found.rows
        ],
    }


# --- what to propose ------------------------------------------------------------------------------------------------
@router.get("/insight/proposals", response=ProposalsOut)
@requires(PROPOSE)
def get_proposals(request: Request, asked: Query[ProposalsQuery]) -> Any:
    """What to propose to a customer, or to whoever stands there with a basket, best first. Nothing for a customer out
    of sight."""
    person = Customer.objects.visible_to(request.actor).in_use().filter(pk=asked.customer_id or 0).first()
    if asked.customer_id is not None and person is None:
        return {"proposals": []}
    store = chosen_or_none(Store.objects.still_open(), asked.store_id, "store_id")
    basket = [int(pk) for pk in asked.products.split(",") if pk]
    found = proposals_for(person, basket, store=store, sight=request.actor, at=request.now, count=asked.count)
    return {"proposals": found}


def _customer(request: Request, pk: int) -> Customer:
    found: Customer = get_object_or_404(Customer.objects.visible_to(request.actor).in_use(), pk=pk)
    return found


@router.get("/insight/customers/{int:pk}/declined-proposals", response=list[DeclinedOut])
@requires(PROPOSE)
def list_declined_proposals(request: Request, pk: int) -> Any:
    """What they do not want, the latest first."""
    members = Customer.objects.cluster(_customer(request, pk).head_id)
    return DeclinedProposal.objects.filter(customer__in=members).order_by("-at", "-pk")[:MOST_DECLINED]


@router.post("/insight/customers/{int:pk}/declined-proposals", response={201: DeclinedOut})
@requires(PROPOSE)
def add_declined_proposal(request: Request, pk: int, payload: DeclinedIn) -> Any:
    """They do not want this: it is not proposed to them any more."""
    product = chosen(Product.objects.all(), payload.product_id, "product_id")
    return decline_proposal(
        customer=_customer(request, pk), product=product, actor=request.actor, now=request.now
    )


@router.delete("/insight/customers/{int:pk}/declined-proposals/{int:product_id}", response={204: None})
@requires(PROPOSE)
def remove_declined_proposal(request: Request, pk: int, product_id: int) -> Any:
    """It may be proposed again."""
    customer, product = _customer(request, pk), get_object_or_404(Product, pk=product_id)
    propose_again(customer=customer, product=product, actor=request.actor, now=request.now)
    return 204, None


@router.get("/insight/unproposed-categories", response=UnproposedOut)
@requires(PROPOSE)
def get_unproposed_categories(request: Request) -> Any:
    """Categories that are never proposed, with everything below them."""
    return {"category_ids": list(UnproposedCategory.objects.order_by("pk").values_list("pk", flat=True))}


@router.put("/insight/unproposed-categories", response=UnproposedOut)
@requires(MANAGE)
def set_unproposed_categories(request: Request, payload: UnproposedBody) -> Any:
    """Say which categories are never proposed."""
    leave_out_categories(category_ids=payload.category_ids, actor=request.actor, now=request.now)
    return get_unproposed_categories(request)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
