"""Changing keys: nothing is lost, whenever it is interrupted, and an old key goes only when it is empty."""

from __future__ import annotations

import base64
import threading
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.core.crypto import key_of
from dianke.core.data_keys import (
    forget_caches,
    issue_data_key,
    issue_data_keys,
    open_data_key,
    register_keys,
    table_key,
)
from dianke.core.erasure import destroy_data_keys
from dianke.core.ids import uuid7
from dianke.core.key_rotation import (
    GRACE,
    rebuild_blind_indexes,
    rotate_index_key,
    rotate_keys,
    rotate_table_key,
    rotate_table_keys,
)
from dianke.core.keys import Keyring, KeysMissing
from dianke.core.models import DataKey, KeyKind, KeyRecord, KeyState
from dianke.core.tests.models import Contact, Note


class Interrupted(Exception):
    pass


class StopAfter:
    """A report that is switched off (a kill, a power cut) at a given line."""

    def __init__(self, lines: int) -> None:
        self.left = lines

    def __call__(self, _line: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise Interrupted


def silent(_line: str) -> None:
    pass


@pytest.fixture
def people(sealed_tables: None) -> list[Contact]:
    keys = issue_data_keys("customer", [uuid7() for _ in range(25)])
    contacts = [Contact(customer_key=key, phone=f"1380000{n:04}") for n, key in enumerate(keys)]
    return Contact.objects.bulk_create(contacts)


def everybody_is_readable() -> bool:
    forget_caches()
    phones = {contact.phone for contact in Contact.objects.select_related("customer_key")}
    return phones == {f"1380000{n:04}" for n in range(25)}


# --- master key --------------------------------------------------------------------------------------------
def test_after_a_rotation_the_old_key_can_be_deleted_and_nothing_fails(
    people: list[Contact], own_keys: Keyring, now: datetime
) -> None:
    old = own_keys.primary
    lines: list[str] = []
    result = rotate_keys(report=lines.append, now=now, batch_size=10)
    assert (result.moved, result.left, result.retired) == (25, {}, [old.id])
    assert result.key == own_keys.primary.id != old.id
    assert len(lines) == 5  # new key, three batches, old key retired
    own_keys.forget_retired()
    assert base64.b64encode(old.secret).decode() not in own_keys.master_path.read_text()
    assert everybody_is_readable()
    assert set(DataKey.objects.values_list("master_key_id", flat=True)) == {result.key}
    record = KeyRecord.objects.get(id=old.id)
    assert (record.state, record.retired_at) == (KeyState.RETIRED, now)
    assert KeyRecord.objects.get(kind=KeyKind.MASTER, state=KeyState.ACTIVE).id == result.key


def test_sealed_values_are_not_touched(people: list[Contact], now: datetime) -> None:
    before = list(Contact.objects.order_by("pk").values_list("phone", flat=True))
    rotate_keys(report=silent, now=now)
    assert list(Contact.objects.order_by("pk").values_list("phone", flat=True)) == before


@pytest.mark.parametrize("lines", range(6))
def test_a_rotation_interrupted_anywhere_is_finished_by_the_next_run(
    people: list[Contact], own_keys: Keyring, now: datetime, lines: int
) -> None:
    old = own_keys.primary.id
    with pytest.raises(Interrupted):
        rotate_keys(report=StopAfter(lines), now=now, batch_size=5)
    assert everybody_is_readable()
    new = own_keys.primary.id
    assert new != old
    moved = DataKey.objects.filter(master_key_id=new).count()
    assert moved == 5 * lines
    result = rotate_keys(report=silent, now=now, batch_size=5)
    assert (result.key, result.moved, result.left, result.retired) == (new, 25 - moved, {}, [old])
    own_keys.forget_retired()
    assert everybody_is_readable()


def test_a_crash_between_the_database_and_the_file_is_finished_by_the_next_run(
    people: list[Contact], own_keys: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = own_keys.primary.id

    def crash(_self: Keyring, _key: str) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "retire", crash)
        with pytest.raises(Interrupted):
            rotate_keys(report=silent, now=now)
    assert KeyRecord.objects.get(id=old).state == KeyState.RETIRED
    assert len(own_keys.masters) == 2
    result = rotate_keys(report=silent, now=now)
    assert (result.moved, result.retired, len(own_keys.masters)) == (0, [old], 1)


def test_a_second_rotation_takes_yet_another_key(
    people: list[Contact], own_keys: Keyring, now: datetime
) -> None:
    keys = {own_keys.primary.id}
    for _ in range(2):
        keys.add(rotate_keys(report=silent, now=now).key)
    assert len(keys) == 3
    own_keys.forget_retired()
    assert everybody_is_readable()


def test_a_broken_data_key_is_reported_and_keeps_its_master_key(
    people: list[Contact], own_keys: Keyring, now: datetime
) -> None:
    old = own_keys.primary.id
    broken = people[3].customer_key_id
    DataKey.objects.filter(id=broken).update(wrapped=b"\x01" + b"?" * 60)
    lines: list[str] = []
    result = rotate_keys(report=lines.append, now=now, batch_size=10)
    assert (result.moved, result.left, result.retired, result.is_complete) == (24, {old: 1}, [], False)
    assert old in lines[-1]
    assert [key.id for key in own_keys.masters] == [result.key, old]


def test_a_rotation_with_a_key_missing_changes_nothing(
    people: list[Contact], own_keys: Keyring, now: datetime
) -> None:
    old = own_keys.primary.id
    own_keys.master_path.unlink()
    with pytest.raises(KeysMissing):
        rotate_keys(report=silent, now=now)
    assert set(DataKey.objects.values_list("master_key_id", flat=True)) == {old}
    assert not own_keys.master_path.exists()


def test_keys_in_the_environment_are_rotated_by_putting_the_new_one_first(
    people: list[Contact], own_keys: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = own_keys.primary
    text = f"fresh:{base64.b64encode(b'n' * 32).decode()},{old.id}:{base64.b64encode(old.secret).decode()}"
    monkeypatch.setenv("DIANKE_MASTER_KEYS", text)
    result = rotate_keys(report=silent, now=now)
    assert (result.key, result.moved, result.left) == ("fresh", 25, {})
    assert KeyRecord.objects.get(id=old.id).state == KeyState.RETIRED
    monkeypatch.setenv("DIANKE_MASTER_KEYS", text.partition(",")[0])
    assert everybody_is_readable()


def test_the_database_refuses_data_keys_on_a_retired_master(
    people: list[Contact], own_keys: Keyring, now: datetime
) -> None:
    old = own_keys.primary.id
    stale = issue_data_key("customer", uuid7())
    rotate_keys(report=silent, now=now)
    stale.id, stale.subject_id = uuid7(), "late"
    with pytest.raises(DatabaseError, match="retired master key"), transaction.atomic():
        DataKey.objects.bulk_create([stale])
    with pytest.raises(DatabaseError, match="retired master key"), transaction.atomic():
        DataKey.objects.filter(id=people[0].customer_key_id).update(master_key_id=old)


@pytest.mark.django_db(transaction=True)
def test_a_key_is_not_retired_under_a_writer_that_has_not_committed(
    transactional_db: None, own_keys: Keyring, now: datetime
) -> None:
    """A writer wraps with the old key and commits late, while the rotation retires that key."""
    issue_data_key("customer", uuid7())
    old = own_keys.primary.id
    wrapped_late, may_commit, results = threading.Event(), threading.Event(), []

    def write() -> None:
        try:
            with transaction.atomic():
                results.append(issue_data_key("customer", "late"))
                wrapped_late.set()
                may_commit.wait(30)
        finally:
            connection.close()

    def rotate() -> None:
        try:
            results.append(rotate_keys(report=silent, now=now))
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert wrapped_late.wait(30)
    rotation = threading.Thread(target=rotate)
    rotation.start()
    rotation.join(1)
    assert rotation.is_alive()  # it waits for the writer
    may_commit.set()
    writer.join(30)
    rotation.join(30)
    rotate_keys(report=silent, now=now)
    own_keys.forget_retired()
    assert KeyRecord.objects.get(id=old).state == KeyState.RETIRED
    for key in DataKey.objects.all():
        assert open_data_key(key).id == key.id
    assert DataKey.objects.filter(subject_id="late").exists()


# --- keys of tables ----------------------------------------------------------------------------------------
@pytest.fixture
def notes(sealed_tables: None) -> list[Note]:
    return Note.objects.bulk_create(
        Note(text=f"note {n}", extra={"n": n} if n % 2 else None) for n in range(25)
    )


def notes_are_readable() -> bool:
    forget_caches()
    found = {(note.text, (note.extra or {}).get("n")) for note in Note.objects.all()}
    return found == {(f"note {n}", n if n % 2 else None) for n in range(25)}


TABLE = "core_tests_note"


def test_a_table_is_sealed_anew_and_its_old_key_destroyed_later(notes: list[Note], now: datetime) -> None:
    old = table_key(TABLE).id
    lines: list[str] = []
    result = rotate_table_key(TABLE, report=lines.append, now=now, batch_size=10)
    assert (result.moved, result.left, result.retired) == (25, {}, [])
    assert len(lines) == 3
    assert {key_of(note.text_sealed) for note in Note.objects.all()} == {table_key(TABLE).id}
    assert table_key(TABLE).id != old
    assert notes_are_readable()
    later = rotate_table_key(TABLE, report=silent, now=now + GRACE + timedelta(seconds=1))
    assert str(old) in later.retired
    assert DataKey.objects.get(id=old).is_destroyed
    assert notes_are_readable()


@pytest.mark.parametrize("lines", range(4))
def test_sealing_anew_interrupted_anywhere_is_finished_by_the_next_run(
    notes: list[Note], now: datetime, lines: int
) -> None:
    with pytest.raises(Interrupted):
        rotate_table_key(TABLE, report=StopAfter(lines), now=now, batch_size=5)
    assert notes_are_readable()
    current = table_key(TABLE).id
    result = rotate_table_key(TABLE, report=silent, now=now, batch_size=5)
    assert (result.key, result.moved, result.left) == (str(current), 25 - 5 * (lines + 1), {})
    assert notes_are_readable()


def test_a_value_sealed_late_with_the_old_key_is_readable_and_moved_by_the_next_run(
    notes: list[Note], now: datetime
) -> None:
    old_key = DataKey.objects.get(subject_id=TABLE)
    rotate_table_key(TABLE, report=silent, now=now)
    late = Note.objects.get(pk=notes[0].pk)
    field = Note._meta.get_field("text")
    data = open_data_key(old_key).seal(b"note 0", table=TABLE, field="text", row=late.uuid)
    Note.objects.filter(pk=late.pk).update(text=field.from_db_value(data, None, None))
    assert notes_are_readable()
    assert rotate_table_key(TABLE, report=silent, now=now).moved == 1
    assert notes_are_readable()


def test_every_table_with_a_key_of_its_own_is_rotated(
    notes: list[Note], people: list[Contact], now: datetime
) -> None:
    results = rotate_table_keys(report=silent, now=now)
    assert sum(result.moved for result in results) == 25
    assert everybody_is_readable()
    assert notes_are_readable()


# --- blind indexes -----------------------------------------------------------------------------------------
def test_blind_indexes_are_rebuilt_with_a_new_key_and_found_meanwhile(
    people: list[Contact], own_keys: Keyring
) -> None:
    old = own_keys.index_keys[0].id
    own_keys.add_index_key()
    forget_caches()
    assert Contact.objects.filter(**Contact.blind("phone", "13800000007")).count() == 1
    with pytest.raises(Interrupted):
        rebuild_blind_indexes(Contact, report=StopAfter(1), batch_size=10)
    assert Contact.objects.filter(**Contact.blind("phone", "13800000007")).count() == 1
    assert Contact.objects.filter(**Contact.blind("phone", "13800000024")).count() == 1
    assert rebuild_blind_indexes(Contact, report=silent, batch_size=10) == 5
    own_keys.drop_index_key(old)
    for number in (7, 24):
        assert Contact.objects.filter(**Contact.blind("phone", f"1380000{number:04}")).count() == 1
    assert rebuild_blind_indexes(Contact, report=silent) == 0


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_the_blind_index_key_is_changed_even_when_interrupted(
    people: list[Contact], own_keys: Keyring, now: datetime, lines: int
) -> None:
    old = own_keys.index_keys[0].id
    before = Contact.objects.get(pk=people[0].pk).phone_exact
    with pytest.raises(Interrupted):
        rotate_index_key(report=StopAfter(lines), now=now, batch_size=10)
    assert Contact.objects.filter(**Contact.blind("phone", "13800000000")).count() == 1
    rotate_index_key(report=silent, now=now, batch_size=10)
    assert [key.id for key in own_keys.index_keys] != [old]
    assert len(own_keys.index_keys) == 1
    assert Contact.objects.get(pk=people[0].pk).phone_exact != before
    for number in range(25):
        assert Contact.objects.filter(**Contact.blind("phone", f"1380000{number:04}")).count() == 1
    forget_caches()
    register_keys()
    assert KeyRecord.objects.get(id=old).state == KeyState.RETIRED


def test_rebuilding_leaves_the_erased_without_an_index(
    people: list[Contact], own_keys: Keyring, now: datetime
) -> None:
    destroy_data_keys([DataKey.objects.get(id=people[0].customer_key_id)], now=now)
    own_keys.add_index_key()
    assert rebuild_blind_indexes(Contact, report=silent) == 24
    assert Contact.objects.get(pk=people[0].pk).phone_exact is None
