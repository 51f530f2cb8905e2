"""Notes about a customer: what a colleague wants the next one to know, and what came of a call, a visit or a message.

The text is sealed with the customer's key; the event that puts the note into the timeline carries only its number.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed, NotFound
from dianke.customers.models import Customer, CustomerNote, NoteKind
from dianke.customers.operations.writing import lock_customer
from dianke.events.operations import operation, record, unchanged

LONGEST = 4000
#: Kinds in which somebody dealt with the customer; a remark for colleagues is no sign of life.
IN_TOUCH = (NoteKind.CALL, NoteKind.VISIT, NoteKind.MESSAGE)


class NoteEmpty(InvalidInput):
    code = "customer_note_empty"
    message = _("Write a few words first.")
    default_field = "text"


class NoteTooLong(InvalidInput):
    code = "customer_note_too_long"
    message = _("A note has at most %(limit)s characters. Shorten it, or write two.")
    default_field = "text"


class NoteKindUnknown(InvalidInput):
    code = "customer_note_kind_unknown"
    message = _("Choose a kind of note from the list.")
    default_field = "kind"


class NoteNotFound(NotFound):
    code = "customer_note_not_found"


class NotYourNote(NotAllowed):
    code = "customer_note_of_another"
    message = _("Only who wrote the note, or a manager, takes it back.")


@operation("customers.change_customers")
def add_note(
    *, customer: Customer, text: str, kind: str = NoteKind.NOTE, actor: Actor, now: datetime
) -> CustomerNote:
    """Write something down about the customer. Raises the errors above and those of `lock_customer`."""
    plain = text.strip()
    if not plain:
        raise NoteEmpty
    if len(plain) > LONGEST:
        raise NoteTooLong(limit=LONGEST)
    if kind not in NoteKind.values:
        raise NoteKindUnknown
    head = lock_customer(customer, actor)
    note = CustomerNote.objects.create(  # type: ignore[misc]
        key=head.key, customer=head, kind=kind, text=plain, by_id=actor.user_id, at=now
    )
    if kind in IN_TOUCH:
        head.last_seen_at = max(head.last_seen_at, now)
        head.save(update_fields=["last_seen_at"])
    record(
        "customers.note_added",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"note": note.pk, "kind": str(kind)},
    )
    return note


@operation("customers.change_customers")
def remove_note(*, note: CustomerNote, actor: Actor, now: datetime) -> CustomerNote:
    """Take a note back: its text is emptied. Raises `NotYourNote`, `NoteNotFound` and the errors of `lock_customer`."""
    head = lock_customer(note.customer_id, actor)
    found = (
        CustomerNote.objects.select_for_update(of=("self",)).select_related("key").filter(pk=note.pk).first()
    )
    if found is None:
        raise NoteNotFound
    is_own = found.by_id is not None and found.by_id == actor.user_id
    if not (is_own or actor.is_system or actor.can("customers.assign_customers")):
        raise NotYourNote
    if found.removed_at is not None:
        unchanged()
        return found
    found.text, found.removed_at = None, now
    found.save(update_fields=["text", "removed_at"])
    record(
        "customers.note_removed",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"note": found.pk, "kind": found.kind},
    )
    return found
