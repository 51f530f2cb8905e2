"""A new transfer: from where to where, and what, by scanner or by name. The page keeps nothing but what stands in it:
each step sends the whole form, and only the last one runs the operation.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.catalog.models import Product, Variant
from dianke.catalog.queries.search import Found, find, scan
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.inventory.forms.parts import as_number, place_label, plain, read_quantity, typed
from dianke.inventory.forms.transfers import (
    MOST_LINES,
    DraftLine,
    TransferForm,
    line_of,
    planned_of,
    read_lines,
)
from dianke.inventory.models import Balance, PieceAt, Place
from dianke.inventory.operations import transfers as operations
from dianke.inventory.operations.transfers import TRANSFER
from dianke.inventory.queries import available
from dianke.inventory.views.floor import FORM, is_part, main_shelf, own_shelf
from dianke.inventory.views.transfers import crumbs, url_of
from dianke.web.responses import done

VIEW = "inventory.view_stock"
#: How many goods of the same words are offered to choose from.
OFFERED = 8
PART = "transfer-lines"
#: What a button of the page asks for besides the plan itself.
STEPS = ("add", "pick", "remove", "look")


class Draft:
    """What is being written, and what the last step has to say."""

    def __init__(self, http: Request) -> None:
        self.actor: Actor = http.actor
        self.lines: list[DraftLine] = []
        self.choices: list[dict[str, str]] = []
        self.problem = ""
        if http.method == "POST":
            is_step = any(name in http.POST for name in STEPS)
            # On the way nothing is complained about that is not filled in yet.
            data = {"initial": http.POST.dict()} if is_step else {"data": http.POST}
            self.form = TransferForm(actor=self.actor, **data)
            self.lines = read_lines(http.POST)
            return
        asked = http.GET
        here = own_shelf(self.actor, TRANSFER)
        ends = {"from_place": main_shelf(asked.get("from")), "to_place": main_shelf(asked.get("to"))}
        if here is not None and here.pk not in ends.values():
            # Whoever asks where goods could come from means: to here; else they leave from here.
            free = "to_place" if ends["from_place"] and not ends["to_place"] else "from_place"
            ends[free] = ends[free] or here.pk
        initial = {name: pk for name, pk in ends.items() if pk}
        self.form = TransferForm(initial=initial, actor=self.actor)
        wanted = line_of(f"v{as_number(asked.get('variant'))}")
        if wanted is not None:
            quantity = read_quantity(asked.get("quantity", "")) or Decimal(1)
            self.add(Found(wanted.variant, quantity=max(quantity, Decimal(0)) or Decimal(1)))

    # --- steps ---------------------------------------------------------------------------------------------
    def look_up(self, text: str) -> None:
        """Add what a code or words stand for, or offer what could be meant."""
        text = text.strip()[:80]
        if not text:
            self.problem = _("Scan a code, or type a name.")
            return
        found = scan(self.actor, text)
        if found is not None:
            self.add(found)
            return
        meant = find(self.actor, text, OFFERED)
        if len(meant) == 1:
            self.add(meant[0])
        elif meant:
            self.choices = [
                {"key": f"v{each.variant.pk}", "label": str(each.variant), "note": each.variant.code}
                for each in meant
            ]
        else:
            self.problem = _(
                "“%(text)s” is neither a code nor a name of goods. Type a part of the name, or enter the goods first."
            ) % {"text": text}

    def pick(self, key: str) -> None:
        line = line_of(key)
        if line is None:
            self.problem = _("These goods are gone. Search again.")
        elif line.batch is not None or line.piece is not None:
            self.put(line, Decimal(1))
        else:
            self.add(Found(line.variant))

    def add(self, found: Found) -> None:
        """One more of it; of goods in batches and of single pieces, which one is asked first."""
        variant = found.variant
        tracking = variant.product.tracking
        if variant.product.kind in (Product.Kind.SERVICE, Product.Kind.BUNDLE):
            self.problem = _("“%(product)s” is a service or a bundle, of which nothing is kept in stock.") % {
                "product": variant
            }
        elif tracking == Product.Tracking.PIECE and found.piece is None:
            self._offer_pieces(variant)
        elif tracking == Product.Tracking.BATCH:
            self._offer_batches(variant, found.quantity)
        else:
            self.put(DraftLine(variant, piece=found.piece), found.quantity)

    def put(self, line: DraftLine, quantity: Decimal) -> None:
        same = next((each for each in self.lines if each.key == line.key), None)
        if same is not None and line.piece is None:
            same.quantity = typed((read_quantity(same.quantity) or Decimal(0)) + quantity)
        elif same is not None:
            self.problem = _("The tag %(tag)s is on the list already.") % {"tag": line.piece}
        elif len(self.lines) >= MOST_LINES:
            self.problem = _("At most %(limit)s lines go at once. Send the rest after them.") % {
                "limit": MOST_LINES
            }
        else:
            line.quantity = typed(quantity)
            self.lines.append(line)

    def _sender(self) -> Place | None:
        """Where the goods are, if the person may look there."""
        place = self.form.sender
        return place if place is not None and self.actor.can(VIEW, store_id=place.store_id) else None

    def _offer_batches(self, variant: Variant, quantity: Decimal) -> None:
        rows = Balance.objects.filter(place=self._sender(), variant=variant, quantity__gt=0).exclude(
            batch=None
        )
        found = list(rows.select_related("batch").order_by("batch__expires_on", "batch_id")[:OFFERED])
        if len(found) == 1 and found[0].batch is not None:
            self.put(DraftLine(variant, found[0].batch), quantity)
            return
        if not found:
            self.problem = _(
                "“%(product)s” is kept by batches, and none is known where it leaves from. Choose that place first."
            ) % {"product": variant}
        for each in found:
            expires = each.batch.expires_on if each.batch else None
            note = _("%(quantity)s there, expires %(day)s") % {
                "quantity": plain(each.quantity),
                "day": expires or "–",
            }
            label = f"{variant} · {each.batch}"
            self.choices.append({"key": f"v{variant.pk}b{each.batch_id}", "label": label, "note": note})

    def _offer_pieces(self, variant: Variant) -> None:
        rows = PieceAt.objects.filter(place=self._sender(), piece__variant=variant).select_related("piece")
        for each in rows.order_by("piece__tag")[:OFFERED]:
            self.choices.append({"key": f"p{each.piece_id}", "label": str(variant), "note": each.piece.tag})
        if not self.choices:
            self.problem = _("“%(product)s” is kept piece by piece. Scan the tag of the piece.") % {
                "product": variant
            }

    def fill_available(self) -> None:
        """What may still go, where the person may look."""
        sender = self._sender()
        if sender is None or not self.lines:
            return
        found = available({line.variant.pk for line in self.lines}, place_ids=[sender.pk], actor=self.actor)
        for line in self.lines:
            if line.piece is None and line.batch is None:
                line.available = found[line.variant.pk, sender.pk]


@require_http_methods(FORM)
@requires(TRANSFER)
def transfer_new(request: Request) -> HttpResponse:
    """Scan, choose, send the list off. `?variant=&from=&to=&quantity=` fill it in; from and to are stores."""
    draft = Draft(request)
    posted, status = request.POST, 200
    if request.method == "POST":
        if "pick" in posted:
            draft.pick(posted["pick"])
        elif "remove" in posted:
            draft.lines = [line for line in draft.lines if line.key != posted["remove"]]
        elif "add" in posted:
            draft.look_up(posted.get("code", ""))
        elif "look" not in posted:
            made = _plan(request, draft)
            if made is not None:
                return made
            status = 422
        status = 422 if draft.problem else status
    draft.fill_available()
    sender, receiver = draft.form.sender, draft.form.receiver
    context: dict[str, Any] = {
        "form": draft.form,
        "draft": draft,
        "lines": [
            {"line": line, "available": None if line.available is None else plain(line.available)}
            for line in draft.lines
        ],
        "way": f"{place_label(sender)} → {place_label(receiver)}" if sender and receiver else "",
        "crumb_list": crumbs(),
        "cancel_url": reverse("inventory:transfers"),
    }
    name = "inventory/floor/transfer_new.html" + ("#lines" if is_part(request, PART) else "")
    return render(request, name, context, status=status)


def _plan(http: Request, draft: Draft) -> HttpResponse | None:
    """Runs the operation; None with everything that is wrong said beside its field."""
    form = draft.form
    goods = planned_of(draft.lines, is_fixed=form.is_fixed)
    is_valid = form.is_valid()
    if not draft.lines:
        draft.problem = _("There is nothing to send yet. Scan goods, or search them by name.")
    if not is_valid or draft.problem or any(line.error for line in draft.lines):
        return None
    try:
        transfer = operations.plan_transfer(
            from_place=form.cleaned_data["from_place"],
            to_place=form.cleaned_data["to_place"],
            goods=goods,
            **form.terms(),
            actor=http.actor,
            now=http.now,
        )
    except (InvalidInput, Conflict, NotAllowed) as error:
        wrong = next(
            (line for line in draft.lines if line.variant.pk == error.params.get("variant_id")), None
        )
        if wrong is not None:
            wrong.error = str(error)
        else:
            form.add_domain_error(error)
        return None
    return done(http, _("Planned. The goods are kept for it until they leave."), to=url_of(transfer))
