"""The lists of what is bought: orders, receipts, returns, plans."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.queries.search import found_by_words
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.purchasing.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    PurchasePlan,
    Receipt,
    ReceiptLine,
    Supplier,
    SupplierReturn,
)
from dianke.purchasing.models.receipts import Difference
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.views.rows import (
    MAKE,
    ORDER_TONES,
    PLAN_TONES,
    VIEW,
    stores_of,
)
from dianke.stores.queries import local_date
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    State,
    as_id,
    choice_filter,
    date_filter,
    register,
)

MOST_CHOICES = 300
_STATES = PurchaseOrder.State


def suppliers_offered(actor: Actor) -> list[tuple[Any, Any]]:
    rows = Supplier.objects.visible_to(actor).order_by("short_name", "pk")
    return list(rows.values_list("pk", "short_name")[:MOST_CHOICES])


def stores_offered(actor: Actor) -> list[tuple[Any, Any]]:
    return list(stores_of(actor).values_list("pk", "short_name")[:MOST_CHOICES])


def by_id(code: str, label: Any, options: Any, path: str = "") -> Filter:
    return Filter(code, label, lambda rows, value: rows.filter(**{path or code: as_id(value)}), options)


SUPPLIER_FILTER = by_id("supplier", _("Supplier"), suppliers_offered)
STORE_FILTER = by_id("store", _("For store"), stores_offered)


def money_of(minor: int, currency: str) -> Money:
    return Money.from_minor(minor, currency)


# --- orders ----------------------------------------------------------------------------------------------------------
STAGES: tuple[tuple[str, Any], ...] = (
    ("draft", _("Draft")),
    ("waiting", _("Waiting for approval")),
    ("to_send", _("To be sent")),
    ("under_way", _("Under way")),
    ("overdue", _("Overdue")),
    ("done", _("Done")),
    ("cancelled", _("Cancelled")),
)
_STAGE_STATES = {
    "draft": (_STATES.DRAFT,),
    "waiting": (_STATES.WAITING,),
    "to_send": (_STATES.APPROVED,),
    "under_way": (_STATES.SENT, _STATES.PARTLY),
    "overdue": (_STATES.SENT, _STATES.PARTLY),
    "done": (_STATES.DONE,),
    "cancelled": (_STATES.CANCELLED,),
}


@register
class OrderListing(Listing):
    """Orders of the stores the actor reaches, the newest first."""

    code = "purchasing.orders"
    title = _("Purchase orders")
    permission = VIEW
    search_fields = ("number",)
    search_hint = _("Number, supplier or goods")
    default_sort = "-made_at"
    columns = (
        Column(
            "number",
            pgettext_lazy("of a paper", "Number"),
            sort="number",
            is_title=True,
            link=lambda row: reverse("purchasing:order", args=[row.pk]),
            template="purchasing/cells/order.html",
        ),
        Column("supplier", _("Supplier"), value="supplier__short_name", sort="supplier__short_name"),
        Column("store", _("For store"), value="store__short_name", sort="store__short_name"),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: ORDER_TONES.get(row.state, "")),
        Column("expected_date", _("Expected on"), Kind.DATE, sort="expected_date"),
        Column(
            "total",
            _("Total"),
            Kind.MONEY,
            value=lambda row: money_of(row.total_amount, row.currency),
            sort="total_amount",
            needs=COSTS,
        ),
        Column("made_at", _("Made"), Kind.INSTANT, sort="made_at"),
        Column("made_by", _("Made by"), value=lambda row: getattr(row.made_by, "name", ""), is_default=False),
        Column("sent_at", _("Sent"), Kind.INSTANT, sort="sent_at", is_default=False),
        Column("entity", _("Buyer"), value="legal_entity__short_name", is_default=False),
        Column("note", _("Note"), is_default=False),
    )
    filters = (
        Filter("stage", _("State"), lambda rows, value: rows, lambda actor: STAGES, is_quick=True),
        SUPPLIER_FILTER,
        STORE_FILTER,
        date_filter("made", _("Made"), lookup="made_at", instants=True),
        date_filter("expected", _("Expected on"), lookup="expected_date"),
    )
    empty = (
        "truck-delivery",
        _("What you order from suppliers stands here, from the draft to the last box that comes."),
        _("New order"),
        "purchasing:order-new",
        MAKE,
    )

    def queryset(self) -> QuerySet[PurchaseOrder]:
        rows: QuerySet[PurchaseOrder] = PurchaseOrder.objects.visible_to(self.actor)
        return rows.select_related("supplier", "store", "made_by", "legal_entity")

    def filter_stage(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The stage an order is in; overdue ones are under way too."""
        if value not in _STAGE_STATES:
            return rows
        rows = rows.filter(state__in=_STAGE_STATES[value])
        return rows.filter(expected_date__lt=local_date(self.now)) if value == "overdue" else rows

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        """By number, by supplier, by goods on the order."""
        goods = PurchaseOrderLine.objects.filter(
            Q(variant__in=found_by_words(text)) | Q(variant__code=text) | Q(variant__barcodes__value=text)
        )
        suppliers = Supplier.objects.filter(search_words__found_by=text)
        return queryset.filter(
            Q(number__icontains=text) | Q(supplier__in=suppliers) | Q(pk__in=goods.values("order_id"))
        )

    def result(self, state: State) -> Result:
        result = super().result(state)
        today = local_date(self.now)
        for row in result.page.items:
            row.shown_overdue = row.may_be_received and row.expected_date < today
        return result


# --- what came, what went back ---------------------------------------------------------------------------------------
@register
class ReceiptListing(Listing):
    """Receipts of the stores the actor reaches."""

    code = "purchasing.receipts"
    title = _("Receipts")
    permission = VIEW
    search_fields = ("order__number", "delivery_note", "order__supplier__short_name")
    search_hint = _("Order, delivery note or supplier")
    default_sort = "-received_at"
    columns = (
        Column(
            "order",
            _("Purchase order"),
            value="order__number",
            is_title=True,
            link=lambda row: reverse("purchasing:receipt", args=[row.pk]),
        ),
        Column("supplier", _("Supplier"), value="order__supplier__short_name"),
        Column("store", _("Store"), value="store__short_name"),
        Column("received_at", _("Received"), Kind.INSTANT, sort="received_at"),
        Column("received_by", _("Received by"), value=lambda row: getattr(row.received_by, "name", "")),
        Column("delivery_note", _("Delivery note")),
        Column(
            "differs",
            _("As ordered"),
            Kind.STATUS,
            value=lambda row: _("Differs") if row.differs else _("As ordered"),
            tone=lambda row: "wait" if row.differs else "good",
        ),
        Column("document", _("Stock document"), value=lambda row: getattr(row.document, "number", "")),
    )
    filters = (
        Filter(
            "differs",
            _("Difference"),
            lambda rows, value: rows.filter(differs=value == "yes") if value in ("yes", "no") else rows,
            lambda actor: (("yes", _("With a difference")), ("no", _("As ordered"))),
            is_quick=True,
        ),
        by_id("supplier", _("Supplier"), suppliers_offered, "order__supplier"),
        by_id("store", _("Store"), stores_offered),
        date_filter("received", _("Received"), lookup="received_at", instants=True),
    )
    empty = (
        "package-import",
        _("What came stands here, with everything that was wrong with it."),
        "",
        "",
        VIEW,
    )

    def queryset(self) -> QuerySet[Receipt]:
        rows: QuerySet[Receipt] = Receipt.objects.visible_to(self.actor)
        wrong = ReceiptLine.objects.filter(receipt=OuterRef("pk")).exclude(difference=Difference.NONE)
        return rows.select_related("order__supplier", "store", "received_by", "document").annotate(
            differs=Exists(wrong)
        )


@register
class ReturnListing(Listing):
    """Goods that went back, from the stores the actor reaches."""

    code = "purchasing.returns"
    title = _("Returns to suppliers")
    permission = VIEW
    search_fields = ("order__number", "supplier__short_name", "reason")
    search_hint = _("Order, supplier or reason")
    default_sort = "-returned_at"
    columns = (
        Column(
            "order",
            _("Purchase order"),
            value="order__number",
            is_title=True,
            link=lambda row: reverse("purchasing:return", args=[row.pk]),
        ),
        Column("supplier", _("Supplier"), value="supplier__short_name"),
        Column("store", _("Store"), value="store__short_name"),
        Column("wish", _("Wanted")),
        Column("reason", _("Reason")),
        Column(
            "total",
            _("To be credited"),
            Kind.MONEY,
            value=lambda row: money_of(row.total_amount, row.currency) if row.total_amount else None,
            sort="total_amount",
            needs=COSTS,
        ),
        Column("returned_at", _("Returned"), Kind.INSTANT, sort="returned_at"),
        Column("returned_by", _("Returned by"), value=lambda row: getattr(row.returned_by, "name", "")),
    )
    filters = (
        choice_filter("wish", _("Wanted"), SupplierReturn.Wish.choices, quick=True),
        SUPPLIER_FILTER,
        by_id("store", _("Store"), stores_offered),
        date_filter("returned", _("Returned"), lookup="returned_at", instants=True),
    )
    empty = (
        "truck-return",
        _("Goods that went back to suppliers. Open the order they came with to send some back."),
        _("Purchase orders"),
        "purchasing:orders",
        VIEW,
    )

    def queryset(self) -> QuerySet[SupplierReturn]:
        rows: QuerySet[SupplierReturn] = SupplierReturn.objects.visible_to(self.actor)
        return rows.select_related("order", "supplier", "store", "returned_by")


# --- plans -----------------------------------------------------------------------------------------------------------
@register
class PlanListing(Listing):
    """Plans made so far."""

    code = "purchasing.plans"
    title = _("Earlier plans")
    permission = VIEW
    search_fields = ("number",)
    search_hint = pgettext_lazy("of a paper", "Number")
    default_sort = "-made_at"
    columns = (
        Column(
            "number",
            pgettext_lazy("of a paper", "Number"),
            is_title=True,
            sort="number",
            link=lambda row: reverse("purchasing:plan", args=[row.pk]),
        ),
        Column("store", _("Store"), value="store__short_name"),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: PLAN_TONES.get(row.state, "")),
        Column("planned_on", _("Planned on"), Kind.DATE, sort="planned_on"),
        Column("review_days", _("Days until the next order"), Kind.NUMBER),
        Column("made_by", _("Made by"), value=lambda row: getattr(row.made_by, "name", "")),
    )
    filters = (
        choice_filter("state", _("State"), PurchasePlan.State.choices, quick=True),
        by_id("store", _("Store"), stores_offered),
    )
    empty = ("clipboard-list", _("No plan was made yet."), _("Purchase plan"), "purchasing:board", VIEW)

    def queryset(self) -> QuerySet[PurchasePlan]:
        rows: QuerySet[PurchasePlan] = PurchasePlan.objects.visible_to(self.actor)
        return rows.select_related("store", "made_by")
