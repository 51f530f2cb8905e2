"""Stocktakes: the list, one session with its progress and its differences, and the steps that begin and end it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.inventory.forms.parts import COSTS
from dianke.inventory.models import CountEntry, CountLine, CountSession
from dianke.inventory.operations.counting import APPROVE, COUNT
from dianke.inventory.queries.counting import entered_by, lines_to_show, progress_of, sees_expected
from dianke.inventory.views.count_lines import Told, told
from dianke.inventory.views.floor import document_url
from dianke.stores.models import Store
from dianke.web.components import Crumb, Fact, Stat, Step
from dianke.web.formats import money, number
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Listing, choice_filter, date_filter, register, relation_filter
from dianke.web.listing import Kind as Shown

VIEW = "inventory.view_stock"
PAGE = 50
State = CountSession.State
TONES: dict[str, str] = {
    State.COUNTING: "wait",
    State.RECOUNTING: "wait",
    State.SUBMITTED: "wait",
    State.POSTED: "good",
    State.CANCELLED: "off",
}


# --- the list --------------------------------------------------------------------------------------------------------
@register
class CountListing(Listing):
    """Stocktakes of the stores the actor reaches."""

    code = "inventory.counts"
    title = gettext_lazy("Stocktakes")
    permission = VIEW
    default_sort = "-pk"
    search_fields = ("name", "store__short_name", "place__name", "category__name", "document__number")
    search_hint = gettext_lazy("Name, store, document")
    columns = (
        Column(
            "name",
            gettext_lazy("Stocktake"),
            value=str,
            is_title=True,
            link=lambda row: reverse("inventory:count", args=[row.pk]),
        ),
        Column("state", gettext_lazy("State"), Shown.STATUS, tone=lambda row: TONES.get(row.state, "")),
        Column("store", gettext_lazy("Store"), value="store__short_name"),
        Column("scope", gettext_lazy("What is counted"), value=lambda row: scope_of(row)),
        Column(
            "lines", pgettext_lazy("of a document", "Lines"), Shown.NUMBER, value=lambda row: row.line_count
        ),
        Column("again", gettext_lazy("Again"), Shown.NUMBER, value=lambda row: row.again_count or None),
        Column("opened_at", gettext_lazy("Opened"), Shown.INSTANT, sort="opened_at"),
        Column("closed_at", gettext_lazy("Ended"), Shown.INSTANT, sort="closed_at"),
        Column("surplus", gettext_lazy("Found"), Shown.MONEY, needs=COSTS, value=lambda row: row.surplus),
        Column("shortage", gettext_lazy("Missing"), Shown.MONEY, needs=COSTS, value=lambda row: row.shortage),
        Column("opened_by", gettext_lazy("By"), value="opened_by__name", is_default=False),
    )
    filters = (
        choice_filter("state", gettext_lazy("State"), State.choices, quick=True),
        relation_filter(
            "store", gettext_lazy("Store"), lambda actor: Store.objects.visible_to(actor), lookup="store"
        ),
        date_filter("opened", gettext_lazy("Opened"), lookup="opened_at", instants=True),
    )
    empty = (
        "clipboard-check",
        gettext_lazy(
            "Count a shelf, a category or the whole store while it goes on selling: with the phone, a scanner or "
            "on paper. What was sold meanwhile is taken into account by itself."
        ),
        gettext_lazy("New stocktake"),
        "inventory:count-new",
        COUNT,
    )
    action = (gettext_lazy("New stocktake"), "inventory:count-new", COUNT, "plus")

    def queryset(self) -> QuerySet[CountSession]:
        again = Count("lines", filter=Q(lines__verdict=CountLine.Verdict.RECOUNT))
        rows = CountSession.objects.visible_to(self.actor).annotate(
            line_count=Count("lines"), again_count=again
        )
        return rows.select_related("store", "place", "category", "opened_by")


count_list = list_view(CountListing)


def scope_of(session: CountSession) -> str:
    """ "仓库 · 戒指", or everything."""
    parts = [str(part) for part in (session.place, session.category) if part is not None]
    return " · ".join(parts) or _("everything")


# --- one session -----------------------------------------------------------------------------------------------------
def session_or_404(http: Request, pk: int, permission: str = VIEW) -> CountSession:
    """The session, if the person may see it."""
    rows = CountSession.objects.visible_to(http.actor, permission).select_related(
        "store", "place", "category", "opened_by", "submitted_by", "closed_by", "document"
    )
    found: CountSession = get_object_or_404(rows, pk=pk)
    return found


def url_of(session: CountSession) -> str:
    return reverse("inventory:count", args=[session.pk])


def crumbs(session: CountSession | None = None) -> list[Crumb]:
    way = [Crumb(_("Stocktakes"), reverse("inventory:counts"))]
    return [*way, Crumb(str(session), url_of(session))] if session else way


def _steps(session: CountSession) -> list[Step]:
    def name(user: Any) -> str:
        return user.name if user else ""

    state = session.state
    steps = [
        Step(_("Opened"), True, False, session.opened_at, name(session.opened_by)),
        Step(
            _("Counted"),
            session.submitted_at is not None,
            session.is_counting,
            session.submitted_at,
            name(session.submitted_by),
        ),
    ]
    if state == State.CANCELLED:
        return [*steps[:1], Step(_("Called off"), True, True, session.closed_at, name(session.closed_by))]
    is_posted = state == State.POSTED
    is_next = state == State.SUBMITTED
    return [*steps, Step(_("Posted"), is_posted, is_next, session.closed_at, name(session.closed_by))]


#: What the lines of a session are narrowed to: code, label, whether it needs the figures of the books.
SHOWN = (
    ("differences", gettext_lazy("Differences"), True),
    ("all", gettext_lazy("All lines"), False),
    ("open", gettext_lazy("Not counted yet"), False),
    ("again", gettext_lazy("To be counted again"), False),
    ("decide", gettext_lazy("To be decided"), True),
)


def narrowed(rows: QuerySet[CountLine], shown: str) -> QuerySet[CountLine]:
    """The lines under one of the tabs."""
    verdict = CountLine.Verdict
    if shown == "differences":
        return rows.exclude(variance=None).exclude(variance=0)
    if shown == "open":
        looks = CountEntry.objects.filter(line=OuterRef("pk"), round=OuterRef("round"))
        return rows.filter(~Exists(looks))
    if shown == "again":
        return rows.filter(verdict=verdict.RECOUNT)
    if shown == "decide":
        return rows.filter(verdict__in=[verdict.DISPUTED, verdict.ELSEWHERE, verdict.SUPERSEDED])
    return rows


def _parts(session: CountSession) -> list[dict[str, Any]]:
    """How far each place and each category is. Two statements."""
    looks = CountEntry.objects.filter(line=OuterRef("pk"), round=OuterRef("round"))
    lines = CountLine.objects.filter(session=session).annotate(is_counted=Exists(looks)).order_by()
    counted = Count("pk", filter=Q(is_counted=True))
    places = lines.values_list("place__name").annotate(lines=Count("pk"), counted=counted)
    found = [{"name": name, "lines": n, "counted": done} for name, n, done in places.order_by("place_id")]
    categories = lines.values_list("variant__product__category__name").annotate(
        lines=Count("pk"), counted=counted
    )
    rows = categories.order_by("variant__product__category__name")[:12]
    by_category = [
        {"name": name or _("Without a category"), "lines": n, "counted": done} for name, n, done in rows
    ]
    return [
        {"title": _("By place"), "rows": found if len(found) > 1 else []},
        {"title": _("By category"), "rows": by_category if len(by_category) > 1 else []},
    ]


@require_GET
@requires(VIEW)
def count_page(request: Request, pk: int) -> HttpResponse:
    """A session: how far it is, what differs and why, and the next step."""
    session = session_or_404(request, pk)
    actor = request.actor
    is_told = sees_expected(session, actor)
    progress = progress_of([session])[session.pk]
    tabs = [(code, label) for code, label, needs in SHOWN if is_told or not needs]
    default = "differences" if is_told and not session.is_counting else "all"
    wanted = request.GET.get("show", "")
    shown = wanted if wanted in dict(tabs) else default
    text = "".join(char for char in request.GET.get("q", "") if char.isprintable()).strip()[:60]
    rows = narrowed(lines_to_show(session, actor), shown).select_related(
        "place", "variant__product__unit", "batch", "piece", "counted_by"
    )
    if text:
        rows = rows.filter(
            Q(variant__product__name__icontains=text)
            | Q(variant__code__icontains=text)
            | Q(piece__tag=text.upper())
        )
    page = Paginator(rows.order_by("place_id", "variant__product__name", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    lines = list(page.object_list)
    entered = (
        entered_by([line.pk for line in lines], round_of={line.pk: line.round for line in lines})
        if lines
        else {}
    )
    sees_values = is_told and actor.can(COSTS)
    may_count = actor.can(COUNT, store_id=session.store_id)
    may_approve = actor.can(APPROVE, store_id=session.store_id)
    context: dict[str, Any] = {
        "session": session,
        "tone": TONES.get(session.state, ""),
        "scope": scope_of(session),
        "steps": _steps(session),
        "progress": progress,
        "parts": _parts(session) if session.is_counting else [],
        "facts": _facts(session),
        "figures": _figures(session, sees_values=sees_values),
        "shown": shown,
        "tabs": [{"code": code, "label": label, "is_current": code == shown} for code, label in tabs],
        "query": text,
        "page": page,
        "rows": [
            told(line, entered.get(line.pk), is_told=is_told, sees_values=sees_values) for line in lines
        ],
        "is_told": is_told,
        "sees_values": sees_values,
        "may_count": may_count and session.is_counting,
        "may_submit": may_count and session.state in (State.COUNTING, State.RECOUNTING),
        "may_post": session.state == State.SUBMITTED and may_count and (may_approve or _is_even(session)),
        "may_cancel": may_count and session.closed_at is None,
        "can_export": is_told and not session.is_counting and actor.can("web.export_lists"),
        "crumb_list": crumbs(),
    }
    return render(request, "inventory/floor/count.html", context)


def _is_even(session: CountSession) -> bool:
    """Whether everything is as the books have it: then whoever counts posts it."""
    lines = CountLine.objects.filter(session=session)
    return not lines.filter(
        Q(verdict=CountLine.Verdict.DISPUTED) | ~Q(variance=0) & Q(variance__isnull=False)
    ).exists()


def _facts(session: CountSession) -> list[Fact]:
    blind = _("Blind: who counts does not see what should be there")
    parts = []
    if session.tolerance_quantity:
        parts.append(number(session.tolerance_quantity.normalize()))
    if session.tolerance_bp:
        parts.append(f"{session.tolerance_bp / 100:g}%")
    facts = [
        Fact(_("Store"), session.store.short_name),
        Fact(_("What is counted"), scope_of(session)),
        Fact(_("How"), blind if session.is_blind else _("Open: what should be there is shown")),
        Fact(_("Tolerance"), " / ".join(parts) or _("none")),
        Fact(_("Document"), session.document, document_url(session.document)),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def _figures(session: CountSession, *, sees_values: bool) -> list[Stat]:
    """Found, missing and their difference in money, once they stand."""
    if not sees_values or session.surplus is None or session.shortage is None or session.is_counting:
        return []
    return [
        Stat(_("Found"), money(session.surplus)),
        Stat(_("Missing"), money(session.shortage)),
        Stat(_("On balance"), money(session.surplus - session.shortage)),
    ]


@require_GET
@requires(COUNT)
def count_sheet(request: Request, pk: int) -> HttpResponse:
    """The sheet to count with on paper: what should be looked for, and room to write."""
    session = session_or_404(request, pk, COUNT)
    rows = lines_to_show(session, request.actor).order_by("place_id", "variant__product__name", "pk")
    if session.state == State.RECOUNTING:
        rows = rows.filter(verdict=CountLine.Verdict.RECOUNT)
    lines: list[Told] = [
        told(line, None, is_told=False, sees_values=False)
        for line in rows.select_related("place", "variant__product__unit", "batch", "piece", "counted_by")[
            :2000
        ]
    ]
    places: dict[str, list[Told]] = {}
    for line in lines:
        places.setdefault(line.place, []).append(line)
    context = {"session": session, "scope": scope_of(session), "places": list(places.items())}
    return render(request, "inventory/floor/count_sheet.html", context)
