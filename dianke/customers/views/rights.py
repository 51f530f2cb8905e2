"""Requests of customers about their data: the list with its clock, the page of one, copies, erasure, certificate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.confirmation import reauthenticate
from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.business_dates import is_workday
from dianke.customers.forms.rights import (
    AnswerForm,
    ErasureForm,
    IdentityForm,
    RefusalForm,
    RequestForm,
    StopForm,
)
from dianke.customers.models import Customer, RequestKind, RequestState, RightsRequest
from dianke.customers.operations import rights
from dianke.customers.operations.erasure import ERASE, erase_customer
from dianke.customers.operations.rights import COPY_KINDS, HANDLE, IDENTITY_CHECKS
from dianke.customers.queries import export
from dianke.customers.queries.rights import (
    DESTROYED,
    ERASE_OPERATION,
    KEPT,
    certificate_of,
    cluster_ids,
    erasure_blockers,
    minority_of,
    needs_second_person,
)
from dianke.customers.rules.rights import days_left, pseudonym
from dianke.events.queries import timeline
from dianke.events.registry import describe, subject_names
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.web import formats
from dianke.web.components import Crumb, Entry, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    State,
    choice_filter,
    date_filter,
    register,
    relation_filter,
)
from dianke.web.responses import done
from dianke.work.models import Approval
from dianke.work.operations import request_approval
from dianke.work.queries.people import names_of

TONES = {"OPEN": "wait", "DONE": "good", "REFUSED": "bad", "WITHDRAWN": "off"}
STATES = (*RequestState.choices, ("ALL", gettext_lazy("All")))
FORMATS = {"json": "application/json", "csv": "application/zip", "pdf": "application/pdf"}


def customer_words(row: RightsRequest) -> str:
    """Name and number, or the pseudonym."""
    customer = row.customer
    return str(customer) if not customer.is_readable else f"{customer} {customer.member_number}"


@register
class RequestListing(Listing):
    """Open requests unless another state is asked for; the clock is what counts."""

    code = "customers.requests"
    title = gettext_lazy("Requests about data")
    permission = HANDLE
    default_sort = "due_at"
    search_fields = ("customer__name", "customer__member_number")
    search_hint = gettext_lazy("Name or member number")
    columns = (
        Column(
            "kind",
            gettext_lazy("Request"),
            link=lambda row: reverse("customers:request", args=[row.pk]),
            is_title=True,
        ),
        Column("customer", gettext_lazy("Customer"), value=customer_words),
        Column(
            "state",
            gettext_lazy("State"),
            Kind.STATUS,
            sort="state",
            tone=lambda row: "bad" if row.is_late else TONES[row.state],
            value=lambda row: _("Overdue") if row.is_late else row.get_state_display(),
        ),
        Column(
            "due_at", gettext_lazy("Answer by"), Kind.DATE, sort="due_at", value=lambda row: last_day(row)
        ),
        Column("received_at", gettext_lazy("Received"), Kind.INSTANT, sort="received_at"),
        Column("store", gettext_lazy("Store"), value=lambda row: str(row.customer.store or "")),
        Column("closed_at", gettext_lazy("Closed"), Kind.INSTANT, sort="closed_at", is_default=False),
    )
    filters = (
        Filter(
            "state",
            gettext_lazy("State"),
            lambda qs, v: qs.filter(state=v) if v in RequestState.values else qs,
            lambda actor: STATES,
            is_quick=True,
        ),
        choice_filter("kind", gettext_lazy("Request"), RequestKind.choices),
        relation_filter(
            "store",
            gettext_lazy("Store"),
            lambda actor: Store.objects.visible_to(actor, HANDLE),
            lookup="customer__store",
        ),
        date_filter("received", gettext_lazy("Received"), lookup="received_at", instants=True),
    )
    empty = (
        "shield-check",
        gettext_lazy(
            "When customers ask to see, correct or erase their data, the request stands here with its deadline."
        ),
        gettext_lazy("Take down a request"),
        "customers:request-new",
        HANDLE,
    )
    action = (gettext_lazy("Take down a request"), "customers:request-new", HANDLE, "plus")

    def queryset(self) -> Any:
        rows = RightsRequest.objects.visible_to(self.actor).select_related("customer__store")
        late = ExpressionWrapper(Q(state=RequestState.OPEN, due_at__lt=self.now), output_field=BooleanField())
        return rows.annotate(is_late=late)

    def rows(self, state: State) -> Any:
        rows = super().rows(state)
        return rows if state.filters.get("state") else rows.filter(state=RequestState.OPEN)


request_list = list_view(RequestListing)


def last_day(row: RightsRequest) -> Any:
    """The last day for the answer; the instant is the midnight after it."""
    return timezone.localtime(row.due_at - timedelta(seconds=1)).date()


def _request(request: Request, pk: int) -> RightsRequest:
    rows = RightsRequest.objects.visible_to(request.actor).select_related(
        "customer__store", "customer__key", "closed_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
@requires(HANDLE)
def request_new(request: Request) -> HttpResponse:
    """Take down what a customer asks for."""
    chosen = request.GET.get("customer", "")
    customer = None
    if chosen:
        rows = Customer.objects.visible_to(request.actor, HANDLE).in_use()
        if not chosen.isdecimal() or len(chosen) > 18:
            raise Http404
        customer = get_object_or_404(rows, pk=int(chosen))
    kind = request.GET.get("kind", "")
    initial = {"kind": kind if kind in RequestKind.values else RequestKind.ACCESS}
    form = RequestForm(request.POST or None, actor=request.actor, customer=customer, initial=initial)

    def run(data: dict[str, Any]) -> RightsRequest:
        if form.customer is None:
            raise Http404
        return rights.open_request(
            customer=form.customer,
            kind=data["kind"],
            channel=data["channel"],
            details=data["details"],
            identity_checked_how=data["identity_checked_how"],
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Take down a request"),
        submit=_("Start the clock"),
        success=lambda made: _("Taken down. Answer by %(day)s.") % {"day": f"{last_day(made):%Y-%m-%d}"},
        redirect_to=lambda made: reverse("customers:request", args=[made.pk]),
        cancel_url=reverse("customers:requests"),
        context={"crumb_list": [Crumb(_("Requests about data"), reverse("customers:requests"))]},
    )


@require_GET
@requires(HANDLE)
def request_page(request: Request, pk: int) -> HttpResponse:
    """One request: how long there is still, what to do, what was done."""
    return _page(request, _request(request, pk))


def _page(request: Request, row: RightsRequest, *, form: Any = None, status: int = 200) -> HttpResponse:
    actor, customer = request.actor, row.customer
    key = f"customers.customer:{customer.pk}"
    about = subject_names([key], actor=actor)[key]
    events = [
        event
        for event in timeline(customer, actor=actor, limit=100).events
        if event.data.get("request") == row.pk
    ]
    names = names_of([event.user_id for event in events])
    is_erasure = row.kind == RequestKind.ERASURE
    today = local_date(request.now)
    left = days_left(last_day(row), today, is_workday=is_workday)
    context: dict[str, Any] = {
        "row": row,
        "tone": "bad" if row.is_overdue(request.now) else TONES[row.state],
        "is_overdue": row.is_overdue(request.now),
        "last_day": last_day(row),
        "days_left": left,
        "days_over": -left,
        "facts_list": _facts(row, about),
        "minority": minority_of(customer, today) if customer.is_readable else None,
        "entries": [
            Entry(
                event.recorded_at,
                describe(event),
                icon="shield-check",
                actor=names.get(event.user_id or 0, _("the customer"))
                if event.actor_kind == "CUSTOMER"
                else names.get(event.user_id or 0, _("the system")),
            )
            for event in events
        ],
        "gives_copies": row.kind in COPY_KINDS,
        "is_erasure": is_erasure,
        "is_objection": row.kind == RequestKind.OBJECTION,
        "profile_url": about.url,
        "crumb_list": [Crumb(_("Requests about data"), reverse("customers:requests"))],
    }
    if is_erasure and row.is_open:
        context |= _erasure_context(request, row)
    return render(request, "customers/rights/request.html", context, status=status)


def _facts(row: RightsRequest, about: Any) -> list[Fact]:
    customer = row.customer
    return [
        Fact(_("Customer"), str(customer), url=about.url),
        Fact(_("Member number"), customer.member_number if customer.is_readable else pseudonym(customer.pk)),
        Fact(_("Store"), customer.store),
        Fact(_("Received"), formats.moment(row.received_at, row.received_at + timedelta(days=800))),
        Fact(_("Came by"), row.channel and _channel(row.channel)),
        Fact(_("Identity checked by"), IDENTITY_CHECKS.get(row.identity_checked_how, "")),
        *([Fact(_("Details"), row.details)] if row.details else []),
    ]


def _channel(code: str) -> Any:
    from dianke.customers.forms.rights import CHANNELS
    from dianke.customers.models import Channel

    labels = {**dict(Channel.choices), **{str(channel): label for channel, label in CHANNELS}}
    return labels.get(code, code)


def _erasure_context(request: Request, row: RightsRequest) -> dict[str, Any]:
    waiting = (
        Approval.objects.visible_to(request.actor)
        .pending(request.now)
        .filter(operation=ERASE_OPERATION, subject=f"customers.customer:{row.customer_id}")
        .first()
    )
    return {
        "blockers": erasure_blockers(cluster_ids(row.customer)),
        "destroyed": list(DESTROYED.values()),
        "kept": KEPT,
        "may_erase": request.actor.can(ERASE, store_id=row.customer.store_id),
        "is_alone": not needs_second_person(row.customer, request.actor, now=request.now),
        "approval": waiting,
    }


# --- what staff do about it ----------------------------------------------------------------------------------
def _act(
    request: Request, row: RightsRequest, form: Any, run: Any, title: Any, success: Any, submit: Any
) -> HttpResponse:
    address = reverse("customers:request", args=[row.pk])
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        submit=submit,
        success=success,
        redirect_to=address,
        cancel_url=address,
        context={"crumb_list": [Crumb(row.get_kind_display(), address)]},
    )


@require_http_methods(["GET", "POST"])
@requires(HANDLE)
def identity(request: Request, pk: int) -> HttpResponse:
    """Note how it was made sure who asks."""
    row = _request(request, pk)
    form = IdentityForm(request.POST or None, initial={"how": row.identity_checked_how})

    def run(data: dict[str, Any]) -> Any:
        return rights.check_identity(request=row, how=data["how"], actor=request.actor, now=request.now)

    return _act(request, row, form, run, _("Identity"), _("Noted."), _("Save"))


@require_http_methods(["GET", "POST"])
@requires(HANDLE)
def answer(request: Request, pk: int) -> HttpResponse:
    """Close a request with the answer; an objection with what stops."""
    row = _request(request, pk)
    if row.kind == RequestKind.OBJECTION:
        stop = StopForm(request.POST or None)

        def run_stop(data: dict[str, Any]) -> Any:
            return rights.stop_uses(
                request=row,
                purposes=data["purposes"],
                answer=data["answer"],
                actor=request.actor,
                now=request.now,
            )

        return _act(
            request,
            row,
            stop,
            run_stop,
            _("Stop uses"),
            _("Stopped, and the request is closed."),
            _("Stop them"),
        )
    form = AnswerForm(request.POST or None)

    def run(data: dict[str, Any]) -> Any:
        return rights.close_request(request=row, answer=data["answer"], actor=request.actor, now=request.now)

    return _act(request, row, form, run, _("Answered"), _("The request is closed."), _("Close the request"))


@require_http_methods(["GET", "POST"])
@requires(HANDLE)
def refusal(request: Request, pk: int) -> HttpResponse:
    """Refuse, with the reason."""
    row = _request(request, pk)
    form = RefusalForm(request.POST or None)

    def run(data: dict[str, Any]) -> Any:
        return rights.refuse_request(request=row, reason=data["reason"], actor=request.actor, now=request.now)

    return _act(request, row, form, run, _("Refuse the request"), _("Refused."), _("Refuse"))


@require_POST
@requires(HANDLE)
def withdrawal(request: Request, pk: int) -> HttpResponse:
    """The customer has taken the request back."""
    row = rights.withdraw_request(request=_request(request, pk), actor=request.actor, now=request.now)
    return done(request, _("Withdrawn."), to=reverse("customers:request", args=[row.pk]))


# --- copies --------------------------------------------------------------------------------------------------
@require_POST
@requires(HANDLE)
@reauthenticate
def copies(request: Request, pk: int, format: str) -> HttpResponse:
    """A copy of the customer's data as a file, noted in the log and marked with who made it and when."""
    row = _request(request, pk)
    if format not in FORMATS and format != "paper":
        raise Http404
    number = rights.note_export(request=row, format=format, actor=request.actor, now=request.now)
    copy = export.copy_for(
        row.customer, made_by=request.actor.name, made_at=timezone.localtime(request.now), number=number
    )
    if format == "paper":
        response = render(request, "customers/rights/copy_paper.html", _copy_context(copy))
    else:
        content = {
            "json": lambda: export.as_json(copy),
            "csv": lambda: export.as_csv_zip(copy),
            "pdf": lambda: export.as_pdf(render_to_string("customers/rights/copy.html", _copy_context(copy))),
        }[format]()
        response = HttpResponse(content, content_type=FORMATS[format])
        ending = "zip" if format == "csv" else format
        response["Content-Disposition"] = f'attachment; filename="{copy.file_name}.{ending}"'
    response["Cache-Control"] = "no-store"
    return response


def _copy_context(copy: export.Copy) -> dict[str, Any]:
    tables = [
        {
            "table": table,
            "cells": [
                [(label, text) for label, text in zip(table.columns.values(), cells, strict=True) if text]
                for cells in table.cells()
            ],
        }
        for table in copy.tables
        if table.rows
    ]
    return {"copy": copy, "tables": tables}


# --- erasure -------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(ERASE)
@reauthenticate
def erasure(request: Request, pk: int) -> HttpResponse:
    """Ask a second person to let the erasure happen; where there is none, erase."""
    row = _request(request, pk)
    is_alone = not needs_second_person(row.customer, request.actor, now=request.now)
    form = ErasureForm(request.POST or None, expected=row.customer.member_number)

    def run(data: dict[str, Any]) -> Any:
        if is_alone:
            return erase_customer(request=row, actor=request.actor, now=request.now)
        return request_approval(
            operation=ERASE_OPERATION,
            arguments={"request": row.pk},
            reason=data["reason"],
            actor=request.actor,
            now=request.now,
        )

    address = reverse("customers:request", args=[row.pk])
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Erase for good") if is_alone else _("Ask for approval to erase"),
        submit=_("Erase for good") if is_alone else _("Ask for approval"),
        success=_("Erased for good.")
        if is_alone
        else _("Asked for. You will be told when somebody has decided."),
        redirect_to=lambda made: (
            address if isinstance(made, RightsRequest) else reverse("work:approval", args=[made.pk])
        ),
        template="customers/rights/erase.html",
        cancel_url=address,
        context={
            "row": row,
            "blockers": erasure_blockers(cluster_ids(row.customer)),
            "is_alone": is_alone,
            "crumb_list": [Crumb(row.get_kind_display(), address)],
        },
    )


@require_GET
@requires(HANDLE)
def certificate(request: Request, pk: int) -> HttpResponse:
    """What was destroyed, when and by whom, and what stays and why; to print for the customer."""
    from dianke.stores.models import Merchant

    row = _request(request, pk)
    found = certificate_of(row)
    if found is None:
        raise Http404
    context = found | {
        "row": row,
        "pseudonym": pseudonym(row.customer_id),
        "merchant": Merchant.objects.first(),
        "store": row.customer.store,
        "who": names_of([found["event"].user_id]).get(found["event"].user_id or 0, ""),
        "is_two": found["event"].data.get("two_people", False),
    }
    return render(request, "customers/rights/certificate.html", context)
