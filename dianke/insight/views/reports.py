"""Reports people put together: the builder, the page of a kept one, its file, when it is sent."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.models import User
from dianke.access.requests import Request
from dianke.core.errors import Conflict, DiankeError, InvalidInput, NotAllowed
from dianke.insight.models import FIGURES, ReportSchedule, SavedReport
from dianke.insight.operations import reports as operations
from dianke.insight.queries.engine import standing
from dianke.insight.queries.report_file import sheet, weekdays
from dianke.insight.queries.reports import run
from dianke.insight.rules.occurrences import Rhythm
from dianke.insight.rules.reports import Spec, read
from dianke.insight.views import report_form as form
from dianke.insight.views.report_table import page_of, sentence_of
from dianke.web.components import Crumb, Fact
from dianke.web.formats import moment
from dianke.web.responses import done

FORM = ["GET", "POST"]
EXPORT = "web.export_lists"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DELIVERIES_SHOWN = 10


def crumbs(report: SavedReport | None = None) -> list[Crumb]:
    """The way here."""
    way = [Crumb(pgettext("place", "Reports"), reverse("insight:reports"))]
    if report is not None:
        way.append(Crumb(report.name, reverse("insight:report", args=[report.pk])))
    return way


def _found(request: Request, pk: int) -> SavedReport:
    rows = SavedReport.objects.visible_to(request.actor).select_related("owner")
    found: SavedReport = get_object_or_404(rows, pk=pk)
    return found


# --- the builder --------------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(FIGURES)
def new(request: Request) -> HttpResponse:
    """A report is put together, its answer beside it."""
    return _builder(request, None, form.START, {})


@require_http_methods(FORM)
@requires(FIGURES)
def edit(request: Request, pk: int) -> HttpResponse:
    """Another question, name or sharing."""
    report = _found(request, pk)
    if not operations.may_change(report, request.actor):
        raise operations.ReportNotYours
    return _builder(request, report, report.spec, form.kept_of(report))


def _builder(
    request: Request, report: SavedReport | None, spec: dict[str, Any], values: dict[str, Any]
) -> HttpResponse:
    raw = {"filters": {}, "sort": "", "top": None, "first": "", "last": "", **spec}
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        raw, values = form.asked(request.POST), form.kept(request.POST)
        if request.POST.get("act") == "save":
            try:
                saved = _save(request, report, {**values, "spec": raw})
            except (InvalidInput, Conflict, NotAllowed) as error:
                errors, status = {error.field or "": str(error)}, 422
            else:
                text = _("“%(name)s” is saved.") % {"name": saved.name}
                return done(request, text, to=reverse("insight:report", args=[saved.pk]))
    context: dict[str, Any] = {
        "report": report,
        "raw": raw,
        "values": values,
        "choices": form.choices(raw, request.actor),
        "roles": [
            (code, label, code in values.get("role_codes", [])) for code, label in form.roles_who_may()
        ],
        "people": [
            (one.pk, one.name, one.pk in values.get("person_ids", []))
            for one in operations.people_who_may(now=request.now)
            if one.pk != request.actor.user_id
        ],
        "crumb_list": crumbs(report),
        "title": _("Change the report") if report else _("New report"),
        "cancel_url": reverse("insight:report", args=[report.pk]) if report else reverse("insight:reports"),
    }
    try:
        context |= page_of(run(read(raw), actor=request.actor, now=request.now))
    except DiankeError as error:
        errors = {error.field or "": str(error)} | errors
        context["problem"] = str(error)
    context["errors"] = errors
    return render(request, "insight/reports/builder.html", context, status=status)


def _save(request: Request, report: SavedReport | None, values: dict[str, Any]) -> SavedReport:
    if report is None:
        return operations.save_report(values=values, actor=request.actor, now=request.now)
    return operations.change_report(report=report, values=values, actor=request.actor, now=request.now)


# --- one report ---------------------------------------------------------------------------------------------------
@require_GET
@requires(FIGURES)
def report(request: Request, pk: int) -> HttpResponse:
    """What it says now, to whoever reads it."""
    row = _found(request, pk)
    may = operations.may_change(row, request.actor)
    schedule = ReportSchedule.objects.filter(report=row).first()
    spec = _spec(row)
    context: dict[str, Any] = {
        "report": row,
        "may_change": may and row.deleted_at is None,
        "may_restore": may and row.deleted_at is not None,
        "can_export": request.actor.can(EXPORT),
        "schedule": schedule,
        "sentence": sentence_of(spec) if spec else "",
        "facts": _facts(request, row, schedule),
        "deliveries": row.deliveries.select_related("user")[:DELIVERIES_SHOWN] if may else [],
        "standing": standing(),
        "crumb_list": crumbs(),
    }
    try:
        context |= page_of(run(read(row.spec), actor=request.actor, now=request.now))
    except DiankeError as error:
        context["problem"] = str(error)
    return render(request, "insight/reports/report.html", context)


def _spec(row: SavedReport) -> Spec | None:
    try:
        return read(row.spec)
    except InvalidInput:
        return None


def _facts(request: Request, row: SavedReport, schedule: ReportSchedule | None) -> list[Fact]:
    facts = [
        Fact(_("Made by"), str(row.owner or _("the system"))),
        Fact(_("Shared"), _shared_with(row)),
        Fact(_("Note"), row.note),
    ]
    if schedule is not None:
        people = User.objects.filter(pk__in=schedule.recipient_ids).values_list("name", flat=True)
        facts += [
            Fact(pgettext("of a report", "Sent"), rhythm_text(schedule)),
            Fact(pgettext("of a report", "To"), "、".join(people)),
            Fact(_("Next time"), moment(schedule.next_at, request.now)),
        ]
    return facts


def _shared_with(row: SavedReport) -> str:
    if row.is_shared:
        return _("everybody who may see figures")
    count = len(row.role_codes) + len(row.person_ids)
    return _("%(count)s roles or people") % {"count": count} if count else _("No")


def rhythm_text(schedule: ReportSchedule) -> str:
    """ "Every week, Monday, 08:00"."""
    words = [schedule.get_frequency_display()]
    if schedule.frequency == ReportSchedule.Frequency.WEEKLY:
        words.append(weekdays()[schedule.weekday - 1])
    elif schedule.frequency == ReportSchedule.Frequency.MONTHLY:
        words.append(_("on day %(day)s") % {"day": schedule.month_day})
    return " ".join([*words, f"{schedule.hour:02}:00"])


@require_GET
@requires(FIGURES)
def report_file(request: Request, pk: int) -> HttpResponse:
    """The report as an Excel file; for who may take lists out."""
    if not request.actor.can(EXPORT):
        raise Http404
    row = _found(request, pk)
    told = run(read(row.spec), actor=request.actor, now=request.now)
    response = HttpResponse(sheet(told, reader=request.actor.name, at=request.now), content_type=SHEET)
    name = f"{row.name} {told.span.first} {told.span.last}.xlsx"
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


# --- when it is sent ----------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(FIGURES)
def schedule(request: Request, pk: int) -> HttpResponse:
    """How often it goes out, and to whom."""
    row = _found(request, pk)
    if not operations.may_change(row, request.actor):
        raise operations.ReportNotYours
    standing_one = ReportSchedule.objects.filter(report=row).first()
    values, errors, status = _rhythm(standing_one, request), {}, 200
    if request.method == "POST":
        values = _posted(request)
        try:
            set_one = operations.schedule_report(
                report=row,
                rhythm=Rhythm(values["frequency"], values["weekday"], values["month_day"], values["hour"]),
                recipient_ids=values["recipients"],
                actor=request.actor,
                now=request.now,
            )
        except (InvalidInput, Conflict, NotAllowed) as error:
            errors, status = {error.field or "": str(error)}, 422
        else:
            words = {"name": row.name, "when": moment(set_one.next_at, request.now)}
            text = _("“%(name)s” goes out next %(when)s.") % words
            return done(request, text, to=reverse("insight:report", args=[pk]))
    context = {
        "report": row,
        "values": values,
        "errors": errors,
        "schedule": standing_one,
        "frequencies": ReportSchedule.Frequency.choices,
        "weekdays": list(enumerate(weekdays(), 1)),
        "month_days": range(1, 29),
        "hours": [(hour, f"{hour:02}:00") for hour in range(24)],
        "people": [
            (one.pk, one.name, bool(one.email), one.pk in values["recipients"])
            for one in operations.people_who_may(now=request.now)
        ],
        "crumb_list": crumbs(row),
    }
    return render(request, "insight/reports/schedule.html", context, status=status)


def _rhythm(row: ReportSchedule | None, request: Request) -> dict[str, Any]:
    if row is None:
        me = [request.actor.user_id] if request.actor.user_id else []
        return {"frequency": "WEEKLY", "weekday": 1, "month_day": 1, "hour": 8, "recipients": me}
    told = {name: getattr(row, name) for name in ("frequency", "weekday", "month_day", "hour")}
    return told | {"recipients": row.recipient_ids}


def _posted(request: Request) -> dict[str, Any]:
    data = request.POST

    def whole(name: str) -> int:
        text = data.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else -1

    ids = [int(pk) for pk in data.getlist("recipients") if pk.isdecimal() and len(pk) < 19]
    told = {name: whole(name) for name in ("weekday", "month_day", "hour")}
    return told | {"frequency": data.get("frequency", ""), "recipients": ids}


@require_POST
@requires(FIGURES)
def stop(request: Request, pk: int) -> HttpResponse:
    """Send it no more."""
    row = _found(request, pk)
    operations.stop_report(report=row, actor=request.actor, now=request.now)
    text = _("“%(name)s” is not sent any more.") % {"name": row.name}
    return done(request, text, to=reverse("insight:report", args=[pk]))


@require_POST
@requires(FIGURES)
def delete(request: Request, pk: int) -> HttpResponse:
    """Off the list, with a way back."""
    row = operations.delete_report(report=_found(request, pk), actor=request.actor, now=request.now)
    text = _("“%(name)s” is deleted.") % {"name": row.name}
    undo_url = reverse("insight:report-restore", args=[pk])
    return done(request, text, to=reverse("insight:reports"), undo_url=undo_url)


@require_POST
@requires(FIGURES)
def restore(request: Request, pk: int) -> HttpResponse:
    """Bring it back."""
    row = operations.restore_report(report=_found(request, pk), actor=request.actor, now=request.now)
    text = _("“%(name)s” is back.") % {"name": row.name}
    return done(request, text, to=reverse("insight:report", args=[pk]))
