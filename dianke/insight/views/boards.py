"""Dashboards: what happens now from the records, what it means from the snapshot, each person's as far as they see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.insight.models import FIGURES, VIEW
from dianke.insight.queries.board_blocks import blocks_for
from dianke.insight.queries.engine import NoSnapshot
from dianke.insight.queries.figures import scopes_of
from dianke.insight.queries.live import scope_for, today_of
from dianke.insight.queries.people import overview
from dianke.insight.views.board_mine import mine
from dianke.insight.views.board_past import past_of
from dianke.insight.views.board_today import today_context
from dianke.insight.views.customers import customer_cards, state_of
from dianke.sales.models.turnover import REPORTS
from dianke.sales.queries.reports.figures import Scope, stores_of
from dianke.stores.models import Store
from dianke.web.components import Tab
from dianke.web.listing import as_id

BUSINESS, STORE, CUSTOMERS, MINE = "business", "store", "customers", "mine"
LABELS: dict[str, Text] = {
    BUSINESS: gettext_lazy("Business"),
    STORE: gettext_lazy("Store"),
    CUSTOMERS: gettext_lazy("Customers"),
    MINE: gettext_lazy("Mine"),
}
#: What a role opens first; what it may see follows from permissions.
FIRST = {"STORE_MANAGER": STORE, "MARKETER": CUSTOMERS, "CLERK": MINE, "SERVICE_AGENT": MINE}
DAYS = (7, 30, 90)
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """Which board, of which stores, over how many days back."""

    board: str
    offered: tuple[str, ...]
    every: tuple[Store, ...]
    store: Store | None
    days: int

    def query(self, **changes: str) -> str:
        values = {"board": self.board, "days": str(self.days)}
        if self.store is not None:
            values["store"] = str(self.store.pk)
        return urlencode({key: value for key, value in (values | changes).items() if value})


def boards_of(actor: Actor, stores: tuple[Store, ...]) -> list[str]:
    """The boards a person may open."""
    found = []
    if actor.can(FIGURES) and len(stores) > 1:
        found.append(BUSINESS)
    if actor.can(FIGURES) and stores:
        found.append(STORE)
    if actor.can(VIEW):
        found.append(CUSTOMERS)
    if actor.can("sales.sell") and actor.user_id:
        found.append(MINE)
    return found


def _asked(request: Request) -> Asked:
    """Reads the address; what it does not know becomes the usual."""
    actor, params = request.actor, request.GET
    every = tuple(stores_of(actor))
    offered = boards_of(actor, every)
    usual = next((FIRST[role] for role in sorted(actor.roles) if FIRST.get(role) in offered), None)
    board = params.get("board", "")
    if board not in offered:
        board = usual or (offered[0] if offered else "")
    pk = as_id(params.get("store", ""))
    store = next((one for one in every if one.pk == pk), None)
    if board == STORE and store is None:
        store = next((one for one in every if one.pk == actor.store_id), every[0])
    days = as_id(params.get("days", ""))
    return Asked(
        board, tuple(offered), every, None if board == MINE else store, days if days in DAYS else USUAL_DAYS
    )


@require_GET
@requires(REPORTS)
def boards(request: Request) -> HttpResponse:
    """The board of one's role: today at once, the rest as soon as it is there."""
    what = _asked(request)
    context: dict[str, Any] = {
        "what": what,
        "tabs": [
            Tab(LABELS[code], f"?{urlencode({'board': code})}", code == what.board) for code in what.offered
        ],
        "stores": what.every if what.board in (BUSINESS, STORE) and len(what.every) > 1 else (),
        "periods": [
            {
                "label": _("%(days)s days") % {"days": days},
                "url": f"?{what.query(days=str(days))}",
                "is_current": days == what.days,
            }
            for days in DAYS
        ],
        "query": what.query(),
        "is_customers": what.board == CUSTOMERS,
        "is_mine": what.board == MINE,
        "needs_all": what.board == BUSINESS,
    }
    if what.board == CUSTOMERS:
        context |= customer_cards(overview(request.actor)) | state_of(request.actor)
    elif what.board:
        context |= _today(request, what)
    if what.board == MINE:
        context |= mine(request.actor, request.now)
    return render(request, "insight/boards/board.html", context)


@require_GET
@requires(REPORTS)
def today(request: Request) -> HttpResponse:
    """What was sold so far: the part that asks again every minute."""
    return render(request, "insight/boards/today.html", _today(request, _asked(request)))


def _scope(request: Request, what: Asked) -> Scope:
    return scope_for(request.actor, what.store)


def _today(request: Request, what: Asked) -> dict[str, Any]:
    scope = _scope(request, what)
    if not scope.stores:
        return {"query": what.query(), "live": None}
    found = today_of(scope, now=request.now)
    rows_by = {BUSINESS: "store", STORE: "staff"}.get(what.board, "")
    if what.board == BUSINESS and what.store is not None:
        rows_by = "staff"
    return today_context(found, request.actor, rows_by, store=what.store, now=request.now) | {
        "query": what.query()
    }


@require_GET
@requires(REPORTS)
def past(request: Request) -> HttpResponse:
    """The days before today, from the snapshot, with how old it is; for customers, what other rooms know."""
    what = _asked(request)
    if what.board == CUSTOMERS:
        return render(
            request, "insight/boards/blocks.html", {"blocks": blocks_for(request.actor, request.now)}
        )
    context: dict[str, Any] = {"problem": ""}
    if what.board in (BUSINESS, STORE):
        scopes = scopes_of(request.actor, None if what.store is None else [what.store])
        try:
            if scopes:
                is_whole = what.board == BUSINESS and what.store is None
                context |= past_of(scopes[0], request.actor, request.now, what.days, is_whole=is_whole)
                context["others"] = ", ".join(scope.currency for scope in scopes[1:])
        except NoSnapshot as error:
            context["problem"] = str(error)
    return render(request, "insight/boards/past.html", context | state_of(request.actor))
