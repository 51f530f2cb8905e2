"""What a service takes and uses up, what a bundle holds, the options of something made to order and their rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.products import ServiceForm
from dianke.catalog.forms.recipes import ChoiceForm, GroupForm, PartsForm, RulesForm, lines_of
from dianke.catalog.models import ConfigurationChoice, ConfigurationGroup, Product
from dianke.catalog.operations import bundles, configuration, service_details
from dianke.catalog.views.goods import crumbs_to, product_or_404, variant_or_404
from dianke.catalog.views.listings import MANAGE, merchant_currency
from dianke.core.errors import Conflict, InvalidInput
from dianke.web.forms import KitForm, form_view
from dianke.web.responses import done

FORM = ("GET", "POST")


def _form(
    http: Request,
    product: Product,
    form: KitForm,
    run: Callable[[dict[str, Any]], Any],
    title: str,
    template: str = "web/form.html",
) -> HttpResponse:
    back = reverse("catalog:product", args=[product.pk])
    return form_view(
        http,
        form=form,
        run=run,
        title=title,
        success=_("Saved."),
        redirect_to=back,
        cancel_url=back,
        template=template,
        context={"crumb_list": crumbs_to(product)},
    )


@require_http_methods(FORM)
@requires(MANAGE)
def service(request: Request, pk: int) -> HttpResponse:
    """Minutes and skills of a service."""
    product = product_or_404(request, pk)
    held = getattr(product, "service", None)
    initial = (
        {
            "duration_minutes": held.duration_minutes,
            "buffer_minutes": held.buffer_minutes,
            "skills": held.skills.all(),
        }
        if held
        else {}
    )
    form = ServiceForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Any:
        return service_details.describe_service(
            product=product,
            duration_minutes=data["duration_minutes"],
            buffer_minutes=data["buffer_minutes"] or 0,
            skills=list(data["skills"]),
            actor=request.actor,
            now=request.now,
        )

    return _form(request, product, form, run, _("What %(name)s takes") % {"name": product.name})


@require_http_methods(FORM)
@requires(MANAGE)
def consumables(request: Request, pk: int) -> HttpResponse:
    """What one service uses up by the book."""
    found = variant_or_404(request, pk)
    form = PartsForm(
        request.POST or None, initial={"parts": lines_of(found.consumables.select_related("variant"))}
    )
    form.fields["parts"].required = False
    form.fields["parts"].help_text = _("One line each: SKU or barcode, and how much. “P10001 0.05”")

    def run(data: dict[str, Any]) -> Any:
        return service_details.set_consumables(
            service=found, parts=data["parts"], actor=request.actor, now=request.now
        )

    return _form(request, found.product, form, run, _("What %(name)s uses up") % {"name": found})


@require_http_methods(FORM)
@requires(MANAGE)
def bundle(request: Request, pk: int) -> HttpResponse:
    """What a bundle holds, with each part's share of the price."""
    found = variant_or_404(request, pk)
    lines = lines_of(found.bundle_items.select_related("variant"), with_share=True)
    form = PartsForm(request.POST or None, initial={"parts": lines})
    form.fields["parts"].help_text = _(
        "One line each: SKU or barcode, how many, and if you like its share of the price. “P10001 2 3”"
    )

    def run(data: dict[str, Any]) -> Any:
        return bundles.set_bundle(bundle=found, parts=data["parts"], actor=request.actor, now=request.now)

    return _form(request, found.product, form, run, _("What is in %(name)s") % {"name": found})


# --- options ---------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def group_new(request: Request, pk: int) -> HttpResponse:
    """A further group of options."""
    product = product_or_404(request, pk)
    form = GroupForm(request.POST or None)

    def run(data: dict[str, Any]) -> Any:
        return configuration.add_group(product=product, values=data, actor=request.actor, now=request.now)

    return _form(request, product, form, run, _("New group of options"))


def _group(http: Request, pk: int) -> ConfigurationGroup:
    rows = ConfigurationGroup.objects.visible_to(http.actor).select_related("product")
    found: ConfigurationGroup = get_object_or_404(rows, pk=pk)
    return found


@require_http_methods(FORM)
@requires(MANAGE)
def group(request: Request, pk: int) -> HttpResponse:
    """Change a group of options."""
    found = _group(request, pk)
    initial = {name: getattr(found, name) for name in GroupForm.base_fields}
    form = GroupForm(request.POST or None, initial=initial)

    def run(data: dict[str, Any]) -> Any:
        return configuration.change_group(group=found, values=data, actor=request.actor, now=request.now)

    return _form(request, found.product, form, run, _("Change %(name)s") % {"name": found})


@require_http_methods(FORM)
@requires(MANAGE)
def choice_new(request: Request, pk: int) -> HttpResponse:
    """A further option of a group."""
    found = _group(request, pk)
    form = _choice_form(request)

    def run(data: dict[str, Any]) -> Any:
        return configuration.add_choice(
            group=found, values=form.choice_values(), actor=request.actor, now=request.now
        )

    return _form(request, found.product, form, run, _("New option: %(group)s") % {"group": found})


@require_http_methods(FORM)
@requires(MANAGE)
def choice(request: Request, pk: int) -> HttpResponse:
    """Change an option, or offer it no more."""
    rows = ConfigurationChoice.objects.visible_to(request.actor).select_related("group__product", "variant")
    found: ConfigurationChoice = get_object_or_404(rows, pk=pk)
    names = ("name", "price_delta_amount", "extra_lead_days", "quantity", "is_active")
    form = _choice_form(
        request,
        {name: getattr(found, name) for name in names}
        | {"code": found.variant.code if found.variant else ""},
    )

    def run(data: dict[str, Any]) -> Any:
        return configuration.change_choice(
            choice=found, values=form.choice_values(), actor=request.actor, now=request.now
        )

    return _form(request, found.group.product, form, run, _("Change %(name)s") % {"name": found})


def _choice_form(http: Request, initial: dict[str, Any] | None = None) -> ChoiceForm:
    form = ChoiceForm(http.POST or None, initial=initial or {"is_active": True})
    form.fields["price_delta_amount"].currency = merchant_currency()  # type: ignore[attr-defined]
    return form


@require_http_methods(FORM)
@requires(MANAGE)
def rules(request: Request, pk: int) -> HttpResponse:
    """Which options need or exclude each other."""
    product = product_or_404(request, pk)
    form, status = RulesForm(request.POST or None, product=product), 200
    back = reverse("catalog:product", args=[pk])
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                configuration.set_rules(
                    product=product, rules=form.rules(), actor=request.actor, now=request.now
                )
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                return done(request, _("Saved."), to=back)
    context = {"form": form, "product": product, "back": back, "crumb_list": crumbs_to(product)}
    return render(request, "catalog/product/rules.html", context, status=status)
