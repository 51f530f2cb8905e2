"""The processing register: the list, one entry, its review, and the register on paper."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.forms.rights import ActivityForm
from dianke.customers.models import ProcessingActivity
from dianke.customers.operations import register as operations
from dianke.customers.operations.rights import HANDLE
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.list_views import list_context
from dianke.web.listing import Column, Kind, Listing, register, yes_no_filter
from dianke.web.responses import done


@register
class ActivityListing(Listing):
    """Every use of personal data."""

    code = "customers.processing"
    title = gettext_lazy("Processing register")
    permission = HANDLE
    default_sort = "name"
    search_fields = ("name", "purpose", "categories")
    opens_drawer = False
    columns = (
        Column(
            "name",
            gettext_lazy("Activity"),
            sort="name",
            is_title=True,
            link=lambda row: reverse("customers:processing-edit", args=[row.pk]),
        ),
        Column("purpose", gettext_lazy("What for")),
        Column("ground", gettext_lazy("Legal ground")),
        Column("categories", gettext_lazy("Kinds of data")),
        Column("recipients", gettext_lazy("Who receives it"), is_default=False),
        Column("retention", gettext_lazy("Kept for")),
        Column(
            "is_sensitive",
            gettext_lazy("Sensitive"),
            Kind.STATUS,
            sort="is_sensitive",
            value=lambda row: _("Sensitive") if row.is_sensitive else None,
            tone=lambda row: "wait",
        ),
        Column(
            "reviewed_at",
            gettext_lazy("Last reviewed"),
            Kind.INSTANT,
            sort="reviewed_at",
            template="customers/rights/reviewed.html",
        ),
    )
    filters = (
        yes_no_filter(
            "sensitive",
            gettext_lazy("Sensitive data"),
            condition=Q(is_sensitive=True),
            yes=gettext_lazy("Sensitive"),
            no=gettext_lazy("Not sensitive"),
            quick=True,
        ),
    )
    action = (gettext_lazy("New entry"), "customers:processing-new", HANDLE, "plus")

    def queryset(self) -> Any:
        return ProcessingActivity.objects.all()


@require_GET
@requires(HANDLE)
def activity_list(request: Request) -> HttpResponse:
    """The register."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, ActivityListing)
    return render(request, "web/list.html#rows" if is_part else "customers/rights/processing.html", context)


@require_GET
@requires(HANDLE)
def activity_paper(request: Request) -> HttpResponse:
    """The whole register to print."""
    rows = list(ProcessingActivity.objects.all())
    return render(request, "customers/rights/processing_paper.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@requires(HANDLE)
def activity_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new entry, or an existing one."""
    row = get_object_or_404(ProcessingActivity, pk=pk) if pk else None
    form = ActivityForm(request.POST or None, activity=row)

    def run(data: dict[str, Any]) -> ProcessingActivity:
        if row is None:
            return operations.add_activity(values=data, actor=request.actor, now=request.now)
        return operations.change_activity(activity=row, values=data, actor=request.actor, now=request.now)

    address = reverse("customers:processing")
    return form_view(
        request,
        form=form,
        run=run,
        title=row.name if row else _("New entry"),
        success=_("Saved, and reviewed today."),
        redirect_to=address,
        cancel_url=address,
        template="customers/rights/processing_form.html",
        context={"row": row, "crumb_list": [Crumb(_("Processing register"), address)]},
    )


def _row(pk: int) -> ProcessingActivity:
    return get_object_or_404(ProcessingActivity, pk=pk)


@require_POST
@requires(HANDLE)
def activity_review(request: Request, pk: int) -> HttpResponse:
    """Still right as it stands."""
    row = operations.review_activity(activity=_row(pk), actor=request.actor, now=request.now)
    return done(request, _("“%(name)s” reviewed.") % {"name": row.name}, to=reverse("customers:processing"))


@require_POST
@requires(HANDLE)
def activity_remove(request: Request, pk: int) -> HttpResponse:
    """The data is used for this no more."""
    row = _row(pk)
    operations.remove_activity(activity=row, actor=request.actor, now=request.now)
    return done(request, _("“%(name)s” removed.") % {"name": row.name}, to=reverse("customers:processing"))
