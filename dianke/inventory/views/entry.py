"""Stock by hand: a receipt without an order, opening stock, an adjustment, a scrapping. One page each, filled with the
scanner or by name. The page keeps nothing but what stands in it: each step sends the whole form, and only the last one
runs the operation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Variant
from dianke.catalog.queries.search import Found, find, scan
from dianke.core.errors import Conflict, InvalidInput
from dianke.inventory import operations
from dianke.inventory.forms.entry import (
    COSTS,
    MOST_LINES,
    EntryForm,
    EntryLine,
    corrections_of,
    fill_books,
    goods_of,
    new_key,
    read_lines,
    spread_errors,
)
from dianke.inventory.forms.parts import as_number, read_quantity, typed
from dianke.inventory.models import PieceAt
from dianke.inventory.operations import Posted
from dianke.inventory.queries.stores import VIEW
from dianke.inventory.views.addresses import ADJUST, RECEIVE, address, name_of, shown, stock_crumb
from dianke.web.responses import done

Text = str | Promise
FORM = ("GET", "POST")
OFFERED = 8
PART = "entry"
REASONS = (
    gettext_lazy("Broken"),
    gettext_lazy("Lost"),
    gettext_lazy("Found again"),
    gettext_lazy("Wrongly entered"),
    gettext_lazy("Sample"),
    gettext_lazy("Own use"),
    gettext_lazy("Expired"),
)


@dataclass(frozen=True, slots=True)
class Act:
    """One of the four pages: `comes_in` asks for cost, batch and expiry; else for a reason, and `is_signed` for a
    difference instead of what leaves."""

    code: str
    title: Text
    note: Text
    submit: Text
    confirm: Text
    permission: str
    run: Callable[..., Posted]
    comes_in: bool = False
    is_signed: bool = False


RECEIPT = Act(
    "receipt",
    gettext_lazy("Receive goods"),
    gettext_lazy("Without an order. What comes from an order is received with the order."),
    gettext_lazy("Receive"),
    "",
    RECEIVE,
    operations.receive,
    comes_in=True,
)
OPENING = Act(
    "opening",
    gettext_lazy("Enter opening stock"),
    gettext_lazy("What lies there when the store begins to use these books, at what it cost."),
    gettext_lazy("Enter"),
    "",
    ADJUST,
    operations.open_stock,
    comes_in=True,
)
ADJUSTMENT = Act(
    "adjustment",
    gettext_lazy("Adjust stock"),
    gettext_lazy("The difference to what the books say: +2 was found, -1 is missing."),
    gettext_lazy("Adjust"),
    gettext_lazy(
        "The books are corrected at once, with your name and the reasons. Taking it back is a document of its own."
    ),
    ADJUST,
    operations.adjust,
    is_signed=True,
)
SCRAP = Act(
    "scrap",
    gettext_lazy("Scrap goods"),
    gettext_lazy("Spoilt goods leave the stock at what they cost."),
    gettext_lazy("Scrap"),
    gettext_lazy("The goods leave the stock, and their cost is booked as a loss."),
    ADJUST,
    operations.scrap,
)


@require_http_methods(FORM)
@requires(RECEIVE)
def receive(request: Request) -> HttpResponse:
    """Goods that came without an order."""
    return _page(request, RECEIPT)


@require_http_methods(FORM)
@requires(ADJUST)
def opening(request: Request) -> HttpResponse:
    """Opening stock."""
    return _page(request, OPENING)


@require_http_methods(FORM)
@requires(ADJUST)
def adjust(request: Request) -> HttpResponse:
    """Differences with reasons."""
    return _page(request, ADJUSTMENT)


@require_http_methods(FORM)
@requires(ADJUST)
def scrap(request: Request) -> HttpResponse:
    """Spoilt goods."""
    return _page(request, SCRAP)


class Draft:
    """What is being written, and what the last step has to say."""

    def __init__(self, http: Request, act: Act) -> None:
        self.http, self.act, self.actor = http, act, http.actor
        asked = http.POST if http.method == "POST" else http.GET
        self.form = EntryForm(
            http.POST if http.method == "POST" else None,
            actor=http.actor,
            permission=act.permission,
            store_id=as_number(asked.get("store")),
            now=http.now,
        )
        self.lines: list[EntryLine] = read_lines(http.POST) if http.method == "POST" else []
        self.choices: list[dict[str, str]] = []
        self.problem = ""
        self.code = ""
        if http.method == "GET" and (variant := self._variant(asked.get("variant"))) is not None:
            self.put(Found(variant))

    @property
    def shelves(self) -> list[Any]:
        return self.form.shelves

    @property
    def with_costs(self) -> bool:
        store = self.form.chosen
        return self.act.comes_in and store is not None and self.actor.can(COSTS, store_id=store.pk)

    def _variant(self, text: Any) -> Variant | None:
        rows = Variant.objects.visible_to(self.actor).select_related("product__unit")
        found: Variant | None = rows.filter(pk=as_number(text)).first() if as_number(text) else None
        return found

    # --- steps ---------------------------------------------------------------------------------------------
    def look_up(self, text: str) -> None:
        """Add what a code or words stand for, or offer what could be meant."""
        text = text.strip()[:80]
        if not text:
            self.problem = _("Scan a code, or type a name.")
            return
        found = scan(self.actor, text)
        if found is not None:
            self.put(found)
            return
        meant = find(self.actor, text, OFFERED)
        if len(meant) == 1:
            self.put(meant[0])
        elif meant:
            self.choices = [
                {"key": str(each.variant.pk), "label": name_of(each.variant), "note": each.variant.code}
                for each in meant
            ]
            self.code = text
        else:
            self.code = text
            self.problem = _(
                "“%(text)s” is neither a code nor a name of goods. Type a part of the name, or enter the goods first."
            ) % {"text": text}

    def put(self, found: Found) -> None:
        """One more of it; single pieces and batches get a line of their own."""
        variant, piece = found.variant, found.piece
        if not variant.product.is_stocked:
            self.problem = _("“%(product)s” is a service or a bundle, of which nothing is kept in stock.") % {
                "product": name_of(variant)
            }
            return
        line = EntryLine(new_key(), variant, piece)
        plain = not line.is_piece and not line.is_batch
        same = next((each for each in self.lines if plain and each.variant.pk == variant.pk), None)
        if piece is not None and any(each.piece == piece for each in self.lines):
            self.problem = _("The tag %(tag)s is on the list already.") % {"tag": piece}
        elif same is not None and not self.act.is_signed:
            same.quantity = typed((read_quantity(same.quantity) or Decimal(0)) + found.quantity)
        elif same is not None:
            self.problem = _("“%(product)s” is on the list already. Type the difference there.") % {
                "product": name_of(variant)
            }
        elif len(self.lines) >= MOST_LINES:
            self.problem = _("At most %(limit)s lines at once. Post these first.") % {"limit": MOST_LINES}
        else:
            line.quantity = "" if self.act.is_signed else typed(found.quantity)
            line.reason = next((each.reason for each in reversed(self.lines) if each.reason), "")
            if piece is not None:
                self._place_piece(line, piece)
            self.lines.append(line)

    def _place_piece(self, line: EntryLine, piece: Any) -> None:
        """A piece that lies on a shelf of the store is missing there; one that does not was found."""
        held = PieceAt.objects.filter(piece=piece, place__in=[shelf.pk for shelf in self.shelves]).first()
        line.place = held.place_id if held else 0
        line.quantity = "1" if not self.act.is_signed else "-1" if held else "+1"


def _page(http: Request, act: Act) -> HttpResponse:
    draft, status = Draft(http, act), 200
    posted = http.POST
    if http.method == "POST":
        if "pick" in posted:
            variant = draft._variant(posted["pick"])
            if variant is not None:
                draft.put(Found(variant))
        elif "remove" in posted:
            draft.lines = [line for line in draft.lines if line.key != posted["remove"]]
        elif "add" in posted:
            draft.look_up(posted.get("code", ""))
        elif "post" in posted:
            made = _post(http, act, draft)
            if made is not None:
                return made
            status = 422
        status = 422 if draft.problem else status
    fill_books(draft.lines, draft.shelves)
    context: dict[str, Any] = {
        "act": act,
        "form": draft.form,
        "draft": draft,
        "lines": [
            {
                "line": line,
                "name": name_of(line.variant),
                "there": shown(line.there or Decimal(0)),
                "place": line.place or (draft.shelves[0].pk if draft.shelves else 0),
            }
            for line in draft.lines
        ],
        "shelves": draft.shelves,
        "with_costs": draft.with_costs,
        "reasons": REASONS,
        "crumb_list": [stock_crumb()],
        "cancel_url": reverse("inventory:stock"),
    }
    part = "#entry" if http.headers.get("HX-Target", "").endswith(f"#{PART}") else ""
    return render(http, f"inventory/stock/entry.html{part}", context, status=status)


def _post(http: Request, act: Act, draft: Draft) -> HttpResponse | None:
    """Runs the operation; None with everything that is wrong said beside its field."""
    form = draft.form
    is_valid = form.is_valid()
    what: dict[str, Any]
    if act.comes_in:
        what = {"goods": goods_of(draft.lines, draft.shelves, with_costs=draft.with_costs)}
    else:
        what = {"corrections": corrections_of(draft.lines, draft.shelves, takes_out=not act.is_signed)}
    wrong = [line for line in draft.lines if line.errors]
    if not draft.lines:
        draft.problem = _("There is nothing to post yet. Scan goods, or search them by name.")
    elif not draft.shelves:
        draft.problem = _("The store has no place of stock in use. Add one in the settings of the store.")
    elif wrong:
        draft.problem = ngettext(
            "%(count)s line is not right yet; nothing was posted. See below.",
            "%(count)s lines are not right yet; nothing was posted. See below.",
            len(wrong),
        ) % {"count": len(wrong)}
    if not is_valid or draft.problem:
        return None
    data = form.cleaned_data
    try:
        result = act.run(
            store=data["store"],
            reference=f"page:{act.code}:{data['store'].pk}:{data['token']}",
            business_date=data["business_date"],
            note=data["note"],
            actor=http.actor,
            now=http.now,
            **what,
        )
    except (InvalidInput, Conflict) as error:
        name = error.field or "quantity"
        if spread_errors(draft.lines, error.params, str(error), name):
            draft.problem = str(error)
        else:
            form.add_domain_error(error)
        return None
    if result.shortfalls:
        text = _("%(number)s is posted. Some goods are below zero now; count them soon.")
    else:
        text = _("%(number)s is posted.")
    to = (
        reverse("inventory:document", args=[result.document_id])
        if http.actor.can(VIEW, store_id=data["store"].pk)
        else address("inventory:stock")
    )
    return done(http, text % {"number": result.number}, to=to)
