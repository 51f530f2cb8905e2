"""What happens to a card beside its use, over the API: freeze, extension, transfer, conversion, refund."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from ninja import Router

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.schemas import chosen
from dianke.wallets import operations
from dianke.wallets.api import schemas
from dianke.wallets.api.finding import (
    FREEZE,
    REFUND,
    TOP_UP,
    TRANSFER,
    VIEW,
    card_of,
    customer_of,
    reference,
    store_of,
)
from dianke.wallets.models import CardKind, Freeze

router = Router(tags=["prepaid"])


@router.post("/session-cards/{int:pk}/freeze", response={201: schemas.FreezeOut})
@requires(FREEZE)
def freeze_card(request: Request, pk: int, payload: schemas.FreezeIn) -> Any:
    """No sessions can be used until it is unfrozen."""
    kind = Freeze.Kind.LOST if payload.is_lost else Freeze.Kind.FROZEN
    card = card_of(request.actor, pk, FREEZE)
    return operations.freeze(
        subject=card, reason=payload.reason, kind=kind, actor=request.actor, now=request.now
    )


@router.post("/session-cards/{int:pk}/unfreeze", response=schemas.FreezeOut)
@requires(FREEZE)
def unfreeze_card(request: Request, pk: int, payload: schemas.PrepaidReasonIn) -> Any:
    """It can be used again."""
    card = card_of(request.actor, pk, FREEZE)
    return operations.unfreeze(subject=card, reason=payload.reason, actor=request.actor, now=request.now)


@router.post("/session-cards/{int:pk}/reissue", response=schemas.SessionCardOut)
@requires(FREEZE)
def reissue_card(request: Request, pk: int, payload: schemas.PrepaidReasonIn) -> Any:
    """A new number in place of the old one; a report of loss ends with it."""
    card = card_of(request.actor, pk, FREEZE)
    operations.reissue(subject=card, reason=payload.reason, actor=request.actor, now=request.now)
    return card_of(request.actor, pk)


@router.post("/session-cards/{int:pk}/extensions", response={201: schemas.ExtensionOut})
@requires(FREEZE)
def extend_card(request: Request, pk: int, payload: schemas.ExtensionIn) -> Any:
    """Valid through a later day, with a reason."""
    return operations.extend_card(
        card=card_of(request.actor, pk, FREEZE),
        to_date=payload.to_date,
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )


@router.post("/session-cards/{int:pk}/transfers", response={201: schemas.PrepaidTransferOut})
@requires(TRANSFER)
def transfer_card(request: Request, pk: int, payload: schemas.PrepaidTransferIn) -> Any:
    """The card is another customer's, with everything left on it."""
    card = card_of(request.actor, pk, TRANSFER)
    return operations.transfer_card(
        card=card,
        to_customer=customer_of(request.actor, payload.to_customer_id, TRANSFER, "to_customer_id"),
        store=store_of(request.actor, payload.store_id, TRANSFER),
        reason=payload.reason,
        reference=reference("card-transfer", card.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )


@router.post("/session-cards/{int:pk}/conversions", response={201: schemas.SessionCardOut})
@requires(TOP_UP)
def convert_card(request: Request, pk: int, payload: schemas.ConversionIn) -> Any:
    """Its unused value pays for a card of another kind; what is missing is paid now. Answers with the new card."""
    card = card_of(request.actor, pk, TOP_UP)
    made = operations.convert_card(
        card=card,
        kind=chosen(CardKind.objects.visible_to(request.actor), payload.kind_id, "kind_id"),
        store=store_of(request.actor, payload.store_id, TOP_UP),
        price_amount=payload.price_amount,
        payment_kind=payload.payment_kind,
        payment_reference=payload.payment_reference,
        reason=payload.reason,
        reference=reference("conversion", card.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )
    return card_of(request.actor, made.pk)


@router.get("/session-cards/{int:pk}/refund-estimate", response=schemas.WorkingOut)
@requires(VIEW)
def get_card_refund_estimate(request: Request, pk: int) -> Any:
    """What would come back now, with every step."""
    card = card_of(request.actor, pk)
    return schemas.working_out(operations.estimate_card(card, at=request.now), card.currency)


@router.post("/session-cards/{int:pk}/refunds", response={201: schemas.PrepaidRefundOut})
@requires(REFUND)
def refund_card(request: Request, pk: int, payload: schemas.CardRefundIn) -> Any:
    """Pay back what the working comes to and close the card. Above a limit a second person decides."""
    card = card_of(request.actor, pk, REFUND)
    return operations.refund_card(
        card=card,
        store=store_of(request.actor, payload.store_id, REFUND),
        payment_kind=payload.payment_kind,
        payment_reference=payload.payment_reference,
        reason=payload.reason,
        reference=reference("card-refund", card.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )
