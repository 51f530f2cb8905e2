"""The pages: what a marketer, a clerk and a customer see and do, and what they may not."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dianke.core.actor import SYSTEM
from dianke.messaging.models import ChannelSetting, Message, SendingRules, Suppression, Template
from dianke.messaging.operations import note_reports
from dianke.messaging.tests.post import AGREED


@pytest.fixture
def signed_in(post):
    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(post.cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in


def text_of(response) -> str:
    return response.content.decode()


def test_a_clerk_writes_to_a_customer_and_calls_it_back(post, signed_in):
    one = post.person("王小明")
    clerk = signed_in("clerk")
    url = reverse("messaging:send", args=[one.pk])
    assert "王小明" in text_of(clerk.get(url))
    sent = clerk.post(url, {"channel": "PORTAL", "purpose": "SERVICE", "body": "您的戒指已修好。"})
    assert sent.status_code == 303
    row = Message.objects.get()
    assert (row.channel, row.state, row.words["text"]) == ("PORTAL", "QUEUED", "您的戒指已修好。")
    page = text_of(clerk.get(reverse("messaging:message", args=[row.pk])))
    assert "您的戒指已修好。" in page
    assert "王小明" in text_of(clerk.get(reverse("messaging:messages")))
    clerk.post(reverse("messaging:cancel", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "CANCELLED"


def test_what_the_rules_forbid_is_said_beside_the_channel_and_refused(post, signed_in):
    one = post.person("王小明", consents={})
    clerk = signed_in("clerk")
    url = reverse("messaging:send", args=[one.pk])
    refused = clerk.post(url, {"channel": "SMS", "purpose": "CARE", "body": "您好"})
    assert refused.status_code == 422
    assert Message.objects.count() == 0


def test_a_channel_that_is_refused_is_never_proposed(post, signed_in):
    clerk = signed_in("clerk")
    open_to = post.person(consents={("CARE", "SMS"): True})
    form = clerk.get(reverse("messaging:send", args=[open_to.pk])).context["form"]
    assert form["channel"].value() == "SMS"
    closed = post.person(consents={})
    answer = clerk.get(reverse("messaging:send", args=[closed.pk]))
    assert answer.context["form"]["channel"].value() == ""
    assert 'type="radio" checked' not in text_of(answer)
    assert answer.context["form"].fields["channel"].help_text in text_of(answer)


def test_the_preview_fills_in_and_counts_and_lints(post, signed_in):
    one = post.person("欧阳锋", gender="M")
    clerk = signed_in("clerk")
    url = reverse("messaging:send-preview", args=[one.pk])
    said = text_of(
        clerk.post(url, {"channel": "SMS", "purpose": "MARKETING", "body": "{{ salutation }}，全网最低价！"})
    )
    assert "欧阳" in said
    assert "全网最" in said
    wrong = text_of(clerk.post(url, {"channel": "SMS", "purpose": "CARE", "body": "{{ salutaton }}"}))
    assert "salutation" in wrong
    said = text_of(clerk.post(url, {"channel": "SMS", "purpose": "CARE", "body": "〔称呼〕，到店了"}))
    assert "欧阳先生，到店了" in said
    wrong = text_of(clerk.post(url, {"channel": "SMS", "purpose": "CARE", "body": "〔称胡〕"}))
    assert "称呼" in wrong


def test_a_template_is_worded_and_reworded_and_its_versions_stay(post, signed_in):
    owner = signed_in("owner")
    words = {"name": "生日", "channel": "SMS", "purpose": "CARE", "body": "{{ salutation }}，生日快乐！"}
    assert owner.post(reverse("messaging:template-new"), words).status_code == 303
    row = Template.objects.get()
    owner.post(reverse("messaging:template-edit", args=[row.pk]), {**words, "body": "{{ name }}，生日快乐！"})
    row.refresh_from_db()
    assert row.version == 2
    assert [one.body[:8] for one in row.versions.order_by("number")] == ["{{ salut", "{{ name "]
    post.person("李雷")
    assert "生日快乐" in text_of(owner.get(reverse("messaging:template", args=[row.pk])))
    assert "生日" in text_of(owner.get(reverse("messaging:templates")))
    owner.post(reverse("messaging:template-state", args=[row.pk]), {"state": "ARCHIVED"})
    row.refresh_from_db()
    assert row.state == "ARCHIVED"
    assert signed_in("clerk").get(reverse("messaging:template-new")).status_code == 403


def test_a_template_is_read_and_typed_by_what_its_places_are_called(post, signed_in):
    owner = signed_in("owner")
    words = {"name": "生日", "channel": "SMS", "purpose": "CARE", "body": "〔称呼〕，生日快乐！"}
    assert owner.post(reverse("messaging:template-new"), words).status_code == 303
    row = Template.objects.get()
    assert row.body == "{{ salutation }}，生日快乐！"
    page = text_of(owner.get(reverse("messaging:template-edit", args=[row.pk])))
    assert "〔称呼〕，生日快乐！" in page
    assert 'data-insert="〔券码〕"' in page
    for name in ("template", "template-edit"):
        assert "salutation" not in text_of(owner.get(reverse(f"messaging:{name}", args=[row.pk])))
    wrong = owner.post(reverse("messaging:template-new"), {**words, "body": "〔称胡〕，生日快乐！"})
    assert wrong.status_code == 422
    assert "没有“称胡”可以填入。是不是“称呼”？" in text_of(wrong)
    assert "〔称胡〕，生日快乐！" in text_of(wrong)


def test_a_wrong_variable_stays_in_the_form_with_its_error(post, signed_in):
    words = {"name": "生日", "channel": "SMS", "purpose": "CARE", "body": "{{ nam }}"}
    answer = signed_in("owner").post(reverse("messaging:template-new"), words)
    assert answer.status_code == 422
    assert "{{ name }}" in text_of(answer)


def test_channels_are_set_up_and_a_secret_is_kept_and_never_shown(post, signed_in):
    owner = signed_in("owner")
    assert owner.get(reverse("messaging:channels")).status_code == 200
    url = reverse("messaging:channel", args=["EMAIL", "smtp"])
    values = {
        "host": "mail.example.com",
        "port": "587",
        "security": "starttls",
        "sender": "a@example.com",
        "is_on": "on",
    }
    assert owner.post(url, {**values, "password": "very-secret"}).status_code == 303
    assert "very-secret" not in text_of(owner.get(url))
    assert owner.post(url, {**values, "host": "mx.example.com"}).status_code == 303
    row = ChannelSetting.objects.get(channel="EMAIL")
    assert (row.access["host"], row.access["password"]) == ("mx.example.com", "very-secret")
    assert b"very-secret" not in bytes(row.access_sealed)
    assert signed_in("clerk").get(url).status_code == 403


def test_wecom_is_set_up_with_a_line_for_each_employee(post, signed_in):
    owner = signed_in("owner")
    url = reverse("messaging:channel", args=["WECOM", "wecom"])
    values = {"corp_id": "ww1", "secret": "very-secret", "staff": "clerk = ZhangSan\r\nmei = WangMei"}
    assert "textarea" in text_of(owner.get(url))
    assert owner.post(url, {**values, "corp_id": ""}).status_code == 422
    assert owner.post(url, {**values, "is_on": "on"}).status_code == 303
    row = ChannelSetting.objects.get(channel="WECOM")
    assert row.access["staff"].split() == ["clerk", "=", "ZhangSan", "mei", "=", "WangMei"]
    page = text_of(owner.get(reverse("messaging:channels")))
    assert reverse("messaging:channel-test", args=["WECOM"]) in page
    assert "very-secret" not in text_of(owner.get(url))


def test_what_keeps_letters_from_going_and_coming_back_stands_with_the_channel(post, signed_in, settings):
    owner, url = signed_in("owner"), reverse("messaging:channels")
    ChannelSetting.objects.create(channel="EMAIL", carrier="smtp", changed_at=post.now)
    assert 'role="alert"' not in text_of(owner.get(url))
    settings.CSRF_TRUSTED_ORIGINS = []
    page = text_of(owner.get(url))
    assert page.count('role="alert"') == 1
    assert "DIANKE_ORIGINS" in page
    note_reports(channel="EMAIL", trouble="LOGIN", said="NO wrong password", actor=SYSTEM, now=post.now)
    page = text_of(owner.get(url))
    assert page.count('role="alert"') == 2
    assert "NO wrong password" in page


def test_quiet_hours_that_leave_no_hour_are_refused(post, signed_in):
    owner = signed_in("owner")
    url = reverse("messaging:rules")
    values = {"quiet_from": "20:00", "quiet_to": "10:00", "day_limit": 1, "week_limit": 2, "month_limit": 3}
    assert owner.post(url, {**values, "quiet_from": "07:00", "quiet_to": "22:00"}).status_code == 422
    assert owner.post(url, values).status_code == 303
    assert SendingRules.objects.get().day_limit == 1


def test_who_says_stop_is_left_alone_and_may_be_written_to_again(post, signed_in):
    one = post.person("王小明", phone="13812345678")
    owner = signed_in("owner")
    owner.post(reverse("messaging:suppress"), {"channel": "SMS", "address": "138 1234 5678"})
    row = Suppression.objects.get()
    assert "5678" in text_of(owner.get(reverse("messaging:suppressions")))
    post.queue(one)
    post.send()
    assert Message.objects.get().reason == "suppressed"
    owner.post(reverse("messaging:lift"), {"ids": [row.pk]})
    row.refresh_from_db()
    assert row.lifted_at is not None


def test_a_clerk_of_another_store_finds_no_message(post, signed_in):
    post.queue(post.person("王小明", store=post.cast.harbour))
    row = Message.objects.get()
    assert signed_in("clerk").get(reverse("messaging:message", args=[row.pk])).status_code == 404
    assert Message.objects.visible_to(post.actor("clerk")).count() == 0
    answer = signed_in("clerk").get(reverse("messaging:send", args=[row.customer_id]))
    assert answer.status_code == 404


def test_the_page_of_the_customer_shows_what_was_said(post, signed_in):
    one = post.person("王小明", consents=AGREED)
    post.queue(one)
    post.send()
    page = text_of(signed_in("owner").get(reverse("customers:dealings", args=[one.pk])))
    assert "秋茶到店了" in page
