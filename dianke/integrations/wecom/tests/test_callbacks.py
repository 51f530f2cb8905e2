"""What WeCom posts: signed, encrypted, for this company, fresh; and what it changes."""

from __future__ import annotations

import base64
import time
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from dianke.core.actor import PermissionRefused
from dianke.customers.models import ContactPoint
from dianke.events.models import Event
from dianke.integrations.wechat.crypto import opened, signature
from dianke.integrations.wechat.tests.test_wechat import ECHO
from dianke.integrations.wecom.tests.conftest import AES_KEY, CORP
from dianke.messaging import operations
from dianke.messaging.models import ChannelSetting, Message, Suppression

TOKEN = "QDG6eK"


def sealed(message: str, corp: str = CORP) -> str:
    key = base64.b64decode(AES_KEY + "=")
    text = message.encode()
    plain = b"r" * 16 + len(text).to_bytes(4, "big") + text + corp.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(
        encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    ).decode()


def event(change: str, customer: str = "wm-1", *, kind: str = "change_external_contact") -> str:
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        f"<CreateTime>1</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{kind}]]></Event>"
        f"<ChangeType><![CDATA[{change}]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID>"
        f"<ExternalUserID><![CDATA[{customer}]]></ExternalUserID></xml>"
    )


def signed(encrypted: str, *, token: str = TOKEN, at: float | None = None, **more: str) -> str:
    stamp = str(int(at or time.time()))
    given = signature(token, stamp, "n", encrypted)
    return "/hooks/wecom/?" + urlencode({"msg_signature": given, "timestamp": stamp, "nonce": "n", **more})


def told(client, message: str, *, corp: str = CORP, **more):
    encrypted = sealed(message, corp)
    body = f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    return client.post(signed(encrypted, **more), body, content_type="text/xml")


def test_these_tests_encrypt_as_tencent_does():
    assert opened(sealed("您好"), aes_key=AES_KEY, receiver=CORP) == "您好".encode()


def test_the_question_of_the_settings_is_answered_with_tencents_sample(post, client):
    assert client.get(signed(ECHO, echostr=ECHO)).content == b"1616140317555161061"
    assert client.get(signed(ECHO, echostr=ECHO, token="wrong")).status_code == 404
    assert client.get(signed(ECHO, echostr=ECHO, at=time.time() - 3600)).status_code == 404


def test_who_takes_an_employee_off_is_left_alone(post, wecom, client, friend, tell):
    one = friend()
    for _twice in range(2):
        assert told(client, event("del_follow_user")).content == b"success"
    assert Suppression.objects.get().why == "LEFT"
    tell(one)
    assert Message.objects.values_list("state", "reason").get() == ("SUPPRESSED", "suppressed")
    assert wecom.tasks == []


def test_who_adds_somebody_again_may_be_written_to(post, wecom, client, friend, tell):
    one = friend()
    ContactPoint.objects.filter(kind="WECOM").update(failing_since=post.now)
    told(client, event("del_follow_user"))
    for _twice in range(2):
        assert told(client, event("add_external_contact")).status_code == 200
    assert Event.objects.filter(kind="messaging.address_proven").count() == 1
    tell(one)
    assert Message.objects.get().state == "HANDED"


def test_what_a_person_entered_by_hand_stays(post, client, friend):
    friend()
    operations.suppress(channel="WECOM", address="wm-1", why="HAND", actor=post.actor("owner"), now=post.now)
    told(client, event("add_half_external_contact"))
    assert Suppression.objects.get().lifted_at is None


@pytest.mark.parametrize(
    "message",
    [event("del_external_contact"), event("del_follow_user", ""), event("del_follow_user", kind="other")],
)
def test_what_says_nothing_of_the_customers_wish_changes_nothing(post, client, message):
    assert told(client, message).status_code == 200
    assert not Suppression.objects.exists()


def test_what_is_not_signed_fresh_encrypted_and_for_us_finds_no_such_address(post, client):
    message = event("del_follow_user")
    assert told(client, message, token="wrong").status_code == 404
    assert told(client, message, at=time.time() - 3600).status_code == 404
    assert told(client, message, corp="wx0000000000000000").status_code == 404
    assert client.post(signed(""), message, content_type="text/xml").status_code == 404
    assert client.post("/hooks/wecom/", "<xml/>", content_type="text/xml").status_code == 404
    setting = ChannelSetting.objects.get(channel="WECOM")
    setting.access = {key: value for key, value in setting.access.items() if key != "aes_key"}
    setting.save()
    assert told(client, message).status_code == 404
    assert not Suppression.objects.exists()


def test_people_say_who_came_back_only_with_the_permission(post, friend):
    friend()
    with pytest.raises(PermissionRefused):
        operations.note_return(channel="WECOM", address="wm-1", actor=post.actor("clerk"), now=post.now)
