"""Counting on the phone: the page that is scanned on, and where its entries arrive. The page keeps what could not be
sent and sends it again; every entry has a key, so that it counts once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Product, Variant
from dianke.catalog.queries.search import find
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.inventory.api.floor_schemas import EntriesIn
from dianke.inventory.forms.parts import as_number, plain, shelves
from dianke.inventory.models import Batch, CountEntry, CountLine, CountSession
from dianke.inventory.operations.counting import COUNT, Refusal, Scan, enter_counts
from dianke.inventory.queries.counting import entered_by, progress_of
from dianke.inventory.queries.scanning import goods_of_codes
from dianke.inventory.views.count_lines import note_of
from dianke.inventory.views.counts import crumbs, scope_of, session_or_404, url_of

State = CountSession.State
#: So many lines of a second count stand on the page at once; the next follow when these are counted.
AGAIN = 200
OFFERED = 8

#: Why an entry was not taken, and what to do.
REFUSALS: dict[Refusal, Any] = {
    Refusal.UNKNOWN_GOODS: gettext_lazy(
        "No goods have this code. Search by name, or put it aside with a note and tell who enters goods."
    ),
    Refusal.NOT_IN_SCOPE: gettext_lazy(
        "It is not part of this stocktake. Put it where it belongs; do not count it here."
    ),
    Refusal.BATCH_MISSING: gettext_lazy("It is kept by batches. Choose the batch that is printed on it."),
    Refusal.PIECE_MISSING: gettext_lazy("It is counted piece by piece. Scan the tag of each piece."),
    Refusal.QUANTITY: gettext_lazy("This quantity cannot be meant. Enter it again."),
    Refusal.NOT_ASKED_AGAIN: gettext_lazy("It need not be counted again: it is settled."),
    Refusal.ANOTHER_PERSON: gettext_lazy("You have counted it before. Somebody else has to look again."),
    Refusal.KEY_TAKEN: gettext_lazy("This entry was sent before with another quantity. Scan it once more."),
    Refusal.TOO_EARLY: gettext_lazy("It was scanned before the stocktake was opened. Scan it once more."),
}


@never_cache
@require_GET
@requires(COUNT)
def count_enter(request: Request, pk: int) -> HttpResponse:
    """The page to count on: scan, number, undo."""
    session = session_or_404(request, pk, COUNT)
    if not session.is_counting:
        return redirect(url_of(session))
    places = [session.place] if session.place else list(shelves().filter(store=session.store_id))
    again = _again(session, request.actor)
    wanted = as_number(request.GET.get("line"))
    first = next((row for row in again if row["line"] == wanted), None) or _line_of(session, wanted)
    progress = progress_of([session])[session.pk]
    context: dict[str, Any] = {
        "session": session,
        "scope": scope_of(session),
        "progress": progress,
        "places": places,
        "again": again,
        "is_again": session.state == State.RECOUNTING,
        "crumb_list": crumbs(session),
        "setup": {
            "session": session.pk,
            "user": request.actor.user_id,
            "url": reverse("inventory:count-entries", args=[session.pk]),
            "first": first,
        },
    }
    return render(request, "inventory/floor/counting.html", context)


def _row(line: CountLine) -> dict[str, Any]:
    return {
        "line": line.pk,
        "name": str(line.variant),
        "note": note_of(line),
        "place": str(line.place),
        "unit": line.variant.product.unit.name,
        "variant_id": line.variant_id,
        "batch_id": line.batch_id,
        "piece_id": line.piece_id,
        "place_id": line.place_id,
    }


def _lines(session: CountSession) -> Any:
    rows = CountLine.objects.filter(session=session)
    return rows.select_related("place", "variant__product__unit", "batch", "piece")


def _line_of(session: CountSession, pk: int) -> dict[str, Any] | None:
    line = _lines(session).filter(pk=pk, piece=None).first()
    return _row(line) if line is not None else None


def _again(session: CountSession, actor: Actor) -> list[dict[str, Any]]:
    """What is counted again: not by who has counted it already."""
    if session.state != State.RECOUNTING:
        return []
    rows = _lines(session).filter(verdict=CountLine.Verdict.RECOUNT)
    lines = list(rows.order_by("place_id", "variant__product__name", "pk")[:AGAIN])
    rounds = {line.pk: line.round for line in lines}
    looks = CountEntry.objects.filter(line__in=rounds, counted_by=actor.user_id).values_list(
        "line_id", "round"
    )
    mine = {line_id for line_id, number in looks if number < rounds[line_id]}
    entered = entered_by(list(rounds), round_of=rounds) if rounds else {}
    return [
        _row(line) | {"is_mine": line.pk in mine, "entered": plain(entered.get(line.pk))} for line in lines
    ]


@require_POST
@requires(COUNT)
def count_entries(request: Request, pk: int) -> HttpResponse:
    """Entries of a phone, as JSON: what was taken, and why what was not. Sent twice they count once."""
    session = session_or_404(request, pk, COUNT)
    try:
        sent = EntriesIn.model_validate_json(request.body)
    except ValidationError:
        return JsonResponse(
            {"problem": _("The phone sent something unreadable. Load the page again.")}, status=422
        )
    late = request.now - sent.sent_at if sent.sent_at else timedelta()
    scans = []
    for each in sent.entries:
        values = each.dict()
        if values["counted_at"] is not None:
            values["counted_at"] += late
        scans.append(Scan(**values))
    try:
        found = enter_counts(session=session, scans=scans, actor=request.actor, now=request.now)
    except (InvalidInput, Conflict, NotAllowed) as error:
        return JsonResponse({"problem": str(error)}, status=error.status)
    progress = progress_of([session])[session.pk]
    return JsonResponse(
        {
            "taken": _taken(session, [scan.key for scan in scans]),
            "refused": _refused(request.actor, scans, dict(found.refused)),
            "progress": {"lines": progress.lines, "counted": progress.counted, "again": progress.again},
        }
    )


def _taken(session: CountSession, keys: list[str]) -> dict[str, Any]:
    """By key the line an entry went to, with what is entered there now."""
    entries = CountEntry.objects.filter(session=session, key__in=keys).values_list(
        "key", "line_id", "quantity"
    )
    by_key = {key: (line_id, quantity) for key, line_id, quantity in entries}
    lines = {line.pk: line for line in _lines(session).filter(pk__in={pk for pk, _q in by_key.values()})}
    entered = (
        entered_by(list(lines), round_of={pk: line.round for pk, line in lines.items()}) if lines else {}
    )
    return {
        key: _row(lines[line_id])
        | {"quantity": str(quantity.normalize()), "entered": plain(entered.get(line_id))}
        for key, (line_id, quantity) in by_key.items()
    }


def _refused(actor: Actor, scans: list[Scan], refused: dict[str, Refusal]) -> dict[str, Any]:
    """By key why not, what it was as far as known, and what could be meant."""
    wanted = [scan for scan in scans if scan.key in refused]
    goods = goods_of_codes({scan.code for scan in wanted if scan.code}) if wanted else {}
    variant_of = {
        scan.key: goods[scan.code].variant_id if scan.code in goods else scan.variant_id for scan in wanted
    }
    rows = Variant.objects.filter(pk__in={pk for pk in variant_of.values() if pk}).select_related("product")
    variants = {row.pk: row for row in rows}
    answer = {}
    for scan in wanted:
        reason = refused[scan.key]
        variant = variants.get(variant_of[scan.key] or 0)
        choices: list[dict[str, Any]] = []
        text = str(REFUSALS[reason])
        if reason == Refusal.UNKNOWN_GOODS and variant is None:
            choices = _meant(actor, scan.code)
            if choices:
                text = _("Which one is it?")
        elif reason == Refusal.BATCH_MISSING and variant is not None:
            choices = _batches(variant)
        answer[scan.key] = {
            "code": reason.value,
            "name": str(variant) if variant else scan.code,
            "text": text,
            "choices": choices,
        }
    return answer


def _meant(actor: Actor, text: str) -> list[dict[str, Any]]:
    kinds = (Product.Kind.SERVICE, Product.Kind.BUNDLE)
    found = find(actor, text, OFFERED) if text else []
    return [
        {
            "name": str(each.variant),
            "note": each.variant.code,
            "variant_id": each.variant.pk,
            "batch_id": None,
        }
        for each in found
        if each.variant.product.kind not in kinds
    ]


def _batches(variant: Variant) -> list[dict[str, Any]]:
    rows = Batch.objects.filter(variant=variant).order_by("-expires_on", "-pk")[:OFFERED]
    return [
        {
            "name": _("Batch %(code)s") % {"code": row.code},
            "note": _("expires %(day)s") % {"day": row.expires_on} if row.expires_on else "",
            "variant_id": variant.pk,
            "batch_id": row.pk,
        }
        for row in rows
    ]
