"""Corrections of a profile: fields, contact points, addresses, days; removing and bringing back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dianke.core.actor import PermissionRefused
from dianke.customers.models import ContactPoint, Customer, ImportantDate, MatchPair, SourceRecord, State
from dianke.customers.operations import changes, contacts, rights
from dianke.customers.operations.consents import record_consent
from dianke.customers.operations.entry import enter_customer
from dianke.customers.operations.writing import CustomerErasing, CustomerNotFound, CustomerRemoved
from dianke.customers.providers.door import REMOVAL
from dianke.customers.queries.records import records_of
from dianke.customers.rules.entry import AddressEntry, DateEntry, Entry, EntryProblems, PhoneEntry
from dianke.customers.rules.survivorship import explain, survivors
from dianke.customers.tests.cast import make_customer
from dianke.events.models import Event
from dianke.work import operations as work
from dianke.work.operations.policies import ApprovalNeeded, read_token

PHONE = "13812345678"
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast) -> Customer:
    return make_customer("王女士", PHONE, store=cast.lake, birthday=(1990, 3, 5), gender="F")


@pytest.fixture
def acts(cast, now):
    """`acts("clerk")`: the keywords every operation wants."""

    def who(name: str = "clerk", later: int = 1) -> dict[str, object]:
        return {"actor": cast.actor(name), "now": now + timedelta(minutes=later)}

    return who


# --- fields ---------------------------------------------------------------------------------------------------
def test_a_correction_is_a_record_and_explains_itself(known, acts):
    changes.change_customer(customer=known, changes={"name": "王小明", "occupation": "教师"}, **acts())
    known.refresh_from_db()
    assert (known.name, known.occupation, known.gender) == ("王小明", "教师", "F")
    record = SourceRecord.objects.latest("pk")
    assert (record.channel, record.customer) == ("STAFF", known)
    assert known.survivors["name"] == {"record": record.pk, "rule": "correction"}
    records = records_of(known.pk)
    assert "2026" in str(explain("name", survivors(records)["name"], records))
    assert list(Customer.objects.filter(search_words__found_by="wxm")) == [known]
    assert list(Customer.objects.filter(search_words__found_by="王女士")) == [
        known
    ]  # the old name still leads here


def test_the_log_of_a_correction_has_no_values(known, acts):
    changes.change_customer(customer=known, changes={"name": "王小明", "note": "怕痛"}, **acts())
    told = json.dumps(Event.objects.get(kind="customers.customer_changed").data, ensure_ascii=False)
    assert "小明" not in told
    assert "怕痛" not in told
    assert "name" in told


def test_an_emptied_field_stays_empty_when_records_come_later(known, acts, now):
    changes.change_customer(customer=known, changes={"gender": ""}, **acts())
    known.refresh_from_db()
    assert known.gender == ""


def test_changing_nothing_leaves_nothing(known, acts):
    changes.change_customer(customer=known, changes={"gender": "女"}, **acts())
    assert SourceRecord.objects.count() == 1
    assert not Event.objects.filter(kind="customers.customer_changed").exists()


def test_a_placeholder_is_no_correction(known, acts):
    with pytest.raises(EntryProblems):
        changes.change_customer(customer=known, changes={"name": "顾客"}, **acts())


def test_sensitive_details_are_written_only_while_the_consent_to_them_stands(known, acts):
    told = {"customer": known, "changes": {"sensitive": {"allergies": "花生"}}}
    with pytest.raises(EntryProblems) as refused:
        changes.change_customer(**told, **acts())
    assert {field: error.code for field, error in refused.value.errors.items()} == {
        "sensitive_allergies": "sensitive_not_agreed"
    }
    about = {"customer": known, "purpose": "SENSITIVE", "how": "COUNTER"}
    record_consent(**about, is_given=True, **acts())
    changes.change_customer(**told, **acts())
    record_consent(**about, is_given=False, **acts())
    with pytest.raises(EntryProblems):
        changes.change_customer(customer=known, changes={"sensitive": {"skin": "湿疹"}}, **acts())


def test_sensitive_details_leave_the_profile_with_the_consent_to_them_and_a_later_one_brings_nothing_back(
    known, acts
):
    about = {"customer": known, "purpose": "SENSITIVE", "how": "COUNTER"}

    def kept():
        return Customer.objects.select_related("key").get(pk=known.pk).sensitive

    record_consent(**about, is_given=True, **acts())
    changes.change_customer(customer=known, changes={"sensitive": {"allergies": "花生"}}, **acts())
    assert kept() == {"allergies": "花生"}
    record_consent(**about, is_given=False, **acts())
    assert kept() is None
    record_consent(**about, is_given=True, **acts())
    changes.change_customer(customer=known, changes={"note": "怕痛"}, **acts())
    assert kept() is None
    changes.change_customer(customer=known, changes={"sensitive": {"skin": "湿疹"}}, **acts(later=60))
    assert kept() == {"skin": "湿疹"}
    request = rights.open_request(customer=known, kind="OBJECTION", channel="COUNTER", **acts("manager"))
    rights.stop_uses(request=request, purposes=["SENSITIVE"], **acts("manager", later=120))
    assert kept() is None


def test_sensitive_details_are_sealed_and_need_their_own_permission(known, acts, cast):
    record_consent(customer=known, purpose="SENSITIVE", is_given=True, how="COUNTER", **acts())
    changes.change_customer(customer=known, changes={"sensitive": {"allergies": "花生"}}, **acts())
    known = Customer.objects.select_related("key").get(pk=known.pk)
    assert known.sensitive == {"allergies": "花生"}
    cast.hire("ads", "何推", "MARKETER")
    with pytest.raises(PermissionRefused):
        changes.change_customer(customer=known, changes={"sensitive": {"allergies": ""}}, **acts("ads"))


def test_a_customer_of_another_store_does_not_exist_for_the_clerk(acts, cast):
    far = make_customer("李四", store=cast.harbour)
    with pytest.raises(CustomerNotFound):
        changes.change_customer(customer=far, changes={"name": "李思"}, **acts())


def test_nothing_is_changed_while_erasure_is_asked_for(acts, cast):
    leaving = make_customer("李四", store=cast.lake, state=State.ERASING)
    with pytest.raises(CustomerErasing):
        changes.change_customer(customer=leaving, changes={"name": "李思"}, **acts())


def test_a_correction_of_a_merged_customer_shows_on_the_head(known, acts, cast):
    joined = make_customer("王小明", "13912345678", store=cast.lake, merged_into=known)
    head = changes.change_customer(customer=joined, changes={"occupation": "医生"}, **acts())
    assert (head, head.occupation, head.name) == (known, "医生", "王小明")
    assert not {word for word in head.search_words.split() if word.startswith("139")}


# --- contact points -------------------------------------------------------------------------------------------
def test_a_further_number_is_kept_and_shared_with_another_profile_becomes_a_pair(known, acts, cast):
    other = make_customer("王小明", "13912345678", store=cast.lake)
    point = contacts.add_contact_point(customer=known, kind="PHONE", value="139 1234 5678", **acts())
    assert (point.value, point.is_preferred) == ("+8613912345678", False)
    pair = MatchPair.objects.get()
    assert {pair.left_id, pair.right_id} == {known.pk, other.pk}
    with pytest.raises(contacts.ContactInUse):
        contacts.add_contact_point(customer=known, kind="PHONE", value="13912345678", **acts())


def test_a_corrected_number_is_a_new_row_and_the_old_one_finds_nobody(known, acts):
    old = known.contact_points.get()
    fresh = contacts.change_contact_point(point=old, value="13912345678", **acts())
    assert (fresh.is_preferred, fresh.value) == (True, "+8613912345678")
    assert not ContactPoint.objects.current().holding("PHONE", "+8613812345678").exists()
    assert ContactPoint.objects.holding("PHONE", "+8613812345678").get().archived_at is not None


def test_only_one_number_is_preferred_over_the_whole_profile(known, acts, cast):
    joined = make_customer("王小明", "13912345678", store=cast.lake, merged_into=known)
    contacts.prefer_contact_point(point=joined.contact_points.get(), **acts())
    preferred = ContactPoint.objects.filter(customer__in=[known, joined], is_preferred=True)
    assert preferred.get().customer == joined


def test_a_number_put_away_comes_back_when_somebody_says_so_or_names_it_again(known, acts):
    old = known.contact_points.get()
    contacts.archive_contact_point(point=old, **acts())
    contacts.restore_contact_point(point=old, **acts(later=2))
    old.refresh_from_db()
    assert (old.archived_at, old.is_preferred) == (None, True)
    contacts.archive_contact_point(point=old, **acts(later=3))
    again = contacts.add_contact_point(customer=known, kind="PHONE", value=PHONE, **acts(later=4))
    assert (again, again.archived_at, again.is_preferred) == (old, None, True)


def test_a_number_put_away_is_not_brought_back_by_a_file_that_still_has_it(known, acts, cast):
    old = known.contact_points.get()
    contacts.archive_contact_point(point=old, **acts())
    enter_customer(
        entry=Entry(name="王女士", phones=(PhoneEntry(PHONE),)),
        channel="API",
        store=cast.lake,
        link_to=known,
        **acts("manager", later=2),
    )
    old.refresh_from_db()
    assert old.archived_at is not None


def test_the_last_thing_a_nameless_customer_is_found_by_stays(acts, cast):
    nameless = make_customer("", PHONE, store=cast.lake)
    with pytest.raises(contacts.LastWayToFind):
        contacts.archive_contact_point(point=nameless.contact_points.get(), **acts())


def test_a_familys_number_is_marked_and_a_proven_one_too(known, acts):
    point = known.contact_points.get()
    contacts.change_contact_point(point=point, use="FAMILY", is_shared=True, **acts())
    contacts.mark_verified(point=point, **acts())
    point.refresh_from_db()
    assert (point.use, point.is_shared, point.is_verified) == ("FAMILY", True, True)


# --- addresses and days ---------------------------------------------------------------------------------------
def test_an_address_is_taken_apart_corrected_and_put_away(known, acts):
    row = contacts.add_address(customer=known, address=AddressEntry(text="杭州西湖区文三路90号"), **acts())
    assert (row.province, row.division, row.street, row.is_preferred) == (
        "浙江省",
        "330106",
        "文三路90号",
        True,
    )
    other = contacts.change_address(
        address=row, entry=AddressEntry(text="杭州市余杭区文一西路969号"), **acts()
    )
    assert (other.district, other.is_preferred) == ("余杭区", True)
    contacts.archive_address(address=other, **acts())
    assert not known.addresses.filter(archived_at=None).exists()
    with pytest.raises(contacts.AddressEmpty):
        contacts.add_address(customer=known, address=AddressEntry(), **acts())


def test_a_lunar_birthday_stands_beside_the_solar_one_and_a_second_solar_one_replaces_it(known, acts):
    contacts.add_date(customer=known, date=DateEntry.parse("农历二月初九"), **acts())
    contacts.add_date(customer=known, date=DateEntry.parse("1991-3-5"), **acts())
    current = ImportantDate.objects.filter(customer=known, archived_at=None).order_by("calendar")
    assert [(day.calendar, day.year) for day in current] == [("LUNAR", None), ("SOLAR", 1991)]
    day = contacts.change_date(date=current.last(), entry=DateEntry.parse("1991-3-6"), **acts())
    contacts.archive_date(date=day, **acts())
    assert [day.calendar for day in ImportantDate.objects.filter(customer=known, archived_at=None)] == [
        "LUNAR"
    ]


# --- removing -------------------------------------------------------------------------------------------------
def test_a_removed_customer_is_found_no_more_and_comes_back(known, acts):
    changes.remove_customer(customer=known, **acts("manager"))
    assert not Customer.objects.in_use().exists()
    with pytest.raises(CustomerRemoved):
        changes.change_customer(customer=known, changes={"name": "王"}, **acts("manager"))
    changes.restore_customer(customer=known, **acts("manager", later=2))
    known.refresh_from_db()
    assert known.state == State.ACTIVE


def test_a_profile_with_others_in_it_is_not_removed_whole(known, acts, cast):
    make_customer("王小明", store=cast.lake, merged_into=known)
    with pytest.raises(changes.StillMerged):
        changes.remove_customer(customer=known, **acts("manager"))


def test_removing_waits_for_a_second_person_where_the_merchant_wants_it(known, acts, now):
    work.set_policy(operation="customers.remove_customer", **acts("owner"))
    with pytest.raises(ApprovalNeeded) as needed:
        changes.remove_customer(customer=known, **acts("manager"))
    operation, arguments = read_token(needed.value.token, acts("manager")["actor"])
    approval = work.request_approval(
        operation=operation, arguments=arguments, reason="重复", **acts("manager")
    )
    assert known.member_number in str([line.after for line in REMOVAL.lines({"customer": known})])
    decided = work.decide(
        approval=approval, is_approved=True, sha256=approval.sha256, note="", **acts("region")
    )
    known.refresh_from_db()
    assert (decided.outcome, known.state) == ("APPROVED", State.REMOVED)


def test_a_clerk_removes_nobody(known, acts):
    with pytest.raises(PermissionRefused):
        changes.remove_customer(customer=known, **acts())
