"""How phones, addresses and other sealed details of customers are masked, and who may have them shown in full."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.fields import FieldRule, mask_all, mask_document, mask_email, register_field
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import Address, ContactPoint, Customer

SEE, REVEAL = "customers.view_contacts", "customers.reveal_contacts"


def mask_contact(value: str) -> str:
    """Phones as "138****5678", emails as "l•••@example.com", other addresses by their last four characters."""
    if "@" in value:
        return mask_email(value)
    if value.startswith("+"):
        try:
            return parse_phone(value).masked()
        except InvalidInput:
            return mask_document(value)
    return mask_document(value) if len(value) > 8 else f"{value[:2]}••••"


def _contact(actor: Actor, key: str) -> Any:
    rows = ContactPoint.objects.select_related("key", "customer")
    return _for(actor, rows.get(pk=int(key)))


def _address(actor: Actor, key: str) -> Any:
    rows = Address.objects.select_related("key", "customer")
    return _for(actor, rows.get(pk=int(key)))


def _for(actor: Actor, row: Any) -> Any:
    """The row of a profile the actor may see; whether it may also be revealed is noted on it."""
    head = row.customer.head_id
    Customer.objects.visible_to(actor).get(pk=head)
    if not Customer.objects.visible_to(actor, REVEAL).filter(pk=head).exists():
        row.reveal_store_id = row.customer.store_id or 0
    return row


def _store_of(row: Any) -> int | None:
    """None (the permission anywhere is enough) for customers within reach of the permission itself: one who is
    shared with a store, or in somebody's own care, is not asked for at the home store."""
    return getattr(row, "reveal_store_id", None)


def register() -> None:
    """The hidden fields of the room."""
    register_field(
        FieldRule(
            code="customers.contact.value",
            label=_("Contact"),
            see=SEE,
            reveal=REVEAL,
            mask=mask_contact,
            read=lambda point: str(point.value or ""),
            find=_contact,
            store_of=_store_of,
        )
    )
    register_field(
        FieldRule(
            code="customers.address.street",
            label=_("Street and house"),
            see=SEE,
            reveal=REVEAL,
            mask=mask_all,
            read=lambda address: " ".join(filter(None, (address.street, address.receiver, address.phone))),
            find=_address,
            store_of=_store_of,
        )
    )
