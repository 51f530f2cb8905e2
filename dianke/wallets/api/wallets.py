"""Stored value over the API: balances, top-ups, statements, refunds with their working."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen_or_none
from dianke.wallets import operations, queries
from dianke.wallets.api import schemas
from dianke.wallets.api.finding import (
    FREEZE,
    MANAGE,
    REFUND,
    TOP_UP,
    TRANSFER,
    VIEW,
    customer_of,
    reference,
    store_of,
    wallet_of,
)
from dianke.wallets.models import Freeze, Offer, TopUp, Wallet
from dianke.wallets.queries.order import cluster_of

router = Router(tags=["prepaid"])


class WalletFilter(Schema):
    customer_id: Id | None = None
    legal_entity_id: Id | None = None
    number: str | None = None


@router.get("/wallets", response=CursorPage[schemas.WalletOut])
@requires(VIEW)
def list_wallets(request: Request, page: Query[CursorQuery], wanted: Query[WalletFilter]) -> Any:
    """Wallets of the customers the caller may see. Of merged customers each keeps its own."""
    rows = Wallet.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    rows = rows.select_related("principal__guard", "bonus__guard", "promotional__guard")
    return cursor_page(rows, page, order=["-id"])


@router.get("/wallets/purse", response=schemas.PurseOut)
@requires(VIEW)
def get_purse(request: Request, wanted: Query[schemas.PurseQuery]) -> Any:
    """Everything a customer has paid ahead, over the whole profile, and what can be used at a store now."""
    customer = customer_of(request.actor, wanted.customer_id, VIEW)
    store = store_of(request.actor, wanted.store_id, VIEW)
    return queries.purse_of(cluster_of(customer), store_id=store.pk, at=request.now)


@router.post("/wallets/top-ups", response={201: schemas.TopUpOut})
@requires(TOP_UP)
def top_up(request: Request, payload: schemas.TopUpIn) -> Any:
    """Top up, paid at once by one kind of payment. The wallet is opened when there is none."""
    store = store_of(request.actor, payload.store_id, TOP_UP)
    return operations.top_up(
        customer=customer_of(request.actor, payload.customer_id, TOP_UP),
        paid_amount=payload.paid_amount,
        store=store,
        payment_kind=payload.payment_kind,
        payment_reference=payload.payment_reference,
        offer=chosen_or_none(Offer.objects.visible_to(request.actor), payload.offer_id, "offer_id"),
        is_named=payload.is_named,
        reference=reference("top-up", store.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )


@router.post("/wallets/gifts", response={201: schemas.TopUpOut})
@requires(MANAGE)
def give(request: Request, payload: schemas.GiftIn) -> Any:
    """Promotional value without payment. It is never refunded."""
    store = store_of(request.actor, payload.store_id, MANAGE)
    return operations.give_promotional(
        customer=customer_of(request.actor, payload.customer_id, MANAGE),
        amount=payload.amount,
        store=store,
        reason=payload.reason,
        expires_at=payload.expires_at,
        reference=reference("gift", store.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )


@router.get("/wallets/top-ups", response=CursorPage[schemas.TopUpOut])
@requires(VIEW)
def list_top_ups(request: Request, page: Query[CursorQuery], wallet_id: Id | None = None) -> Any:
    """Top-ups, newest first."""
    rows = TopUp.objects.visible_to(request.actor)
    return cursor_page(rows if wallet_id is None else rows.filter(wallet=wallet_id), page, order=["-id"])


@router.post("/wallets/top-ups/{int:pk}/undo", response=schemas.TopUpOut)
@requires(REFUND)
def undo_top_up(request: Request, pk: int, payload: schemas.PrepaidReasonIn) -> Any:
    """Take back a top-up entered by mistake, while nothing of it was used."""
    row = get_object_or_404(TopUp.objects.visible_to(request.actor).select_related("store", "wallet"), pk=pk)
    return operations.undo_top_up(top_up=row, reason=payload.reason, actor=request.actor, now=request.now)


@router.get("/wallets/{int:pk}", response=schemas.WalletOut)
@requires(VIEW)
def get_wallet(request: Request, pk: int) -> Any:
    """One wallet."""
    return wallet_of(request.actor, pk)


@router.get("/wallets/{int:pk}/balances", response=schemas.BalancesOut)
@requires(VIEW)
def get_balances(request: Request, pk: int, as_of: date) -> Any:
    """What was in it at the end of a business date."""
    found = queries.balances_as_of(wallet_of(request.actor, pk), as_of)
    return {"as_of": as_of, **{f"{bucket.lower()}_amount": amount for bucket, amount in found.items()}}


@router.get("/wallets/{int:pk}/statement", response=schemas.StatementOut)
@requires(VIEW)
def get_wallet_statement(request: Request, pk: int, page: Query[schemas.PrepaidStatementQuery]) -> Any:
    """Everything that moved, newest first, with the balance after it."""
    rows = queries.statement([wallet_of(request.actor, pk)], before=page.before, limit=page.limit)
    return {"items": rows, "next_before": rows[-1].transaction_id if len(rows) == page.limit else None}


@router.get("/wallets/{int:pk}/refund-estimate", response=schemas.EstimateOut)
@requires(VIEW)
def get_refund_estimate(request: Request, pk: int, wanted: Query[schemas.PrepaidStoreFilter]) -> Any:
    """What would come back now, with every step."""
    wallet, store = wallet_of(request.actor, pk), store_of(request.actor, wanted.store_id, VIEW)
    worked = operations.estimate(wallet, store=store, at=request.now)
    return {
        "refund_amount": worked.refund,
        "forfeited_amount": worked.forfeited,
        "parts": [
            schemas.working_out(part.working, wallet.currency, part.top_up.pk) for part in worked.parts
        ],
    }


@router.post("/wallets/{int:pk}/refunds", response={201: schemas.PrepaidRefundOut})
@requires(REFUND)
def refund_wallet(request: Request, pk: int, payload: schemas.WalletRefundIn) -> Any:
    """Pay back what the working comes to. Above a limit a second person decides (403 `approval_needed`)."""
    wallet, store = wallet_of(request.actor, pk, REFUND), store_of(request.actor, payload.store_id, REFUND)
    return operations.refund_wallet(
        wallet=wallet,
        store=store,
        payment_kind=payload.payment_kind,
        payment_reference=payload.payment_reference,
        reason=payload.reason,
        reference=reference("wallet-refund", wallet.pk, payload.reference),
        top_up_ids=payload.top_up_ids,
        actor=request.actor,
        now=request.now,
    )


@router.post("/wallets/{int:pk}/transfers", response={201: schemas.PrepaidTransferOut})
@requires(TRANSFER)
def transfer_wallet(request: Request, pk: int, payload: schemas.PrepaidTransferIn) -> Any:
    """Everything in it goes to another customer's wallet."""
    wallet = wallet_of(request.actor, pk, TRANSFER)
    return operations.transfer_wallet(
        wallet=wallet,
        to_customer=customer_of(request.actor, payload.to_customer_id, TRANSFER, "to_customer_id"),
        store=store_of(request.actor, payload.store_id, TRANSFER),
        reason=payload.reason,
        reference=reference("wallet-transfer", wallet.pk, payload.reference),
        actor=request.actor,
        now=request.now,
    )


@router.post("/wallets/{int:pk}/freeze", response={201: schemas.FreezeOut})
@requires(FREEZE)
def freeze_wallet(request: Request, pk: int, payload: schemas.FreezeIn) -> Any:
    """Nothing of it can be spent until it is unfrozen."""
    kind = Freeze.Kind.LOST if payload.is_lost else Freeze.Kind.FROZEN
    return operations.freeze(
        subject=wallet_of(request.actor, pk, FREEZE),
        reason=payload.reason,
        kind=kind,
        actor=request.actor,
        now=request.now,
    )


@router.post("/wallets/{int:pk}/unfreeze", response=schemas.FreezeOut)
@requires(FREEZE)
def unfreeze_wallet(request: Request, pk: int, payload: schemas.PrepaidReasonIn) -> Any:
    """It can be used again."""
    return operations.unfreeze(
        subject=wallet_of(request.actor, pk, FREEZE),
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )


@router.post("/wallets/{int:pk}/reissue", response=schemas.WalletOut)
@requires(FREEZE)
def reissue_wallet(request: Request, pk: int, payload: schemas.PrepaidReasonIn) -> Any:
    """A new number in place of the old one; a report of loss ends with it."""
    wallet = wallet_of(request.actor, pk, FREEZE)
    operations.reissue(subject=wallet, reason=payload.reason, actor=request.actor, now=request.now)
    return wallet_of(request.actor, pk)
