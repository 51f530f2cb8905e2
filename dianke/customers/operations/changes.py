"""Corrections of a profile, and taking a customer out or bringing it back.

A correction is a record like any other, of channel STAFF or PORTAL; the profile is then worked out anew from all
records, so that what was shown before can always be explained.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, ActorKind
from dianke.core.custom_fields import specs_for
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.models import Channel, Customer, MatchPair, PairState, State
from dianke.customers.operations.writing import (
    CustomerErased,
    CustomerNotFound,
    add_record,
    lock_customer,
    refresh_profile,
)
from dianke.customers.queries.consents import has_agreed_to_sensitive
from dianke.customers.queries.entry import entry_rules, local_day
from dianke.customers.rules.entry import Entry, normalise
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged

__all__ = ["change_customer", "refresh_profile", "remove_customer", "restore_customer", "set_key_account"]

#: What `change_customer` takes; contact points, dates, addresses, tags and consents have operations of their own.
CHANGEABLE = frozenset(
    {
        "kind",
        "name",
        "aliases",
        "gender",
        "occupation",
        "company",
        "credit_code",
        "note",
        "custom",
        "sensitive",
    }
)


class FieldUnknown(InvalidInput):
    code = "customer_field_unknown"
    message = _("“%(name)s” cannot be changed here.")


class NameNeeded(InvalidInput):
    code = "customer_name_needed"
    message = _("Without a name and without a phone number nobody would find this customer again.")
    default_field = "name"


class StillMerged(Conflict):
    code = "customer_still_merged"
    message = _("Other records were merged into this profile. Separate them first, then remove it.")


class NotRemoved(Conflict):
    code = "customer_not_removed"
    message = _("This customer is not removed.")


@operation("customers.change_customers")
def change_customer(
    *, customer: Customer, changes: Mapping[str, Any], actor: Actor, now: datetime
) -> Customer:
    """Correct fields of the profile: any of `CHANGEABLE`; `custom` and `sensitive` take `{key: value}` and leave the
    other keys alone; an empty value empties the field; something sensitive is written only while the consent to it
    stands. Adds a record of channel STAFF (PORTAL for the customer's own correction) and returns the head; what is the
    same already is no change.

    Raises `FieldUnknown`, `EntryProblems`, `NameNeeded` and the errors of `lock_customer`.
    """
    for name in changes:
        if name not in CHANGEABLE:
            raise FieldUnknown(name=name, field=name)
    head = lock_customer(customer, actor)
    if "sensitive" in changes:
        actor.require("customers.view_sensitive", store_id=head.store_id)
    fields = _cleaned(head, changes, now)
    shown = {**_flat(head)}
    fields = {name: value for name, value in fields.items() if (shown.get(name) or None) != (value or None)}
    if not fields:
        unchanged()
        return head
    if "name" in fields and not fields["name"] and not head.contact_points.filter(archived_at=None).exists():
        raise NameNeeded
    channel = Channel.PORTAL if actor.kind is ActorKind.CUSTOMER else Channel.STAFF
    made = add_record(head, fields=fields, channel=channel, now=now, staff_id=actor.user_id)
    head.last_seen_at = max(head.last_seen_at, now)
    told = refresh_profile(head, now=now)
    record(
        "customers.customer_changed",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"record": made.pk, "fields": sorted(fields), "changes": told},
    )
    return head


def _flat(head: Customer) -> dict[str, Any]:
    shown: dict[str, Any] = {name: getattr(head, name) for name in CHANGEABLE - {"custom", "sensitive"}}
    shown |= {f"custom.{key}": value for key, value in head.custom.items()}
    shown |= {f"sensitive.{key}": value for key, value in (head.sensitive or {}).items()}
    return shown


def _cleaned(head: Customer, changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The record's fields: the values in their one form, None for what was emptied."""
    plain = {name: str(value or "") for name, value in changes.items() if name not in ("custom", "sensitive")}
    trade = head.store.trade if head.store else None
    said_of: dict[str, Any] = {name: value for name, value in plain.items() if name != "kind"}
    entry = Entry(
        kind=plain.get("kind") or head.kind,
        **said_of,
        custom=changes.get("custom") or {},
        sensitive=changes.get("sensitive") or {},
        member_number=head.member_number,
    )
    wished = [rule for rule in entry_rules() if rule.field in changes or rule.field.startswith("custom_")]
    rules = [
        rule for rule in wished if rule.field in changes or rule.field[7:] in (changes.get("custom") or {})
    ]
    specs = [
        spec for spec in specs_for("customers.customer", trade) if spec.key in (changes.get("custom") or {})
    ]
    unknown = set(changes.get("custom") or {}) - {spec.key for spec in specs}
    if unknown:
        specs = list(specs_for("customers.customer"))  # a field of another store's trade, or none at all
        specs = [spec for spec in specs if spec.key in (changes.get("custom") or {})]
    found = normalise(
        entry,
        today=local_day(now),
        rules=rules,
        specs=specs,
        has_agreed=bool(entry.sensitive) and has_agreed_to_sensitive(head.pk),
    )
    said = found.fields()
    cleaned: dict[str, Any] = {name: said.get(name) for name in plain}
    cleaned |= {f"custom.{key}": said.get(f"custom.{key}") for key in changes.get("custom") or {}}
    cleaned |= {f"sensitive.{key}": said.get(f"sensitive.{key}") for key in changes.get("sensitive") or {}}
    return cleaned


@operation("customers.change_customers")
def set_key_account(*, customer: Customer, is_key_account: bool, actor: Actor, now: datetime) -> Customer:
    """Mark a customer as a key account, or no longer."""
    head = lock_customer(customer, actor)
    if not apply_changes(head, {"is_key_account": is_key_account}):
        unchanged()
        return head
    record(
        "customers.key_account_set",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"is_key_account": is_key_account},
    )
    return head


@operation("customers.remove_customers")
def remove_customer(*, customer: Customer, actor: Actor, now: datetime) -> Customer:
    """Take a customer out of lists, search and matching; the row stays as a tombstone and can be brought back. A policy
    may put it under a second person's eyes. Raises `StillMerged` and the errors of `lock_customer`."""
    head = lock_customer(customer, actor, "customers.remove_customers")
    if head.merged.exists():
        raise StillMerged
    head.state = State.REMOVED
    head.save(update_fields=["state"])
    open_pairs = MatchPair.objects.filter(state__in=[PairState.WAITING, PairState.LATER])
    (open_pairs.filter(left=head) | open_pairs.filter(right=head)).update(
        state=PairState.OUTDATED, decided_at=now
    )
    record("customers.customer_removed", head, actor=actor, now=now, store_id=head.store_id)
    return head


@operation("customers.remove_customers")
def restore_customer(*, customer: Customer, actor: Actor, now: datetime) -> Customer:
    """Bring a removed customer back. Raises `CustomerNotFound`, `CustomerErased`, `NotRemoved`."""
    visible = Customer.objects.visible_to(actor, "customers.remove_customers").filter(pk=customer.pk)
    head: Customer | None = Customer.objects.select_for_update().filter(pk__in=visible.values("pk")).first()
    if head is None:
        raise CustomerNotFound
    if head.state == State.ERASED:
        raise CustomerErased
    if head.state != State.REMOVED:
        raise NotRemoved
    head.state = State.ACTIVE
    head.save(update_fields=["state"])
    record("customers.customer_restored", head, actor=actor, now=now, store_id=head.store_id)
    return head
