"""Correcting one customer as people do it: fields, contact points, addresses, days, consents, relations, who
looks after them. 李 is a clerk at the lake, 林 leads it, 王珊 is a clerk at the road."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.core.actor import SYSTEM
from dianke.customers.models import (
    Collaborator,
    Consent,
    ContactPoint,
    Customer,
    Household,
    Relation,
    SharedWith,
    State,
)
from dianke.customers.operations.consents import publish_consent_text
from dianke.customers.operations.relations import make_household
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.events.models import Event
from dianke.work.operations import define_field

PART = {"HX-Request": "true"}


@pytest.fixture
def customer(cast) -> Customer:
    return make_customer("王小明", "13812345678", store=cast.lake, gender="M", birthday=(1990, 3, 5))


@pytest.fixture
def at(customer):
    """`at("edit/")`: an address of this customer."""
    return lambda rest="": f"/customers/{customer.pk}/{rest}"


@pytest.fixture
def clerk(signed_in) -> Any:
    return signed_in("clerk")


@pytest.fixture
def manager(signed_in) -> Any:
    return signed_in("manager")


BASICS = {"name": "王小明", "gender": "M", "kind": "PERSON"}


# --- fields
# ----------------------------------------------------------------------------------------------------------
def test_only_what_was_changed_is_corrected(clerk, customer, at):
    assert clerk.post(at("edit/"), {**BASICS, "note": "不吃辣"}).status_code == 303
    clerk.post(at("edit/"), {**BASICS, "name": "王晓明", "note": "不吃辣"})
    customer.refresh_from_db()
    assert (customer.name, customer.note) == ("王晓明", "不吃辣")
    record = customer.records.order_by("-pk").first()
    assert record.payload["fields"] == {"name": "王晓明"}
    clerk.post(at("edit/"), {**BASICS, "name": "王晓明", "note": "不吃辣"})
    assert customer.records.count() == 3


def test_a_wrong_correction_says_why_beside_the_field(clerk, at):
    answer = clerk.post(at("edit/"), {**BASICS, "name": "13812345678"})
    assert answer.status_code == 422
    assert "name" in answer.context["form"].errors


def test_an_old_customer_without_a_required_field_can_still_be_corrected(clerk, customer, at, now):
    define_field(
        model="customers.customer",
        type="TEXT",
        values={"label": "肤质", "is_required": True},
        key="skin",
        actor=SYSTEM,
        now=now,
    )
    assert clerk.post(at("edit/"), {**BASICS, "name": "王晓明", "custom_skin": ""}).status_code == 303
    clerk.post(at("edit/"), {**BASICS, "name": "王晓明", "custom_skin": "干性"})
    customer.refresh_from_db()
    assert customer.custom == {"skin": "干性"}


@pytest.mark.parametrize(
    "rest",
    ["edit/", "details/", "contacts/new/", "addresses/new/", "dates/new/", "consents/", "relations/new/"],
)
def test_nobody_out_of_reach_gets_a_form(signed_in, at, rest):
    assert signed_in("neighbour").get(at(rest)).status_code == 404
    assert signed_in("auditor").get(at(rest)).status_code == 403
    assert signed_in("clerk").get(at(rest)).status_code == 200


def test_another_customers_rows_are_not_reached_through_this_one(clerk, manager, cast, at):
    other = make_customer("李芳", "13812345679", store=cast.lake, birthday=(1991, 1, 1))
    point, day = other.contact_points.get(), other.dates.get()
    assert clerk.get(at(f"contacts/{point.pk}/")).status_code == 404
    assert clerk.post(at(f"contacts/{point.pk}/archiving/")).status_code == 404
    assert clerk.post(at(f"dates/{day.pk}/archiving/")).status_code == 404


# --- sensitive details
# -----------------------------------------------------------------------------------------------
@pytest.fixture
def allergies(now) -> None:
    define_field(
        model="customers.sensitive",
        type="TEXT",
        values={"label": "过敏"},
        key="allergies",
        actor=SYSTEM,
        now=now,
    )


def test_sensitive_details_are_written_without_being_read(clerk, customer, at, allergies):
    given = {"sensitive_allergies": "海鲜"}
    assert clerk.post(at("sensitive/"), given).status_code == 422
    clerk.post(at("consents/"), {"purpose": "SENSITIVE", "is_given": "1"})
    assert clerk.post(at("sensitive/"), given).status_code == 303
    assert Customer.objects.get().sensitive == {"allergies": "海鲜"}
    for rest in ("sensitive/", "details/", "edit/", ""):
        assert "海鲜" not in clerk.get(at(rest)).content.decode()
    clerk.post(at("sensitive/"), {"sensitive_allergies": ""})
    assert Customer.objects.get().sensitive == {"allergies": "海鲜"}
    clerk.post(at("sensitive/"), {"sensitive_allergies": "", "empty_allergies": "on"})
    assert not Customer.objects.get().sensitive


def test_reading_sensitive_details_takes_a_reason_and_is_logged(clerk, cast, at, allergies):
    customer = make_customer("李芳", store=cast.lake, sensitive={"allergies": "海鲜"})
    asked = {"field": "customers.sensitive", "subject": customer.pk, "reason": "今天做护理"}
    answer = clerk.post("/reveal/", asked)
    assert "过敏：海鲜" in answer.content.decode()
    assert Event.objects.filter(kind="access.field_revealed").count() == 1


# --- contact points, addresses, days
# ---------------------------------------------------------------------------------
def test_a_contact_point_is_added_corrected_preferred_put_away_and_brought_back(clerk, customer, at):
    clerk.post(at("contacts/new/"), {"kind": "PHONE", "value": "139 1234 5678", "use": "WORK"})
    work = customer.contact_points.get(use="WORK")
    assert work.value == "+8613912345678"
    page = clerk.get(at(f"contacts/{work.pk}/")).content.decode()
    assert "139****5678" in page
    assert "13912345678" not in page
    clerk.post(at(f"contacts/{work.pk}/"), {"value": "", "use": "HOME", "is_shared": "on"})
    work.refresh_from_db()
    assert (work.use, work.is_shared) == ("HOME", True)
    clerk.post(at(f"contacts/{work.pk}/preferring/"))
    assert customer.contact_points.get(is_preferred=True) == work
    answer = clerk.post(at(f"contacts/{work.pk}/archiving/"), headers=PART)
    assert at(f"contacts/{work.pk}/restoring/") in answer["HX-Trigger"]
    clerk.post(at(f"contacts/{work.pk}/restoring/"))
    work.refresh_from_db()
    assert work.archived_at is None


@pytest.mark.parametrize(
    ("kind", "value"),
    [("PHONE", "1381234567"), ("EMAIL", "wxm"), ("DOCUMENT", "330106199003051234"), ("WECHAT", "微 信")],
)
def test_what_is_no_contact_point_is_refused_beside_the_value(clerk, at, kind, value):
    answer = clerk.post(at("contacts/new/"), {"kind": kind, "value": value, "use": "MOBILE"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["value"]


def test_the_same_number_twice_is_told(clerk, at):
    answer = clerk.post(at("contacts/new/"), {"kind": "PHONE", "value": "13812345678", "use": "MOBILE"})
    assert answer.status_code == 422
    assert "value" in answer.context["form"].errors


def test_an_address_in_one_line_or_in_parts(clerk, customer, at):
    clerk.post(at("addresses/new/"), {"text": "浙江省杭州市西湖区古墩路90号", "use": "HOME"})
    parts = {"province": "浙江", "city": "杭州", "district": "上城", "street": "延安路1号", "use": "WORK"}
    clerk.post(at("addresses/new/"), parts)
    assert sorted(customer.addresses.values_list("district", flat=True)) == ["上城区", "西湖区"]
    first = customer.addresses.get(district="西湖区")
    page = clerk.get(at(f"addresses/{first.pk}/")).content.decode()
    assert "古墩路" not in page
    clerk.post(at(f"addresses/{first.pk}/"), {"text": "浙江省杭州市拱墅区莫干山路2号", "use": "HOME"})
    clerk.post(at(f"addresses/{customer.addresses.get(district='上城区').pk}/archiving/"))
    assert list(customer.addresses.filter(archived_at=None).values_list("district", flat=True)) == ["拱墅区"]
    assert clerk.post(at("addresses/new/"), {"use": "HOME"}).status_code == 422


def test_days_solar_and_lunar(clerk, customer, at):
    clerk.post(at("dates/new/"), {"kind": "WEDDING", "text": "2016-10-2", "calendar": "SOLAR"})
    clerk.post(at("dates/new/"), {"kind": "CHILD", "text": "八月十五", "calendar": "SOLAR", "label": "小宝"})
    assert customer.dates.get(kind="CHILD").calendar == "LUNAR"
    wedding = customer.dates.get(kind="WEDDING")
    assert clerk.post(at(f"dates/{wedding.pk}/"), {"kind": "WEDDING", "text": "2-30"}).status_code == 422
    clerk.post(at(f"dates/{wedding.pk}/"), {"kind": "WEDDING", "text": "2016-10-3", "calendar": "SOLAR"})
    assert customer.dates.get(kind="WEDDING", archived_at=None).day == 3
    clerk.post(at(f"dates/{customer.dates.get(kind='CHILD').pk}/archiving/"))
    assert not customer.dates.filter(kind="CHILD", archived_at=None).exists()


# --- consents
# --------------------------------------------------------------------------------------------------------
def test_consents_are_noted_with_the_text_that_was_shown(clerk, customer, at, now):
    text = publish_consent_text(purpose="MARKETING", text="新品与优惠", actor=SYSTEM, now=now)
    assert "新品与优惠" in clerk.get(at("consents/")).content.decode()
    answer = clerk.post(at("consents/"), {"purpose": "MARKETING", "is_given": "1"}, headers=PART)
    assert "dk:changed" in answer["HX-Trigger"]
    assert "<html" not in answer.content.decode()
    clerk.post(at("consents/"), {"purpose": "MARKETING", "channel": "SMS", "is_given": "0"}, headers=PART)
    said = list(Consent.objects.order_by("pk").values_list("channel", "is_given", "text", "how"))
    assert said == [("ANY", True, text.pk, "COUNTER"), ("SMS", False, None, "COUNTER")]


def test_for_a_child_only_the_guardian_agrees(clerk, cast):
    child = make_customer("王小宝", store=cast.lake, birthday=(2018, 6, 1))
    url = f"/customers/{child.pk}/consents/"
    answer = clerk.post(url, {"purpose": "CARE", "is_given": "1"}, headers=PART)
    assert answer.status_code == 422
    assert 'value="GUARDIAN"' in answer.content.decode()
    clerk.post(url, {"purpose": "CARE", "is_given": "1", "how": "GUARDIAN"}, headers=PART)
    assert Consent.objects.get().how == "GUARDIAN"


def test_a_purpose_that_is_none_is_refused(clerk, at):
    assert clerk.post(at("consents/"), {"purpose": "ANYTHING", "is_given": "1"}).status_code == 422


# --- relations and household
# -----------------------------------------------------------------------------------------
def test_a_relation_is_found_noted_and_ended(clerk, cast, customer, at):
    wife = make_customer("李芳", "13912345678", store=cast.lake)
    make_customer("李芬", store=cast.road)
    found = clerk.get(at("relations/new/"), {"q": "李"}, headers={**PART, "HX-Target": "div#choices"})
    assert "李芳" in found.content.decode()
    assert "李芬" not in found.content.decode()
    assert "<html" not in found.content.decode()
    clerk.post(at(f"relations/with/{wife.pk}/"), {"kind": "SPOUSE", "title": ""})
    relation = Relation.objects.get()
    assert (relation.customer, relation.other, relation.kind) == (customer, wife, "SPOUSE")
    clerk.post(f"/customers/{wife.pk}/relations/{relation.pk}/ending/")
    relation.refresh_from_db()
    assert relation.ended_at is not None


def test_a_company_is_offered_contact_persons(clerk, cast, at):
    firm = make_customer("杭州云裳有限公司", store=cast.lake, kind="COMPANY")
    person = make_customer("李芳", store=cast.lake)
    form = clerk.get(f"/customers/{firm.pk}/relations/with/{person.pk}/").context["form"]
    assert form.fields["kind"].choices[0][0] == "CONTACT"
    form = clerk.get(at(f"relations/with/{person.pk}/")).context["form"]
    assert "CONTACT" not in dict(form.fields["kind"].choices)


def test_one_out_of_sight_cannot_be_related(clerk, cast, at):
    hidden = make_customer("李芬", store=cast.road)
    assert clerk.get(at(f"relations/with/{hidden.pk}/")).status_code == 404
    assert clerk.post(at(f"household/with/{hidden.pk}/"), {"name": "王家"}).status_code == 404


def test_a_household_is_made_joined_and_left(clerk, cast, customer, at, now):
    wife, child = (make_customer(name, store=cast.lake) for name in ("李芳", "王小宝"))
    clerk.post(at(f"household/with/{wife.pk}/"), {"name": "王家"})
    clerk.post(f"/customers/{child.pk}/household/with/{wife.pk}/")
    household = Household.objects.get()
    assert set(household.members.all()) == {customer, wife, child}
    clerk.post(at(f"household/{household.pk}/leaving/"))
    assert set(household.members.all()) == {wife, child}


# --- who looks after them
# --------------------------------------------------------------------------------------------
def test_a_manager_gives_helpers_stores_and_a_home(manager, cast, customer, at):
    manager.post(at("helpers/new/"), {"user": cast["clerk"].user.pk})
    assert Collaborator.objects.get().user == cast["clerk"].user
    manager.post(at(f"helpers/{cast['clerk'].user.pk}/removal/"))
    assert not Collaborator.objects.exists()
    manager.post(at("share/"), {"store": cast.road.pk})
    assert SharedWith.objects.get().store == cast.road
    manager.post(at(f"shares/{cast.road.pk}/removal/"))
    assert not SharedWith.objects.exists()


def test_the_region_moves_a_customer_and_the_owner_keeps_one_for_a_partner(signed_in, cast, customer, at):
    assert signed_in("region").post(at("home/"), {"store": cast.road.pk}).status_code == 303
    signed_in("owner").post(at("partner/"), {"partner": second_partner().pk})
    customer.refresh_from_db()
    assert (customer.store, customer.partner) == (cast.road, second_partner())


@pytest.mark.parametrize("rest", ["helpers/new/", "home/", "partner/"])
def test_a_clerk_gives_nobody_away(clerk, at, rest):
    assert clerk.get(at(rest)).status_code == 403


def test_removing_can_be_undone(manager, clerk, customer, at):
    assert clerk.post(at("removal/")).status_code == 403
    manager.post(at("removal/"))
    customer.refresh_from_db()
    assert customer.state == State.REMOVED
    manager.post(at("restoration/"))
    customer.refresh_from_db()
    assert customer.state == State.ACTIVE


def test_a_key_account_is_marked(clerk, customer, at):
    clerk.post(at("key-account/"), {"is_key_account": "1"})
    customer.refresh_from_db()
    assert customer.is_key_account


# --- what shows and what it costs
# ------------------------------------------------------------------------------------
def test_the_details_show_masked_numbers_only(clerk, customer, at):
    archived = make_point(customer, "13912345678")
    text = clerk.get(at("details/")).content.decode()
    assert "138****5678" in text
    assert "139****5678" in text
    for number in ("13812345678", "13912345678"):
        assert number not in text
    assert archived.archived_at is not None


def make_point(customer: Customer, phone: str) -> ContactPoint:
    """A number that was put away."""
    record = customer.records.first()
    return ContactPoint.objects.create(
        key=customer.key,
        customer=customer,
        record=record,
        kind="PHONE",
        value=f"+86{phone}",
        created_at=record.received_at,
        archived_at=record.received_at,
    )


def test_the_details_cost_the_same_however_much_there_is(clerk, manager, cast, customer, at, now):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            manager.get(at("details/"))
        return len(queries)

    def fill(first: int) -> None:
        for number in range(first, first + 3):
            clerk.post(at("contacts/new/"), {"kind": "PHONE", "value": f"1371234{number:04}", "use": "WORK"})
            clerk.post(at("addresses/new/"), {"text": f"浙江省杭州市西湖区文三路{number}号", "use": "HOME"})
            clerk.post(at("dates/new/"), {"kind": "CHILD", "text": f"5-{number}", "label": f"孩子{number}"})
            other = make_customer(f"亲友{number}", store=cast.lake)
            clerk.post(at(f"relations/with/{other.pk}/"), {"kind": "FRIEND"})
            make_point(customer, f"1361234{number:04}")

    make_household(
        name="王家",
        members=[customer, make_customer("李芳", store=cast.lake)],
        actor=cast.actor("manager"),
        now=now,
    )
    fill(1)
    first = cost()
    fill(11)
    assert cost() == first


# --- two who correct the same customer -----------------------------------------------------------------------------
def _as_shown(page: Any) -> dict[str, Any]:
    """What a browser sends back when nothing is touched."""
    form = page.context["form"]
    sent = {name: form[name].initial for name in form.fields if name != "shown"}
    return {
        **{name: value for name, value in sent.items() if value not in (None, "")},
        "shown": json.dumps(form["shown"].initial),
    }


def test_a_form_opened_earlier_puts_nothing_back_that_a_colleague_corrected_since(
    clerk, manager, customer, at
):
    shown = _as_shown(clerk.get(at("edit/")))
    manager.post(at("edit/"), {**BASICS, "name": "王晓明", "occupation": "教师"})
    assert clerk.post(at("edit/"), {**shown, "note": "不吃辣"}).status_code == 303
    customer.refresh_from_db()
    assert (customer.name, customer.occupation, customer.note) == ("王晓明", "教师", "不吃辣")


def test_who_corrects_the_same_field_second_is_told_and_may_insist(clerk, manager, customer, at):
    shown = _as_shown(clerk.get(at("edit/")))
    manager.post(at("edit/"), {**BASICS, "name": "王晓明", "gender": "F"})
    answer = clerk.post(at("edit/"), {**shown, "gender": ""})
    assert answer.status_code == 422
    assert "女" in answer.context["form"].errors["gender"][0]
    customer.refresh_from_db()
    assert customer.gender == "F"
    again = answer.context["form"].data
    assert again["name"] == "王晓明"
    assert clerk.post(at("edit/"), again).status_code == 303
    customer.refresh_from_db()
    assert (customer.name, customer.gender) == ("王晓明", "")


def test_junk_in_place_of_what_was_shown_breaks_nothing(clerk, customer, at):
    for junk in ('["name"]', '{"name": 7, "nobody": []}', "{"):
        assert clerk.post(at("edit/"), {**BASICS, "name": "王晓明", "shown": junk}).status_code in (303, 422)


def test_a_day_left_out_is_asked_for_by_its_name(clerk, at):
    answer = clerk.post(at("dates/new/"), {"kind": "BIRTHDAY", "calendar": "SOLAR"})
    assert "日期" in answer.context["form"].errors["text"][0]
