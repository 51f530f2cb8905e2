"""Closing days: which wait, one day with its check list and figures, closing it, what was closed before."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales.models import DayClose, Shift, Tender
from dianke.sales.operations.day_close import close_day
from dianke.sales.queries.day_checks import DayState, state_of_day
from dianke.sales.queries.day_close import closed_figures
from dianke.sales.queries.day_figures import names_in
from dianke.sales.queries.waiting_days import WaitingDay, waiting_days
from dianke.sales.rules.day_figures import at, minus
from dianke.sales.views.close_listings import CloseListing, close_kind
from dianke.sales.views.register_parts import (
    CLOSE,
    MOST_CHOICES,
    SHIFT_TONES,
    chosen_store,
    close_or_404,
    day_url,
    difference_tone,
    over_or_short,
    sheet_of,
    shown,
    stores_of,
)
from dianke.stores.models import Store
from dianke.web.components import Crumb, Fact
from dianke.web.list_views import list_view
from dianke.web.responses import done

#: So many days back a day that nobody closed is shown.
DAYS_BACK = 14
close_list = list_view(CloseListing, "sales/registers/list.html")


def _crumbs() -> list[Crumb]:
    return [Crumb(_("Day close"), reverse("sales:day-closes"))]


def _waiting(http: Request, stores: list[Store]) -> list[WaitingDay]:
    since = min((store.business_date(http.now) for store in stores), default=http.now.date()) - timedelta(
        days=DAYS_BACK
    )
    began = datetime.combine(since - timedelta(days=1), time(), timezone.get_current_timezone())
    return waiting_days([store.pk for store in stores], since=since, began=began)


@require_GET
@requires(CLOSE)
def waiting_list(request: Request) -> HttpResponse:
    """What is not closed yet, a row a store, the oldest first; what came in late for a closed day."""
    stores = list(stores_of(request.actor, CLOSE)[:MOST_CHOICES])
    days: dict[int, list[WaitingDay]] = {}
    for each in _waiting(request, stores):
        days.setdefault(each.store_id, []).append(each)
    rows = [
        _store_row(store, days[store.pk], store.business_date(request.now))
        for store in stores
        if store.pk in days
    ]
    rows.sort(key=lambda row: (not row["count"], row["oldest"].day, row["store"].code))
    closes = DayClose.objects.visible_to(request.actor, CLOSE).defer("snapshot")
    context = {
        "rows": rows,
        "days_count": sum(row["count"] for row in rows),
        "closes": [
            {"close": each, "kind": close_kind(each)}
            for each in closes.select_related("store", "closed_by").order_by("-closed_at", "-pk")[:10]
        ],
        "days_back": DAYS_BACK,
    }
    return render(request, "sales/registers/days.html", context)


def _store_row(store: Store, days: list[WaitingDay], today: date) -> dict[str, Any]:
    """A store's days that wait, the oldest first: how many, what was sold in them, which one comes first. The day that
    still goes on counts only where it was closed already."""
    due = [each for each in days if each.is_late or each.day < today]
    shown_days = due or days
    late = sum(each.is_late for each in due)
    running = sum(each.running for each in shown_days)
    if n := len(due) - late:
        tone, label = "wait", ngettext("%(n)s day not closed", "%(n)s days not closed", n) % {"n": n}
    elif late:
        tone, label = "bad", _("Late sales: supplement")
    else:
        tone, label = "off", _("Today, goes on")
    return {
        "store": store,
        "oldest": shown_days[0],
        "count": len(due),
        "late": late if n else 0,
        "url": day_url(store.pk, shown_days[0].day),
        "amount": shown(sum(each.sold_amount for each in shown_days), store.currency),
        "running": ngettext("%(n)s shift runs", "%(n)s shifts run", running) % {"n": running}
        if running
        else "",
        "tone": tone,
        "label": label,
    }


def _asked_day(http: Request, store: Store) -> date:
    """The day asked for, else the oldest that waits, else the present one. Raises `Http404`."""
    text = http.GET.get("day") or http.POST.get("day") or ""
    if text:
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise Http404 from error
        if not 2000 <= day.year < 2100:
            raise Http404
        return day
    waiting = [each.day for each in _waiting(http, [store]) if each.is_waiting]
    return waiting[0] if waiting else store.business_date(http.now)


def _store_or_404(http: Request) -> Store:
    store = chosen_store(http, CLOSE)
    if store is None:
        raise Http404
    return store


@require_GET
@requires(CLOSE)
def day_page(request: Request) -> HttpResponse:
    """A store and a date: the check list, what was taken and counted, what was closed already."""
    store = _store_or_404(request)
    day = _asked_day(request, store)
    today = store.business_date(request.now)
    state = state_of_day(store, day)
    closes = list(
        DayClose.objects.filter(store=store, business_date=day)
        .select_related("closed_by")
        .order_by("sequence")
    )
    fresh = minus(state.figures, closed_figures(store, day)) if closes else state.figures
    names = names_in(state.figures)
    shifts = list(
        Shift.objects.filter(store=store, business_date=day)
        .select_related("register", "opened_by")
        .order_by("register__code", "opened_at")
    )
    stops = any(check.stops and check.count for check in state.checks) and not closes
    context: dict[str, Any] = {
        "store": store,
        "day": day,
        "is_today": day == today,
        "is_future": day > today or day < store.opened_on,
        "stores": list(stores_of(request.actor, CLOSE)[:MOST_CHOICES]),
        "before_url": day_url(store.pk, day - timedelta(days=1)),
        "after_url": day_url(store.pk, day + timedelta(days=1)) if day < today else "",
        "checks": _checks(store, state),
        "is_clean": not any(check.count for check in state.checks),
        "sheet": sheet_of(state.figures, names, store.currency),
        "fresh": sheet_of(fresh, names, store.currency) if closes and fresh else None,
        "has_fresh": bool(closes and fresh),
        "is_empty": not state.figures and not shifts,
        "tenders": _tenders(state.figures, shifts, names, store.currency),
        "closes": [{"close": each, "kind": close_kind(each)} for each in closes],
        "shifts": [
            {
                "shift": shift,
                "tone": SHIFT_TONES[shift.state],
                "difference": over_or_short(shift.difference_amount, shift.currency),
                "difference_tone": difference_tone(shift.difference_amount),
                "expected": shown(shift.expected_amount, shift.currency),
                "counted": shown(shift.counted_amount, shift.currency),
            }
            for shift in shifts
        ],
        "stops": stops,
        "crumb_list": _crumbs(),
    }
    return render(request, "sales/registers/day.html", context)


def _checks(store: Store, state: DayState) -> list[dict[str, str]]:
    """The check list in words: what holds, what does not, where to mend it."""
    told = []
    for check in state.checks:
        n = check.count
        match check.code:
            case "shifts":
                good = _("All shifts are closed")
                bad = _("Shifts run: %(names)s") % {
                    "names": "、".join(shift.register.name for shift in state.running)
                }
                note, url = (
                    _("Count and close them first."),
                    f"{reverse('sales:registers')}?running=yes&store={store.pk}",
                )
            case "drawer":
                good = _("What drawers say is what the ledger says")
                bad = _("Drawer and ledger differ: %(names)s") % {
                    "names": "、".join(each.name for each in state.wrong_drawers)
                }
                note, url = _("The day can be closed. Tell who looks after the books."), ""
            case "exceptions":
                good = _("No sale waits to be examined")
                bad = ngettext("%(n)s sale waits to be examined", "%(n)s sales wait to be examined", n) % {
                    "n": n
                }
                note = _("The day can be closed; better look at them before.")
                url = f"{reverse('sales:exceptions')}?store={store.pk}"
            case "payments":
                good = _("No payment waits for a channel")
                bad = ngettext(
                    "%(n)s payment waits for its channel", "%(n)s payments wait for their channel", n
                ) % {"n": n}
                note, url = _("What is confirmed later comes into a supplement."), ""
            case "gaps":
                good = _("Every sale of the tills arrived")
                bad = ngettext("%(n)s gap in the sales of tills", "%(n)s gaps in the sales of tills", n) % {
                    "n": n
                }
                note = _("Bring the till online. What comes later comes into a supplement.")
                url = reverse("sales:offline-tills")
            case _:
                good = _("Numbers of closes have no gap")
                bad, note, url = (
                    _("A number of a close is missing"),
                    _("Tell who looks after the system."),
                    "",
                )
        told.append(
            {
                "tone": "good" if not n else "bad" if check.stops else "wait",
                "icon": "circle-check" if not n else "circle-x" if check.stops else "alert-triangle",
                "text": bad if n else good,
                "note": note if n else "",
                "url": url if n else "",
            }
        )
    return told


def _tenders(figures: Any, shifts: list[Shift], names: Any, currency: str) -> list[dict[str, str]]:
    """By kind of payment what should be there, and of cash what was counted."""
    cash = set(Tender.objects.filter(account=Tender.Account.CASH).values_list("code", flat=True))
    closed = [shift for shift in shifts if shift.state == Shift.State.CLOSED]
    rows = []
    for code in figures.get("tenders", {}):
        taken, given = at(figures, "tenders", code, "in"), at(figures, "tenders", code, "out")
        rows.append(
            {
                "name": names["tenders"].get(code, code),
                "taken": shown(taken, currency),
                "given": shown(given, currency) if given else "",
                "expected": shown(taken - given, currency),
                "counted": "",
                "difference": "",
                "tone": "",
                "is_cash": code in cash,
            }
        )
    if closed:
        expected = sum(shift.expected_amount or 0 for shift in closed)
        counted = sum(shift.counted_amount or 0 for shift in closed)
        rows.append(
            {
                "name": _("Cash in the drawers"),
                "taken": "",
                "given": "",
                "expected": shown(expected, currency),
                "counted": shown(counted, currency),
                "difference": over_or_short(counted - expected, currency),
                "tone": difference_tone(counted - expected),
                "is_cash": True,
            }
        )
    return rows


@require_POST
@requires(CLOSE)
def day_close(request: Request) -> HttpResponse:
    """Close the day, or write what came since into a supplement; the answer is the close."""
    store = _store_or_404(request)
    close = close_day(
        store=store, business_date=_asked_day(request, store), actor=request.actor, now=request.now
    )
    text = (
        _("Closed as no. %(number)s. It is written down for good.")
        if not close.is_supplement
        else _("Supplement written as no. %(number)s.")
    )
    return done(request, text % {"number": close.number}, to=reverse("sales:close", args=[close.pk]))


@require_GET
@requires(CLOSE)
def close_page(request: Request, pk: int) -> HttpResponse:
    """A close as it was written down."""
    close = close_or_404(request, pk)
    snapshot, today = close.snapshot, close.store.business_date(request.now)
    due = [each.day for each in _waiting(request, [close.store]) if each.is_late or each.day < today]
    others = DayClose.objects.filter(store=close.store, business_date=close.business_date)
    context: dict[str, Any] = {
        "close": close,
        "kind": close_kind(close),
        "sheet": sheet_of(snapshot["figures"], snapshot["names"], close.currency),
        "shifts": shifts_written(snapshot["shifts"], close.currency, _register_names(close)),
        "reports": list(close.reports.select_related("register").order_by("register__code")),
        "others": [
            {"close": each, "kind": close_kind(each)}
            for each in others.exclude(pk=close.pk).defer("snapshot").order_by("sequence")
        ],
        "facts": _facts(close),
        "day_url": day_url(close.store_id, close.business_date),
        "next_url": day_url(close.store_id, due[0]) if due else "",
        "crumb_list": [*_crumbs(), Crumb(_("Closed days"), reverse("sales:closes"))],
    }
    return render(request, "sales/registers/close_page.html", context)


def _register_names(close: DayClose) -> dict[int, str]:
    return dict(close.store.registers.values_list("pk", "name"))


def shifts_written(shifts: Any, currency: str, names: dict[int, str]) -> list[dict[str, str]]:
    """The shifts of a snapshot for people."""
    return [
        {
            "id": each["id"],
            "register": names.get(each["register"], ""),
            "since": f"{timezone.localtime(datetime.fromisoformat(each['opened_at'])):%H:%M}",
            "float": shown(each["float"], currency),
            "expected": shown(each["expected"], currency),
            "counted": shown(each["counted"], currency),
            "difference": over_or_short(each["difference"], currency),
            "tone": difference_tone(each["difference"]),
        }
        for each in shifts
    ]


def _facts(close: DayClose) -> list[Fact]:
    return [
        Fact(_("Store"), close.store.short_name),
        Fact(_("Seller"), close.legal_entity.name),
        Fact(_("Closed by"), getattr(close.closed_by, "name", "") or _("the system")),
        Fact(pgettext("register", "Closed"), f"{timezone.localtime(close.closed_at):%Y-%m-%d %H:%M}"),
    ]
