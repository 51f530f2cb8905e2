"""Codes and notices by the vendor the channel is set up with: at once, once, by approved templates, kept nowhere."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dianke.config.doctor_messengers import messengers
from dianke.core import messages
from dianke.core.actor import ANONYMOUS
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import VerificationCode
from dianke.customers.operations import codes
from dianke.customers.tests.cast import make_customer
from dianke.integrations import http
from dianke.integrations.sms import approvable, words_of
from dianke.integrations.tests.http_sink import HttpSink, http_sink
from dianke.messaging import operations
from dianke.messaging.models import ChannelSetting, ChannelUse, Contacted, Message, SendingRules
from dianke.messaging.operations.channels import TestNotSent
from dianke.messaging.queries.carriers import carrier_named
from dianke.messaging.tests.post import Post, make_post
from dianke.sales.tasks import deliver_news
from dianke.sales.tests.counter import make_counter
from dianke.sales.tests.test_delivery_stories import Yard
from dianke.wallets.tasks import deliver_receipt

NUMBER = parse_phone("13912345678")
ACCESS = {"key_id": "id", "secret": "s", "sign_name": "云裳", "app_id": "14001"}
TAKEN = {
    "aliyun": {"Code": "OK", "BizId": "b1"},
    "tencent": {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "s1"}]}},
}
VENDORS = ("aliyun", "tencent")


@pytest.fixture
def post(db: None) -> Post:
    return make_post(timezone.now())


@pytest.fixture
def sink() -> Any:
    with http_sink() as found:
        yield found


def set_up(vendor: str, sink: HttpSink, **templates: str) -> ChannelSetting:
    """Text messages by the vendor. In quiet hours all day long, with no message to anybody allowed: what goes out all
    the same does not ask."""
    SendingRules.objects.update(
        quiet_from="00:00", quiet_to="23:59", day_limit=0, week_limit=0, month_limit=0
    )
    row, _is_new = ChannelSetting.objects.get_or_create(
        channel="SMS", defaults={"changed_at": timezone.now()}
    )
    row.carrier, row.month_quota = vendor, 0
    row.access = {
        **ACCESS,
        "endpoint": sink.url,
        **{f"template_{name}": code for name, code in templates.items()},
    }
    row.save()
    sink.answers = [TAKEN[vendor]]
    return row


def ask_on_the_phone() -> Any:
    return Client(headers={"accept-language": "zh-hans"}).post(
        reverse("customers:portal-sign-in"), {"phone": NUMBER.e164, "do": "send"}
    )


def signed_in(user: Any) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user)
    session = client.session
    stamp = timezone.now().timestamp()
    session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
    session.save()
    return client


def told(sink: HttpSink, vendor: str) -> tuple[str, list[str]]:
    """The template and the values of the last request."""
    if vendor == "aliyun":
        query = sink.got[-1]["query"]
        assert query["PhoneNumbers"] == "13912345678"
        return query["TemplateCode"], list(json.loads(query["TemplateParam"]).values())
    body = json.loads(sink.got[-1]["body"])
    assert body["PhoneNumberSet"] == ["+8613912345678"]
    return body["TemplateId"], body["TemplateParamSet"]


# --- codes -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_code_goes_at_once_by_the_vendor_and_is_kept_nowhere(
    post: Post, sink: HttpSink, vendor: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    set_up(vendor, sink, customers_code="SMS_7")
    answer = ask_on_the_phone()
    assert answer.status_code == 200
    template, values = told(sink, vendor)
    code = values[0]
    assert (template, values, len(sink.got)) == ("SMS_7", [code], 1)
    assert len(code) == 6
    row = VerificationCode.objects.get()
    proven = codes.prove(
        proof=answer.context["form"].data["proof"],
        code=code,
        phone=NUMBER,
        use="SIGN_IN",
        actor=ANONYMOUS,
        now=timezone.now(),
    )
    assert proven.pk == row.pk
    assert not Message.objects.exists()
    assert not ChannelUse.objects.exists()
    assert not Contacted.objects.exists()
    assert code not in caplog.text
    assert "13912345678" not in caplog.text
    assert code not in answer.content.decode()


def test_how_often_a_number_may_ask_stays_as_it_was(post: Post, sink: HttpSink) -> None:
    set_up("aliyun", sink, customers_code="SMS_7")
    assert ask_on_the_phone().status_code == 200
    assert ask_on_the_phone().status_code == 429
    assert len(sink.got) == 1


@pytest.mark.parametrize(
    ("vendor", "said", "status", "words"),
    [
        ("aliyun", {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}, 422, "无法送达"),
        ("aliyun", {"Code": "isv.BUSINESS_LIMIT_CONTROL"}, 503, "请一分钟后再试"),
        ("aliyun", {"Code": "isv.SMS_TEMPLATE_ILLEGAL"}, 503, "请一分钟后再试"),
        (
            "tencent",
            {"Response": {"SendStatusSet": [{"Code": "InvalidParameterValue.IncorrectPhoneNumber"}]}},
            422,
            "无法送达",
        ),
        ("tencent", {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}}, 503, "请一分钟后再试"),
    ],
)
def test_who_waits_is_told_that_the_vendor_refused(
    post: Post,
    sink: HttpSink,
    caplog: pytest.LogCaptureFixture,
    vendor: str,
    said: Any,
    status: int,
    words: str,
) -> None:
    set_up(vendor, sink, customers_code="SMS_7")
    sink.answers = [said]
    answer = ask_on_the_phone()
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert len(sink.got) == 1
    assert "customers.code" in caplog.text


@pytest.mark.parametrize("said", ["silence", (502, {})])
def test_without_an_answer_the_code_may_come_and_none_is_sent_again(
    post: Post, sink: HttpSink, monkeypatch: pytest.MonkeyPatch, said: Any
) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.3)
    set_up("aliyun", sink, customers_code="SMS_7")
    sink.answers = [said]
    answer = ask_on_the_phone()
    assert answer.status_code == 200
    assert "短信可能会晚一点到" in answer.content.decode()
    code = told(sink, "aliyun")[1][0]
    later = timezone.now() + timedelta(minutes=1)
    post.send(later=timedelta(minutes=1))
    assert len(sink.got) == 1
    assert codes.prove(
        proof=answer.context["form"].data["proof"],
        code=code,
        phone=NUMBER,
        use="SIGN_IN",
        actor=ANONYMOUS,
        now=later,
    )


def test_a_vendor_that_is_not_reached_is_told_apart(post: Post, sink: HttpSink) -> None:
    row = set_up("aliyun", sink, customers_code="SMS_7")
    row.access = {**row.access, "endpoint": "http://127.0.0.1:1"}
    row.save()
    assert ask_on_the_phone().status_code == 503


def test_without_a_template_of_codes_the_vendor_is_left_out(
    post: Post, sink: HttpSink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "_is_demo", lambda: False)
    settings.DIANKE_MESSENGERS = {"SMS": "", "EMAIL": ""}
    row = set_up("aliyun", sink, sales_order_approved="SMS_8")
    assert not codes.can_send_codes()
    assert ask_on_the_phone().status_code == 503
    row.access = {**row.access, "template_customers_code": "SMS_7"}
    row.save()
    assert codes.can_send_codes()
    ChannelSetting.objects.update(is_on=False)
    assert not codes.can_send_codes()
    settings.DIANKE_MESSENGERS = {"SMS": "console", "EMAIL": ""}
    assert codes.can_send_codes()
    assert sink.got == []


# --- notices ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def yard(db: None) -> Yard:
    return Yard(make_counter(timezone.now()))


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_notice_of_an_order_goes_by_its_own_template(yard: Yard, sink: HttpSink, vendor: str) -> None:
    yard.wang = make_customer("林晓月", "13912345678", store=yard.store, is_verified=True, now=yard.now)
    trip = yard.plan(yard.order(1))
    set_up(vendor, sink, sales_delivery_planned="SMS_9")
    planned = ("sales.delivery_planned", trip.order_id, trip.pk, {})
    assert deliver_news(*planned, now=yard.now)
    template, values = told(sink, vendor)
    assert (template, values[0], values[2]) == ("SMS_9", trip.order.number, "09:00–12:00")
    assert not deliver_news("sales.delivery_started", trip.order_id, trip.pk, {}, now=yard.now)
    assert len(sink.got) == 1
    sink.answers = [(502, {})]
    assert not deliver_news(*planned, now=yard.now)
    assert len(sink.got) == 2


def test_a_receipt_of_prepaid_value_goes_by_its_own_template(post: Post, sink: HttpSink) -> None:
    lin = make_customer("林晓月", "13912345678", store=post.cast.lake, is_verified=True, now=post.now)
    set_up("aliyun", sink, wallets_card_refunded="SMS_10")
    assert deliver_receipt("wallets.card_refunded", lin.pk, {"amount": "¥80.00"}, now=post.now)
    assert told(sink, "aliyun") == ("SMS_10", ["¥80.00"])
    sink.answers = ["silence", (502, {})]
    assert not deliver_receipt("wallets.card_refunded", lin.pk, {"amount": ""}, now=post.now)
    assert told(sink, "aliyun")[1] == ["-"]


# --- setting up ------------------------------------------------------------------------------------------------------
def test_the_form_shows_the_texts_to_have_approved_and_keeps_the_templates(post: Post) -> None:
    owner = signed_in(post.cast["owner"].user)
    url = reverse("messaging:channel", args=["SMS", "aliyun"])
    page = owner.get(url).content.decode()
    assert "${code} 是您的验证码，5 分钟内有效，请勿告诉他人。" in page
    assert "订单 ${number} 将于 ${day} ${window} 送达。" in page
    tencent = owner.get(reverse("messaging:channel", args=["SMS", "tencent"])).content.decode()
    assert "订单 {1} 将于 {2} {3} 送达。" in tencent
    values = {"key_id": "id", "secret": "s", "sign_name": "云裳", "is_on": "on"}
    assert owner.post(url, {**values, "template_customers_code": "SMS_7"}).status_code == 303
    assert ChannelSetting.objects.get(channel="SMS").access["template_customers_code"] == "SMS_7"
    assert codes.can_send_codes()
    clerk = signed_in(post.cast["clerk"].user)
    assert clerk.post(url, {**values, "template_customers_code": "SMS_666"}).status_code == 403


def test_every_text_has_words_a_vendor_can_approve() -> None:
    carrier = carrier_named("SMS", "aliyun")
    assert carrier is not None
    for occasion in messages.occasions():
        text = approvable(occasion, lambda number, _name: f"{{{number}}}")
        assert "%(" not in text
        assert "【" not in text
        assert "shop" not in words_of(occasion)
        assert carrier.places(occasion.code), occasion.code
    assert carrier.places("customers.code") == ["code"]
    assert carrier.places("nothing.known") == ()


def test_the_test_message_uses_the_template_of_codes(post: Post, sink: HttpSink) -> None:
    who = {"to": NUMBER.e164, "subject": "", "text": "", "actor": post.actor("owner"), "now": post.now}
    operations.send_test(setting=set_up("aliyun", sink, customers_code="SMS_7"), **who)
    assert told(sink, "aliyun") == ("SMS_7", ["123456"])
    with pytest.raises(TestNotSent):
        operations.send_test(setting=set_up("aliyun", sink), **who)
    assert len(sink.got) == 1


def test_the_doctor_says_which_way_codes_go(
    post: Post, sink: HttpSink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIANKE_LANGUAGE", "en")
    monkeypatch.setattr(messages, "_is_demo", lambda: False)
    settings.DIANKE_MESSENGERS = {"SMS": "", "EMAIL": "smtp"}
    row = set_up("tencent", sink)
    sms, email = messengers()
    assert (sms.state.name, sms.found) == ("WARNING", "SMS: –")
    assert "template of codes" in sms.remedy
    assert email.found == "EMAIL: smtp"
    row.access = {**row.access, "template_customers_code": "7", "template_sales_order_approved": "8"}
    row.save()
    sms, _email, missing = messengers()
    assert (sms.state.name, sms.found) == ("OK", "SMS: tencent")
    assert missing.found.startswith("SMS not sent: ")
    settings.DIANKE_MESSENGERS = {"SMS": "console", "EMAIL": "smtp"}
    assert [finding.found for finding in messengers()] == ["SMS: tencent", "EMAIL: smtp"]
