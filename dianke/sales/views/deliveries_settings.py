"""Windows and crews of a store, what is asked for at the door, what customers are told."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales import operations
from dianke.sales.forms.deliveries import WEEKDAYS, CrewForm, RulesForm, SlotDayForm, SlotForm
from dianke.sales.models import DeliveryCrew, DeliverySetting, DeliverySlot, SlotDay
from dianke.sales.models.deliveries import WHOLE_WEEK
from dianke.sales.operations.delivery_settings import MANAGE
from dianke.sales.operations.fulfilling import DELIVER
from dianke.sales.queries.deliveries import local_now, setting_of
from dianke.sales.rules.slots import weekdays_of
from dianke.sales.views.orders_rows import FORM, chosen_store, stores_of
from dianke.stores.models import Store
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.work.queries.people import people_who_may


def _url(store: Store) -> str:
    return f"{reverse('sales:delivery-settings')}?store={store.pk}"


def _crumbs(store: Store) -> list[Crumb]:
    return [Crumb(_("Windows and crews for deliveries"), _url(store))]


def _store(http: Request, permission: str) -> Store:
    """The store of a new row, from the address."""
    wanted = http.GET.get("store", "")
    stores = stores_of(http.actor, permission)
    found: Store = get_object_or_404(stores, pk=int(wanted) if wanted.isdecimal() else 0)
    return found


@require_GET
@requires(DELIVER)
def delivery_settings(request: Request) -> HttpResponse:
    """All of a store on one page."""
    stores = list(stores_of(request.actor, DELIVER))
    store = chosen_store(request.GET, request.actor, stores)
    context: dict[str, Any] = {"stores": stores, "store": store}
    if store is not None:
        names = dict(WEEKDAYS)
        today = local_now(store, request.now).date()
        context |= {
            "setting": setting_of(store.pk),
            "may_set": request.actor.can(MANAGE, store_id=store.pk),
            "slots": [
                {
                    "slot": slot,
                    "days": _("every day")
                    if slot.weekdays == WHOLE_WEEK
                    else "、".join(str(names[day]) for day in weekdays_of(slot.weekdays)),
                }
                for slot in DeliverySlot.objects.filter(store=store)
            ],
            "days": list(
                SlotDay.objects.filter(slot__store=store, day__gte=today)
                .select_related("slot")
                .order_by("day", "slot__from_time")[:60]
            ),
            "crews": list(DeliveryCrew.objects.filter(store=store).prefetch_related("members")),
        }
    return render(request, "sales/deliveries/settings.html", context)


@require_http_methods(FORM)
@requires(MANAGE)
def slot_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new window, or one that changes."""
    slot: DeliverySlot | None = None
    if pk is not None:
        rows = DeliverySlot.objects.visible_to(request.actor, MANAGE).select_related("store")
        slot = get_object_or_404(rows, pk=pk)
    store = slot.store if slot else _store(request, MANAGE)

    def run(data: dict[str, Any]) -> DeliverySlot:
        return operations.put_slot(store=store, slot=slot, **data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=SlotForm(request.POST if request.method == "POST" else None, initial=SlotForm.of(slot)),
        run=run,
        title=_("Change the window") if slot else _("New window"),
        success=_("Saved."),
        redirect_to=_url(store),
        cancel_url=_url(store),
        context={"crumb_list": _crumbs(store)},
    )


@require_http_methods(FORM)
@requires(DELIVER)
def slot_day(request: Request, pk: int) -> HttpResponse:
    """Another capacity of a window on one day."""
    rows = DeliverySlot.objects.visible_to(request.actor, DELIVER).select_related("store")
    slot: DeliverySlot = get_object_or_404(rows, pk=pk)
    form = SlotDayForm(
        request.POST if request.method == "POST" else None, initial={"day": request.GET.get("day", "")}
    )

    def run(data: dict[str, Any]) -> SlotDay | None:
        return operations.set_slot_day(slot=slot, **data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("“%(slot)s” on one day") % {"slot": slot.name},
        success=_("Saved."),
        redirect_to=_url(slot.store),
        cancel_url=_url(slot.store),
        context={"crumb_list": _crumbs(slot.store)},
    )


@require_http_methods(FORM)
@requires(DELIVER)
def crew_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new crew, or one that changes."""
    crew: DeliveryCrew | None = None
    if pk is not None:
        rows = DeliveryCrew.objects.visible_to(request.actor, DELIVER).select_related("store")
        crew = get_object_or_404(rows, pk=pk)
    store = crew.store if crew else _store(request, DELIVER)
    people = people_who_may({DELIVER}, store_id=store.pk, now=request.now)
    initial = (
        {"name": crew.name, "is_active": crew.is_active, "members": list(crew.members.all())} if crew else {}
    )
    form = CrewForm(request.POST if request.method == "POST" else None, initial=initial, people=people)

    def run(data: dict[str, Any]) -> DeliveryCrew:
        return operations.put_crew(store=store, crew=crew, **data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change the crew") if crew else _("New crew"),
        success=_("Saved."),
        redirect_to=_url(store),
        cancel_url=_url(store),
        context={"crumb_list": _crumbs(store)},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def rules_form(request: Request) -> HttpResponse:
    """What is asked for at the door and told to customers."""
    store = _store(request, MANAGE)
    initial = RulesForm.of(setting_of(store.pk))
    form = RulesForm(request.POST if request.method == "POST" else None, initial=initial)

    def run(data: dict[str, Any]) -> DeliverySetting:
        return operations.set_delivery_rules(
            store=store, values=form.values(), actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Rules of deliveries"),
        success=_("Saved."),
        redirect_to=_url(store),
        cancel_url=_url(store),
        context={"crumb_list": _crumbs(store)},
    )
