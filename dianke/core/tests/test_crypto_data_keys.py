"""Data keys: start-up checks, erasure for good, and the guards of the database."""

from __future__ import annotations

import pickle
import uuid
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.core.crypto import WrappedKeyBroken
from dianke.core.data_keys import (
    DataKeyDestroyed,
    check_keys,
    forget_caches,
    issue_data_key,
    issue_data_keys,
    open_data_key,
    register_keys,
    table_key,
)
from dianke.core.erasure import destroy_data_keys, reconcile_erasures
from dianke.core.ids import uuid7
from dianke.core.keys import Keyring, KeysMissing, WrongKey
from dianke.core.models import DataKey, KeyKind, KeyRecord, KeyState
from dianke.core.tests.models import Contact

PHONE = "13800138000"


# --- first start, later starts, wrong starts ---------------------------------------------------------------
def test_the_first_use_makes_the_keys_and_notes_them(own_keys: Keyring) -> None:
    assert not own_keys.has_master_keys
    table_key("some_table")
    states = set(KeyRecord.objects.values_list("kind", "state"))
    assert states == {(kind.value, KeyState.ACTIVE.value) for kind in KeyKind}
    assert KeyRecord.objects.get(kind=KeyKind.MASTER).id == own_keys.primary.id
    public = own_keys.seal_key().public_key().public_bytes_raw()
    assert bytes(KeyRecord.objects.get(kind=KeyKind.SEAL).check_value) == public


def test_records_hold_no_key(own_keys: Keyring) -> None:
    register_keys()
    checks = [bytes(record.check_value) for record in KeyRecord.objects.exclude(kind=KeyKind.SEAL)]
    for key in (own_keys.primary, own_keys.index_keys[0]):
        assert all(check not in key.secret and key.secret not in check for check in checks)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("master.json", KeyKind.MASTER), ("index.json", KeyKind.BLIND_INDEX), ("seal.key", KeyKind.SEAL)],
)
def test_a_lost_key_file_stops_the_start_and_is_not_made_anew(
    own_keys: Keyring, name: str, kind: KeyKind
) -> None:
    register_keys()
    lost = KeyRecord.objects.get(kind=kind).id
    (own_keys.directory / name).unlink()
    forget_caches()
    with pytest.raises(KeysMissing, match=lost):
        register_keys()
    with pytest.raises(KeysMissing):
        issue_data_key("customer", uuid7())
    assert not (own_keys.directory / name).exists()


@pytest.mark.parametrize("name", ["master.json", "index.json"])
def test_a_key_file_of_another_merchant_stops_the_start(own_keys: Keyring, name: str) -> None:
    register_keys()
    other = Keyring(own_keys.directory.parent / "other", environ={})
    other.create_missing()
    (own_keys.directory / name).write_bytes((other.directory / name).read_bytes())
    with pytest.raises(KeysMissing):
        check_keys()


@pytest.mark.parametrize("name", ["master.json", "index.json", "seal.key"])
def test_another_key_under_the_right_name_stops_the_start(own_keys: Keyring, name: str) -> None:
    register_keys()
    other = Keyring(own_keys.directory.parent / "other", environ={})
    other.create_missing()
    text = (other.directory / name).read_text()
    names = {"master.json": (other.primary.id, own_keys.primary.id),
             "index.json": (other.index_keys[0].id, own_keys.index_keys[0].id)}  # fmt: skip
    (own_keys.directory / name).write_text(
        text.replace(*names.get(name, ("", ""))) if name in names else text
    )
    with pytest.raises(WrongKey):
        check_keys()


# --- opening -----------------------------------------------------------------------------------------------
def test_a_data_key_opens_to_what_was_issued(own_keys: Keyring) -> None:
    issued = issue_data_keys("customer", [uuid7() for _ in range(3)])
    for key in issued:
        sealed = open_data_key(key).seal(b"x", table="t", field="f", row=key.id)
        fresh = open_data_key(DataKey.objects.get(id=key.id))
        assert fresh.open(sealed, table="t", field="f", row=key.id) == b"x"
    assert len({bytes(key.wrapped or b"") for key in issued}) == 3


def test_wrapped_keys_swapped_between_subjects_are_refused(own_keys: Keyring) -> None:
    one, two = issue_data_keys("customer", [uuid7(), uuid7()])
    DataKey.objects.filter(id=one.id).update(wrapped=two.wrapped)
    with pytest.raises(WrappedKeyBroken):
        open_data_key(DataKey.objects.get(id=one.id))
    DataKey.objects.filter(id=two.id).update(subject_id="somebody else")
    with pytest.raises(WrappedKeyBroken):
        open_data_key(DataKey.objects.get(id=two.id))


def test_a_pickled_data_key_is_wrapped(own_keys: Keyring) -> None:
    key = issue_data_key("customer", uuid7())
    opened = open_data_key(key)
    copied = pickle.loads(pickle.dumps(key))
    assert "_opened" not in copied.__dict__
    assert opened._secret not in pickle.dumps(key)
    assert open_data_key(copied)._secret == opened._secret


def test_a_subject_has_one_current_key(own_keys: Keyring, now: datetime) -> None:
    subject = uuid7()
    key = issue_data_key("customer", subject)
    with pytest.raises(DatabaseError, match="core_datakey_one_current"), transaction.atomic():
        issue_data_key("customer", subject)
    destroy_data_keys([key], now=now)
    assert issue_data_key("customer", subject).id != key.id


# --- erasure -----------------------------------------------------------------------------------------------
@pytest.fixture
def mei(sealed_tables: None) -> Contact:
    key = issue_data_key("customer", uuid7())
    Contact.objects.create(name="梅", customer_key=key, phone=PHONE)
    return Contact.objects.get()


def test_destroying_the_key_makes_the_data_unreadable_without_a_trace(
    mei: Contact, own_keys: Keyring, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    key = DataKey.objects.get(id=mei.customer_key_id)
    wrapped = bytes(key.wrapped or b"")
    with django_capture_on_commit_callbacks(execute=True):
        destroy_data_keys([key], now=now)
    fresh = Contact.objects.get()
    assert (fresh.name, fresh.phone_exact, fresh.phone_last4) == ("梅", None, None)
    assert not Contact.objects.filter(**Contact.blind("phone", PHONE)).exists()
    with pytest.raises(DataKeyDestroyed):
        _ = fresh.phone
    with pytest.raises(DataKeyDestroyed):
        open_data_key(key)
    stored = DataKey.objects.get(id=key.id)
    assert (stored.wrapped, stored.destroyed_at) == (None, now)
    assert own_keys.erased() == {key.id}
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(wrapped::text, '') FROM core_datakey")
        assert wrapped.hex() not in (cursor.fetchone()[0] or "")


def test_others_stay_readable(mei: Contact, now: datetime) -> None:
    other = Contact.objects.create(customer_key=issue_data_key("customer", uuid7()), phone="13900139000")
    destroy_data_keys([DataKey.objects.get(id=mei.customer_key_id)], now=now)
    assert Contact.objects.get(pk=other.pk).phone == "13900139000"
    assert Contact.objects.get(**Contact.blind("phone", "13900139000")) == other


def test_an_erased_row_can_still_be_saved(mei: Contact, now: datetime) -> None:
    destroy_data_keys([DataKey.objects.get(id=mei.customer_key_id)], now=now)
    fresh = Contact.objects.get()
    fresh.name = ""
    fresh.save()
    fresh.refresh_from_db()
    assert fresh.name == ""


def test_a_restored_backup_does_not_bring_an_erased_person_back(
    mei: Contact, own_keys: Keyring, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    key = DataKey.objects.get(id=mei.customer_key_id)
    backup = {"wrapped": bytes(key.wrapped or b""), "destroyed_at": None}
    index = mei.phone_exact
    with django_capture_on_commit_callbacks(execute=True):
        destroy_data_keys([key], now=now)
    with connection.cursor() as cursor:  # the backup is restored
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE core_datakey DISABLE TRIGGER core_datakey_stays_destroyed")
    DataKey.objects.filter(id=key.id).update(**backup)
    Contact.objects.update(phone_exact=index)
    with pytest.raises(DataKeyDestroyed):
        _ = Contact.objects.get().phone
    assert reconcile_erasures(now=now) == 1
    assert DataKey.objects.get(id=key.id).wrapped is None
    assert Contact.objects.get().phone_exact is None
    assert reconcile_erasures(now=now) == 0


def test_an_erasure_rolled_back_is_not_listed(mei: Contact, own_keys: Keyring, now: datetime) -> None:
    with transaction.atomic():
        destroy_data_keys([DataKey.objects.get(id=mei.customer_key_id)], now=now)
        transaction.set_rollback(True)
    assert own_keys.erased() == frozenset()
    assert Contact.objects.get().phone == PHONE


def test_a_crash_before_the_listing_is_made_up_for_at_the_next_start(
    mei: Contact, own_keys: Keyring, now: datetime
) -> None:
    key = DataKey.objects.get(id=mei.customer_key_id)
    destroy_data_keys([key], now=now)  # the test's transaction never commits, so the listing never runs
    assert own_keys.erased() == frozenset()
    reconcile_erasures(now=now)
    assert own_keys.erased() == {key.id}


def test_the_database_refuses_to_bring_a_destroyed_key_back(own_keys: Keyring, now: datetime) -> None:
    key = issue_data_key("customer", uuid.uuid4())
    wrapped = key.wrapped
    destroy_data_keys([key], now=now)
    with pytest.raises(DatabaseError, match="stays destroyed"), transaction.atomic():
        DataKey.objects.filter(id=key.id).update(wrapped=wrapped, destroyed_at=None)
    with pytest.raises(DatabaseError, match="core_datakey_destroyed_has_no_key"), transaction.atomic():
        DataKey.objects.filter(id=key.id).update(wrapped=wrapped)
