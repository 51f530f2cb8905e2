"""Documents of stock: the list, the page of one with its lines and what became of it, taking it back, later costs."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.inventory.forms.papers import LaterCostForm, ReversalForm
from dianke.inventory.models import Document, Place
from dianke.inventory.operations import add_landed_cost, reverse_document
from dianke.inventory.operations.reversing import BY_HAND, owner_of
from dianke.inventory.queries.papers import (
    LaterCost,
    PaperLine,
    later_costs_of,
    line_counts,
    lines_of_document,
    numbered,
    worth_of_documents,
)
from dianke.inventory.queries.stores import VIEW, stores_of
from dianke.inventory.views.addresses import (
    COSTS,
    RECEIVE,
    address,
    name_of,
    shown,
    signed,
    stock_crumb,
    yuan,
)
from dianke.inventory.views.item import documents_crumb, place_name
from dianke.web.components import Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    State,
    choice_filter,
    date_filter,
    register,
)
from dianke.work.queries.people import names_of

_BATCH = 500
#: What caused a document, by how its reference begins: the page of it, where the room above has one.
_CAUSES = {
    "inventory.transfer": "inventory:transfer",
    "inventory.countsession": "inventory:count",
    "inventory.custodyitem": "inventory:custody-item",
    "purchasing.receipt": "purchasing:receipt",
    "sales.sale": "sales:sale",
}


def _of_store(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(store=int(value)) if value.isdecimal() and len(value) < 19 else rows.none()


def _entered(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    by_hand = Q(kind__in=list(BY_HAND))
    return {
        "hand": rows.filter(by_hand),
        "reversed": rows.filter(Q(reversed_by__isnull=False) | Q(reverses__isnull=False)),
    }.get(value, rows)


@register
class DocumentListing(Listing):
    """What moved goods, the latest posted first."""

    code = "inventory.documents"
    title = gettext_lazy("Stock documents")
    permission = VIEW
    search_fields = ("number",)
    search_hint = gettext_lazy("Number of the document")
    default_sort = "-pk"
    columns = (
        Column(
            "number",
            pgettext_lazy("of a document", "Number"),
            value=lambda row: row.number or row.get_kind_display(),
            link=lambda row: reverse("inventory:document", args=[row.pk]),
            is_title=True,
        ),
        Column("kind", gettext_lazy("Kind")),
        Column("store", gettext_lazy("Store"), value=lambda row: row.store.short_name),
        Column("business_date", gettext_lazy("Business date"), Kind.DATE),
        Column("recorded_at", gettext_lazy("Posted at"), Kind.INSTANT, is_default=False),
        Column("lines", gettext_lazy("Line count"), Kind.NUMBER, value=lambda row: row.shown_lines),
        Column(
            "value",
            gettext_lazy("Change of value"),
            Kind.MONEY,
            value=lambda row: row.shown_value,
            needs=COSTS,
        ),
        Column("who", gettext_lazy("Entered by"), value=lambda row: row.shown_who),
        Column("note", gettext_lazy("Note")),
        Column(
            "state",
            pgettext_lazy("of a document", "State"),
            Kind.STATUS,
            value=lambda row: _state_of(row)[1],
            tone=lambda row: _state_of(row)[0],
        ),
    )
    filters = (
        choice_filter("kind", gettext_lazy("Kind"), Document.Kind.choices),
        Filter(
            "store",
            gettext_lazy("Store"),
            _of_store,
            lambda actor: [(store.pk, store.short_name) for store in stores_of(actor)],
        ),
        date_filter("day", gettext_lazy("Business date"), lookup="business_date"),
        Filter(
            "entered",
            gettext_lazy("Entered"),
            _entered,
            lambda actor: (
                ("hand", gettext_lazy("By hand")),
                ("reversed", gettext_lazy("Taken back")),
            ),
            is_quick=True,
        ),
    )
    empty = (
        "files",
        gettext_lazy("Every receipt, sale, transfer, count and correction leaves a document here."),
        "",
        "",
        "",
    )

    def queryset(self) -> QuerySet[Document]:
        return Document.objects.visible_to(self.actor).select_related("store", "reversed_by", "reverses")

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        return queryset.filter(numbered(text))

    def result(self, state: State) -> Result:
        result = super().result(state)
        self.dress(result.page.items)
        return result

    def dress(self, rows: Sequence[Any]) -> None:
        """Lines, values and names of the rows of a page at once: three queries."""
        ids = [row.pk for row in rows]
        if not ids:
            return
        counts = line_counts(ids)
        values = worth_of_documents(ids) if self.actor.can(COSTS) else {}
        names = names_of([row.user_id for row in rows])
        reached = self.actor.stores_for(COSTS)
        for row in rows:
            row.shown_lines = counts.get(row.pk, 0)
            may_see = reached is None or row.store_id in reached
            row.shown_value = values.get(row.pk) if may_see else None
            row.shown_who = names.get(row.user_id, "") if row.user_id else _("System")

    def dressed(self, rows: Iterable[Any]) -> Iterator[Any]:
        batch: list[Any] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                self.dress(batch)
                yield from batch
                batch = []
        self.dress(batch)
        yield from batch


document_list = list_view(DocumentListing, "inventory/stock/documents.html")


def _reversal_of(document: Document) -> Document | None:
    """What took it back, if anything did."""
    return getattr(document, "reversed_by", None)


def _state_of(document: Document) -> tuple[str, str]:
    if document.reverses_id is not None:
        return "off", _("takes back")
    return ("off", pgettext("of a document", "taken back")) if _reversal_of(document) else ("", "")


# --- one document ----------------------------------------------------------------------------------------------------
def document_or_404(http: Request, pk: int, permission: str = VIEW) -> Document:
    """The document, if the person reaches its store."""
    rows = Document.objects.visible_to(http.actor, permission)
    found: Document = get_object_or_404(
        rows.select_related("store__legal_entity", "reverses", "reversed_by"), pk=pk
    )
    return found


def _may_reverse(http: Request, document: Document) -> bool:
    if owner_of(document) is not None or document.reverses_id is not None or _reversal_of(document):
        return False
    return http.actor.can(BY_HAND[Document.Kind(document.kind)], store_id=document.store_id)


@require_GET
@requires(VIEW)
def document_page(request: Request, pk: int) -> HttpResponse:
    """Who moved what from where to where, when and why; what it came to; what became of it."""
    document = document_or_404(request, pk)
    actor = request.actor
    with_costs = actor.can(COSTS, store_id=document.store_id)
    after = request.GET.get("after", "")
    lines, next_line = lines_of_document(
        document, with_costs=with_costs, after_line=int(after) if after.isdecimal() and len(after) < 9 else 0
    )
    later = later_costs_of(document) if with_costs else []
    total = worth_of_documents([pk]).get(pk) if with_costs else None
    may_add_cost = (
        document.kind == Document.Kind.RECEIPT
        and document.reverses_id is None
        and not _reversal_of(document)
        and with_costs
        and actor.can(RECEIVE, store_id=document.store_id)
    )
    context: dict[str, Any] = {
        "document": document,
        "state": _state_of(document),
        "facts": _facts(request, document),
        "lines": [_line(line) for line in lines],
        "later": [_later(each) for each in later],
        "next_line": next_line,
        "with_costs": with_costs,
        "total": yuan(total) if total is not None else "",
        "reversal": _reversal_of(document),
        "reversal_url": reverse("inventory:document-reversal", args=[pk])
        if _may_reverse(request, document)
        else "",
        "later_cost_url": reverse("inventory:later-cost", args=[pk]) if may_add_cost else "",
        "owner": owner_of(document),
        "crumb_list": [stock_crumb(), documents_crumb()],
    }
    return render(request, "inventory/stock/document.html", context)


def _facts(http: Request, document: Document) -> list[Fact]:
    names = names_of([document.user_id]) if document.user_id else {}
    cause, cause_url = cause_of(document)
    facts = [
        Fact(_("Store"), document.store.short_name),
        Fact(_("Legal entity"), document.store.legal_entity.short_name),
        Fact(_("Business date"), document.business_date),
        Fact(_("Moved at"), document.occurred_at),
        Fact(_("Posted at"), document.recorded_at),
        Fact(_("Entered by"), names.get(document.user_id or 0, "") or _("System")),
        Fact(_("Reason or note"), document.note),
        Fact(_("Caused by"), cause, url=cause_url),
    ]
    return [fact for fact in facts if fact.value]


def cause_of(document: Document) -> tuple[str, str]:
    """What a document was posted for, where a page tells of it: (words, address)."""
    subject, _slash, _rest = document.reference.partition("/")
    label, _colon, pk = subject.partition(":")
    page = _CAUSES.get(label)
    if page is None or not pk.isdecimal():
        return "", ""
    url = address(page, int(pk))
    return (_("Open what caused it"), url) if url else ("", "")


def _line(line: PaperLine) -> dict[str, Any]:
    row = line.movement
    outside = Place.VIRTUAL
    is_in = row.from_place.kind in outside and row.from_place.kind != Place.Kind.TRANSIT
    is_out = row.to_place.kind in outside and row.to_place.kind != Place.Kind.TRANSIT
    quantity = (
        row.quantity if is_in and not is_out else -row.quantity if is_out and not is_in else row.quantity
    )
    return {
        "line": line,
        "name": name_of(row.variant),
        "url": reverse("inventory:item", args=[row.variant_id]),
        "code": row.variant.code,
        "unit": row.variant.product.unit.name,
        "apart": " · ".join(str(part) for part in (row.batch, row.piece) if part),
        "quantity": signed(quantity) if is_in != is_out else shown(quantity),
        "way": _("%(from)s → %(to)s") % {"from": place_name(row.from_place), "to": place_name(row.to_place)},
        "reason": row.reason,
        "value": yuan(line.value) if line.value is not None else "",
        "unit_cost": yuan(line.unit_cost, 6) if line.unit_cost is not None else "",
        "back": shown(line.given_back) if line.given_back else "",
    }


def _later(cost: LaterCost) -> dict[str, Any]:
    return {
        "cost": cost,
        "url": reverse("inventory:item", args=[cost.variant_id]),
        "value": yuan(cost.value),
        "expense": yuan(cost.expense) if cost.expense else "",
    }


@requires(VIEW)
def document_reversal(request: Request, pk: int) -> HttpResponse:
    """Ask why, say what will happen, and take the document back."""
    document = document_or_404(request, pk)
    if document.kind not in BY_HAND:
        raise Http404
    request.actor.require(BY_HAND[Document.Kind(document.kind)], store_id=document.store_id)
    page = reverse("inventory:document", args=[pk])
    return form_view(
        request,
        form=ReversalForm(request.POST or None),
        run=lambda data: reverse_document(
            document=document,
            reason=data["reason"],
            business_date=document.store.business_date(request.now),
            actor=request.actor,
            now=request.now,
        ),
        title=_("Take back %(number)s") % {"number": document},
        success=lambda posted: _("Taken back by %(number)s.") % {"number": posted.number},
        redirect_to=page,
        template="inventory/stock/reversal.html",
        submit=pgettext("of a document", "Take back"),
        cancel_url=page,
        context={"document": document, "crumb_list": [stock_crumb(), documents_crumb()]},
    )


@requires(RECEIVE)
def later_cost(request: Request, pk: int) -> HttpResponse:
    """Freight, duty or a credit note that comes after a receipt."""
    document = document_or_404(request, pk, RECEIVE)
    request.actor.require(COSTS, store_id=document.store_id)
    if document.kind != Document.Kind.RECEIPT:
        raise Http404
    page = reverse("inventory:document", args=[pk])
    form = LaterCostForm(request.POST or None, initial={"token": uuid.uuid4().hex})
    form.fields["token"].widget = forms.HiddenInput()
    return form_view(
        request,
        form=form,
        run=lambda data: add_landed_cost(
            receipt=document,
            amount=data["amount"],
            reference=f"page:later-cost:{document.pk}:{data['token']}",
            business_date=document.store.business_date(request.now),
            actor=request.actor,
            now=request.now,
            note=data["note"],
        ),
        title=_("Later cost of %(number)s") % {"number": document},
        success=lambda posted: _("Spread over the receipt by %(number)s.") % {"number": posted.number},
        redirect_to=lambda posted: reverse("inventory:document", args=[posted.document_id]),
        submit=_("Spread it"),
        cancel_url=page,
        context={"crumb_list": [stock_crumb(), documents_crumb()]},
    )
