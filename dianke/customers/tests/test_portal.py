"""The customer's own pages: who gets in, what they see, what they may change, and how they end it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from dianke.core import messages
from dianke.core.actor import SYSTEM
from dianke.customers.models import (
    Channel,
    Consent,
    ConsentText,
    ContactPoint,
    Customer,
    PortalSession,
    RightsRequest,
    SourceRecord,
    State,
    VerificationCode,
)
from dianke.customers.operations import portal
from dianke.customers.queries import portal as queries
from dianke.customers.queries.portal import (
    PortalSection,
    read_withdrawal_token,
    withdrawal_headers,
    withdrawal_token,
)
from dianke.customers.rules.consent import effective, may
from dianke.customers.tests.cast import make_customer
from dianke.customers.tests.phone import PHONE, Phone
from dianke.stores.tests.cast import Cast

PAGES = ("portal", "portal-data", "portal-consents", "portal-phones", "portal-requests")


@pytest.fixture
def sent() -> Any:
    with messages.recorded() as found:
        yield found


@pytest.fixture
def phone(cast: Cast, sent: list[messages.Message]) -> Phone:
    return Phone(sent)


@pytest.fixture
def member(cast: Cast) -> Customer:
    """Somebody who proved the number last week."""
    return make_customer(
        "林晓月",
        PHONE,
        store=cast.lake,
        is_verified=True,
        birthday=(1990, 3, 5),
        email="lin@example.com",
        now=timezone.now() - timedelta(days=7),
    )


def a_minute_passes() -> None:
    VerificationCode.objects.update(sent_at=timezone.now() - timedelta(minutes=2))


# --- getting in ------------------------------------------------------------------------------------------------------
def test_a_proven_number_opens_the_card_and_nothing_opens_without(phone: Phone, member: Customer) -> None:
    for name in PAGES:
        assert phone.get(name)["Location"] == "/m/sign-in/"
    answer = phone.sign_in()
    assert answer["Location"] == "/m/"
    cookie = answer.cookies["member"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    for name in PAGES:
        page = phone.get(name)
        assert page.status_code == 200, name
        assert "no-store" in page["Cache-Control"]
    assert member.member_number in phone.get("portal").content.decode().replace(" ", "")


def test_a_number_proven_long_ago_asks_for_the_name(cast: Cast, phone: Phone, now: Any) -> None:
    long_ago = timezone.now() - timedelta(days=200)
    make_customer("林晓月", PHONE, store=cast.lake, is_verified=True, now=long_ago)
    asked = phone.sign_in()
    assert asked.status_code == 200
    assert asked.context["asks_fact"]
    assert "林晓月" not in asked.content.decode()
    proof = asked.context["form"].data
    again = {"proof": proof["proof"], "code": proof["code"], "phone": PHONE, "fact": "1"}
    refused = phone.post("portal-sign-in", name="王小明", **again)
    assert refused.status_code == 422
    assert "林晓月" not in refused.content.decode()
    assert phone.post("portal-sign-in", name="林曉月", **again)["Location"] == "/m/"
    assert ContactPoint.objects.get().verified_at > long_ago


def test_a_number_clerks_typed_asks_for_name_or_birthday(cast: Cast, phone: Phone) -> None:
    make_customer("林晓月", PHONE, store=cast.lake, birthday=(1990, 3, 5))
    answer = phone.sign_in(calendar="SOLAR", month="3", day="5")
    assert answer["Location"] == "/m/"


def test_a_title_is_no_name_to_get_in_with(cast: Cast, phone: Phone) -> None:
    make_customer("林女士", PHONE, store=cast.lake)
    assert phone.sign_in(name="林女士").status_code == 422


def test_who_is_no_member_hears_what_a_stranger_with_a_members_number_hears(cast: Cast, sent: Any) -> None:
    make_customer("林晓月", PHONE, store=cast.lake)
    heard = []
    for number in (PHONE, "13700001111"):
        other = Phone(sent, number)
        answer = other.sign_in(name="张三丰")
        heard.append((answer.status_code, answer.context["form"].errors.as_json()))
        assert "member" not in other.client.cookies
    assert heard[0] == heard[1]


def test_a_stranger_may_name_only_so_many_names(
    cast: Cast, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal, "FACTS_PER_DAY", 2)
    make_customer("林晓月", PHONE, store=cast.lake)
    data = phone.ask("portal-sign-in")
    statuses = [
        phone.post("portal-sign-in", name=name, **data).status_code for name in ("甲乙", "丙丁", "戊己")
    ]
    assert statuses == [422, 422, 429]


def test_a_family_number_opens_the_one_who_is_named(cast: Cast, phone: Phone) -> None:
    for name in ("林晓月", "林大海"):
        make_customer(name, PHONE, store=cast.lake, is_verified=True, is_shared=True, now=timezone.now())
    phone.sign_in(name="林大海")
    page = phone.get("portal").content.decode()
    assert "林大海" in page
    assert "林晓月" not in page


def test_the_session_of_a_customer_is_no_session_of_staff(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    assert phone.client.get("/").status_code == 302
    answer = phone.client.get(reverse("customers:points"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


def test_sessions_of_two_phones_are_seen_and_ended_from_one(sent: Any, member: Customer) -> None:
    first, second = Phone(sent), Phone(sent)
    first.sign_in()
    a_minute_passes()
    second.sign_in()
    assert first.get("portal-phones").content.decode().count("iPhone") == 2
    first.post("portal-phones")
    assert first.get("portal").status_code == 200
    assert second.get("portal").status_code == 302


def test_signing_out_ends_the_session_itself_and_not_only_the_cookie(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    token = phone.client.cookies["member"].value
    phone.post("portal-sign-out")
    phone.client.cookies["member"] = token
    assert phone.get("portal").status_code == 302
    assert PortalSession.objects.get().ended_at is not None


@pytest.mark.parametrize("field", ["expires_at", "last_used_at"])
def test_a_session_ends_with_its_time_and_when_nobody_uses_it(
    phone: Phone, member: Customer, field: str
) -> None:
    phone.sign_in()
    PortalSession.objects.update(**{field: timezone.now() - timedelta(days=61)})
    assert phone.get("portal").status_code == 302


def test_an_erased_customer_is_signed_out(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    Customer.objects.update(state=State.ERASED)
    assert phone.get("portal").status_code == 302


def test_after_a_merge_the_phone_shows_the_profile(cast: Cast, phone: Phone, member: Customer) -> None:
    phone.sign_in()
    head = make_customer("林晓月", "13700001111", store=cast.lake)
    Customer.objects.filter(pk=member.pk).update(merged_into=head)
    assert head.member_number in phone.get("portal").content.decode().replace(" ", "")


def test_forged_tokens_open_nothing(phone: Phone, member: Customer) -> None:
    for token in ("", "x", "0" * 43, queries.token_hash("x").hex()):
        phone.client.cookies["member"] = token
        assert phone.get("portal").status_code == 302


# --- own data --------------------------------------------------------------------------------------------------------
def test_numbers_are_masked_on_the_screen(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    page = phone.get("portal-data").content.decode()
    assert "139****5678" in page
    assert PHONE not in page
    assert "林晓月" in page


def test_what_harms_nobody_is_corrected_at_once(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    answer = phone.post("portal-data-change", name="林晓月", gender="F", do="save")
    assert answer["Location"] == "/m/data/"
    member.refresh_from_db()
    assert member.gender == "F"
    record = SourceRecord.objects.latest("pk")
    assert record.channel == Channel.PORTAL
    assert set(record.payload["fields"]) - {"kind", "member_number"} == {"gender"}


def test_a_name_is_corrected_with_a_code_only(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    a_minute_passes()
    asked = phone.post("portal-data-change", name="林小月", do="save")
    assert asked.status_code == 200
    assert asked.context["needs_code"]
    member.refresh_from_db()
    assert member.name == "林晓月"
    proof = asked.context["form"].data["proof"]
    wrong = phone.post("portal-data-change", name="林小月", proof=proof, code="000", do="save")
    assert wrong.status_code == 422
    done = phone.post("portal-data-change", name="林小月", proof=proof, code=phone.last_code(), do="save")
    assert done["Location"] == "/m/data/"
    member.refresh_from_db()
    assert member.name == "林小月"


def test_a_code_for_another_number_corrects_nothing(sent: Any, phone: Phone, member: Customer) -> None:
    phone.sign_in()
    thief = Phone(sent, "13700001111", client=phone.client)
    data = thief.ask("portal-number-new")
    answer = phone.post(
        "portal-data-change", name="林小月", proof=data["proof"], code=data["code"], do="save"
    )
    assert answer.status_code == 422
    member.refresh_from_db()
    assert member.name == "林晓月"


def test_a_new_number_is_proven_and_the_old_one_can_go(sent: Any, phone: Phone, member: Customer) -> None:
    phone.sign_in()
    old = ContactPoint.objects.get(kind="PHONE")
    kept = phone.post("portal-number-drop", old.pk)
    assert kept.status_code == 409
    new = Phone(sent, "13700001111", client=phone.client)
    assert new.post("portal-number-new", **new.ask("portal-number-new"))["Location"] == "/m/data/"
    assert phone.post("portal-number-drop", old.pk)["Location"] == "/m/data/"
    current = ContactPoint.objects.current().get(kind="PHONE")
    assert current.value == "+8613700001111"
    assert current.is_verified


def test_nobody_drops_a_number_of_somebody_else(cast: Cast, phone: Phone, member: Customer) -> None:
    other = make_customer("王小明", "13700001111", store=cast.lake, is_verified=True)
    phone.sign_in()
    point = other.contact_points.get()
    assert phone.post("portal-number-drop", point.pk).status_code == 404
    point.refresh_from_db()
    assert point.archived_at is None


def test_nothing_is_changed_while_the_data_is_being_erased(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    Customer.objects.update(state=State.ERASING)
    answer = phone.post("portal-data-change", gender="F", do="save")
    assert answer.status_code == 409


# --- consents --------------------------------------------------------------------------------------------------------
def answers(head: Customer) -> dict[tuple[str, str], bool]:
    return effective(queries.fact_of(row) for row in queries.consent_history(head.pk))


def test_consent_is_given_and_taken_back_per_channel_with_the_text_shown(
    phone: Phone, member: Customer
) -> None:
    shown = ConsentText.objects.create(
        purpose="MARKETING", version=9, language="zh-hans", text="同意", published_at=timezone.now()
    )
    phone.sign_in()
    phone.post("portal-consents", purpose="MARKETING", channel="SMS", say="yes")
    given = Consent.objects.latest("pk")
    assert (given.is_given, given.text, given.how) == (True, shown, "PORTAL")
    assert may(answers(member), "MARKETING", "SMS")
    assert not may(answers(member), "MARKETING", "CALL")
    phone.post("portal-consents", purpose="MARKETING", channel="SMS", say="no")
    assert not may(answers(member), "MARKETING", "SMS")
    page = phone.get("portal-consents")
    assert len(page.context["history"]) == 2


def test_an_unknown_purpose_is_not_there(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    assert phone.post("portal-consents", purpose="ANYTHING", channel="SMS", say="yes").status_code == 404


def test_a_yes_on_the_phone_speaks_for_every_identity_of_the_profile(
    cast: Cast, phone: Phone, member: Customer
) -> None:
    make_customer("林晓月", store=cast.lake, merged_into=member, consents={("MARKETING", "ANY"): False})
    phone.sign_in()
    phone.post("portal-consents", purpose="MARKETING", channel="SMS", say="yes")
    assert may(answers(member), "MARKETING", "SMS")


def test_a_child_is_sent_no_offers_whatever_is_pressed(cast: Cast, phone: Phone) -> None:
    child = make_customer(
        "林朵朵",
        PHONE,
        store=cast.lake,
        is_verified=True,
        birthday=(timezone.now().year - 9, 1, 1),
        now=timezone.now(),
    )
    phone.sign_in()
    answer = phone.post("portal-consents", purpose="MARKETING", channel="SMS", say="yes")
    assert answer.status_code == 422
    assert not may(answers(child), "MARKETING", "SMS")


# --- the link that withdraws -----------------------------------------------------------------------------------------
@pytest.fixture
def receiver(cast: Cast) -> Customer:
    return make_customer(
        "林晓月", PHONE, store=cast.lake, consents={("MARKETING", "ANY"): True, ("CARE", "ANY"): True}
    )


def test_the_link_takes_consent_back_without_signing_in_and_can_be_undone(
    phone: Phone, receiver: Customer
) -> None:
    token = withdrawal_token(receiver.pk, "SMS")
    assert read_withdrawal_token(token) == (receiver.pk, "SMS")
    assert read_withdrawal_token(token[:-1]) is None
    page = phone.get("withdraw", token).content.decode()
    assert "林晓月" not in page
    assert may(answers(receiver), "MARKETING", "SMS")
    done = phone.post("withdraw", token)
    assert not may(answers(receiver), "MARKETING", "SMS")
    assert may(answers(receiver), "MARKETING", "EMAIL")
    assert may(answers(receiver), "CARE", "SMS")
    assert Consent.objects.latest("pk").how == "LINK"
    phone.post("withdraw", token, undo=done.context["undo"])
    assert may(answers(receiver), "MARKETING", "SMS")


def test_undoing_gives_nothing_that_was_not_given(cast: Cast, phone: Phone) -> None:
    never = make_customer("林晓月", PHONE, store=cast.lake)
    done = phone.post("withdraw", withdrawal_token(never.pk, "SMS"), greetings="1")
    assert done.context["undo"] == ""
    assert not may(answers(never), "MARKETING", "SMS")


def test_undoing_is_bound_to_its_link(cast: Cast, phone: Phone, receiver: Customer) -> None:
    other = make_customer("王小明", "13700001111", store=cast.lake)
    undo = phone.post("withdraw", withdrawal_token(receiver.pk, "SMS")).context["undo"]
    refused = phone.post("withdraw", withdrawal_token(other.pk, "SMS"), undo=undo)
    assert refused.status_code == 409
    assert not may(answers(other), "MARKETING", "SMS")


def test_mail_programs_withdraw_in_one_step(phone: Phone, receiver: Customer) -> None:
    headers = withdrawal_headers(receiver.pk, "EMAIL", base_url="https://shop.example/")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = headers["List-Unsubscribe"].strip("<>").removeprefix("https://shop.example")
    strict = type(phone.client)(enforce_csrf_checks=True)
    answer = strict.post(url, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not may(answers(receiver), "MARKETING", "EMAIL")


def test_a_link_that_was_touched_is_refused(phone: Phone, receiver: Customer) -> None:
    token = withdrawal_token(receiver.pk, "SMS")
    assert phone.get("withdraw", token.replace("SMS", "ANY")).status_code == 404
    assert phone.get("withdraw", f"{receiver.pk + 1}" + token[len(str(receiver.pk)) :]).status_code == 404


# --- requests --------------------------------------------------------------------------------------------------------
def test_a_customer_asks_for_erasure_and_takes_it_back(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    assert phone.post("portal-requests", kind="ERASURE").status_code == 422
    assert phone.post("portal-requests", kind="ERASURE", is_sure="on").status_code == 302
    request = RightsRequest.objects.get()
    assert (request.customer, request.channel, request.identity_checked_how) == (member, "PORTAL", "PORTAL")
    assert phone.get("portal-requests").status_code == 200
    assert phone.post("portal-request-withdraw", request.pk).status_code == 302
    request.refresh_from_db()
    assert request.state == "WITHDRAWN"


def test_nobody_takes_back_the_request_of_somebody_else(
    cast: Cast, sent: Any, phone: Phone, member: Customer
) -> None:
    phone.sign_in()
    phone.post("portal-requests", kind="ACCESS")
    make_customer("王小明", "13700001111", store=cast.lake, is_verified=True, now=timezone.now())
    other = Phone(sent, "13700001111")
    other.sign_in()
    assert other.post("portal-request-withdraw", RightsRequest.objects.get().pk).status_code == 404


# --- sections, outbox ------------------------------------------------------------------------------------------------
def test_later_rooms_add_sections_to_the_card(
    phone: Phone, member: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def balances(ids: Any, now: Any) -> dict[str, Any]:
        asked.append(list(ids))
        return {"kept": []}

    monkeypatch.setattr(queries, "_sections", {})
    queries.register_portal_section(
        PortalSection("test.balances", "余额", "customers/portal/outbox.html", balances)
    )
    queries.register_portal_section(PortalSection("test.none", "空", "missing.html", lambda ids, now: None))
    phone.sign_in()
    found = queries.sections_for(member.pk, now=timezone.now())
    assert [section.code for section, _context in found] == ["test.balances"]
    assert asked == [[member.pk]]


def test_the_outbox_is_there_in_a_demo_only(
    phone: Phone, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DIANKE_DATA = tmp_path
    assert phone.get("portal-outbox").status_code == 404
    monkeypatch.setattr(messages, "_is_demo", lambda: True)
    messages.Outbox().send(
        messages.Message(messages.Channel.SMS, "+8613912345678", "customers.code", "123456 是验证码"),
        now=timezone.now(),
    )
    assert "123456 是验证码" in phone.get("portal-outbox").content.decode()
    settings.DIANKE_MESSENGERS = {"SMS": "vendor", "EMAIL": "smtp"}
    assert phone.get("portal-outbox").status_code == 404


def test_using_the_pages_is_noted_once_a_day(phone: Phone, member: Customer) -> None:
    phone.sign_in()
    yesterday = timezone.now() - timedelta(days=2)
    PortalSession.objects.update(last_used_at=yesterday)
    phone.get("portal")
    noted = PortalSession.objects.get().last_used_at
    phone.get("portal")
    assert PortalSession.objects.get().last_used_at == noted > yesterday


def test_the_own_pages_cost_a_constant_number_of_queries(
    cast: Cast, phone: Phone, member: Customer, django_assert_max_num_queries: Any
) -> None:
    phone.sign_in()
    for number in range(6):
        make_customer("林晓月", f"1370000111{number}", store=cast.lake, merged_into=member)
        portal.say_consent(
            head=member, purpose="CARE", channel="SMS", is_given=True, actor=SYSTEM, now=timezone.now()
        )
    for name in PAGES:
        with django_assert_max_num_queries(13):
            assert phone.get(name).status_code == 200


def test_a_wrong_link_leads_customers_to_their_card_and_not_to_the_work_of_staff(phone: Phone) -> None:
    for path in ("/m/w/abc/", "/m/r/nothing/"):
        page = phone.client.get(path).content.decode()
        assert 'href="/m/"' in page
        assert 'href="/"' not in page


def test_a_birthday_without_its_year_reads_as_people_say_it(cast: Cast) -> None:
    head = make_customer("林晓月", PHONE, store=cast.lake, birthday=(None, 2, 8))
    with translation.override("zh-hans"):
        assert queries.own_data(head).birthday_text == "2月8日"
