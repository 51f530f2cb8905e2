"""Views made of a `Listing`: the list page (and its fragment), saved views, columns, export."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.web import operations
from dianke.web.exporting import file_of, write_export
from dianke.web.formats import money, number
from dianke.web.listing import COUNT_LIMIT, PAGE_SIZES, Kind, Listing, State, listing_by_code
from dianke.web.models import Export, ListPreference, SavedView, owner_of
from dianke.web.responses import done
from dianke.web.tasks import run_export

#: Exports up to this many rows are answered at once; longer ones are written by the worker.
AT_ONCE = 2000
#: Characters: fewer stay on one line, and so does a number of a paper, an address or a telephone up to this length.
FEW, ONE_NUMBER = 12, 24


def list_view(listing: type[Listing], template: str = "web/list.html") -> Callable[[Request], HttpResponse]:
    """The view of a list, guarded by its permission. `template` is `web/list.html` or extends it; a part of a page is
    drawn by the former, because only it knows the rows."""

    @require_GET
    @requires(listing.permission)
    def view(request: Request) -> HttpResponse:
        fragment = _fragment(request)
        context = list_context(request, listing)
        response = render(request, f"web/list.html{fragment}" if fragment else template, context)
        if fragment:
            # The address people share says only what is set.
            query = context["query_string"]
            response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
        return response

    return view


def _fragment(request: Request) -> str:
    return "#rows" if request.headers.get("HX-Target", "").endswith("#list") else ""


def list_context(request: Request, listing: type[Listing]) -> dict[str, Any]:
    """Everything `web/list.html` shows."""
    actor = request.actor
    shown = listing(actor, request.now)
    state = shown.state(request.GET)
    result = shown.result(state)
    preference = ListPreference.objects.filter(user_id=owner_of(actor), list_code=shown.code).first()
    columns = shown.chosen_columns(preference.columns if preference else None)
    query_string = state.query_string()
    views = [
        {"view": view, "is_current": view.query == query_string, "is_own": view.user_id == actor.user_id}
        for view in SavedView.objects.visible_to(actor).filter(list_code=shown.code)
    ]
    action = shown.action if shown.action and actor.can(shown.action[2]) else None
    empty = shown.empty
    return {
        "listing": shown,
        "state": state,
        "result": result,
        "rows": [_row(shown, columns, row) for row in result.page.items],
        "columns": [_head(shown, state, column) for column in columns],
        "all_columns": [
            {"column": c, "is_chosen": c in columns}
            for c in [*columns, *(c for c in shown.allowed_columns() if c not in columns)]
        ],
        "filters": [_filter(shown, state, each) for each in shown.filters if not each.is_quick],
        "quick_filters": [_filter(shown, state, each) for each in shown.filters if each.is_quick],
        "active_filter_count": sum(
            bool(v) for f in shown.filters if not f.is_quick for v in [state.filters.get(f.code)]
        ),
        "is_filtered": bool(state.query or any(state.filters.values())),
        "totals": [_total(c, result.totals.get(c.code)) for c in columns] if result.totals else [],
        "views": views,
        "query_string": query_string,
        "bulk_actions": [
            {"action": b, "url": reverse(b.url_name)} for b in shown.bulk_actions if actor.can(b.permission)
        ],
        "can_export": shown.can_export and actor.can("web.export_lists"),
        "page_sizes": PAGE_SIZES,
        "count_limit": COUNT_LIMIT,
        "list_action": {"label": action[0], "url": reverse(action[1]), "icon": action[3]} if action else None,
        "empty": {
            "icon": empty[0],
            "text": empty[1],
            "label": empty[2] if empty[3] and actor.can(empty[4]) else "",
            "url": reverse(empty[3]) if empty[3] and actor.can(empty[4]) else "",
        }
        if empty
        else None,
    }


def _row(listing: Listing, columns: list[Any], row: Any) -> dict[str, Any]:
    cells = []
    for column in columns:
        value = column.of(row)
        cells.append(
            {
                "column": column,
                "value": value,
                "url": column.link(row) if column.link else "",
                "tone": column.tone(row) if column.tone else "",
                "stays_whole": _stays_whole(value),
            }
        )
    return {"object": row, "cells": cells}


def _stays_whole(value: Any) -> bool:
    """Few characters, or one number: broken over lines nobody reads it."""
    if not isinstance(value, Sized) or len(value) < FEW:
        return True
    return isinstance(value, str) and len(value) <= ONE_NUMBER and value.isascii() and " " not in value


def _total(column: Any, value: Any) -> str | None:
    """A sum as its column shows its values."""
    if not column.total or value is None:
        return None
    return number(value) if column.kind == Kind.NUMBER else money(value)


def _head(listing: Listing, state: State, column: Any) -> dict[str, Any]:
    current = state.sort or listing.default_sort
    is_current = bool(column.sort) and current.lstrip("-") == column.sort
    descending = is_current and current.startswith("-")
    target = f"-{column.sort}" if is_current and not descending else column.sort
    return {
        "column": column,
        "url": "?" + state.query_string(sort=target) if column.sort else "",
        "aria_sort": ("descending" if descending else "ascending") if is_current else "",
    }


def _filter(listing: Listing, state: State, each: Any) -> dict[str, Any]:
    value = state.filters.get(each.code, "")
    options = [
        {
            "value": str(option),
            "label": label,
            "is_chosen": str(option) == value,
            "url": "?" + state.query_string(**{each.code: "" if str(option) == value else str(option)}),
        }
        for option, label in (each.options(listing.actor) if each.options else ())
    ]
    several = each.values(value)
    if len(several) > 1:
        named = {option["value"]: str(option["label"]) for option in options}
        label = " · ".join(named.get(one, one) for one in several)
        url = "?" + state.query_string(**{each.code: ""})
        options.insert(0, {"value": value, "label": label, "is_chosen": True, "url": url})
    first, _sep, last = value.partition("..")
    return {"filter": each, "value": value, "options": options, "first": first, "last": last}


def _listing_or_404(code: str, request: Request) -> type[Listing]:
    listing = listing_by_code(code)
    if listing is None or not request.actor.can(listing.permission):
        raise Http404
    return listing


def _back(request: Request) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if safe else "/"


@require_POST
@requires("web.use_pages")
def save_view(request: Request, code: str) -> HttpResponse:
    """Keep the present filters under a name."""
    view = operations.save_view(
        list_code=code,
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        is_shared=request.POST.get("is_shared") == "on",
        actor=request.actor,
        now=request.now,
    )
    return done(request, _("View “%(name)s” saved.") % {"name": view.name}, to=_back(request))


@require_POST
@requires("web.use_pages")
def delete_view(request: Request, pk: int) -> HttpResponse:
    """Remove one's own view."""
    view = operations.delete_view(view_id=pk, actor=request.actor, now=request.now)
    return done(request, _("View “%(name)s” removed.") % {"name": view.name}, to=_back(request))


@require_POST
@requires("web.use_pages")
def choose_columns(request: Request, code: str) -> HttpResponse:
    """Keep the columns of a list."""
    operations.choose_columns(
        list_code=code,
        columns=request.POST.getlist("columns"),
        actor=request.actor,
        now=request.now,
    )
    return redirect(_back(request))


@require_POST
@requires("web.export_lists")
def export(request: Request, code: str) -> HttpResponse:
    """Make a file of the list as it is filtered: at once when short, else by the worker with progress."""
    listing = _listing_or_404(code, request)
    actor, now = request.actor, request.now
    query = request.POST.get("query", "")
    shown = listing(actor, now)
    total = shown.rows(shown.state(QueryDict(query))).order_by().count()
    made = operations.request_export(
        list_code=code,
        query=query,
        format="csv" if request.POST.get("format") == "csv" else "xlsx",
        total_count=total,
        actor=actor,
        now=now,
    )
    if total <= AT_ONCE:
        made = write_export(made, actor=actor, now=now)
        if made.state == Export.State.DONE:
            return redirect("web-export-file", pk=made.pk)
    else:
        run_export.defer(export_id=made.pk)
    return redirect("web-export", pk=made.pk)


@require_GET
@requires("web.export_lists")
def export_progress(request: Request, pk: int) -> HttpResponse:
    """How far a long export is; the file when it is done."""
    made = get_object_or_404(Export.objects.visible_to(request.actor), pk=pk)
    fragment = "#progress" if request.headers.get("HX-Target", "").endswith("export-progress") else ""
    listing = listing_by_code(made.list_code)
    return render(
        request,
        "web/export.html" + fragment,
        {"export": made, "list_title": listing.title if listing else "", "is_kept": file_of(made).exists()},
    )


@require_GET
@requires("web.export_lists")
def export_file(request: Request, pk: int) -> FileResponse:
    """The finished file, to the one who asked for it."""
    made = get_object_or_404(Export.objects.visible_to(request.actor), pk=pk, state=Export.State.DONE)
    path = file_of(made)
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=made.file_name)
