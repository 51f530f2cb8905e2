"""The merchant: legal entities, partners and their shares, regions."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.stores import forms, operations
from dianke.stores.models import Holding, LegalEntity, Merchant, Partner, Region
from dianke.web.components import Crumb, Fact
from dianke.web.forms import KitForm, form_view

FORM = ("GET", "POST")


@require_GET
@requires("stores.manage_merchant")
def organisation(request: HttpRequest) -> HttpResponse:
    """Everything above the stores on one page. Seven queries."""
    today = timezone.localdate(request.now)  # type: ignore[attr-defined]
    merchant = Merchant.objects.first()
    entities = list(LegalEntity.objects.annotate(store_count=Count("stores", distinct=True), staff_count=Count("staff", distinct=True)))
    holdings = list(Holding.objects.select_related("partner", "legal_entity").order_by("legal_entity", "-share_basis_points"))
    for holding in holdings:
        holding.is_current = holding.from_date <= today and (holding.to_date is None or holding.to_date > today)  # type: ignore[attr-defined]
    for entity in entities:
        entity.shares = [h for h in holdings if h.legal_entity_id == entity.pk and h.is_current]  # type: ignore[attr-defined]
        entity.shares_total = sum(h.share_basis_points for h in entity.shares)  # type: ignore[attr-defined]
    partners = list(Partner.objects.select_related("user"))
    for partner in partners:
        partner.shares = [h for h in holdings if h.partner_id == partner.pk]  # type: ignore[attr-defined]
    regions = list(Region.objects.annotate(store_count=Count("stores")))
    facts = (
        [
            Fact(_("Merchant name"), merchant.name),
            Fact(_("Main trade"), merchant.get_trade_display()),
            Fact(_("Currency"), merchant.currency),
            Fact(_("Time zone"), merchant.time_zone),
        ]
        if merchant
        else []
    )
    return render(
        request,
        "stores/organisation.html",
        {"merchant": merchant, "facts_list": facts, "entities": entities, "partners": partners, "regions": _tree(regions)},
    )


def _tree(regions: list[Region]) -> list[tuple[int, Region]]:
    """Regions with their depth, each below the one it is part of."""
    children: dict[int | None, list[Region]] = {}
    for region in regions:
        children.setdefault(region.parent_id, []).append(region)
    found: list[tuple[int, Region]] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for region in children.get(parent_id, []):
            found.append((depth, region))
            walk(region.pk, depth + 1)

    walk(None, 0)
    return found


def _form(request: HttpRequest, form: KitForm, run: Any, title: Any) -> HttpResponse:
    home = reverse("stores:organisation")
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        success=_("Saved."),
        redirect_to=home,
        cancel_url=home,
        context={"crumb_list": [Crumb(_t("Organisation"), home)]},
    )


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.actor, "now": request.now}  # type: ignore[attr-defined]


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def merchant_edit(request: HttpRequest) -> HttpResponse:
    """Change the merchant."""
    merchant = get_object_or_404(Merchant)
    names = forms.MerchantForm.base_fields
    form = forms.MerchantForm(request.POST or None, initial={name: getattr(merchant, name) for name in names})
    return _form(request, form, lambda data: operations.change_merchant(values=data, **_who(request)), _("Change merchant"))


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def entity_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a legal entity."""
    entity = get_object_or_404(LegalEntity, pk=pk) if pk else None
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
def partner_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a partner."""
    partner = get_object_or_404(Partner, pk=pk) if pk else None
    initial = {"name": partner.name, "is_active": partner.is_active} if partner else {"is_active": True}
    form = forms.PartnerForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Partner:
        if partner:
            return operations.change_partner(partner=partner, values=data, **_who(request))
        return operations.add_partner(name=data["name"], **_who(request))

    return _form(request, form, run, _("Change partner") if partner else _("Add a partner"))


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def holding_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a partner a share."""
    partner = get_object_or_404(Partner, pk=pk)
    form = forms.HoldingForm(request.POST or None, initial={"from_date": timezone.localdate(request.now)})  # type: ignore[attr-defined]

    def run(data: dict[str, Any]) -> Holding:
        return operations.give_holding(
            partner=partner,
            legal_entity=data["legal_entity"],
            share_basis_points=int(data["share"] * 100),
            from_date=data["from_date"],
            to_date=data["to_date"],
            **_who(request),
        )

    return _form(request, form, run, _t("Give %(name)s a share") % {"name": partner.name})


@require_http_methods(FORM)
@requires("stores.manage_merchant")
def holding_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a share."""
    holding = get_object_or_404(Holding.objects.select_related("partner", "legal_entity"), pk=pk)
    form = forms.EndDateForm(request.POST or None, initial={"to_date": timezone.localdate(request.now)})  # type: ignore[attr-defined]
    return _form(
        request, form, lambda data: operations.end_holding(holding=holding, **data, **_who(request)), _("End the share")
    )


@require_http_methods(FORM)
@requires("stores.manage_stores")
def region_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a region."""
    region = get_object_or_404(Region, pk=pk) if pk else None
    form = forms.RegionForm(request.POST or None, initial={"name": region.name, "parent": region.parent_id} if region else None)

    def run(data: dict[str, Any]) -> Region:
        if region:
            return operations.change_region(region=region, values=data, **_who(request))
        return operations.add_region(**data, **_who(request))

    return _form(request, form, run, _("Change region") if region else _("Add a region"))
