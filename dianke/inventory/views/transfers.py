"""Transfers: the list, one of them with its stages, sending, receiving line by line, bringing back, calling off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.inventory.forms.parts import COSTS, place_label, plain
from dianke.inventory.models import Place, Transfer, TransferLine
from dianke.inventory.operations.transfers import TRANSFER
from dianke.inventory.views.floor import document_url
from dianke.stores.models import Store
from dianke.web.components import Crumb, Fact, Step
from dianke.web.formats import money
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Filter, Listing, date_filter, register, relation_filter
from dianke.web.listing import Kind as Shown

VIEW = "inventory.view_stock"
State = Transfer.State
TONES: dict[str, str] = {
    State.PLANNED: "wait",
    State.SHIPPED: "wait",
    State.RECEIVED: "good",
    State.RETURNED: "off",
    State.CANCELLED: "off",
}


# --- the list --------------------------------------------------------------------------------------------------------
@register
class TransferListing(Listing):
    """Transfers from and to the stores the actor reaches."""

    code = "inventory.transfers"
    title = gettext_lazy("Transfers")
    permission = VIEW
    default_sort = "-pk"
    search_fields = ("shipment__number", "note", "lines__variant__product__name", "lines__piece__tag")
    search_hint = gettext_lazy("Number, goods, tag, note")
    columns = (
        Column(
            "number",
            gettext_lazy("Number"),
            value=str,
            is_title=True,
            link=lambda row: reverse("inventory:transfer", args=[row.pk]),
        ),
        Column("state", gettext_lazy("State"), Shown.STATUS, tone=lambda row: TONES.get(row.state, "")),
        Column("from", pgettext_lazy("of a transfer", "From"), value=lambda row: place_label(row.from_place)),
        Column("to", pgettext_lazy("of a transfer", "To"), value=lambda row: place_label(row.to_place)),
        Column(
            "lines", pgettext_lazy("of a document", "Lines"), Shown.NUMBER, value=lambda row: row.line_count
        ),
        Column("planned_at", pgettext_lazy("of a transfer", "Planned"), Shown.INSTANT, sort="planned_at"),
        Column("shipped_at", gettext_lazy("Shipped"), Shown.INSTANT, sort="shipped_at"),
        Column("closed_at", gettext_lazy("Ended"), Shown.INSTANT, sort="closed_at"),
        Column("by", gettext_lazy("By"), value="planned_by__name", is_default=False),
        Column("note", gettext_lazy("Note"), is_default=False),
    )
    filters = (
        Filter(
            "stage",
            gettext_lazy("Stage"),
            lambda rows, value: rows,
            lambda actor: (
                ("ship", gettext_lazy("To ship")),
                ("way", gettext_lazy("Under way")),
                ("receive", gettext_lazy("To receive here")),
                ("done", gettext_lazy("Done")),
            ),
            is_quick=True,
        ),
        relation_filter(
            "from_store",
            pgettext_lazy("of a transfer", "From"),
            lambda actor: Store.objects.visible_to(actor),
            lookup="from_place__store",
        ),
        relation_filter(
            "to_store",
            pgettext_lazy("of a transfer", "To"),
            lambda actor: Store.objects.visible_to(actor),
            lookup="to_place__store",
        ),
        date_filter("planned", pgettext_lazy("of a transfer", "Planned"), lookup="planned_at", instants=True),
    )
    empty = (
        "truck",
        gettext_lazy(
            "Goods go from shop to shop: planned, sent, checked on arrival. What is missing or damaged is "
            "noted line by line."
        ),
        gettext_lazy("New transfer"),
        "inventory:transfer-new",
        TRANSFER,
    )

    def queryset(self) -> QuerySet[Transfer]:
        rows = Transfer.objects.visible_to(self.actor).annotate(line_count=Count("lines"))
        return rows.select_related("from_place__store", "to_place__store", "shipment", "planned_by")

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        # As ids: a join along the lines would count them by what was found.
        found = super().search(Transfer.objects.order_by(), text)
        return queryset.filter(pk__in=found.values("pk"))

    def filter_stage(self, rows: QuerySet[Transfer], value: str) -> QuerySet[Transfer]:
        reached = self.actor.stores_for(TRANSFER)
        if value == "ship":
            rows = rows.filter(state=State.PLANNED)
            return rows if reached is None else rows.filter(from_place__store__in=reached)
        if value == "way":
            return rows.filter(state=State.SHIPPED)
        if value == "receive":
            rows = rows.filter(state=State.SHIPPED)
            here = {self.actor.store_id} if self.actor.store_id else reached
            return rows if here is None else rows.filter(to_place__store__in=here)
        if value == "done":
            return rows.exclude(state__in=[State.PLANNED, State.SHIPPED])
        return rows


transfer_list = list_view(TransferListing, "inventory/floor/transfers.html")


# --- one transfer ----------------------------------------------------------------------------------------------------
def transfer_or_404(http: Request, pk: int, permission: str = VIEW) -> Transfer:
    """The transfer, if the person may see it."""
    rows = Transfer.objects.visible_to(http.actor, permission).select_related(
        "from_place__store__legal_entity",
        "to_place__store__legal_entity",
        "shipment",
        "receipt",
        "planned_by",
        "shipped_by",
        "closed_by",
    )
    found: Transfer = get_object_or_404(rows, pk=pk)
    return found


def lines_of(transfer: Transfer) -> list[TransferLine]:
    return list(transfer.lines.select_related("variant__product__unit", "batch", "piece").order_by("line"))


def url_of(transfer: Transfer) -> str:
    return reverse("inventory:transfer", args=[transfer.pk])


def crumbs(transfer: Transfer | None = None) -> list[Crumb]:
    way = [Crumb(_("Transfers"), reverse("inventory:transfers"))]
    return [*way, Crumb(str(transfer), url_of(transfer))] if transfer else way


def works_at(actor: Actor, place: Place) -> bool:
    return actor.can(TRANSFER, store_id=place.store_id)


def steps_of(transfer: Transfer) -> list[Step]:
    """Planned, shipped, arrived: who and when."""

    def name(user: Any) -> str:
        return user.name if user else ""

    state = transfer.state
    planned = Step(
        pgettext("of a transfer", "Planned"), True, False, transfer.planned_at, name(transfer.planned_by)
    )
    if state == State.CANCELLED:
        end = Step(_("Called off"), True, True, transfer.closed_at, name(transfer.closed_by))
        return [planned, end]
    is_out = transfer.shipped_at is not None
    shipped = Step(
        _("Shipped") if is_out else _("To ship"),
        is_out,
        state == State.PLANNED,
        transfer.shipped_at,
        name(transfer.shipped_by),
    )
    label = {State.RECEIVED: pgettext("of a transfer", "Received"), State.RETURNED: _("Brought back")}.get(
        State(state), _("To receive")
    )
    is_closed = transfer.closed_at is not None
    last = Step(label, is_closed, state == State.SHIPPED, transfer.closed_at, name(transfer.closed_by))
    return [planned, shipped, last]


def _row(line: TransferLine, *, is_closed: bool) -> dict[str, Any]:
    sent = line.shipped or Decimal(0)
    came = (line.good or Decimal(0)) + (line.damaged or Decimal(0))
    gap = came - sent if is_closed and line.good is not None else Decimal(0)
    why = line.get_missing_display() if gap < 0 else line.get_beyond_display() if gap > 0 else ""
    value = None if line.unit_price is None else line.unit_price * (line.shipped or line.quantity)
    return {
        "line": line,
        "note": note_of(line),
        "unit": line.variant.product.unit.name,
        "quantity": plain(line.quantity),
        "shipped": plain(line.shipped),
        "good": plain(line.good),
        "damaged": plain(line.damaged) if line.damaged else "",
        "gap": plain(abs(gap)) if gap else "",
        "is_short": gap < 0,
        "why": why,
        "price": "" if line.unit_price is None else money(line.unit_price),
        "value": "" if value is None else money(value),
    }


def note_of(line: TransferLine) -> str:
    """What tells these goods from others of the name."""
    if line.piece is not None:
        return _("Tag %(tag)s") % {"tag": line.piece.tag}
    return _("Batch %(code)s") % {"code": line.batch.code} if line.batch else line.variant.code


def _facts(transfer: Transfer, *, sees_prices: bool) -> list[Fact]:
    sender, receiver = transfer.from_place, transfer.to_place
    facts = [
        Fact(pgettext("of a transfer", "From"), place_label(sender)),
        Fact(pgettext("of a transfer", "To"), place_label(receiver)),
        Fact(_("Note"), transfer.note),
        Fact(_("Reason"), transfer.reason),
        Fact(_("Shipment"), transfer.shipment, document_url(transfer.shipment)),
        Fact(_("Arrival"), transfer.receipt, document_url(transfer.receipt)),
    ]
    if sender.legal_entity_id != receiver.legal_entity_id:
        entities = " → ".join(str(place.store.legal_entity) for place in (sender, receiver) if place.store)
        facts.append(Fact(_("Companies"), entities))
        facts.append(Fact(_("Goods change hands"), transfer.get_passes_display()))
        if sees_prices:
            percent = f" +{transfer.markup_bp / 100:g}%" if transfer.markup_bp else ""
            facts.append(Fact(_("Price"), f"{transfer.get_pricing_display()}{percent}"))
    return [fact for fact in facts if fact.value not in (None, "")]


@require_GET
@requires(VIEW)
def transfer_page(request: Request, pk: int) -> HttpResponse:
    """A transfer: where it stands, what went, what came, and the next step."""
    transfer = transfer_or_404(request, pk)
    actor = request.actor
    lines = lines_of(transfer)
    is_closed = transfer.closed_at is not None
    rows = [_row(line, is_closed=is_closed) for line in lines]
    sees_prices = bool(transfer.pricing) and actor.can(COSTS)
    at_sender, at_receiver = works_at(actor, transfer.from_place), works_at(actor, transfer.to_place)
    context: dict[str, Any] = {
        "transfer": transfer,
        "tone": TONES.get(transfer.state, ""),
        "steps": steps_of(transfer),
        "rows": rows,
        "facts": _facts(transfer, sees_prices=sees_prices),
        "sees_prices": sees_prices and any(row["price"] for row in rows),
        "total": _total(lines) if sees_prices else "",
        "is_shipped": transfer.shipped_at is not None,
        "is_closed": is_closed and transfer.shipped_at is not None,
        "has_gaps": any(row["gap"] or row["damaged"] for row in rows),
        "may_ship": transfer.state == State.PLANNED and at_sender,
        "may_receive": transfer.state == State.SHIPPED and at_receiver,
        "may_return": transfer.state == State.SHIPPED and at_sender,
        "may_cancel": transfer.state == State.PLANNED and (at_sender or at_receiver),
        "crumb_list": crumbs(),
    }
    return render(request, "inventory/floor/transfer.html", context)


def _total(lines: list[TransferLine]) -> str:
    """What the goods are sold for altogether, once the prices stand."""
    if any(line.unit_price is None for line in lines):
        return ""
    values = (
        (line.unit_price or Decimal(0)) * (line.quantity if line.shipped is None else line.shipped)
        for line in lines
    )
    return money(sum(values, Decimal(0)))


@require_GET
@requires(VIEW)
def transfer_note(request: Request, pk: int) -> HttpResponse:
    """The delivery note that travels with the goods: no prices, room for what came and for two names."""
    transfer = transfer_or_404(request, pk)
    rows = [_row(line, is_closed=transfer.closed_at is not None) for line in lines_of(transfer)]
    rows = [row for row in rows if row["line"].shipped != 0]
    total = sum(
        (r["line"].quantity if r["line"].shipped is None else r["line"].shipped for r in rows), Decimal(0)
    )
    context = {"transfer": transfer, "rows": rows, "total": plain(total), "is_closed": transfer.closed_at}
    return render(request, "inventory/floor/transfer_note.html", context)
