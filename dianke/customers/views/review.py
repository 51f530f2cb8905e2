"""Looking through what people in training entered: take it over, correct it first, or refuse it with a reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.forms.review import RefusalForm
from dianke.customers.models import SourceRecord
from dianke.customers.operations.review import accept_entry, refuse_entry
from dianke.customers.queries.review import REVIEW, SHOWN, waiting_count, waiting_entries, waiting_records
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done


def _home() -> str:
    return reverse("customers:review")


def _entry(request: Request, pk: int) -> SourceRecord:
    found: SourceRecord = get_object_or_404(waiting_records(request.actor).select_related("customer"), pk=pk)
    return found


@never_cache
@require_GET
@requires(REVIEW)
def entries(request: Request) -> HttpResponse:
    """Entries that wait, oldest first."""
    rows = waiting_entries(request.actor)
    count = len(rows) if len(rows) < SHOWN else waiting_count(request.actor)
    context = {"entries": rows, "count": count, "more_count": max(0, count - len(rows))}
    return render(request, "customers/entry/review.html", context)


@require_POST
@requires(REVIEW)
def acceptance(request: Request, pk: int) -> HttpResponse:
    """Take the entry over."""
    entry = _entry(request, pk)
    accept_entry(entry=entry, actor=request.actor, now=request.now)
    return done(request, _("Taken over: “%(name)s”.") % {"name": entry.customer}, to=_home())


@never_cache
@require_http_methods(["GET", "POST"])
@requires(REVIEW)
def refusal(request: Request, pk: int) -> HttpResponse:
    """Refuse the entry and say why."""
    entry = _entry(request, pk)
    form = RefusalForm(request.POST or None)

    def run(data: dict[str, Any]) -> Any:
        return refuse_entry(entry=entry, reason=data["reason"], actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Refuse the entry of “%(name)s”") % {"name": entry.customer},
        submit=_("Refuse"),
        success=_("Refused."),
        redirect_to=_home(),
        cancel_url=_home(),
        context={"crumb_list": [Crumb(_("Entries to look through"), _home())]},
    )
