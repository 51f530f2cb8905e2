"""Alibaba Cloud and Tencent Cloud: the signatures of their documents, the conversation with a server that answers,
refuses or falls silent, and what they post back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dianke.integrations import aliyun, http, tencent
from dianke.integrations.aliyun.signing import authorization as acs3
from dianke.integrations.aliyun.signing import query_of
from dianke.integrations.tencent.signing import authorization as tc3
from dianke.integrations.tests.http_sink import http_sink
from dianke.messaging.models import ChannelSetting, Message, Suppression
from dianke.messaging.queries.carriers import carrier_named
from dianke.messaging.rules.carriers import Answer, Item, Outcome
from dianke.messaging.tests.post import make_post

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
ITEM = Item(
    1,
    "uid-1",
    "+8613812345678",
    "",
    "方女士，您的戒指已修好",
    approved_code="SMS_1",
    values={"name": "方女士", "product": "戒指"},
)
ACCESS = {"key_id": "id", "secret": "s", "sign_name": "云裳", "app_id": "14001"}


def test_the_signature_of_alibabas_document():
    """help.aliyun.com: V3 signature, fixed example of RunInstances."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = query_of(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    found = acs3(
        key_id="YourAccessKeyId",
        secret="YourAccessKeySecret",
        method="POST",
        path="/",
        query=query,
        headers=headers,
        body=b"",
    )
    signature = found.partition("Signature=")[2]
    assert (signature[:8], signature[-4:]) == ("06563a9e", "83c0")


def test_the_signature_of_tencents_document():
    """cloud.tencent.com: signature v3, example of cvm; the key of the document is masked and used as it stands."""
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    found = tc3(
        key_id="AKID",
        secret="Gu5t9xGARNpq86cd98joQYCN3*******",
        service="cvm",
        headers={"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
        body=body,
        timestamp=1551113065,
    )
    signature = found.partition("Signature=")[2]
    assert (signature[:8], signature[-4:]) == ("2230eefd", "652c")


def send(code: str, url: str) -> Answer:
    carrier = carrier_named("SMS", code)
    with carrier.session({**ACCESS, "endpoint": url}, now=NOW) as session:
        return session.send(ITEM)


@pytest.mark.parametrize(
    ("code", "said", "answer"),
    [
        ("aliyun", {"Code": "OK", "BizId": "b1"}, Answer(Outcome.SENT, carrier_id="b1")),
        (
            "aliyun",
            {"Code": "isv.BUSINESS_LIMIT_CONTROL"},
            Answer(Outcome.LATER, detail="isv.BUSINESS_LIMIT_CONTROL"),
        ),
        (
            "aliyun",
            {"Code": "isv.MOBILE_NUMBER_ILLEGAL"},
            Answer(Outcome.REFUSED, detail="isv.MOBILE_NUMBER_ILLEGAL", bad_address=True),
        ),
        ("aliyun", (503, {}), Answer(Outcome.UNKNOWN, detail="503")),
        (
            "tencent",
            {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": "s1"}]}},
            Answer(Outcome.SENT, carrier_id="s1"),
        ),
        (
            "tencent",
            {"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberDailyLimit"}]}},
            Answer(Outcome.LATER, detail="LimitExceeded.PhoneNumberDailyLimit"),
        ),
        (
            "tencent",
            {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}},
            Answer(Outcome.REFUSED, detail="AuthFailure.SignatureFailure"),
        ),
    ],
)
def test_every_answer_is_told_apart(code, said, answer):
    with http_sink() as sink:
        sink.answers = [said]
        assert send(code, sink.url) == answer


def test_what_is_sent_to_alibaba():
    with http_sink() as sink:
        sink.answers = [{"Code": "OK"}]
        send("aliyun", sink.url)
    query = sink.got[0]["query"]
    assert (query["PhoneNumbers"], query["TemplateCode"], query["OutId"]) == ("13812345678", "SMS_1", "uid-1")
    assert json.loads(query["TemplateParam"]) == {"name": "方女士", "product": "戒指"}


def test_what_is_sent_to_tencent():
    with http_sink() as sink:
        sink.answers = [{"Response": {}}]
        send("tencent", sink.url)
    body = json.loads(sink.got[0]["body"])
    assert (body["PhoneNumberSet"], body["TemplateParamSet"]) == (["+8613812345678"], ["方女士", "戒指"])
    assert body["SessionContext"] == "uid-1"


@pytest.mark.parametrize("code", ["aliyun", "tencent"])
def test_nobody_there_is_later_and_silence_is_uncertain(code, monkeypatch):
    monkeypatch.setattr(http, "SECONDS", 0.3)
    assert send(code, "http://127.0.0.1:1").outcome == "LATER"
    with http_sink() as sink:
        sink.answers = ["silence"]
        assert send(code, sink.url).outcome == "UNKNOWN"


@pytest.mark.parametrize(
    ("code", "said", "outcome"),
    [
        (
            "aliyun",
            {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "uid-1", "SendStatus": 3}]}},
            "DELIVERED",
        ),
        (
            "aliyun",
            {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [{"OutId": "other", "SendStatus": 3}]}},
            "LATER",
        ),
        ("aliyun", {"Code": "Throttling"}, "UNKNOWN"),
        (
            "tencent",
            {"Response": {"PullSmsSendStatusSet": [{"SessionContext": "uid-1", "ReportStatus": "SUCCESS"}]}},
            "DELIVERED",
        ),
        ("tencent", {"Response": {"PullSmsSendStatusSet": []}}, "UNKNOWN"),
    ],
)
def test_a_message_in_doubt_is_asked_about(code, said, outcome):
    with http_sink() as sink:
        sink.answers = [said]
        found = carrier_named("SMS", code).look_up(
            {**ACCESS, "endpoint": sink.url}, ITEM, sent_at=NOW, now=NOW
        )
    assert found is not None
    assert found.outcome == outcome


def test_a_timeout_after_the_vendor_took_it_sends_no_second(db, now, monkeypatch):
    monkeypatch.setattr(http, "SECONDS", 0.3)
    post = make_post(now)
    post.person()
    with http_sink() as sink:
        ChannelSetting.objects.filter(channel="SMS").update(carrier="aliyun")
        setting = ChannelSetting.objects.get(channel="SMS")
        setting.access = {**ACCESS, "endpoint": sink.url}
        setting.save()
        from dianke.messaging import operations

        template = operations.make_template(
            values={
                "name": "修好",
                "channel": "SMS",
                "purpose": "SERVICE",
                "body": "已修好",
                "approved_code": "SMS_1",
            },
            actor=post.actor("owner"),
            now=now,
        )
        post.queue(post.person(), template=template, body="", purpose="SERVICE")
        sink.answers = ["silence"]
        post.send()
        row = Message.objects.get()
        assert row.state == "UNKNOWN"
        details = {"SmsSendDetailDTO": [{"OutId": str(row.uuid), "SendStatus": 3}]}
        sink.answers = [None, {"Code": "OK", "SmsSendDetailDTOs": details}]
        from datetime import timedelta

        post.send(later=timedelta(minutes=2))
    row.refresh_from_db()
    assert row.state == "DELIVERED"
    assert [one["headers"]["x-acs-action"] for one in sink.got] == ["SendSms", "QuerySendDetails"]


# --- what they post --------------------------------------------------------------------------------------------------
@pytest.fixture
def hooked(db, now):
    post = make_post(now)
    setting = ChannelSetting.objects.get(channel="SMS")
    setting.carrier, setting.access = "aliyun", {"callback_token": "s3cret"}
    setting.save()
    return post


def test_a_reply_of_stop_leaves_the_number_alone_and_takes_consent_back(hooked, client):
    one = hooked.person(phone="13812345678")
    rows = [{"phone_number": "13812345678", "content": "td", "sequence_id": 1}]
    answer = client.post("/hooks/sms/aliyun/s3cret/", rows, content_type="application/json")
    assert answer.json()["code"] == 0
    assert Suppression.objects.get().why == "REPLY"
    consents = {(c.purpose, c.channel): c.is_given for c in one.consents.order_by("pk")}
    assert consents["MARKETING", "SMS"] is False
    client.post("/hooks/sms/aliyun/s3cret/", rows, content_type="application/json")
    assert Suppression.objects.count() == 1


def test_a_report_moves_a_message_on_and_never_back(hooked, client, now):
    hooked.queue(hooked.person())
    Message.objects.update(state="SENT", carrier_id="b1", sent_at=now)
    report = [{"biz_id": "b1", "success": True}]
    for _again in range(2):
        client.post("/hooks/sms/aliyun/s3cret/", report, content_type="application/json")
    assert Message.objects.get().state == "DELIVERED"


def test_without_the_secret_there_is_no_such_address(hooked, client):
    for address in ("/hooks/sms/aliyun/wrong/", "/hooks/sms/tencent/s3cret/", "/hooks/sms/aliyun/x/"):
        assert client.post(address, [], content_type="application/json").status_code == 404


def test_both_are_registered():
    assert carrier_named("SMS", "aliyun") is not None
    assert carrier_named("SMS", "tencent") is not None
    assert aliyun.register is not tencent.register
