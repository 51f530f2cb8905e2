"""The queue of possible duplicates: one pair at a time, decided by a key, the next one drawn into its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.core.errors import Text
from dianke.core.paging import keyset_page
from dianke.customers.models import Customer, Kind, MatchPair, PairState
from dianke.customers.operations.pairs import decide_pair, take_back_decision
from dianke.customers.queries.comparing import lines_of, profiles_of, sides_among
from dianke.customers.queries.merges import (
    BANDS,
    MOST_COUNTED,
    REVIEW,
    QueueFilter,
    decided_count,
    decided_pairs,
    evidence_of,
    last_decision,
    pairs_visible_to,
    place_in,
    queue,
    summary_of,
)
from dianke.customers.rules.merging import better_to_keep, why_not
from dianke.stores.models import Store
from dianke.web.components import Tab
from dianke.web.listing import as_id
from dianke.web.responses import toast

Request = Any
PAGE = 30
TEMPLATE = "customers/matches/queue.html"
SAID: dict[str, Text] = {
    "SAME": gettext_lazy("Merged into one profile."),
    "DIFFERENT": gettext_lazy("Noted: not the same. They will not be proposed again."),
    "LATER": gettext_lazy("Put off."),
}


@require_GET
@requires(REVIEW)
def queue_page(request: Request) -> HttpResponse:
    """The first pair that waits."""
    return _draw(request, None)


@require_GET
@requires(REVIEW)
def pair_page(request: Request, pk: int) -> HttpResponse:
    """One pair, wherever it stands in the queue."""
    return _draw(request, _pair(request, pk))


@require_POST
@requires(REVIEW)
def decision(request: Request, pk: int) -> HttpResponse:
    """Decide, and show the next."""
    pair = _pair(request, pk)
    verdict = request.POST.get("verdict", "")
    keep = as_id(request.POST.get("kept", ""))
    kept = get_object_or_404(Customer.objects.visible_to(request.actor), pk=keep) if keep else None
    decide_pair(pair=pair, verdict=verdict, kept=kept, actor=request.actor, now=request.now)
    undo = reverse("customers:duplicate-taking-back", args=[pk])
    if not _is_part(request):
        return redirect(_address(None, _wanted(request)))
    response = _draw(request, pair, is_past=True)
    return toast(response, SAID[verdict], undo_url=undo)


@require_POST
@requires(REVIEW)
def taking_back(request: Request, pk: int) -> HttpResponse:
    """Undo a decision, and show the pair again."""
    pair = take_back_decision(pair=_pair(request, pk), actor=request.actor, now=request.now)
    if _is_part(request):
        return toast(_draw(request, _pair(request, pk)), _("Taken back."))
    if request.headers.get("HX-Request") == "true":  # from a notice: the page draws itself anew
        return HttpResponse(status=204)
    return redirect("customers:duplicate", pk=pair.pk)


@require_GET
@requires(REVIEW)
def decided(request: Request) -> HttpResponse:
    """What was decided, by whom, with a way back."""
    rows = decided_pairs(request.actor)
    page = keyset_page(rows, order=["-decided_at"], cursor=request.GET.get("cursor"), limit=PAGE)
    context = {
        "tabs": _tabs(request, "decided"),
        "items": [{"pair": pair, **_outcome(pair)} for pair in page.items],
        "next_url": f"?cursor={page.next_cursor}" if page.next_cursor else "",
        "previous_url": f"?cursor={page.previous_cursor}" if page.previous_cursor else "",
    }
    return render(request, "customers/matches/decided.html", context)


def _outcome(pair: MatchPair) -> dict[str, Any]:
    tones = {PairState.LINKED: "good", PairState.DIFFERENT: "off", PairState.LATER: "wait"}
    return {"tone": tones.get(PairState(pair.state), ""), "state": pair.get_state_display()}


# --- drawing ------------------------------------------------------------------------------------------------------
def _pair(request: Request, pk: int) -> MatchPair:
    return get_object_or_404(pairs_visible_to(request.actor), pk=pk)


def _is_part(request: Request) -> bool:
    return bool(request.headers.get("HX-Target", "").endswith("#duplicate"))


def _wanted(request: Request) -> QueueFilter:
    """What of the queue is looked at; anything unknown is ignored."""
    given = request.GET
    state = PairState.LATER if given.get("view") == "later" else PairState.WAITING
    kind, band = given.get("kind", ""), given.get("band", "")
    return QueueFilter(
        state=state,
        store=as_id(given.get("store", "")),
        band=band if band in BANDS else "",
        kind=kind if kind in Kind.values else "",
    )


def _query(wanted: QueueFilter, **changes: str) -> str:
    query = QueryDict(mutable=True)
    values = {
        "view": "later" if wanted.state == PairState.LATER else "",
        "store": str(wanted.store or ""),
        "band": wanted.band,
        "kind": wanted.kind,
    } | changes
    query.update({name: value for name, value in values.items() if value})
    return f"?{query.urlencode()}" if query else ""


def _address(pk: int | None, wanted: QueueFilter) -> str:
    path = reverse("customers:duplicate", args=[pk]) if pk else reverse("customers:duplicates")
    return f"{path}{_query(wanted)}"


def _draw(request: Request, at: MatchPair | None, *, is_past: bool = False) -> HttpResponse:
    wanted = _wanted(request)
    place = place_in(queue(request.actor, wanted), at, is_past=is_past)
    pair, actor = place.pair, request.actor
    day = timezone.localtime(request.now).replace(hour=0, minute=0, second=0, microsecond=0)
    done = decided_count(actor, since=day)
    last = last_decision(actor, since=day)
    query = _query(wanted)
    context: dict[str, Any] = {
        "tabs": _tabs(request, wanted.state),
        "pair": pair,
        "query": query,
        "here": _address(pair.pk if pair else None, wanted),
        "count": place.count,
        "is_more": place.count > MOST_COUNTED,
        "most": MOST_COUNTED,
        "done_count": done,
        "total": done + place.count,
        "before_url": _address(place.before, wanted) if place.before else "",
        "after_url": _address(place.after, wanted) if place.after else "",
        "undo_url": reverse("customers:duplicate-taking-back", args=[last.pk]) + query if last else "",
        "filters": _filters(request, wanted),
        "is_filtered": bool(wanted.store or wanted.band or wanted.kind),
        "is_later": wanted.state == PairState.LATER,
    }
    if pair is not None:
        context |= _side_by_side(request, pair)
    if not _is_part(request):
        return render(request, TEMPLATE, context)
    response = render(request, f"{TEMPLATE}#pair", context)
    if not request.headers.get("HX-Current-URL", "").endswith(context["here"]):
        response["HX-Push-Url"] = context["here"]
    return response


def _side_by_side(request: Request, pair: Any) -> dict[str, Any]:
    """The two profiles of a pair; the same number of questions to the database for every pair."""
    heads = left, right = pair.left_head, pair.right_head
    profiles = profiles_of(heads, actor=request.actor)
    if left == right:
        return {"is_one": True, "left": profiles[left]}
    sides = sides_among(profiles)
    keep = better_to_keep(sides[left], sides[right])
    return {
        "left": profiles[left],
        "right": profiles[right],
        "lines": lines_of(profiles[left], profiles[right]),
        "evidence": evidence_of(pair),
        "summary": summary_of(pair),
        "percent": round(pair.probability * 100),
        "problems": why_not(sides[left], sides[right]),
        "keep": keep,
        "is_waiting": pair.state in (PairState.WAITING, PairState.LATER),
        "outcome": _outcome(pair),
        "preview_url": reverse("customers:merge-preview", args=[keep, right if keep == left else left]),
        "can_preview": request.actor.can("customers.merge_customers"),
    }


def _tabs(request: Request, current: str) -> list[Tab]:
    queue_url = reverse("customers:duplicates")
    return [
        Tab(_("To decide"), queue_url, current == PairState.WAITING),
        Tab(_("Put off"), f"{queue_url}?view=later", current == PairState.LATER),
        Tab(_("Decided"), reverse("customers:duplicates-decided"), current == "decided"),
    ]


def _filters(request: Request, wanted: QueueFilter) -> list[dict[str, Any]]:
    path = reverse("customers:duplicates")

    def chips(name: str, current: str, options: Sequence[tuple[str, Text]]) -> list[dict[str, Any]]:
        return [
            {
                "label": label,
                "is_chosen": value == current,
                "url": path + _query(wanted, **{name: "" if value == current else value}),
            }
            for value, label in options
        ]

    stores = [
        (str(row.pk), row.short_name) for row in Store.objects.visible_to(request.actor).order_by("code")
    ]
    found: list[dict[str, Any]] = [
        {"label": _("How likely"), "options": chips("band", wanted.band, list(BANDS.items()))},
        {"label": _("Kind"), "options": chips("kind", wanted.kind, list(Kind.choices))},
    ]
    if len(stores) > 1:
        options = chips("store", str(wanted.store or ""), stores)
        chosen = next((each["label"] for each in options if each["is_chosen"]), "")
        found.append({"label": _("Store"), "options": options, "is_menu": True, "chosen": chosen})
    return found
