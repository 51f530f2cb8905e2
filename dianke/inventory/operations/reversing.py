"""Taking a document back: the only correction there is. Every line goes the other way, for what it was entered for."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, Text
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory.models import Document
from dianke.inventory.operations.posting import Kind, Line, Posted, post_document
from dianke.inventory.operations.stocking import ReasonMissing, lines_of


class IsReversal(Conflict):
    code = "stock_is_reversal"
    message = _("“%(document)s” is itself a reversal. Post the original again instead.")


class BelongsToAnother(Conflict):
    code = "stock_document_of_another"
    message = _("“%(document)s” belongs to %(owner)s. Take that back, and the goods follow.")


#: Who may take back what people enter by hand; other documents are taken back by what caused them.
BY_HAND = {
    Kind.OPENING: "inventory.adjust_stock",
    Kind.RECEIPT: "inventory.receive_goods",
    Kind.ADJUSTMENT: "inventory.adjust_stock",
    Kind.SCRAP: "inventory.adjust_stock",
    Kind.LANDED_COST: "inventory.receive_goods",
}
#: What begins the references of documents that another room has caused -> what it calls the cause.
_owners: dict[str, Text] = {}


def register_owner(prefix: str, name: Text) -> None:
    """Documents whose reference begins with `prefix` are taken back by the room that caused them (by `reverse`), not by
    hand. `name` completes the sentence “… belongs to %(owner)s”. Called when a room's app is ready."""
    _owners[prefix] = name


def owner_of(document: Document) -> Text | None:
    """What a document belongs to; None when a person may take it back by hand."""
    if document.kind not in BY_HAND:
        return _("a sale, a transfer or a stocktake")
    return next((name for prefix, name in _owners.items() if document.reference.startswith(prefix)), None)


@operation(None)
def reverse_document(
    *, document: Document, reason: str, business_date: date, actor: Actor, now: datetime
) -> Posted:
    """Take back what a person entered by hand. Raises `BelongsToAnother`, `ReasonMissing`, the errors of `reverse`."""
    if (owner := owner_of(document)) is not None:
        raise BelongsToAnother(document=str(document), owner=owner)
    actor.require(BY_HAND[Kind(document.kind)], store_id=document.store_id)
    if not reason.strip():
        raise ReasonMissing()
    posted = reverse(
        document=document,
        reference=f"inventory.document:{document.pk}/reversal",
        business_date=business_date,
        actor=actor,
        now=now,
        note=reason.strip(),
    )
    if posted.is_repeat:
        unchanged()
        return posted
    record(
        "inventory.document_reversed",
        document,
        also=[f"inventory.document:{posted.document_id}"],
        actor=actor,
        now=now,
        store_id=document.store_id,
        data={"number": document.number or "", "by": posted.number},
    )
    return posted


@step
def reverse(
    *,
    document: Document,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Posted:
    """Take back a document as a whole, once; what was reserved for it stays taken. Raises `IsReversal`,
    `AlreadyReversed`, `HasReturns`, and `StockTooLow` when the goods are gone."""
    if document.reverses_id is not None:
        raise IsReversal(document=str(document))
    return post_document(
        kind=document.kind,
        reference=reference,
        lines=[
            Line(
                movement.variant_id,
                movement.to_place,
                movement.from_place,
                movement.quantity,
                movement.batch_id,
                movement.piece_id,
                reason=movement.reason,
                origin_id=movement.pk,
            )
            for movement in reversed(lines_of(document))
        ],
        store=document.store,
        occurred_at=now,
        business_date=business_date,
        actor=actor,
        now=now,
        note=note,
        reverses_id=document.pk,
    )
