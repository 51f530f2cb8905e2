"""A session card: what is left of each service, every use, and what is done with it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.models import Customer
from dianke.wallets import operations
from dianke.wallets.forms.counter import (
    ExtendForm,
    FreezeForm,
    PayBackForm,
    ReasonForm,
    TransferForm,
    UndoForm,
    UseForm,
)
from dianke.wallets.models import CardUse, Freeze, SessionCard
from dianke.wallets.operations.card_changes import item_names
from dianke.wallets.operations.refusals import AmountMissing
from dianke.wallets.queries.holds import freezes_of
from dianke.wallets.queries.purse import CardState, ItemState, items_left
from dianke.wallets.queries.wording import told, written
from dianke.wallets.views.finding import (
    FREEZE,
    REFUND,
    TOP_UP,
    TRANSFER,
    USE,
    VIEW,
    card_crumb,
    card_or_404,
    card_url,
    crumbs_of,
    first_values,
    stores_for,
)
from dianke.web.components import Fact
from dianke.web.forms import form_view

USES = 20
FORM = ("GET", "POST")


@require_GET
@requires(VIEW)
def card_page(request: Request, pk: int) -> HttpResponse:
    """What is left, what was used, what may be done."""
    card, actor = card_or_404(request, pk), request.actor
    items = items_left([card.pk]).get(card.pk, [])
    freeze = freezes_of(card_ids=[card.pk]).get(("card", card.pk))
    uses = CardUse.objects.filter(card=card).select_related("store", "customer").order_by("-pk")
    page = Paginator(uses.prefetch_related("lines__item__variant__product"), USES).get_page(
        request.GET.get("page")
    )
    is_expired = card.is_expired(card.store.business_date(request.now))
    is_open = card.closed_at is None
    may_move = is_open and freeze is None
    left = sum(item.left for item in items)

    def to(name: str, condition: bool) -> str:
        return reverse(f"wallets:{name}", args=[card.pk]) if condition else ""

    context: dict[str, Any] = {
        "card": card,
        "customer": card.customer.merged_into or card.customer,
        "items": [_item(item, card) for item in items],
        "left": left,
        "freeze": freeze,
        "is_expired": is_expired,
        "facts": _facts(card, items),
        "page": page,
        "uses": [_use(row, card, actor.can(USE) and is_open) for row in page.object_list],
        "use_url": to("use", may_move and bool(left) and not is_expired and actor.can(USE)),
        "extend_url": to("extend", is_open and card.expires_on is not None and actor.can(FREEZE)),
        "freeze_url": to("card-freeze", may_move and actor.can(FREEZE)),
        "unfreeze_url": to("card-unfreeze", is_open and freeze is not None and actor.can(FREEZE)),
        "reissue_url": to("card-reissue", is_open and actor.can(FREEZE)),
        "refund_url": to("card-refund", may_move and actor.can(REFUND)),
        "convert_url": to("card-convert", may_move and actor.can(TOP_UP)),
        "transfer_url": to("card-transfer", may_move and actor.can(TRANSFER)),
        "crumb_list": crumbs_of(request, card.customer),
    }
    return render(request, "wallets/card.html", context)


def _item(item: ItemState, card: SessionCard) -> dict[str, Any]:
    return {
        "service": item.service,
        "is_gifted": item.is_gifted,
        "left": item.left,
        "count": item.count,
        "used": item.count - item.left,
        "value": "" if item.is_gifted else written(item.value_left_amount, card.currency),
    }


def _facts(card: SessionCard, items: list[ItemState]) -> list[Fact]:
    worth = sum(item.value_left_amount for item in items)
    return [
        Fact(_("Card number"), card.number),
        Fact(_("Paid"), written(card.paid_amount, card.currency)),
        Fact(_("Value not used yet"), written(worth, card.currency)),
        Fact(_("Valid through"), f"{card.expires_on:%Y-%m-%d}" if card.expires_on else _valid(card)),
        Fact(
            pgettext("session card", "Sold on"), f"{timezone.localtime(card.sold_at):%Y-%m-%d} · {card.store}"
        ),
        Fact(_("Money received by"), card.legal_entity.name),
        Fact(_("Household may use it"), _("Yes") if card.is_for_household else _("No")),
    ]


def _valid(card: SessionCard) -> str:
    if card.valid_days:
        return _("%(days)s days from the first use on") % {"days": card.valid_days}
    return _("For ever")


def _use(row: CardUse, card: SessionCard, may_undo: bool) -> dict[str, Any]:
    lines = list(row.lines.all())
    return {
        "use": row,
        "what": " · ".join(f"{line.item.variant} × {line.count}" for line in lines),
        "value": written(sum(line.value_amount for line in lines), card.currency),
        "for_other": str(row.customer) if row.customer_id != card.customer_id else "",
        "undo_url": reverse("wallets:use-undo", args=[row.pk]) if may_undo and row.undone_at is None else "",
    }


@require_http_methods(FORM)
@requires(USE)
def use(request: Request, pk: int) -> HttpResponse:
    """So many sessions of each service; the customer agrees by the code on their phone."""
    card = card_or_404(request, pk)
    stores = stores_for(request, USE)
    state = CardState(
        card.pk,
        card.customer_id,
        card.kind.name,
        card.number,
        card.legal_entity_id,
        "",
        card.needs_confirmation,
        tuple(items_left([card.pk]).get(card.pk, ())),
    )
    form = UseForm(
        request.POST or None,
        card=state,
        may_waive=request.actor.can(FREEZE),
        stores=stores,
        initial=first_values(request, stores),
    )

    def run(data: dict[str, Any]) -> list[CardUse]:
        wanted = [operations.SessionUse(card.pk, pk, count) for pk, count in form.counts().items()]
        if not wanted:
            raise AmountMissing
        return operations.use_sessions(
            uses=wanted,
            customer=card.customer,
            store=data["store"],
            confirmation=data.get("confirmation", ""),
            waiver=data.get("waiver", ""),
            reference=f"wallets.use:{card.pk}/{data['key']}",
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Use sessions of “%(kind)s”") % {"kind": card.kind.name},
        success=_("Used. The customer gets a receipt with what is left."),
        redirect_to=card_url(card),
        cancel_url=card_url(card),
        submit=_("Use sessions"),
        template="wallets/use.html",
        context={
            "card": card,
            "needs_code": card.needs_confirmation,
            "crumb_list": crumbs_of(request, card.customer, card_crumb(card)),
        },
    )


@require_http_methods(FORM)
@requires(USE)
def use_undo(request: Request, pk: int) -> HttpResponse:
    """A use entered by mistake."""
    rows = CardUse.objects.visible_to(request.actor).select_related("card__kind", "store")
    row = get_object_or_404(rows, pk=pk)
    return form_view(
        request,
        form=UndoForm(request.POST or None),
        run=lambda data: operations.undo_use(
            use=row, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("Take the use back"),
        success=_("Taken back; the sessions are on the card again."),
        redirect_to=card_url(row.card),
        cancel_url=card_url(row.card),
        submit=_("Take back"),
        template="wallets/confirm.html",
        context={
            "text": _(
                "The sessions go back onto the card, what they earned is taken back. The customer is told."
            )
        },
    )


@require_http_methods(FORM)
@requires(FREEZE)
def extend(request: Request, pk: int) -> HttpResponse:
    """Longer, with a reason."""
    card = card_or_404(request, pk)
    return form_view(
        request,
        form=ExtendForm(request.POST or None),
        run=lambda data: operations.extend_card(
            card=card,
            to_date=data["to_date"],
            reason=data["reason"],
            actor=request.actor,
            now=request.now,
        ),
        title=_("Extend the card"),
        success=lambda row: _("Valid through %(day)s now.") % {"day": f"{row.after:%Y-%m-%d}"},
        redirect_to=card_url(card),
        cancel_url=card_url(card),
        submit=_("Extend"),
    )


@require_http_methods(FORM)
@requires(FREEZE)
def card_freeze(request: Request, pk: int) -> HttpResponse:
    """Why it rests."""
    card = card_or_404(request, pk)
    return form_view(
        request,
        form=FreezeForm(request.POST or None),
        run=lambda data: operations.freeze(
            subject=card,
            reason=data["reason"],
            kind=Freeze.Kind.LOST if data["is_lost"] else Freeze.Kind.FROZEN,
            actor=request.actor,
            now=request.now,
        ),
        title=_("Freeze the card"),
        success=_("Frozen. No sessions can be used until it is unfrozen."),
        redirect_to=card_url(card),
        cancel_url=card_url(card),
        submit=_("Freeze"),
    )


@require_http_methods(FORM)
@requires(FREEZE)
def card_unfreeze(request: Request, pk: int) -> HttpResponse:
    """Why it goes on."""
    card = card_or_404(request, pk)
    return form_view(
        request,
        form=ReasonForm(request.POST or None),
        run=lambda data: operations.unfreeze(
            subject=card, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("Use the card again"),
        success=_("It can be used again."),
        redirect_to=card_url(card),
        cancel_url=card_url(card),
        submit=_("Unfreeze"),
    )


@require_http_methods(FORM)
@requires(FREEZE)
def card_reissue(request: Request, pk: int) -> HttpResponse:
    """A new number in place of the old one."""
    card = card_or_404(request, pk)
    return form_view(
        request,
        form=ReasonForm(request.POST or None),
        run=lambda data: operations.reissue(
            subject=card, reason=data["reason"], actor=request.actor, now=request.now
        ),
        title=_("New card number"),
        success=lambda done: _("The number is %(number)s now.") % {"number": done.number},
        redirect_to=card_url(card),
        cancel_url=card_url(card),
        submit=_("Give a new number"),
    )


@require_http_methods(FORM)
@requires(REFUND)
def card_refund(request: Request, pk: int) -> HttpResponse:
    """The working first, then how it is paid back; the card is closed."""
    card = card_or_404(request, pk)
    stores = stores_for(request, REFUND, entity_id=card.legal_entity_id)
    worked = operations.estimate_card(card, at=request.now)
    amount = written(worked.refund, card.currency)
    return form_view(
        request,
        form=PayBackForm(request.POST or None, stores=stores, initial=first_values(request, stores)),
        run=lambda data: operations.refund_card(
            card=card,
            store=data["store"],
            payment_kind=data["payment_kind"],
            payment_reference=data["payment_reference"],
            reason=data["reason"],
            reference=f"wallets.card_refund:{card.pk}/{data['key']}",
            actor=request.actor,
            now=request.now,
        ),
        title=_("Pay the card back"),
        success=_("%(amount)s paid back, the card is closed.") % {"amount": amount},
        redirect_to=card_url(card),
        cancel_url=card_url(card),
        submit=_("Pay back %(amount)s") % {"amount": amount},
        template="wallets/refund.html",
        context={
            "parts": [told(worked, card.currency, item_names(card))],
            "refund": amount,
            "is_possible": worked.refund > 0 and bool(stores),
            "is_elsewhere": not stores,
            "entity": card.legal_entity,
            "forfeited": written(worked.forfeited, card.currency) if worked.forfeited > 0 else "",
            "crumb_list": crumbs_of(request, card.customer, card_crumb(card)),
        },
    )


@require_http_methods(FORM)
@requires(TRANSFER)
def card_transfer(request: Request, pk: int) -> HttpResponse:
    """To whom and why."""
    card = card_or_404(request, pk)
    stores = stores_for(request, TRANSFER)
    form = TransferForm(
        request.POST or None, stores=stores, actor=request.actor, initial=first_values(request, stores)
    )

    def run(data: dict[str, Any]) -> Any:
        target: Customer = data["to"]
        return operations.transfer_card(
            card=card,
            to_customer=target,
            store=data["store"],
            reason=data["reason"],
            reference=f"wallets.card_transfer:{card.pk}/{data['key']}",
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Give the card to another customer"),
        success=_("Transferred. Both customers are told."),
        redirect_to=reverse("wallets:cards"),
        cancel_url=card_url(card),
        submit=_("Transfer the card"),
        template="wallets/confirm.html",
        context={
            "text": _(
                "The card with everything left on it and its history is the other customer's from now on."
            ),
            "crumb_list": crumbs_of(request, card.customer, card_crumb(card)),
        },
    )
