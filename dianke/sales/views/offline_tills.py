"""Tills that sell without the server: what arrived of them and what is missing, the limits they were given, and the
limits every store gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.models import Device
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.sales.forms.offline import LimitsForm, WithdrawForm
from dianke.sales.models import DeviceGap, DeviceJournal, OfflineGrant, OfflinePolicy
from dianke.sales.operations.offline import limits_of, revoke_grants, set_offline_policy
from dianke.sales.rules.business_day import SKEW_LIMIT
from dianke.sales.rules.offline import Limits
from dianke.sales.views.register_parts import CLOSE, FORM, MOST_CHOICES, SETTINGS, shown, stores_of
from dianke.stores.models import Store
from dianke.stores.queries import store_names
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Filter, Kind, Listing, Result, State, as_id, register

MOST_GAPS = 50
_JOURNAL = DeviceJournal.objects.filter(device=OuterRef("pk"))
_GAPS = DeviceGap.objects.filter(journal__device=OuterRef("pk"))


def devices_of(actor: Actor, permission: str = CLOSE) -> QuerySet[Device]:
    """Tills of the stores where the actor holds the permission that were given limits or sold something."""
    given = OfflineGrant.objects.filter(device=OuterRef("pk"))
    rows: QuerySet[Device] = Device.objects.filter(Exists(_JOURNAL) | Exists(given))
    reached = actor.stores_for(permission)
    return rows if reached is None else rows.filter(store_id__in=reached)


def skew_text(seconds: int) -> str:
    """How far a clock is off, for people."""
    if abs(seconds) <= 60:
        return pgettext("clock", "right")
    minutes = round(abs(seconds) / 60)
    text = (
        ngettext("%(n)s minute ahead", "%(n)s minutes ahead", minutes)
        if seconds > 0
        else ngettext("%(n)s minute behind", "%(n)s minutes behind", minutes)
    )
    return text % {"n": minutes}


def _stores_offered(actor: Actor) -> list[tuple[Any, Any]]:
    return list(stores_of(actor, CLOSE).values_list("pk", "short_name")[:MOST_CHOICES])


@register
class TillListing(Listing):
    """Shared tills with the state of their journals."""

    code = "sales.offline_tills"
    title = _("Tills offline")
    permission = CLOSE
    search_fields = ("name",)
    search_hint = pgettext_lazy("register", "Till")
    default_sort = "name"
    can_export = False
    columns = (
        Column(
            "name",
            pgettext_lazy("register", "Till"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("sales:offline-till", args=[row.pk]),
        ),
        Column("store", _("Store"), value=lambda row: row.store_name),
        Column(
            "missing",
            _("Sales that are missing"),
            Kind.STATUS,
            value=lambda row: row.missing_text,
            tone=lambda row: "bad" if row.missing else "good",
        ),
        Column("highest", _("Newest number"), Kind.NUMBER, value=lambda row: row.highest),
        Column(
            "skew",
            pgettext_lazy("of a till", "Clock"),
            Kind.STATUS,
            value=lambda row: skew_text(row.skew),
            tone=lambda row: "wait" if abs(row.skew) > SKEW_LIMIT.total_seconds() else "good",
        ),
        Column("reported", _("Last reported"), Kind.INSTANT, value=lambda row: row.reported_at),
        Column(
            "grant",
            _("May sell offline until"),
            Kind.INSTANT,
            value=lambda row: row.grant.expires_at if row.grant else None,
        ),
    )
    filters = (
        Filter(
            "state",
            _("State"),
            lambda rows, value: (
                rows.filter(Exists(_GAPS))
                if value == "missing"
                else rows.filter(
                    Exists(
                        _JOURNAL.filter(
                            Q(skew_seconds__gt=SKEW_LIMIT.total_seconds())
                            | Q(skew_seconds__lt=-SKEW_LIMIT.total_seconds())
                        )
                    )
                )
                if value == "clock"
                else rows
            ),
            lambda actor: (("missing", _("Sales missing")), ("clock", _("Clock wrong"))),
            is_quick=True,
        ),
        Filter("store", _("Store"), lambda rows, value: rows.filter(store_id=as_id(value)), _stores_offered),
    )
    empty = (
        "device-tablet",
        _(
            "Tills that may sell without the server stand here, with what arrived of them and what is missing."
        ),
        "",
        "",
        CLOSE,
    )

    def queryset(self) -> QuerySet[Device]:
        return devices_of(self.actor)

    def result(self, state: State) -> Result:
        result = super().result(state)
        self._dress(result.page.items)
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterable[Any]:
        rows = list(rows)
        self._dress(rows)
        return rows

    def _dress(self, rows: Sequence[Any]) -> None:
        """Journals, gaps, live grants and names of stores: four statements for all."""
        keys = [row.pk for row in rows]
        journals = {each.device_id: each for each in DeviceJournal.objects.filter(device__in=keys)}
        missing: dict[int, int] = {}
        gaps = DeviceGap.objects.filter(journal__device__in=keys)
        for device_id, first, last in gaps.values_list("journal__device_id", "first", "last"):
            missing[device_id] = missing.get(device_id, 0) + last - first + 1
        live = OfflineGrant.objects.filter(device__in=keys, revoked_at=None, expires_at__gt=self.now)
        grants = {each.device_id: each for each in live.order_by("expires_at")}
        names = store_names({row.store_id for row in rows if row.store_id})
        for row in rows:
            journal = journals.get(row.pk)
            row.store_name = names.get(row.store_id, "")
            row.missing = missing.get(row.pk, 0)
            row.missing_text = (
                ngettext("%(n)s sale missing", "%(n)s sales missing", row.missing) % {"n": row.missing}
                if row.missing
                else pgettext("sales of a till", "All there")
            )
            row.highest = journal.highest if journal else 0
            row.skew = journal.skew_seconds if journal else 0
            row.reported_at = journal.reported_at if journal else None
            row.grant = grants.get(row.pk)


till_list = list_view(TillListing, "sales/registers/tills.html")


def _crumbs() -> list[Crumb]:
    return [Crumb(gettext("Tills offline"), reverse("sales:offline-tills"))]


@require_GET
@requires(CLOSE)
def till_page(request: Request, pk: int) -> HttpResponse:
    """One till: its journal, what is missing, the limits it was given and what was used of them."""
    device = get_object_or_404(devices_of(request.actor), pk=pk)
    journal = DeviceJournal.objects.filter(device=device).select_related("store").first()
    grants = list(
        OfflineGrant.objects.filter(device=device)
        .select_related("store", "issued_by", "revoked_by")
        .order_by("-issued_at", "-pk")[:10]
    )
    live = [each for each in grants if each.revoked_at is None and each.expires_at > request.now]
    gaps = list(DeviceGap.objects.filter(journal__device=device).order_by("first")[: MOST_GAPS + 1])
    store = store_names({device.store_id} if device.store_id else set())
    facts = [
        Fact(gettext("Store"), store.get(device.store_id or 0, "")),
        Fact(gettext("Newest number"), journal.highest if journal else 0),
        Fact(gettext("Sales that arrived"), journal.arrived_count if journal else 0),
        Fact(pgettext("of a till", "Clock"), skew_text(journal.skew_seconds) if journal else ""),
        Fact(pgettext("of a till", "Browser"), device.browser),
    ]
    context: dict[str, Any] = {
        "device": device,
        "journal": journal,
        "gaps": [
            {"gap": each, "text": str(each.first) if each.first == each.last else f"{each.first}–{each.last}"}
            for each in gaps[:MOST_GAPS]
        ],
        "has_more": len(gaps) > MOST_GAPS,
        "grants": [_grant(each, live) for each in grants],
        "may_withdraw": bool(live) and request.actor.can(SETTINGS, store_id=device.store_id),
        "facts": [fact for fact in facts if fact.value != ""],
        "crumb_list": _crumbs(),
    }
    return render(request, "sales/registers/till.html", context)


def _grant(grant: OfflineGrant, live: Sequence[OfflineGrant]) -> dict[str, Any]:
    currency = grant.store.currency
    state = (
        (pgettext("limits", "Withdrawn"), "bad")
        if grant.revoked_at
        else (pgettext("limits", "In force"), "good")
        if grant in live
        else (pgettext("limits", "Ended"), "off")
    )
    return {
        "grant": grant,
        "state": state[0],
        "tone": state[1],
        "used": gettext("%(used)s of %(limit)s sales, %(amount)s of %(most)s")
        % {
            "used": grant.used_sale_count,
            "limit": grant.sale_count,
            "amount": shown(grant.used_total_amount, currency),
            "most": shown(grant.total_amount, currency),
        },
    }


@require_http_methods(FORM)
@requires(SETTINGS)
def till_withdraw(request: Request, pk: int) -> HttpResponse:
    """Withdraw what a till was given: it is lost, or not trusted any more."""
    device = get_object_or_404(devices_of(request.actor, SETTINGS), pk=pk)
    page = reverse("sales:offline-till", args=[pk])
    return form_view(
        request,
        form=WithdrawForm(request.POST or None),
        run=lambda data: revoke_grants(
            device=device, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=gettext("Withdraw the limits of “%(till)s”") % {"till": device.name},
        success=gettext("Withdrawn. What it sells from now on is an exception to look at."),
        redirect_to=page,
        submit=pgettext("limits", "Withdraw"),
        cancel_url=page,
        context={"crumb_list": _crumbs()},
    )


# --- limits ----------------------------------------------------------------------------------------------------------
@require_GET
@requires(SETTINGS)
def limits_page(request: Request) -> HttpResponse:
    """What tills of each store may sell without the server; what holds for all the others."""
    stores = list(stores_of(request.actor, SETTINGS)[:MOST_CHOICES])
    own = {row.store_id: row for row in OfflinePolicy.objects.visible_to(request.actor, SETTINGS)}
    everywhere = request.actor.stores_for(SETTINGS) is None
    usual = own.get(None)
    context = {
        "usual": _limits_text(usual or Limits(), stores[0].currency if stores else "CNY"),
        "may_usual": everywhere,
        "stores": [
            {
                "store": store,
                "is_own": store.pk in own,
                "text": _limits_text(own.get(store.pk) or usual or Limits(), store.currency),
            }
            for store in stores
        ],
    }
    return render(request, "sales/settings/offline.html", context)


def _limits_text(limits: Any, currency: str) -> str:
    return gettext(
        "%(count)s sales, %(total)s together, %(one)s each; warns after %(warn)s h, stops after %(stop)s h"
    ) % {
        "count": limits.sale_count,
        "total": shown(limits.total_amount, currency),
        "one": shown(limits.sale_amount, currency),
        "warn": limits.warn_hours,
        "stop": limits.block_hours,
    }


def _limits_form(http: Request, store: Store | None, limits: Limits, title: str) -> HttpResponse:
    page = reverse("sales:offline-limits")
    form = LimitsForm(http.POST or None, initial=asdict(limits))
    return form_view(
        http,
        form=form,
        run=lambda data: set_offline_policy(
            store=store, limits=form.limits(), actor=http.actor, now=http.now
        ),
        title=title,
        success=gettext("Saved. It holds from the next time a till is given its limits."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": [Crumb(gettext("Limits of selling offline"), page)]},
    )


@require_http_methods(FORM)
@requires(SETTINGS)
def limits_usual(request: Request) -> HttpResponse:
    """The limits of all stores without their own."""
    request.actor.require(SETTINGS, store_id=None)
    row = OfflinePolicy.objects.filter(store=None).first()
    limits = Limits(**{name: getattr(row, name) for name in asdict(Limits())}) if row else Limits()
    return _limits_form(request, None, limits, gettext("Limits of all stores"))


@require_http_methods(FORM)
@requires(SETTINGS)
def limits_store(request: Request, pk: int) -> HttpResponse:
    """The limits of one store's tills."""
    store = get_object_or_404(stores_of(request.actor, SETTINGS), pk=pk)
    return _limits_form(
        request, store, limits_of(store), gettext("Limits of %(store)s") % {"store": store.short_name}
    )
