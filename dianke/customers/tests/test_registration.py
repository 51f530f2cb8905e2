"""Registering on one's own phone: by the code in the shop, by the plain form of a web site, by another system."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dianke.core import messages
from dianke.core.actor import SYSTEM
from dianke.customers.models import (
    Channel,
    Consent,
    ConsentText,
    ContactPoint,
    Customer,
    MatchPair,
    PortalSession,
    RegistrationPoint,
    SourceRecord,
)
from dianke.customers.operations import registration
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.customers.tests.phone import PHONE, Phone
from dianke.events.models import Event
from dianke.stores.tests.cast import Cast


@pytest.fixture
def sent() -> Any:
    with messages.recorded() as found:
        yield found


@pytest.fixture
def phone(cast: Cast, sent: list[messages.Message]) -> Phone:
    return Phone(sent)


@pytest.fixture
def point(cast: Cast, now: Any) -> RegistrationPoint:
    return registration.make_registration_point(
        name="收银台",
        store=cast.lake,
        staff=cast["clerk"].user,
        campaign="双十一",
        actor=cast.actor("manager"),
        now=now,
    )


def text(purpose: str, words: str) -> ConsentText:
    return ConsentText.objects.create(
        purpose=purpose, version=3, language="zh-hans", text=words, published_at=timezone.now()
    )


# --- by the code in the shop -----------------------------------------------------------------------------------------
def test_registering_makes_a_customer_with_where_and_whom_they_came_from(phone: Phone, point: Any) -> None:
    marketing = text("MARKETING", "同意接收优惠信息")
    answer = phone.register(point, consent_MARKETING="on", calendar="LUNAR", year="1990", month="8", day="15")
    assert answer.status_code == 302
    assert answer["Location"] == "/m/?new"
    customer = Customer.objects.get()
    assert (customer.name, customer.store, customer.campaign) == ("林晓月", point.store, "双十一")
    record = SourceRecord.objects.get()
    assert (record.channel, record.staff, record.source) == (Channel.QR, point.staff, f"QR:{point.code}")
    contact = ContactPoint.objects.get()
    assert contact.value == f"+86{PHONE}"
    assert contact.is_verified
    birthday = customer.dates.get()
    assert (birthday.calendar, birthday.month, birthday.day) == ("LUNAR", 8, 15)
    said = {row.purpose: (row.is_given, row.text_id, row.how) for row in Consent.objects.all()}
    assert said == {"MEMBERSHIP": (True, None, "QR"), "MARKETING": (True, marketing.pk, "QR")}
    card = phone.get("portal")
    assert card.status_code == 200
    assert "林晓月" in card.content.decode()


def test_no_box_is_ticked_beforehand_and_only_the_membership_is_needed(phone: Phone, point: Any) -> None:
    text("MARKETING", "同意接收优惠信息")
    page = phone.get("register", point.code).content.decode()
    assert page.count('type="checkbox"') >= 3
    assert "checked" not in page.replace('value="SOLAR"', "").split("consent_MEMBERSHIP")[1]
    refused = phone.register(point, consent_MEMBERSHIP="")
    assert refused.status_code == 422
    assert not Customer.objects.exists()
    assert "consent_MEMBERSHIP" in refused.context["form"].errors


def test_what_was_typed_stays_when_a_code_is_sent(phone: Phone, point: Any) -> None:
    text("MARKETING", "同意接收优惠信息")
    answer = phone.post(
        "register",
        point.code,
        do="send",
        name="林晓月",
        phone=PHONE,
        consent_MARKETING="on",
        year="1990",
        month="3",
        day="5",
    )
    page = answer.content.decode()
    assert 'value="林晓月"' in page
    assert '<option value="1990" selected>' in page
    assert "errorlist" not in page
    assert "dk-error" not in page


def test_the_answer_to_a_known_number_is_the_answer_to_an_unknown_one(
    cast: Cast, sent: Any, point: Any
) -> None:
    make_customer("王小明", PHONE, store=cast.lake, is_verified=True)
    pages = []
    for number in (PHONE, "13700001111"):
        phone = Phone(sent, number)
        page = phone.post("register", point.code, do="send", name="林晓月", phone=number).content.decode()
        proof = page.split('name="proof"')[1].split('value="')[1].split('"')[0]
        token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        masked = f"{number[:3]}****{number[-4:]}"
        pages.append(page.replace(proof, "P").replace(token, "T").replace(masked, "M").replace(number, "N"))
    assert pages[0].split("<main")[1].split("</main>")[0] == pages[1].split("<main")[1].split("</main>")[0]
    assert [each.to for each in sent] == [f"+86{PHONE}", "+8613700001111"]


def test_the_same_name_joins_the_profile_that_has_the_number(cast: Cast, phone: Phone, point: Any) -> None:
    known = make_customer("林曉月", PHONE, store=cast.lake)
    assert phone.register(point, "林晓月").status_code == 302
    assert Customer.objects.heads().get() == known
    assert known.records.count() == 2
    assert PortalSession.objects.get().customer == known


def test_a_recycled_number_does_not_show_the_old_holder(
    cast: Cast, phone: Phone, point: Any, now: Any
) -> None:
    old = make_customer(
        "王小明", PHONE, email="wang@example.com", birthday=(1980, 1, 2), store=cast.lake, level="金卡"
    )
    assert phone.register(point, "林晓月").status_code == 302
    new = Customer.objects.exclude(pk=old.pk).get()
    assert PortalSession.objects.get().customer == new
    for page in ("portal", "portal-data"):
        content = phone.get(page).content.decode()
        assert "林晓月" in content
        for secret in ("王小明", "wang@", "金卡", old.member_number):
            assert secret not in content
    pair = MatchPair.objects.get()
    assert {pair.left, pair.right} == {old, new}


def test_the_same_birthday_joins_where_the_name_differs(cast: Cast, phone: Phone, point: Any) -> None:
    known = make_customer("林小姐", PHONE, birthday=(1990, 3, 5), store=cast.lake)
    phone.register(point, "林晓月", calendar="SOLAR", year="1990", month="3", day="5")
    assert Customer.objects.get() == known


def test_two_of_one_name_and_number_are_nobodys_to_choose(cast: Cast, phone: Phone, point: Any) -> None:
    for _each in range(2):
        make_customer("林晓月", PHONE, store=cast.lake)
    phone.register(point, "林晓月")
    assert Customer.objects.count() == 3


def test_a_partners_code_keeps_the_customer_with_the_partner(cast: Cast, sent: Any, now: Any) -> None:
    partner = second_partner()
    code = registration.make_registration_point(
        name="裘安的名片", store=cast.lake, partner=partner, actor=cast.actor("manager"), now=now
    )
    Phone(sent).register(code)
    assert Customer.objects.get().partner == partner
    assert not Customer.objects.visible_to(cast.actor("shen")).exists()
    assert Customer.objects.visible_to(cast.actor("qiu")).exists()


def test_a_child_is_registered_by_a_guardian_with_the_guardians_number(phone: Phone, point: Any) -> None:
    text("MARKETING", "同意接收优惠信息")
    year = str(timezone.now().year - 9)
    data = {"calendar": "SOLAR", "year": year, "month": "1", "day": "1", "consent_MARKETING": "on"}
    asked = phone.register(point, "林朵朵", **data)
    assert asked.status_code == 422
    assert "guardian" in asked.context["form"].errors
    assert not Customer.objects.exists()
    PortalSession.objects.all().delete()
    _later(phone)
    assert phone.register(point, "林朵朵", guardian="林晓月", **data).status_code == 302
    child = Customer.objects.get()
    contact = child.contact_points.get()
    assert contact.is_shared
    assert contact.use == "FAMILY"
    assert set(Consent.objects.values_list("purpose", flat=True)) == {"MEMBERSHIP"}
    assert SourceRecord.objects.get().payload["fields"]["guardian"] == "林晓月"


def test_fourteen_is_old_enough(phone: Phone, point: Any) -> None:
    year = str(timezone.now().year - 15)
    answer = phone.register(point, calendar="SOLAR", year=year, month="1", day="1")
    assert answer.status_code == 302


def test_a_closed_code_sends_to_the_counter(cast: Cast, phone: Phone, point: Any, now: Any) -> None:
    registration.close_registration_point(point=point, actor=cast.actor("manager"), now=now)
    assert phone.get("register", point.code).status_code == 409
    assert phone.get("register", "NOTHERE").status_code == 404


def test_without_a_sender_the_page_says_so(cast: Cast, point: Any, client: Client) -> None:
    url = reverse("customers:register", args=[point.code])
    assert "alert" in client.get(url).content.decode()
    answer = client.post(url, {"do": "send", "phone": PHONE, "name": "林晓月"})
    assert answer.status_code == 503


def _later(phone: Phone) -> None:
    """A minute passes for the number: the next code may be sent."""
    from dianke.customers.models import VerificationCode

    VerificationCode.objects.update(sent_at=timezone.now() - timedelta(minutes=2))


# --- the plain form --------------------------------------------------------------------------------------------------
def opened(seconds: int = 20) -> str:
    stamp = int(timezone.now().timestamp()) - seconds
    return signing.Signer(salt="customers.form-opened").sign_object(stamp)


def plain(point: Any, client: Client, **data: Any) -> Any:
    values = {"name": "林晓月", "phone": PHONE, "consent_MEMBERSHIP": "on", "opened": opened(), **data}
    return client.post(reverse("customers:register-form", args=[point.code]), values)


def test_the_plain_form_enters_an_unproven_customer(point: Any, client: Client) -> None:
    assert plain(point, client).status_code == 200
    contact = ContactPoint.objects.get()
    assert not contact.is_verified
    assert SourceRecord.objects.get().channel == Channel.WEB
    assert "member" not in client.cookies


def test_the_plain_form_thanks_for_a_known_number_alike(cast: Cast, point: Any, client: Client) -> None:
    make_customer("王小明", PHONE, store=cast.lake)
    known = plain(point, client).content
    assert known == plain(point, client, phone="13700001111", name="赵六").content


@pytest.mark.parametrize(
    "data", [{"website": "http://spam.example"}, {"opened": ""}, {"opened": "forged:sig"}]
)
def test_programs_get_thanks_and_leave_nothing(point: Any, client: Client, data: dict[str, str]) -> None:
    assert plain(point, client, **data).status_code == 200
    assert not Customer.objects.exists()


def test_a_form_answered_in_no_time_leaves_nothing(point: Any, client: Client) -> None:
    plain(point, client, opened=opened(0))
    assert not Customer.objects.exists()


def test_the_plain_form_is_limited_per_address(point: Any, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("dianke.customers.views.registration.PER_ADDRESS_HOUR", 2)
    codes = [plain(point, client, phone=f"1370000111{n}", name=f"顾客{n}号").status_code for n in range(3)]
    assert codes == [200, 200, 429]


def test_the_plain_form_is_framed_by_the_sites_of_the_settings_only(
    point: Any, client: Client, settings: Any
) -> None:
    url = reverse("customers:register-form", args=[point.code])
    refused = client.get(url)
    assert "frame-ancestors 'none'" in refused["Content-Security-Policy"]
    assert refused["X-Frame-Options"] == "DENY"
    settings.DIANKE_FORM_SITES = ["https://shop.example"]
    framed = client.get(url)
    assert "frame-ancestors https://shop.example" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "<script" not in framed.content.decode()


# --- other systems ---------------------------------------------------------------------------------------------------
def test_another_system_hands_in_registrations_and_repeats_safely(
    cast: Cast, signed_in: Any, point: Any
) -> None:
    client = signed_in("manager")
    body = {
        "registration_point": point.code,
        "name": "林晓月",
        "phone": PHONE,
        "consents": [{"purpose": "MEMBERSHIP"}],
        "source": "小程序",
        "external_id": "u-1",
    }
    for _each in range(2):
        answer = client.post("/api/v1/registrations", body, content_type="application/json")
        assert answer.status_code == 202, answer.content
        assert answer.json() == {"is_received": True}
    assert Customer.objects.count() == 1
    assert SourceRecord.objects.count() == 1
    missing = client.post(
        "/api/v1/registrations",
        {**body, "consents": [{"purpose": "MARKETING"}]},
        content_type="application/json",
    )
    assert missing.status_code == 422


# --- points ----------------------------------------------------------------------------------------------------------
def test_points_are_made_listed_and_printed_by_those_who_may(
    cast: Cast, signed_in: Any, sent: Any, now: Any
) -> None:
    manager = signed_in("manager")
    made = manager.post(reverse("customers:point-new"), {"name": "门口海报", "store": cast.lake.pk})
    assert made.status_code == 303
    point = RegistrationPoint.objects.get()
    Phone(sent).register(point)
    listed = manager.get(reverse("customers:points")).content.decode()
    assert "门口海报" in listed
    page = manager.get(reverse("customers:point", args=[point.pk])).content.decode()
    assert point.code in page
    poster = manager.get(reverse("customers:point-poster", args=[point.pk]) + "?size=a6").content.decode()
    assert "poster-a6" in poster
    assert "data:image/svg+xml" in poster
    assert signed_in("clerk").get(reverse("customers:points")).status_code == 403
    assert signed_in("southerner").get(reverse("customers:point", args=[point.pk])).status_code == 404


def test_the_list_of_points_counts_in_a_constant_number_of_queries(
    cast: Cast, signed_in: Any, sent: Any, now: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        code = registration.make_registration_point(
            name=f"码{number}", store=cast.lake, actor=SYSTEM, now=now
        )
        Phone(sent, f"1370000111{number}").register(code)
    manager = signed_in("manager")
    manager.get(reverse("customers:points"))
    with django_assert_max_num_queries(25):
        page = manager.get(reverse("customers:points")).content.decode()
    assert page.count("码") >= 4


def test_events_of_a_registration_carry_no_personal_data(phone: Phone, point: Any) -> None:
    phone.register(point)
    events = Event.objects.filter(kind__startswith="customers.")
    assert events.filter(kind="customers.customer_registered").count() == 1
    for event in events:
        assert "林晓月" not in str(event.data)
        assert PHONE not in str(event.data)


def test_the_notice_is_open_to_everybody(cast: Cast, client: Client) -> None:
    text("CARE", "同意在生日问候我")
    page = client.get(reverse("customers:portal-notice"))
    assert page.status_code == 200
    for word in (cast.silk.name, cast.lake.name, "同意在生日问候我"):
        assert word in page.content.decode()


def test_a_name_that_is_none_keeps_the_code_good(phone: Phone, point: Any) -> None:
    proven = phone.ask("register", point.code, name="女士")
    refused = phone.post("register", point.code, name="女士", consent_MEMBERSHIP="on", **proven)
    assert refused.status_code == 422
    assert "name" in refused.context["form"].errors
    assert (
        phone.post("register", point.code, name="林晓月", consent_MEMBERSHIP="on", **proven).status_code
        == 302
    )
