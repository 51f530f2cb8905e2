"""Stores: list, one store with its tills, places of stock and hours, opening and closing."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.stores import forms, operations
from dianke.stores.models import LegalEntity, Merchant, Posting, Region, Register, StockPlace, Store, Trade
from dianke.stores.queries import local_date, merchant_zone, week_of
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Kind, Listing, choice_filter, register, relation_filter, yes_no_filter
from dianke.web.responses import done

FORM = ("GET", "POST")
PEOPLE_SHOWN = 12  # on a store's page; the rest are in the list of staff


@register
class StoreList(Listing):
    code = "stores.stores"
    title = _("Stores")
    permission = "stores.view_organisation"
    columns = (
        Column(
            "name",
            _("Store"),
            sort="name",
            is_title=True,
            link=lambda s: reverse("stores:store", args=[s.pk]),
        ),
        Column("code", _("Code"), sort="code"),
        Column("trade", _("Trade"), sort="trade"),
        Column("region", _("Region"), sort="region__name"),
        Column("legal_entity", _("Legal entity"), sort="legal_entity__short_name"),
        Column("city", _("City"), sort="city"),
        Column("staff_count", _("People"), Kind.NUMBER, sort="staff_count"),
        Column("opened_on", _("Opened on"), Kind.DATE, sort="opened_on"),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            value=lambda s: (
                pgettext_lazy("store", "Closed") if s.closed_on else pgettext_lazy("store", "Open")
            ),
            tone=lambda s: "off" if s.closed_on else "good",
        ),
        Column("telephone", _("Telephone"), is_default=False),
        Column("address", _("Address"), is_default=False),
    )
    filters = (
        choice_filter("trade", _("Trade"), Trade.choices, quick=True),
        relation_filter(
            "entity",
            _("Legal entity"),
            lambda actor: LegalEntity.objects.visible_to(actor),
            lookup="legal_entity",
        ),
        relation_filter("region", _("Region"), lambda actor: Region.objects.visible_to(actor)),
        yes_no_filter(
            "open",
            _("State"),
            condition=Q(closed_on=None),
            yes=pgettext_lazy("store", "Open"),
            no=pgettext_lazy("store", "Closed"),
        ),
    )
    search_fields = ("name", "short_name", "code", "city", "district", "street")
    search_hint = _("Name, code or place")
    default_sort = "code"
    empty = (
        "building-store",
        _("Stores are where everything happens: people, tills, goods and customers belong to one."),
        _("Open the first store"),
        "stores:store-new",
        "stores.manage_stores",
    )
    action = (_("Open a store"), "stores:store-new", "stores.manage_stores", "plus")

    def queryset(self) -> QuerySet[Store]:
        today = local_date(self.now)
        working = Q(postings__from_date__lte=today) & (
            Q(postings__to_date=None) | Q(postings__to_date__gt=today)
        )
        return (
            Store.objects.visible_to(self.actor)
            .select_related("region", "legal_entity")
            .annotate(staff_count=Count("postings__staff", filter=working, distinct=True))
        )


store_list = list_view(StoreList)


def _store(request: Request, pk: int) -> Store:
    stores = Store.objects.visible_to(request.actor).select_related("region", "legal_entity")
    return get_object_or_404(stores, pk=pk)


def _crumbs(store: Store | None = None) -> list[Crumb]:
    crumbs = [Crumb(gettext("Stores"), reverse("stores:stores"))]
    return [*crumbs, Crumb(store.short_name, reverse("stores:store", args=[store.pk]))] if store else crumbs


@require_GET
@requires("stores.view_organisation")
def store_page(request: Request, pk: int) -> HttpResponse:
    """One store: what it is, when it is open, its tills and places, who works there."""
    store = _store(request, pk)
    today = local_date(request.now)
    postings = Posting.objects.filter(store=store).in_force(today).select_related("staff", "role")
    people = list(postings.order_by("role_id", "staff__number")[: PEOPLE_SHOWN + 1])
    facts = [
        Fact(_("Code"), store.code),
        Fact(_("Trade"), store.get_trade_display()),
        Fact(_("Legal entity"), store.legal_entity),
        Fact(_("Region"), store.region),
        Fact(_("Address"), store.address),
        Fact(_("Telephone"), store.telephone),
        Fact(_("Opened on"), store.opened_on),
        Fact(
            _("Business day ends at"), f"{store.closing_hour:02}:00" if store.closing_hour else _("Midnight")
        ),
        Fact(_("Time zone"), forms.zone_label(store.time_zone)),
    ]
    return render(
        request,
        "stores/store.html",
        {
            "store": store,
            "crumb_list": _crumbs(),
            "facts_list": facts,
            "week": week_of(store, store.business_date(request.now)),
            "registers": store.registers.all(),
            "places": store.stock_places.all(),
            "postings": people[:PEOPLE_SHOWN],
            "people_count": postings.count() if len(people) > PEOPLE_SHOWN else len(people),
            "may_manage": request.actor.can("stores.manage_stores", store_id=store.pk),
            "may_hire": request.actor.can("stores.manage_staff", store_id=store.pk),
            "may_set_hours": request.actor.can("stores.manage_calendar", store_id=store.pk),
        },
    )


@require_http_methods(FORM)
@requires("stores.manage_stores")
def store_new(request: Request) -> HttpResponse:
    """Open a store."""
    today = local_date(request.now)
    only = LegalEntity.objects.filter(is_active=True)[:2]
    initial = {
        "opened_on": today,
        "time_zone": merchant_zone().key,
        "trade": Merchant.objects.values_list("trade", flat=True).first(),
        "legal_entity": only[0] if len(only) == 1 else None,
    }
    form = forms.StoreForm(request.POST or None, initial=initial)
    return form_view(
        request,
        form=form,
        run=lambda data: operations.open_store(values=data, actor=request.actor, now=request.now),
        title=_("Open a store"),
        submit=_("Open the store"),
        success=lambda store: gettext("“%(name)s” is open.") % {"name": store.short_name},
        redirect_to=lambda store: reverse("stores:store", args=[store.pk]),
        cancel_url=reverse("stores:stores"),
        context={"draft": "store-new", "crumb_list": _crumbs()},
    )


@require_http_methods(FORM)
@requires("stores.manage_stores")
def store_edit(request: Request, pk: int) -> HttpResponse:
    """Change a store."""
    store = _store(request, pk)
    names = forms.StoreForm.base_fields
    form = forms.StoreForm(request.POST or None, initial={name: getattr(store, name) for name in names})
    url = reverse("stores:store", args=[pk])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.change_store(
            store=store, values=data, actor=request.actor, now=request.now
        ),
        title=gettext("Change “%(name)s”") % {"name": store.short_name},
        success=_("Saved."),
        redirect_to=url,
        cancel_url=url,
        context={"crumb_list": _crumbs(store)},
    )


@require_http_methods(FORM)
@requires("stores.manage_stores")
def store_close(request: Request, pk: int) -> HttpResponse:
    """Close a store."""
    store = _store(request, pk)
    form = forms.CloseStoreForm(request.POST or None, initial={"closed_on": local_date(request.now)})
    url = reverse("stores:store", args=[pk])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.close_store(store=store, actor=request.actor, now=request.now, **data),
        title=gettext("Close “%(name)s”") % {"name": store.short_name},
        submit=_("Close the store"),
        success=_("The store is closed."),
        redirect_to=url,
        cancel_url=url,
        undo=lambda closed: reverse("stores:store-reopen", args=[pk]),
        context={"crumb_list": _crumbs(store)},
    )


@require_POST
@requires("stores.manage_stores")
def store_reopen(request: Request, pk: int) -> HttpResponse:
    """Undo closing."""
    store = operations.reopen_store(store=_store(request, pk), actor=request.actor, now=request.now)
    return done(
        request,
        gettext("“%(name)s” is open again.") % {"name": store.short_name},
        to=reverse("stores:store", args=[pk]),
    )


@require_http_methods(FORM)
@requires("stores.manage_stores")
def register_form(request: Request, pk: int, register_pk: int | None = None) -> HttpResponse:
    """Add or change a till."""
    store = _store(request, pk)
    till = get_object_or_404(Register, store=store, pk=register_pk) if register_pk is not None else None
    initial = (
        {"code": till.code, "name": till.name, "is_active": till.is_active} if till else {"is_active": True}
    )
    form = forms.RegisterForm(request.POST or None, initial=initial)
    who: dict[str, Any] = {"actor": request.actor, "now": request.now}

    def run(data: dict[str, Any]) -> Register:
        if till:
            return operations.change_register(register=till, values=data, **who)
        return operations.add_register(store=store, code=data["code"], name=data["name"], **who)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change till") if till else _("Add a till"),
        success=_("Saved."),
        redirect_to=reverse("stores:store", args=[pk]),
        cancel_url=reverse("stores:store", args=[pk]),
        context={"crumb_list": _crumbs(store)},
    )


@require_http_methods(FORM)
@requires("stores.manage_stores")
def stock_place_form(request: Request, pk: int, place_pk: int | None = None) -> HttpResponse:
    """Add or change a place of stock."""
    store = _store(request, pk)
    place = get_object_or_404(StockPlace, store=store, pk=place_pk) if place_pk is not None else None
    initial = (
        {"name": place.name, "kind": place.kind, "is_active": place.is_active}
        if place
        else {"is_active": True}
    )
    form = forms.StockPlaceForm(request.POST or None, initial=initial)
    who: dict[str, Any] = {"actor": request.actor, "now": request.now}

    def run(data: dict[str, Any]) -> StockPlace:
        if place:
            return operations.change_stock_place(place=place, values=data, **who)
        return operations.add_stock_place(store=store, name=data["name"], kind=data["kind"], **who)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change place of stock") if place else _("Add a place of stock"),
        success=_("Saved."),
        redirect_to=reverse("stores:store", args=[pk]),
        cancel_url=reverse("stores:store", args=[pk]),
        context={"crumb_list": _crumbs(store)},
    )


@require_http_methods(FORM)
@requires("stores.manage_calendar")
def opening_hours(request: Request, pk: int) -> HttpResponse:
    """The weekly hours: seven days, two spans each."""
    store = _store(request, pk)
    form = forms.HoursForm(request.POST or None, initial=forms.HoursForm.of(store))
    url = reverse("stores:store", args=[pk])

    def run(data: dict[str, Any]) -> Any:
        weekly: list[tuple[int, time, time]] = form.weekly()
        return operations.set_opening_hours(store=store, weekly=weekly, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Opening hours"),
        success=_("Opening hours saved."),
        redirect_to=url,
        cancel_url=url,
        template="stores/hours.html",
        context={"store": store, "crumb_list": _crumbs(store)},
    )
