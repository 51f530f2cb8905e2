"""Registration points for staff: the list with how many came through each, making and changing one, its poster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import segno
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.forms.registration import RegistrationPointForm
from dianke.customers.models import RegistrationPoint
from dianke.customers.operations import codes, registration
from dianke.customers.queries.portal import registrations_of
from dianke.stores.models import Store
from dianke.web.components import Crumb, Fact
from dianke.web.formats import moment
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Kind, Listing, Result, State, register, relation_filter, yes_no_filter
from dianke.web.responses import done

MANAGE = "customers.manage_registration"
SIZES = ("a4", "a6")
LOOPBACK = ("localhost", "127.", "[::1]")


@register
class PointList(Listing):
    code = "customers.points"
    title = gettext_lazy("Registration codes")
    permission = MANAGE
    columns = (
        Column(
            "name",
            gettext_lazy("Name of the code"),
            sort="name",
            is_title=True,
            link=lambda p: reverse("customers:point", args=[p.pk]),
        ),
        Column("store", gettext_lazy("Store"), sort="store__code"),
        Column("staff", gettext_lazy("Employee"), value="staff__name", sort="staff__name"),
        Column("partner", gettext_lazy("Partner"), sort="partner__name", is_default=False),
        Column("campaign", gettext_lazy("Campaign"), sort="campaign"),
        Column("count", gettext_lazy("Registered"), Kind.NUMBER, value=lambda p: p.came[0]),
        Column("last", gettext_lazy("Last"), Kind.INSTANT, value=lambda p: p.came[1]),
        Column(
            "state",
            gettext_lazy("State"),
            Kind.STATUS,
            value=lambda p: (
                pgettext_lazy("registration code", "Closed")
                if p.closed_at
                else pgettext_lazy("registration code", "In use")
            ),
            tone=lambda p: "off" if p.closed_at else "good",
        ),
        Column("created_at", gettext_lazy("Made"), Kind.INSTANT, sort="created_at", is_default=False),
    )
    filters = (
        relation_filter(
            "store", gettext_lazy("Store"), lambda actor: Store.objects.visible_to(actor, MANAGE)
        ),
        yes_no_filter(
            "open",
            gettext_lazy("State"),
            condition=Q(closed_at=None),
            yes=pgettext_lazy("registration code", "In use"),
            no=pgettext_lazy("registration code", "Closed"),
        ),
    )
    search_fields = ("name", "campaign", "code")
    search_hint = gettext_lazy("Name or campaign")
    default_sort = "-created_at"
    empty = (
        "qrcode",
        gettext_lazy(
            "Customers scan a code in the shop and register on their own phone, with nobody typing."
        ),
        gettext_lazy("Make the first code"),
        "customers:point-new",
        MANAGE,
    )
    action = (gettext_lazy("New code"), "customers:point-new", MANAGE, "plus")

    def queryset(self) -> QuerySet[RegistrationPoint]:
        return RegistrationPoint.objects.visible_to(self.actor).select_related("store", "staff", "partner")

    def result(self, state: State) -> Result:
        """The page, and in one query for all its rows how many came through each code."""
        found = super().result(state)
        with_counts(found.page.items)
        return found


def with_counts(points: Sequence[RegistrationPoint]) -> None:
    """Put on each point how many came through it and when the last."""
    came = registrations_of(points)
    for point in points:
        point.came = came.get(point.pk, (0, None))  # type: ignore[attr-defined]


point_list = list_view(PointList)


def _point(request: Request, pk: int) -> RegistrationPoint:
    points = RegistrationPoint.objects.visible_to(request.actor).select_related("store", "staff", "partner")
    return get_object_or_404(points, pk=pk)


def _address(request: Request, point: RegistrationPoint) -> str:
    return request.build_absolute_uri(reverse("customers:register", args=[point.code]))


def _is_unreachable(request: Request) -> bool:
    """Whether the address in the code is this computer's own, which no customer's phone can open."""
    return request.get_host().startswith(LOOPBACK)


@require_GET
@requires(MANAGE)
def point_page(request: Request, pk: int) -> HttpResponse:
    """One code: where it leads, how many came, poster, and the address for the web site."""
    point = _point(request, pk)
    with_counts([point])
    count, last = point.came  # type: ignore[attr-defined]
    facts = [
        Fact(gettext_lazy("Store"), point.store.name),
        Fact(gettext_lazy("Employee"), point.staff.name if point.staff else None),
        Fact(gettext_lazy("Partner"), point.partner.name if point.partner else None),
        Fact(gettext_lazy("Campaign"), point.campaign),
        Fact(gettext_lazy("Registered"), count),
        Fact(gettext_lazy("Last"), moment(last, request.now) if last else gettext_lazy("Nobody yet")),
    ]
    form_url = request.build_absolute_uri(reverse("customers:register-form", args=[point.code]))
    return render(
        request,
        "customers/points/point.html",
        {
            "point": point,
            "facts_list": facts,
            "crumb_list": [Crumb(_("Registration codes"), reverse("customers:points"))],
            "address": _address(request, point),
            "form_url": form_url,
            "image": _image(_address(request, point)),
            "is_unreachable": _is_unreachable(request),
            "can_send": codes.can_send_codes(),
        },
    )


def _image(address: str) -> str:
    # Level Q: a poster gets dirty, and a logo sticker over a corner does no harm.
    image: str = segno.make(address, error="q", micro=False).svg_data_uri(
        scale=8, border=2, dark="#000", light="#fff"
    )
    return image


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def point_new(request: Request) -> HttpResponse:
    """A new code."""
    form = RegistrationPointForm(request.POST or None, actor=request.actor)

    def run(data: dict[str, Any]) -> RegistrationPoint:
        return registration.make_registration_point(**data, actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("New registration code"),
        success=_("Code made. Print its poster and hang it up."),
        redirect_to=lambda point: reverse("customers:point", args=[point.pk]),
        cancel_url=reverse("customers:points"),
        submit=_("Make the code"),
    )


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def point_change(request: Request, pk: int) -> HttpResponse:
    """Other words, employee, partner or campaign."""
    point = _point(request, pk)
    form = RegistrationPointForm(request.POST or None, actor=request.actor, point=point)

    def run(data: dict[str, Any]) -> RegistrationPoint:
        return registration.change_registration_point(
            point=point, **data, actor=request.actor, now=request.now
        )

    here = reverse("customers:point", args=[point.pk])
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change the registration code"),
        success=_("Saved. The printed code stays the same."),
        redirect_to=here,
        cancel_url=here,
    )


@require_POST
@requires(MANAGE)
def point_close(request: Request, pk: int) -> HttpResponse:
    """Out of use; can be undone."""
    point = _point(request, pk)
    registration.close_registration_point(point=point, actor=request.actor, now=request.now)
    return done(
        request,
        _("Code closed. Who scans it is sent to the counter."),
        to=reverse("customers:point", args=[pk]),
        undo_url=reverse("customers:point-reopen", args=[pk]),
    )


@require_POST
@requires(MANAGE)
def point_reopen(request: Request, pk: int) -> HttpResponse:
    """In use again."""
    point = _point(request, pk)
    registration.reopen_registration_point(point=point, actor=request.actor, now=request.now)
    return done(request, _("The code works again."), to=reverse("customers:point", args=[pk]))


@require_GET
@requires(MANAGE)
def poster(request: Request, pk: int) -> HttpResponse:
    """The code on paper: A4 for the wall, A6 for the counter."""
    point = _point(request, pk)
    size = request.GET.get("size", "")
    address = _address(request, point)
    return render(
        request,
        "customers/points/poster.html",
        {
            "point": point,
            "size": size if size in SIZES else SIZES[0],
            "image": _image(address),
            "address": address.partition("://")[2],
        },
    )
