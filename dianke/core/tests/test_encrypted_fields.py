"""Encrypted fields on rows: sealed in the column, open on the row, found by blind index, refused when moved."""

from __future__ import annotations

import copy
import datetime
import pickle
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dianke.core.crypto import SealBroken, key_of
from dianke.core.data_keys import issue_data_key, issue_data_keys, new_data_keys, table_key
from dianke.core.encrypted_fields import (
    BlindIndexField,
    EncryptedTextField,
    Sealed,
    encrypt_many,
    index_many,
    index_texts,
    last_four,
    last_six,
)
from dianke.core.ids import uuid7
from dianke.core.keys import Keyring, KeysMissing, WrongKey
from dianke.core.models import DataKey
from dianke.core.tests.models import Contact, Note, test_apps

pytestmark = pytest.mark.usefixtures("sealed_tables")
PHONE = "13800138000"


@pytest.fixture
def key() -> DataKey:
    return issue_data_key("customer", uuid7())


@pytest.fixture
def mei(key: DataKey) -> Contact:
    born = datetime.date(1990, 5, 28)
    contact = Contact.objects.create(name="梅", customer_key=key, phone=PHONE, birthday=born)
    return Contact.objects.get(pk=contact.pk)


@pytest.fixture
def unpickling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django looks models up by name when it unpickles or copies; ours is in a registry of its own."""
    models = {"contact": Contact, "datakey": DataKey}
    found = SimpleNamespace(get_model=lambda _app, name: models[name.lower()])
    monkeypatch.setattr("django.db.models.base.apps", found)


def raw(model: type[Any], column: str, pk: int) -> Any:
    """The column as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{model._meta.db_table}" WHERE id = %s', [pk])
        return cursor.fetchone()[0]


# --- what is stored ----------------------------------------------------------------------------------------
def test_the_table_holds_nothing_readable(mei: Contact) -> None:
    note = Note.objects.create(text="对花粉过敏", extra={"皮肤": "敏感肌", "level": 3})
    with connection.cursor() as cursor:
        for model in (Contact, Note):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            row = b"|".join(
                value if isinstance(value, bytes) else str(value).encode() for value in cursor.fetchone()
            )
            for secret in (PHONE, "8000", "138", "1990", "05-28", "花粉", "敏感", "level"):
                assert secret.encode() not in row
    assert (mei.phone, mei.birthday) == (PHONE, datetime.date(1990, 5, 28))
    assert Note.objects.get(pk=note.pk).extra == {"皮肤": "敏感肌", "level": 3}


def test_a_dump_of_the_table_holds_nothing_readable(mei: Contact) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {Contact._meta.db_table} TO STDOUT") as out:
        text = b"".join(bytes(part) for part in out)
    assert mei.name.encode() in text
    for secret in (PHONE, PHONE.encode().hex(), "1990-05-28", b"1990-05-28".hex()):
        assert secret.encode() not in text


def test_none_stays_null_and_empty_text_is_a_value(key: DataKey) -> None:
    contact = Contact.objects.create(customer_key=key, phone=None)
    note = Note.objects.create()
    assert raw(Contact, "phone_sealed", contact.pk) is None
    assert raw(Note, "text_sealed", note.pk) is not None
    assert Note.objects.get(pk=note.pk).text == ""
    assert Contact.objects.filter(phone__isnull=True).get() == contact


def test_without_its_key_a_value_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ValueError, match="customer_key"), transaction.atomic():
        Contact.objects.create(phone=PHONE)


# --- reading -----------------------------------------------------------------------------------------------
def test_a_list_opens_nothing_until_asked(mei: Contact, own_keys: Keyring) -> None:
    own_keys.master_path.unlink()
    names = [contact.name for contact in Contact.objects.all()]
    assert names == ["梅"]
    with pytest.raises(KeysMissing):
        _ = Contact.objects.get().phone


def test_a_list_with_its_keys_costs_one_query(django_assert_num_queries: Any) -> None:
    keys = issue_data_keys("customer", [uuid7() for _ in range(20)])
    Contact.objects.bulk_create(Contact(customer_key=one, phone=PHONE) for one in keys)
    with django_assert_num_queries(1):  # rows joined with their data keys; opening needs nothing more
        phones = [contact.phone for contact in Contact.objects.select_related("customer_key")]
    assert phones == [PHONE] * 20


def test_reading_twice_opens_once(mei: Contact) -> None:
    note = Note.objects.create(extra={"a": [1]})
    loaded = Note.objects.get(pk=note.pk)
    assert loaded.extra is loaded.extra
    mei.phone_sealed = b"never looked at"
    loaded.refresh_from_db()
    assert loaded.extra == {"a": [1]}


def test_deferred_columns_are_loaded_on_access(mei: Contact) -> None:
    slim = Contact.objects.only("name").get()
    assert slim.phone == PHONE
    slim = Contact.objects.defer("phone").get()
    assert slim.phone == PHONE


# --- moved and changed -------------------------------------------------------------------------------------
def swap(model: type[Any], column: str, one: int, two: int) -> None:
    values = {one: raw(model, column, two), two: raw(model, column, one)}
    with connection.cursor() as cursor:
        for pk, value in values.items():
            cursor.execute(f"UPDATE {model._meta.db_table} SET {column} = %s WHERE id = %s", [value, pk])


def test_swapped_ciphertexts_of_two_people_are_refused(mei: Contact) -> None:
    other = Contact.objects.create(customer_key=issue_data_key("customer", uuid7()), phone="13900139000")
    swap(Contact, "phone_sealed", mei.pk, other.pk)
    for contact in Contact.objects.all():
        with pytest.raises(SealBroken, match="phone"):
            _ = contact.phone


def test_swapped_ciphertexts_under_one_key_are_refused(key: DataKey) -> None:
    one = Contact.objects.create(customer_key=key, phone="1")
    two = Contact.objects.create(customer_key=key, phone="2")
    first, second = Note.objects.create(text="1"), Note.objects.create(text="2")
    swap(Contact, "phone_sealed", one.pk, two.pk)
    swap(Note, "text_sealed", first.pk, second.pk)
    for row, name in [(Contact.objects.get(pk=one.pk), "phone"), (Note.objects.get(pk=second.pk), "text")]:
        with pytest.raises(SealBroken):
            getattr(row, name)


def test_a_ciphertext_moved_to_another_column_is_refused(mei: Contact) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Contact._meta.db_table} SET birthday_sealed = phone_sealed")
    with pytest.raises(SealBroken, match="birthday"):
        _ = Contact.objects.get().birthday


def test_giving_a_row_anothers_key_together_with_the_value_is_refused(mei: Contact) -> None:
    thief_key = issue_data_key("customer", uuid7())
    thief = Contact.objects.create(customer_key=thief_key)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Contact._meta.db_table} SET customer_key_id = %s, phone_sealed = %s WHERE id = %s",
            [mei.customer_key_id, raw(Contact, "phone_sealed", mei.pk), thief.pk],
        )
    with pytest.raises(SealBroken):
        _ = Contact.objects.get(pk=thief.pk).phone


def test_a_changed_master_key_is_named(mei: Contact, own_keys: Keyring) -> None:
    text = own_keys.master_path.read_text()
    other = Keyring(own_keys.directory.parent / "other", environ={})
    other.create_missing()
    own_keys.master_path.write_text(
        other.master_path.read_text().replace(other.primary.id, own_keys.primary.id)
    )
    with pytest.raises(WrongKey, match=r"m-"):
        _ = Contact.objects.get().phone
    own_keys.master_path.write_text(text)
    assert Contact.objects.get().phone == PHONE


# --- writing -----------------------------------------------------------------------------------------------
def test_saving_an_untouched_row_keeps_its_bytes(mei: Contact) -> None:
    before = raw(Contact, "phone_sealed", mei.pk)
    mei.name = "小梅"
    mei.save()
    assert mei.phone == PHONE
    mei.save()
    assert raw(Contact, "phone_sealed", mei.pk) == before


def test_a_new_value_is_sealed_and_indexed(mei: Contact) -> None:
    before = raw(Contact, "phone_sealed", mei.pk)
    mei.phone = "13912345678"
    assert mei.phone == "13912345678"
    mei.save()
    assert raw(Contact, "phone_sealed", mei.pk) != before
    again = Contact.objects.get(**Contact.blind("phone", "139-1234-5678"))
    assert again.phone == "13912345678"
    assert not Contact.objects.filter(**Contact.blind("phone", PHONE)).exists()


def test_a_partial_save_takes_the_indexes_along(mei: Contact) -> None:
    mei.phone = "13912345678"
    mei.save(update_fields=["phone"])
    assert Contact.objects.filter(**Contact.blind("phone", "13912345678")).exists()
    assert Contact.objects.filter(**Contact.blind("phone", "5678", "last4")).exists()


def test_taking_the_value_away_takes_the_indexes_away(mei: Contact) -> None:
    mei.phone = None
    mei.save()
    fresh = Contact.objects.get()
    assert (fresh.phone, fresh.phone_exact, fresh.phone_last4) == (None, None, None)


def test_a_json_value_changed_in_place_is_saved() -> None:
    note = Note.objects.create(extra={"tags": ["a"]})
    loaded = Note.objects.get(pk=note.pk)
    loaded.extra["tags"].append("b")
    loaded.save()
    assert Note.objects.get(pk=note.pk).extra == {"tags": ["a", "b"]}


def test_bulk_create_seals_and_indexes_every_row() -> None:
    keys = issue_data_keys("customer", [uuid7() for _ in range(50)])
    Contact.objects.bulk_create(
        Contact(customer_key=one, phone=f"1380000{number:04}") for number, one in enumerate(keys)
    )
    found = Contact.objects.get(**Contact.blind("phone", "13800000042"))
    assert found.phone == "13800000042"
    assert Contact.objects.filter(phone_exact=None).count() == 0


def test_bulk_update_seals_and_takes_the_indexes_along(mei: Contact) -> None:
    mei.phone = "13912345678"
    Contact.objects.bulk_update([mei], ["phone"])
    assert Contact.objects.get(**Contact.blind("phone", "13912345678")).phone == "13912345678"


def test_a_row_given_to_another_subject_is_sealed_anew(mei: Contact) -> None:
    mei.customer_key = issue_data_key("customer", uuid7())
    mei.save()
    fresh = Contact.objects.get()
    assert fresh.phone == PHONE
    assert key_of(fresh.phone_sealed) == fresh.customer_key_id == key_of(fresh.birthday_sealed)


def test_a_copy_is_sealed_for_itself_or_refused(mei: Contact, unpickling: None) -> None:
    opened = copy.copy(mei)
    opened.pk, opened.uuid, opened._state.adding = None, uuid7(), True
    opened.phone, opened.birthday = mei.phone, mei.birthday
    opened.save()
    assert Contact.objects.get(pk=opened.pk).phone == PHONE
    blind_copy = Contact.objects.get(pk=mei.pk)
    blind_copy.pk, blind_copy.uuid, blind_copy._state.adding = None, uuid7(), True
    with pytest.raises(SealBroken), transaction.atomic():
        blind_copy.save()


def test_pickles_carry_no_plaintext(mei: Contact, unpickling: None) -> None:
    assert mei.phone == PHONE
    mei.birthday = datetime.date(2001, 2, 3)
    data = pickle.dumps(mei)
    assert PHONE.encode() not in data
    assert b"2001" not in data
    assert pickle.loads(data).phone == PHONE
    assert pickle.loads(data).birthday == datetime.date(2001, 2, 3)


def test_representations_show_no_plaintext(mei: Contact) -> None:
    mei.birthday = datetime.date(2001, 2, 3)
    shown = repr(mei.__dict__["birthday_sealed"]) + repr(mei.phone_sealed)
    assert shown == "<value to be sealed><sealed, 56 bytes>"


# --- refused on purpose ------------------------------------------------------------------------------------
def test_comparing_or_updating_sealed_columns_in_sql_is_refused(mei: Contact) -> None:
    with pytest.raises(FieldError, match=r"blind\(\)"):
        Contact.objects.filter(phone=PHONE)
    with pytest.raises(FieldError, match="save the row"), transaction.atomic():
        Contact.objects.update(phone=PHONE)
    with pytest.raises(FieldError, match=r"blind\(\)"):
        Contact.objects.filter(phone_exact=PHONE).exists()
    with pytest.raises(FieldError, match="no blind index 'first'"):
        Contact.blind("phone", PHONE, "first")


def test_careless_models_fail_the_system_checks() -> None:
    class Careless(Sealed):
        number = EncryptedTextField(unique=True, subject="owner")
        number_exact = BlindIndexField(source="nothing")

        class Meta:
            apps = test_apps
            app_label = "core_tests"

    codes = [problem.id for field in Careless._meta.local_fields for problem in field.check()]
    assert codes == ["core.E002", "core.E003", "core.E004"]
    sealed = [
        field
        for model in (Contact, Note)
        for field in model._meta.local_fields
        if field.name != "customer_key"
    ]
    assert [problem for field in sealed for problem in field.check()] == []


# --- forms -------------------------------------------------------------------------------------------------
class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = ["name", "phone", "birthday"]


def test_a_model_form_shows_and_saves_the_value(mei: Contact) -> None:
    assert ContactForm(instance=mei).initial["phone"] == PHONE
    form = ContactForm({"name": "梅", "phone": "13912345678", "birthday": "1991-01-02"}, instance=mei)
    assert form.is_valid(), form.errors
    form.save()
    fresh = Contact.objects.get(**Contact.blind("phone", "13912345678"))
    assert (fresh.phone, fresh.birthday) == ("13912345678", datetime.date(1991, 1, 2))


def test_validation_looks_at_the_value_and_not_at_the_bytes(mei: Contact) -> None:
    mei.full_clean()
    mei.phone = "1" * 21
    with pytest.raises(ValidationError) as caught:
        mei.full_clean()
    assert list(caught.value.message_dict) == ["phone"]
    mei.phone = PHONE
    mei.birthday = "31 May"
    with pytest.raises(ValidationError) as caught:
        mei.full_clean()
    assert list(caught.value.message_dict) == ["birthday"]


# --- search ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "four", "six"),
    [
        ("+8613812345678", "5678", "345678"),
        ("138 1234 56-78", "5678", "345678"),
        ("1234", "1234", None),
        ("+12345", "2345", None),
        ("１３８１２３４５６７８", "5678", "345678"),
        ("电话 12３４5６", "3456", "123456"),
        ("abc", None, None),
    ],
)
def test_the_last_digits_are_those_however_the_number_is_written(text, four, six):
    assert (last_four(text), last_six(text)) == (four, six)


def test_texts_that_are_normalised_have_the_index_of_their_value():
    blind = Contact._meta.get_field("phone_last4")
    values = [PHONE, None, "12", "13800005678"]
    assert index_texts(blind, [None if v is None else last_four(v) for v in values]) == index_many(
        blind, values
    )


def test_the_last_four_find_candidates_that_opening_confirms(mei: Contact) -> None:
    for phone in ("13800139000", "13711118000"):
        Contact.objects.create(customer_key=issue_data_key("customer", uuid7()), phone=phone)
    found = Contact.objects.filter(**Contact.blind("phone", "8000", "last4"))
    assert {one.phone for one in found if one.phone.endswith("8000")} == {PHONE, "13711118000"}
    assert len(raw(Contact, "phone_last4", mei.pk)) == 2
    assert len(raw(Contact, "phone_exact", mei.pk)) == 32


@pytest.mark.parametrize("nothing", [None, "", "no digits"])
def test_searching_for_nothing_finds_nothing(mei: Contact, nothing: str | None) -> None:
    Contact.objects.create(customer_key=mei.customer_key)
    assert not Contact.objects.filter(**Contact.blind("phone", nothing)).exists()


def test_full_width_digits_and_blanks_are_found(mei: Contact) -> None:
    assert Contact.objects.filter(**Contact.blind("phone", "８０００ ", "last4")).get() == mei
    Note.objects.create(text="Ｆｕｌｌ　Width")
    assert Note.objects.filter(**Note.blind("text", " full width")).exists()


# --- imports -----------------------------------------------------------------------------------------------
def test_values_sealed_for_copy_are_those_of_the_orm() -> None:
    uuids = [uuid7() for _ in range(100)]
    phones = [f"1370000{number:04}" for number in range(99)] + [None]
    keys = new_data_keys("customer", uuids)
    DataKey.objects.bulk_create(keys)
    fields = {name: Contact._meta.get_field(name) for name in ("phone", "phone_exact")}
    sealed = encrypt_many(fields["phone"], uuids, phones, keys)
    indexes = index_many(fields["phone_exact"], phones)
    columns = "uuid, name, customer_key_id, phone_sealed, phone_exact"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {Contact._meta.db_table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy_in,
    ):
        copy_in.set_types(["uuid", "varchar", "uuid", "bytea", "bytea"])
        for values in zip(uuids, [""] * 100, [one.id for one in keys], sealed, indexes, strict=True):
            copy_in.write_row(values)
    assert [one.phone for one in Contact.objects.order_by("pk")] == phones
    assert Contact.objects.get(**Contact.blind("phone", "13700000042")).uuid == uuids[42]


def test_encrypt_many_uses_the_key_of_the_table_when_there_is_no_subject() -> None:
    uuids = [uuid7(), uuid7()]
    field = Note._meta.get_field("text")
    sealed = encrypt_many(field, uuids, ["甲", "乙"])
    assert {key_of(one) for one in sealed} == {table_key(Note._meta.db_table).id}
    Note.objects.bulk_create(
        Note(uuid=one, text_sealed=field.from_db_value(value, None, None))
        for one, value in zip(uuids, sealed, strict=True)
    )
    assert [note.text for note in Note.objects.order_by("pk")] == ["甲", "乙"]


def test_the_key_of_a_table_is_issued_once_and_not_cached_when_rolled_back(own_keys: Keyring) -> None:
    with transaction.atomic():
        lost = table_key("some_table")
        transaction.set_rollback(True)
    kept = table_key("some_table")
    assert kept.id != lost.id
    with CaptureQueriesContext(connection) as queries:
        assert table_key("some_table").id == kept.id
    assert len(queries) == 1
    assert DataKey.objects.filter(subject_id="some_table").count() == 1


def test_a_renamed_field_keeps_the_place_its_values_were_sealed_for() -> None:
    class Renamed(Sealed):
        comment = EncryptedTextField(known_as="core_tests_note.text")

        class Meta:
            apps = test_apps
            app_label = "core_tests"

    before = Note.objects.create(text="旧的内容")
    renamed = Renamed(uuid=before.uuid)
    renamed.__dict__["comment_sealed"] = before.text_sealed
    assert renamed.comment == "旧的内容"
    kept = Renamed._meta.get_field("comment").deconstruct()[3]
    assert kept["known_as"] == "core_tests_note.text"
