"""WeChat: the known answers of its documents, the conversation with a server that speaks as it does, what it posts."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils import timezone

from dianke.customers.models import ContactPoint
from dianke.integrations import tokens
from dianke.integrations.tests.http_sink import http_sink
from dianke.integrations.wechat.crypto import NotFromWeChat, check_signature, opened, signature
from dianke.integrations.wechat.official import WeChat, keywords_of
from dianke.integrations.wechat.tokens import token_of
from dianke.messaging import operations
from dianke.messaging.models import ChannelSetting, Message
from dianke.messaging.rules.carriers import Answer, Item, Outcome
from dianke.messaging.tests.post import make_post

# Tencent's sample of WXBizMsgCrypt.
TOKEN, AES_KEY, WHOSE = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
HELLO = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q=="
)
ACCESS = {"app_id": WHOSE, "secret": "s", "callback_token": TOKEN}
ITEM = Item(
    1,
    "01937c3a-0000-7000-8000-000000000001",
    "open-1",
    "",
    "thing1：戒指已修好\namount2: ¥20.00",
    approved_code="T1",
)
GIVEN = {"access_token": "t1", "expires_in": 7200}


@pytest.fixture(autouse=True)
def _no_token_is_kept(monkeypatch):
    monkeypatch.setattr(tokens, "_kept", {})


def send(url: str, now, item: Item = ITEM, **more: str) -> Answer:
    with WeChat().session({**ACCESS, "endpoint": url, **more}, now=now) as session:
        return session.send(item)


# --- known answers ---------------------------------------------------------------------------------------------------
def test_the_samples_of_tencent_are_opened():
    check_signature("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", TOKEN, "1409659589", "263014780", ECHO)
    assert opened(ECHO, aes_key=AES_KEY, receiver=WHOSE) == b"1616140317555161061"
    check_signature("477715d11cdb4164915debcba66cb864d751f3e6", TOKEN, "1409659813", "1372623149", HELLO)
    assert b"<Content><![CDATA[hello]]></Content>" in opened(HELLO, aes_key=AES_KEY, receiver=WHOSE)


@pytest.mark.parametrize(
    ("encrypted", "key", "receiver"),
    [
        (ECHO, AES_KEY, "wx0000000000000000"),
        (ECHO, "A" * 43, WHOSE),
        (ECHO[:-8], AES_KEY, WHOSE),
        ("", AES_KEY, WHOSE),
        ("****", AES_KEY, WHOSE),
        (ECHO, "short", WHOSE),
    ],
)
def test_what_is_not_for_us_or_was_changed_does_not_open(encrypted, key, receiver):
    with pytest.raises(NotFromWeChat):
        opened(encrypted, aes_key=key, receiver=receiver)


# --- sending ---------------------------------------------------------------------------------------------------------
def test_lines_become_the_keywords_of_the_template():
    assert keywords_of("thing1：戒指\n您好\namount2.DATA: 20:30") == {
        "thing1": {"value": "戒指"},
        "amount2": {"value": "20:30"},
    }


def test_what_is_sent_to_wechat(now):
    with http_sink() as sink:
        sink.answers = [GIVEN, {"errcode": 0, "errmsg": "ok", "msgid": 200163836}]
        assert send(sink.url, now) == Answer(Outcome.SENT, carrier_id="200163836")
    asked, sent = (json.loads(each["body"]) for each in sink.got)
    assert (asked["appid"], asked["force_refresh"]) == (WHOSE, False)
    assert sink.got[1]["query"] == {"access_token": "t1"}
    assert sent == {
        "touser": "open-1",
        "template_id": "T1",
        "client_msg_id": "01937c3a000070008000000000000001",
        "data": {"thing1": {"value": "戒指已修好"}, "amount2": {"value": "¥20.00"}},
    }


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"errcode": 43004}, Answer(Outcome.REFUSED, detail="43004")),
        ({"errcode": 43101}, Answer(Outcome.REFUSED, detail="43101")),
        ({"errcode": 40003}, Answer(Outcome.REFUSED, detail="40003", bad_address=True)),
        ({"errcode": 40037}, Answer(Outcome.REFUSED, detail="40037")),
        ({"errcode": 45009}, Answer(Outcome.LATER, detail="45009")),
        ({"errcode": -1}, Answer(Outcome.LATER, detail="-1")),
        ((502, {}), Answer(Outcome.UNKNOWN, detail="502")),
        ({}, Answer(Outcome.UNKNOWN, detail="200")),
    ],
)
def test_every_answer_is_told_apart(now, said, answer):
    with http_sink() as sink:
        sink.answers = [GIVEN, said]
        assert send(sink.url, now) == answer


def test_silence_is_in_doubt_after_the_message_and_not_before(now, monkeypatch):
    monkeypatch.setattr("dianke.integrations.http.SECONDS", 0.3)
    with http_sink() as sink:
        sink.answers = ["silence"]
        assert send(sink.url, now).outcome is Outcome.LATER
    with http_sink() as sink:
        sink.answers = [GIVEN, "silence"]
        assert send(sink.url, now).outcome is Outcome.UNKNOWN
    assert send("http://127.0.0.1:9", now).outcome is Outcome.LATER


def test_without_an_approved_template_nothing_is_sent(now):
    with http_sink() as sink:
        sink.answers = [GIVEN]
        for item in (
            Item(1, "u", "open-1", "", "thing1: x"),
            Item(1, "u", "open-1", "", "您好", approved_code="T"),
        ):
            assert send(sink.url, now, item).outcome is Outcome.REFUSED
    assert sink.got == []


def test_a_subscribe_message_in_doubt_is_not_sent_again(now):
    assert WeChat().look_up(ACCESS, ITEM, sent_at=now, now=now) is None
    doubtful = WeChat().look_up({**ACCESS, "kind": "subscribe"}, ITEM, sent_at=now, now=now)
    assert doubtful == Answer(Outcome.UNKNOWN)
    with http_sink() as sink:
        sink.answers = [GIVEN, {"errcode": 0}]
        assert send(sink.url, now, kind="subscribe", link="pages/card").outcome is Outcome.SENT
    assert "client_msg_id" not in json.loads(sink.got[1]["body"])


# --- the token -------------------------------------------------------------------------------------------------------
def test_however_many_ask_one_token_is_fetched(now):
    with http_sink() as sink:
        sink.answers = [GIVEN]
        access = {**ACCESS, "endpoint": sink.url}
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda _n: token_of(access, now=now), range(8)))
    assert (found, len(sink.got)) == ({"t1"}, 1)


def test_a_token_that_ended_is_replaced_once_and_the_message_goes(now):
    with http_sink() as sink:
        sink.answers = [
            GIVEN,
            {"errcode": 42001},
            {"access_token": "t2", "expires_in": 7200},
            {"errcode": 0, "msgid": 7},
        ]
        assert send(sink.url, now) == Answer(Outcome.SENT, carrier_id="7")
        assert json.loads(sink.got[2]["body"])["force_refresh"] is True
        assert sink.got[3]["query"] == {"access_token": "t2"}


def test_a_wrong_secret_hands_nothing_over(now):
    with http_sink() as sink:
        sink.answers = [{"errcode": 40125}]
        assert send(sink.url, now) == Answer(Outcome.LATER, detail="40125")
        assert len(sink.got) == 1


# --- what it posts ---------------------------------------------------------------------------------------------------
@pytest.fixture
def post(db, now):
    return make_post(now)


@pytest.fixture
def row(post):
    """A message to a follower that WeChat took."""
    one = post.person(consents={})
    ContactPoint.objects.create(
        key=one.key,
        customer=one,
        record=ContactPoint.objects.filter(customer=one).first().record,
        kind="OPENID",
        value="open-1",
        created_at=post.now,
    )
    with http_sink() as sink:
        sink.answers = [GIVEN, {"errcode": 0, "msgid": 200163836}]
        ChannelSetting.objects.create(
            channel="WECHAT",
            carrier="wechat",
            access={**ACCESS, "endpoint": sink.url},
            changed_at=timezone.now(),
        )
        template = make_template(post)
        post.queue(one, channel="WECHAT", purpose="SERVICE", body="", template=template)
        post.send(channel="WECHAT")
    return Message.objects.get()


def make_template(post):
    return operations.make_template(
        values={
            "name": "维修",
            "channel": "WECHAT",
            "purpose": "SERVICE",
            "subject": "",
            "body": "thing1：{{ name }}的戒指已修好",
            "signature": "",
            "approved_code": "T1",
        },
        actor=post.actor("owner"),
        now=post.now,
    )


def told(client, status: str, *, token: str = TOKEN, at: float | None = None, msg_id: str = "200163836"):
    stamp = str(int(at or time.time()))
    body = (
        "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[open-1]]></FromUserName>"
        "<CreateTime>1</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event>"
        f"<MsgID>{msg_id}</MsgID><Status><![CDATA[{status}]]></Status></xml>"
    )
    query = f"signature={signature(token, stamp, 'n')}&timestamp={stamp}&nonce=n"
    return client.post(f"/hooks/wechat/?{query}", body, content_type="text/xml")


def test_a_message_goes_and_wechat_tells_that_it_arrived(row, client):
    assert (row.state, row.carrier_id) == ("SENT", "200163836")
    for _twice in range(2):
        assert told(client, "success").content == b"success"
    row.refresh_from_db()
    assert row.state == "DELIVERED"


def test_a_follower_who_blocks_is_told_apart(row, client):
    told(client, "failed:user block")
    row.refresh_from_db()
    assert (row.state, row.reason, row.detail) == ("FAILED", "bad_address", "failed:user block")


def test_what_is_not_signed_old_or_about_nothing_changes_nothing(row, client):
    assert told(client, "success", token="wrong").status_code == 404
    assert told(client, "success", at=time.time() - 3600).status_code == 404
    assert client.post("/hooks/wechat/", "<xml/>", content_type="text/xml").status_code == 404
    assert told(client, "success", msg_id="1").status_code == 200
    row.refresh_from_db()
    assert row.state == "SENT"


def test_the_question_of_the_settings_is_answered(row, client):
    stamp = str(int(time.time()))
    query = {"signature": signature(TOKEN, stamp, "n"), "timestamp": stamp, "nonce": "n", "echostr": "abc"}
    assert client.get("/hooks/wechat/", query).content == b"abc"
    assert client.get("/hooks/wechat/", {**query, "signature": "x"}).status_code == 404


def test_in_secure_mode_what_is_not_encrypted_is_refused(row, client):
    setting = ChannelSetting.objects.get(channel="WECHAT")
    setting.access = {**ACCESS, "aes_key": AES_KEY}
    setting.save()
    assert told(client, "success").status_code == 404
    stamp = str(int(time.time()))
    query = f"msg_signature={signature(TOKEN, stamp, 'n', HELLO)}&timestamp={stamp}&nonce=n"
    body = f"<xml><Encrypt><![CDATA[{HELLO}]]></Encrypt></xml>"
    assert client.post(f"/hooks/wechat/?{query}", body, content_type="text/xml").content == b"success"


def test_a_document_type_is_refused(row, client):
    stamp = str(int(time.time()))
    query = f"signature={signature(TOKEN, stamp, 'n')}&timestamp={stamp}&nonce=n"
    body = '<!DOCTYPE x [<!ENTITY a "b">]><xml><Event>&a;</Event></xml>'
    assert client.post(f"/hooks/wechat/?{query}", body, content_type="text/xml").status_code == 404
