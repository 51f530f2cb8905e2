"""The list, the page of a segment, why somebody is in it, overlaps, and what is done to one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.errors import DiankeError
from dianke.customers.models import Customer
from dianke.customers.views.listings import dress
from dianke.events.queries import timeline
from dianke.events.registry import describe
from dianke.segments import operations
from dianke.segments.models import MANAGE, VIEW, Segment
from dianke.segments.operations.segments import may_change
from dianke.segments.queries.counting import explain
from dianke.segments.queries.fields import Vocabulary
from dianke.segments.queries.members import count_of, members, overlaps, rules_of
from dianke.segments.queries.trend import trends
from dianke.segments.queries.uses import uses_of
from dianke.segments.queries.wording import Wording
from dianke.segments.rules.language import leaves, read
from dianke.segments.rules.starts import Start, starts_for
from dianke.segments.views.builder import crumbs
from dianke.segments.views.listings import SegmentListing
from dianke.stores.models import Merchant, Store
from dianke.stores.queries import store_names
from dianke.web.components import Entry, Fact, Stat
from dianke.web.formats import number
from dianke.web.list_views import list_view
from dianke.web.responses import done
from dianke.work.queries.people import names_of

SHOWN = 20
MOST_OVERLAPPED = 4
HISTORY_ROWS = 50

segment_list = list_view(SegmentListing, "segments/segments.html")


def _found(request: Request, pk: int) -> Segment:
    rows = Segment.objects.visible_to(request.actor).select_related("owner")
    found: Segment = get_object_or_404(rows, pk=pk)
    return found


@require_GET
@requires(VIEW)
def segment_page(request: Request, pk: int) -> HttpResponse:
    """Who is meant in words, how many, how that went, and the first of them."""
    segment = _found(request, pk)
    vocabulary, problem = Vocabulary(), ""
    wording = Wording(request.actor, vocabulary)
    people: list[Any] = []
    count = 0
    try:
        count = count_of(segment, actor=request.actor, at=request.now)
        rows = members(segment, actor=request.actor, at=request.now)
        people = list(rows.select_related("store", "owner").order_by("-last_seen_at", "-pk")[:SHOWN])
        dress(request.actor, people)
    except DiankeError as error:
        problem = str(error)
    counted = trends([pk], now=request.now).get(pk, [])
    may = may_change(segment, request.actor) and segment.archived_at is None
    context = {
        "segment": segment,
        "sentence": wording.sentence(read(segment.rules, language=segment.language)),
        "problem": problem,
        "stats": _stats(segment, count, counted),
        "trend": counted if len(counted) > 1 else [],
        "people": people,
        "has_more": count > len(people),
        "all_url": f"{reverse('customers:customers')}?segment={pk}",
        "facts": _facts(segment),
        "uses": uses_of([pk], request.actor).get(pk, []),
        "may_change": may,
        "may_restore": may_change(segment, request.actor) and segment.archived_at is not None,
        "may_copy": request.actor.can(MANAGE),
        "schedules": Segment.Schedule.choices,
        "crumb_list": crumbs(),
    }
    return render(request, "segments/segment.html", context)


def _stats(segment: Segment, count: int, counted: list[int]) -> list[Stat]:
    before = counted[0] if len(counted) > 1 else None
    change = round((counted[-1] - before) * 100 / before) if before else None
    return [
        Stat(
            _("People you may see"),
            number(count),
            note=_("fixed list") if segment.is_snapshot else _("at this moment"),
        ),
        Stat(
            _("In all, last worked out"),
            number(segment.member_count),
            change=change,
            versus=_("30 days ago") if change is not None else "",
        ),
    ]


def _facts(segment: Segment) -> list[Fact]:
    names = store_names(segment.store_ids) if segment.store_ids else {}
    return [
        Fact(pgettext("of a segment", "Kind"), segment.get_kind_display()),
        *([Fact(_("Taken anew"), segment.get_schedule_display())] if segment.is_snapshot else []),
        Fact(_("Stores"), "、".join(names.values()) if names else _("every store")),
        Fact(_("Made by"), str(segment.owner or _("the system"))),
        Fact(_("Shared"), _("Yes") if segment.is_shared else _("No")),
        Fact(_("Note"), segment.note),
    ]


@require_GET
@requires(VIEW)
def why(request: Request, pk: int, customer: int) -> HttpResponse:
    """Each rule of a segment about one person, with the person's own value."""
    segment = _found(request, pk)
    person = get_object_or_404(Customer.objects.visible_to(request.actor).heads().in_use(), pk=customer)
    vocabulary = Vocabulary()
    wording = Wording(request.actor, vocabulary)
    rules = rules_of(segment, now=request.now, vocabulary=vocabulary)
    wording.prepare(rules.root)
    rows = wording.why(rules, explain(rules, [person.pk]).get(person.pk, []))
    context = {
        "segment": segment,
        "customer": person,
        "rows": rows,
        "sentence": wording.sentence(rules.root),
        "crumb_list": crumbs(segment),
    }
    return render(request, "segments/why.html", context)


@require_GET
@requires(VIEW)
def overlap(request: Request) -> HttpResponse:
    """Two to four segments beside each other: how many are in exactly which of them."""
    offered = list(Segment.objects.visible_to(request.actor).in_use().order_by("name")[:200])
    asked = [int(pk) for pk in request.GET.getlist("s") if pk.isdecimal() and len(pk) < 19]
    chosen = [segment for segment in offered if segment.pk in asked][:MOST_OVERLAPPED]
    rows: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    problem = ""
    if len(chosen) > 1:
        try:
            found = overlaps(chosen, actor=request.actor, at=request.now)
        except DiankeError as error:  # of one of them the rules no longer hold
            found, problem = {}, str(error)
        for inside, count in sorted(found.items(), key=lambda item: (-len(item[0]), -item[1])):
            if not count and len(inside) < len(chosen):
                continue  # what nobody is in says nothing; that they share nobody does
            names = [segment.name for segment in chosen if segment.pk in inside]
            rows.append({"label": _inside(len(inside), len(chosen)), "names": names, "count": count})
        totals = [
            {
                "segment": segment,
                "count": sum(count for inside, count in found.items() if segment.pk in inside),
                "alone": found.get(frozenset([segment.pk]), 0),
            }
            for segment in chosen
        ]
    context = {
        "offered": [{"segment": segment, "is_chosen": segment in chosen} for segment in offered],
        "chosen": chosen,
        "rows": rows,
        "totals": totals,
        "problem": problem,
        "together": sum(row["count"] for row in rows),
        "crumb_list": crumbs(),
    }
    return render(request, "segments/overlap.html", context)


def _inside(count: int, of: int) -> str:
    """In how many of those compared."""
    if count == of:
        return pgettext("of compared segments", "In all of them")
    if count == 1:
        return pgettext("of compared segments", "Only in this one")
    return pgettext("of compared segments", "In these and no other")


def _starts(actor: Actor) -> list[Start]:
    """Ready-made ones for the trades here that ask only about what the actor may ask."""
    merchant = Merchant.objects.first()
    trades = set(Store.objects.values_list("trade", flat=True)) | ({merchant.trade} if merchant else set())
    vocabulary = Vocabulary()

    def may_ask(code: str) -> bool:
        needed = vocabulary.field(code).permission
        return not needed or actor.can(needed)

    return [
        start
        for start in starts_for({trade.lower() for trade in trades})
        if all(may_ask(leaf.field) for leaf in leaves(read(start.rules)))
    ]


@require_GET
@requires(MANAGE)
def starts(request: Request) -> HttpResponse:
    """Ready-made segments, and an empty one."""
    there = set(
        Segment.objects.visible_to(request.actor).in_use().exclude(start="").values_list("start", flat=True)
    )
    listed = [
        {
            "start": start,
            "url": f"{reverse('segments:new')}?start={start.code}",
            "is_there": start.code in there,
        }
        for start in _starts(request.actor)
    ]
    context = {"starts": listed, "new_url": reverse("segments:new"), "crumb_list": crumbs()}
    return render(request, "segments/starts.html", context)


@require_GET
@requires(VIEW)
def history(request: Request, pk: int) -> HttpResponse:
    """Who did what to it."""
    segment = _found(request, pk)
    page = timeline(
        segment, actor=request.actor, before=request.GET.get("before") or None, limit=HISTORY_ROWS
    )
    names = names_of([event.user_id for event in page.events])
    entries = [
        Entry(
            at=event.recorded_at,
            title=describe(event),
            actor=_("the system") if event.user_id is None else names.get(event.user_id, ""),
        )
        for event in page.events
    ]
    context = {
        "entries": entries,
        "next_cursor": page.next_cursor,
        "segment": segment,
        "crumb_list": crumbs(segment),
    }
    return render(request, "segments/history.html", context)


# --- acts ------------------------------------------------------------------------------------------------------------
def _page(pk: int) -> str:
    return reverse("segments:segment", args=[pk])


@require_POST
@requires(MANAGE)
def start_all(request: Request) -> HttpResponse:
    """All ready-made segments that are offered, at once, shared."""
    drafts = [(start.code, str(start.name), str(start.note), start.rules) for start in _starts(request.actor)]
    made = operations.start_segments(drafts=drafts, actor=request.actor, now=request.now)
    text = ngettext("%(count)s segment added.", "%(count)s segments added.", len(made)) % {"count": len(made)}
    return done(request, text, to=reverse("segments:segments"))


@require_POST
@requires(MANAGE)
def copy(request: Request, pk: int) -> HttpResponse:
    """A copy of one's own to change."""
    segment = _found(request, pk)
    name = _("%(name)s (copy)") % {"name": segment.name[:30]}
    made = operations.copy_segment(segment=segment, name=name, actor=request.actor, now=request.now)
    return redirect("segments:edit", made.pk)


@require_POST
@requires(MANAGE)
def refresh(request: Request, pk: int) -> HttpResponse:
    """Work it out anew."""
    row = operations.refresh_segment(segment=_found(request, pk), actor=request.actor, now=request.now)
    return done(request, _("Worked out: %(count)s people.") % {"count": row.member_count}, to=_page(pk))


@require_POST
@requires(MANAGE)
def convert(request: Request, pk: int) -> HttpResponse:
    """A fixed list of whom it holds now, or rules again; how often a list is taken anew."""
    kind = request.POST.get("kind", "")
    schedule = request.POST.get("schedule", "")
    if kind not in Segment.Kind.values or schedule not in Segment.Schedule.values:
        return redirect("segments:segment", pk)
    row = operations.convert_segment(
        segment=_found(request, pk), kind=kind, schedule=schedule, actor=request.actor, now=request.now
    )
    text = (
        _("“%(name)s” is a fixed list of %(count)s people now.")
        if row.is_snapshot
        else _("“%(name)s” follows its rules again: %(count)s people.")
    )
    return done(request, text % {"name": row.name, "count": row.member_count}, to=_page(pk))


@require_POST
@requires(MANAGE)
def archive(request: Request, pk: int) -> HttpResponse:
    """Put away, with a way back."""
    row = operations.archive_segment(segment=_found(request, pk), actor=request.actor, now=request.now)
    return done(
        request,
        _("“%(name)s” is put away.") % {"name": row.name},
        to=reverse("segments:segments"),
        undo_url=reverse("segments:restore", args=[pk]),
    )


@require_POST
@requires(MANAGE)
def restore(request: Request, pk: int) -> HttpResponse:
    """Bring it back."""
    row = operations.restore_segment(segment=_found(request, pk), actor=request.actor, now=request.now)
    return done(request, _("“%(name)s” is back.") % {"name": row.name}, to=_page(pk))
