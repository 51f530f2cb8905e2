"""Birthdays and dates that come, by day; and the rules that make tasks of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.lunar import LunarCalendarEnds, lunar_of
from dianke.core.lunar import LunarDate as Lunar
from dianke.core.period import Period
from dianke.customers.forms.care import CareRuleForm
from dianke.customers.models import CareRule, DateKind
from dianke.customers.operations import care as operations
from dianke.customers.operations.care import MANAGE
from dianke.customers.queries.care import MOST_PER_DAY, Day, Wanted, date_for, upcoming
from dianke.events.registry import subject_names
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.web.components import Crumb, Tab
from dianke.web.forms import form_view
from dianke.web.listing import as_id
from dianke.web.responses import done
from dianke.work.queries.people import colleagues

VIEW = "customers.view_customers"
SPANS = {"today": 1, "week": 7, "month": 31}
SHOWN_PER_DAY = {"today": MOST_PER_DAY, "week": 50, "month": 12}


@require_GET
@requires(VIEW)
def dates(request: Request) -> HttpResponse:
    """Whose day comes: today, within a week, within a month, or on one day page by page."""
    actor, today = request.actor, local_date(request.now)
    params = request.GET
    span = params.get("span", "week")
    span = span if span in SPANS else "week"
    wanted = Wanted(
        kinds=(params["kind"],) if params.get("kind") in DateKind.values else (),
        store_id=as_id(params.get("store", "")) or None,
        owner_id=actor.user_id if params.get("owner") == "me" else as_id(params.get("owner", "")) or None,
    )
    only = _day(params.get("day", ""), today)
    page = as_id(params.get("page", ""))
    if only is not None:
        period, limit = Period(only, only + timedelta(days=1)), MOST_PER_DAY
    else:
        period, limit = Period(today, today + timedelta(days=SPANS[span])), SHOWN_PER_DAY[span]
    found = upcoming(actor, period, wanted, limit=limit, offset=page * limit if only is not None else 0)
    profiles = _profiles(found, actor)
    labels = {"today": pgettext("period", "Today"), "week": _("7 days"), "month": _("31 days")}
    context = {
        "days": [_day_context(each, today, profiles) for each in found],
        "tabs": [
            Tab(label, _with(params, span=code, day="", page=""), only is None and code == span)
            for code, label in labels.items()
        ],
        "only": only,
        "crumb_list": [Crumb(_("Birthdays and dates"), reverse("customers:dates"))],
        "next_url": _with(params, page=str(page + 1))
        if only is not None and found and found[0].is_more
        else "",
        "previous_url": _with(params, page=str(page - 1) if page > 1 else "")
        if only is not None and page
        else "",
        "kinds": DateKind.choices,
        "stores": list(Store.objects.visible_to(actor, VIEW).still_open()),
        "people": [user for user in colleagues(actor, now=request.now) if user.pk != actor.user_id],
        "chosen": {
            "kind": wanted.kinds[0] if wanted.kinds else "",
            "store": wanted.store_id,
            "owner": params.get("owner", ""),
            "span": span,
        },
        "strip": [] if only is not None or span == "today" else _strip(period, found, today, params),
        "may_call": actor.can("customers.reveal_contacts"),
        "may_plan": actor.can("work.manage_own_tasks"),
        "is_filtered": bool(wanted.kinds or wanted.store_id or wanted.owner_id),
    }
    return render(request, "customers/care/dates.html", context)


def _with(params: QueryDict, **changes: str) -> str:
    """The address with some parameters changed; empty ones fall away."""
    query = params.copy()
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}"


def _day(text: str, today: date) -> date | None:
    """A day of the coming year."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if today <= day <= today + timedelta(days=366) else None


def _day_context(each: Day, today: date, profiles: dict[int, str]) -> dict[str, Any]:
    return {
        "on": each.on,
        "is_today": each.on == today,
        "lunar": _lunar(each.on),
        "lines": [{"each": one, "url": profiles.get(one.head.pk, "")} for one in each.occasions],
        "count": f"{len(each.occasions)}+" if each.is_more else str(len(each.occasions)),
        "is_more": each.is_more,
    }


def _lunar(day: date) -> str:
    try:
        found = lunar_of(day)
    except LunarCalendarEnds:
        return ""
    return Lunar(found.month, found.day, found.is_leap).format(get_language() or "zh-hans")


def _strip(period: Period[date], found: list[Day], today: date, params: QueryDict) -> list[dict[str, Any]]:
    """The days of the period as a calendar: how many fall on each, as far as they were counted."""
    by_day = {each.on: each for each in found}
    last = period.to or period.from_
    cells = []
    for offset in range((last - period.from_).days):
        day = period.from_ + timedelta(days=offset)
        each = by_day.get(day)
        cells.append(
            {
                "on": day,
                "is_today": day == today,
                "lunar": _lunar(day),
                "count": "" if each is None else f"{len(each.occasions)}{'+' if each.is_more else ''}",
                "url": f"#day-{day:%Y-%m-%d}" if each is not None else "",
            }
        )
    return cells


def _profiles(found: list[Day], actor: Any) -> dict[int, str]:
    keys = {f"customers.customer:{each.head.pk}" for day in found for each in day.occasions}
    return {int(key.partition(":")[2]): name.url for key, name in subject_names(keys, actor=actor).items()}


@require_POST
@requires(VIEW)
def plan(request: Request, pk: int) -> HttpResponse:
    """Make the task for one occasion now."""
    row = date_for(pk, request.actor)
    try:
        on = date.fromisoformat(request.POST.get("on", ""))
    except ValueError as error:
        raise Http404 from error
    task = operations.plan_care(date_row=row, on=on, actor=request.actor, now=request.now)
    return done(request, _("Task made."), to=reverse("work:task", args=[task.pk]))


# --- rules ---------------------------------------------------------------------------------------------------
@require_GET
@requires(MANAGE)
def rule_list(request: Request) -> HttpResponse:
    """All care rules."""
    rows = CareRule.objects.select_related("store", "tag").order_by("-is_active", "name", "pk")
    return render(request, "customers/care/rules.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def rule_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new rule, or an existing one."""
    row = get_object_or_404(CareRule, pk=pk) if pk else None
    form = CareRuleForm(request.POST or None, actor=request.actor, rule=row)

    def run(data: dict[str, Any]) -> CareRule:
        if row is None:
            return operations.make_care_rule(values=data, actor=request.actor, now=request.now)
        return operations.change_care_rule(rule=row, values=data, actor=request.actor, now=request.now)

    address = reverse("customers:care-rules")
    return form_view(
        request,
        form=form,
        run=run,
        title=row.name if row else _("New care rule"),
        success=_("Saved. It makes tasks from the coming night on."),
        redirect_to=address,
        cancel_url=address,
        context={"crumb_list": [Crumb(_("Care rules"), address)]},
    )


@require_POST
@requires(MANAGE)
def rule_switch(request: Request, pk: int) -> HttpResponse:
    """Pause a rule, or let it go on."""
    row = get_object_or_404(CareRule, pk=pk)
    act = operations.resume_care_rule if request.POST.get("is_active") == "1" else operations.pause_care_rule
    row = act(rule=row, actor=request.actor, now=request.now)
    text = _("“%(name)s” goes on.") if row.is_active else _("“%(name)s” is paused.")
    return done(request, text % {"name": row.name}, to=reverse("customers:care-rules"))
