"""Attributes products are told apart by: their names, values and order, where they are used; what imports made twice
becomes one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.forms.settings import AttributeForm, IntoForm, NameForm, ValuesForm
from dianke.catalog.models import Attribute, AttributeValue, Product, ProductAttribute
from dianke.catalog.operations import attributes
from dianke.catalog.views.listings import MANAGE
from dianke.web.components import Crumb
from dianke.web.forms import KitForm, form_view
from dianke.web.responses import done

FORM = ("GET", "POST")
LIST = "catalog:attributes"
SHOWN_PRODUCTS = 30


def _attribute(http: Request, pk: int) -> Attribute:
    found: Attribute = get_object_or_404(Attribute.objects.visible_to(http.actor), pk=pk)
    return found


def _value(http: Request, pk: int) -> AttributeValue:
    rows = AttributeValue.objects.visible_to(http.actor).select_related("attribute")
    found: AttributeValue = get_object_or_404(rows, pk=pk)
    return found


def _page(pk: int) -> str:
    return reverse("catalog:attribute", args=[pk])


def _crumbs(*more: Crumb) -> list[Crumb]:
    title = pgettext("of a product", "Attributes")
    return [Crumb(_("Settings"), reverse("settings")), Crumb(title, reverse(LIST)), *more]


def _form(
    http: Request, form: KitForm, run: Callable[[dict[str, Any]], Any], title: str, back: str, **more: Any
) -> HttpResponse:
    return form_view(
        http,
        form=form,
        run=run,
        title=title,
        success=more.pop("success", _("Saved.")),
        redirect_to=back,
        cancel_url=back,
        context={"crumb_list": _crumbs()},
        **more,
    )


# --- looking ---------------------------------------------------------------------------------------------------------
@require_GET
@requires(MANAGE)
def attribute_list(request: Request) -> HttpResponse:
    """Every attribute with its values, and how many products are told apart by it."""
    used = (
        ProductAttribute.objects.filter(attribute=OuterRef("pk"))
        .order_by()
        .values("attribute")
        .annotate(count=Count("pk"))
        .values("count")
    )
    rows = list(
        Attribute.objects.visible_to(request.actor)
        .annotate(product_count=Coalesce(Subquery(used), 0))
        .prefetch_related("values")
    )
    context = {
        "rows": rows,
        "can_manage": request.actor.can(MANAGE),
        "crumb_list": [Crumb(_("Settings"), reverse("settings"))],
    }
    return render(request, "catalog/settings/attributes.html", context)


@require_GET
@requires(MANAGE)
def attribute_page(request: Request, pk: int) -> HttpResponse:
    """One attribute: its values with how many variants have each, and the products told apart by it."""
    found = _attribute(request, pk)
    in_use = Count("variant_values", filter=Q(variant_values__variant__is_active=True))
    values = list(
        found.values.annotate(variant_count=in_use, held_count=Count("variant_values")).order_by(
            "position", "pk"
        )
    )
    products = list(
        Product.objects.visible_to(request.actor)
        .filter(axes__attribute=found)
        .order_by("name", "pk")[: SHOWN_PRODUCTS + 1]
    )
    context = {
        "attribute": found,
        "values": values,
        "products": products[:SHOWN_PRODUCTS],
        "has_more": len(products) > SHOWN_PRODUCTS,
        "most": SHOWN_PRODUCTS,
        "is_used": bool(products) or any(value.held_count for value in values),
        "has_others": Attribute.objects.exclude(pk=pk).exists(),
        "can_manage": request.actor.can(MANAGE),
        "crumb_list": _crumbs(),
    }
    return render(request, "catalog/settings/attribute.html", context)


# --- attributes ------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def attribute_new(request: Request) -> HttpResponse:
    """A further attribute with its values."""
    form = AttributeForm(request.POST or None)

    def run(data: dict[str, Any]) -> Attribute:
        return attributes.add_attribute(**data, actor=request.actor, now=request.now)

    return _form(request, form, run, _("New attribute"), reverse(LIST))


@require_http_methods(FORM)
@requires(MANAGE)
def attribute_rename(request: Request, pk: int) -> HttpResponse:
    """Another name, everywhere."""
    found = _attribute(request, pk)
    form = NameForm(request.POST or None, initial={"name": found.name})

    def run(data: dict[str, Any]) -> Attribute:
        return attributes.rename_attribute(
            attribute=found, name=data["name"][:20], actor=request.actor, now=request.now
        )

    return _form(request, form, run, _("Rename %(name)s") % {"name": found}, _page(pk))


@require_POST
@requires(MANAGE)
def attribute_up(request: Request, pk: int) -> HttpResponse:
    """One place further up."""
    found = _attribute(request, pk)
    order = _moved_up(list(Attribute.objects.values_list("pk", flat=True)), found.pk)
    attributes.sort_attributes(order=order, actor=request.actor, now=request.now)
    return done(request, _("Moved up."), to=reverse(LIST))


@require_http_methods(FORM)
@requires(MANAGE)
def attribute_merge(request: Request, pk: int) -> HttpResponse:
    """Make it one with another: 颜色 and 色号."""
    found = _attribute(request, pk)
    others = Attribute.objects.visible_to(request.actor).exclude(pk=pk).values_list("pk", "name")
    form = IntoForm(request.POST or None, others=list(others))

    def run(data: dict[str, Any]) -> Attribute:
        into = _attribute(request, data["into"])
        return attributes.merge_attributes(attribute=found, into=into, actor=request.actor, now=request.now)

    return _form(
        request,
        form,
        run,
        _("Merge %(name)s into another attribute") % {"name": found},
        reverse(LIST),
        submit=_("Merge"),
        template="catalog/settings/attribute_merge.html",
        success=_("The two are one now."),
    )


@require_POST
@requires(MANAGE)
def attribute_remove(request: Request, pk: int) -> HttpResponse:
    """Forget an attribute nothing uses."""
    found = _attribute(request, pk)
    attributes.remove_attribute(attribute=found, actor=request.actor, now=request.now)
    return done(request, _("“%(name)s” is removed.") % {"name": found.name}, to=reverse(LIST))


# --- values ----------------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(MANAGE)
def values_new(request: Request, pk: int) -> HttpResponse:
    """Further values."""
    found = _attribute(request, pk)
    form = ValuesForm(request.POST or None)

    def run(data: dict[str, Any]) -> Attribute:
        return attributes.add_attribute_values(
            attribute=found, names=data["values"], actor=request.actor, now=request.now
        )

    return _form(request, form, run, _("Values of %(name)s") % {"name": found}, _page(pk))


@require_http_methods(FORM)
@requires(MANAGE)
def value_rename(request: Request, pk: int) -> HttpResponse:
    """Another name, in the names of variants too."""
    found = _value(request, pk)
    form = NameForm(request.POST or None, initial={"name": found.name})
    form.fields["name"].help_text = _("Variants that have it are called so at once; printed labels are not.")

    def run(data: dict[str, Any]) -> AttributeValue:
        return attributes.rename_attribute_value(
            value=found, name=data["name"], actor=request.actor, now=request.now
        )

    return _form(request, form, run, _("Rename %(name)s") % {"name": found}, _page(found.attribute_id))


@require_POST
@requires(MANAGE)
def value_up(request: Request, pk: int) -> HttpResponse:
    """One place further up."""
    found = _value(request, pk)
    order = _moved_up(list(found.attribute.values.values_list("pk", flat=True)), found.pk)
    attributes.sort_attribute_values(
        attribute=found.attribute, order=order, actor=request.actor, now=request.now
    )
    return done(request, _("Moved up."), to=_page(found.attribute_id))


@require_http_methods(FORM)
@requires(MANAGE)
def value_merge(request: Request, pk: int) -> HttpResponse:
    """Make it one with another value: 红 and 红色."""
    found = _value(request, pk)
    others = found.attribute.values.exclude(pk=pk).values_list("pk", "name")
    form = IntoForm(request.POST or None, others=list(others))

    def run(data: dict[str, Any]) -> AttributeValue:
        into = _value(request, data["into"])
        return attributes.merge_attribute_values(value=found, into=into, actor=request.actor, now=request.now)

    return _form(
        request,
        form,
        run,
        _("Merge %(name)s into another value") % {"name": found},
        _page(found.attribute_id),
        submit=_("Merge"),
        template="catalog/settings/attribute_merge.html",
        success=_("The two are one now."),
    )


@require_POST
@requires(MANAGE)
def value_remove(request: Request, pk: int) -> HttpResponse:
    """Forget a value no variant has."""
    found = _value(request, pk)
    attributes.remove_attribute_value(value=found, actor=request.actor, now=request.now)
    return done(request, _("“%(name)s” is removed.") % {"name": found.name}, to=_page(found.attribute_id))


def _moved_up(order: Sequence[int], pk: int) -> list[int]:
    found, place = list(order), order.index(pk)
    if place:
        found[place - 1], found[place] = found[place], found[place - 1]
    return found
