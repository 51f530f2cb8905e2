"""Entering a customer at the counter as people see it. 李 is a clerk at the lake and 赵敏 her colleague, 林 leads
the lake, 王珊 is a clerk at the road; 沈怡 and 裘安 are partners of the entity both stores belong to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.access.models import Role
from dianke.core.actor import SYSTEM
from dianke.customers.models import (
    Channel,
    Consent,
    ContactPoint,
    Customer,
    MatchPair,
    ReviewedRole,
    SourceRecord,
    State,
    Tag,
)
from dianke.customers.operations.asking import QUESTIONS_PER_HOUR
from dianke.customers.operations.consents import publish_consent_text
from dianke.customers.operations.entry_rules import set_entry_rule
from dianke.customers.rules.asking import Asked
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.events.models import Event
from dianke.work.models import Task
from dianke.work.operations import define_field

NEW, HINTS, SHARING = "/customers/new/", "/customers/hints/", "/customers/sharing/"
PART = {"HX-Request": "true"}


def enter(client: Any, headers: Any = None, **values: Any) -> Any:
    return client.post(NEW, {"kind": "PERSON", "calendar": "SOLAR", **values}, headers=headers)


# --- the form
# ---------------------------------------------------------------------------------------------------------
def test_the_fewest_fields_make_a_customer(signed_in, cast):
    answer = enter(signed_in("clerk"), phone="138 1234 5678", name="王小明", gender="M", birthday="1990-3-5")
    customer = Customer.objects.get()
    assert answer.url == f"/customers/{customer.pk}/"
    assert (customer.name, customer.gender, customer.store) == ("王小明", "M", cast.lake)
    assert ContactPoint.objects.holding("PHONE", "+8613812345678").get().customer == customer
    assert customer.dates.get().year == 1990
    record = SourceRecord.objects.get()
    assert (record.channel, record.staff) == (Channel.COUNTER, cast["clerk"].user)
    assert record.payload["raw"]["phone"] == "138 1234 5678"


def test_in_a_dialog_saving_closes_it_and_says_so(signed_in):
    answer = enter(signed_in("clerk"), PART, phone="13812345678", name="王小明")
    assert answer.status_code == 204
    assert "王小明" in answer["HX-Trigger"].encode().decode("unicode-escape")


def test_a_lunar_birthday_stays_lunar(signed_in):
    client = signed_in("clerk")
    enter(client, name="甲一", birthday="1990-8-15", calendar="LUNAR")
    enter(client, name="乙二", birthday="八月十五")
    days = [
        (day.calendar, day.year, day.month, day.day) for day in Customer.objects.get(name="甲一").dates.all()
    ]
    assert days == [("LUNAR", 1990, 8, 15)]
    assert Customer.objects.get(name="乙二").dates.get().calendar == "LUNAR"


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(signed_in):
    answer = enter(signed_in("clerk"), phone="1381234567", name="王小明", birthday="13-40", note="常客")
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"birthday"}
    answer = enter(signed_in("clerk"), phone="1381234567", name="女士", note="常客", email="a@b")
    assert set(answer.context["form"].errors) == {"phone", "name", "email"}
    text = answer.content.decode()
    assert "1381234567" in text
    assert "常客" in text
    assert '<details class="ce-more" open>' in text
    assert not Customer.objects.exists()


def test_the_form_is_filled_in_from_its_address(signed_in):
    text = (
        signed_in("clerk").get(NEW, {"phone": "13812345678", "name": "王小明", "role": "x"}).content.decode()
    )
    assert 'value="13812345678"' in text
    assert 'value="王小明"' in text
    assert ", load" in text  # whoever comes from a search is told at once that the number is here


def test_tags_consents_with_their_version_and_the_rest_behind_more_are_kept(signed_in, cast, now):
    tag = Tag.objects.create(name="老客")
    text = publish_consent_text(purpose="MARKETING", text="新品与优惠", actor=SYSTEM, now=now)
    client = signed_in("manager")
    page = client.get(NEW).content.decode()
    assert "新品与优惠" in page
    assert "consent_CARE" not in page  # not worded yet
    enter(
        client,
        name="王小明",
        tags=[tag.pk],
        consent_MARKETING="on",
        wechat="wxm_123456",
        address="浙江省杭州市西湖区文三路90号",
        occupation="老师",
        owner=cast["clerk"].user.pk,
    )
    customer = Customer.objects.get()
    assert customer.taggings.get().tag == tag
    consent = Consent.objects.get()
    assert (consent.purpose, consent.is_given, consent.text, consent.how) == (
        "MARKETING",
        True,
        text,
        "COUNTER",
    )
    assert (customer.addresses.get().district, customer.occupation) == ("西湖区", "老师")
    assert customer.owner == cast["clerk"].user


def test_a_clerk_chooses_neither_owner_nor_partner_and_owns_what_she_enters(signed_in, cast):
    client = signed_in("clerk")
    assert not {"owner", "partner", "store"} & set(client.get(NEW).context["form"].fields)
    enter(
        client,
        name="王小明",
        owner=cast["colleague"].user.pk,
        partner=second_partner().pk,
        store=cast.road.pk,
    )
    customer = Customer.objects.get()
    assert (customer.owner, customer.partner, customer.store) == (cast["clerk"].user, None, cast.lake)


def test_who_reaches_several_stores_chooses_one(signed_in, cast):
    client = signed_in("region")
    assert enter(client, name="王小明").status_code == 422
    assert enter(client, name="王小明", store=cast.harbour.pk).status_code == 422
    enter(client, name="王小明", store=cast.road.pk)
    assert Customer.objects.get().store == cast.road


def test_under_fourteen_a_guardian_has_to_agree(signed_in):
    client = signed_in("clerk")
    answer = enter(client, name="王小宝", birthday="2018-6-1")
    assert "guardian" in answer.context["form"].errors
    assert enter(client, name="王小宝", birthday="2018-6-1", guardian="母亲 李芳").status_code == 303


# --- what the merchant asks
# -------------------------------------------------------------------------------------------
def test_rules_hide_require_and_explain_fields(signed_in, cast, now):
    for asked in (
        Asked("gender", is_shown=False),
        Asked("email", is_required=True, hint="开发票用"),
        Asked("occupation", shortest=2, longest=4),
    ):
        set_entry_rule(asked=asked, actor=cast.actor("owner"), now=now)
    client = signed_in("clerk")
    form = client.get(NEW).context["form"]
    assert "gender" not in form.fields
    assert [field.name for field in form.at_top()] == ["email"]
    assert "开发票用" in client.get(NEW).content.decode()
    answer = enter(client, name="王小明", occupation="人民教师代表", email="")
    assert set(answer.context["form"].errors) == {"email"}
    answer = enter(client, name="王小明", occupation="人民教师代表", email="a@example.com")
    assert set(answer.context["form"].errors) == {"occupation"}


@pytest.fixture
def own_fields(cast, now):
    def define(model, label, key, **values):
        return define_field(
            model=model, type="TEXT", values={"label": label, **values}, key=key, actor=SYSTEM, now=now
        )

    define("customers.customer", "肤质", "skin", trade="BEAUTY", is_required=True)
    define("customers.customer", "圈号", "ring", trade="JEWELRY")
    define("customers.sensitive", "过敏", "allergies", trade="BEAUTY")


def test_the_fields_are_those_of_the_stores_trade(signed_in, cast, own_fields):
    client = signed_in("clerk")
    form = client.get(NEW).context["form"]
    assert "custom_skin" in form.fields
    assert "custom_ring" not in form.fields
    assert "custom_skin" in enter(client, name="王小明").context["form"].errors
    enter(client, name="王小明", custom_skin="干性")
    assert Customer.objects.get().custom == {"skin": "干性"}


def test_choosing_another_store_draws_its_fields_without_judging(signed_in, cast, own_fields):
    cast.harbour.trade = "JEWELRY"
    cast.harbour.save()
    answer = signed_in("owner").post(
        "/customers/new/fields/", {"store": cast.harbour.pk, "custom_ring": "12"}
    )
    text = answer.content.decode()
    assert "custom_ring" in text
    assert 'value="12"' in text
    assert "custom_skin" not in text
    assert "dk-error" not in text


def test_sensitive_details_need_the_customers_consent_and_are_sealed(signed_in, cast, own_fields):
    client = signed_in("clerk")
    given = {"name": "王小明", "custom_skin": "干性", "sensitive_allergies": "海鲜"}
    assert "consent_SENSITIVE" in enter(client, **given).context["form"].errors
    enter(client, **given, consent_SENSITIVE="on")
    customer = Customer.objects.get()
    assert customer.sensitive == {"allergies": "海鲜"}
    assert Consent.objects.get().purpose == "SENSITIVE"
    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM customers_customer c")
        assert "海鲜" not in cursor.fetchone()[0]
    assert not any("海鲜" in str(event.data) for event in Event.objects.all())


def test_who_may_not_see_sensitive_details_is_not_asked_for_them(signed_in, cast, own_fields):
    cast.hire("marketer", "周宣", "MARKETER", store=cast.lake)
    form = signed_in("marketer").get(NEW).context["form"]
    assert "custom_skin" in form.fields
    assert "sensitive_allergies" not in form.fields


# --- who is here already
# ----------------------------------------------------------------------------------------------
def test_a_complete_number_that_is_here_is_told_while_it_is_typed(signed_in, cast):
    known = make_customer("王小明", "13812345678", store=cast.lake)
    client = signed_in("clerk")
    assert "ce-hint" not in client.post(HINTS, {"phone": "1381234"}).content.decode()
    text = client.post(HINTS, {"phone": "13812345678"}).content.decode()
    assert "王小明" in text
    assert f'name="link_to" value="{known.pk}"' in text


def test_a_namesake_is_only_mentioned(signed_in, cast):
    make_customer("王小明", store=cast.lake, birthday=(1990, 3, 5))
    text = signed_in("clerk").post(HINTS, {"name": "王小明", "birthday": "3-5"}).content.decode()
    assert "is-exact" not in text
    assert "link_to" not in text


@pytest.mark.parametrize(("keeper", "asks"), [("road", "clerk"), ("partner", "shen"), ("colleague", "clerk")])
def test_nothing_of_a_customer_out_of_sight_shows(signed_in, cast, keeper, asks):
    more = {
        "road": {"store": cast.road},
        "partner": {"store": cast.lake, "partner": second_partner()},
        "colleague": {"store": cast.lake, "owner": cast["colleague"].user},
    }[keeper]
    hidden = make_customer("欧阳若兰", "13812345678", email="orl@example.com", **more)
    client = signed_in(asks)
    told = client.post(HINTS, {"phone": "13812345678", "email": "orl@example.com", "name": "欧阳若兰"})
    refused = enter(client, phone="13812345678", name="陌生人", store=cast.lake.pk)
    shared = client.post(SHARING, {"phone": "13812345678"}, headers=PART)
    for answer in (told, refused, shared):
        text = answer.content.decode()
        assert "ce-hint" in text
        for secret in (
            "欧阳",
            "欧＊",
            f'value="{hidden.pk}"',
            hidden.member_number,
            f"/customers/{hidden.pk}/",
        ):
            assert secret not in text


def test_on_saving_an_existing_number_asks_what_to_do(signed_in, cast):
    known = make_customer("王小明", "13812345678", store=cast.lake)
    client = signed_in("clerk")
    answer = enter(client, phone="13812345678", name="王晓明", note="下午来")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert f'name="link_to" value="{known.pk}"' in text
    assert 'name="as_new"' in text
    assert "下午来" in text
    assert enter(client, phone="13812345678", open=known.pk).url == f"/customers/{known.pk}/"
    redirected = enter(client, PART, phone="13812345678", open=known.pk)
    assert redirected["HX-Redirect"] == f"/customers/{known.pk}/"
    assert SourceRecord.objects.count() == 1


def test_it_is_them_adds_to_the_profile(signed_in, cast):
    known = make_customer("王小明", "13812345678", store=cast.lake)
    answer = enter(signed_in("clerk"), phone="13812345678", email="wxm@example.com", link_to=known.pk)
    assert answer.url == f"/customers/{known.pk}/"
    assert Customer.objects.get() == known
    assert known.contact_points.filter(kind="EMAIL").exists()


def test_it_is_them_reaches_nobody_out_of_sight(signed_in, cast):
    hidden = make_customer("王小明", "13812345678", store=cast.road)
    client = signed_in("clerk")
    assert enter(client, phone="13812345678", link_to=hidden.pk).status_code == 404
    assert enter(client, phone="13812345678", open=hidden.pk).status_code == 404
    assert enter(client, phone="13812345678", link_to="²").status_code == 404


def test_somebody_else_with_the_number_is_entered_and_put_down_as_a_pair(signed_in, cast):
    make_customer("王小明", "13812345678", store=cast.lake)
    enter(signed_in("clerk"), phone="13812345678", name="李芳", as_new="1")
    assert Customer.objects.count() == 2
    assert MatchPair.objects.count() == 1


def test_asking_about_too_many_strangers_ends_in_words_not_in_an_error(signed_in, cast):
    client = signed_in("clerk")
    phones = [f"138{number:08}" for number in range(10012345, 10012345 + QUESTIONS_PER_HOUR + 1)]
    for phone in phones:
        make_customer("某人", phone, store=cast.road)
    answers = [client.post(HINTS, {"phone": phone}) for phone in phones]
    assert {answer.status_code for answer in answers} == {200}
    assert "ce-hint" not in answers[-1].content.decode()
    assert "dk-alert" in answers[-1].content.decode()
    assert enter(client, phone=phones[-1], name="王小明").status_code == 422


# --- asking to share
# --------------------------------------------------------------------------------------------------
def test_the_keeper_gets_a_task_and_the_one_who_asks_sees_none(signed_in, cast):
    hidden = make_customer("王小明", "13812345678", store=cast.road, owner=cast["neighbour"].user)
    client = signed_in("clerk")
    for _time in range(2):
        client.post(SHARING, {"phone": "13812345678"}, headers=PART)
    task = Task.objects.get()
    assert (task.owner, task.store, task.kind) == (cast["neighbour"].user, cast.road, "share_request")
    assert task.subject == f"customers.customer:{hidden.pk}"
    assert "王小明" not in task.title
    assert hidden.member_number in task.title
    assert not Task.objects.visible_to(cast.actor("clerk")).exists()
    assert Event.objects.filter(kind="customers.sharing_asked").count() == 2


def test_a_partners_customer_is_asked_of_the_partner(signed_in, cast):
    make_customer("王小明", "13812345678", store=cast.lake, partner=second_partner())
    signed_in("shen").post(SHARING, {"phone": "13812345678"}, headers=PART)
    assert Task.objects.get().owner == cast["qiu"].user


def test_whom_one_sees_is_not_asked_about(signed_in, cast):
    make_customer("王小明", "13812345678", store=cast.lake)
    signed_in("clerk").post(SHARING, {"phone": "13812345678"}, headers=PART)
    assert not Task.objects.exists()


# --- review
# -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def in_training(cast):
    ReviewedRole.objects.create(role=Role.objects.get(code="CLERK"))


def test_an_entry_in_training_waits_and_is_taken_over(signed_in, cast, in_training):
    enter(signed_in("clerk"), phone="13812345678", name="王小明", gender="M")
    customer = Customer.objects.get()
    assert customer.state == State.REVIEW
    manager = signed_in("manager")
    page = manager.get("/customers/reviews/")
    (entry,) = page.context["entries"]
    assert entry.is_new
    text = page.content.decode()
    assert "王小明" in text
    assert "13812345678" not in text
    assert "138****5678" in text
    assert "/customers/reviews/" in manager.get("/").content.decode()
    manager.post(f"/customers/reviews/{entry.record.pk}/acceptance/")
    customer.refresh_from_db()
    assert customer.state == State.ACTIVE
    assert manager.get("/customers/reviews/").context["entries"] == []


def test_an_entry_is_refused_with_a_reason(signed_in, cast, in_training):
    enter(signed_in("clerk"), phone="13812345678", name="王小明")
    record = SourceRecord.objects.get()
    manager = signed_in("manager")
    url = f"/customers/reviews/{record.pk}/refusal/"
    assert manager.post(url, {"reason": "  "}).status_code == 422
    manager.post(url, {"reason": "名字写错了"})
    assert Customer.objects.get().state == State.REMOVED


def test_reviews_are_for_those_who_reach_the_customer(signed_in, cast, in_training):
    enter(signed_in("clerk"), name="王小明")
    record = SourceRecord.objects.get()
    assert signed_in("clerk").get("/customers/reviews/").status_code == 403
    southerner = signed_in("southerner")
    assert southerner.get("/customers/reviews/").context["entries"] == []
    assert southerner.post(f"/customers/reviews/{record.pk}/acceptance/").status_code == 404


def test_what_an_addition_says_is_told_before_it_is_taken_over(signed_in, cast, in_training):
    known = make_customer("王小明", "13812345678", store=cast.lake)
    Tag.objects.create(name="老客")
    enter(
        signed_in("clerk"),
        phone="13812345678",
        email="wxm@example.com",
        tags=[Tag.objects.get().pk],
        birthday="八月十五",
        link_to=known.pk,
    )
    manager = signed_in("manager")
    (entry,) = manager.get("/customers/reviews/").context["entries"]
    said = " ".join(value for _label, value in entry.lines)
    assert not entry.is_new
    assert "老客" in said
    assert "八月十五" in said
    assert "wxm@example.com" not in said
    assert not known.contact_points.filter(kind="EMAIL").exists()
    manager.post(f"/customers/reviews/{entry.record.pk}/acceptance/")
    assert known.contact_points.filter(kind="EMAIL").exists()


# --- what it costs
# ----------------------------------------------------------------------------------------------------
def test_the_pages_cost_the_same_with_many_customers(signed_in, cast, in_training):
    clerk, manager = signed_in("clerk"), signed_in("manager")

    def costs() -> list[int]:
        found = []
        for client, ask in (
            (clerk, lambda c: c.get(NEW)),
            (clerk, lambda c: c.post(HINTS, {"phone": "13812349999", "name": "王小明"})),
            (manager, lambda c: c.get("/customers/reviews/")),
        ):
            with CaptureQueriesContext(connection) as queries:
                ask(client)
            found.append(len(queries))
        return found

    def fill(first: int) -> None:
        for number in range(first, first + 3):
            make_customer("王小明", f"1381234{number:04}", phones=["13812349999"], store=cast.lake)
            enter(clerk, phone=f"1391234{number:04}", name=f"新客{number}")
            Tag.objects.create(name=f"标签{number}")

    fill(1)
    first = costs()
    fill(20)
    assert costs() == first


def test_more_stays_closed_after_a_mistake_that_is_not_in_it(signed_in):
    client = signed_in("clerk")
    form = client.post(NEW, {"phone": "138", "kind": "PERSON"}).context["form"]
    assert form.errors["phone"]
    assert not form.opens_more()
    assert client.post(NEW, {"phone": "138", "is_shared": "on"}).context["form"].opens_more()


def test_phone_and_name_say_that_one_of_them_is_enough(signed_in, now):
    client = signed_in("clerk")
    assert client.get(NEW).content.decode().count("至少填一项") == 2
    set_entry_rule(asked=Asked("name", is_required=True), actor=SYSTEM, now=now)
    assert "至少填一项" not in client.get(NEW).content.decode()
