"""Whether a shelf, or a category at it, may be short of goods."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.queries.reading import category_names
from dianke.inventory.forms.settings import ExceptionForm, PolicyForm
from dianke.inventory.models import NegativePolicy, Place
from dianke.inventory.operations import set_negative_policy
from dianke.inventory.views.addresses import SETTINGS
from dianke.inventory.views.item import place_name
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

TONES = {"BLOCK": "good", "WARN": "wait", "ALLOW": "off"}


def _shelves(http: Request) -> Any:
    return (
        Place.objects.visible_to(http.actor, SETTINGS)
        .filter(kind=Place.Kind.STOCK, stock_place__is_active=True)
        .select_related("store")
        .order_by("store__code", "pk")
    )


def _exceptions(http: Request) -> Any:
    """Those of the shelves the person sets, and those that hold everywhere."""
    rows = NegativePolicy.objects.select_related("place__store", "category")
    everywhere = http.actor.stores_for(SETTINGS) is None
    return rows.filter(Q(place__in=_shelves(http)) | Q(place=None)) if not everywhere else rows


@require_GET
@requires(SETTINGS)
def stock_settings(request: Request) -> HttpResponse:
    """Every shelf with its rule, and the exceptions for categories."""
    shelves = list(_shelves(request)[:500])
    exceptions = list(_exceptions(request).order_by("category__path", "category__position", "pk")[:500])
    names = category_names([each.category_id for each in exceptions])
    may_everywhere = request.actor.stores_for(SETTINGS) is None
    context: dict[str, Any] = {
        "shelves": [
            {"place": place, "name": place_name(place), "tone": TONES[place.negative]} for place in shelves
        ],
        "exceptions": [
            {
                "row": each,
                "category": names.get(each.category_id, each.category),
                "place": place_name(each.place) if each.place else _("All stores"),
                "tone": TONES[each.policy],
                "may_remove": each.place is not None or may_everywhere,
            }
            for each in exceptions
        ],
    }
    return render(request, "inventory/stock/settings.html", context)


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Short stock"), reverse("inventory:settings"))]


@requires(SETTINGS)
def place_policy(request: Request, pk: int) -> HttpResponse:
    """What happens when a shelf runs short."""
    place, page = get_object_or_404(_shelves(request), pk=pk), reverse("inventory:settings")
    return form_view(
        request,
        form=PolicyForm(request.POST or None, initial={"policy": place.negative}),
        run=lambda data: set_negative_policy(
            policy=data["policy"], place=place, category=None, actor=request.actor, now=request.now
        ),
        title=_("When %(place)s runs short") % {"place": place_name(place)},
        success=_("Rule saved."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": _crumbs()},
    )


@requires(SETTINGS)
def exception_new(request: Request) -> HttpResponse:
    """An exception for a category, at a shelf or everywhere."""
    page = reverse("inventory:settings")
    form = ExceptionForm(
        request.POST or None,
        shelves=_shelves(request),
        may_everywhere=request.actor.stores_for(SETTINGS) is None,
    )
    return form_view(
        request,
        form=form,
        run=lambda data: set_negative_policy(
            policy=data["policy"],
            place=data["place"],
            category=data["category"],
            actor=request.actor,
            now=request.now,
        ),
        title=_("Exception for a category"),
        success=_("Exception saved. It holds for what is below the category as well."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": _crumbs()},
    )


@require_POST
@requires(SETTINGS)
def exception_remove(request: Request, pk: int) -> HttpResponse:
    """The category follows its shelf again."""
    row = get_object_or_404(_exceptions(request), pk=pk)
    set_negative_policy(
        policy="", place=row.place, category=row.category, actor=request.actor, now=request.now
    )
    return done(
        request, _("Taken away; the rule of the shelf holds again."), to=reverse("inventory:settings")
    )
