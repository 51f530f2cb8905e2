"""The merchant: legal entities, partners and their shares, regions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.stores import forms, operations
from dianke.stores.models import Holding, LegalEntity, Merchant, Partner, Region
from dianke.stores.queries import local_date
from dianke.stores.rules import WHOLE
from dianke.web.components import Crumb, Fact
from dianke.web.forms import KitForm, form_view

FORM = ("GET", "POST")
MANAGE = "stores.manage_merchant"


@dataclass(frozen=True, slots=True)
class Held:
    """A share as the page shows it."""

    holding: Holding
    is_current: bool


@dataclass(frozen=True, slots=True)
class Owned:
    """A legal entity with the shares in force."""

    entity: LegalEntity
    shares: list[Held]

    @property
    def is_short(self) -> bool:
        """Whether partners are named whose shares do not make up the whole."""
        return bool(self.shares) and sum(held.holding.share_basis_points for held in self.shares) < WHOLE


@dataclass(frozen=True, slots=True)
class Owning:
    """A partner with all shares, past ones too."""

    partner: Partner
    shares: list[Held]


@require_GET
@requires("stores.view_merchant")
def organisation(request: Request) -> HttpResponse:
    """Everything above the stores on one page. Seven queries."""
    today, actor = local_date(request.now), request.actor
    merchant = Merchant.objects.first()
    holdings = list(Holding.objects.visible_to(actor).select_related("partner", "legal_entity"))
    counted = LegalEntity.objects.visible_to(actor, "stores.view_merchant").annotate(
        store_count=Count("stores", distinct=True), staff_count=Count("staff", distinct=True)
    )
    regions = Region.objects.visible_to(actor).annotate(store_count=Count("stores"))
    facts = (
        [
            Fact(_("Merchant name"), merchant.name),
            Fact(_("Main trade"), merchant.get_trade_display()),
            Fact(_("Currency"), dict(forms.CURRENCIES).get(merchant.currency, merchant.currency)),
            Fact(_("Time zone"), forms.zone_label(merchant.time_zone)),
        ]
        if merchant
        else []
    )
    return render(
        request,
        "stores/organisation.html",
        {
            "merchant": merchant,
            "facts_list": facts,
            "entities": [
                Owned(entity, _shares(holdings, today, legal_entity_id=entity.pk)) for entity in counted
            ],
            "partners": [
                Owning(partner, _shares(holdings, today, partner_id=partner.pk, past=True))
                for partner in Partner.objects.visible_to(actor)
            ],
            "regions": _tree(list(regions)),
            "may_manage": actor.can("stores.manage_merchant"),
            "may_manage_regions": actor.can("stores.manage_stores"),
        },
    )


def _shares(holdings: list[Holding], today: date, *, past: bool = False, **wanted: int) -> list[Held]:
    """Shares of an entity or a partner; those that are over only when asked for."""
    ((name, pk),) = wanted.items()
    return [
        Held(holding, holding.is_in_force(today))
        for holding in holdings
        if getattr(holding, name) == pk and (past or holding.is_in_force(today))
    ]


def _tree(regions: list[Region]) -> list[tuple[int, Region]]:
    """Regions with their depth, each below the one it is part of."""
    shown = {region.pk for region in regions}
    children: dict[int | None, list[Region]] = {}
    for region in regions:
        # One whose parent the actor does not see stands at the top.
        children.setdefault(region.parent_id if region.parent_id in shown else None, []).append(region)
    found: list[tuple[int, Region]] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for region in children.get(parent_id, []):
            found.append((depth, region))
            walk(region.pk, depth + 1)

    walk(None, 0)
    return found


def _form(request: Request, form: KitForm, run: Any, title: Any) -> HttpResponse:
    home = reverse("stores:organisation")
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        success=_("Saved."),
        redirect_to=home,
        cancel_url=home,
        context={"crumb_list": [Crumb(gettext("Organisation"), home)]},
    )


def _who(request: Request) -> dict[str, Any]:
    return {"actor": request.actor, "now": request.now}


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def merchant_edit(request: Request) -> HttpResponse:
    """Change the merchant."""
    merchant = get_object_or_404(Merchant)
    names = forms.MerchantForm.base_fields
    form = forms.MerchantForm(request.POST or None, initial={name: getattr(merchant, name) for name in names})
    return _form(
        request,
        form,
        lambda data: operations.change_merchant(values=data, **_who(request)),
        _("Change merchant"),
    )


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def entity_form(request: Request, pk: int | None = None) -> HttpResponse:
    """Add or change a legal entity."""
    entity = (
        get_object_or_404(LegalEntity.objects.visible_to(request.actor, MANAGE), pk=pk)
        if pk is not None
        else None
    )
    names = forms.LegalEntityForm.base_fields
    initial = {name: getattr(entity, name) for name in names} if entity else {"is_active": True}
    form = forms.LegalEntityForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> LegalEntity:
        if entity:
            return operations.change_legal_entity(entity=entity, values=data, **_who(request))
        return operations.add_legal_entity(values=data, **_who(request))

    return _form(request, form, run, _("Change legal entity") if entity else _("Add a legal entity"))


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def partner_form(request: Request, pk: int | None = None) -> HttpResponse:
    """Add or change a partner."""
    partner = (
        get_object_or_404(Partner.objects.visible_to(request.actor, MANAGE), pk=pk)
        if pk is not None
        else None
    )
    initial = {"name": partner.name, "is_active": partner.is_active} if partner else {"is_active": True}
    form = forms.PartnerForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Partner:
        if partner:
            return operations.change_partner(partner=partner, values=data, **_who(request))
        return operations.add_partner(name=data["name"], **_who(request))

    return _form(request, form, run, _("Change partner") if partner else _("Add a partner"))


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def holding_new(request: Request, pk: int) -> HttpResponse:
    """Give a partner a share."""
    partner = get_object_or_404(Partner.objects.visible_to(request.actor, MANAGE), pk=pk)
    form = forms.HoldingForm(request.POST or None, initial={"from_date": local_date(request.now)})

    def run(data: dict[str, Any]) -> Holding:
        return operations.give_holding(
            partner=partner,
            legal_entity=data["legal_entity"],
            share_basis_points=int(data["share"] * 100),
            from_date=data["from_date"],
            to_date=data["to_date"],
            **_who(request),
        )

    return _form(request, form, run, gettext("Give %(name)s a share") % {"name": partner.name})


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def holding_end(request: Request, pk: int) -> HttpResponse:
    """End a share."""
    holding = get_object_or_404(Holding.objects.visible_to(request.actor, MANAGE), pk=pk)
    form = forms.EndDateForm(request.POST or None, initial={"to_date": local_date(request.now)})
    return _form(
        request,
        form,
        lambda data: operations.end_holding(holding=holding, **data, **_who(request)),
        _("End the share"),
    )


@require_http_methods(FORM)
@requires("stores.manage_stores")
def region_form(request: Request, pk: int | None = None) -> HttpResponse:
    """Add or change a region."""
    region = (
        get_object_or_404(Region.objects.visible_to(request.actor, "stores.manage_stores"), pk=pk)
        if pk is not None
        else None
    )
    form = forms.RegionForm(
        request.POST or None, initial={"name": region.name, "parent": region.parent_id} if region else None
    )

    def run(data: dict[str, Any]) -> Region:
        if region:
            return operations.change_region(region=region, values=data, **_who(request))
        return operations.add_region(**data, **_who(request))

    return _form(request, form, run, _("Change region") if region else _("Add a region"))
