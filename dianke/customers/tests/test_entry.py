"""Stories at the door: who becomes a new customer, who is recognised, who hears what."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.customers.models import (
    Channel,
    Consent,
    ContactPoint,
    Customer,
    EntryRule,
    ImportantDate,
    MatchPair,
    PairState,
    Review,
    ReviewedRole,
    SourceRecord,
    State,
)
from dianke.customers.operations.entry import CustomerExists, Entered, Outcome, enter_customer
from dianke.customers.operations.parting import OnlyRecord, part_record
from dianke.customers.operations.writing import CustomerErasing
from dianke.customers.rules.entry import (
    AddressEntry,
    ConsentEntry,
    DateEntry,
    Entry,
    EntryProblems,
    PhoneEntry,
)
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.events.models import Event
from dianke.stores.tests.cast import role_named

PHONE = "13812345678"


def entry(name: str = "王小明", phone: str = PHONE, **more) -> Entry:
    phones = more.pop("phones", (PhoneEntry(phone),) if phone else ())
    return Entry(name=name, phones=phones, **more)


@pytest.fixture
def enter(cast, now):
    """`enter("clerk", name="…")`: at the counter of the lake, unless told otherwise."""

    def run(who: str = "clerk", *, channel: str = Channel.COUNTER, later: int = 0, **more) -> Entered:
        options = {
            key: more.pop(key)
            for key in (
                "store",
                "source",
                "external_id",
                "link_to",
                "as_new",
                "owner",
                "partner",
                "campaign",
            )
            if key in more
        }
        options.setdefault("store", cast.lake)
        actor = SYSTEM if who == "system" else cast.actor(who)
        at = now + timedelta(minutes=later)
        return enter_customer(entry=entry(**more), channel=channel, actor=actor, now=at, **options)

    return run


# --- what is kept ---------------------------------------------------------------------------------------------
def test_a_new_customer_is_kept_with_everything_told(enter, cast):
    made = enter(
        gender="女",
        birthday=DateEntry.parse("1990年农历八月十五"),
        addresses=(AddressEntry(text="浙江省杭州市西湖区文三路90号"),),
        emails=("Wang@Example.com",),
        consents=(ConsentEntry("MARKETING", "SMS"),),
        note="喜欢安静的房间",
        campaign="OPENING",
    )
    customer = Customer.objects.get(pk=made.customer.pk)
    assert made.outcome is Outcome.CREATED
    assert (customer.name, customer.gender, customer.note) == ("王小明", "F", "喜欢安静的房间")
    assert (customer.store, customer.owner, customer.partner) == (cast.lake, cast["clerk"].user, None)
    assert {point.value for point in customer.contact_points.select_related("key")} == {
        "+8613812345678",
        "wang@example.com",
    }
    day = ImportantDate.objects.get(customer=customer)
    assert (day.calendar, day.year, day.month, day.day, day.text) == (
        "LUNAR",
        1990,
        8,
        15,
        "1990年农历八月十五",
    )
    address = customer.addresses.select_related("key").get()
    assert (address.district, address.street, address.division) == ("西湖区", "文三路90号", "330106")
    consent = Consent.objects.get(customer=customer)
    assert (consent.is_given, consent.how, consent.by) == (True, "COUNTER", cast["clerk"].user)
    record = SourceRecord.objects.select_related("key").get(customer=customer)
    assert record.payload["fields"]["name"] == "王小明"
    assert (record.staff, record.campaign) == (cast["clerk"].user, "OPENING")
    assert customer.survivors["name"] == {"record": record.pk, "rule": "only"}
    assert list(Customer.objects.filter(search_words__found_by="wxm")) == [customer]


def test_the_event_of_an_entry_names_nobody(enter):
    made = enter(note="喜欢安静", emails=("wang@example.com",))
    event = Event.objects.get(kind="customers.customer_entered")
    assert event.subject == f"customers.customer:{made.customer.pk}"
    told = json.dumps(event.data, ensure_ascii=False)
    assert not [secret for secret in ("王小明", "1381234", "wang@", "安静") if secret in told]


def test_a_number_of_an_older_system_is_kept_if_it_is_free(enter):
    first = enter(member_number="V0001")
    second = enter(name="李四", phone="13912345678", member_number="", later=1)
    assert first.customer.member_number == "V0001"
    assert second.customer.member_number.isdecimal()
    third = enter("system", channel=Channel.API, name="赵六", phone="13712345678", member_number="V0001")
    assert third.outcome is Outcome.CREATED
    assert third.customer.member_number != "V0001"
    assert [pair.state for pair in third.pairs] == [PairState.WAITING]


def test_who_may_not_enter_customers_at_a_store_is_refused(enter, cast):
    with pytest.raises(PermissionRefused):
        enter("neighbour", store=cast.lake)
    assert not Customer.objects.exists()


def test_the_merchants_rules_hold_at_the_counter(enter):
    EntryRule.objects.create(field="gender", is_required=True)
    with pytest.raises(EntryProblems) as caught:
        enter()
    assert set(caught.value.errors) == {"gender"}
    assert enter("system", channel=Channel.API).outcome is Outcome.CREATED


def test_the_shops_own_telephone_is_refused(enter, cast):
    cast.lake.telephone = "0571-8765 4321"
    cast.lake.save()
    with pytest.raises(EntryProblems) as caught:
        enter(phone="057187654321")
    assert caught.value.errors["phone"].code == "phone_is_ours"


def test_a_childs_consent_is_noted_as_the_guardians(enter):
    made = enter(
        birthday=DateEntry.parse("2016-6-1"), consents=(ConsentEntry("CARE", "SMS"),), guardian="妈妈 王芳"
    )
    assert Consent.objects.get(customer=made.customer).how == "GUARDIAN"


# --- at the counter -------------------------------------------------------------------------------------------
def test_the_clerk_is_told_that_somebody_is_here_and_nothing_is_written(enter, cast):
    known = make_customer("王小明", PHONE, store=cast.lake)
    with pytest.raises(CustomerExists) as caught:
        enter(name="王晓明")
    (hint,) = caught.value.hints
    assert (hint.customer, hint.kind, hint.where, hint.masked_name) == (known, "exact", "西湖", "王＊明")
    assert SourceRecord.objects.count() == 1


def test_the_clerk_may_say_it_is_the_same_person(enter, cast):
    known = make_customer("王女士", PHONE, store=cast.lake)
    made = enter(name="王小明", link_to=known, emails=("wang@example.com",), later=5)
    known.refresh_from_db()
    assert (made.outcome, made.customer) == (Outcome.LINKED, known)
    assert known.name == "王小明"  # the full name betters the title
    assert known.survivors["name"]["rule"] == "fuller"
    assert known.contact_points.count() == 2  # the phone once


def test_the_clerk_may_say_it_is_somebody_else_and_the_pair_stays_for_review(enter, cast):
    make_customer("王小明", PHONE, store=cast.lake, birthday=(1960, 1, 1))
    made = enter(name="王朵朵", as_new=True)
    assert made.outcome is Outcome.CREATED
    assert ContactPoint.objects.current().holding("PHONE", "+8613812345678").count() == 2
    (pair,) = made.pairs
    assert pair.state == PairState.WAITING
    assert "王" not in json.dumps(pair.parts, ensure_ascii=False)


def test_a_familys_number_joins_nobody_and_raises_no_alarm(enter, cast):
    make_customer("王大明", PHONE, store=cast.lake, is_shared=True)
    made = enter(name="王小明", phones=(PhoneEntry(PHONE, use="FAMILY"),))
    assert made.outcome is Outcome.CREATED
    second = enter(name="王二明", phones=(PhoneEntry(PHONE, is_shared=True),), later=1)
    assert second.outcome is Outcome.CREATED


def test_whoever_asked_for_erasure_is_neither_found_nor_joined(enter, cast):
    leaving = make_customer("王小明", PHONE, store=cast.lake, state=State.ERASING)
    made = enter(name="王小明")
    assert (made.outcome, made.pairs) == (Outcome.CREATED, [])
    with pytest.raises(CustomerErasing):
        enter(name="王小明", link_to=leaving)


# --- without anybody to ask -----------------------------------------------------------------------------------
def test_a_web_form_with_name_and_number_finds_its_profile(enter, cast):
    known = make_customer("王小明", PHONE, store=cast.lake)
    made = enter("system", channel=Channel.WEB, name="王小明", emails=("wang@example.com",))
    assert (made.outcome, made.customer) == (Outcome.LINKED, known)


@pytest.mark.parametrize("name", ["", "李四"])
def test_a_number_alone_only_suggests(enter, cast, name):
    known = make_customer("王小明", PHONE, store=cast.lake)
    made = enter("system", channel=Channel.WEB, name=name)
    assert made.outcome is Outcome.CREATED
    assert [sorted((pair.left_id, pair.right_id)) for pair in made.pairs] == [
        sorted((known.pk, made.customer.pk))
    ]


def test_a_number_just_proven_finds_its_profile_unless_a_name_speaks_against_it(enter, cast, now):
    known = make_customer("王小明", PHONE, store=cast.lake)
    proven = (PhoneEntry(PHONE, verified_at=now),)
    made = enter("system", channel=Channel.QR, name="", phones=proven)
    assert (made.outcome, made.customer) == (Outcome.LINKED, known)
    assert known.contact_points.get().verified_at == now
    recycled = enter("system", channel=Channel.QR, name="李四", phones=proven)
    assert recycled.outcome is Outcome.CREATED
    assert recycled.customer != known


def test_a_recycled_number_with_another_birthday_stays_apart(enter, cast):
    make_customer("王小明", PHONE, store=cast.lake, birthday=(1960, 1, 1))
    made = enter("system", channel=Channel.ECOMMERCE, name="王小明", birthday=DateEntry.parse("1999-9-9"))
    assert made.outcome is Outcome.CREATED


def test_a_number_never_joins_across_different_verified_identities(enter, cast):
    make_customer("王小明", PHONE, unionid="oA-first", store=cast.lake)
    made = enter("system", channel=Channel.WECHAT, name="王小明", unionid="oB-second")
    assert made.outcome is Outcome.CREATED
    assert made.pairs == []


def test_the_same_wechat_account_is_the_same_person_whatever_the_number(enter, cast):
    known = make_customer("王小明", PHONE, unionid="oA-first", store=cast.lake)
    made = enter("system", channel=Channel.WECHAT, name="小明", phone="13912345678", unionid="oA-first")
    assert (made.outcome, made.customer) == (Outcome.LINKED, known)
    assert known.contact_points.count() == 3


def test_two_profiles_with_one_number_are_left_to_people(enter, cast):
    make_customer("王小明", PHONE, store=cast.lake)
    make_customer("王小明", PHONE, store=cast.road)
    made = enter("system", channel=Channel.API, name="王小明")
    assert made.outcome is Outcome.CREATED
    assert len(made.pairs) == 2


def test_a_record_of_a_merged_customer_lands_with_the_one_who_has_the_number(enter, cast):
    head = make_customer("王小明", "13912345678", store=cast.lake)
    joined = make_customer("王小明", PHONE, store=cast.lake, merged_into=head)
    made = enter("system", channel=Channel.WEB, name="王小明")
    assert (made.outcome, made.customer, made.record.customer) == (Outcome.LINKED, head, joined)


def test_placeholders_of_files_find_nobody(enter, cast):
    make_customer("王小明", "13900001111", contacts={"PHONE": "+8613800138000"}, store=cast.lake)
    made = enter("system", channel=Channel.IMPORT, name="王小明", phone="13800138000")
    assert (made.outcome, made.pairs) == (Outcome.CREATED, [])
    assert made.dropped["phone"].code == "phone_says_nothing"
    assert not made.customer.contact_points.exists()


# --- the same again -------------------------------------------------------------------------------------------
def test_the_same_row_again_changes_nothing_and_another_content_updates(enter, cast):
    where = {"channel": Channel.API, "source": "youzan", "external_id": "42"}
    first = enter("system", **where)
    events = Event.objects.count()
    again = enter("system", later=1, **where)
    assert (again.outcome, again.record) == (Outcome.UNCHANGED, first.record)
    assert Event.objects.count() == events
    changed = enter("system", later=2, phone="13912345678", **where)
    assert (changed.outcome, changed.customer) == (Outcome.UPDATED, first.customer)
    assert first.customer.contact_points.count() == 2
    assert SourceRecord.objects.count() == 2


def test_the_same_number_in_another_system_is_another_row(enter):
    enter("system", channel=Channel.API, source="youzan", external_id="42")
    other = enter(
        "system", channel=Channel.API, source="weimob", external_id="42", name="李四", phone="13912345678"
    )
    assert other.outcome is Outcome.CREATED


# --- looked through first -------------------------------------------------------------------------------------
def test_entries_of_new_staff_wait_and_do_not_change_a_profile(enter, cast):
    ReviewedRole.objects.create(role=role_named("CLERK"))
    made = enter()
    assert (made.outcome, made.customer.state, made.record.review) == (
        Outcome.WAITING,
        State.REVIEW,
        Review.WAITING,
    )
    known = make_customer("李四", "13912345678", store=cast.lake)
    linked = enter(name="李思", phone="13912345678", link_to=known, emails=("li@example.com",))
    known.refresh_from_db()
    assert (linked.outcome, known.name, known.contact_points.count()) == (Outcome.WAITING, "李四", 1)
    manager = enter("manager", name="钱七", phone="13712345678")
    assert manager.outcome is Outcome.CREATED


# --- who keeps the customer -----------------------------------------------------------------------------------
def test_a_partners_own_entry_is_kept_by_the_partner(enter, cast):
    made = enter("shen")
    assert made.customer.partner == cast.partner
    assert made.customer not in Customer.objects.visible_to(cast.actor("qiu"))
    assert made.customer in Customer.objects.visible_to(cast.actor("manager"))


def test_the_other_partner_learns_that_somebody_exists_and_not_who(enter, cast):
    make_customer("王小明", PHONE, store=cast.lake, partner=second_partner(), birthday=(1990, 3, 5))
    with pytest.raises(CustomerExists) as caught:
        enter("shen", name="小明")
    (hint,) = caught.value.hints
    assert (hint.customer, hint.where, hint.masked_name, hint.keeper) == (None, "", "", "PARTNER")
    told = json.dumps(hint.to_json(), ensure_ascii=False) + str(caught.value)
    assert not [secret for secret in ("王", "明", "5678", "138", "1990", "西湖", "裘") if secret in told]
    asked = Event.objects.get(kind="customers.duplicate_asked")
    assert asked.user_id == cast["shen"].user.pk


def test_pairs_left_by_an_entry_are_scored_and_explained_by_levels_only(enter, cast):
    make_customer("王小明", PHONE, store=cast.lake)
    made = enter("system", channel=Channel.WEB, name="")
    (pair,) = made.pairs
    assert 0 <= pair.probability <= 1
    assert set(pair.parts[0]) == {"comparison", "level", "weight"}
    assert MatchPair.objects.count() == 1


# --- linked by mistake ----------------------------------------------------------------------------------------
def test_a_record_linked_by_mistake_becomes_a_customer_of_its_own(enter, cast, now):
    known = make_customer("王小明", PHONE, store=cast.lake)
    linked = enter(
        "system",
        channel=Channel.WEB,
        emails=("other@example.com",),
        birthday=DateEntry.parse("1999-9-9"),
        addresses=(AddressEntry(text="杭州西湖区文三路90号"),),
    )
    assert linked.customer == known
    later = now + timedelta(hours=1)
    made = part_record(entry=linked.record, actor=cast.actor("manager"), now=later)
    values = {point.value for point in made.contact_points.select_related("key")}
    assert values == {"+8613812345678", "other@example.com"}
    assert (made.dates.get().year, made.addresses.get().district) == (1999, "西湖区")
    known.refresh_from_db()
    assert [point.value for point in known.contact_points.filter(archived_at=None).select_related("key")] == [
        "+8613812345678"
    ]
    assert not known.dates.filter(archived_at=None).exists()
    assert MatchPair.objects.get().state == PairState.DIFFERENT
    linked.record.refresh_from_db()
    assert linked.record.review == Review.REFUSED
    with pytest.raises(OnlyRecord):
        part_record(entry=made.records.get(), actor=cast.actor("manager"), now=later)
