"""Offers, kinds of cards and dated rules over the API."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import ReferenceUnknown, chosen_or_none
from dianke.stores.models import LegalEntity, Store
from dianke.stores.queries import local_date
from dianke.wallets import operations
from dianke.wallets.api import setting_schemas as schemas
from dianke.wallets.api.finding import MANAGE, VIEW
from dianke.wallets.models import CardKind, Offer, Term

router = Router(tags=["prepaid"])


@router.get("/top-up-offers", response=CursorPage[schemas.TopUpOfferOut])
@requires(VIEW)
def list_offers(request: Request, page: Query[CursorQuery], is_running: bool | None = None) -> Any:
    """Top-up offers; `is_running` only those that hold now."""
    rows = Offer.objects.visible_to(request.actor)
    if is_running:
        rows = rows.running(request.now)
    return cursor_page(rows.prefetch_related("steps", "stores"), page, order=["id"])


@router.get("/top-up-offers/{int:pk}", response=schemas.TopUpOfferOut)
@requires(VIEW)
def get_offer(request: Request, pk: int) -> Any:
    """One offer."""
    return get_object_or_404(Offer.objects.visible_to(request.actor), pk=pk)


@router.post("/top-up-offers", response={201: schemas.TopUpOfferOut})
@requires(MANAGE)
def make_offer(request: Request, payload: schemas.TopUpOfferIn) -> Any:
    """A new offer."""
    values = payload.dict(exclude={"steps", "store_ids"})
    return operations.make_offer(
        values=values,
        steps=_steps(payload.steps),
        stores=_stores(request, payload.store_ids),
        actor=request.actor,
        now=request.now,
    )


@router.patch("/top-up-offers/{int:pk}", response=schemas.TopUpOfferOut)
@requires(MANAGE)
def change_offer(request: Request, pk: int, payload: schemas.TopUpOfferPatch) -> Any:
    """Change an offer; what was topped up keeps what it got."""
    offer = get_object_or_404(Offer.objects.visible_to(request.actor), pk=pk)
    given = payload.dict(exclude_unset=True)
    steps, stores = given.pop("steps", None), given.pop("store_ids", None)
    return operations.change_offer(
        offer=offer,
        values=given,
        steps=None if steps is None else _steps(payload.steps),
        stores=None if stores is None else _stores(request, stores),
        actor=request.actor,
        now=request.now,
    )


@router.post("/top-up-offers/{int:pk}/end", response=schemas.TopUpOfferOut)
@requires(MANAGE)
def end_offer(request: Request, pk: int) -> Any:
    """Nobody can top up with it any more."""
    offer = get_object_or_404(Offer.objects.visible_to(request.actor), pk=pk)
    return operations.end_offer(offer=offer, actor=request.actor, now=request.now)


@router.get("/session-card-kinds", response=CursorPage[schemas.CardKindOut])
@requires(VIEW)
def list_kinds(request: Request, page: Query[CursorQuery], is_on_sale: bool | None = None) -> Any:
    """Kinds of session cards; `is_on_sale` only those that are sold."""
    rows = CardKind.objects.visible_to(request.actor)
    if is_on_sale:
        rows = rows.on_sale()
    return cursor_page(rows.prefetch_related("items", "stores"), page, order=["id"])


@router.get("/session-card-kinds/{int:pk}", response=schemas.CardKindOut)
@requires(VIEW)
def get_kind(request: Request, pk: int) -> Any:
    """One kind of card."""
    return get_object_or_404(CardKind.objects.visible_to(request.actor), pk=pk)


@router.post("/session-card-kinds", response={201: schemas.CardKindOut})
@requires(MANAGE)
def make_kind(request: Request, payload: schemas.CardKindIn) -> Any:
    """A new kind of card."""
    return operations.make_card_kind(
        values=payload.dict(exclude={"items", "store_ids"}),
        items=_items(payload.items),
        stores=_stores(request, payload.store_ids),
        actor=request.actor,
        now=request.now,
    )


@router.patch("/session-card-kinds/{int:pk}", response=schemas.CardKindOut)
@requires(MANAGE)
def change_kind(request: Request, pk: int, payload: schemas.CardKindPatch) -> Any:
    """Change a kind; cards that were sold stay what they are."""
    kind = get_object_or_404(CardKind.objects.visible_to(request.actor), pk=pk)
    given = payload.dict(exclude_unset=True)
    items, stores = given.pop("items", None), given.pop("store_ids", None)
    return operations.change_card_kind(
        kind=kind,
        values=given,
        items=None if items is None else _items(payload.items),
        stores=None if stores is None else _stores(request, stores),
        actor=request.actor,
        now=request.now,
    )


@router.post("/session-card-kinds/{int:pk}/end", response=schemas.CardKindOut)
@requires(MANAGE)
def end_kind(request: Request, pk: int) -> Any:
    """It is sold no more; cards in use stay good."""
    kind = get_object_or_404(CardKind.objects.visible_to(request.actor), pk=pk)
    return operations.end_card_kind(kind=kind, actor=request.actor, now=request.now)


@router.get("/prepaid-terms", response=CursorPage[schemas.TermOut])
@requires(VIEW)
def list_terms(request: Request, page: Query[CursorQuery], code: str | None = None) -> Any:
    """Dated rules of prepaid value with their source. What each code means: the page of rules."""
    rows = Term.objects.visible_to(request.actor)
    return cursor_page(rows if code is None else rows.filter(code=code), page, order=["id"])


@router.post("/prepaid-terms", response={201: schemas.TermOut})
@requires(MANAGE)
def set_term(request: Request, payload: schemas.TermIn) -> Any:
    """A rule from a day on; the one before it in the same place ends that day."""
    entity = chosen_or_none(
        LegalEntity.objects.visible_to(request.actor, MANAGE), payload.legal_entity_id, "legal_entity_id"
    )
    return operations.set_term(
        **payload.dict(exclude={"legal_entity_id"}), legal_entity=entity, actor=request.actor, now=request.now
    )


@router.post("/prepaid-terms/{int:pk}/check", response=schemas.TermOut)
@requires(MANAGE)
def check_term(request: Request, pk: int) -> Any:
    """Somebody compared the rule with its source, and it is right."""
    term = get_object_or_404(Term.objects.visible_to(request.actor), pk=pk)
    return operations.check_term(term=term, actor=request.actor, now=request.now)


@router.post("/prepaid-terms/{int:pk}/end", response=schemas.TermOut)
@requires(MANAGE)
def end_term(request: Request, pk: int, payload: schemas.TermEndIn) -> Any:
    """It holds no more from a day on."""
    term = get_object_or_404(Term.objects.visible_to(request.actor), pk=pk)
    today = local_date(request.now)
    return operations.end_term(
        term=term, to_date=payload.to_date, today=today, actor=request.actor, now=request.now
    )


def _steps(steps: Sequence[schemas.OfferStepIn]) -> list[operations.StepIn]:
    return [operations.StepIn(each.paid_amount, each.bonus_amount, each.promotional_amount) for each in steps]


def _items(items: Sequence[schemas.CardKindItemIn]) -> list[operations.ItemIn]:
    return [
        operations.ItemIn(each.variant_id, each.paid_count, each.gifted_count, each.unit_amount)
        for each in items
    ]


def _stores(request: Request, ids: Sequence[int]) -> list[Store]:
    found = list(Store.objects.visible_to(request.actor, MANAGE).filter(pk__in=ids))
    missing = sorted(set(ids) - {store.pk for store in found})
    if missing:
        raise ReferenceUnknown(id=missing[0], field="store_ids")
    return found
