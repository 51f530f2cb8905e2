"""Session cards over the API: sold, used, taken back."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen
from dianke.wallets import operations
from dianke.wallets.api import schemas
from dianke.wallets.api.finding import (
    REFUND,
    TOP_UP,
    USE,
    VIEW,
    card_of,
    cards_of,
    customer_of,
    reference,
    store_of,
)
from dianke.wallets.models import CardKind, CardUse

router = Router(tags=["prepaid"])


class CardFilter(Schema):
    customer_id: Id | None = None
    kind_id: Id | None = None
    number: str | None = None
    is_open: bool | None = None


@router.get("/session-cards", response=CursorPage[schemas.SessionCardOut])
@requires(VIEW)
def list_cards(request: Request, page: Query[CursorQuery], wanted: Query[CardFilter]) -> Any:
    """Cards of the customers the caller may see, newest first."""
    given = wanted.dict(exclude_none=True)
    if "is_open" in given:
        given["closed_at__isnull"] = given.pop("is_open")
    return cursor_page(cards_of(request.actor).filter(**given), page, order=["-id"])


@router.post("/session-cards", response={201: schemas.SessionCardOut})
@requires(TOP_UP)
def sell_card(request: Request, payload: schemas.SessionCardIn) -> Any:
    """Sell a card, paid at once by one kind of payment."""
    store = store_of(request.actor, payload.store_id, TOP_UP)
    kind = chosen(CardKind.objects.visible_to(request.actor), payload.kind_id, "kind_id")
    card = operations.sell_card(
        customer=customer_of(request.actor, payload.customer_id, TOP_UP),
        kind=kind,
        paid_amount=kind.price_amount if payload.paid_amount is None else payload.paid_amount,
        store=store,
        payment_kind=payload.payment_kind,
        payment_reference=payload.payment_reference,
        reference=reference("card", store.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )
    return card_of(request.actor, card.pk)


class UseFilter(Schema):
    card_id: Id | None = None
    customer_id: Id | None = None


@router.get("/session-cards/uses", response=CursorPage[schemas.CardUseOut])
@requires(VIEW)
def list_uses(request: Request, page: Query[CursorQuery], wanted: Query[UseFilter]) -> Any:
    """Uses of cards, newest first."""
    rows = CardUse.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows.prefetch_related("lines"), page, order=["-id"])


@router.post("/session-cards/uses", response={201: list[schemas.CardUseOut]})
@requires(USE)
def use_sessions(request: Request, payload: schemas.UseSessionsIn) -> Any:
    """Use sessions of one card or several; all or none. Where a card asks for it, with the code of the customer's
    phone."""
    store = store_of(request.actor, payload.store_id, USE)
    uses = [operations.SessionUse(each.card_id, each.variant_id, each.count) for each in payload.uses]
    return operations.use_sessions(
        uses=uses,
        customer=customer_of(request.actor, payload.customer_id, USE),
        store=store,
        confirmation=payload.confirmation,
        waiver=payload.waiver,
        reference=reference("use", store.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )


@router.post("/session-cards/uses/{int:pk}/undo", response=schemas.CardUseOut)
@requires(USE)
def undo_use(request: Request, pk: int, payload: schemas.PrepaidReasonIn) -> Any:
    """Take back a use entered by mistake."""
    row = get_object_or_404(CardUse.objects.visible_to(request.actor).select_related("store"), pk=pk)
    return operations.undo_use(use=row, reason=payload.reason, actor=request.actor, now=request.now)


@router.get("/session-cards/{int:pk}", response=schemas.SessionCardOut)
@requires(VIEW)
def get_card(request: Request, pk: int) -> Any:
    """One card with what is left on it."""
    return card_of(request.actor, pk)


@router.post("/session-cards/{int:pk}/undo", response=schemas.SessionCardOut)
@requires(REFUND)
def undo_sale(request: Request, pk: int, payload: schemas.PrepaidReasonIn) -> Any:
    """Take back a card sold by mistake, while nothing was used."""
    card = card_of(request.actor, pk, REFUND)
    operations.undo_card_sale(card=card, reason=payload.reason, actor=request.actor, now=request.now)
    return card_of(request.actor, pk)
