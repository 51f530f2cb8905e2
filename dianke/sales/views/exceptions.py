"""Sales that were paid and therefore stand although something was wrong: the list, one of them, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput
from dianke.sales.forms.shifts import NoteForm
from dianke.sales.models import OrderException
from dianke.sales.operations.exceptions import examine_exceptions
from dianke.sales.views.exception_words import TONES, advice, told
from dianke.sales.views.register_listings import by_store
from dianke.sales.views.register_parts import CLOSE, FORM, order_url, shown
from dianke.web.components import Crumb, Fact
from dianke.web.list_views import list_view
from dianke.web.listing import (
    BulkAction,
    Column,
    Filter,
    Kind,
    Listing,
    as_id,
    choice_filter,
    date_filter,
    register,
)
from dianke.web.responses import done

MOST_AT_ONCE = 200


@register
class ExceptionListing(Listing):
    """Sales to be looked at of the stores whose days the actor closes; those nobody has looked at first."""

    code = "sales.exceptions"
    title = _("Sales to look at")
    permission = CLOSE
    search_fields = ("order__number", "outcome")
    search_hint = _("Number of the sale")
    default_sort = "-at"
    columns = (
        Column(
            "order",
            pgettext_lazy("sales", "Sale"),
            value="order__number",
            is_title=True,
            link=lambda row: reverse("sales:exception", args=[row.pk]),
        ),
        Column("kind", _("What is wrong"), Kind.STATUS, tone=lambda row: TONES[row.kind]),
        Column("told", pgettext_lazy("sales", "Found"), value=told),
        Column("store", _("Store"), value="store__short_name"),
        Column("at", pgettext_lazy("sales", "Came in"), Kind.INSTANT, sort="at"),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            value=lambda row: gettext("Looked at") if row.seen_at else gettext("Waits"),
            tone=lambda row: "good" if row.seen_at else "wait",
        ),
        Column("outcome", _("What came of it"), is_default=False),
        Column(
            "seen_by", _("Looked at by"), value=lambda row: getattr(row.seen_by, "name", ""), is_default=False
        ),
    )
    filters = (
        Filter(
            "state",
            _("State"),
            lambda rows, value: (
                rows.filter(seen_at=None)
                if value == "waits"
                else rows.exclude(seen_at=None)
                if value == "seen"
                else rows
            ),
            lambda actor: (("waits", _("Waits")), ("seen", _("Looked at")), ("all", _("All"))),
            is_quick=True,
            default="waits",
        ),
        choice_filter("kind", _("What is wrong"), OrderException.Kind.choices),
        by_store(),
        Filter("sale", pgettext_lazy("sales", "Sale"), lambda rows, value: rows.filter(order=as_id(value))),
        date_filter("at", pgettext_lazy("sales", "Came in"), lookup="at", instants=True),
    )
    bulk_actions = (
        BulkAction("examine", _("Looked at …"), "sales:exceptions-examine", CLOSE, icon="eye-check"),
    )
    empty = (
        "circle-check",
        _("Nothing to look at. Paid sales that were accepted although something was wrong stand here."),
        "",
        "",
        CLOSE,
    )

    def queryset(self) -> QuerySet[OrderException]:
        rows: QuerySet[OrderException] = OrderException.objects.visible_to(self.actor, CLOSE)
        return rows.select_related("order", "store", "seen_by")


exception_list = list_view(ExceptionListing, "sales/registers/exceptions.html")


def _crumbs() -> list[Crumb]:
    return [Crumb(gettext("Sales to look at"), reverse("sales:exceptions"))]


@require_http_methods(FORM)
@requires(CLOSE)
def exception_page(request: Request, pk: int) -> HttpResponse:
    """What is wrong, what to do, and the note that ends it; all of the same sale may be ended at once."""
    rows = OrderException.objects.visible_to(request.actor, CLOSE)
    row = get_object_or_404(
        rows.select_related("order__customer", "order__made_by", "store", "seen_by"), pk=pk
    )
    same = list(rows.filter(order=row.order_id).exclude(pk=pk).select_related("order").order_by("pk")[:50])
    form, status = NoteForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            wanted = [row]
            if request.POST.get("all"):
                wanted += [each for each in same if each.seen_at is None]
            try:
                examine_exceptions(
                    exceptions=wanted,
                    outcome=form.cleaned_data["outcome"],
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                return done(
                    request,
                    gettext("Looked at. The note stays with the sale."),
                    to=reverse("sales:exceptions"),
                )
    context: dict[str, Any] = {
        "row": row,
        "tone": TONES[row.kind],
        "told": told(row),
        "advice": advice(row.kind),
        "form": form,
        "same": [{"row": each, "told": told(each), "tone": TONES[each.kind]} for each in same],
        "open_count": sum(each.seen_at is None for each in same),
        "facts": _facts(row),
        "order_url": order_url(row.order),
        "crumb_list": _crumbs(),
    }
    return render(request, "sales/registers/exception.html", context, status=status)


def _facts(row: OrderException) -> list[Fact]:
    order = row.order
    facts = [
        Fact(gettext("Store"), row.store.short_name),
        Fact(gettext("Total"), shown(order.total_amount, order.currency)),
        Fact(gettext("Customer"), getattr(order.customer, "name", "")),
        Fact(gettext("Sold by"), getattr(order.made_by, "name", "")),
    ]
    return [fact for fact in facts if fact.value]


@require_POST
@requires(CLOSE)
def examine(request: Request) -> HttpResponse:
    """Several at once: first the note is asked for, then all get it."""
    ids = [as_id(text) for text in request.POST.getlist("ids")][:MOST_AT_ONCE]
    rows = OrderException.objects.visible_to(request.actor, CLOSE).filter(pk__in=ids, seen_at=None)
    found: Sequence[OrderException] = list(rows.select_related("order", "store").order_by("pk"))
    if not found:
        return done(request, gettext("All of them were looked at already."), to=reverse("sales:exceptions"))
    is_sent = "outcome" in request.POST
    form, status = NoteForm(request.POST if is_sent else None), 200
    if is_sent:
        status = 422
        if form.is_valid():
            try:
                examine_exceptions(
                    exceptions=found,
                    outcome=form.cleaned_data["outcome"],
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                text = ngettext("%(n)s looked at.", "%(n)s looked at.", len(found)) % {"n": len(found)}
                return done(request, text, to=reverse("sales:exceptions"))
    context = {
        "form": form,
        "rows": [{"row": each, "told": told(each), "tone": TONES[each.kind]} for each in found],
        "crumb_list": _crumbs(),
    }
    return render(request, "sales/registers/examine.html", context, status=status)
