"""Customers' goods: taken in under a tag with what both saw of their condition, and given back to whom they belong."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, subject_key
from dianke.inventory.models import CustodyItem, Document, Place
from dianke.inventory.operations.places import places_of
from dianke.inventory.operations.posting import Kind, Line, post_document
from dianke.stores.models import Store

CUSTODY = "inventory.manage_custody"


class CustodyItemNotFound(NotFound):
    code = "custody_item_not_found"
    message = _("These goods are not kept here, or you may not see them.")


class CustodyTagTaken(Conflict):
    code = "custody_tag_taken"
    message = _("The tag %(tag)s is on other goods that are kept. Use another tag.")
    default_field = "tag"


class CustodyTextMissing(InvalidInput):
    code = "custody_text_missing"
    message = _("Give the goods a tag and say what they are, so that nobody mixes them up.")
    default_field = "description"


class AlreadyReturned(Conflict):
    code = "custody_already_returned"
    message = _("These goods were already given back. Load the page again.")


class WrongCustomer(Conflict):
    code = "custody_wrong_customer"
    message = _("These goods belong to another customer. Compare the tag with the slip of the customer.")
    default_field = "customer"


@operation(CUSTODY)
def take_in(
    *,
    store: Store,
    customer: Customer,
    tag: str,
    description: str,
    condition: str = "",
    purpose: str = "",
    variant_id: int | None = None,
    batch_id: int | None = None,
    piece_id: int | None = None,
    quantity: Decimal = Decimal(1),
    weight_mg: int | None = None,
    due_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> CustodyItem:
    """Keep something that is a customer's: it is held and counted, never valued and never ours to sell. What is one of
    our articles (`variant_id`, `piece_id`) moves by a document. Raises `CustodyTextMissing`, `CustodyTagTaken`, the
    errors of posting."""
    actor.require(CUSTODY, store_id=store.pk)
    tag, description = tag.strip()[:32], " ".join(description.split())[:120]
    if not tag or not description:
        raise CustodyTextMissing
    places = places_of(store=store)
    item = CustodyItem(
        store=store,
        place=places.custody,
        customer=customer,
        tag=tag,
        description=description,
        condition=condition.strip()[:200],
        purpose=purpose.strip()[:120],
        variant_id=variant_id,
        batch_id=batch_id,
        piece_id=piece_id,
        quantity=quantity,
        weight_mg=weight_mg,
        due_on=due_on,
        received_at=now,
        received_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():
            item.save()
    except IntegrityError:
        if CustodyItem.objects.kept().filter(tag=tag).exists():
            raise CustodyTagTaken(tag=tag) from None
        raise
    if variant_id is not None:
        outside = places.outside[Place.Kind.CUSTOMER]
        item.document_in = _move(item, Kind.CUSTODY_IN, "in", outside, item.place, actor, now)
        item.save(update_fields=["document_in"])
    _record("inventory.custody_taken_in", item, actor, now)
    return item


@operation(CUSTODY)
def give_back(*, item: CustodyItem, customer: Customer, actor: Actor, now: datetime) -> CustodyItem:
    """Give the goods back to the customer they belong to, or to one who has become the same profile since. Raises
    `CustodyItemNotFound`, `AlreadyReturned`, `WrongCustomer`."""
    visible = CustodyItem.objects.visible_to(actor).filter(pk=item.pk).values("pk")
    rows = CustodyItem.objects.select_related("customer", "store", "place")
    found = rows.select_for_update(of=("self",)).filter(pk__in=visible).first()
    if found is None:
        raise CustodyItemNotFound
    if found.returned_at is not None:
        raise AlreadyReturned
    if found.customer.head_id != customer.head_id:
        raise WrongCustomer
    if found.variant_id is not None:
        outside = places_of(store=found.store).outside[Place.Kind.CUSTOMER]
        found.document_out = _move(found, Kind.CUSTODY_OUT, "out", found.place, outside, actor, now)
    found.returned_at, found.returned_by_id = now, actor.user_id
    found.save(update_fields=["returned_at", "returned_by", "document_out"])
    _record("inventory.custody_given_back", found, actor, now)
    return found


@step
def _move(
    item: CustodyItem, kind: str, what: str, giver: Place, taker: Place, actor: Actor, now: datetime
) -> Document:
    line = Line(
        item.variant_id or 0, giver, taker, item.quantity, item.batch_id, item.piece_id, reason="CUSTODY"
    )
    posted = post_document(
        kind=kind,
        reference=f"{subject_key(item)}/{what}",
        lines=[line],
        store=item.store,
        occurred_at=now,
        business_date=item.store.business_date(now),
        actor=actor,
        now=now,
    )
    return Document.objects.get(pk=posted.document_id)


def _record(kind: str, item: CustodyItem, actor: Actor, now: datetime) -> None:
    record(
        kind,
        item,
        also=[f"customers.customer:{item.customer_id}"],
        actor=actor,
        now=now,
        store_id=item.store_id,
        data={"tag": item.tag},
    )
