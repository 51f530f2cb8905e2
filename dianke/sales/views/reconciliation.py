"""Comparing the bill of a channel with what was taken here: which days were compared, entering a bill, its rows."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.sales.forms.sales_settings import BillForm
from dianke.sales.models import ChannelRow, Tender
from dianke.sales.operations.reconciling import Compared, reconcile
from dianke.sales.rules.bills import decoded, read_bill
from dianke.sales.views.register_parts import FORM, RECONCILE, shown
from dianke.stores.models import LegalEntity
from dianke.stores.queries import local_date
from dianke.web.components import Crumb, Stat
from dianke.web.forms import form_view
from dianke.web.list_views import list_context
from dianke.web.listing import Column, Filter, Kind, Listing, as_id, choice_filter, date_filter, register

MOST_DAYS = 60
#: A bill of the most rows an operation takes, with long numbers.
MOST_BYTES = 4_000_000
_State = ChannelRow.State
TONES = {
    _State.MATCHED: "good",
    _State.MISSING_HERE: "bad",
    _State.MISSING_THERE: "bad",
    _State.AMOUNT_DIFFERS: "wait",
}

#: What follows from a row that does not fit.
TO_DO = {
    _State.MISSING_HERE: _(
        "Look for the sale of that time and take its payment, or refund it at the channel."
    ),
    _State.MISSING_THERE: _(
        "Ask the channel for the number; if no money came, collect it from the customer."
    ),
    _State.AMOUNT_DIFFERS: _("Open the order, find the right amount, and refund or collect the difference."),
}


def channels() -> QuerySet[Tender]:
    """Kinds of payment whose money comes over a channel or the bank."""
    rows: QuerySet[Tender] = Tender.objects.filter(account__in=[Tender.Account.CLEARING, Tender.Account.BANK])
    return rows.order_by("position", "pk")


def _entities(actor: Actor) -> QuerySet[LegalEntity]:
    return LegalEntity.objects.visible_to(actor, RECONCILE).order_by("short_name", "pk")


def _rows(actor: Actor) -> QuerySet[ChannelRow]:
    return ChannelRow.objects.filter(legal_entity__in=_entities(actor))


@require_GET
@requires(RECONCILE)
def reconciliation(request: Request) -> HttpResponse:
    """The days that were compared, the newest first, with what did not fit."""
    wrong = ~Q(state=_State.MATCHED)
    days = (
        _rows(request.actor)
        .values("tender", "legal_entity", "business_date")
        .annotate(
            count=Count("pk"),
            wrong=Count("pk", filter=wrong),
            channel=Sum("channel_amount"),
            ours=Sum("our_amount"),
        )
        .order_by("-business_date", "tender", "legal_entity")[: MOST_DAYS + 1]
    )
    found = list(days)
    tenders = Tender.objects.in_bulk({day["tender"] for day in found})
    entities = LegalEntity.objects.in_bulk({day["legal_entity"] for day in found})
    rows = []
    for day in found[:MOST_DAYS]:
        entity, tender = entities[day["legal_entity"]], tenders[day["tender"]]
        there, here = day["channel"] or 0, day["ours"] or 0
        rows.append(
            {
                **day,
                "date": day["business_date"],
                "tender": tender,
                "entity": entity,
                "there": shown(there, entity.currency),
                "here": shown(here, entity.currency),
                "difference": shown(there - here, entity.currency) if there != here else "",
                "url": f"{reverse('sales:channel-rows')}?tender={tender.pk}&entity={entity.pk}"
                f"&day={day['business_date']}..{day['business_date']}",
            }
        )
    context = {"rows": rows, "has_more": len(found) > MOST_DAYS}
    return render(request, "sales/settings/reconciliation.html", context)


def _crumbs() -> list[Crumb]:
    return [Crumb(gettext("Reconciliation"), reverse("sales:reconciliation"))]


@require_http_methods(FORM)
@requires(RECONCILE)
def bill_new(request: Request) -> HttpResponse:
    """Compare a bill with what was taken and refunded that day; an earlier comparison is replaced."""
    form = BillForm(
        request.POST or None,
        request.FILES or None,
        tenders=channels().filter(is_active=True),
        entities=_entities(request.actor),
        initial={"business_date": local_date(request.now)},
    )

    def run(data: dict[str, Any]) -> tuple[dict[str, Any], Compared]:
        file = data["file"]
        text = decoded(file.read(MOST_BYTES)) if file else data["text"]
        compared = reconcile(
            tender=data["tender"],
            legal_entity=data["legal_entity"],
            business_date=data["business_date"],
            rows=read_bill(text, data["legal_entity"].currency),
            actor=request.actor,
            now=request.now,
        )
        return data, compared

    def told(result: tuple[dict[str, Any], Compared]) -> str:
        _data, each = result
        if not (each.missing_here or each.missing_there or each.amount_differs):
            return gettext("Everything matches: %(n)s rows.") % {"n": each.matched}
        return gettext(
            "%(matched)s match; %(here)s missing here, %(there)s missing at the channel, %(differs)s differ."
        ) % {
            "matched": each.matched,
            "here": each.missing_here,
            "there": each.missing_there,
            "differs": each.amount_differs,
        }

    def page(result: tuple[dict[str, Any], Compared]) -> str:
        data, _compared = result
        return (
            f"{reverse('sales:channel-rows')}?tender={data['tender'].pk}&entity={data['legal_entity'].pk}"
            f"&day={data['business_date']}..{data['business_date']}"
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=gettext("Compare a bill"),
        success=told,
        redirect_to=page,
        template="sales/settings/bill.html",
        submit=pgettext("bill", "Compare"),
        cancel_url=reverse("sales:reconciliation"),
        context={"crumb_list": _crumbs()},
    )


# --- rows ------------------------------------------------------------------------------------------------------------
def _money(minor: int | None, row: ChannelRow) -> Money | None:
    return None if minor is None else Money.from_minor(minor, row.legal_entity.currency)


def _difference(row: ChannelRow) -> Money | None:
    minor = (row.channel_amount or 0) - (row.our_amount or 0)
    return _money(minor, row) if minor else None


def _order_of(row: ChannelRow) -> Any:
    ours = row.payment or row.refund
    return ours.order if ours else None


@register
class ChannelListing(Listing):
    """Rows of compared bills, of the entities the actor reaches."""

    code = "sales.channel_rows"
    title = _("Rows of bills")
    permission = RECONCILE
    search_fields = ("reference", "payment__order__number", "refund__order__number")
    search_hint = _("Number at the channel or order")
    default_sort = "-business_date"
    columns = (
        Column(
            "reference", _("Number at the channel"), is_title=True, value=lambda row: row.reference or "–"
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: TONES[row.state]),
        Column("next", pgettext_lazy("bill", "What to do"), value=lambda row: TO_DO.get(row.state, "")),
        Column("there", _("At the channel"), Kind.MONEY, value=lambda row: _money(row.channel_amount, row)),
        Column(
            "here", pgettext_lazy("bill", "Here"), Kind.MONEY, value=lambda row: _money(row.our_amount, row)
        ),
        Column("difference", pgettext_lazy("bill", "Difference"), Kind.MONEY, value=_difference),
        Column(
            "order",
            _("Order"),
            value=lambda row: getattr(_order_of(row), "number", ""),
            link=lambda row: reverse("sales:order", args=[order.pk]) if (order := _order_of(row)) else "",
        ),
        Column("business_date", _("Day of the bill"), Kind.DATE, sort="business_date"),
        Column("tender", _("Kind of payment"), value="tender__name"),
        Column(
            "entity",
            pgettext_lazy("of money", "Receiver"),
            value="legal_entity__short_name",
            is_default=False,
        ),
        Column("compared_at", pgettext_lazy("bill", "Compared"), Kind.INSTANT, is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), ChannelRow.State.choices, quick=True),
        Filter(
            "tender",
            _("Kind of payment"),
            lambda rows, value: rows.filter(tender=as_id(value)),
            lambda actor: list(channels().values_list("pk", "name")),
        ),
        Filter(
            "entity",
            pgettext_lazy("of money", "Receiver"),
            lambda rows, value: rows.filter(legal_entity=as_id(value)),
            lambda actor: list(_entities(actor).values_list("pk", "short_name")[:300]),
        ),
        date_filter("day", _("Day of the bill"), lookup="business_date"),
    )
    empty = (
        "scale",
        _("Rows of bills stand here once a bill was compared."),
        _("Compare a bill"),
        "sales:bill-new",
        RECONCILE,
    )

    def queryset(self) -> QuerySet[ChannelRow]:
        return _rows(self.actor).select_related("tender", "legal_entity", "payment__order", "refund__order")


@require_GET
@requires(RECONCILE)
def channel_rows(request: Request) -> HttpResponse:
    """The rows with their sums by state; narrowed to a day by the list of days."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, ChannelListing)
    if is_part:
        response = render(request, "web/list.html#rows", context)
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
        return response
    listing: ChannelListing = context["listing"]
    state = context["state"]
    rows = listing.rows(state).order_by()
    currency = F("legal_entity__currency")
    sums = list(
        rows.values("state", currency=currency).annotate(
            count=Count("pk"), there=Sum("channel_amount"), here=Sum("our_amount")
        )
    )
    labels = dict(ChannelRow.State.choices)
    context["stats"] = [
        Stat(labels[each["state"]], str(each["count"]), note=_sum_text(each))
        for each in sorted(sums, key=lambda each: str(each["state"]))
    ]
    context["crumb_list"] = _crumbs()
    return render(request, "sales/settings/channel_rows.html", context)


def _sum_text(each: dict[str, Any]) -> str:
    there, here = each["there"], each["here"]
    if there is None or here is None or there == here:
        return shown(there if there is not None else here or 0, each["currency"])
    return gettext("%(there)s there, %(here)s here") % {
        "there": shown(there, each["currency"]),
        "here": shown(here, each["currency"]),
    }
