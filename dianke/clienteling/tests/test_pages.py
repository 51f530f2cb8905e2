"""The pages and the interface: what a clerk and the owner do, and what they may not."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from dianke.clienteling.models import Outcome, ReasonRule
from dianke.clienteling.rules.reasons import REASONS
from dianke.events.models import Event


@pytest.fixture
def now() -> datetime:
    """Pages live at the present moment."""
    return timezone.now()


@pytest.fixture
def own(counter):
    """A customer with a birthday in three days, on the clerk's list."""
    one = counter.birthday("王小明", left=3, owner=counter.user("clerk"))
    counter.deal()
    return one


def test_a_clerk_works_through_the_list(counter, own, signed_in):
    clerk = signed_in("clerk")
    page = clerk.get(reverse("clienteling:queue")).content.decode()
    assert "王小明" in page
    assert "李想" in page
    assert "王小明" in clerk.get("/").content.decode()
    entry = counter.entry(own)
    said = clerk.post(reverse("clienteling:outcome", args=[entry.pk]), {"kind": "REACHED"})
    assert said.status_code == 303
    outcome = Outcome.objects.get()
    assert outcome.user == counter.user("clerk")
    assert clerk.post(reverse("clienteling:undo", args=[outcome.pk])).status_code == 303
    form = reverse("clienteling:outcome-form", args=[entry.pk, "VISIT"])
    assert clerk.get(form).status_code == 200
    assert clerk.post(form, {"agreed_date": counter.today - timedelta(days=1)}).status_code == 422
    assert (
        clerk.post(form, {"agreed_date": counter.today + timedelta(days=4), "note": "来看戒指"}).status_code
        == 303
    )
    assert Outcome.objects.standing().get().kind == "VISIT"


def test_words_are_sent_from_the_page(counter, own, signed_in):
    url = reverse("clienteling:send", args=[counter.entry(own).pk])
    assert signed_in("clerk").post(url, {"channel": "PORTAL", "body": "生日快乐！"}).status_code == 303
    assert Outcome.objects.get().kind == "SENT"


def test_an_empty_list_says_what_comes_and_unknown_things_are_not_there(counter, own, signed_in):
    colleague = signed_in("colleague")
    assert "/customers/" in colleague.get(reverse("clienteling:queue")).content.decode()
    entry = counter.entry(own)
    assert (
        colleague.post(reverse("clienteling:outcome", args=[entry.pk]), {"kind": "REACHED"}).status_code
        == 404
    )
    assert (
        signed_in("clerk").get(reverse("clienteling:outcome-form", args=[entry.pk, "SENT"])).status_code
        == 404
    )
    assert signed_in("auditor").get(reverse("clienteling:queue")).status_code == 403


def test_the_merchant_words_a_reason_and_sets_the_limit(counter, signed_in):
    owner = signed_in("owner")
    assert "15" in owner.get(reverse("clienteling:settings")).content.decode()
    rules = reverse("clienteling:rules")
    assert owner.post(rules, {"day_limit": "8", "rest_days": "10"}).status_code == 303
    reason = reverse("clienteling:reason", args=["DATE"])
    form = owner.get(reason).content.decode()
    assert "〔称呼〕，您好！我是〔店名〕的〔我的名字〕" in form
    assert "{{" not in form
    assert owner.post(reason, {"is_on": "on", "days": "5", "words": "{{ nme }}"}).status_code == 422
    wrong = owner.post(reason, {"is_on": "on", "days": "5", "words": "〔我的名〕祝您快乐"})
    assert wrong.status_code == 422
    assert "是不是“我的名字”" in wrong.content.decode()
    named = {"is_on": "on", "days": "5", "words": "〔我的名字〕祝您安康"}
    assert owner.post(reason, named).status_code == 303
    assert ReasonRule.objects.get(code="DATE").words == "{{ me }}祝您安康"
    event = Event.objects.filter(kind="clienteling.reason_changed").latest("recorded_at")
    told = owner.get(reverse("events:event", args=[event.reference])).content.decode()
    assert str(REASONS["DATE"].label) in told
    assert owner.post(reason, {"is_on": "on", "days": "5", "words": "{{ me }}祝您快乐"}).status_code == 303
    page = owner.get(reverse("clienteling:settings")).content.decode()
    assert "祝您快乐" in page
    assert "8" in page
    assert signed_in("clerk").get(reverse("clienteling:settings")).status_code == 403


def test_the_interface_lists_notes_and_takes_back(counter, own, signed_in):
    clerk = signed_in("clerk")
    found = clerk.get("/api/v1/contact-list").json()
    contact = found["contacts"][0]
    assert (found["limit"], contact["customer_id"], contact["reasons"][0]["code"]) == (15, own.pk, "DATE")
    assert {way["code"] for way in contact["ways"]} == {"CALL", "WECHAT", "PORTAL", "SMS", "EMAIL"}
    url = f"/api/v1/contact-list/{contact['id']}/outcome"
    key = {"HTTP_IDEMPOTENCY_KEY": "6c1f", "content_type": "application/json"}
    assert clerk.post(url, {"kind": "SENT"}, **key).status_code == 422
    noted = clerk.post(url, {"kind": "REACHED"}, **{**key, "HTTP_IDEMPOTENCY_KEY": "6c20"})
    assert noted.status_code == 201
    assert clerk.get("/api/v1/contact-list").json()["contacts"][0]["outcome"]["kind"] == "REACHED"
    back = clerk.delete(f"/api/v1/contact-outcomes/{noted.json()['id']}", HTTP_IDEMPOTENCY_KEY="6c21")
    assert back.status_code == 200
    assert (
        signed_in("colleague")
        .post(url, {"kind": "REACHED"}, **{**key, "HTTP_IDEMPOTENCY_KEY": "6c22"})
        .status_code
        == 404
    )
